//! Jaeger's dependencies: `/api/dependencies?endTs=…&lookback=…`.
//!
//! The answer counts calls, but does not say over which time, so no rate follows. It
//! knows no errors, and it is sampled: who is missing was perhaps only not drawn. The
//! shape is that of jaegertracing/jaeger, `structuredResponse` and `uimodel`.

use serde_json::{Map, Value};

use super::{Format, Input, reading::Body, telling::Gathered, words::text, zipkin};

pub(super) const FORMAT: Format = Format {
    id: "jaeger-dependencies",
    title: "Jaeger dependencies",
    looks_like: r#"{"data":[{"parent":"web","child":"orders","callCount":12}],"errors":null}"#,
    tested_against: "written after Jaeger's source",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let errors = object.get("errors")?;
    let mut gathered = Gathered::default();
    match object.get("data")? {
        Value::Array(links) => {
            if !links.iter().all(zipkin::is_link) {
                return None;
            }
            zipkin::gather(links, |_| None, &mut gathered);
        }
        Value::Null => {}
        _ => return None,
    }
    let first = errors.as_array().and_then(|it| it.first()?.as_object());
    if let Some(message) = first.and_then(|it: &Map<String, Value>| text(it, "msg")) {
        gathered.note(&format!("Jaeger says: {message}"));
    }
    Some(Body::of_others(input.status, gathered.finish()))
}
