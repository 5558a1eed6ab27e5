//! What one event of Resilience4j's streams says. The keys are those of
//! resilience4j/resilience4j, `CircuitBreakerEventDTO` and
//! `CircuitBreakerHystrixStreamEventsDTO`.

use serde_json::{Map, Value};

use crate::monitor::{
    Circuit,
    format::{BreakerReading, circuit_word},
};

/// What one event says of its breaker; `None` if it tells of a call, and not of a state.
pub(super) fn event(value: &Value) -> Option<BreakerReading> {
    let event = value.as_object()?;
    let Some(recent) = event.get("circuitBreakerRecentEvent") else {
        return Some(BreakerReading::new(name(event)?, changed_to(event)?));
    };
    let circuit = circuit_word(event.get("currentState")?.as_str()?)?;
    let mut reading = BreakerReading::new(name(recent.as_object()?)?, circuit);
    if let Some(metrics) = event.get("metrics").and_then(Value::as_object) {
        let number = |key: &str| {
            let number = metrics.get(key).and_then(Value::as_f64);
            number.filter(|it| (0.0..=1e15).contains(it))
        };
        reading.failure_rate_percent = number("failureRate").filter(|it| *it <= 100.0);
        reading.buffered_calls = number("numberOfBufferedCalls").map(|it| it as u32);
        reading.not_permitted_calls = number("numberOfNotPermittedCalls").map(|it| it as u64);
    }
    Some(reading)
}

fn name(event: &Map<String, Value>) -> Option<&str> {
    let name = event.get("circuitBreakerName")?.as_str()?;
    (!name.is_empty()).then_some(name)
}

/// The state that an event leads to: `CLOSED_TO_OPEN`, or what its type says.
fn changed_to(event: &Map<String, Value>) -> Option<Circuit> {
    let word = |key: &str| event.get(key).and_then(Value::as_str);
    if let Some(transition) = word("stateTransition") {
        let (_, to) = transition.rsplit_once("_TO_")?;
        return circuit_word(to);
    }
    match word("type")? {
        "RESET" => Some(Circuit::Closed),
        "FORCED_OPEN" => Some(Circuit::ForcedOpen),
        "DISABLED" => Some(Circuit::Disabled),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::event;
    use crate::monitor::Circuit;

    #[test]
    fn a_transition_leads_to_its_second_state() {
        let circuit = |it: Value| event(&it).map(|it| (it.name, it.circuit));
        let named = |circuit| Some(("bank".to_owned(), circuit));
        let transition = |it: &str| {
            json!({
                "circuitBreakerName": "bank",
                "type": "STATE_TRANSITION",
                "creationTime": "2026-03-01T10:00:00.5+01:00[Europe/Berlin]",
                "stateTransition": it,
            })
        };
        assert_eq!(circuit(transition("CLOSED_TO_OPEN")), named(Circuit::Open));
        let half = circuit(transition("OPEN_TO_HALF_OPEN"));
        assert_eq!(half, named(Circuit::HalfOpen));
        let forced = circuit(transition("HALF_OPEN_TO_FORCED_OPEN"));
        assert_eq!(forced, named(Circuit::ForcedOpen));
        assert_eq!(circuit(transition("OPEN")), None);
        let of_type = |it| json!({ "circuitBreakerName": "bank", "type": it });
        assert_eq!(circuit(of_type("RESET")), named(Circuit::Closed));
        assert_eq!(circuit(of_type("ERROR")), None);
    }

    #[test]
    fn an_event_with_the_current_state_says_it_with_its_numbers() {
        let reading = event(&json!({
            "circuitBreakerRecentEvent": {"circuitBreakerName": "bank", "type": "ERROR"},
            "metrics": {"failureRate": 60.0, "numberOfBufferedCalls": 5,
                        "numberOfNotPermittedCalls": 2},
            "currentState": "OPEN",
        }));
        let reading = reading.unwrap();
        assert_eq!(reading.circuit, Circuit::Open);
        assert_eq!(reading.failure_rate_percent, Some(60.0));
        assert_eq!(reading.buffered_calls, Some(5));
        assert_eq!(reading.not_permitted_calls, Some(2));
    }
}
