//! When each instance is asked.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use tokio::time::Instant;

use crate::monitor::{plan::Probe, store::Pace};

/// First polls are spread over this time, or over the interval if it is shorter.
const MAX_STAGGER: Duration = Duration::from_secs(5);

/// Polls begin in steps of this length, those of a step together: to wake up for each of
/// them alone costs as much as the poll itself.
const STEP: Duration = Duration::from_millis(25);
/// The same where there are more than so many, who would crowd one another.
const SHORT_STEP: Duration = Duration::from_millis(10);
const MANY: usize = 4_000;

/// The steps in which polls begin.
#[derive(Debug, Clone, Copy)]
pub(in crate::monitor) struct Steps {
    first: Instant,
    length: Duration,
}

impl Steps {
    /// Steps from now on, for so many who are asked.
    pub(in crate::monitor) fn of(asked: usize) -> Self {
        Self {
            first: Instant::now(),
            length: if asked > MANY { SHORT_STEP } else { STEP },
        }
    }

    /// The first step that is not before this.
    pub(super) fn at_or_after(self, due: Instant) -> Instant {
        let step = self.length.as_nanos();
        let after = due.saturating_duration_since(self.first).as_nanos();
        let missing = (step - after % step) % step;
        due + Duration::from_nanos(missing as u64)
    }
}

/// When to ask again; `random` is from 0 to 1.
pub(super) fn next_poll(
    probe: &Probe,
    pace: Pace,
    phase: Instant,
    began: Instant,
    random: f64,
) -> Instant {
    let span = pace.at_most_ms.saturating_sub(pace.at_least_ms) as f64;
    let jittered = Duration::from_millis(pace.at_least_ms + (span * random) as u64);
    if !pace.is_regular {
        return began + jittered;
    }
    // The usual polls keep their phase: those missed are left out, and jitter does not
    // add up. Half an interval of slack, because the last one may have come early.
    let interval = probe.interval;
    let elapsed = (began + interval / 2).saturating_duration_since(phase);
    let rounds = (elapsed.as_nanos() / interval.as_nanos().max(1)) as u32;
    let due = phase + interval * (rounds + 1);
    (due + jittered).checked_sub(interval).unwrap_or(due)
}

/// Where in the first seconds an instance is asked first: always the same place.
pub(super) fn stagger(probe: &Probe) -> Duration {
    let mut hasher = DefaultHasher::new();
    (probe.service.as_str(), &probe.address, &probe.slot).hash(&mut hasher);
    let span = probe.interval.min(MAX_STAGGER).as_millis() as u64;
    Duration::from_millis(hasher.finish() % span.max(1))
}
