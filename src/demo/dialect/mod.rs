//! The wire formats in which the demo's services tell of themselves.
//!
//! Pure: a [`Report`] becomes an [`Answer`]. Each format is one that a real library
//! writes, with its own words, codes and content type, so that watching the demo
//! takes the same paths as watching a real system.

mod breakers;
mod health;
mod metrics;
mod spring;

pub(super) use breakers::breakers;
pub(super) use health::health;
pub(super) use metrics::metrics;

use super::breaker::{Counts, Settings, State};

/// How a service tells of its health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HealthDialect {
    /// A JSON object with a `status` in words, as small services write it by hand.
    Words,
    /// The text `ok`.
    Ok,
    /// The text `Healthy`, `Degraded` or `Unhealthy`, as ASP.NET Core does.
    PlainWord,
    /// Spring Boot's actuator.
    Spring,
    /// `application/health+json`, draft-inadarei-api-health-check.
    HealthJson,
    /// hellofresh/health-go.
    Hellofresh,
    /// alexliesenfeld/health for Go.
    Detailed,
    /// Kubernetes' `[+]ping ok` lines.
    Verbose,
    /// `MicroProfile` Health.
    MicroProfile,
    /// `@godaddy/terminus` for Node.
    Terminus,
}

/// How a service tells of its breakers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BreakerDialect {
    /// It has none, or does not tell.
    None,
    /// `/actuator/circuitbreakers`, Resilience4j.
    Resilience4j,
    /// `/breakers`: a list with a `state` in words, from Python's circuitbreaker.
    Words,
    /// `/breakers`: a list of what opossum's `toJSON` gives.
    Opossum,
    /// `/metrics`: an `OpenMetrics` state set.
    StateSet,
}

/// How well something is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// Well.
    #[default]
    Up,
    /// Works, but not as it should.
    Degraded,
    /// Does not work.
    Down,
}

impl Condition {
    /// As it stands in the demo's transitions.
    pub fn label(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

/// What a service knows of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Report {
    /// The service.
    pub(super) service: String,
    /// How well it is.
    pub(super) condition: Condition,
    /// What it looked at, one by one.
    pub(super) checks: Vec<Check>,
    /// Its breakers.
    pub(super) breakers: Vec<BreakerReport>,
    /// Requests it answered well, and those it did not.
    pub(super) requests: (u64, u64),
    /// When this was, as RFC 3339.
    pub(super) time: String,
}

/// One thing a service looked at.
#[derive(Debug, Clone)]
pub(super) struct Check {
    /// What.
    pub(super) name: String,
    /// How well that is.
    pub(super) condition: Condition,
    /// What was found; empty if there is nothing to say.
    pub(super) output: String,
}

/// What a service knows of one of its breakers.
#[derive(Debug, Clone)]
pub(super) struct BreakerReport {
    /// What the service calls it.
    pub(super) name: String,
    /// Its state.
    pub(super) state: State,
    /// What it has counted.
    pub(super) counts: Counts,
    /// How it was set up.
    pub(super) settings: Settings,
}

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status code.
    pub(super) code: u16,
    /// The content type.
    pub(super) content_type: &'static str,
    /// The body.
    pub(super) body: String,
}

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

impl Answer {
    fn json(code: u16, body: &serde_json::Value) -> Self {
        Self {
            code,
            content_type: JSON,
            body: body.to_string(),
        }
    }

    fn text(code: u16, body: String) -> Self {
        Self {
            code,
            content_type: TEXT,
            body,
        }
    }
}

/// 200, or 503 for what is down.
fn code_of(condition: Condition) -> u16 {
    match condition {
        Condition::Up | Condition::Degraded => 200,
        Condition::Down => 503,
    }
}

#[cfg(test)]
mod testing {
    use std::time::Duration;

    use super::{BreakerReport, Check, Condition, Counts, Report, Settings, State};

    /// A service with one check and one breaker.
    pub(in crate::demo) fn report(condition: Condition, state: State) -> Report {
        Report {
            service: "payments".to_owned(),
            condition,
            checks: vec![Check {
                name: "bank".to_owned(),
                condition,
                output: "3 calls failed".to_owned(),
            }],
            breakers: vec![BreakerReport {
                name: "bank".to_owned(),
                state,
                counts: Counts {
                    buffered: 10,
                    failed: 6,
                    failure_rate_percent: Some(60.0),
                    not_permitted: 7,
                },
                settings: Settings {
                    failure_rate_percent: 50.0,
                    window_calls: 10,
                    minimum_calls: 5,
                    open_for: Duration::from_secs(6),
                    half_open_calls: 3,
                },
            }],
            requests: (41, 6),
            time: "2027-03-31T09:30:00Z".to_owned(),
        }
    }
}
