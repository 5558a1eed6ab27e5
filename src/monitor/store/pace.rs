//! When to ask an instance again.
//!
//! A span, not a moment: the poller picks a random point in it, so that many instances
//! do not fall into step.

use super::{
    Sample,
    instance::{FALL, Instance},
};
use crate::monitor::{Health, Reach, plan::Probe};

/// While health is about to change, in milliseconds.
const FAST_MS: (u64, u64) = (1000, 2000);
/// The longest wait for one that does not answer, in milliseconds.
const MAX_BACKOFF_MS: u64 = 60_000;
/// The longest wait that a service may ask for, in milliseconds.
const MAX_RETRY_AFTER_MS: u64 = 300_000;

/// The next poll comes between these two, in milliseconds after the last one began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::monitor) struct Pace {
    pub at_least_ms: u64,
    pub at_most_ms: u64,
    /// Whether it is the usual interval, which keeps its phase.
    pub is_regular: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self::around(MAX_BACKOFF_MS)
    }
}

impl Pace {
    pub(super) fn regular(probe: &Probe) -> Self {
        Self {
            is_regular: true,
            ..Self::around(probe.interval.as_millis() as u64)
        }
    }

    fn between(at_least_ms: u64, at_most_ms: u64) -> Self {
        Self {
            at_least_ms,
            at_most_ms,
            is_regular: false,
        }
    }

    /// Five percent around a value.
    fn around(millis: u64) -> Self {
        Self::between(millis - millis / 20, millis + millis / 20)
    }
}

/// When to ask again after this sample.
pub(super) fn next(probe: &Probe, instance: &Instance, sample: &Sample) -> Pace {
    let interval = probe.interval.as_millis() as u64;
    if let Some(wait) = wished_wait(sample) {
        return Pace::around(wait.clamp(interval, MAX_RETRY_AFTER_MS));
    }
    if instance.is_in_transition() {
        return Pace::between(FAST_MS.0.min(interval), FAST_MS.1.min(interval));
    }
    // What runs on this machine is being worked on: it should be seen to come back.
    let is_local = probe.host.is_none();
    let cap = if is_local {
        2 * interval
    } else {
        MAX_BACKOFF_MS.max(interval)
    };
    match instance.reach() {
        Reach::AuthDenied | Reach::NotFound => Pace::around(cap),
        it if it.is_network_error() && instance.health() == Health::Down => {
            let doublings = instance.failures_in_row().saturating_sub(FALL).min(16);
            Pace::between(interval, (interval << doublings).clamp(interval, cap))
        }
        _ => Pace::regular(probe),
    }
}

/// `Retry-After` counts only where a service says that it is too busy.
fn wished_wait(sample: &Sample) -> Option<u64> {
    let read = sample.health.result.as_ref().ok()?;
    read.retry_after_ms
        .filter(|_| matches!(read.status, 429 | 503))
}
