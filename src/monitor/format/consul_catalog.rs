//! What Consul has registered: `/v1/catalog/services`, `/v1/catalog/service/NAME` and
//! `/v1/agent/services`. These are names, tags and addresses; how anybody is they do not
//! tell, so nobody is called up because of them.

use serde_json::Value;

use super::{Format, Input, reading::Body, telling::Gathered};

pub(super) const FORMAT: Format = Format {
    id: "consul-catalog",
    title: "Consul catalog",
    looks_like: r#"{"orders":["v1"],"consul":[]}; {"orders-1":{"ID":"orders-1","Service":"orders",…}}"#,
    tested_against: "Consul 1.22, running",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let is_catalog = match input.json? {
        Value::Object(map) => {
            let is_named = map.contains_key("consul");
            let mut values = map.values();
            let are_tags = map.values().all(is_tags);
            let has_tags =
                is_named || values.any(|it| it.as_array().is_some_and(|it| !it.is_empty()));
            (are_tags && has_tags) || map.values().next().is_some_and(is_registered)
        }
        Value::Array(list) => list.first().is_some_and(is_node_of_service),
        _ => false,
    };
    if !is_catalog {
        return None;
    }
    let mut gathered = Gathered::default();
    gathered.note("names services, but not how they are: ask for /v1/health/state/any");
    Some(Body::of_others(input.status, gathered.finish()))
}

fn is_tags(value: &Value) -> bool {
    let list = value.as_array();
    list.is_some_and(|it| it.iter().all(Value::is_string))
}

fn is_registered(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("ID") && has("Service") && has("Port")
}

fn is_node_of_service(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("Node") && has("ServiceName") && has("ServiceID") && !has("CheckID")
}
