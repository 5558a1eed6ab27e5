//! Graphviz DOT. Reference: <https://graphviz.org/doc/info/lang.html>.

use std::fmt::Write as _;

use super::{Nest, boundary_called, called, line, nests, relation, system, technology};
use crate::model::{Mode, Model, ServiceId, ServiceKind};

/// The graph.
pub(super) fn text(model: &Model) -> String {
    let mut out = format!(
        "digraph {} {{\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n  \
         edge [fontname=\"sans-serif\", fontsize=10];\n",
        quoted(&system(model))
    );
    let (nests, homeless) = nests(model);
    for it in &nests {
        nest(model, it, 1, &mut out);
    }
    for id in homeless {
        node(model, id, 1, &mut out);
    }
    for it in model.dependencies.values() {
        let style = if it.mode == Mode::Async {
            ", style=dashed"
        } else {
            ""
        };
        writeln!(
            out,
            "  {} -> {} [label={}{style}];",
            quoted(it.from.as_str()),
            quoted(it.to.as_str()),
            quoted(&relation(it))
        )
        .unwrap_or_default();
    }
    for it in model.routes.values() {
        writeln!(
            out,
            "  {} -> {} [label={}, style=bold];",
            quoted(it.gateway.as_str()),
            quoted(it.service.as_str()),
            quoted(&it.label())
        )
        .unwrap_or_default();
    }
    out.push_str("}\n");
    out
}

/// A text in quotes; a backslash would be the start of a name of Graphviz's own.
fn quoted(text: &str) -> String {
    let text = line(text).replace('\\', "\\\\").replace('"', "\\\"");
    // HTML entities are read in labels.
    format!("\"{}\"", text.replace('&', "&amp;"))
}

fn nest(model: &Model, it: &Nest<'_>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    writeln!(
        out,
        "{indent}subgraph {} {{\n{indent}  label={};",
        quoted(&format!("cluster_{}", it.id)),
        quoted(&boundary_called(model, it.id))
    )
    .unwrap_or_default();
    for id in &it.members {
        node(model, id, depth + 1, out);
    }
    for it in &it.inside {
        nest(model, it, depth + 1, out);
    }
    writeln!(out, "{indent}}}").unwrap_or_default();
}

fn node(model: &Model, id: &ServiceId, depth: usize, out: &mut String) {
    let Some(service) = model.services.get(id) else {
        return;
    };
    let shape = match service.kind {
        kind if kind.is_store() => ", shape=cylinder",
        ServiceKind::Gateway => ", shape=hexagon",
        ServiceKind::Client | ServiceKind::External => ", style=\"rounded,dashed\"",
        ServiceKind::Broker => ", shape=cds",
        _ => "",
    };
    let technology = technology(service);
    let mut label = quoted(&called(model, id));
    if !technology.is_empty() {
        label.pop();
        write!(label, "\\n{}", &quoted(&technology)[1..]).unwrap_or_default();
    }
    writeln!(
        out,
        "{}{} [label={label}{shape}];",
        "  ".repeat(depth),
        quoted(id.as_str())
    )
    .unwrap_or_default();
}
