//! Resilience4j's own endpoint, `/actuator/circuitbreakers`, and the shape in which
//! it describes a breaker. A POST to that endpoint changes the breaker; we only GET.

use serde_json::{Map, Value};

use super::{
    BreakerReading, Format, Input,
    reading::Body,
    words::{circuit_word, count, percent, text},
};
use crate::monitor::Circuit;

pub(super) const FORMAT: Format = Format {
    id: "resilience4j",
    title: "Resilience4j breakers",
    looks_like: r#"{"circuitBreakers":{"bank":{"state":"OPEN","failureRate":"60.0%"}}}"#,
    tested_against: "Resilience4j 2.2 in Spring Boot 3.3, running",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    if object.contains_key("status") {
        return None;
    }
    Some(Body::of_breakers(listed(object.get("circuitBreakers")?)?))
}

/// Breakers by name. Old releases list names alone, without states.
pub(super) fn listed(value: &Value) -> Option<Vec<BreakerReading>> {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(name, it)| Some(described(name, it.as_object()?, "")))
            .collect(),
        Value::Array(list) => list
            .iter()
            .map(|it| Some(BreakerReading::new(it.as_str()?, Circuit::Unknown)))
            .collect(),
        _ => None,
    }
}

/// One breaker by its details; `status` stands in where the details lack a state.
pub(super) fn described(name: &str, details: &Map<String, Value>, status: &str) -> BreakerReading {
    let circuit = text(details, "state")
        .and_then(circuit_word)
        .or_else(|| by_status(status))
        .unwrap_or_default();
    let buffered = count(details.get("bufferedCalls"));
    BreakerReading {
        failure_rate_percent: percent(details.get("failureRate")),
        buffered_calls: buffered.and_then(|it| u32::try_from(it).ok()),
        not_permitted_calls: count(details.get("notPermittedCalls")),
        ..BreakerReading::new(name, circuit)
    }
}

/// UNKNOWN stands for three states at once, so it tells nothing.
fn by_status(status: &str) -> Option<Circuit> {
    match status {
        "UP" => Some(Circuit::Closed),
        "DOWN" => Some(Circuit::Open),
        other => circuit_word(other),
    }
}
