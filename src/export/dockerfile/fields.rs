//! What a Dockerfile says of each field, in its words.

use crate::export::fields::{Field, carries};

pub(super) const FIELDS: &[Field] = &[
    carries("service.technology", "FROM and every stage"),
    carries("service.ports.number", "EXPOSE"),
    carries("service.health.path", "HEALTHCHECK CMD"),
    carries("service.health.port", "HEALTHCHECK CMD"),
    carries("service.health.command", "HEALTHCHECK CMD"),
    carries("service.health.interval_ms", "HEALTHCHECK --interval, s"),
    carries("service.health.timeout_ms", "HEALTHCHECK --timeout, s"),
    carries("service.health.retries", "HEALTHCHECK --retries"),
    carries(
        "service.health.start_period_ms",
        "HEALTHCHECK --start-period, s",
    ),
];
