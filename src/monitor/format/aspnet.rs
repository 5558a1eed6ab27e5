//! ASP.NET Core health checks: one word as plain text, or the JSON of
//! `UIResponseWriter`.

use super::{
    Format, Input,
    reading::Body,
    words::{checks_by_name, text},
};

pub(super) const FORMAT: Format = Format {
    id: "aspnet",
    title: "ASP.NET health checks",
    looks_like: r#"Healthy, Degraded or Unhealthy; {"status":…,"totalDuration":…,"entries":{…}}"#,
    tested_against: "written after the sources of dotnet/aspnetcore and Xabaril's UIResponseWriter",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    if matches!(input.text.trim(), "Healthy" | "Degraded" | "Unhealthy") {
        return Some(Body::of_word(input.text));
    }
    let object = input.object()?;
    let status = text(object, "status")?;
    // What people write by hand after the documentation is called `results`.
    let is_written = matches!(status, "Healthy" | "Degraded" | "Unhealthy");
    let results = object.get("results").filter(|_| is_written);
    let entries = match object.get("totalDuration") {
        Some(_) => object.get("entries").or(results),
        None => results,
    };
    let entries = entries?.as_object()?;
    Some(Body::of_word(status).with_checks(checks_by_name(entries)))
}
