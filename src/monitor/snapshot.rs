//! What was last seen of everything, as one immutable value.

use std::{collections::BTreeMap, sync::Arc};

use imbl::OrdMap;
use jiff::Timestamp;

use super::states::{Circuit, Confidence, Health, Reach};
use crate::model::{DependencyId, RouteId, ServiceId};

/// What was last seen of one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceState {
    /// Its address, such as `http://127.0.0.1:7101`.
    pub address: String,
    /// How well it is, after hysteresis.
    pub health: Health,
    /// Whether the last answer came.
    pub reach: Reach,
    /// What it said, shortened and made safe to show.
    pub raw: String,
    /// The formats that were recognised, with their paths: `/actuator/health · Spring Boot`.
    pub read_from: Vec<String>,
    /// Milliseconds the last answer took.
    pub latency_ms: Option<f64>,
    /// Milliseconds of the last answers, oldest first.
    pub recent_latencies_ms: Vec<f32>,
    /// When an answer last came.
    pub last_answer: Option<Timestamp>,
    /// Failures in a row so far and how many it takes, while it is going down.
    pub going_down: Option<(u32, u32)>,
    /// The source that told of it, by the name it has in the environment; `None` if it
    /// was asked itself.
    pub source: Option<String>,
    /// Whether the other side's certificate is not checked.
    pub is_insecure: bool,
}

/// What was last seen of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceState {
    /// How well it is, over all instances, after hysteresis.
    pub health: Health,
    /// Why nothing answers, if so: that of the first instance that is not well.
    pub reach: Reach,
    /// Its instances, as the environment lists them.
    pub instances: Vec<InstanceState>,
    /// Since when it is so.
    pub since: Timestamp,
    /// Whether what is shown is too old to trust.
    pub is_stale: bool,
    /// A service whose failure explains this one's, nearest to the root.
    pub impacted_by: Option<ServiceId>,
    /// Something odd about the answers, such as a code that contradicts the body.
    pub note: Option<String>,
}

impl ServiceState {
    /// Instances that work, be it badly, and all instances.
    pub fn instances_up(&self) -> (usize, usize) {
        let up = |it: &&InstanceState| matches!(it.health, Health::Up | Health::Degraded);
        (
            self.instances.iter().filter(up).count(),
            self.instances.len(),
        )
    }

    /// The slowest last answer of its instances, in milliseconds.
    pub fn latency_ms(&self) -> Option<f64> {
        self.instances
            .iter()
            .filter_map(|it| it.latency_ms)
            .max_by(f64::total_cmp)
    }
}

/// What was last seen of one breaker.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakerState {
    /// The service whose process told of it: the caller.
    pub from: ServiceId,
    /// What that process calls it.
    pub name: String,
    /// The dependency it protects; `None` if names did not tell, then it is listed apart.
    pub dependency: Option<DependencyId>,
    /// Its state, the worst over all instances.
    pub circuit: Circuit,
    /// Instances of the caller in which it is not closed, and all that told of it.
    pub instances_open: (usize, usize),
    /// Since when it is so.
    pub since: Timestamp,
    /// Whether the source said so.
    pub confidence: Confidence,
    /// Percent of failed calls in its window, where it is known.
    pub failure_rate_percent: Option<f64>,
    /// Calls in its window, where it is known.
    pub buffered_calls: Option<u32>,
    /// Calls it refused, where it is known.
    pub not_permitted_calls: Option<u64>,
    /// What the source adds in words: which limit is reached, which host is out.
    pub detail: String,
    /// Path and format it was read from.
    pub source: String,
    /// Whether it changed so often lately that its state says little.
    pub is_flapping: bool,
    /// Whether what is shown is too old to trust.
    pub is_stale: bool,
}

/// What a source tells of the calls along a dependency.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    /// Calls a second.
    pub rate_per_second: Option<f64>,
    /// The share of calls that failed, from 0 to 1; `None` without calls.
    pub error_share: Option<f64>,
    /// Milliseconds within which 95 of 100 calls were answered; `None` without calls.
    pub p95_ms: Option<f64>,
    /// Seconds over which these were taken.
    pub window_seconds: u64,
    /// The source that told, by the name it has in the environment.
    pub source: String,
    /// When it told so last.
    pub at: Timestamp,
    /// Whether that is too long ago to trust.
    pub is_stale: bool,
}

