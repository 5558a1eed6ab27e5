//! What Envoy says of each field, in its words.

use crate::export::fields::{Field, carries, lacks};

/// Why there is nothing about single calls.
const NO_CALLS: &str = "Envoy counts the calls of an interval, not the last so many";
const NO_SLOW: &str = "Envoy does not know slow calls, only those that time out";

pub(super) const FIELDS: &[Field] = &[
    carries("name", "node.cluster, a comment"),
    carries("service.ports.number", "listener address.port_value"),
    carries(
        "dependency.timeout_ms",
        "per_try_timeout with retries, route.timeout without; s",
    ),
    carries("dependency.retries.count", "retry_policy.num_retries"),
    carries(
        "dependency.retries.backoff_ms",
        "retry_back_off.base_interval, s",
    ),
    carries(
        "dependency.retries.max_backoff_ms",
        "retry_back_off.max_interval, s",
    ),
    lacks(
        "dependency.retries.jitter",
        "Envoy draws every wait at random, whether that is drawn or not",
    ),
    carries(
        "dependency.breaker.failure_rate_percent",
        "outlier_detection.failure_percentage_threshold, whole %",
    ),
    carries(
        "dependency.breaker.consecutive_failures",
        "outlier_detection.consecutive_5xx",
    ),
    lacks("dependency.breaker.window_calls", NO_CALLS),
    carries(
        "dependency.breaker.window_ms",
        "outlier_detection.interval, s",
    ),
    carries(
        "dependency.breaker.minimum_calls",
        "outlier_detection.failure_percentage_request_volume",
    ),
    lacks("dependency.breaker.slow_call_ms", NO_SLOW),
    lacks("dependency.breaker.slow_call_rate_percent", NO_SLOW),
    carries(
        "dependency.breaker.open_ms",
        "outlier_detection.base_ejection_time, s",
    ),
    lacks(
        "dependency.breaker.half_open_calls",
        "Envoy has no half-open state, an ejected replica comes back with full traffic",
    ),
    carries(
        "dependency.bulkhead",
        "circuit_breakers max_connections, max_requests, max_pending_requests",
    ),
    lacks(
        "dependency.fallback.description",
        "Envoy answers 503 or 504 itself and knows no other answer",
    ),
    carries("route.gateway", "the file"),
    carries("route.host", "virtual_hosts.domains"),
    carries("route.path_prefix", "match.path_separated_prefix"),
    carries("route.methods", "match.headers :method"),
    carries("route.service", "route.cluster"),
    carries("route.port", "endpoint address.port_value"),
    carries("route.strip_prefix", "regex_rewrite"),
    carries("route.timeout_ms", "route.timeout, s"),
    carries("route.body_limit_kib", "buffer max_request_bytes, bytes"),
    carries(
        "route.rate_limit.requests_per_second",
        "token_bucket.tokens_per_fill, each second",
    ),
    carries(
        "route.rate_limit.burst",
        "token_bucket.max_tokens, with the first request",
    ),
    carries("route.authentication", "401 without credentials"),
    carries("route.cors.origins", "allow_origin_string_match"),
    carries("route.cors.credentials", "allow_credentials"),
];
