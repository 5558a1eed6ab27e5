//! The health endpoint of `MicroProfile`: Quarkus, Helidon, Open Liberty, Payara.

use serde_json::Value;

use super::{
    CheckReading, Format, Input,
    reading::Body,
    words::{push_check, text},
};

pub(super) const FORMAT: Format = Format {
    id: "microprofile",
    title: "MicroProfile Health",
    looks_like: r#"{"status":"UP","checks":[{"name":…,"status":"UP"}]}"#,
    tested_against: "recorded answers in the MicroProfile Health 4 specification",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let list = object.get("checks").and_then(Value::as_array)?;
    // Before version 3 it said `outcome`, and `state` of a check.
    let status = text(object, "status").or_else(|| text(object, "outcome"))?;
    let mut checks = Vec::new();
    for check in list.iter().filter_map(Value::as_object) {
        let status = text(check, "status").or_else(|| text(check, "state"));
        if let Some((name, status)) = text(check, "name").zip(status) {
            push_check(&mut checks, CheckReading::new(name, status));
        }
    }
    Some(Body::of_word(status).with_checks(checks))
}
