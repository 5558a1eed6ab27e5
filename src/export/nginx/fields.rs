//! What nginx says of each field, in its words.

use crate::export::fields::{Field, carries, lacks};

pub(super) const FIELDS: &[Field] = &[
    carries("service.ports.number", "listen"),
    carries(
        "dependency.timeout_ms",
        "proxy_read_timeout, where the route is not shorter; ms",
    ),
    carries(
        "dependency.retries.count",
        "proxy_next_upstream_tries, with the first attempt",
    ),
    lacks(
        "dependency.retries.backoff_ms",
        "nginx tries the next replica at once, and waits for nothing",
    ),
    lacks(
        "dependency.retries.max_backoff_ms",
        "nginx tries the next replica at once, and waits for nothing",
    ),
    lacks(
        "dependency.retries.jitter",
        "nginx tries the next replica at once, and waits for nothing",
    ),
    lacks(
        "dependency.breaker.failure_rate_percent",
        "nginx counts failures of a replica, not a share of its calls",
    ),
    carries("dependency.breaker.consecutive_failures", "max_fails"),
    lacks(
        "dependency.breaker.window_calls",
        "nginx counts failures of a replica, not a share of its calls",
    ),
    lacks(
        "dependency.breaker.window_ms",
        "fail_timeout is the window and the time a replica is left aside in one",
    ),
    lacks(
        "dependency.breaker.minimum_calls",
        "nginx counts failures of a replica, not a share of its calls",
    ),
    lacks(
        "dependency.breaker.slow_call_ms",
        "nginx does not know slow calls, only those that time out",
    ),
    lacks(
        "dependency.breaker.slow_call_rate_percent",
        "nginx does not know slow calls, only those that time out",
    ),
    carries(
        "dependency.breaker.open_ms",
        "fail_timeout, rounded up to seconds",
    ),
    lacks(
        "dependency.breaker.half_open_calls",
        "nginx has no half-open state, it asks the replica again with full traffic",
    ),
    carries("dependency.bulkhead", "max_conns"),
    lacks(
        "dependency.fallback.description",
        "nginx answers 502 or 504 itself and knows no other answer",
    ),
    carries("route.gateway", "the file"),
    carries("route.host", "server_name"),
    carries("route.path_prefix", "location"),
    carries("route.methods", "if ($request_method …)"),
    carries("route.service", "proxy_pass"),
    carries("route.port", "upstream server"),
    carries("route.strip_prefix", "rewrite"),
    carries(
        "route.timeout_ms",
        "proxy_next_upstream_timeout, and proxy_read_timeout at most; ms",
    ),
    carries("route.body_limit_kib", "client_max_body_size, k"),
    carries(
        "route.rate_limit.requests_per_second",
        "limit_req_zone rate, r/s",
    ),
    carries("route.rate_limit.burst", "limit_req burst"),
    carries("route.authentication", "401 without credentials"),
    carries("route.cors.origins", "map $http_origin"),
    carries("route.cors.credentials", "Access-Control-Allow-Credentials"),
];
