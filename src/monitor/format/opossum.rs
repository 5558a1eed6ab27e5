//! opossum, the breaker of Node: what `breaker.toJSON()` gives. There is no endpoint
//! of its own; people mount one breaker, a list, or a map of them.

use serde_json::{Map, Value};

use super::{
    BreakerReading, Format, Input,
    reading::Body,
    words::{count, text},
};
use crate::monitor::Circuit;

pub(super) const FORMAT: Format = Format {
    id: "opossum",
    title: "opossum breakers",
    looks_like: r#"{"state":{"name":"bank","open":true,…},"status":{"fires":9,…}}, a list or map of these"#,
    tested_against: "opossum 9.0, running",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let json = input.json?;
    let breakers: Option<Vec<_>> = match json {
        Value::Object(object) if object.contains_key("state") => {
            described("", json).map(|it| vec![it])
        }
        Value::Object(map) if !map.is_empty() => {
            map.iter().map(|(name, it)| described(name, it)).collect()
        }
        Value::Array(list) if !list.is_empty() => list.iter().map(|it| described("", it)).collect(),
        _ => None,
    };
    breakers.map(Body::of_breakers)
}

fn described(name: &str, breaker: &Value) -> Option<BreakerReading> {
    let breaker = breaker.as_object()?;
    let state = breaker.get("state")?.as_object()?;
    let circuit = circuit(state)?;
    let name = text(state, "name").unwrap_or(name);
    let name = if name.is_empty() { "breaker" } else { name };
    let mut reading = BreakerReading::new(name, circuit);
    if let Some(status) = breaker.get("status").and_then(Value::as_object) {
        let number = |key| count(status.get(key));
        reading.buffered_calls = number("fires").and_then(|it| u32::try_from(it).ok());
        reading.not_permitted_calls = number("rejects");
        // opossum's own rate: failures of all calls that were fired in its window.
        if let (Some(fires @ 1..), Some(failures)) = (number("fires"), number("failures")) {
            let rate = 100.0 * failures as f64 / fires as f64;
            reading.failure_rate_percent = Some(rate.min(100.0));
        }
    }
    Some(reading)
}

fn circuit(state: &Map<String, Value>) -> Option<Circuit> {
    let flag = |key| state.get(key).and_then(Value::as_bool);
    let (open, closed) = (flag("open")?, flag("closed")?);
    let half_open = flag("halfOpen").unwrap_or(false);
    Some(
        if flag("shutdown") == Some(true) || flag("enabled") == Some(false) {
            Circuit::Disabled
        } else {
            match (half_open, open, closed) {
                (true, _, false) => Circuit::HalfOpen,
                (false, true, false) => Circuit::Open,
                (false, false, true) => Circuit::Closed,
                _ => Circuit::Unknown,
            }
        },
    )
}
