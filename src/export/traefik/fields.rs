//! What Traefik says of each field, in its words.

use crate::export::fields::{Field, carries, lacks};

const WINDOW: &str = "Traefik's window is its last ten seconds, however few calls they saw";

pub(super) const FIELDS: &[Field] = &[
    carries("service.ports.number", "entryPoints address"),
    carries(
        "dependency.timeout_ms",
        "responseHeaderTimeout, where the route says none; ms",
    ),
    carries(
        "dependency.retries.count",
        "retry attempts, with the first one",
    ),
    carries("dependency.retries.backoff_ms", "retry initialInterval, ms"),
    lacks(
        "dependency.retries.max_backoff_ms",
        "Traefik's waits grow to twice the first one and no further",
    ),
    lacks(
        "dependency.retries.jitter",
        "Traefik varies every wait by half, asked or not",
    ),
    carries(
        "dependency.breaker.failure_rate_percent",
        "circuitBreaker ResponseCodeRatio, a share of 1",
    ),
    lacks(
        "dependency.breaker.consecutive_failures",
        "Traefik counts a share of its answers, not failures in a row",
    ),
    lacks("dependency.breaker.window_calls", WINDOW),
    lacks("dependency.breaker.window_ms", WINDOW),
    lacks("dependency.breaker.minimum_calls", WINDOW),
    carries(
        "dependency.breaker.slow_call_ms",
        "circuitBreaker LatencyAtQuantileMS, ms",
    ),
    carries(
        "dependency.breaker.slow_call_rate_percent",
        "circuitBreaker LatencyAtQuantileMS, the quantile of the rest",
    ),
    carries(
        "dependency.breaker.open_ms",
        "circuitBreaker fallbackDuration and recoveryDuration, ms",
    ),
    lacks(
        "dependency.breaker.half_open_calls",
        "Traefik lets a growing share of the calls through, for as long again as it was open",
    ),
    carries("dependency.bulkhead", "inFlightReq amount"),
    lacks(
        "dependency.fallback.description",
        "Traefik answers 502, 503 or 504 itself and knows no other answer",
    ),
    carries("route.gateway", "the file"),
    carries("route.host", "Host or HostRegexp"),
    carries("route.path_prefix", "Path and PathPrefix"),
    carries("route.methods", "Method"),
    carries("route.service", "service"),
    carries("route.port", "servers url"),
    carries("route.strip_prefix", "stripPrefix"),
    carries("route.timeout_ms", "responseHeaderTimeout, ms"),
    carries(
        "route.body_limit_kib",
        "buffering maxRequestBodyBytes, bytes",
    ),
    carries(
        "route.rate_limit.requests_per_second",
        "rateLimit average, per second",
    ),
    carries(
        "route.rate_limit.burst",
        "rateLimit burst, with the request it is on top of",
    ),
    carries("route.authentication", "401 without credentials"),
    carries("route.cors.origins", "accessControlAllowOriginList"),
    carries("route.cors.credentials", "accessControlAllowCredentials"),
];
