//! Node terminus: `@nestjs/terminus` and `@godaddy/terminus`.

use serde_json::Value;

use super::{
    Format, Input,
    reading::Body,
    words::{checks_by_name, text},
};

pub(super) const FORMAT: Format = Format {
    id: "terminus",
    title: "Node terminus",
    looks_like: r#"{"status":"ok","info":{…},"error":{…},"details":{…}}"#,
    tested_against: "@godaddy/terminus 4.12.1",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let status = text(object, "status")?;
    let details = object.get("details").and_then(Value::as_object)?;
    let is_terminus = object.contains_key("info") || object.contains_key("error");
    is_terminus.then(|| Body::of_word(status).with_checks(checks_by_name(details)))
}
