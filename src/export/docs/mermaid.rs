//! Mermaid: a flowchart that GitHub and GitLab draw inside Markdown.
//!
//! Reference: <https://mermaid.js.org/syntax/flowchart.html>.

use std::fmt::Write as _;

use super::{Nest, boundary_called, called, line, name, nests, relation, technology};
use crate::model::{Mode, Model, ServiceId, ServiceKind};

/// The flowchart.
pub(super) fn text(model: &Model) -> String {
    let mut out = String::from("flowchart LR\n");
    let (nests, homeless) = nests(model);
    for it in &nests {
        nest(model, it, 1, &mut out);
    }
    for id in homeless {
        node(model, id, 1, &mut out);
    }
    for it in model.dependencies.values() {
        let arrow = if it.mode == Mode::Async {
            "-.->"
        } else {
            "-->"
        };
        writeln!(
            out,
            "  {} {arrow}|\"{}\"| {}",
            name('s', it.from.as_str()),
            quoted(&relation(it)),
            name('s', it.to.as_str())
        )
        .unwrap_or_default();
    }
    for it in model.routes.values() {
        writeln!(
            out,
            "  {} ==>|\"{}\"| {}",
            name('s', it.gateway.as_str()),
            quoted(&it.label()),
            name('s', it.service.as_str())
        )
        .unwrap_or_default();
    }
    out
}

/// A text inside double quotes, in which only entities mean anything.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for it in line(text).chars() {
        let is_plain = it.is_alphanumeric() || " .,:/-→".contains(it);
        if is_plain {
            out.push(it);
        } else {
            write!(out, "#{};", u32::from(it)).unwrap_or_default();
        }
    }
    if out.is_empty() { " ".to_owned() } else { out }
}

fn nest(model: &Model, it: &Nest<'_>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let title = quoted(&boundary_called(model, it.id));
    writeln!(
        out,
        "{indent}subgraph {}[\"{title}\"]",
        name('b', it.id.as_str())
    )
    .unwrap_or_default();
    for id in &it.members {
        node(model, id, depth + 1, out);
    }
    for it in &it.inside {
        nest(model, it, depth + 1, out);
    }
    writeln!(out, "{indent}end").unwrap_or_default();
}

fn node(model: &Model, id: &ServiceId, depth: usize, out: &mut String) {
    let Some(service) = model.services.get(id) else {
        return;
    };
    let (open, close) = match service.kind {
        kind if kind.is_store() => ("[(", ")]"),
        ServiceKind::Gateway => ("{{", "}}"),
        ServiceKind::Client => ("([", "])"),
        ServiceKind::Broker => ("[[", "]]"),
        ServiceKind::External => (">", "]"),
        _ => ("[", "]"),
    };
    let mut label = quoted(&called(model, id));
    let technology = quoted(&technology(service));
    if !technology.trim().is_empty() {
        write!(label, "<br>{technology}").unwrap_or_default();
    }
    writeln!(
        out,
        "{}{}{open}\"{label}\"{close}",
        "  ".repeat(depth),
        name('s', id.as_str())
    )
    .unwrap_or_default();
}
