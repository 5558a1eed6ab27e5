//! What one answer would be read as, for `meshboard formats --read`.

use serde_json::{Map, Value, json};

use super::snapshot_json::{circuit_label, confidence_label, health_label, reach_label};
use crate::monitor::{
    CallReading, InstanceReading, Observation,
    exposition::Page,
    format::{BreakerReading, CheckReading, METRICS, detect},
};

/// What is read of an answer: HTTP status, content type and body.
pub(super) fn as_json(status: u16, content_type: &str, body: &[u8]) -> Value {
    let reading = detect(status, content_type, body);
    let checks: Vec<_> = reading.checks.iter().map(check).collect();
    let breakers: Vec<_> = reading.breakers.iter().map(breaker).collect();
    let mut json = Map::new();
    json.insert("version".to_owned(), json!(1));
    json.insert("format".to_owned(), json!(reading.format));
    json.insert("title".to_owned(), json!(reading.title));
    json.insert("health".to_owned(), json!(reading.health.map(health_label)));
    json.insert("reach".to_owned(), json!(reach_label(reading.reach)));
    json.insert("raw".to_owned(), json!(reading.raw));
    json.insert("note".to_owned(), json!(reading.note));
    json.insert("checks".to_owned(), json!(checks));
    json.insert("breakers".to_owned(), json!(breakers));
    if let Some(observation) = &reading.observation {
        json.insert("others".to_owned(), others(observation));
    }
    if reading.format == METRICS {
        json.insert("metrics".to_owned(), metrics(body));
    }
    Value::Object(json)
}

fn check(it: &CheckReading) -> Value {
    json!({ "name": it.name, "health": health_label(it.health), "raw": it.raw })
}

fn breaker(it: &BreakerReading) -> Value {
    json!({
        "name": it.name,
        "state": circuit_label(it.circuit),
        "confidence": confidence_label(it.confidence),
        "detail": it.detail,
        "failure_rate_percent": it.failure_rate_percent,
        "buffered_calls": it.buffered_calls,
        "not_permitted_calls": it.not_permitted_calls,
    })
}

fn others(observation: &Observation) -> Value {
    let instances: Vec<_> = observation.instances.iter().map(instance).collect();
    let calls: Vec<_> = observation.calls.iter().map(call).collect();
    let breakers: Vec<_> = observation
        .breakers
        .iter()
        .map(|it| {
            let mut json = breaker(&it.reading);
            json["from"] = json!(it.caller);
            json
        })
        .collect();
    json!({
        "instances": instances,
        "breakers": breakers,
        "calls": calls,
        "partial": observation.is_partial,
        "note": observation.note,
    })
}

fn instance(it: &InstanceReading) -> Value {
    json!({
        "service": it.service,
        "address": it.address,
        "health": health_label(it.health),
        "raw": it.raw,
    })
}

fn call(it: &CallReading) -> Value {
    json!({
        "from": it.from,
        "to": it.to,
        "rate_per_second": it.rate_per_second,
        "error_share": it.error_share,
        "p95_ms": it.p95_ms,
        "window_seconds": it.window_seconds,
    })
}

/// How the lines of a metrics page were read.
fn metrics(body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(body);
    let mut page = Page::new(&text);
    page.by_ref().for_each(drop);
    let survey = page.survey();
    json!({
        "samples": survey.samples,
        "lines_left_out": survey.left_out,
        "first_left_out": survey.left_out_lines,
        "ends_with_eof": survey.has_end,
        "last_line_is_cut": survey.has_cut_line,
    })
}
