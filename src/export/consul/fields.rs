//! What Consul says of each field, in its words.

use crate::export::fields::{Field, carries, lacks};

const NO_SHARE: &str = "Consul counts failures of a replica in a row, not a share of its calls";
const NO_RETRY: &str =
    "Consul keeps retries with the one who is called, for all callers: their own code tries again";

pub(super) const FIELDS: &[Field] = &[
    carries("name", "agent's node_name"),
    carries("boundary.name", "meta boundary_name"),
    carries("boundary.team", "meta team"),
    carries("service.name", "meta title"),
    carries("service.kind", "whether it is registered; meta kind"),
    carries("service.boundary", "tag, meta boundary"),
    carries("service.description", "meta description, up to 512 bytes"),
    carries("service.owner", "meta owner"),
    carries("service.technology", "tag, meta technology"),
    carries("service.ports.number", "port"),
    carries("service.ports.protocol", "service-defaults Protocol"),
    carries("service.replicas", "weights passing"),
    carries("service.health.path", "check http"),
    carries("service.health.port", "check http"),
    carries("service.health.interval_ms", "check interval, at least 1s"),
    carries("service.health.timeout_ms", "check timeout"),
    carries("service.health.retries", "check failures_before_critical"),
    lacks(
        "service.health.start_period_ms",
        "for Consul a service is critical until its first check passes, however long it takes",
    ),
    carries("service.metrics_path", "meta metrics_path"),
    carries("service.slo_percent", "meta slo_percent"),
    carries("service.criticality", "tag, meta criticality"),
    carries("dependency.from", "service-intentions Sources"),
    carries("dependency.to", "service-intentions, upstreams"),
    carries(
        "dependency.description",
        "service-intentions Sources Description, up to 512 bytes",
    ),
    carries(
        "dependency.timeout_ms",
        "service-resolver RequestTimeout, the longest of all callers",
    ),
    lacks("dependency.retries.count", NO_RETRY),
    lacks("dependency.retries.backoff_ms", NO_RETRY),
    lacks("dependency.retries.max_backoff_ms", NO_RETRY),
    lacks("dependency.retries.jitter", NO_RETRY),
    lacks("dependency.breaker.failure_rate_percent", NO_SHARE),
    carries(
        "dependency.breaker.consecutive_failures",
        "UpstreamConfig PassiveHealthCheck MaxFailures",
    ),
    lacks("dependency.breaker.window_calls", NO_SHARE),
    lacks("dependency.breaker.window_ms", NO_SHARE),
    lacks("dependency.breaker.minimum_calls", NO_SHARE),
    carries(
        "dependency.breaker.open_ms",
        "UpstreamConfig PassiveHealthCheck BaseEjectionTime",
    ),
    lacks(
        "dependency.breaker.half_open_calls",
        "a sidecar has no half-open state, a replica that is back gets its full share of calls",
    ),
    carries(
        "dependency.bulkhead",
        "UpstreamConfig Limits MaxConcurrentRequests, MaxConnections, MaxPendingRequests",
    ),
    carries("route.gateway", "service-intentions Sources"),
];
