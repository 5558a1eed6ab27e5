//! Silence of many at once is ours, silence of one is its own.

use std::sync::Arc;

use super::{Store, Watch, moment};
use crate::{
    model::{EnvironmentId, ServiceId, testing::model},
    monitor::{Consent, Health, MonitorPlan, Observation, Reach, fetch::Failure},
    project::{Environment, Project, Source, Target},
};

/// Two services, each at a host of its own, and two sources: Consul at one more host, and
/// Prometheus at this address.
fn beside_sources(prometheus: &str) -> Watch {
    let target = |id: &str| {
        let target = Target {
            instances: vec![format!("{id}.test")],
            ..Target::default()
        };
        (ServiceId::new(id).unwrap(), target)
    };
    let source = |kind: &str, address: &str| {
        let source = Source {
            kind: kind.to_owned(),
            address: address.to_owned(),
            ..Source::default()
        };
        (kind.to_owned(), source)
    };
    let environment = Environment {
        targets: ["a", "b"].map(target).into(),
        sources: [source("consul", "c.test"), source("prometheus", prometheus)].into(),
        ..Environment::default()
    };
    let id = EnvironmentId::new("here").unwrap();
    let project = Project {
        model: model("x(a, b)"),
        environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
        ..Project::default()
    };
    let consent = Consent::to(["a.test", "b.test", "c.test", "p.test"]);
    let plan = MonitorPlan::new(&project, &id, &consent).unwrap();
    Watch {
        store: Store::new(Arc::new(plan), moment(0)),
        millis: 0,
    }
}

const CONSUL: usize = 0;
const PROMETHEUS: usize = 1;

impl Watch {
    fn hear(&mut self, millis: u64, source: usize, reach: Reach) {
        self.millis += millis;
        let result = match reach {
            Reach::Ok => Ok(Observation::default()),
            _ => Err(Failure::new(reach, reach.label())),
        };
        self.store
            .ingest_observation(source, result, moment(self.millis));
    }

    /// All is well, and then both services are silent as often as it takes.
    fn silent_services(&mut self) {
        for probe in [0, 1, 0, 1, 0, 1] {
            self.after(500, probe, "silent");
        }
    }

    fn all_well(&mut self) {
        for number in [0, 1] {
            self.after(0, number, "up");
            self.hear(0, number, Reach::Ok);
        }
        self.millis += 10_000;
    }
}

#[test]
fn offline_with_sources_all_is_frozen_and_thaws_when_a_source_answers() {
    let mut watch = beside_sources("p.test");
    watch.all_well();
    watch.hear(0, CONSUL, Reach::TimedOut);
    watch.hear(0, PROMETHEUS, Reach::NameUnknown);
    watch.silent_services();
    let snapshot = watch.snapshot();
    assert!(snapshot.is_offline);
    let is_well = |id: &str| snapshot.services[&ServiceId::new(id).unwrap()].health == Health::Up;
    assert!(is_well("a") && is_well("b"));
    assert!(snapshot.transitions.is_empty() && snapshot.incidents.is_empty());
    watch.hear(1000, PROMETHEUS, Reach::Ok);
    assert!(!watch.snapshot().is_offline);
}

#[test]
fn a_source_that_answers_speaks_against_being_offline() {
    let mut watch = beside_sources("p.test");
    watch.all_well();
    watch.after(0, 0, "silent");
    watch.hear(100, PROMETHEUS, Reach::Ok);
    watch.hear(0, CONSUL, Reach::TimedOut);
    watch.silent_services();
    assert!(!watch.snapshot().is_offline);
    assert_eq!(watch.health("a"), Health::Down);
}

#[test]
fn a_source_that_refuses_was_reached() {
    let mut watch = beside_sources("p.test");
    watch.all_well();
    watch.after(0, 0, "silent");
    watch.hear(100, PROMETHEUS, Reach::Refused);
    watch.hear(0, CONSUL, Reach::TimedOut);
    watch.silent_services();
    assert_eq!(watch.health("a"), Health::Down);
}

