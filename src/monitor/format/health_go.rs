//! Two health libraries of Go: `hellofresh/health-go` and `alexliesenfeld/health`.

use serde_json::Value;

use super::{
    CheckReading, Format, Input,
    reading::Body,
    words::{checks_by_name, push_check, text},
};

pub(super) const FORMAT: Format = Format {
    id: "health-go",
    title: "Go health library",
    looks_like: r#"{"status":"Partially Available","failures":{…}}; {"status":"up","details":{…}}"#,
    tested_against: "hellofresh/health-go 5.5 and alexliesenfeld/health 0.8, running",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let status = text(object, "status")?;
    let failures = object.get("failures").and_then(Value::as_object);
    let beside = ["system", "component"];
    let is_hellofresh = object.contains_key("timestamp")
        && beside
            .iter()
            .any(|it| object.get(*it).is_some_and(Value::is_object));
    if failures.is_some() || is_hellofresh {
        let mut checks = Vec::new();
        for name in failures.into_iter().flat_map(|it| it.keys()) {
            push_check(&mut checks, CheckReading::new(name, "fail"));
        }
        return Some(Body::of_word(status).with_checks(checks));
    }
    let details = object.get("details").and_then(Value::as_object)?;
    let is_plain = !object.contains_key("error") && matches!(status, "up" | "down" | "unknown");
    is_plain.then(|| Body::of_word(status).with_checks(checks_by_name(details)))
}
