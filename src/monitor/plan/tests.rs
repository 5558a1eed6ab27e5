//! What is polled, and what is refused before anything is asked.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use super::{Consent, Manner, MonitorPlan, PlanError, Role, hosts_needing_consent};
use crate::{
    model::{EnvironmentId, Model, ServiceId, testing::model},
    project::{Environment, Project, Target, Tls},
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
fn a_proxy_must_be_agreed_to_because_it_sees_what_is_asked() {
    let behind = Target {
        proxy: "http://proxy.test:3128".to_owned(),
        ..at("http://localhost:1")
    };
    let project = project(model("x(a)"), &[("a", behind)]);
    let hosts = hosts_needing_consent(&project, &local());
    assert_eq!(hosts, ["proxy.test"]);
}

#[test]
fn instances_that_are_asked_under_one_name_share_no_connections() {
    let named = |address: &str| Target {
        tls: Some(Tls {
            server_name: "a.test".to_owned(),
            ..Tls::default()
        }),
        ..at(address)
    };
    let targets = [
        ("a", named("https://127.0.0.1:1")),
        ("b", named("https://127.0.0.2:1")),
        ("c", named("https://127.0.0.1:2")),
    ];
    let project = project(model("x(a, b, c)"), &targets);
    let plan = MonitorPlan::new(&project, &local(), &Consent::default());
    let plan = plan.unwrap().in_folder(Path::new("/designs"));
    let ways: Vec<_> = plan.probes.iter().map(|it| it.way).collect();
    assert_eq!(ways, [0, 1, 0]);
    assert_eq!(plan.ways[1].host, "127.0.0.2");
    assert_eq!(plan.ways[1].folder, Path::new("/designs"));
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
fn a_grpc_server_is_asked_for_its_health_alone() {
    let design = model("x(a{technology=spring-boot}, b{health=/up}, c)");
    let named = |path: &str, address| Target {
        health_path: path.to_owned(),
        ..at(address)
    };
    let beside = Target {
        health_path: "grpc://localhost:4/c.v1.C".to_owned(),
        more_paths: vec!["/hystrix.stream".to_owned()],
        ..at("http://localhost:3")
    };
    let targets = [
        ("a", named("orders.v1.Orders", "grpc://localhost:1")),
        ("b", at("grpc://localhost:2")),
        ("c", beside),
    ];
    let plan = MonitorPlan::new(&project(design, &targets), &local(), &Consent::default());
    let plan = plan.unwrap();
    let paths: Vec<_> = plan.probes.iter().flat_map(|it| &it.paths).collect();
    let manners: Vec<_> = paths.iter().map(|it| &it.manner).collect();
    let health = |service: &str| Manner::GrpcHealth(service.to_owned());
    assert_eq!(
        manners,
        [
            &health("orders.v1.Orders"),
            &health(""),
            &health("c.v1.C"),
            &Manner::Stream
        ]
    );
    assert_eq!(paths[0].url.as_str(), "http://localhost:1/");
    assert!(!paths[2].is_own, "another port sees no secret");

    let metrics = Target {
        more_paths: vec!["/metrics".to_owned()],
        ..at("grpc://localhost:1")
    };
    let refused = project(model("x(a)"), &[("a", metrics)]);
    let refused = MonitorPlan::new(&refused, &local(), &Consent::default());
    let error = refused.unwrap_err().to_string();
    assert!(
        error.contains("asked for its health alone; write /metrics as"),
        "{error}"
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
        "a cannot be polled at ftp://a.test: only http:// and https:// can be polled, \
         and a target's grpc:// and grpcs://, not ftp://"
    );
    assert!(error(&[]).contains("has neither targets nor sources"));
    let nowhere = EnvironmentId::new("nowhere").unwrap();
    let plan = MonitorPlan::new(&Project::default(), &nowhere, &Consent::default());
    assert_eq!(plan.unwrap_err(), PlanError::NoEnvironment(nowhere));
}

#[test]
fn a_number_that_means_no_state_is_told_and_polling_goes_on() {
    let numbers = BTreeMap::from([("0".to_owned(), "shut".to_owned())]);
    let target = Target {
        breaker_gauges: BTreeMap::from([("breaker_state".to_owned(), numbers)]),
        ..at("http://127.0.0.1:1")
    };
    let project = project(model("x(a)"), &[("a", target)]);
    let plan = MonitorPlan::new(&project, &local(), &Consent::default()).unwrap();
    let note = plan.probes[0].note.clone().unwrap();
    assert!(note.contains("breaker_state: 0 = shut"), "{note}");
}
