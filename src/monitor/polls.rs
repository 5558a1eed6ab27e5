//! Every single poll, for whoever keeps them: snapshots tell only the newest state.
//!
//! A bounded feed beside the snapshots. A reader that falls behind loses the oldest
//! polls and knows how many; the poller never waits for a reader.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::broadcast::{self, error::TryRecvError};

use super::{
    Health, Reach,
    format::by_code,
    plan::MonitorPlan,
    store::{Moment, Sample},
};

/// Polls of each instance that a slow reader may be behind, and the least in all.
const KEPT_FOR_EACH: usize = 4;
const LEAST_KEPT: usize = 256;
/// The most in all: some megabytes.
const MOST_KEPT: usize = 1 << 17;

/// What came of asking one instance once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Poll {
    /// Position in [`super::Monitor::instances`], or among those its roster added.
    pub instance: usize,
    /// When it was answered, or given up.
    pub at: Timestamp,
    /// What this one answer says, before hysteresis; unknown if it says nothing, or
    /// if this machine itself is offline.
    pub health: Health,
    /// Whether an answer came.
    pub reach: Reach,
    /// Milliseconds it took; `None` without an answer.
    pub latency_ms: Option<f64>,
    /// Milliseconds after its time that it was asked: how far this program is behind.
    pub late_ms: f64,
}

impl Poll {
    pub(super) fn new(sample: &Sample, late: Duration, now: Moment) -> Self {
        let (health, reach, latency_ms) = match &sample.health.result {
            Ok(read) => {
                let said = read
                    .reading
                    .health
                    .unwrap_or_else(|| by_code(read.status).0);
                (said, read.reading.reach, Some(read.latency_ms))
            }
            Err(failure) if failure.reach.is_network_error() => (Health::Down, failure.reach, None),
            Err(failure) => (Health::Unknown, failure.reach, None),
        };
        Self {
            instance: sample.probe,
            at: now.wall,
            health,
            reach,
            latency_ms,
            late_ms: late.as_secs_f64() * 1000.0,
        }
    }
}

/// Every poll since this was asked for.
#[derive(Debug)]
pub struct Polls {
    feed: broadcast::Receiver<Poll>,
    missed: u64,
}

impl Polls {
    pub(super) fn new(feed: broadcast::Receiver<Poll>) -> Self {
        Self { feed, missed: 0 }
    }

    /// The next poll; `None` if there is none now.
    pub fn try_next(&mut self) -> Option<Poll> {
        loop {
            match self.feed.try_recv() {
                Ok(poll) => return Some(poll),
                Err(TryRecvError::Lagged(count)) => self.missed += count,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }

    /// How many were lost because nobody took them in time.
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

/// A feed that is large enough for a plan.
pub(super) fn feed_for(plan: &MonitorPlan) -> broadcast::Sender<Poll> {
    let room = plan.probes.len().saturating_mul(KEPT_FOR_EACH);
    broadcast::Sender::new(room.clamp(LEAST_KEPT, MOST_KEPT))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use tokio::sync::broadcast;

    use super::{Poll, Polls};
    use crate::monitor::{Health, Reach};

    #[test]
    fn who_falls_behind_gets_the_newest_polls_and_knows_how_many_are_lost() {
        let feed = broadcast::Sender::new(4);
        let mut polls = Polls::new(feed.subscribe());
        for instance in 0..10 {
            let poll = Poll {
                instance,
                at: Timestamp::UNIX_EPOCH,
                health: Health::Up,
                reach: Reach::Ok,
                latency_ms: Some(1.0),
                late_ms: 0.0,
            };
            feed.send(poll).unwrap();
        }
        let mut seen = Vec::new();
        while let Some(poll) = polls.try_next() {
            seen.push(poll.instance);
        }
        assert_eq!((seen, polls.missed()), (vec![6, 7, 8, 9], 6));
    }
}
