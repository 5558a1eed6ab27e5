//! YAML as a tree of values, and its writer.
//!
//! Every YAML file of a bundle is built from these values, so that no name and no
//! text of a design can become syntax. What is written means the same to readers of
//! YAML 1.1 and 1.2: a text that one of them would take for anything else is quoted.

mod scalar;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

/// Lists of short scalars up to this many characters are written on one line.
const MAX_FLOW_CHARS: usize = 88;

/// Any YAML value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// A text with a remark behind it on its line.
    Noted(String, &'static str),
    /// A text of several lines, written as such where YAML can.
    Block(String),
    /// A list.
    List(Vec<Self>),
    /// A list of texts, each on a line of its own however short they are.
    Lines(Vec<String>),
    /// A mapping.
    Map(Map),
}

/// A mapping in the order its keys were first set.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Map {
    entries: Vec<Entry>,
    spaced: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    comment: String,
    key: String,
    value: Value,
}

impl Map {
    /// A mapping whose entries are set apart by empty lines.
    pub(super) fn spaced() -> Self {
        Self {
            entries: Vec::new(),
            spaced: true,
        }
    }

    /// Sets a key; one that is there already keeps its place.
    pub(super) fn set(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.set_with_comment(key, value, "");
    }

    /// Sets a key with a line of comment above it.
    pub(super) fn set_with_comment(
        &mut self,
        key: impl Into<String>,
        value: impl Into<Value>,
        comment: impl Into<String>,
    ) {
        let (key, value, comment) = (key.into(), value.into(), comment.into());
        match self.entries.iter_mut().find(|it| it.key == key) {
            Some(entry) => entry.value = value,
            None => self.entries.push(Entry {
                comment,
                key,
                value,
            }),
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let mut entries = self.entries.iter();
        entries.find(|it| it.key == key).map(|it| &it.value)
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes over another mapping: mappings inside are joined, anything else is replaced.
    pub(super) fn merge(&mut self, other: Self) {
        for entry in other.entries {
            let known = self.entries.iter_mut().find(|it| it.key == entry.key);
            match (known, entry.value) {
                (Some(known), Value::Map(theirs)) => match &mut known.value {
                    Value::Map(ours) => ours.merge(theirs),
                    other => *other = Value::Map(theirs),
                },
                (Some(known), value) => known.value = value,
                (None, value) => self.entries.push(Entry { value, ..entry }),
            }
        }
    }

    /// The file: an optional comment on top, then the mapping.
    pub(super) fn to_file(&self, comment: &str) -> String {
        let mut out = String::new();
        write_comment(&mut out, comment, 0);
        if self.is_empty() {
            out.push_str("{}\n");
        } else {
            write_map(&mut out, self, 0, false);
        }
        out
    }
}

/// A file that is a list: an optional comment on top, then its entries.
pub(super) fn list_to_file(comment: &str, values: &[Value]) -> String {
    let mut out = String::new();
    write_comment(&mut out, comment, 0);
    write_list(&mut out, values, 0);
    out
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut map = Self::default();
        for (key, value) in pairs {
            map.set(key, value);
        }
        map
    }
}

impl<const N: usize> From<[(&str, Value); N]> for Map {
    fn from(pairs: [(&str, Value); N]) -> Self {
        pairs.into_iter().collect()
    }
}

impl<const N: usize> From<[(&str, Self); N]> for Value {
    fn from(pairs: [(&str, Self); N]) -> Self {
        Self::Map(pairs.into())
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u16> for Value {
    fn from(value: u16) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl<V: Into<Self>> From<Vec<V>> for Value {
    fn from(values: Vec<V>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<const N: usize> From<[&str; N]> for Value {
    fn from(values: [&str; N]) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Self::Int(whole),
                (None, Some(float)) => Self::Float(float),
                (None, None) => Self::Text(number.to_string()),
            },
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(values) => Self::List(values.iter().map(Self::from).collect()),
            serde_json::Value::Object(values) => Self::Map(
                values
                    .iter()
                    .map(|(key, value)| (key.as_str(), Self::from(value)))
                    .collect(),
            ),
        }
    }
}

fn write_comment(out: &mut String, comment: &str, depth: usize) {
    for line in comment.lines().filter(|it| !it.is_empty()) {
        let line: String = line
            .chars()
            .map(|it| if scalar::is_printable(it) { it } else { ' ' })
            .collect();
        indent(out, depth);
        out.push_str("# ");
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// Writes a mapping; with `inline`, its first key stands behind a list's dash.
fn write_map(out: &mut String, map: &Map, depth: usize, inline: bool) {
    for (number, entry) in map.entries.iter().enumerate() {
        let in_place = inline && number == 0;
        if !in_place {
            if map.spaced && number > 0 {
                out.push('\n');
            }
            write_comment(out, &entry.comment, depth);
            indent(out, depth);
        }
        scalar::write(out, &entry.key);
        out.push(':');
        write_after_key(out, &entry.value, depth);
    }
}

fn write_after_key(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            out.push('\n');
            write_map(out, map, depth + 1, false);
        }
        Value::List(values) if !values.is_empty() => {
            if let Some(line) = flow(values) {
                out.push(' ');
                out.push_str(&line);
                out.push('\n');
            } else {
                out.push('\n');
                write_list(out, values, depth + 1);
            }
        }
        Value::Lines(lines) if !lines.is_empty() => {
            out.push('\n');
            for line in lines {
                indent(out, depth + 1);
                out.push_str("- ");
                scalar::write(out, line);
                out.push('\n');
            }
        }
        Value::Block(text) if scalar::is_block(text) => {
            out.push_str(" |\n");
            for line in text.lines() {
                if !line.is_empty() {
                    indent(out, depth + 1);
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
        _ => {
            out.push(' ');
            write_scalar(out, value);
            if let Value::Noted(_, remark) = value {
                out.push_str(" # ");
                out.push_str(remark);
            }
            out.push('\n');
        }
    }
}

fn write_list(out: &mut String, values: &[Value], depth: usize) {
    for value in values {
        indent(out, depth);
        out.push('-');
        match value {
            Value::Map(map) if !map.is_empty() => {
                out.push(' ');
                write_map(out, map, depth + 1, true);
            }
            other => write_after_key(out, other, depth),
        }
    }
}

/// A list of scalars on one line, where it is short enough.
fn flow(values: &[Value]) -> Option<String> {
    let mut line = String::from("[");
    for (number, value) in values.iter().enumerate() {
        if matches!(
            value,
            Value::Map(_) | Value::List(_) | Value::Lines(_) | Value::Block(_) | Value::Noted(..)
        ) {
            return None;
        }
        if number > 0 {
            line.push_str(", ");
        }
        write_scalar(&mut line, value);
    }
    line.push(']');
    (line.chars().count() <= MAX_FLOW_CHARS).then_some(line)
}

fn write_scalar(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => write!(out, "{value}").unwrap_or_default(),
        Value::Float(value) => out.push_str(&scalar::float(*value)),
        Value::Text(text) | Value::Block(text) | Value::Noted(text, _) => {
            scalar::write(out, text);
        }
        Value::List(_) | Value::Lines(_) => out.push_str("[]"),
        Value::Map(_) => out.push_str("{}"),
    }
}
