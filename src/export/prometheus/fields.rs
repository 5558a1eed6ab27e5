//! What Prometheus says of each field, in its words.

use crate::export::fields::{Field, carries, lacks};

pub(super) const FIELDS: &[Field] = &[
    carries("name", "external_labels.system"),
    carries("boundary.team", "label team"),
    carries("service.boundary", "label boundary"),
    carries("service.owner", "label team"),
    carries("service.ports.number", "targets"),
    carries("service.metrics_path", "metrics_path"),
    carries(
        "service.replicas",
        "dns_sd_configs, service:drawn_replicas:count",
    ),
    carries(
        "service.resources.cpu_millis",
        "service:drawn_cpu_limit:cores",
    ),
    carries(
        "service.resources.memory_mib",
        "service:drawn_memory_limit:bytes",
    ),
    carries(
        "service.slo_percent",
        "service:drawn_errors_allowed:ratio, burn rates",
    ),
    lacks(
        "service.availability_percent",
        "what a replica does by itself cannot be told from what its callers see",
    ),
    carries("dependency.from", "label service of a breaker"),
    carries("dependency.to", "label target of a breaker"),
    carries("dependency.p99_ms", "service:drawn_p99:seconds, s"),
    carries("dependency.timeout_ms", "service:drawn_timeout:seconds, s"),
    carries("dependency.breaker.name", "label name of a breaker"),
    lacks(
        "dependency.bulkhead",
        "no number says how many calls are under way, only how many were refused",
    ),
];
