//! Writing: what was seen goes into the file in one transaction, or waits.
//!
//! Whatever goes wrong with the file, watching goes on: polls and transitions wait in
//! memory for a while, and are written when the file can be written again.

use std::{collections::VecDeque, path::PathBuf};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, params};

use super::{
    History, HistoryError, RecorderState,
    changes::{Changes, Key, Written},
    file::{self, Found},
    incident_rows::{self, Known, adopt},
    packed::Raw,
    subjects::Subjects,
    upkeep::Upkeep,
    words::{circuit_word, health_word},
};
use crate::{
    model::{EnvironmentId, ServiceId},
    monitor::{Change, Poll, Snapshot, Transition},
};

/// Polls that wait at most, and transitions.
const MOST_WAITING: usize = 100_000;

/// When a write failed, the next try comes after this.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// Without a write for so long, nobody knows what was in between.
const GAP: SignedDuration = SignedDuration::from_secs(30);

/// Who recorded within this many milliseconds is still at it.
const LEASE: i64 = 5_000;

/// Why nothing was written.
#[derive(Debug)]
enum Trouble {
    /// The file is of no use.
    File(HistoryError),
    /// SQLite says so.
    Sql(rusqlite::Error),
    /// Another Meshboard records this environment.
    Elsewhere,
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// What is known of the file since this run began to write.
#[derive(Debug, Default)]
struct Session {
    run: Option<i64>,
    subjects: Subjects,
    /// For each instance of the monitor, its number.
    instances: Vec<Option<i64>>,
    written: Written,
    incidents: Vec<Known>,
    last_write: Option<Timestamp>,
}

/// What a [`super::Recorder`] does each second, without its clock and its thread.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    environment: EnvironmentId,
    instances: Vec<(ServiceId, String)>,
    connection: Option<Connection>,
    session: Session,
    polls: VecDeque<Poll>,
    transitions: VecDeque<Transition>,
    retry_at: Option<Timestamp>,
    upkeep: Upkeep,
    state: RecorderState,
}

impl Log {
    /// Writes into a history what is seen of an environment; `instances` are those that
    /// are asked, in the order of [`crate::monitor::Monitor::instances`].
    pub fn new(
        history: &History,
        environment: EnvironmentId,
        instances: Vec<(ServiceId, String)>,
    ) -> Self {
        Self {
            path: history.path().to_owned(),
            environment,
            instances,
            connection: None,
            session: Session::default(),
            polls: VecDeque::new(),
            transitions: VecDeque::new(),
            retry_at: None,
            upkeep: Upkeep::new(history.shared.retention),
            state: RecorderState::default(),
        }
    }

    /// How it goes.
    pub fn state(&self) -> &RecorderState {
        &self.state
    }

    /// Takes a poll that is to be written.
    pub fn take_poll(&mut self, poll: Poll) {
        if self.polls.len() == MOST_WAITING {
            self.polls.pop_front();
            self.state.missed += 1;
        }
        self.polls.push_back(poll);
    }

    /// Takes a transition that is to be written.
    pub fn take_transition(&mut self, transition: Transition) {
        if self.transitions.len() == MOST_WAITING {
            self.transitions.pop_front();
        }
        self.transitions.push_back(transition);
    }

    /// Counts polls that never came here.
    pub(super) fn miss(&mut self, polls: u64) {
        self.state.missed += polls;
    }

    /// Writes everything that waits, and what is new in the newest snapshot.
    pub fn write(&mut self, snapshot: &Snapshot, now: Timestamp) {
        let is_too_early = self
            .retry_at
            .is_some_and(|it| now < it && it <= now + RETRY_AFTER);
        if is_too_early || snapshot.at == Timestamp::UNIX_EPOCH {
            return;
        }
        self.retry_at = None;
        match self.try_write(snapshot, now) {
            Ok(()) => self.state.error = None,
            Err(trouble) => self.suffer(trouble, now),
        }
    }

    /// Lets the file have so many pages more than it has now, to see what a full disk
    /// does.
    #[cfg(test)]
    pub(super) fn leave_room(&self, more: i64) {
        let connection = self.connection.as_ref().unwrap();
        let pages: i64 = connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        connection
            .pragma_update_and_check(None, "max_page_count", pages + more, |_| Ok(()))
            .unwrap();
    }

    /// Says that this run ended by itself, so that the next need not wait.
    pub fn end(&mut self) {
        if let (Some(connection), Some(run)) = (&self.connection, self.session.run) {
            let end = "UPDATE run SET has_ended = 1 WHERE id = ?1";
            // Otherwise the next one waits some seconds.
            connection.execute(end, [run]).ok();
        }
        self.connection = None;
    }

