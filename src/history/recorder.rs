//! Recording beside the polling: once a second, on a thread that may block.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::runtime::Handle;

use super::{History, log::Log};
use crate::{
    model::EnvironmentId,
    monitor::{Monitor, Polls, Roster, Snapshots, Transitions},
};

/// So often what was seen is written.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// How long dropping a recorder waits for the last write.
const PATIENCE: Duration = Duration::from_secs(3);

/// How recording goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecorderState {
    /// Rows written since it started.
    pub rows: u64,
    /// Polls that could not be kept: the disk was full for too long, or too slow.
    pub missed: u64,
    /// Why nothing is being recorded now, and what happens next; `None` while it is.
    pub error: Option<String>,
    /// What a person should know: a damaged file was set aside.
    pub notice: Option<String>,
    /// When something was last written.
    pub last_write: Option<Timestamp>,
}

/// Records what a monitor sees until it is dropped or the monitor ends.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    phase: Mutex<Phase>,
    bell: Condvar,
    state: Mutex<RecorderState>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Recording,
    Stopping,
    Stopped,
}

impl Recorder {
    /// Starts recording on a thread of the runtime that may block. From here on no
    /// poll is missed.
    pub fn start(
        history: History,
        environment: EnvironmentId,
        monitor: &Monitor,
        runtime: &Handle,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        let log = Log::new(&history, environment, monitor.instances());
        let mut feed = Feed {
            roster: monitor.roster(),
            polls: monitor.polls(),
            missed: 0,
            transitions: monitor.subscribe(),
            snapshots: monitor.snapshots(),
            log,
        };
        let working = Arc::clone(&shared);
        runtime.spawn_blocking(move || {
            // Also if it panics: whoever drops the recorder waits for this.
            let _stopped = SayStopped(&working);
            feed.record(&working);
        });
        Self { shared }
    }

    /// How it goes.
    pub fn state(&self) -> RecorderState {
        locked(&self.shared.state).clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let mut phase = locked(&self.shared.phase);
        if *phase == Phase::Recording {
            *phase = Phase::Stopping;
        }
        self.shared.bell.notify_all();
        let is_at_work = |phase: &mut Phase| *phase != Phase::Stopped;
        let waited = self
            .shared
            .bell
            .wait_timeout_while(phase, PATIENCE, is_at_work);
        drop(waited);
    }
}

struct SayStopped<'a>(&'a Shared);

impl Drop for SayStopped<'_> {
    fn drop(&mut self) {
        *locked(&self.0.phase) = Phase::Stopped;
        self.0.bell.notify_all();
    }
}

/// What comes from the monitor, and where it goes.
struct Feed {
    roster: Roster,
    polls: Polls,
    missed: u64,
    transitions: Transitions,
    snapshots: Snapshots,
    log: Log,
}

impl Feed {
    fn record(&mut self, shared: &Shared) {
        loop {
            let phase = locked(&shared.phase);
            let is_recording = |phase: &mut Phase| *phase == Phase::Recording;
            let waited = shared
                .bell
                .wait_timeout_while(phase, WRITE_EVERY, is_recording);
            let phase = *waited.unwrap_or_else(PoisonError::into_inner).0;
            let is_last = phase != Phase::Recording || self.snapshots.has_ended();
            self.take_all();
            self.log.write(&self.snapshots.latest(), Timestamp::now());
            locked(&shared.state).clone_from(self.log.state());
            if is_last {
                break;
            }
        }
        self.log.end();
    }

    fn take_all(&mut self) {
        while let Some(poll) = self.polls.try_next() {
            self.log.take_poll(poll);
        }
        // Whoever such a poll tells of was added before.
        let known = self.log.known_instances();
        self.log.meet(self.roster.after(known));
        let missed = self.polls.missed();
        self.log.miss(missed - self.missed);
        self.missed = missed;
        while let Some(transition) = self.transitions.try_next() {
            self.log.take_transition(transition);
        }
    }
}

/// What is behind these locks is never left half done.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
