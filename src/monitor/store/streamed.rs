//! Taking what is heard on streams: breakers as soon as they change, and what is wrong
//! with a stream for as long as it is.

use std::sync::Arc;

use super::{Moment, Store};
use crate::monitor::{
    fetch::Failure,
    format::{BreakerReading, display_text},
};

/// What was heard on one stream.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::monitor) struct Streamed {
    /// Position in [`MonitorPlan::probes`](crate::monitor::MonitorPlan).
    pub probe: usize,
    /// Position of its path.
    pub path: usize,
    /// What people call such a stream.
    pub title: &'static str,
    /// Breakers that were heard of, or why nothing is heard.
    pub result: Result<Vec<BreakerReading>, Failure>,
}

impl Store {
    /// Takes what was heard on a stream.
    pub(in crate::monitor) fn ingest_streamed(&mut self, told: Streamed, now: Moment) {
        let plan = Arc::clone(&self.plan);
        let Some(probe) = plan.probes.get(told.probe) else {
            return;
        };
        let Some(path) = probe.paths.get(told.path) else {
            return;
        };
        if !self.is_listed(told.probe) {
            return;
        }
        let path = display_text(&path.path);
        let key = (told.probe, told.path);
        self.shown.forget(self.service_of[told.probe]);
        match told.result {
            Ok(breakers) => {
                self.stream_notes.remove(&key);
                let from = format!("{path} · {}", told.title);
                let found = breakers.into_iter().map(|it| (from.clone(), it));
                let found: Vec<_> = found.collect();
                if !found.is_empty() {
                    self.take_breakers(told.probe, &probe.service, found, now);
                }
            }
            Err(failure) => {
                self.stream_notes.insert(key, format!("{path}: {failure}"));
            }
        }
    }

    /// What is wrong with a stream of these probes.
    pub(super) fn stream_note(&self, probes: &[usize]) -> Option<String> {
        let of = |&probe: &usize| self.stream_notes.range((probe, 0)..(probe + 1, 0)).next();
        let (_, note) = probes.iter().find_map(of)?;
        Some(note.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use jiff::Timestamp;

    use super::{Moment, Store, Streamed};
    use crate::{
        model::{EnvironmentId, ServiceId, testing::model},
        monitor::{
            Change, Circuit, Consent, MonitorPlan, Reach, fetch::Failure, format::BreakerReading,
        },
        project::{Environment, Project, Target},
    };

    fn store() -> Store {
        let target = Target {
            instances: vec!["http://127.0.0.1:1".to_owned()],
            more_paths: vec!["/hystrix.stream".to_owned()],
            ..Target::default()
        };
        let id = EnvironmentId::new("here").unwrap();
        let environment = Environment {
            targets: BTreeMap::from([(ServiceId::new("shop").unwrap(), target)]),
            ..Environment::default()
        };
        let project = Project {
            model: model("x(shop, bank); shop -> bank"),
            environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
            ..Project::default()
        };
        let plan = MonitorPlan::new(&project, &id, &Consent::default()).unwrap();
        Store::new(Arc::new(plan), moment(0))
    }

    fn moment(millis: u64) -> Moment {
        let wall = Timestamp::from_millisecond(1_700_000_000_000 + millis.cast_signed());
        Moment {
            millis,
            wall: wall.unwrap(),
        }
    }

    fn heard(circuit: Circuit) -> Streamed {
        told(Ok(vec![BreakerReading::new("bank", circuit)]))
    }

    fn told(result: Result<Vec<BreakerReading>, Failure>) -> Streamed {
        Streamed {
            probe: 0,
            path: 1,
            title: "Hystrix stream",
            result,
        }
    }

    #[test]
    fn a_breaker_that_opened_on_a_stream_is_shown_at_once() {
        let mut store = store();
        store.ingest_streamed(heard(Circuit::Closed), moment(0));
        store.ingest_streamed(heard(Circuit::Open), moment(10));
        let snapshot = store.snapshot(moment(10));
        let breaker = &snapshot.breakers[0];
        assert_eq!(breaker.circuit, Circuit::Open);
        assert_eq!(breaker.source, "/hystrix.stream · Hystrix stream");
        assert!(breaker.dependency.is_some());
        let changes: Vec<_> = snapshot.transitions.iter().map(|it| &it.change).collect();
        assert!(matches!(
            changes.as_slice(),
            [Change::Circuit {
                from: Circuit::Closed,
                to: Circuit::Open,
                ..
            }]
        ));
    }

    #[test]
    fn what_is_wrong_with_a_stream_is_said_until_it_is_heard_again() {
        let mut store = store();
        let refused = Failure::new(Reach::Refused, "connection refused");
        store.ingest_streamed(told(Err(refused)), moment(0));
        let mut note = |at| {
            let snapshot = store.snapshot(moment(at));
            let shop = &snapshot.services[&ServiceId::new("shop").unwrap()];
            let note = shop.note.clone();
            store.ingest_streamed(heard(Circuit::Closed), moment(at));
            note
        };
        let said = "/hystrix.stream: connection refused";
        assert_eq!(note(1).as_deref(), Some(said));
        assert_eq!(note(2), None);
    }
}
