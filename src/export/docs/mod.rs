//! Documents: the catalogue in words, and the picture in the languages people draw with.
//!
//! Mermaid, `PlantUML` with the C4 model, Structurizr DSL, Graphviz DOT and SVG show the
//! same elements and the same calls. Each has its own way to make a text harmless.

mod catalogue;
mod decisions;
mod dot;
mod fields;
mod markdown;
mod mermaid;
mod plantuml;
mod structurizr;
mod svg;

#[cfg(test)]
mod tests;

use super::{Export, ExportError, Exporter, fields::Scope};
use crate::model::{Access, BoundaryId, Dependency, Mode, Model, Service, ServiceId};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "docs",
    title: "Documents",
    purpose: "people",
    checked_by: &[
        "markdownlint",
        "PlantUML",
        "Structurizr",
        "Graphviz",
        "xmllint",
    ],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    for (name, text) in [
        ("ARCHITECTURE.md", catalogue::text(model)),
        ("architecture.mmd", mermaid::text(model)),
        ("architecture.puml", plantuml::text(model)),
        ("workspace.dsl", structurizr::text(model)),
        ("architecture.dot", dot::text(model)),
        ("architecture.svg", svg::text(model)),
    ] {
        export.files.insert(format!("docs/{name}"), text);
    }
    Ok(export)
}

/// A text on one line, without characters that no line shows.
fn line(text: &str) -> String {
    let is_plain = |it: char| {
        // Marks that turn the direction of writing could show one thing and say another.
        !it.is_control()
            && !matches!(it, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    let words = text.split_whitespace();
    let words: Vec<String> = words
        .map(|it| it.chars().filter(|it| is_plain(*it)).collect())
        .collect();
    words.join(" ")
}

/// An id as a name in languages whose names have no dash and do not start with a digit;
/// ids have no underscore, so no two meet.
fn name(kind: char, id: &str) -> String {
    format!("{kind}_{}", id.replace('-', "_"))
}

/// The system's name, or what stands for one.
fn system(model: &Model) -> String {
    let name = line(&model.name);
    if name.is_empty() {
        "The system".to_owned()
    } else {
        name
    }
}

/// A service's display name on one line; its id where that is empty.
fn called(model: &Model, id: &ServiceId) -> String {
    let name = line(model.service_name(id));
    if name.is_empty() {
        id.to_string()
    } else {
        name
    }
}

fn boundary_called(model: &Model, id: &BoundaryId) -> String {
    let name = line(model.boundary_name(id));
    if name.is_empty() {
        id.to_string()
    } else {
        name
    }
}

/// What a service is built with, as people write it.
fn technology(service: &Service) -> String {
    match service.known_technology() {
        Some(known) => known.label.to_owned(),
        None if service.technology.is_empty() => line(&service.image),
        None => line(&service.technology),
    }
}

/// What a dependency is, in few words: `calls, 800 ms, breaker`.
fn relation(dependency: &Dependency) -> String {
    let access = match dependency.access {
        Access::Call => "calls",
        Access::Read => "reads",
        Access::Write => "writes",
        Access::Publish => "publishes to",
        Access::Consume => "consumes from",
    };
    let mut parts = vec![access.to_owned()];
    if !dependency.operation.is_empty() {
        parts[0] = format!("{access} {}", line(&dependency.operation));
    }
    if let Some(ms) = dependency.timeout_ms {
        parts.push(format!("{ms} ms"));
    }
    if let Some(retries) = dependency.retries.as_ref().filter(|it| it.count > 0) {
        let word = if retries.count == 1 {
            "retry"
        } else {
            "retries"
        };
        parts.push(format!("{} {word}", retries.count));
    }
    if dependency.breaker.is_some() {
        parts.push("breaker".to_owned());
    }
    if dependency.mode == Mode::Async {
        parts.push("async".to_owned());
    }
    parts.join(", ")
}

/// A boundary with its members and the boundaries inside it.
#[derive(Debug)]
struct Nest<'a> {
    id: &'a BoundaryId,
    members: Vec<&'a ServiceId>,
    inside: Vec<Self>,
}

/// Every boundary in its parent, and the services that are in none.
fn nests(model: &Model) -> (Vec<Nest<'_>>, Vec<&ServiceId>) {
    let members = model.members();
    let parent = |id: &BoundaryId| model.boundaries.get(id).and_then(|it| it.parent.as_ref());
    let top = model
        .boundaries
        .keys()
        .filter(|it| parent(it).is_none_or(|it| !model.boundaries.contains_key(it)));
    let nests = top.map(|it| nest(model, it, &members, 0)).collect();
    let is_homeless = |id: &&ServiceId| {
        let boundary = model.services.get(*id).and_then(|it| it.boundary.as_ref());
        boundary.is_none_or(|it| !model.boundaries.contains_key(it))
    };
    (nests, model.services.keys().filter(is_homeless).collect())
}

/// Boundaries are no deeper than this; a file that says otherwise is refused at opening.
const MOST_DEPTH: usize = 64;

fn nest<'a>(
    model: &'a Model,
    id: &'a BoundaryId,
    members: &std::collections::BTreeMap<Option<&'a BoundaryId>, Vec<&'a ServiceId>>,
    depth: usize,
) -> Nest<'a> {
    let inside = model
        .boundaries
        .iter()
        .filter(|(_, it)| depth < MOST_DEPTH && it.parent.as_ref() == Some(id));
    Nest {
        id,
        members: members.get(&Some(id)).cloned().unwrap_or_default(),
        inside: inside
            .map(|(id, _)| nest(model, id, members, depth + 1))
            .collect(),
    }
}
