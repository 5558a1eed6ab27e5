//! The names that a line of a log may say things under: those of the Elastic Common
//! Schema, each with what Elasticsearch keeps it as. The pipeline takes these over and
//! the index template maps them, both from this table.

/// Names that lines say, and their types.
pub(super) const SAID: &[(&str, &str)] = &[
    ("client.address", "keyword"),
    ("client.ip", "ip"),
    ("destination.address", "keyword"),
    ("error.message", "match_only_text"),
    ("error.stack_trace", "wildcard"),
    ("error.type", "keyword"),
    ("event.duration", "long"),
    ("http.request.body.bytes", "long"),
    ("http.request.bytes", "long"),
    ("http.request.id", "keyword"),
    ("http.request.method", "keyword"),
    ("http.response.body.bytes", "long"),
    ("http.response.bytes", "long"),
    ("http.response.status_code", "long"),
    ("http.version", "keyword"),
    ("log.level", "keyword"),
    ("log.logger", "keyword"),
    ("message", "match_only_text"),
    ("process.pid", "long"),
    ("process.thread.name", "keyword"),
    ("service.version", "keyword"),
    ("span.id", "keyword"),
    ("trace.id", "keyword"),
    ("transaction.id", "keyword"),
    ("url.domain", "keyword"),
    ("url.path", "wildcard"),
    ("user_agent.original", "keyword"),
];

/// Names that the pipeline itself sets, and their types.
pub(super) const SET: &[(&str, &str)] = &[
    ("@timestamp", "date"),
    ("app", "flattened"),
    ("container.id", "keyword"),
    ("data_stream.dataset", "constant_keyword"),
    ("data_stream.namespace", "constant_keyword"),
    ("data_stream.type", "constant_keyword"),
    ("ecs.version", "keyword"),
    ("event.dataset", "keyword"),
    ("event.outcome", "keyword"),
    ("host.name", "keyword"),
    ("labels.boundary", "keyword"),
    ("labels.team", "keyword"),
    ("service.name", "keyword"),
    ("stream", "keyword"),
    ("tags", "keyword"),
];

/// The version of the schema that these names are from.
pub(super) const VERSION: &str = "8.11.0";

/// `http.request.id` as the pipeline refers to it: `[http][request][id]`.
pub(super) fn reference(path: &str) -> String {
    format!("[{}]", path.replace('.', "]["))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{SAID, SET, reference};

    #[test]
    fn every_name_stands_once_and_none_is_inside_another() {
        let all: Vec<_> = SAID.iter().chain(SET).map(|it| it.0).collect();
        let names: BTreeSet<_> = all.iter().copied().collect();
        assert_eq!(all.len(), names.len());
        for name in &names {
            let below = format!("{name}.");
            assert!(!names.iter().any(|it| it.starts_with(&below)), "{name}");
        }
    }

    #[test]
    fn a_name_with_dots_is_a_path() {
        assert_eq!(reference("http.request.id"), "[http][request][id]");
        assert_eq!(reference("message"), "[message]");
    }
}
