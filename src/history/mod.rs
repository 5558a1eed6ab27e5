//! What was observed, kept: samples, transitions and incidents in an SQLite file.
//!
//! The file lies beside the project: `shop.history.sqlite` beside
//! `shop.meshboard.json`, one for each project, its rows kept apart by environment. It
//! belongs in no repository: `*.history.sqlite*` in `.gitignore` leaves it out, with
//! the two files that SQLite keeps beside it while somebody records.
//!
//! A [`Recorder`] writes what a monitor sees, once a second in one transaction; a
//! [`History`] reads. Two Meshboards may have the same file open. Of each environment
//! one of them records, the other goes on when the first stops.
//!
//! # What is kept
//!
//! | what | how | how long |
//! |---|---|---|
//! | each poll of each instance: time, health, reach, latency | a row, packed when its minute is over | a day |
//! | what sources told of calls | a row each time | a day |
//! | minutes of services and dependencies: count, failures, latencies | a row a minute | a month |
//! | how everything was, for any moment | a row when it changes | a month |
//! | hours, transitions, incidents | a row each | a year |
//!
//! Percentiles of latencies are right within one percent. Every poll is kept, at any
//! interval, because the monitor hands each one over; states are as they were once a
//! second. What sources tell is taken from the snapshots, so of answers that come
//! faster than once a second the newest counts.
//!
//! # How much it is
//!
//! A poll takes about six bytes and a minute of a service about forty. A hundred
//! instances every ten seconds make some 10 MB a day of polls and 150 MB a month of
//! minutes. Ten thousand every five seconds make 1 GB a day; then a limit of 4 GiB
//! shortens what is kept.

mod changes;
mod file;
mod incident_rows;
mod lanes;
mod listing;
mod log;
mod moment;
mod packed;
mod put;
mod recorder;
mod rollup;
mod rows;
mod samples;
mod schema;
mod series;
mod sketch;
mod subjects;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod transitions;
mod trouble;
mod upkeep;
mod words;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::{
    model::{DependencyId, EnvironmentId, ServiceId},
    monitor::{Circuit, Health, Incident, Snapshot},
};

use file::Found;

pub use listing::{Cell, Selection, Table};
pub use log::Log;
pub use recorder::{Recorder, RecorderState};
pub use upkeep::Retention;
pub use words::{circuit_word, health_word, reach_word};

/// What was recorded of a project; cheap to clone.
#[derive(Debug, Clone)]
pub struct History {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    retention: Retention,
    reading: Mutex<Reading>,
}

/// A connection to read with, opened when first needed.
#[derive(Debug, Default)]
struct Reading {
    connection: Option<Connection>,
    error: Option<String>,
}

/// Why a history cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A newer Meshboard wrote it.
    #[error("{} was written by a newer Meshboard (version {found}, this one knows {known}): update Meshboard, or move the file away", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// Another program's database has its name.
    #[error("{} is no history but another program's database: move it away", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// SQLite cannot make sense of it.
    #[error("the history is damaged ({reason}); recording sets it aside and begins a new one: {}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// Nothing was recorded yet.
    #[error("nothing was recorded yet: there is no {}; `meshboard watch FILE --record` records", path.display())]
    Nothing {
        /// Where the file would be.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("cannot read the history: {reason}\n  {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        reason: rusqlite::Error,
    },
}

/// What a series is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A service, over all its instances.
    Service(ServiceId),
    /// A breaker.
    Breaker {
        /// The service whose process told of it: the caller.
        from: ServiceId,
        /// What that process calls it.
        name: String,
    },
    /// The calls along a dependency, as sources tell of them.
    Dependency(DependencyId),
}

/// What was seen of a subject in a stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Where the stretch begins.
    pub at: Timestamp,
    /// Polls that told something, for a dependency what its source told, for a
    /// breaker its changes.
    pub count: u64,
    /// Polls that found it down or got no answer.
    pub failures: u64,
    /// The share of polls that found it working, from 0 to 1; of a breaker the share
    /// of time in which it let calls pass.
    pub availability: Option<f64>,
    /// Milliseconds within which half of the answers came.
    pub p50_ms: Option<f64>,
    /// Milliseconds within which 95 of 100 answers came.
    pub p95_ms: Option<f64>,
    /// Milliseconds within which 99 of 100 answers came.
    pub p99_ms: Option<f64>,
    /// Calls a second along a dependency.
    pub rate_per_second: Option<f64>,
    /// The share of calls that failed, from 0 to 1: of a dependency, or of a breaker.
    pub error_share: Option<f64>,
}

/// The state of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneState {
    /// Nobody recorded it.
    NotRecorded,
    /// A service's health.
    Health(Health),
    /// A breaker's state.
    Circuit(Circuit),
}

/// From when on it was so, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Since when.
    pub at: Timestamp,
    /// What it was.
    pub state: LaneState,
    /// Why, as far as the source said.
    pub cause: String,
}

