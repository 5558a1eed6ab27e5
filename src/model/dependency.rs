//! A dependency: one service needs another, and what protects it if that fails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ServiceId, Unknown};

/// Whether the caller waits for the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The caller waits.
    #[default]
    Sync,
    /// The caller goes on.
    Async,
}

/// What the caller does with the other side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Calls an operation.
    #[default]
    Call,
    /// Reads data.
    Read,
    /// Writes data, and may read it.
    Write,
    /// Sends messages.
    Publish,
    /// Receives messages.
    Consume,
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// HTTP, with or without TLS.
    Http,
    /// gRPC.
    Grpc,
    /// A database's own protocol.
    Sql,
    /// Redis.
    Redis,
    /// AMQP 0-9-1 or 1.0.
    Amqp,
    /// Kafka.
    Kafka,
    /// NATS.
    Nats,
    /// Anything else over TCP.
    Tcp,
}

/// One service needs another. An absent attribute is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Dependency {
    /// Who needs.
    #[schemars(with = "String")]
    pub from: ServiceId,
    /// Who is needed.
    #[schemars(with = "String")]
    pub to: ServiceId,
    /// Whether the caller waits.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: Mode,
    /// What the caller does there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub access: Access,
    /// What is spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// The operation that is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operation: String,
    /// What it is for, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether the caller fails without it; absent means: by mode and fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hard: Option<bool>,
    /// Calls for one request of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_per_request: Option<f64>,
    /// Whether doing it twice is the same as once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent: Option<bool>,
    /// Whether the address is found at run time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dynamic_discovery: Option<bool>,
    /// Milliseconds within which 99 % of answers come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<u64>,
    /// Milliseconds after which one attempt is given up; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Further attempts after a failed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<Retries>,
    /// Stops calling what keeps failing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// Calls that may be under way at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulkhead: Option<u32>,
    /// What the caller does instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// Where an import saw it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Imported settings that are not modelled.
    #[serde(default, skip_serializing_if = "Unknown::is_empty")]
    pub extra: Unknown,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

impl Dependency {
    /// A synchronous call of which nothing else is said.
    pub fn new(from: ServiceId, to: ServiceId) -> Self {
        Self {
            from,
            to,
            mode: Mode::Sync,
            access: Access::Call,
            protocol: None,
            operation: String::new(),
            description: String::new(),
            hard: None,
            calls_per_request: None,
            idempotent: None,
            dynamic_discovery: None,
            p99_ms: None,
            timeout_ms: None,
            retries: None,
            breaker: None,
            bulkhead: None,
            fallback: None,
            evidence: Vec::new(),
            extra: Unknown::new(),
            unknown: Unknown::new(),
        }
    }

    /// Whether the caller fails when this fails: as said, or else synchronous
    /// without a fallback.
    pub fn is_hard(&self) -> bool {
        self.hard
            .unwrap_or(self.mode == Mode::Sync && self.fallback.is_none())
    }

    /// Attempts of one call: the first and its retries.
    pub fn attempts(&self) -> u32 {
        self.retries
            .as_ref()
            .map_or(1, |it| it.count.saturating_add(1))
    }

    /// Milliseconds one call may take at worst, all attempts and waits included;
    /// `None` without a timeout, because then there is no bound.
    pub fn worst_case_ms(&self) -> Option<u64> {
        self.timeout_ms.map(|it| self.worst_case_within_ms(it))
    }

    /// Milliseconds one call may take at worst if each attempt is given up after
    /// `timeout_ms`, all attempts and waits included.
    pub fn worst_case_within_ms(&self, timeout_ms: u64) -> u64 {
        let backoff = self.retries.as_ref().map_or(0, worst_case_backoff_ms);
        timeout_ms
            .saturating_mul(u64::from(self.attempts()))
            .saturating_add(backoff)
    }
}

/// Further attempts after a failed one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Retries {
    /// How many, not counting the first attempt.
    pub count: u32,
    /// Milliseconds before the first retry; each further wait is twice as long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff_ms: Option<u64>,
    /// The longest wait, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_backoff_ms: Option<u64>,
    /// Whether waits are randomised (only ever shortened: "full jitter").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<bool>,
}

/// Milliseconds all waits between the attempts take at worst: the backoff doubles
/// with each retry, up to its maximum, and jitter only shortens it.
pub fn worst_case_backoff_ms(retries: &Retries) -> u64 {
    let base = retries.backoff_ms.unwrap_or(0);
    let cap = retries.max_backoff_ms.unwrap_or(u64::MAX);
    let mut wait = base.min(cap);
    let mut total: u64 = 0;
    // Past 64 doublings every wait is at its cap or the sum is saturated.
    let doublings = retries.count.min(64);
    for _ in 0..doublings {
        total = total.saturating_add(wait);
        wait = wait.saturating_mul(2).min(cap);
    }
    total.saturating_add(wait.saturating_mul(u64::from(retries.count - doublings)))
}

/// Stops calling what keeps failing. It trips on a failure rate over a window, or
/// on failures in a row; one that says neither only says that there is a breaker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Breaker {
    /// Percent of failed calls in the window that opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub failure_rate_percent: Option<f64>,
    /// Failures in a row that open it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consecutive_failures: Option<u32>,
    /// The last so many calls count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_calls: Option<u32>,
    /// The calls of the last so many milliseconds count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_ms: Option<u64>,
    /// Fewer calls than this in the window never open it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_calls: Option<u32>,
    /// A call is slow from so many milliseconds on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow_call_ms: Option<u64>,
    /// Percent of slow calls in the window that opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub slow_call_rate_percent: Option<f64>,
    /// Milliseconds it stays open before it tries again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_ms: Option<u64>,
    /// Trial calls while half-open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_open_calls: Option<u32>,
    /// What the caller's process calls it, where that differs from the target's id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

impl Breaker {
    /// What Meshboard offers: half of 20 calls failed, from 10 calls on, open for
    /// 30 s, 3 trials. Ours; close to Resilience4j's defaults (50 %, 100 calls, 60 s, 10),
    /// scaled to the traffic of one replica of a small system.
    pub fn recommended() -> Self {
        Self {
            failure_rate_percent: Some(50.0),
            window_calls: Some(20),
            minimum_calls: Some(10),
            open_ms: Some(30_000),
            half_open_calls: Some(3),
            ..Self::default()
        }
    }
}

/// What a caller does when the other side fails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Fallback {
    /// In words, such as `answer from the cache`.
    pub description: String,
}

/// Where an import saw a dependency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Evidence {
    /// File name, without the folder it lay in.
    pub file: String,
    /// Line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What was seen, such as `BANK_URL`.
    pub text: String,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::{Retries, worst_case_backoff_ms};

    #[test]
    fn backoff_doubles_up_to_its_maximum() {
        let total = |count, backoff_ms, max_backoff_ms| {
            worst_case_backoff_ms(&Retries {
                count,
                backoff_ms,
                max_backoff_ms,
                jitter: None,
            })
        };
        assert_eq!(total(0, Some(200), None), 0);
        assert_eq!(total(2, Some(200), None), 600);
        assert_eq!(total(4, Some(200), Some(500)), 200 + 400 + 500 + 500);
        assert_eq!(total(3, None, None), 0);
        assert_eq!(total(u32::MAX, Some(u64::MAX), None), u64::MAX);
    }
}
