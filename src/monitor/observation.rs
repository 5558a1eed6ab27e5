//! What an answer tells of others than who gave it.
//!
//! A proxy tells of its upstreams, Consul of everything that is registered, Jaeger of who
//! called whom. Names are the source's own until [`Naming`](super::naming::Naming) finds
//! them in the design. An observation is complete: it replaces the one before it.

use super::{Health, format::BreakerReading, format::CheckReading};

/// The most entries of each kind that one observation keeps.
pub(super) const MAX_ENTRIES: usize = 50_000;

/// What one answer, or one round of questions, tells of others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observation {
    /// Instances of services.
    pub instances: Vec<InstanceReading>,
    /// Breakers, each with its caller.
    pub breakers: Vec<CallerBreaker>,
    /// Calls between two services.
    pub calls: Vec<CallReading>,
    /// Something odd that whoever reads it should know: `filtered by ACLs`.
    pub note: Option<String>,
    /// Whether there is more that was not shown, so that what is missing is not gone.
    pub is_partial: bool,
}

impl Observation {
    /// Changes every text that came from outside.
    pub(super) fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        self.note.iter_mut().for_each(&mut *change);
        for it in &mut self.instances {
            change(&mut it.service);
            change(&mut it.address);
            change(&mut it.raw);
            for check in &mut it.checks {
                check.for_each_text(change);
            }
        }
        for it in &mut self.breakers {
            change(&mut it.caller);
            it.reading.for_each_text(change);
        }
        for it in &mut self.calls {
            change(&mut it.from);
            change(&mut it.to);
        }
    }
}

/// One instance of a service as somebody else tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceReading {
    /// What the source calls the service, safe to show.
    pub service: String,
    /// What tells the instance from its siblings: an address, or the source's id for it.
    pub address: String,
    /// How well it is.
    pub health: Health,
    /// The source's own word and reason, safe to show.
    pub raw: String,
    /// The parts the verdict is made of.
    pub checks: Vec<CheckReading>,
}

/// A breaker and who calls through it.
#[derive(Debug, Clone, PartialEq)]
pub struct CallerBreaker {
    /// What the source calls the caller; empty for whoever gave the answer.
    pub caller: String,
    /// The breaker; its name is a hint at the callee.
    pub reading: BreakerReading,
}

/// Calls between two services as somebody else tells of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallReading {
    /// What the source calls the caller, safe to show.
    pub from: String,
    /// What the source calls the callee, safe to show.
    pub to: String,
    /// Calls a second; zero is zero, and `None` is not known.
    pub rate_per_second: Option<f64>,
    /// The share of them that failed, from 0 to 1.
    pub error_share: Option<f64>,
    /// Milliseconds within which 95 of 100 were answered.
    pub p95_ms: Option<f64>,
    /// Seconds over which these were taken.
    pub window_seconds: u64,
}
