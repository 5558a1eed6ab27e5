//! Says which settings of a design a target cannot say, and whose they are.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::{Carried, Scope};
use crate::{export::Exporter, model::Model};

/// Elements that are named in one note; the others are counted.
const NAMED: usize = 4;

/// A sentence for every field that is set somewhere and that the target cannot say.
pub(in crate::export) fn notes(exporter: &Exporter, model: &Model) -> Vec<String> {
    // Fields that lack for the same reason share a sentence.
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for field in exporter.fields {
        if let Carried::Not(why) = field.carried {
            match by_reason.iter_mut().find(|it| it.0 == why) {
                Some((_, paths)) => paths.push(field.path),
                None => by_reason.push((why, vec![field.path])),
            }
        }
    }
    if by_reason.is_empty() {
        return Vec::new();
    }
    let elements = elements(exporter.scope, model);
    let sentences = by_reason
        .iter()
        .filter_map(|(why, paths)| sentence(why, paths, &elements));
    sentences.collect()
}

fn sentence(why: &str, paths: &[&str], elements: &[Element]) -> Option<String> {
    let mut whose: BTreeSet<&str> = BTreeSet::new();
    let mut said = Vec::new();
    for path in paths {
        let Some((kind, inside)) = path.split_once('.') else {
            continue;
        };
        let pointer = format!("/{}", inside.replace('.', "/"));
        let sets =
            |it: &&Element| it.kind == kind && it.json.pointer(&pointer).is_some_and(is_said);
        let names: Vec<_> = elements
            .iter()
            .filter(sets)
            .map(|it| it.name.as_str())
            .collect();
        if !names.is_empty() {
            said.push(words(inside));
        }
        whose.extend(names);
    }
    if said.is_empty() {
        return None;
    }
    let what = capitalized(&said.join(", "));
    let whose: Vec<_> = whose.into_iter().collect();
    Some(format!("{what} of {}: {why}.", listed(&whose)))
}

struct Element {
    kind: &'static str,
    name: String,
    json: Value,
}

fn elements(scope: Scope, model: &Model) -> Vec<Element> {
    let mut all = Vec::new();
    let mut add = |kind, name: String, json: Value| all.push(Element { kind, name, json });
    for (id, it) in &model.services {
        if scope.covers(model, id) {
            add("service", id.to_string(), json(it.as_ref()));
        }
    }
    for it in model.dependencies.values() {
        if scope.covers(model, &it.from) {
            add(
                "dependency",
                format!("{} → {}", it.from, it.to),
                json(it.as_ref()),
            );
        }
    }
    for (id, it) in &model.routes {
        if scope.covers(model, &it.gateway) {
            add("route", format!("route {id}"), json(it.as_ref()));
        }
    }
    if scope == Scope::System {
        for (id, it) in &model.boundaries {
            add("boundary", id.to_string(), json(it.as_ref()));
        }
    }
    all
}

// Elements are plain data with text keys: there is no error to report.
fn json<T: Serialize>(element: &T) -> Value {
    serde_json::to_value(element).unwrap_or_default()
}

/// Whether a value of a project file says anything.
fn is_said(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(values) => !values.is_empty(),
        Value::Object(values) => !values.is_empty(),
        Value::String(text) => !text.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// `breaker.half_open_calls` as `breaker half open calls`.
fn words(path: &str) -> String {
    let words = path.split(['.', '_']);
    let words: Vec<_> = words
        .map(|it| match it {
            "ms" => "(ms)",
            "kib" => "(KiB)",
            "mib" => "(MiB)",
            "percent" => "(%)",
            other => other,
        })
        .collect();
    words.join(" ")
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn listed(names: &[&str]) -> String {
    let (first, rest) = names.split_at(names.len().min(NAMED));
    let text = first.join(", ");
    match rest.len() {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}
