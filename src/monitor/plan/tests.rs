//! What is polled, and what is refused before anything is asked.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{Consent, MonitorPlan, PlanError, Role, hosts_needing_consent};
use crate::{
    model::{EnvironmentId, Model, ServiceId, testing::model},
    project::{Environment, Project, Target},
};

fn project(model: Model, targets: &[(&str, Target)]) -> Project {
    let targets: BTreeMap<_, _> = targets
        .iter()
        .map(|(id, it)| (ServiceId::new(id).unwrap(), it.clone()))
        .collect();
    let environment = Environment {
        targets,
        ..Environment::default()
    };
    Project {
        model,
        environments: [(local(), Arc::new(environment))].into_iter().collect(),
        ..Project::default()
    }
}

fn local() -> EnvironmentId {
    EnvironmentId::new("local").unwrap()
}

fn at(address: &str) -> Target {
    Target {
        instances: vec![address.to_owned()],
        ..Target::default()
    }
}

fn paths(plan: &MonitorPlan) -> Vec<String> {
    let paths = plan.probes.iter().flat_map(|it| &it.paths);
    paths
        .map(|it| format!("{} {:?}", it.url, it.role))
        .collect()
}

#[test]
fn hosts_other_than_this_machine_must_be_agreed_to() {
    let design = model("x(a, b, c)");
    let far = Target {
        more_paths: vec!["http://admin.test:9901/stats".to_owned()],
        ..at("https://B.test:8443")
    };
    let metadata = at("http://169.254.169.254");
    let targets = [("a", at("http://127.0.0.1:1")), ("b", far), ("c", metadata)];
    let project = project(design, &targets);
    let hosts = hosts_needing_consent(&project, &local());
    assert_eq!(hosts, ["admin.test", "b.test"]);
    let partly = MonitorPlan::new(&project, &local(), &Consent::to(["b.test:8443"]));
    let missing = PlanError::ConsentMissing(vec!["admin.test".to_owned()]);
    assert_eq!(partly.unwrap_err(), missing);
    let plan = MonitorPlan::new(&project, &local(), &Consent::to(hosts)).unwrap();
    assert_eq!(plan.instance_count(), 3);
    assert_eq!(plan.probes[0].host, None);
    assert_eq!(plan.probes[1].host.as_deref(), Some("b.test"));
    assert!(plan.probes[1].paths[0].is_own);
    assert!(
        !plan.probes[1].paths[1].is_own,
        "another origin sees no secret"
    );
}

#[test]
fn the_path_of_health_is_the_most_specific_one() {
    let design = model("x(a, b{health=/up}, c{technology=spring-boot}, d{health=/up})");
    let own = Target {
        health_path: "/mine".to_owned(),
        ..at("http://localhost:4")
    };
    let targets = [
        ("a", at("http://localhost:1")),
        ("b", at("http://localhost:2")),
        ("c", at("http://localhost:3")),
        ("d", own),
    ];
    let plan = MonitorPlan::new(&project(design, &targets), &local(), &Consent::default());
    assert_eq!(
        paths(&plan.unwrap()),
        [
            "http://localhost:1/health Health",
            "http://localhost:2/up Health",
            "http://localhost:3/actuator/health Health",
            "http://localhost:3/actuator/circuitbreakers Candidate",
            "http://localhost:4/mine Health",
        ]
    );
}

#[test]
fn intervals_and_timeouts_stay_within_their_limits() {
    let target = |address: &str, interval| Target {
        interval_ms: interval,
        ..at(address)
    };
    let targets = [
        ("a", target("http://localhost:1", Some(1))),
        ("b", target("http://b.test", Some(1))),
        ("c", target("http://localhost:3", None)),
    ];
    let project = project(model("x(a, b, c)"), &targets);
    let plan = MonitorPlan::new(&project, &local(), &Consent::to(["b.test"])).unwrap();
    let times: Vec<_> = plan
        .probes
        .iter()
        .map(|it| (it.interval, it.timeout))
        .collect();
    let secs = Duration::from_secs;
    assert_eq!(times[0], (secs(1), Duration::from_millis(800)));
    assert_eq!(times[1], (secs(5), secs(4)));
    assert_eq!(times[2], (secs(10), secs(5)));
    assert_eq!(Role::Health.max_bytes(), 256 * 1024);
}

#[test]
fn what_cannot_be_polled_is_said_with_its_service() {
    let error = |targets: &[(&str, Target)]| {
        let project = project(model("x(a)"), targets);
        let plan = MonitorPlan::new(&project, &local(), &Consent::default());
        plan.unwrap_err().to_string()
    };
    assert_eq!(
        error(&[("a", at("ftp://a.test"))]),
        "a cannot be polled at ftp://a.test: only http:// and https:// can be polled, not ftp://"
    );
    assert!(error(&[]).contains("has neither targets nor sources"));
    let nowhere = EnvironmentId::new("nowhere").unwrap();
    let plan = MonitorPlan::new(&Project::default(), &nowhere, &Consent::default());
    assert_eq!(plan.unwrap_err(), PlanError::NoEnvironment(nowhere));
}
