//! What a pipeline says of each field, in its words.

use crate::export::fields::{Field, carries};

pub(super) const FIELDS: &[Field] = &[
    carries("name", "the images' names"),
    carries("ci", "the file"),
    carries("service.technology", "test-…, check-…"),
    carries("service.kind", "parallel.matrix"),
    carries("route.gateway", "the hosts of the configuration's check"),
    carries("route.service", "the hosts of the configuration's check"),
];