    fn try_write(&mut self, snapshot: &Snapshot, now: Timestamp) -> Result<(), Trouble> {
        let is_gap = |it: Timestamp| now.duration_since(it).abs() > GAP;
        if self.session.last_write.is_some_and(is_gap) || !self.path.exists() {
            self.session = Session::default();
        }
        if !self.path.exists() {
            self.connection = None;
        }
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect(now)?,
        };
        let mut outcome = self.put(&mut connection, snapshot, now);
        if outcome.is_ok() {
            let done = self.upkeep.step(&mut connection, now);
            outcome = done.map_err(Trouble::Sql);
        }
        let is_of_use = match &outcome {
            // There may be room, or peace, a little later.
            Err(Trouble::Sql(error)) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
            ),
            Err(Trouble::File(_)) => false,
            Ok(()) | Err(Trouble::Elsewhere) => true,
        };
        self.connection = is_of_use.then_some(connection);
        outcome
    }

    fn connect(&mut self, now: Timestamp) -> Result<Connection, Trouble> {
        match file::look(&self.path).map_err(Trouble::File)? {
            Found::Nothing | Found::History => {}
            Found::Damaged(reason) => self.set_aside(&reason, now)?,
        }
        Ok(file::open_to_write(&self.path)?)
    }

    fn set_aside(&mut self, reason: &str, now: Timestamp) -> Result<(), Trouble> {
        let aside = file::set_aside(&self.path, now).map_err(|it| {
            Trouble::File(HistoryError::Damaged {
                path: self.path.clone(),
                reason: format!("{reason}; it could not be set aside: {it}"),
            })
        })?;
        self.state.notice = Some(format!(
            "the history could not be read ({reason}): a new one was begun, the old one is kept as {}",
            aside.display()
        ));
        Ok(())
    }

    fn put(
        &mut self,
        connection: &mut Connection,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<(), Trouble> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let millis = now.as_millisecond();
        if is_elsewhere(&transaction, &self.environment, self.session.run, millis)? {
            return Err(Trouble::Elsewhere);
        }
        let run = match self.session.run {
            Some(run) => run,
            None => {
                let since = millis.min(snapshot.at.as_millisecond());
                begin(&transaction, &self.environment, since)?
            }
        };
        let known = match self.session.run {
            Some(_) => self.session.incidents.clone(),
            None => adopt(&transaction, &self.environment, snapshot.started)?,
        };
        transaction
            .prepare_cached("UPDATE run SET until = max(until, ?2) WHERE id = ?1")?
            .execute([run, millis])?;
        let changes = self.session.written.changes(snapshot);
        let mut rows = self.put_polls(&transaction, &changes)?;
        rows += self.put_transitions(&transaction)?;
        rows += self.put_changes(&transaction, &changes)?;
        let place = (&self.environment, run);
        let told = &snapshot.incidents;
        let incidents = incident_rows::bring_up_to(&transaction, place, &known, told)?;
        transaction.commit()?;

        self.session.run = Some(run);
        self.session.incidents = incidents;
        self.session.written.accept(changes);
        self.session.last_write = Some(now);
        self.polls.clear();
        self.transitions.clear();
        self.state.rows += rows;
        self.state.last_write = Some(now);
        Ok(())
    }

    fn put_polls(&mut self, to: &Transaction<'_>, changes: &Changes) -> rusqlite::Result<u64> {
        let insert = "INSERT OR IGNORE INTO journal (at, subject, code, latency)
                      VALUES (?1, ?2, ?3, ?4)";
        let mut insert = to.prepare_cached(insert)?;
        let session = &mut self.session;
        session.instances.resize(self.instances.len(), None);
        let mut rows = 0;
        for poll in &self.polls {
            let Some((service, address)) = self.instances.get(poll.instance) else {
                continue;
            };
            let subject = match session.instances[poll.instance] {
                Some(subject) => subject,
                None => {
                    let key = Key::Instance(service.clone(), address.clone());
                    let subject = session.subjects.number(to, &self.environment, &key)?;
                    session.instances[poll.instance] = Some(subject);
                    subject
                }
            };
            let at = poll.at.as_millisecond();
            let raw = Raw::new(at, poll.health, poll.reach, poll.latency_ms);
            rows += insert.execute(params![raw.at, subject, raw.code, raw.latency])? as u64;
        }
        for (service, address, raw) in &changes.told {
            let key = Key::Instance(service.clone(), address.clone());
            let subject = session.subjects.number(to, &self.environment, &key)?;
            rows += insert.execute(params![raw.at, subject, raw.code, raw.latency])? as u64;
        }
        Ok(rows)
    }

    fn put_transitions(&mut self, to: &Transaction<'_>) -> rusqlite::Result<u64> {
        let insert = "INSERT INTO transition
                          (environment, at, subject, dependency, from_state, to_state, cause)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut insert = to.prepare_cached(insert)?;
        for transition in &self.transitions {
            let (key, dependency, [before, after]) = match &transition.change {
                Change::Health { service, from, to } => {
                    let words = [health_word(*from), health_word(*to)];
                    let words = words.map(str::to_owned);
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
                    let words = [circuit_word(*from), circuit_word(*to)];
                    (key, dependency.as_ref(), words)
                }
            };
            let subject = self.session.subjects.number(to, &self.environment, &key)?;
            insert.execute(params![
                self.environment.as_str(),
                transition.at.as_millisecond(),
                subject,
                dependency.map(|it| it.as_str()),
                before,
                after,
                transition.cause
            ])?;
        }
        Ok(self.transitions.len() as u64)
    }

    fn put_changes(&mut self, to: &Transaction<'_>, changes: &Changes) -> rusqlite::Result<u64> {
        let subjects = &mut self.session.subjects;
        let state = "INSERT OR REPLACE INTO state (subject, at, value) VALUES (?1, ?2, ?3)";
        let mut state = to.prepare_cached(state)?;
        for change in &changes.states {
            let subject = subjects.number(to, &self.environment, &change.key)?;
            let value = change.row.as_ref().and_then(super::rows::Row::to_json);
            state.execute(params![subject, changes.at, value])?;
        }
        let traffic = "INSERT OR REPLACE INTO traffic
                           (at, subject, rate_per_second, error_share, p95_ms, window_seconds, source)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut traffic = to.prepare_cached(traffic)?;
        for (id, it) in &changes.traffic {
            let key = Key::Dependency(id.clone());
            traffic.execute(params![
                it.at.as_millisecond(),
                subjects.number(to, &self.environment, &key)?,
                it.rate_per_second,
                it.error_share,
                it.p95_ms,
                i64::try_from(it.window_seconds).unwrap_or(i64::MAX),
                it.source
            ])?;
        }
        Ok((changes.states.len() + changes.traffic.len()) as u64)
    }

    fn suffer(&mut self, trouble: Trouble, now: Timestamp) {
        // What was numbered in a transaction that failed has no number.
        self.session.subjects = Subjects::default();
        self.session.instances.clear();
        if let Trouble::Sql(error) = &trouble
            && file::is_damage(error)
        {
            self.session = Session::default();
            if self.set_aside(&error.to_string(), now).is_ok() {
                return;
            }
        }
        if matches!(trouble, Trouble::Elsewhere) {
            // The other one writes what happens now.
            self.session = Session::default();
            let is_recent =
                |at: Timestamp| now.duration_since(at).as_millis() <= i128::from(LEASE) + 1000;
            self.polls.retain(|it| is_recent(it.at));
            self.transitions.retain(|it| is_recent(it.at));
        } else {
            self.retry_at = Some(now + RETRY_AFTER);
        }
        self.state.error = Some(self.explained(&trouble));
    }

    fn explained(&self, trouble: &Trouble) -> String {
        let path = self.path.display();
        let error = match trouble {
            Trouble::File(error) => return error.to_string(),
            Trouble::Elsewhere => {
                return format!(
                    "another Meshboard records {} already: this one goes on when that one stops",
                    self.environment
                );
            }
            Trouble::Sql(error) => error,
        };
        let what = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "the disk is full",
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                "the file or its folder cannot be written to"
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another program keeps it locked"
            }
            _ => "it cannot be written",
        };
        format!(
            "nothing is recorded for now, {what}; watching goes on, and recording too once it can be written: {path} ({error})"
        )
    }
}

/// Whether another one has written lately and did not say that it ended.
fn is_elsewhere(
    transaction: &Transaction<'_>,
    environment: &EnvironmentId,
    run: Option<i64>,
    now: i64,
) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM run WHERE environment = ?1 AND id <> ?2
                 AND NOT has_ended AND until BETWEEN ?3 AND ?4)",
        )?
        .query_row(
            params![
                environment.as_str(),
                run.unwrap_or(-1),
                now - LEASE,
                now + LEASE
            ],
            |row| row.get(0),
        )
}

fn begin(
    transaction: &Transaction<'_>,
    environment: &EnvironmentId,
    now: i64,
) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached("INSERT INTO run (environment, since, until) VALUES (?1, ?2, ?2)")?
        .insert(params![environment.as_str(), now])
}
