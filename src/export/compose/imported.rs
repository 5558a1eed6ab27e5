//! Puts back what an import from Compose could not model.
//!
//! A service keeps such settings in `extra.compose`, under Compose's own keys. Entries
//! of lists there stand for the shortened ones of the model; they meet by what they are
//! in the container. `extra.compose_source` has the service's name where that is no id,
//! and settings with variables as they were written.

use serde_json::Value as Json;

use super::words;
use crate::{
    export::yaml::{Map, Value},
    model::{Model, Service, ServiceId},
};

/// Lists whose kept entries replace the model's entries of the same place.
const LISTS: [&str; 4] = ["ports", "expose", "volumes", "secrets"];

/// The name of a service in the compose file.
pub(in crate::export) fn name<'a>(id: &'a ServiceId, service: &'a Service) -> &'a str {
    let source = service.extra.get("compose_source");
    source
        .and_then(|it| it.get("name")?.as_str())
        .filter(|it| words::is_volume_name(it))
        .unwrap_or(id.as_str())
}

/// A setting as it was written, while the design still says what that comes to with
/// the defaults of its variables.
pub(super) fn written(service: &Service, key: &str, value: &str) -> Option<String> {
    let text = source_key(service, key)?.as_str()?;
    (with_defaults(text)? == value).then(|| text.to_owned())
}

/// A variable of the environment as it was written. A secret was kept by its name only,
/// so there is no value (`None`) that it could differ from.
pub(super) fn written_variable(
    service: &Service,
    name: &str,
    value: Option<&str>,
) -> Option<String> {
    let text = match source_key(service, "environment")? {
        Json::Object(variables) => variables.get(name)?.as_str()?,
        Json::Array(lines) => lines.iter().find_map(|it| {
            let (before, text) = it.as_str()?.split_once('=')?;
            (before == name).then_some(text)
        })?,
        _ => return None,
    };
    let is_same = value.is_none_or(|it| with_defaults(text).is_some_and(|text| text == it));
    is_same.then(|| text.to_owned())
}

fn source_key<'a>(service: &'a Service, key: &str) -> Option<&'a Json> {
    service.extra.get("compose_source")?.get("keys")?.get(key)
}

/// What a text comes to where no variable is set; `None` for forms with more in them.
fn with_defaults(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some(after) = after.strip_prefix('{') {
            let (inside, after) = after.split_once('}')?;
            let end = inside.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
            let form = &inside[end.unwrap_or(inside.len())..];
            let default = form.strip_prefix(":-").or_else(|| form.strip_prefix('-'));
            if default.is_none() && !form.is_empty() || inside.contains('$') {
                return None;
            }
            out.push_str(default.unwrap_or_default());
            rest = after;
        } else {
            let end = after.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
            rest = &after[end.unwrap_or(after.len())..];
        }
    }
    out.push_str(rest);
    Some(out)
}

/// What was kept of the file as a whole, but for its version, which Docker Compose no
/// longer reads and warns about.
pub(super) fn top_level(model: &Model) -> Option<Map> {
    let Json::Object(kept) = model.extra.get("compose")? else {
        return None;
    };
    let mut map = Map::default();
    for (key, value) in kept.iter().filter(|(key, _)| *key != "version") {
        map.set(key.as_str(), Value::from(value));
    }
    Some(map)
}

/// Joins what was kept into a service that was written from the model.
pub(super) fn merge(map: &mut Map, service: &Service) {
    let Some(Json::Object(kept)) = service.extra.get("compose") else {
        return;
    };
    let mut extra = Map::default();
    for (key, value) in kept {
        let value = match (LISTS.contains(&key.as_str()), value, map.get(key)) {
            (true, Json::Array(kept), Some(Value::List(ours))) => {
                let places: Vec<_> = kept.iter().flat_map(places).collect();
                let ours = ours.iter().filter(|it| !places.contains(&place(it)));
                let kept = kept.iter().map(Value::from);
                Value::List(ours.cloned().chain(kept).collect())
            }
            (_, value, _) => Value::from(value),
        };
        extra.set(key.as_str(), value);
    }
    map.merge(extra);
}

/// The places in the container that a kept entry is for: a path, a port, or each port
/// of a range.
fn places(entry: &Json) -> Vec<String> {
    let text = match entry {
        Json::Object(_) => {
            let target = entry.get("target").or_else(|| entry.get("source"));
            match target {
                Some(Json::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            }
        }
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let parts: Vec<&str> = text.split(':').collect();
    let last = parts
        .last()
        .map_or("", |it| it.split('/').next().unwrap_or(it));
    let range = last.split_once('-').unwrap_or((last, last));
    if let (Ok(first), Ok(end)) = (range.0.parse::<u16>(), range.1.parse::<u16>()) {
        return (first..=end).map(|it| it.to_string()).collect();
    }
    // The path of a mount is its second part, or the only one.
    let path = if parts.len() > 1 { parts[1] } else { parts[0] };
    vec![path.to_owned()]
}

/// The place in the container that one of our own entries is for.
fn place(entry: &Value) -> String {
    match entry {
        Value::Map(map) => match map.get("target") {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Int(number)) => number.to_string(),
            Some(_) | None => String::new(),
        },
        Value::Text(text) => text.split('/').next().unwrap_or(text).to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{places, with_defaults};

    #[test]
    fn kept_entries_are_found_by_what_they_are_in_the_container() {
        let places = |it| places(&it).join(" ");
        assert_eq!(places(json!("127.0.0.1:8080:80/tcp")), "80");
        assert_eq!(places(json!("3000-3002:4000-4002")), "4000 4001 4002");
        assert_eq!(places(json!({"target": 53, "protocol": "udp"})), "53");
        assert_eq!(places(json!("./x:/y:ro,z")), "/y");
        assert_eq!(places(json!({"type": "bind", "target": "/z"})), "/z");
    }

    #[test]
    fn a_text_comes_to_its_defaults_where_nothing_is_set() {
        let text = |it| with_defaults(it).unwrap_or_else(|| "?".to_owned());
        assert_eq!(text("a:${TAG:-1.0}$$x"), "a:1.0$x");
        assert_eq!(text("${A-b}/$C/${D}"), "b//");
        assert_eq!(text("${A:?needed}"), "?");
    }
}
