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
    tested_against: "the examples of hellofresh/health-go and alexliesenfeld/health",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let status = text(object, "status")?;
    let failures = object.get("failures").and_then(Value::as_object);
    if failures.is_some() || (object.contains_key("system") && object.contains_key("timestamp")) {
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
