//! What Caddy says of each field, in its words.

use crate::export::fields::{Field, carries, lacks};

const WAITS: &str = "Caddy waits the same time before every retry";
const SHARES: &str = "Caddy counts failures within a time, not a share of the calls";
const NO_RATE: &str = "stock Caddy has no rate limit, only a module that has to be built in";

pub(super) const FIELDS: &[Field] = &[
    carries("service.ports.number", "the site's port"),
    carries(
        "dependency.timeout_ms",
        "response_header_timeout, where the route says none; ms",
    ),
    carries("dependency.retries.count", "lb_retries"),
    carries("dependency.retries.backoff_ms", "lb_try_interval, ms"),
    lacks("dependency.retries.max_backoff_ms", WAITS),
    lacks("dependency.retries.jitter", WAITS),
    lacks("dependency.breaker.failure_rate_percent", SHARES),
    carries("dependency.breaker.consecutive_failures", "max_fails"),
    lacks("dependency.breaker.window_calls", SHARES),
    lacks(
        "dependency.breaker.window_ms",
        "fail_duration is the window and the time calls are turned away in one",
    ),
    lacks("dependency.breaker.minimum_calls", SHARES),
    carries("dependency.breaker.slow_call_ms", "unhealthy_latency, ms"),
    lacks(
        "dependency.breaker.slow_call_rate_percent",
        "to Caddy each slow call is a failure",
    ),
    carries("dependency.breaker.open_ms", "fail_duration, ms"),
    lacks(
        "dependency.breaker.half_open_calls",
        "Caddy has no half-open state, it asks again with full traffic as failures are forgotten one by one",
    ),
    carries("dependency.bulkhead", "unhealthy_request_count"),
    lacks(
        "dependency.fallback.description",
        "Caddy answers 502, 503 or 504 itself and knows no other answer",
    ),
    carries("route.gateway", "the file"),
    carries("route.host", "the site's address"),
    carries("route.path_prefix", "path_regexp"),
    carries("route.methods", "method"),
    carries("route.service", "reverse_proxy"),
    carries("route.port", "reverse_proxy"),
    carries("route.strip_prefix", "uri strip_prefix"),
    carries("route.timeout_ms", "response_header_timeout, ms"),
    carries("route.body_limit_kib", "request_body max_size, KiB"),
    lacks("route.rate_limit.requests_per_second", NO_RATE),
    lacks("route.rate_limit.burst", NO_RATE),
    carries("route.authentication", "401 without credentials"),
    carries("route.cors.origins", "header Origin"),
    carries("route.cors.credentials", "Access-Control-Allow-Credentials"),
];
