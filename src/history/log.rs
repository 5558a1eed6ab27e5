//! Writing: what was seen goes into the file in one transaction, or waits.
//!
//! Whatever goes wrong with the file, watching goes on: polls and transitions wait in
//! memory for a while, and are written when the file can be written again.

use std::{collections::VecDeque, path::PathBuf};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, TransactionBehavior};

use super::{
    History, HistoryError, RecorderState,
    changes::Written,
    file::{self, Found},
    incident_rows::{self, Known, adopt},
    put::{Instances, LEASE, Put, begin, is_elsewhere},
    subjects::Subjects,
    trouble::Trouble,
    upkeep::Upkeep,
};
use crate::{
    model::{EnvironmentId, ServiceId},
    monitor::{Poll, Snapshot, Transition},
};

/// Polls that wait at most, and transitions.
const MOST_WAITING: usize = 100_000;

/// When a write failed, the next try comes after this.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// Without a write for so long, nobody knows what was in between.
const GAP: SignedDuration = SignedDuration::from_secs(30);

/// What is known of the file since this run began to write.
#[derive(Debug, Default)]
struct Session {
    run: Option<i64>,
    subjects: Subjects,
    written: Written,
    incidents: Vec<Known>,
    last_write: Option<Timestamp>,
}

/// What a [`super::Recorder`] does each second, without its clock and its thread.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    environment: EnvironmentId,
    instances: Instances,
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
            instances: Instances {
                all: instances,
                numbers: Vec::new(),
            },
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

    /// How many instances are known by number.
    pub(super) fn known_instances(&self) -> usize {
        self.instances.all.len()
    }

    /// Takes instances that follow on those known.
    pub(super) fn meet(&mut self, more: Vec<(ServiceId, String)>) {
        self.instances.all.extend(more);
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
        if self.session.last_write.is_some_and(is_gap) {
            self.forget();
        }
        if !self.path.exists() {
            self.forget();
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
        let is_of_use = outcome.as_ref().err().is_none_or(Trouble::may_pass);
        self.connection = is_of_use.then_some(connection);
        outcome
    }

    fn connect(&mut self, now: Timestamp) -> Result<Connection, Trouble> {
        match file::look(&self.path).map_err(Trouble::File)? {
            Found::Nothing | Found::History => {}
            Found::Damaged(reason) => {
                self.forget();
                self.set_aside(&reason, now)?;
            }
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
        let since = millis.min(snapshot.at.as_millisecond());
        let run = match self.session.run {
            Some(run) => run,
            None => begin(&transaction, &self.environment, since)?,
        };
        let known = match self.session.run {
            Some(_) => self.session.incidents.clone(),
            None => adopt(&transaction, &self.environment, snapshot.started)?,
        };
        transaction
            .prepare_cached("UPDATE run SET until = max(until, ?2) WHERE id = ?1")?
            .execute([run, millis])?;
        let changes = self.session.written.changes(snapshot);
        let mut put = Put {
            to: &transaction,
            environment: &self.environment,
            subjects: &mut self.session.subjects,
        };
        let rows = put.polls(&mut self.instances, &self.polls)?
            + put.told(&changes.told)?
            + put.transitions(&self.transitions)?
            + put.states(&changes)?
            + put.traffic(&changes.traffic)?;
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

    /// Begins a new run with the next write.
    fn forget(&mut self) {
        self.session = Session::default();
        self.forget_numbers();
    }

    fn forget_numbers(&mut self) {
        self.session.subjects = Subjects::default();
        self.instances.numbers.clear();
    }

    fn suffer(&mut self, trouble: Trouble, now: Timestamp) {
        // What was numbered in a transaction that failed has no number.
        self.forget_numbers();
        if let Trouble::Sql(error) = &trouble
            && file::is_damage(error)
        {
            self.forget();
            if self.set_aside(&error.to_string(), now).is_ok() {
                return;
            }
        }
        if matches!(trouble, Trouble::Elsewhere) {
            // The other one writes what happens now.
            self.forget();
            let is_recent =
                |at: Timestamp| now.duration_since(at).as_millis() <= i128::from(LEASE) + 1000;
            self.polls.retain(|it| is_recent(it.at));
            self.transitions.retain(|it| is_recent(it.at));
        } else {
            self.retry_at = Some(now + RETRY_AFTER);
        }
        self.state.error = Some(trouble.explained(&self.path, &self.environment));
    }
}
