//! What people see after a series of answers, told as data: no network, no clock.

mod breakers;
mod clocks;
mod observed;
mod offline;
mod seating;
mod shown;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{Moment, PathReading, PathResult, Sample, Store};
use crate::{
    model::{EnvironmentId, ServiceId, testing::model},
    monitor::{Consent, Health, MonitorPlan, Reach, Snapshot, fetch::Failure, format::detect},
    project::{Environment, Project, Target},
};

/// A store and its clock.
struct Watch {
    store: Store,
    millis: u64,
}

impl Watch {
    /// Targets as `service=address address; …`, a poll every ten seconds.
    fn new(design: &str, targets: &str) -> Self {
        let targets: BTreeMap<_, _> = targets
            .split(';')
            .map(|it| {
                let (id, addresses) = it.trim().split_once('=').unwrap();
                let target = Target {
                    instances: addresses.split(' ').map(str::to_owned).collect(),
                    ..Target::default()
                };
                (ServiceId::new(id).unwrap(), target)
            })
            .collect();
        let hosts: Vec<_> = targets
            .values()
            .flat_map(|it| it.instances.clone())
            .collect();
        let id = EnvironmentId::new("here").unwrap();
        let environment = Environment {
            targets,
            ..Environment::default()
        };
        let project = Project {
            model: model(design),
            environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
            ..Project::default()
        };
        let plan = MonitorPlan::new(&project, &id, &Consent::to(hosts)).unwrap();
        Self {
            store: Store::new(Arc::new(plan), moment(0)),
            millis: 0,
        }
    }

    /// `up`, `down` (the body says so), `503` and such, `refused`, `silent`, `huge`, or a body.
    fn after(&mut self, millis: u64, probe: usize, answer: &str) -> super::Pace {
        self.millis += millis;
        let sample = Sample {
            probe,
            health: path("/health", answer),
            more: Vec::new(),
        };
        self.store.ingest(sample, moment(self.millis))
    }

    fn snapshot(&mut self) -> Snapshot {
        self.store.snapshot(moment(self.millis))
    }

    fn health(&mut self, id: &str) -> Health {
        self.snapshot().services[&ServiceId::new(id).unwrap()].health
    }

    /// The health of the only service after each answer, one a second.
    fn course(answers: &str) -> String {
        let mut watch = Self::new("x(a)", "a=127.0.0.1:1");
        let course = answers.split_whitespace().map(|it| {
            watch.after(1000, 0, it);
            let snapshot = watch.snapshot();
            let service = &snapshot.services[&ServiceId::new("a").unwrap()];
            let going = service.instances[0].going_down;
            let going = going.map_or(String::new(), |(count, of)| format!("({count}/{of})"));
            format!("{:?}{going}", service.health)
        });
        course.collect::<Vec<_>>().join(" ")
    }
}

fn moment(millis: u64) -> Moment {
    Moment {
        millis,
        wall: Timestamp::from_millisecond(1_700_000_000_000 + millis.cast_signed()).unwrap(),
    }
}

