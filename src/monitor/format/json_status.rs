//! `{"status": "ok"}` and its kin: one word, by the table of words.

use serde_json::Value;

use super::{
    CheckReading, Format, Input, breakers_json,
    reading::Body,
    words::{checks_by_name, health_word, push_check, text},
};
use crate::monitor::Health;

pub(super) const FORMAT: Format = Format {
    id: "json-status",
    title: "JSON status",
    looks_like: r#"{"status":"ok"}, "ok", or one such word as plain text"#,
    tested_against: "answers written for the tests; @godaddy/terminus 4.12.1 by default",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    match input.json {
        Some(Value::String(word)) => Some(Body::of_word(word)),
        Some(Value::Object(object)) => {
            let body = Body::of_word(text(object, "status")?);
            let mut checks = Vec::new();
            for key in ["checks", "dependencies", "services"] {
                if let Some(map) = object.get(key).and_then(Value::as_object) {
                    checks.extend(checks_by_name(map));
                    for (name, value) in map {
                        if let Some(word) = value.as_str() {
                            push_check(&mut checks, CheckReading::new(name, word));
                        }
                    }
                }
            }
            let breakers = breakers_json::embedded(object).unwrap_or_default();
            Some(body.with_checks(checks).with_breakers(breakers))
        }
        Some(_) => None,
        None => {
            // Only words of the table: any other text is no verdict.
            let word = input.text.trim();
            let is_verdict = word.len() <= 32 && health_word(word) != Health::Unknown;
            is_verdict.then(|| Body::of_word(word))
        }
    }
}
