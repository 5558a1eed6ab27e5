//! What people see of services that sources tell of, told as data.

use std::{collections::BTreeMap, sync::Arc};

use super::{Store, moment, path};
use crate::{
    model::{EnvironmentId, ServiceId, testing::model},
    monitor::{
        CallReading, Consent, Health, InstanceReading, MonitorPlan, Observation, Reach,
        ServiceState, Snapshot, fetch::Failure, format::health_word, store::Sample,
    },
    project::{Environment, Project, Source, Target},
};

/// A store that hears from sources, each asked every ten seconds: `consul` (rank 20),
/// `prometheus` (rank 60, falls after three), numbered in this order.
struct Hearing {
    store: Store,
    millis: u64,
}

const CONSUL: usize = 0;
const PROMETHEUS: usize = 1;

impl Hearing {
    fn of(design: &str) -> Self {
        Self::beside(design, &[])
    }

    /// With services that are asked directly.
    fn beside(design: &str, asked: &[&str]) -> Self {
        let source = |kind: &str| Source {
            kind: kind.to_owned(),
            address: "127.0.0.1:1".to_owned(),
            interval_ms: Some(10_000),
            ..Source::default()
        };
        let kinds = ["consul", "prometheus"];
        let target = |id: &&str| {
            let instances = vec!["127.0.0.1:2".to_owned()];
            let target = Target {
                instances,
                ..Target::default()
            };
            (ServiceId::new(id).unwrap(), target)
        };
        let environment = Environment {
            targets: asked.iter().map(target).collect(),
            sources: kinds.map(|it| (it.to_owned(), source(it))).into(),
            ..Environment::default()
        };
        let id = EnvironmentId::new("here").unwrap();
        let project = Project {
            model: model(design),
            environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
            ..Project::default()
        };
        let plan = MonitorPlan::new(&project, &id, &Consent::default()).unwrap();
        Self {
            store: Store::new(Arc::new(plan), moment(0)),
            millis: 0,
        }
    }

    fn hear(&mut self, after_ms: u64, source: usize, observation: Observation) {
        self.millis += after_ms;
        let now = moment(self.millis);
        self.store.ingest_observation(source, Ok(observation), now);
    }

    fn fail(&mut self, after_ms: u64, source: usize) {
        self.millis += after_ms;
        let failure = Failure::new(Reach::Refused, "connection refused");
        let now = moment(self.millis);
        self.store.ingest_observation(source, Err(failure), now);
    }

    fn snapshot(&mut self) -> Snapshot {
        self.store.snapshot(moment(self.millis))
    }

    fn service(&mut self, id: &str) -> ServiceState {
        let services = self.snapshot().services;
        ServiceState::clone(&services[&ServiceId::new(id).unwrap()])
    }

    fn health(&mut self, id: &str) -> Health {
        self.service(id).health
    }
}

/// `service/instance=word`, separated by blanks.
fn list(instances: &str) -> Observation {
    let instances = instances.split_whitespace().map(|it| {
        let (name, word) = it.split_once('=').unwrap();
        let (service, address) = name.split_once('/').unwrap();
        InstanceReading {
            service: service.to_owned(),
            address: address.to_owned(),
            health: health_word(word),
            raw: word.to_owned(),
            checks: Vec::new(),
        }
    });
    Observation {
        instances: instances.collect(),
        ..Observation::default()
    }
}

fn partial(observation: Observation) -> Observation {
    Observation {
        is_partial: true,
        ..observation
    }
}

/// From, to, rate, share of errors, 95th percentile.
type Line<'a> = (&'a str, &'a str, Option<f64>, Option<f64>, Option<f64>);