/// Calls that a source has seen and nobody drew.
#[derive(Debug, Clone, PartialEq)]
pub struct Undrawn {
    /// The caller, as the source calls it.
    pub from: String,
    /// The callee, as the source calls it.
    pub to: String,
    /// The caller in the design, if its name is known there.
    pub from_service: Option<ServiceId>,
    /// The callee in the design, if its name is known there.
    pub to_service: Option<ServiceId>,
    /// What is known of the calls.
    pub traffic: Traffic,
}

/// What was last seen of a program that tells of many services at once.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceState {
    /// The name it has in the environment.
    pub name: String,
    /// What it is, as people call it: `Consul`.
    pub title: String,
    /// Where it is.
    pub address: String,
    /// Whether it answers.
    pub reach: Reach,
    /// Why not, or what is odd about its answer: `filtered by ACLs`.
    pub note: Option<String>,
    /// When an answer last came.
    pub last_answer: Option<Timestamp>,
    /// Instances and calls it told of that the design knows, and all it told of.
    pub known: (usize, usize),
    /// Whether what it told is too old to trust.
    pub is_stale: bool,
    /// Whether its certificate is not checked.
    pub is_insecure: bool,
}

/// One cause that explains one or more failures.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Tells it from the others since polling began; counted from one. An incident that
    /// turns out to be a consequence goes on under the number of the oldest.
    pub id: u64,
    /// The services that are down with no hard dependency down.
    pub causes: Vec<ServiceId>,
    /// The services whose failure it explains, sorted.
    pub impacted: Vec<ServiceId>,
    /// How the failure spread the farthest: from a cause to what it hit last.
    pub path: Vec<ServiceId>,
    /// What needs a cause and works nevertheless, sorted: with `impacted` the blast radius.
    pub at_risk: Vec<ServiceId>,
    /// The routes that lead through a cause or what it explains.
    pub routes: Vec<RouteId>,
    /// When it began.
    pub since: Timestamp,
    /// When it ended; `None` while it lasts.
    pub until: Option<Timestamp>,
    /// What happened, in a sentence: `bank is not answering (connection refused)`.
    pub summary: String,
}

/// What changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A service's health.
    Health {
        /// The service.
        service: ServiceId,
        /// What it was.
        from: Health,
        /// What it is.
        to: Health,
    },
    /// A breaker's state.
    Circuit {
        /// The service whose process told of it.
        from_service: ServiceId,
        /// The dependency it protects, if that is known.
        dependency: Option<DependencyId>,
        /// What that process calls it.
        name: String,
        /// What it was.
        from: Circuit,
        /// What it is.
        to: Circuit,
    },
}

/// Something that changed, when and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// When it was seen.
    pub at: Timestamp,
    /// What changed.
    pub change: Change,
    /// Why, as far as the source says: `connection refused`, `HTTP 503`.
    pub cause: String,
}

/// What was last seen of everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// When it was published.
    pub at: Timestamp,
    /// When polling began.
    pub started: Timestamp,
    /// Every service that has a target. What did not change is shared with the snapshot
    /// before, so that ten thousand of them cost what a few hundred answers do.
    pub services: OrdMap<ServiceId, Arc<ServiceState>>,
    /// Every source of the environment, sorted by name.
    pub sources: Vec<SourceState>,
    /// What sources tell of the calls along each dependency.
    pub traffic: BTreeMap<DependencyId, Traffic>,
    /// Calls that sources have seen and nobody drew, sorted.
    pub undrawn: Vec<Undrawn>,
    /// Every breaker that was seen, sorted by caller and name.
    pub breakers: Vec<BreakerState>,
    /// Incidents, those that last first, then the newest.
    pub incidents: Vec<Incident>,
    /// What changed, oldest first; the newest few thousand.
    pub transitions: Arc<Vec<Transition>>,
    /// Whether this machine itself seems to be offline, so that nothing is judged.
    pub is_offline: bool,
    /// Answers a second, over the last ten seconds.
    pub polls_per_second: f64,
}
