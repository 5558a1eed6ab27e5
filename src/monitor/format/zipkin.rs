//! Zipkin's dependencies: `/api/v2/dependencies?endTs=…&lookback=…`.
//!
//! The answer counts calls, but does not say over which time, so no rate follows; the
//! count of errors is left out where it is zero. The shape is that of openzipkin/zipkin,
//! `DependencyLinkBytesEncoder`.

use serde_json::{Map, Value};

use super::{
    Format, Input,
    reading::Body,
    telling::Gathered,
    words::{count, text},
};
use crate::monitor::CallReading;

pub(super) const FORMAT: Format = Format {
    id: "zipkin-dependencies",
    title: "Zipkin dependencies",
    looks_like: r#"[{"parent":"web","child":"orders","callCount":12,"errorCount":1}]"#,
    tested_against: "written after Zipkin's source",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let links = input.list()?;
    if !links.iter().all(is_link) {
        return None;
    }
    let mut gathered = Gathered::default();
    let errors = |it: &Map<String, Value>| Some(count(it.get("errorCount")).unwrap_or(0));
    gather(links, errors, &mut gathered);
    Some(Body::of_others(input.status, gathered.finish()))
}

/// Whether it counts calls from a parent to a child.
pub(super) fn is_link(value: &Value) -> bool {
    let is_link = |it: &Map<String, Value>| {
        let has_names = text(it, "parent").is_some() && text(it, "child").is_some();
        has_names && it.contains_key("callCount")
    };
    value.as_object().is_some_and(is_link)
}

/// Takes the calls of both formats; who counts errors says how many there were.
pub(super) fn gather(
    links: &[Value],
    errors: impl Fn(&Map<String, Value>) -> Option<u64>,
    gathered: &mut Gathered,
) {
    for link in links.iter().filter_map(Value::as_object) {
        let calls = count(link.get("callCount")).filter(|it| *it > 0);
        let both = calls.zip(errors(link));
        let share = both.map(|(calls, errors)| errors as f64 / calls as f64);
        gathered.add_call(CallReading {
            from: text(link, "parent").unwrap_or_default().to_owned(),
            to: text(link, "child").unwrap_or_default().to_owned(),
            error_share: share.map(|it| it.min(1.0)),
            ..CallReading::default()
        });
    }
}