fn calls(lines: &[Line<'_>]) -> Observation {
    let calls = lines
        .iter()
        .map(|&(from, to, rate, share, p95)| CallReading {
            from: from.to_owned(),
            to: to.to_owned(),
            rate_per_second: rate,
            error_share: share,
            p95_ms: p95,
            window_seconds: 60,
        });
    Observation {
        calls: calls.collect(),
        ..Observation::default()
    }
}

#[test]
fn two_of_three_instances_are_a_service_that_is_degraded() {
    let mut hearing = Hearing::of("x(a, b)");
    hearing.hear(
        0,
        CONSUL,
        list("a/1=passing a/2=passing a/3=critical z/1=passing"),
    );
    let service = hearing.service("a");
    assert_eq!(service.health, Health::Degraded);
    assert_eq!(service.instances_up(), (2, 3));
    assert_eq!(service.instances[0].source.as_deref(), Some("consul"));
    let snapshot = hearing.snapshot();
    assert_eq!(snapshot.services.len(), 1, "nobody tells of b");
    assert_eq!(snapshot.sources[CONSUL].known, (3, 4));
    let cause = &snapshot.transitions[0].cause;
    assert_eq!(cause, "consul says critical for 3");
}

#[test]
fn what_a_service_answers_itself_counts_and_a_source_may_object() {
    let mut hearing = Hearing::beside("x(a)", &["a"]);
    hearing.hear(0, CONSUL, list("a/1=critical"));
    assert_eq!(hearing.health("a"), Health::Unknown, "it was not asked yet");
    let sample = Sample {
        probe: 0,
        health: path("/health", "up"),
        more: Vec::new(),
    };
    hearing.store.ingest(sample, moment(0));
    let service = hearing.service("a");
    assert_eq!(service.health, Health::Up);
    assert_eq!(service.note.as_deref(), Some("consul says critical for 1"));
    hearing.hear(1000, CONSUL, list("a/1=warning"));
    assert_eq!(hearing.service("a").note, None, "it works, be it badly");
    hearing.hear(1000, CONSUL, list("a/1=critical"));
    hearing.millis += 31_000;
    assert_eq!(hearing.service("a").note, None, "that was long ago");
}

#[test]
fn of_two_sources_the_better_counts_until_it_falls_silent() {
    let mut hearing = Hearing::of("x(a)");
    hearing.hear(0, PROMETHEUS, list("a/p=up"));
    assert_eq!(hearing.health("a"), Health::Up);
    hearing.hear(0, CONSUL, list("a/c=critical"));
    assert_eq!(hearing.health("a"), Health::Down);
    hearing.hear(1000, PROMETHEUS, list("a/p=up"));
    assert_eq!(hearing.health("a"), Health::Down);
    hearing.fail(10_000, CONSUL);
    hearing.hear(0, PROMETHEUS, list("a/p=up"));
    assert_eq!(hearing.health("a"), Health::Down, "it may be back at once");
    hearing.hear(25_000, PROMETHEUS, list("a/p=up"));
    assert_eq!(hearing.health("a"), Health::Up);
    hearing.hear(1000, CONSUL, list("a/c=critical"));
    assert_eq!(hearing.health("a"), Health::Down);
}

#[test]
fn a_source_that_does_not_damp_has_to_say_it_three_times() {
    let mut hearing = Hearing::of("x(a)");
    hearing.hear(0, PROMETHEUS, list("a/p=up"));
    for (count, health) in [(1, Health::Up), (2, Health::Up)] {
        hearing.hear(1000, PROMETHEUS, list("a/p=down"));
        let service = hearing.service("a");
        assert_eq!(service.health, health);
        assert_eq!(service.instances[0].going_down, Some((count, 3)));
    }
    hearing.hear(1000, PROMETHEUS, list("a/p=down"));
    assert_eq!(hearing.health("a"), Health::Down);
    hearing.hear(1000, PROMETHEUS, list("a/p=up"));
    assert_eq!(hearing.health("a"), Health::Up, "coming back shows at once");
    hearing.hear(0, CONSUL, list("a/c=passing"));
    hearing.hear(1000, CONSUL, list("a/c=critical"));
    assert_eq!(hearing.health("a"), Health::Down, "Consul damps by itself");
}

#[test]
fn what_a_complete_list_lacks_is_gone_and_people_see_that() {
    let mut hearing = Hearing::of("x(a, b)");
    hearing.hear(0, CONSUL, list("a/1=passing a/2=passing b/1=passing"));
    hearing.hear(1000, CONSUL, list("a/1=passing"));
    assert_eq!(hearing.service("a").instances_up(), (1, 1));
    let gone = hearing.service("b");
    assert_eq!((gone.health, gone.instances.len()), (Health::Unknown, 0));
    assert_eq!(gone.note.as_deref(), Some("no source tells of it any more"));
    let last = hearing.snapshot().transitions.last().unwrap().cause.clone();
    assert_eq!(last, "no source tells of it any more");
}

#[test]
fn what_a_partial_list_lacks_stays_and_grows_old() {
    let mut hearing = Hearing::of("x(a, b)");
    hearing.hear(0, CONSUL, list("a/1=passing b/1=passing"));
    hearing.hear(1000, CONSUL, partial(list("a/1=passing")));
    assert_eq!(hearing.health("b"), Health::Up);
    hearing.hear(31_000, CONSUL, partial(list("a/1=passing")));
    let hidden = hearing.service("b");
    assert_eq!(hidden.health, Health::Unknown);
    assert!(hidden.instances[0].raw.contains("only be hidden"));
    assert_eq!(hearing.health("a"), Health::Up);
    hearing.hear(900_000, CONSUL, partial(list("a/1=passing")));
    assert!(hearing.service("b").instances.is_empty());
}

#[test]
fn a_source_that_fails_keeps_what_it_told_until_that_is_stale() {
    let mut hearing = Hearing::of("x(a)");
    hearing.hear(0, CONSUL, list("a/1=passing"));
    hearing.fail(20_000, CONSUL);
    let service = hearing.service("a");
    assert!(service.health == Health::Up && !service.is_stale);
    let source = &hearing.snapshot().sources[CONSUL];
    assert_eq!(source.note.as_deref(), Some("connection refused"));
    hearing.fail(11_000, CONSUL);
    assert!(hearing.service("a").is_stale);
    assert!(hearing.snapshot().sources[CONSUL].is_stale);
}

#[test]
fn calls_find_their_edge_and_lines_of_one_edge_are_added() {
    let mut hearing = Hearing::of("x(a, b, c); a -> b; a -> c");
    let nan = f64::NAN;
    hearing.hear(
        0,
        PROMETHEUS,
        calls(&[
            ("a", "b", Some(3.0), Some(0.0), Some(10.0)),
            ("a-service", "B", Some(1.0), Some(0.5), Some(40.0)),
            ("a", "c", Some(0.0), Some(nan), Some(f64::INFINITY)),
        ]),
    );
    let traffic: Vec<_> = hearing.snapshot().traffic.into_values().collect();
    assert_eq!(traffic[0].rate_per_second, Some(4.0));
    assert_eq!(traffic[0].error_share, Some(0.125));
    assert_eq!(traffic[0].p95_ms, Some(40.0));
    assert_eq!(traffic[1].rate_per_second, Some(0.0));
    assert_eq!((traffic[1].error_share, traffic[1].p95_ms), (None, None));
}

#[test]
fn undrawn_calls_that_touch_the_design_come_first() {
    let mut hearing = Hearing::of("x(a, b); a -> b");
    hearing.hear(
        0,
        PROMETHEUS,
        calls(&[
            ("x", "y", Some(9.0), None, None),
            ("b", "mail", Some(1.0), None, None),
            ("b", "a", Some(1.0), None, None),
            ("a", "A", Some(1.0), None, None),
            ("b", "idle", Some(0.0), None, None),
            ("a", "unmeasured", None, None, None),
        ]),
    );
    let undrawn = hearing.snapshot().undrawn;
    let names: BTreeMap<_, _> = undrawn
        .iter()
        .map(|it| ((it.from.as_str(), it.to.as_str()), it.to_service.is_some()))
        .collect();
    let expected = [
        (("a", "unmeasured"), false),
        (("b", "a"), true),
        (("b", "mail"), false),
        (("x", "y"), false),
    ];
    assert_eq!(names, expected.into());
}

#[test]
fn calls_that_one_failed_query_hides_stay_until_they_are_stale() {
    let mut hearing = Hearing::of("x(a, b); a -> b");
    let seen = calls(&[
        ("a", "b", Some(2.0), None, None),
        ("b", "mail", Some(1.0), None, None),
    ]);
    hearing.hear(0, PROMETHEUS, seen);
    hearing.hear(10_000, PROMETHEUS, partial(calls(&[])));
    let snapshot = hearing.snapshot();
    assert_eq!((snapshot.traffic.len(), snapshot.undrawn.len()), (1, 1));
    hearing.hear(21_000, PROMETHEUS, partial(calls(&[])));
    let snapshot = hearing.snapshot();
    assert_eq!((snapshot.traffic.len(), snapshot.undrawn.len()), (0, 0));
}

#[test]
fn of_two_sources_the_one_that_knows_a_rate_tells_of_an_edge() {
    let mut hearing = Hearing::of("x(a, b); a -> b");
    hearing.hear(0, CONSUL, calls(&[("a", "b", None, None, None)]));
    hearing.hear(0, PROMETHEUS, calls(&[("a", "b", Some(2.0), None, None)]));
    let traffic: Vec<_> = hearing.snapshot().traffic.into_values().collect();
    assert_eq!(traffic[0].source, "prometheus");
    assert_eq!(traffic[0].window_seconds, 60);
}
