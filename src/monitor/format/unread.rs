//! Answers that are plainly something else: their words would be misread as health.
//!
//! Prometheus' API says `status: success` of a query, not of a service; a proxy's list
//! says `enabled` of its configuration. They are named, and only the HTTP status
//! counts.

use serde_json::{Map, Value};

use super::{Format, Input, reading::Body};

pub(super) const FORMAT: Format = Format {
    id: "other",
    title: "Another program's answer",
    looks_like: "Prometheus API, Envoy, Kiali, Consul, Traefik, Hystrix, HAProxy, nginx",
    tested_against: "samples of each; named, but only their HTTP status counts",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let title = text_title(input).or_else(|| match input.json? {
        Value::Object(object) => object_title(object),
        Value::Array(list) => list_title(list.first()?.as_object()?),
        _ => None,
    })?;
    Some(Body {
        title: Some(title),
        note: Some(format!(
            "this looks like {title}, which says nothing of this service's own health"
        )),
        ..Body::of_code(input.status)
    })
}

fn text_title(input: &Input<'_>) -> Option<&'static str> {
    let text = input.text.trim_start();
    let is_stream = input.content_type.starts_with("text/event-stream");
    if is_stream || (text.starts_with("data:") && text.contains("\"type\":\"Hystrix")) {
        Some("an event stream")
    } else if text.starts_with("# pxname,svname") {
        Some("HAProxy statistics")
    } else if text.starts_with("Active connections:") {
        Some("nginx stub_status")
    } else {
        None
    }
}

fn object_title(object: &Map<String, Value>) -> Option<&'static str> {
    let has = |key: &str| object.contains_key(key);
    let inside = |key: &str, inner: &str| object.get(key).is_some_and(|it| it.get(inner).is_some());
    if has("cluster_statuses") {
        Some("Envoy's cluster list")
    } else if has("graphType") && inside("elements", "nodes") {
        Some("a Kiali graph")
    } else if inside("data", "resultType") || inside("data", "activeTargets") {
        Some("the Prometheus API")
    } else if object.get("data").is_some_and(Value::is_array) && has("errors") {
        Some("Jaeger's dependencies")
    } else if has("circuitBreakerEvents") {
        Some("Resilience4j's events")
    } else if has("serverStatus") || has("loadBalancer") {
        Some("a Traefik service")
    } else {
        None
    }
}

fn list_title(first: &Map<String, Value>) -> Option<&'static str> {
    let has = |key: &str| first.contains_key(key);
    if has("CheckID") || (has("Node") && has("Checks")) {
        Some("Consul's health list")
    } else if has("loadBalancer") || has("serverStatus") {
        Some("Traefik's services")
    } else if has("parent") && has("child") {
        Some("Zipkin's dependencies")
    } else {
        None
    }
}
