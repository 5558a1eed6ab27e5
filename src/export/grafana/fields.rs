//! What Grafana says of each field, in its words.

use crate::export::fields::{Field, carries};

pub(super) const FIELDS: &[Field] = &[
    carries("name", "title"),
    carries("service.boundary", "a panel each"),
    carries("service.slo_percent", "burn rates"),
    carries("service.resources.cpu_millis", "processor of its limit"),
    carries("service.resources.memory_mib", "memory of its limit"),
    carries("dependency.from", "a row of the breakers"),
    carries("dependency.to", "a row of the breakers"),
    carries("dependency.breaker.name", "label name of a breaker"),
    carries("route.gateway", "a panel each"),
    carries("route.service", "a line behind its gateway"),
];
