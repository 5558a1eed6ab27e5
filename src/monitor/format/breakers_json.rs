//! A list or map of breakers with a state word each, as people write it by hand over
//! libraries without an endpoint: Python's circuitbreaker and pybreaker, gobreaker.
//! A state that is a number is not read, because libraries number states differently.

use serde_json::{Map, Value};

use super::{
    BreakerReading, Format, Input,
    reading::Body,
    words::{circuit_word, count, percent, text},
};

pub(super) const FORMAT: Format = Format {
    id: "breakers-json",
    title: "Breaker list",
    looks_like: r#"[{"name":"bank","state":"half-open","failure_count":3}], or a map of these"#,
    tested_against: "circuitbreaker 2.1 and pybreaker 1.4, running behind FastAPI",
    read,
};

/// Keys under which such a list hides inside another object.
const KEYS: [&str; 5] = [
    "breakers",
    "circuit_breakers",
    "circuitBreakers",
    "circuits",
    "circuitbreakers",
];

fn read(input: &Input<'_>) -> Option<Body> {
    let json = input.json?;
    let breakers = match json {
        Value::Object(object) if text(object, "status").is_some() => None,
        Value::Object(object) => embedded(object)
            .or_else(|| listed(json))
            .or_else(|| Some(vec![described("", object)?])),
        other => listed(other),
    };
    breakers.map(Body::of_breakers)
}

/// The breakers that stand beside something else in an object.
pub(super) fn embedded(object: &Map<String, Value>) -> Option<Vec<BreakerReading>> {
    let value = KEYS.iter().find_map(|it| object.get(*it))?;
    let words = || {
        let map = value.as_object()?;
        map.iter()
            .map(|(name, it)| Some(BreakerReading::new(name, circuit_word(it.as_str()?)?)))
            .collect()
    };
    let is_empty =
        value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
    if is_empty {
        return Some(Vec::new());
    }
    listed(value).or_else(words)
}

/// Every element must be a breaker, else it is some other list.
fn listed(value: &Value) -> Option<Vec<BreakerReading>> {
    match value {
        Value::Array(list) if !list.is_empty() => list
            .iter()
            .map(|it| described("", it.as_object()?))
            .collect(),
        Value::Object(map) if !map.is_empty() => map
            .iter()
            .map(|(name, it)| described(name, it.as_object()?))
            .collect(),
        _ => None,
    }
}

fn described(name: &str, breaker: &Map<String, Value>) -> Option<BreakerReading> {
    let state = text(breaker, "state").or_else(|| text(breaker, "current_state"))?;
    let circuit = circuit_word(state)?;
    let name = text(breaker, "name").unwrap_or(name);
    if name.is_empty() {
        return None;
    }
    let any = |keys: &[&str]| keys.iter().find_map(|it| breaker.get(*it));
    let buffered = count(any(&["buffered_calls", "bufferedCalls", "calls"]));
    Some(BreakerReading {
        failure_rate_percent: percent(any(&[
            "failure_rate_percent",
            "failure_rate",
            "failureRate",
        ])),
        buffered_calls: buffered.and_then(|it| u32::try_from(it).ok()),
        not_permitted_calls: count(any(&[
            "not_permitted_calls",
            "notPermittedCalls",
            "rejected_calls",
            "rejects",
        ])),
        ..BreakerReading::new(name, circuit)
    })
}
