//! `PlantUML` with its C4 library: a container diagram.
//!
//! Reference: <https://github.com/plantuml-stdlib/C4-PlantUML>.

use std::fmt::Write as _;

use super::{Nest, boundary_called, called, line, name, nests, relation, system, technology};
use crate::model::{Model, ServiceId, ServiceKind};

/// The diagram.
pub(super) fn text(model: &Model) -> String {
    let mut out = String::from("@startuml\n!include <C4/C4_Container>\n\nLAYOUT_LEFT_RIGHT()\n");
    writeln!(out, "title {}\n", escaped(&system(model))).unwrap_or_default();
    let (nests, homeless) = nests(model);
    for it in &nests {
        nest(model, it, 0, &mut out);
    }
    for id in homeless {
        element(model, id, 0, &mut out);
    }
    out.push('\n');
    for it in model.dependencies.values() {
        let protocol = it
            .protocol
            .map_or_else(String::new, |it| format!("{it:?}").to_ascii_uppercase());
        relate(
            &mut out,
            (it.from.as_str(), it.to.as_str()),
            &relation(it),
            &protocol,
        );
    }
    for it in model.routes.values() {
        let ends = (it.gateway.as_str(), it.service.as_str());
        relate(&mut out, ends, &it.label(), "route");
    }
    out.push_str("\nSHOW_LEGEND()\n@enduml\n");
    out
}

fn relate(out: &mut String, ends: (&str, &str), label: &str, technology: &str) {
    writeln!(
        out,
        "Rel({}, {}, \"{}\", \"{}\")",
        name('s', ends.0),
        name('s', ends.1),
        escaped(label),
        escaped(technology)
    )
    .unwrap_or_default();
}

/// A text in which every sign that could mean something stands as its number.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for it in line(text).chars() {
        if it.is_alphanumeric() || " .:/-→".contains(it) {
            out.push(it);
        } else {
            write!(out, "<U+{:04X}>", u32::from(it)).unwrap_or_default();
        }
    }
    if out.is_empty() { " ".to_owned() } else { out }
}

fn nest(model: &Model, it: &Nest<'_>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let title = escaped(&boundary_called(model, it.id));
    writeln!(
        out,
        "{indent}Boundary({}, \"{title}\") {{",
        name('b', it.id.as_str())
    )
    .unwrap_or_default();
    for id in &it.members {
        element(model, id, depth + 1, out);
    }
    for it in &it.inside {
        nest(model, it, depth + 1, out);
    }
    writeln!(out, "{indent}}}").unwrap_or_default();
}

fn element(model: &Model, id: &ServiceId, depth: usize, out: &mut String) {
    let Some(service) = model.services.get(id) else {
        return;
    };
    let macro_name = match service.kind {
        kind if kind.is_store() => "ContainerDb",
        ServiceKind::Broker => "ContainerQueue",
        ServiceKind::External => "System_Ext",
        _ => "Container",
    };
    let (label, what) = (escaped(&called(model, id)), escaped(&service.description));
    let indent = "  ".repeat(depth);
    let alias = name('s', id.as_str());
    if service.kind == ServiceKind::External {
        writeln!(
            out,
            "{indent}{macro_name}({alias}, \"{label}\", \"{what}\")"
        )
        .unwrap_or_default();
    } else {
        let technology = escaped(&technology(service));
        writeln!(
            out,
            "{indent}{macro_name}({alias}, \"{label}\", \"{technology}\", \"{what}\")"
        )
        .unwrap_or_default();
    }
}
