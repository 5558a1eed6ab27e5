//! The index template of the data stream: what each name is kept as.

use serde_json::{Map, Value, json};

use super::{Facts, ecs};

/// Days after which a document is deleted. Ours: a month is what most incidents need.
const RETENTION: &str = "30d";

/// `logstash/index-template.json`.
pub(super) fn text(facts: &Facts) -> String {
    let mut properties = Map::new();
    for (path, kind) in ecs::SAID.iter().chain(ecs::SET) {
        set(&mut properties, path, kind);
    }
    let template = json!({
        "index_patterns": [
            format!("logs-{}-*", facts.dataset),
            format!("logs-{}.dead_letter-*", facts.dataset),
        ],
        "data_stream": {},
        // Above the templates that Elasticsearch brings along.
        "priority": 500,
        "template": {
            "settings": {
                "index.codec": "best_compression",
                "index.mapping.total_fields.limit": 1000,
                "index.query.default_field": ["message", "error.message"],
            },
            "mappings": {
                // What nobody mapped is kept, and cannot make a document fail.
                "dynamic": false,
                "properties": properties,
            },
            "lifecycle": { "data_retention": RETENTION },
        },
        "_meta": { "description": format!("Logs of {}", facts.title) },
    });
    let mut text = serde_json::to_string_pretty(&template).unwrap_or_default();
    text.push('\n');
    text
}

fn set(properties: &mut Map<String, Value>, path: &str, kind: &str) {
    let Some((first, rest)) = path.split_once('.') else {
        properties.insert(path.to_owned(), json!({ "type": kind }));
        return;
    };
    let inner = properties
        .entry(first)
        .or_insert_with(|| json!({ "properties": {} }));
    if let Some(Value::Object(inner)) = inner.get_mut("properties") {
        set(inner, rest, kind);
    }
}