#[test]
fn a_source_on_this_machine_says_nothing_of_the_network() {
    let mut watch = beside_sources("127.0.0.1:9090");
    watch.all_well();
    watch.hear(0, CONSUL, Reach::TimedOut);
    watch.after(0, 0, "silent");
    watch.hear(0, PROMETHEUS, Reach::Ok);
    watch.silent_services();
    assert!(watch.snapshot().is_offline);
    assert_eq!(watch.health("a"), Health::Up);
}

#[test]
fn two_silent_sources_and_a_silent_service_are_three_hosts() {
    let mut watch = beside_sources("p.test");
    watch.all_well();
    watch.after(0, 0, "silent");
    watch.hear(0, CONSUL, Reach::TimedOut);
    watch.hear(0, PROMETHEUS, Reach::TimedOut);
    watch.after(0, 0, "silent");
    watch.after(0, 0, "silent");
    assert!(watch.snapshot().is_offline);
    assert_eq!(watch.health("a"), Health::Up);
}

#[test]
fn if_all_hosts_fall_silent_at_once_nothing_is_judged() {
    let mut watch = Watch::new("x(a, b, c, d)", "a=a.test; b=b.test; c=c.test; d=d.test");
    for probe in 0..4 {
        watch.after(0, probe, "up");
    }
    watch.after(10_000, 0, "silent");
    watch.after(1000, 0, "silent");
    watch.after(1000, 0, "silent");
    assert_eq!(
        watch.health("a"),
        Health::Up,
        "the others were not asked yet"
    );
    for probe in [1, 2, 3, 1, 2, 3, 1, 2, 3, 0] {
        watch.after(500, probe, "silent");
    }
    let snapshot = watch.snapshot();
    assert!(snapshot.is_offline);
    assert!(snapshot.services.values().all(|it| it.health == Health::Up));
    assert!(snapshot.transitions.is_empty() && snapshot.incidents.is_empty());
    for probe in [0, 1, 2, 3] {
        watch.after(500, probe, "up");
    }
    assert!(!watch.snapshot().is_offline);
}

#[test]
fn one_host_that_falls_silent_is_down() {
    let mut watch = Watch::new("x(a, b, c)", "a=a.test; b=b.test; c=c.test");
    for probe in 0..3 {
        watch.after(0, probe, "up");
    }
    watch.after(10_000, 0, "silent");
    watch.after(1000, 1, "up");
    watch.after(1000, 2, "up");
    watch.after(0, 0, "silent");
    watch.after(0, 0, "silent");
    assert_eq!(watch.health("a"), Health::Down);
    assert!(!watch.snapshot().is_offline);
}

#[test]
fn a_silence_that_nobody_else_confirms_in_time_is_judged() {
    let mut watch = Watch::new("x(a, b, c)", "a=a.test; b=b.test; c=c.test");
    watch.after(0, 0, "silent");
    assert_eq!(watch.health("a"), Health::Unknown);
    watch.after(15_000, 0, "silent");
    assert_eq!(watch.health("a"), Health::Down);
}

#[test]
fn what_was_held_back_is_judged_when_no_more_comes() {
    let mut watch = Watch::new("x(a, b, c)", "a=a.test; b=b.test; c=c.test");
    watch.after(0, 0, "silent");
    watch.after(0, 1, "up");
    watch.store.settle(moment(0));
    assert_eq!(watch.health("a"), Health::Down);
}

#[test]
fn after_a_sleep_failures_are_counted_anew() {
    let mut watch = Watch::new("x(a)", "a=127.0.0.1:1");
    for answer in ["up", "refused", "refused"] {
        watch.after(0, 0, answer);
    }
    watch.store.resume();
    watch.after(0, 0, "refused");
    assert_eq!(watch.health("a"), Health::Up);
}
