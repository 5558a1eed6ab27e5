//! `application/health+json`, draft-inadarei-api-health-check.

use serde_json::Value;

use super::{
    CheckReading, Format, Input,
    reading::Body,
    words::{push_check, text},
};

pub(super) const FORMAT: Format = Format {
    id: "ietf-health",
    title: "health+json",
    looks_like: r#"{"status":"pass","checks":{"db:connections":[{"status":"pass"}]}}"#,
    tested_against: "the recorded example of draft-inadarei-api-health-check-06",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let status = text(object, "status")?;
    // The first draft called the checks `details`.
    let measured = ["checks", "details"]
        .iter()
        .find_map(|it| object.get(*it).and_then(Value::as_object))
        .filter(|it| !it.is_empty() && it.values().all(Value::is_array));
    let is_declared = input
        .content_type
        .to_ascii_lowercase()
        .starts_with("application/health+json");
    if measured.is_none() && !is_declared {
        return None;
    }
    let mut checks = Vec::new();
    for (name, values) in measured.into_iter().flatten() {
        for value in values.as_array().into_iter().flatten() {
            if let Some(status) = value.as_object().and_then(|it| text(it, "status")) {
                push_check(&mut checks, CheckReading::new(name, status));
            }
        }
    }
    Some(Body::of_word(status).with_checks(checks))
}
