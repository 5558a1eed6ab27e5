//! What tests of the history share.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::{Cell, History, Log, Retention, Selection, Table};
use crate::{
    model::{EnvironmentId, ServiceId},
    monitor::{
        BreakerState, Circuit, Confidence, Health, InstanceState, Poll, Reach, ServiceState,
        Snapshot,
    },
};

/// A time: seconds after midnight of an ordinary day.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 / 86_400 * 86_400 + second).unwrap()
}

pub(super) fn id(text: &str) -> ServiceId {
    ServiceId::new(text).unwrap()
}

/// A snapshot in which each service has one instance, at `http://` and its name.
pub(super) fn snapshot(second: i64, services: &[(&str, Health)]) -> Snapshot {
    let services = services.iter().map(|(name, health)| {
        let instance = InstanceState {
            address: format!("http://{name}"),
            health: *health,
            reach: Reach::Ok,
            raw: health.label().to_owned(),
            read_from: vec!["/health · test".to_owned()],
            latency_ms: None,
            recent_latencies_ms: Vec::new(),
            last_answer: None,
            going_down: None,
            source: None,
            is_insecure: false,
        };
        let state = ServiceState {
            health: *health,
            reach: Reach::Ok,
            instances: vec![instance],
            since: at(second),
            is_stale: false,
            impacted_by: None,
            note: None,
        };
        (id(name), Arc::new(state))
    });
    Snapshot {
        at: at(second),
        started: at(0),
        services: services.collect(),
        ..Snapshot::default()
    }
}

/// The instance of a service.
pub(super) fn instance<'a>(snapshot: &'a mut Snapshot, service: &str) -> &'a mut InstanceState {
    let service = snapshot.services.get_mut(&id(service)).unwrap();
    &mut Arc::make_mut(service).instances[0]
}

pub(super) fn breaker(from: &str, name: &str, circuit: Circuit, second: i64) -> BreakerState {
    BreakerState {
        from: id(from),
        name: name.to_owned(),
        dependency: None,
        circuit,
        instances_open: (usize::from(circuit.is_tripped()), 1),
        since: at(second),
        confidence: Confidence::Reported,
        failure_rate_percent: None,
        buffered_calls: None,
        not_permitted_calls: None,
        detail: String::new(),
        source: "/breakers · test".to_owned(),
        is_flapping: false,
        is_stale: false,
    }
}

/// What one poll of the first instance found.
pub(super) fn poll(second: i64, health: Health, latency_ms: f64) -> Poll {
    let is_answer = health != Health::Down;
    Poll {
        instance: 0,
        at: at(second),
        health,
        reach: if is_answer { Reach::Ok } else { Reach::Refused },
        latency_ms: is_answer.then_some(latency_ms),
        late_ms: 0.0,
    }
}

pub(super) fn local() -> EnvironmentId {
    EnvironmentId::new("local").unwrap()
}

/// A history in a fresh folder, and a log of the service `a` in the environment `local`.
pub(super) struct Recorded {
    pub folder: TempDir,
    pub history: History,
    pub log: Log,
}

impl Recorded {
    pub(super) fn new(retention: Retention) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("x.meshboard.json");
        let history = History::open_with(&project, retention).unwrap();
        let log = log_of(&history, &local());
        Self {
            folder,
            history,
            log,
        }
    }

    /// Polls every ten seconds, also at the end, with what the service says then.
    pub(super) fn record(&mut self, from: i64, to: i64, health: impl Fn(i64) -> Health) {
        for second in (from..=to).step_by(10) {
            let health = health(second);
            self.log.take_poll(poll(second, health, 10.0));
            let now = snapshot(second, &[("a", health)]);
            self.log.write(&now, at(second));
            assert_eq!(self.log.state().error, None);
        }
    }

    /// Every row of a table, each as words.
    pub(super) fn rows(&self, table: Table) -> Vec<String> {
        let selection = Selection {
            environment: local(),
            from: at(0) - SignedDuration::from_hours(24),
            to: at(0) + SignedDuration::from_hours(24 * 30),
            service: None,
        };
        let mut rows = Vec::new();
        let mut add = |cells: Vec<Cell>| {
            let words = cells.iter().map(|it| match it {
                Cell::Empty => "-".to_owned(),
                Cell::Time(it) => (it.as_second() - at(0).as_second()).to_string(),
                Cell::Text(it) => it.clone(),
                Cell::Count(it) => it.to_string(),
                Cell::Number(it) => format!("{it:.2}"),
            });
            rows.push(words.collect::<Vec<_>>().join(" "));
            true
        };
        self.history.list(table, &selection, &mut add).unwrap();
        rows
    }
}

/// A log of the service `a`.
pub(super) fn log_of(history: &History, environment: &EnvironmentId) -> Log {
    let instances = vec![(id("a"), "http://a".to_owned())];
    Log::new(history, environment.clone(), instances)
}