fn path(path: &str, answer: &str) -> PathResult {
    let failed = |reach: Reach| {
        Err(Failure {
            reach,
            message: reach.label().to_owned(),
        })
    };
    let read = |status, body: &str| {
        Ok(PathReading {
            status,
            latency_ms: 5.0,
            retry_after_ms: (status == 429).then_some(120_000),
            reading: detect(status, "", body.as_bytes()),
        })
    };
    let result = match answer {
        "up" => read(200, r#"{"status":"UP"}"#),
        "down" => read(503, r#"{"status":"DOWN"}"#),
        "refused" => failed(Reach::Refused),
        "silent" => failed(Reach::TimedOut),
        "huge" => failed(Reach::TooLarge),
        other => match other.parse() {
            Ok(status) => read(status, ""),
            Err(_) => read(200, other),
        },
    };
    PathResult {
        path: path.to_owned(),
        result,
    }
}

#[test]
fn the_first_answer_sets_the_state() {
    assert_eq!(Watch::course("up"), "Up");
    assert_eq!(Watch::course("refused"), "Down");
    assert_eq!(Watch::course("down"), "Down");
    assert_eq!(Watch::course("404"), "Unknown");
}

#[test]
fn it_takes_three_failures_to_fall_two_if_the_body_says_so_and_two_to_rise() {
    assert_eq!(
        Watch::course("up refused refused refused up up"),
        "Up Up(1/3) Up(2/3) Down Down Up"
    );
    assert_eq!(Watch::course("up 503 503 503"), "Up Up(1/3) Up(2/3) Down");
    assert_eq!(Watch::course("up down down"), "Up Up(1/2) Down");
    assert_eq!(
        Watch::course("up refused up refused refused up"),
        "Up Up(1/3) Up Up(1/3) Up(2/3) Up"
    );
}

#[test]
fn an_answer_that_is_too_long_is_unknown_and_not_down() {
    assert_eq!(
        Watch::course("up huge huge huge"),
        "Up Up(1/3) Up(2/3) Unknown"
    );
    assert_eq!(Watch::course("404 up"), "Unknown Up");
}

#[test]
fn a_service_is_as_well_as_its_instances() {
    let mut watch = Watch::new("x(a)", "a=127.0.0.1:1 127.0.0.1:2 127.0.0.1:3");
    watch.after(0, 0, "up");
    assert_eq!(
        watch.health("a"),
        Health::Up,
        "those not asked yet do not count"
    );
    watch.after(0, 1, "up");
    watch.after(0, 2, "refused");
    assert_eq!(watch.health("a"), Health::Degraded);
    let snapshot = watch.snapshot();
    let service = snapshot.services.values().next().unwrap();
    assert_eq!(service.instances_up(), (2, 3));
    assert_eq!(service.reach, Reach::Refused);
    assert_eq!(
        snapshot.transitions[0].cause,
        "127.0.0.1:3: connection refused"
    );
}

#[test]
fn the_pace_follows_the_state() {
    let mut watch = Watch::new("x(a, b)", "a=10.0.0.1; b=127.0.0.1:1");
    let span = |it: super::Pace| (it.at_least_ms, it.at_most_ms);
    assert_eq!(span(watch.after(0, 0, "up")), (9500, 10_500));
    assert_eq!(span(watch.after(0, 0, "refused")), (1000, 2000));
    watch.after(0, 0, "refused");
    assert_eq!(span(watch.after(0, 0, "refused")), (10_000, 10_000));
    assert_eq!(span(watch.after(0, 0, "refused")), (10_000, 20_000));
    for _ in 0..40 {
        watch.after(0, 0, "refused");
    }
    assert_eq!(span(watch.after(0, 0, "refused")), (10_000, 60_000));
    assert_eq!(span(watch.after(0, 0, "up")), (1000, 2000));
    assert_eq!(span(watch.after(0, 0, "429")), (114_000, 126_000));
    for _ in 0..40 {
        watch.after(0, 1, "refused");
    }
    let local = watch.after(0, 1, "refused");
    assert_eq!(
        span(local),
        (10_000, 20_000),
        "it should be seen to come back"
    );
}

#[test]
fn an_incident_names_its_cause_and_what_it_explains() {
    let mut watch = Watch::new(
        "x(gw:gateway, orders, bank); orders -> bank; gw/pay -> orders",
        "bank=127.0.0.1:1; orders=127.0.0.1:2",
    );
    watch.after(0, 0, "refused");
    watch.after(0, 1, "down");
    let snapshot = watch.snapshot();
    let [incident] = &snapshot.incidents[..] else {
        panic!("{:?}", snapshot.incidents);
    };
    assert_eq!(
        incident.summary,
        "bank is not answering (connection refused)"
    );
    assert_eq!(incident.impacted[0].as_str(), "orders");
    assert_eq!(incident.routes.len(), 1);
    let orders = &snapshot.services[&ServiceId::new("orders").unwrap()];
    assert_eq!(orders.impacted_by.as_ref().unwrap().as_str(), "bank");
}
