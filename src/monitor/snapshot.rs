//! What was last seen of everything, as one immutable value.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use crate::model::{DependencyId, RouteId, ServiceId};

/// Whether an answer came, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// An answer came and was understood.
    Ok,
    /// The host's name leads nowhere.
    NameUnknown,
    /// Nobody listens there.
    Refused,
    /// No answer came in time.
    TimedOut,
    /// The encrypted connection failed.
    TlsFailed,
    /// The connection broke off.
    Reset,
    /// 401 or 403: who asks is not allowed to.
    AuthDenied,
    /// 404: there is nothing at this path.
    NotFound,
    /// The answer was longer than the limit.
    TooLarge,
    /// The answer made no sense.
    Unparseable,
    /// It leads where polling is not allowed: a metadata address, another host by redirect.
    Blocked,
}

impl Reach {
    /// What people call it, to follow a comma or to stand in parentheses.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ok => "answers",
            Self::NameUnknown => "name unknown",
            Self::Refused => "connection refused",
            Self::TimedOut => "no answer in time",
            Self::TlsFailed => "encrypted connection failed",
            Self::Reset => "connection broke off",
            Self::AuthDenied => "access denied",
            Self::NotFound => "nothing at this path",
            Self::TooLarge => "answer too long",
            Self::Unparseable => "answer makes no sense",
            Self::Blocked => "address not allowed",
        }
    }

    /// Whether no answer came at all.
    pub fn is_network_error(self) -> bool {
        matches!(
            self,
            Self::NameUnknown | Self::Refused | Self::TimedOut | Self::TlsFailed | Self::Reset
        )
    }
}

/// How well a service says, or seems, to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Health {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// Well.
    Up,
    /// Works, but not as it should.
    Degraded,
    /// Does not work.
    Down,
    /// Taken out by an operator.
    OutOfService,
    /// Not yet.
    Starting,
}

impl Health {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::OutOfService => "out of service",
            Self::Starting => "starting",
        }
    }

    /// Whether it does not work: down, or taken out.
    pub fn is_failing(self) -> bool {
        matches!(self, Self::Down | Self::OutOfService)
    }
}

/// The state of a circuit breaker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Circuit {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// A few calls pass on trial.
    HalfOpen,
    /// Calls are refused because an operator said so.
    ForcedOpen,
    /// Calls pass and nothing protects them.
    Disabled,
    /// Calls pass, nothing protects them, but they are counted.
    MetricsOnly,
    /// Open or half-open; the source does not say which.
    NotClosed,
    /// A proxy has taken this many of so many hosts out.
    Ejected {
        /// Taken out.
        count: u32,
        /// Of so many.
        of: u32,
    },
    /// A proxy's limit of concurrent calls is reached now.
    Overflow,
}

impl Circuit {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
            Self::ForcedOpen => "forced open",
            Self::Disabled => "disabled",
            Self::MetricsOnly => "metrics only",
            Self::NotClosed => "not closed",
            Self::Ejected { .. } => "hosts ejected",
            Self::Overflow => "overflow",
        }
    }

    /// Whether it refuses calls, or lets only some pass.
    pub fn is_tripped(self) -> bool {
        match self {
            Self::Open
            | Self::HalfOpen
            | Self::ForcedOpen
            | Self::NotClosed
            | Self::Overflow
            | Self::Ejected { .. } => true,
            Self::Unknown | Self::Closed | Self::Disabled | Self::MetricsOnly => false,
        }
    }

    /// How bad it is: the worst of several instances has the greatest.
    pub fn severity(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Closed => 1,
            Self::MetricsOnly => 2,
            Self::Disabled => 3,
            Self::Overflow => 4,
            Self::HalfOpen => 5,
            Self::Ejected { .. } => 6,
            Self::NotClosed => 7,
            Self::Open => 8,
            Self::ForcedOpen => 9,
        }
    }
}

/// Whether a source said so, or it follows from what it said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Confidence {
    /// The source said so.
    #[default]
    Reported,
    /// It follows from what the source said.
    Inferred,
}

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
    /// Path and format it was read from.
    pub source: String,
    /// Whether it changed so often lately that its state says little.
    pub is_flapping: bool,
    /// Whether what is shown is too old to trust.
    pub is_stale: bool,
}

/// One cause that explains one or more failures.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// The services that are down with no hard dependency down.
    pub causes: Vec<ServiceId>,
    /// The services whose failure it explains, sorted.
    pub impacted: Vec<ServiceId>,
    /// The routes that lead through any of these.
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
    /// Every service that has a target.
    pub services: BTreeMap<ServiceId, ServiceState>,
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
