//! Envoy's messages as values: typed configurations, headers, durations.

use crate::export::{
    bundle,
    yaml::{Map, Value},
};

/// What to do with a header that may be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Append {
    /// It is replaced.
    Replace,
    /// It is left as it is.
    IfAbsent,
    /// Another value is added to it.
    Add,
}

/// A message that says its own type.
pub(super) fn message(kind: &str, fields: Map) -> Map {
    let mut map = Map::from([("@type", format!("type.googleapis.com/envoy.{kind}").into())]);
    map.merge(fields);
    map
}

/// An extension: its name, and its configuration with its type.
pub(super) fn extension(name: &str, kind: &str, fields: Map) -> Map {
    Map::from([
        ("name", name.into()),
        ("typed_config", message(kind, fields).into()),
    ])
}

/// A header to add. A `%` in the value starts one of Envoy's own words.
pub(super) fn header(key: &str, value: &str, append: Append) -> Map {
    let action = match append {
        Append::Replace => "OVERWRITE_IF_EXISTS_OR_ADD",
        Append::IfAbsent => "ADD_IF_ABSENT",
        Append::Add => "APPEND_IF_EXISTS_OR_ADD",
    };
    Map::from([
        (
            "header",
            [("key", key.into()), ("value", value.into())].into(),
        ),
        ("append_action", action.into()),
    ])
}

/// Milliseconds as Envoy reads them: `0.75s`.
pub(super) fn seconds(ms: u64) -> Value {
    bundle::docker_duration(ms).into()
}

/// A whole number within Envoy's 32 bits.
pub(super) fn whole(number: u64) -> Value {
    Value::Int(i64::from(u32::try_from(number).unwrap_or(u32::MAX)))
}

/// A number of the design that Envoy can count: not zero, and at most about 24 days.
pub(super) fn counted(ms: Option<u64>) -> Option<u64> {
    ms.filter(|it| (1..=bundle::USUAL_LIMITS.timeout_ms).contains(it))
}

/// A regular expression that has to match as a whole.
pub(super) fn regex(pattern: &str) -> Value {
    [("safe_regex", [("regex", pattern.into())].into())].into()
}
