//! What was observed, kept: samples, transitions and incidents in an SQLite file.
//!
//! The file lies beside the project: `shop.history.sqlite` beside
//! `shop.meshboard.json`, one for each project, its rows kept apart by environment.
//! A [`Recorder`] writes what a monitor sees, once a second; a [`History`] reads.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tokio::runtime::Handle;

use crate::{
    model::{DependencyId, EnvironmentId, ServiceId},
    monitor::{Circuit, Health, Incident, Monitor, Snapshot},
};

/// What was recorded of a project; cheap to clone.
#[derive(Debug, Clone)]
pub struct History {
    path: PathBuf,
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
    pub fn open(project_file: &Path) -> Result<Self, HistoryError> {
        Ok(Self {
            path: project_file.with_extension("sqlite"),
        })
    }

    /// The file, which may not be there yet.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What went wrong in the last reading, or what a person should know of the file.
    pub fn notice(&self) -> Option<String> {
        None
    }

    /// From when to when something was recorded.
    pub fn span(&self, _environment: &EnvironmentId) -> Option<(Timestamp, Timestamp)> {
        None
    }

    /// What was seen of a subject, in at most so many stretches of equal length;
    /// those of which nothing is known are left out.
    pub fn series(
        &self,
        _environment: &EnvironmentId,
        _subject: &Subject,
        _from: Timestamp,
        _to: Timestamp,
        _points: usize,
    ) -> Vec<Point> {
        Vec::new()
    }

    /// Everything that changed, or was not well, as lanes; sorted by subject.
    pub fn lanes(
        &self,
        _environment: &EnvironmentId,
        _from: Timestamp,
        _to: Timestamp,
    ) -> Vec<Lane> {
        Vec::new()
    }

    /// The incidents that lasted at some time in between, the newest first.
    pub fn incidents(
        &self,
        _environment: &EnvironmentId,
        _from: Timestamp,
        _to: Timestamp,
    ) -> Vec<Incident> {
        Vec::new()
    }

    /// Everything as it was at a moment; `None` if nobody recorded then.
    pub fn at(&self, _environment: &EnvironmentId, _moment: Timestamp) -> Option<Snapshot> {
        None
    }
}

/// How recording goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecorderState {
    /// Rows written since it started.
    pub rows: u64,
    /// Polls that could not be kept: the disk was full for too long, or too slow.
    pub missed: u64,
    /// Why nothing is being recorded now; `None` while it is.
    pub error: Option<String>,
    /// When something was last written.
    pub last_write: Option<Timestamp>,
}

/// Records what a monitor sees until it is dropped or the monitor ends.
#[derive(Debug)]
pub struct Recorder {}

impl Recorder {
    /// Starts recording on a thread of the runtime that may block.
    pub fn start(
        _history: History,
        _environment: EnvironmentId,
        _monitor: &Monitor,
        _runtime: &Handle,
    ) -> Self {
        Self {}
    }

    /// How it goes.
    pub fn state(&self) -> RecorderState {
        RecorderState::default()
    }
}
