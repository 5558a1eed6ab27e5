//! Node terminus: `@nestjs/terminus` and `@godaddy/terminus`.

use serde_json::Value;

use super::{
    CheckReading, Format, Input,
    reading::Body,
    words::{checks_by_name, push_check, text},
};

pub(super) const FORMAT: Format = Format {
    id: "terminus",
    title: "Node terminus",
    looks_like: r#"{"status":"ok","info":{…},"error":{…},"details":{…}}"#,
    tested_against: "@godaddy/terminus 4.12, running; @nestjs/terminus after its source",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let status = text(object, "status")?;
    let details = object.get("details")?;
    let is_terminus = object.contains_key("info") || object.contains_key("error");
    // Of several errors @godaddy/terminus makes a list without names.
    let mut checks = match details {
        Value::Object(details) => checks_by_name(details),
        Value::Array(_) => Vec::new(),
        _ => return None,
    };
    // Without a check's own details only its name and an error remain.
    let failed = object.get("error").and_then(Value::as_object);
    for name in failed.into_iter().flat_map(|it| it.keys()) {
        if checks.iter().all(|it| it.name != *name) {
            push_check(&mut checks, CheckReading::new(name, "error"));
        }
    }
    is_terminus.then(|| Body::of_word(status).with_checks(checks))
}