/// What a service or a breaker went through, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// A service or a breaker.
    pub subject: Subject,
    /// The dependency a breaker protects, if that is known.
    pub dependency: Option<DependencyId>,
    /// Its states.
    pub steps: Vec<Step>,
}

impl History {
    /// The history of the project in this file. Nothing is written until something
    /// is recorded.
    ///
    /// Refuses a file of a newer Meshboard or of another program. A damaged one is no
    /// error here: recording sets it aside and begins a new one.
    pub fn open(project_file: &Path) -> Result<Self, HistoryError> {
        Self::open_with(project_file, Retention::default())
    }

    /// The same, keeping things for other times than usual.
    pub fn open_with(project_file: &Path, retention: Retention) -> Result<Self, HistoryError> {
        let path = file::beside(project_file);
        file::look(&path)?;
        Ok(Self {
            shared: Arc::new(Shared {
                path,
                retention,
                reading: Mutex::default(),
            }),
        })
    }

    /// The history of a project of which something was recorded, and can be read.
    pub fn open_recorded(project_file: &Path) -> Result<Self, HistoryError> {
        let history = Self::open(project_file)?;
        let path = history.path().to_owned();
        match file::look(&path)? {
            Found::History => Ok(history),
            Found::Nothing => Err(HistoryError::Nothing { path }),
            Found::Damaged(reason) => Err(HistoryError::Damaged { path, reason }),
        }
    }

    /// The file, which may not be there yet.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Why the last reading gave nothing, if it failed.
    pub fn notice(&self) -> Option<String> {
        self.reading().error.clone()
    }

    /// From when to when something was recorded.
    pub fn span(&self, environment: &EnvironmentId) -> Option<(Timestamp, Timestamp)> {
        let all = (i64::MIN, i64::MAX);
        let runs = self.read(|it| lanes::runs(it, environment, all));
        let from = runs.first()?.0;
        let to = runs.iter().map(|it| it.1).max()?;
        Some((rows::time(from), rows::time(to)))
    }

    /// What was seen of a subject, in at most so many stretches of equal length;
    /// those of which nothing is known are left out.
    pub fn series(
        &self,
        environment: &EnvironmentId,
        subject: &Subject,
        from: Timestamp,
        to: Timestamp,
        points: usize,
    ) -> Vec<Point> {
        let span = (from.as_millisecond(), to.as_millisecond());
        self.read(|it| series::read(it, environment, subject, span, points))
    }

    /// Everything that changed, or was not well, as lanes; sorted by subject. What was
    /// well all the time has no lane.
    pub fn lanes(&self, environment: &EnvironmentId, from: Timestamp, to: Timestamp) -> Vec<Lane> {
        let span = (from.as_millisecond(), to.as_millisecond());
        self.read(|it| lanes::read(it, environment, span))
    }

    /// The incidents that lasted at some time in between, the newest first.
    pub fn incidents(
        &self,
        environment: &EnvironmentId,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<Incident> {
        let span = (from.as_millisecond(), to.as_millisecond());
        self.read(|it| lanes::incidents(it, environment, span))
    }

    /// Everything as it was at a moment; `None` if nobody recorded then.
    pub fn at(&self, environment: &EnvironmentId, moment: Timestamp) -> Option<Snapshot> {
        self.read(|it| moment::read(it, environment, moment.as_millisecond()))
    }

    /// Gives every row of a table in order of time, until `visit` gives false.
    pub fn list(
        &self,
        table: Table,
        selection: &Selection,
        visit: &mut dyn FnMut(Vec<Cell>) -> bool,
    ) -> Result<(), HistoryError> {
        let path = self.path();
        let unreadable = |reason| HistoryError::Unreadable {
            path: path.to_owned(),
            reason,
        };
        let connection = file::open_to_read(path).map_err(unreadable)?;
        listing::visit(&connection, table, selection, visit).map_err(unreadable)
    }

    /// Reads; what fails gives nothing and leaves a notice.
    fn read<T: Default>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> T {
        let mut reading = self.reading();
        if reading.connection.is_none() {
            if !self.path().exists() {
                return T::default();
            }
            match file::open_to_read(self.path()) {
                Ok(connection) => reading.connection = Some(connection),
                Err(error) => {
                    reading.error = Some(error.to_string());
                    return T::default();
                }
            }
        }
        let found = reading.connection.as_ref().map(read);
        match found {
            Some(Ok(found)) => {
                reading.error = None;
                found
            }
            Some(Err(error)) => {
                // It may be another file by now.
                reading.connection = None;
                reading.error = Some(error.to_string());
                T::default()
            }
            None => T::default(),
        }
    }

    fn reading(&self) -> std::sync::MutexGuard<'_, Reading> {
        // Nothing is left half done there.
        let reading = self.shared.reading.lock();
        reading.unwrap_or_else(PoisonError::into_inner)
    }
}
