//! Resilience4j's last events: `/actuator/circuitbreakerevents`, and its event streams.
//!
//! Events are a ring buffer, a hundred by default, so that the last change of a breaker
//! may have left it. Then only a refused call still tells something: it was not closed.
//! The shapes are those of resilience4j's `CircuitBreakerEventDTO` and
//! `CircuitBreakerHystrixStreamEventsDTO`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    BreakerReading, Format, Input,
    pages::stream_events,
    reading::Body,
    words::{circuit_word, count, display_text, percent, text},
};
use crate::monitor::{Circuit, Confidence};

pub(super) const FORMAT: Format = Format {
    id: "resilience4j-events",
    title: "Resilience4j events",
    looks_like: r#"{"circuitBreakerEvents":[{"type":"STATE_TRANSITION","stateTransition":"CLOSED_TO_OPEN",…}]}"#,
    tested_against: "Resilience4j 2.2 in Spring Boot 3.3, running; streams after its source",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let mut page = Page::default();
    match input.json {
        Some(Value::Object(object)) => match object.get("circuitBreakerEvents") {
            Some(events) => events.as_array()?.iter().for_each(|it| page.take("", it)),
            None if object.contains_key("circuitBreakerName") => page.take("", input.json?),
            None => return None,
        },
        Some(_) => return None,
        None => {
            stream_events(input).for_each(|(id, it)| page.take(id, &it));
            if page.0.is_empty() {
                return None;
            }
        }
    }
    Some(Body::of_breakers(page.0.into_values().map(Last::finish)))
}

/// By breaker, what its events make of it.
#[derive(Default)]
struct Page(BTreeMap<String, Last>);

struct Last {
    reading: BreakerReading,
    /// Whether an event told the state, and when.
    is_told: bool,
    at: Option<Timestamp>,
}

impl Last {
    fn finish(self) -> BreakerReading {
        let mut reading = self.reading;
        if !self.is_told {
            "no change of state among its last events".clone_into(&mut reading.detail);
        }
        reading
    }
}

impl Page {
    fn take(&mut self, id: &str, value: &Value) {
        let Some(reading) = event(id, value) else {
            return;
        };
        let is_told =
            reading.circuit != Circuit::Unknown && reading.confidence == Confidence::Reported;
        let at = value.as_object().and_then(created);
        let known = self.0.get(&reading.name).filter(|it| it.is_told);
        // Events come in order; where they do not, the time that they carry decides.
        let is_older = |it: &Last| at.zip(it.at).is_some_and(|(new, old)| new < old);
        if known.is_some_and(|it| !is_told || is_older(it)) {
            return;
        }
        let name = reading.name.clone();
        let last = Last {
            reading,
            is_told,
            at,
        };
        self.0.insert(name, last);
    }
}

/// What one event says of its breaker; `id` names it where the event does not.
pub(in crate::monitor) fn event(id: &str, value: &Value) -> Option<BreakerReading> {
    let event = value.as_object()?;
    if let Some(state) = text(event, "currentState") {
        return with_metrics(id, event, state);
    }
    let name = text(event, "circuitBreakerName")?;
    let transition = text(event, "stateTransition").unwrap_or_default();
    let target = || circuit_word(transition.split_once("_TO_")?.1);
    let circuit = match text(event, "type")? {
        "STATE_TRANSITION" => target().unwrap_or_default(),
        "RESET" => Circuit::Closed,
        "FORCED_OPEN" => Circuit::ForcedOpen,
        "DISABLED" => Circuit::Disabled,
        "NOT_PERMITTED" => Circuit::NotClosed,
        _ => Circuit::Unknown,
    };
    let since = text(event, "creationTime").unwrap_or_default();
    let detail = format!("{transition} {since}");
    Some(BreakerReading {
        confidence: match circuit {
            Circuit::NotClosed => Confidence::Inferred,
            _ => Confidence::Reported,
        },
        detail: display_text(if transition.is_empty() { "" } else { &detail }),
        ..BreakerReading::new(name, circuit)
    })
}

/// The stream in Hystrix' manner tells the state and the numbers with each event.
fn with_metrics(id: &str, event: &Map<String, Value>, state: &str) -> Option<BreakerReading> {
    let inside = |key: &str| event.get(key).and_then(Value::as_object);
    let recent = inside("circuitBreakerRecentEvent");
    let name = recent.and_then(|it| text(it, "circuitBreakerName"));
    let name = name.or(Some(id)).filter(|it| !it.is_empty())?;
    let circuit = circuit_word(state).unwrap_or_default();
    let mut reading = BreakerReading::new(name, circuit);
    if let Some(metrics) = inside("metrics") {
        let buffered = count(metrics.get("numberOfBufferedCalls"));
        reading.failure_rate_percent = percent(metrics.get("failureRate"));
        reading.buffered_calls = buffered.and_then(|it| u32::try_from(it).ok());
        reading.not_permitted_calls = count(metrics.get("numberOfNotPermittedCalls"));
    }
    Some(reading)
}

/// When an event happened: Java adds the name of the zone in brackets.
fn created(event: &Map<String, Value>) -> Option<Timestamp> {
    let text = text(event, "creationTime")?;
    text.split('[').next()?.parse().ok()
}
