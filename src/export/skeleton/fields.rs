//! What a skeleton says of each field, in its words. The numbers of calls stand in the
//! environment, where the container's file says them.

use crate::export::fields::{Field, carries};

pub(super) const FIELDS: &[Field] = &[
    carries("service.name", "the title of the operations' description"),
    carries("service.kind", "a server, or a job that ends"),
    carries("service.description", "the operations' description"),
    carries("service.technology", "the language and its files"),
    carries("service.operations.name", "the route's summary"),
    carries("service.operations.method", "the route's method"),
    carries("service.operations.path", "the route's path"),
    carries("service.operations.kind", "the route's tag"),
    carries("service.health.path", "the route of the health check"),
    carries("service.metrics_path", "the route of the metrics"),
    carries("dependency.from", "whose client it is"),
    carries("dependency.to", "the client's name and its variables"),
    carries(
        "dependency.protocol",
        "an HTTP client, or the variables of another",
    ),
    carries(
        "dependency.operation",
        "what a call asks for: its words, method and path",
    ),
    carries("dependency.hard", "whether the service is ready without it"),
    carries("dependency.idempotent", "whether a call is repeated"),
    carries(
        "dependency.fallback.description",
        "what is answered instead",
    ),
];
