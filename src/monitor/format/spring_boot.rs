//! Spring Boot's `/actuator/health`: version 3 (`components`), version 2 (`details`)
//! and the flat one of Boot 1, with the breakers of Resilience4j and Hystrix in it.
//!
//! An open circuit does not change the root status by default, so breakers are read
//! from their own details and never from the root.

use serde_json::{Map, Value};

use super::{
    BreakerReading, CheckReading, Format, Input,
    reading::Body,
    resilience4j,
    words::{circuit_word, push_check, text},
};
use crate::monitor::Circuit;

pub(super) const FORMAT: Format = Format {
    id: "spring-boot",
    title: "Spring Boot",
    looks_like: r#"{"status":"UP","components":{"db":{"status":"UP"}}}"#,
    tested_against: "Spring Boot 3.3 with Resilience4j 2.2, running; the reference's sample (Boot 4)",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let status = text(object, "status")?;
    let mut found = Found::default();
    if let Some(components) = object.get("components").and_then(Value::as_object) {
        found.walk("", components);
    } else if let Some(details) = version_2_details(object, status) {
        // The breakers' own component, or one breaker of it, asked by its path.
        if details.values().any(is_breaker) {
            found.take_breakers(object);
        } else if has_breaker_state(details) {
            let breaker = resilience4j::described("breaker", details, status);
            found.breakers.push(breaker);
        } else {
            found.walk("", details);
        }
    } else if is_flat(object, status) {
        found.walk("", object);
    } else if !is_bare_root(object, status) {
        return None;
    }
    let body = Body::of_word(status).with_checks(found.checks);
    Some(body.with_breakers(found.breakers))
}

/// Version 2 calls its components `details`; other formats do too, in small letters
/// or beside `info` and `error`.
fn version_2_details<'a>(
    object: &'a Map<String, Value>,
    status: &str,
) -> Option<&'a Map<String, Value>> {
    let details = object.get("details")?.as_object()?;
    let is_upper = !status.chars().any(char::is_lowercase);
    let is_other = object.contains_key("info") || object.contains_key("error");
    (is_upper && !is_other).then_some(details)
}

/// Boot 1 puts its components beside the status, with words of its own.
fn is_flat(object: &Map<String, Value>, status: &str) -> bool {
    let is_upper = !status.chars().any(char::is_lowercase);
    let has_part = object.values().filter_map(Value::as_object).any(|it| {
        matches!(
            text(it, "status"),
            Some("UP" | "DOWN" | "OUT_OF_SERVICE" | "UNKNOWN" | "CIRCUIT_OPEN")
        )
    });
    is_upper && has_part
}

fn is_breaker(component: &Value) -> bool {
    let details = component.get("details").and_then(Value::as_object);
    details.is_some_and(has_breaker_state)
}

fn has_breaker_state(details: &Map<String, Value>) -> bool {
    let is_state = text(details, "state").and_then(circuit_word).is_some();
    is_state && details.contains_key("failureRate")
}

/// Without permission to see components only the status and the groups remain.
fn is_bare_root(object: &Map<String, Value>, status: &str) -> bool {
    object.get("groups").is_some_and(Value::is_array) && !status.chars().any(char::is_lowercase)
}

#[derive(Default)]
struct Found {
    checks: Vec<CheckReading>,
    breakers: Vec<BreakerReading>,
}

impl Found {
    /// Depth is bounded by that of the JSON.
    fn walk(&mut self, prefix: &str, components: &Map<String, Value>) {
        for (name, component) in components {
            let Some(component) = component.as_object() else {
                continue;
            };
            if let Some(status) = text(component, "status") {
                let path = format!("{prefix}{name}");
                push_check(&mut self.checks, CheckReading::new(&path, status));
            }
            if name.eq_ignore_ascii_case("circuitBreakers") {
                self.take_breakers(component);
            } else if let Some(nested) = component.get("components").and_then(Value::as_object) {
                self.walk(&format!("{prefix}{name}/"), nested);
            }
            if name == "hystrix" {
                self.take_hystrix(component);
            }
        }
    }

    /// Resilience4j puts its breakers under `details`, each with details of its own.
    fn take_breakers(&mut self, component: &Map<String, Value>) {
        let lists = ["details", "components"];
        for (name, breaker) in lists
            .iter()
            .filter_map(|it| component.get(*it)?.as_object())
            .flatten()
        {
            let Some(breaker) = breaker.as_object() else {
                continue;
            };
            let status = text(breaker, "status").unwrap_or_default();
            let details = breaker.get("details").and_then(Value::as_object);
            self.breakers.push(resilience4j::described(
                name,
                details.unwrap_or(breaker),
                status,
            ));
        }
    }

    /// Only the open ones are listed, as `Group::Command`.
    fn take_hystrix(&mut self, component: &Map<String, Value>) {
        let details = component.get("details").and_then(Value::as_object);
        let open = details.unwrap_or(component).get("openCircuitBreakers");
        for name in open.and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = name.as_str() {
                let command = name.rsplit_once("::").map_or(name, |(_, command)| command);
                self.breakers
                    .push(BreakerReading::new(command, Circuit::Open));
            }
        }
    }
}
