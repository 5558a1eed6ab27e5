//! What HAProxy says of each field, in its words.

use crate::export::fields::{Field, carries, lacks};

const NO_BACKOFF: &str =
    "HAProxy tries again at once, or up to a second later where a connection was refused";
const NO_SHARE: &str = "HAProxy counts failures of a replica in a row, not a share of its calls";
const NO_SLOW: &str = "HAProxy does not know slow calls, only those that time out";

pub(super) const FIELDS: &[Field] = &[
    carries("name", "comment"),
    carries("service.ports.number", "bind"),
    carries(
        "dependency.timeout_ms",
        "timeout server, where the route says none; ms",
    ),
    carries("dependency.retries.count", "retries"),
    lacks("dependency.retries.backoff_ms", NO_BACKOFF),
    lacks("dependency.retries.max_backoff_ms", NO_BACKOFF),
    lacks("dependency.retries.jitter", NO_BACKOFF),
    lacks("dependency.breaker.failure_rate_percent", NO_SHARE),
    carries(
        "dependency.breaker.consecutive_failures",
        "server error-limit",
    ),
    lacks("dependency.breaker.window_calls", NO_SHARE),
    lacks("dependency.breaker.window_ms", NO_SHARE),
    lacks("dependency.breaker.minimum_calls", NO_SHARE),
    lacks("dependency.breaker.slow_call_ms", NO_SLOW),
    lacks("dependency.breaker.slow_call_rate_percent", NO_SLOW),
    carries(
        "dependency.breaker.open_ms",
        "server rise, as many checks as take that long, and one",
    ),
    lacks(
        "dependency.breaker.half_open_calls",
        "HAProxy has no half-open state, its own checks decide and then all calls come back",
    ),
    carries("dependency.bulkhead", "be_conn, and server maxconn"),
    lacks(
        "dependency.fallback.description",
        "HAProxy answers 502, 503 or 504 itself and knows no other answer",
    ),
    carries("route.gateway", "the file"),
    carries("route.host", "acl on the Host header"),
    carries("route.path_prefix", "acl on the path"),
    carries("route.methods", "acl method"),
    carries("route.service", "use_backend"),
    carries("route.port", "server address"),
    carries("route.strip_prefix", "http-request replace-path"),
    carries("route.timeout_ms", "http-request set-timeout server, ms"),
    carries("route.body_limit_kib", "req.body_size, bytes"),
    carries(
        "route.rate_limit.requests_per_second",
        "gpc0_rate, with the burst over as long as both take, ms",
    ),
    carries("route.rate_limit.burst", "sc_gpc0_rate"),
    carries("route.authentication", "401 without credentials"),
    carries("route.cors.origins", "acl on the Origin header"),
    carries("route.cors.credentials", "Access-Control-Allow-Credentials"),
];
