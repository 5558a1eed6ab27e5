//! What the logs say of each field, in their words.

use crate::export::fields::{Field, carries};

pub(super) const FIELDS: &[Field] = &[
    carries("name", "data_stream.dataset, pipeline.id"),
    carries("boundary.team", "labels.team"),
    carries("service.boundary", "labels.boundary"),
    carries("service.owner", "labels.team"),
    carries("service.log_format", "which lines must be JSON"),
];
