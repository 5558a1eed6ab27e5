//! What a compose file says, as a tree in which everything knows its line.
//!
//! Apart from the reading, because merging, interpolation and conversion all work on
//! it. A text that had variables in it keeps how it was written next to its value.

use std::collections::BTreeMap;

/// Entries of a mapping, sorted: the order of keys means nothing in Compose.
pub(super) type Entries = BTreeMap<String, Node>;

/// Where something stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of the file, in the order in which files were read.
    pub(super) file: usize,
    /// The line, counted from 1.
    pub(super) line: u32,
}

/// What is wrong, where, and what to do; without a place it is the first file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) place: Option<Place>,
    pub(super) what: String,
    pub(super) remedy: String,
}

impl Problem {
    pub(super) fn at(place: Place, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    pub(super) fn whole(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            place: None,
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

/// What a tag says about merging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MergeTag {
    /// `!reset`: forget what earlier files said.
    Reset,
    /// `!override`: replace instead of merging.
    Override,
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Value,
    /// Of its key, if it is an entry of a mapping.
    pub(super) place: Place,
    pub(super) tag: Option<MergeTag>,
    /// The text before variables were put in, where that differs.
    pub(super) written: Option<Box<str>>,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    /// A plain date, which Compose takes for no text.
    Date(String),
    Text(String),
    List(Vec<Node>),
    Map(Entries),
}

impl Node {
    pub(super) fn new(value: Value, place: Place) -> Self {
        Self {
            value,
            place,
            tag: None,
            written: None,
        }
    }

    pub(super) fn text(text: impl Into<String>, place: Place) -> Self {
        Self::new(Value::Text(text.into()), place)
    }

    pub(super) fn map(entries: Entries, place: Place) -> Self {
        Self::new(Value::Map(entries), place)
    }

    pub(super) fn entries(&self) -> Option<&Entries> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().and_then(|it| it.get(key))
    }

    pub(super) fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A single value as text, the way Compose prints numbers; nothing for null,
    /// dates, lists and mappings.
    pub(super) fn scalar(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) => Some(text.clone()),
            Value::Bool(it) => Some(it.to_string()),
            Value::Int(it) => Some(it.to_string()),
            Value::Float(it) => Some(float_text(*it)),
            Value::Null | Value::Date(_) | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// What it is, for a message.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a yes or no",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Date(_) => "a date",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// How many nodes it has, itself included, and how many levels.
    pub(super) fn measure(&self) -> (usize, usize) {
        let children: &mut dyn Iterator<Item = &Self> = match &self.value {
            Value::List(items) => &mut items.iter(),
            Value::Map(entries) => &mut entries.values(),
            _ => return (1, 1),
        };
        let (mut size, mut depth) = (1, 0);
        for child in children {
            let (child_size, child_depth) = child.measure();
            size += child_size;
            depth = depth.max(child_depth);
        }
        (size, depth + 1)
    }

    /// As JSON, with texts as they were written, variables and all.
    pub(super) fn as_written(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        if let Some(written) = &self.written {
            return Json::String(written.to_string());
        }
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(it) => Json::Bool(*it),
            Value::Int(it) => i64::try_from(*it)
                .map(Json::from)
                .or_else(|_| u64::try_from(*it).map(Json::from))
                .unwrap_or_else(|_| Json::String(it.to_string())),
            Value::Float(it) => serde_json::Number::from_f64(*it)
                .map_or_else(|| Json::String(float_text(*it)), Json::Number),
            Value::Date(text) | Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Self::as_written).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|(key, it)| (key.clone(), it.as_written()))
                .collect(),
        }
    }
}

/// A number as Compose prints it: shortest, with an exponent only below 0.0001 and
/// from 10²¹ on.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) {
        let text = format!("{number:e}");
        if let Some((digits, exponent)) = text.split_once('e') {
            let (sign, exponent) = exponent
                .strip_prefix('-')
                .map_or(('+', exponent), |it| ('-', it));
            return format!("{digits}e{sign}{exponent:0>2}");
        }
        return text;
    }
    format!("{number}")
}

#[cfg(test)]
mod tests {
    use super::float_text;

    #[test]
    fn numbers_read_as_compose_prints_them() {
        assert_eq!(float_text(1.0), "1");
        assert_eq!(float_text(1.5), "1.5");
        assert_eq!(float_text(1e21), "1e+21");
        assert_eq!(float_text(0.00001), "1e-05");
        assert_eq!(float_text(f64::INFINITY), "+Inf");
    }
}
