//! What the settings of breakers say of each field, in their words.

use crate::export::fields::{Field, carries, lacks};

pub(super) const FIELDS: &[Field] = &[
    carries("service.technology", "which settings there are"),
    carries("dependency.from", "the file"),
    carries("dependency.to", "instances; a comment beside another name"),
    carries("dependency.protocol", "ignore-exceptions of HTTP"),
    carries("dependency.timeout_ms", "timeout-duration, ms or s"),
    carries(
        "dependency.retries.count",
        "max-attempts, with the first attempt",
    ),
    carries("dependency.retries.backoff_ms", "wait-duration, ms or s"),
    carries(
        "dependency.retries.max_backoff_ms",
        "exponential-max-wait-duration, ms or s",
    ),
    carries("dependency.retries.jitter", "enable-randomized-wait"),
    carries(
        "dependency.breaker.failure_rate_percent",
        "failure-rate-threshold, %",
    ),
    carries(
        "dependency.breaker.consecutive_failures",
        "sliding-window-size at 100 %; a comment beside a rate",
    ),
    carries("dependency.breaker.window_calls", "sliding-window-size"),
    carries(
        "dependency.breaker.window_ms",
        "sliding-window-size, s; a comment beside a window of calls",
    ),
    carries(
        "dependency.breaker.minimum_calls",
        "minimum-number-of-calls",
    ),
    carries(
        "dependency.breaker.slow_call_ms",
        "slow-call-duration-threshold, ms or s",
    ),
    carries(
        "dependency.breaker.slow_call_rate_percent",
        "slow-call-rate-threshold, %",
    ),
    carries(
        "dependency.breaker.open_ms",
        "wait-duration-in-open-state, ms or s",
    ),
    carries(
        "dependency.breaker.half_open_calls",
        "permitted-number-of-calls-in-half-open-state",
    ),
    carries("dependency.breaker.name", "instances"),
    carries("dependency.bulkhead", "max-concurrent-calls"),
    lacks(
        "dependency.fallback.description",
        "what a caller does instead is written in its code, not in settings",
    ),
];
