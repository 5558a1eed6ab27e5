//! The rows of one write, within its transaction.

use std::collections::VecDeque;

use rusqlite::{Transaction, params};

use super::{
    changes::{Changes, Key},
    packed::Raw,
    rows::Row,
    subjects::Subjects,
    words::{circuit_word, health_word},
};
use crate::{
    model::{DependencyId, EnvironmentId, ServiceId},
    monitor::{Change, Poll, Traffic, Transition},
};

/// Who recorded within this many milliseconds is still at it. Who was only slow finds
/// another one at it, and waits in turn.
pub(super) const LEASE: i64 = 3_000;

const POLL: &str = "INSERT OR IGNORE INTO journal (at, subject, code, latency)
    VALUES (?1, ?2, ?3, ?4)";
const TRANSITION: &str = "INSERT INTO transition
    (environment, at, subject, dependency, from_state, to_state, cause)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const STATE: &str = "INSERT OR REPLACE INTO state (subject, at, value) VALUES (?1, ?2, ?3)";
const TRAFFIC: &str = "INSERT OR REPLACE INTO traffic
    (at, subject, rate_per_second, error_share, p95_ms, window_seconds, source)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// The polls that each instance of the monitor answered.
#[derive(Debug, Default)]
pub(super) struct Instances {
    /// Service and address.
    pub all: Vec<(ServiceId, String)>,
    /// For each its number, if it is known.
    pub numbers: Vec<Option<i64>>,
}

/// Where rows go.
pub(super) struct Put<'a> {
    pub to: &'a Transaction<'a>,
    pub environment: &'a EnvironmentId,
    pub subjects: &'a mut Subjects,
}

impl Put<'_> {
    fn number(&mut self, key: &Key) -> rusqlite::Result<i64> {
        self.subjects.number(self.to, self.environment, key)
    }

    /// Gives how many rows were written, as all of these do.
    pub(super) fn polls(
        &mut self,
        instances: &mut Instances,
        polls: &VecDeque<Poll>,
    ) -> rusqlite::Result<u64> {
        let mut insert = self.to.prepare_cached(POLL)?;
        instances.numbers.resize(instances.all.len(), None);
        let mut rows = 0;
        for poll in polls {
            let Some((service, address)) = instances.all.get(poll.instance) else {
                continue;
            };
            let number = if let Some(number) = instances.numbers[poll.instance] {
                number
            } else {
                let number = self.number(&Key::Instance(service.clone(), address.clone()))?;
                instances.numbers[poll.instance] = Some(number);
                number
            };
            let at = poll.at.as_millisecond();
            let raw = Raw::new(at, poll.health, poll.reach, poll.latency_ms);
            rows += insert.execute(params![raw.at, number, raw.code, raw.latency])?;
        }
        Ok(rows as u64)
    }

    /// What sources told of instances.
    pub(super) fn told(&mut self, told: &[(ServiceId, String, Raw)]) -> rusqlite::Result<u64> {
        let mut insert = self.to.prepare_cached(POLL)?;
        let mut rows = 0;
        for (service, address, raw) in told {
            let number = self.number(&Key::Instance(service.clone(), address.clone()))?;
            rows += insert.execute(params![raw.at, number, raw.code, raw.latency])?;
        }
        Ok(rows as u64)
    }

    pub(super) fn transitions(
        &mut self,
        transitions: &VecDeque<Transition>,
    ) -> rusqlite::Result<u64> {
        let mut insert = self.to.prepare_cached(TRANSITION)?;
        for transition in transitions {
            let (key, dependency, [before, after]) = match &transition.change {
                Change::Health { service, from, to } => {
                    let words = [*from, *to].map(|it| health_word(it).to_owned());
                    (Key::Service(service.clone()), None, words)
                }
                Change::Circuit {
                    from_service,
                    dependency,
                    name,
                    from,
                    to,
                } => {
                    let key = Key::Breaker(from_service.clone(), name.clone());
                    (key, dependency.as_ref(), [*from, *to].map(circuit_word))
                }
            };
            let number = self.number(&key)?;
            insert.execute(params![
                self.environment.as_str(),
                transition.at.as_millisecond(),
                number,
                dependency.map(DependencyId::as_str),
                before,
                after,
                transition.cause
            ])?;
        }
        Ok(transitions.len() as u64)
    }

    /// States that changed.
    pub(super) fn states(&mut self, changes: &Changes) -> rusqlite::Result<u64> {
        let mut insert = self.to.prepare_cached(STATE)?;
        for change in &changes.states {
            let number = self.number(&change.key)?;
            let value = change.row.as_ref().and_then(Row::to_json);
            insert.execute(params![number, changes.at, value])?;
        }
        Ok(changes.states.len() as u64)
    }

    pub(super) fn traffic(&mut self, traffic: &[(DependencyId, Traffic)]) -> rusqlite::Result<u64> {
        let mut insert = self.to.prepare_cached(TRAFFIC)?;
        for (id, it) in traffic {
            let number = self.number(&Key::Dependency(id.clone()))?;
            insert.execute(params![
                it.at.as_millisecond(),
                number,
                it.rate_per_second,
                it.error_share,
                it.p95_ms,
                i64::try_from(it.window_seconds).unwrap_or(i64::MAX),
                it.source
            ])?;
        }
        Ok(traffic.len() as u64)
    }
}

/// Whether another one has written lately and did not say that it ended.
pub(super) fn is_elsewhere(
    to: &Transaction<'_>,
    environment: &EnvironmentId,
    run: Option<i64>,
    now: i64,
) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM run WHERE environment = ?1 AND id <> ?2
                     AND NOT has_ended AND until BETWEEN ?3 AND ?4)";
    let run = run.unwrap_or(-1);
    to.prepare_cached(query)?.query_row(
        params![environment.as_str(), run, now - LEASE, now + LEASE],
        |row| row.get(0),
    )
}

/// Begins a run.
pub(super) fn begin(
    to: &Transaction<'_>,
    environment: &EnvironmentId,
    since: i64,
) -> rusqlite::Result<i64> {
    to.prepare_cached("INSERT INTO run (environment, since, until) VALUES (?1, ?2, ?2)")?
        .insert(params![environment.as_str(), since])
}
