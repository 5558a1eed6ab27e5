//! ASP.NET Core health checks: one word as plain text, or the JSON of
//! `UIResponseWriter`.

use serde_json::Value;

use super::{
    Format, Input,
    reading::Body,
    words::{checks_by_name, text},
};

pub(super) const FORMAT: Format = Format {
    id: "aspnet",
    title: "ASP.NET health checks",
    looks_like: r#"Healthy, Degraded or Unhealthy; {"status":…,"totalDuration":…,"entries":{…}}"#,
    tested_against: "the text in dotnet/aspnetcore's source, the JSON of Xabaril's UIResponseWriter",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    if matches!(input.text.trim(), "Healthy" | "Degraded" | "Unhealthy") {
        return Some(Body::of_word(input.text));
    }
    let object = input.object()?;
    let entries = object.get("entries").and_then(Value::as_object)?;
    object.get("totalDuration")?;
    let status = text(object, "status")?;
    Some(Body::of_word(status).with_checks(checks_by_name(entries)))
}
