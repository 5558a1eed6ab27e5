//! Structurizr DSL: a workspace with the system, its containers and a view.
//!
//! Reference: <https://docs.structurizr.com/dsl/language>.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{Nest, boundary_called, called, line, name, nests, relation, system, technology};
use crate::model::{Model, ServiceId, ServiceKind};

/// The workspace.
pub(super) fn text(model: &Model) -> String {
    let title = quoted(&system(model));
    let names = &Names::of(model);
    let mut out = format!(
        "workspace {title} {} {{\n    model {{\n",
        quoted(&model.description)
    );
    for (id, service) in model.services.iter().filter(|it| is_outside(model, it.0)) {
        writeln!(
            out,
            "        {} = softwareSystem {} {} \"{}\"",
            name('s', id.as_str()),
            names.quoted(id),
            quoted(&service.description),
            service.kind.label()
        )
        .unwrap_or_default();
    }
    writeln!(out, "        system = softwareSystem {title} {{").unwrap_or_default();
    let (nests, homeless) = nests(model);
    for it in &nests {
        nest(model, names, it, 3, &mut out);
    }
    for id in homeless.into_iter().filter(|it| !is_outside(model, it)) {
        container(model, names, id, 3, &mut out);
    }
    out.push_str("        }\n");
    relations(model, &mut out);
    out.push_str(
        "    }\n    views {\n        container system \"containers\" {\n            include *\n            autoLayout lr\n        }\n        \
         styles {\n            element \"Database\" {\n                shape Cylinder\n            }\n            element \"Broker\" {\n                shape Pipe\n            }\n        }\n    }\n}\n",
    );
    out
}

/// Whether it is no part of the system itself.
fn is_outside(model: &Model, id: &ServiceId) -> bool {
    let kind = model.services.get(id).map(|it| it.kind);
    matches!(kind, Some(ServiceKind::Client | ServiceKind::External))
}

/// Names have to differ here, and display names need not: then the id says which.
struct Names<'a> {
    by_id: BTreeMap<&'a ServiceId, String>,
}

impl<'a> Names<'a> {
    fn of(model: &'a Model) -> Self {
        let mut count: BTreeMap<String, u32> = BTreeMap::new();
        *count.entry(system(model)).or_default() += 1;
        for id in model.services.keys() {
            *count.entry(called(model, id)).or_default() += 1;
        }
        let name = |id: &'a ServiceId| {
            let name = called(model, id);
            match count.get(&name) {
                Some(1) => (id, name),
                Some(_) | None => (id, format!("{name} ({id})")),
            }
        };
        Self {
            by_id: model.services.keys().map(name).collect(),
        }
    }

    fn quoted(&self, id: &ServiceId) -> String {
        quoted(self.by_id.get(id).map_or("", String::as_str))
    }
}

/// A text in quotes, in which neither a quote nor a substitution means anything.
fn quoted(text: &str) -> String {
    let text = line(text).replace('\\', "/").replace('"', "\\\"");
    format!("\"{}\"", text.replace("${", "$ {"))
}

fn nest(model: &Model, names: &Names<'_>, it: &Nest<'_>, depth: usize, out: &mut String) {
    let indent = "    ".repeat(depth);
    let title = quoted(&boundary_called(model, it.id));
    writeln!(out, "{indent}group {title} {{").unwrap_or_default();
    for id in it.members.iter().filter(|it| !is_outside(model, it)) {
        container(model, names, id, depth + 1, out);
    }
    // Groups in groups need a separator that no name may have, so they stand side by side.
    writeln!(out, "{indent}}}").unwrap_or_default();
    for it in &it.inside {
        nest(model, names, it, depth, out);
    }
}

fn container(model: &Model, names: &Names<'_>, id: &ServiceId, depth: usize, out: &mut String) {
    let Some(service) = model.services.get(id) else {
        return;
    };
    let tag = if service.kind.is_store() {
        "Database"
    } else {
        service.kind.label()
    };
    writeln!(
        out,
        "{}{} = container {} {} {} \"{tag}\"",
        "    ".repeat(depth),
        name('s', id.as_str()),
        names.quoted(id),
        quoted(&service.description),
        quoted(&technology(service)),
    )
    .unwrap_or_default();
}

/// Two relations between the same two need two descriptions.
fn relations(model: &Model, out: &mut String) {
    let mut seen = BTreeSet::new();
    let calls = model
        .dependencies
        .values()
        .map(|it| (&it.from, &it.to, relation(it)));
    let routes = model
        .routes
        .values()
        .map(|it| (&it.gateway, &it.service, format!("route {}", it.label())));
    for (from, to, what) in calls.chain(routes) {
        if from != to && seen.insert((from, to, line(&what))) {
            writeln!(
                out,
                "        {} -> {} {}",
                name('s', from.as_str()),
                name('s', to.as_str()),
                quoted(&what)
            )
            .unwrap_or_default();
        }
    }
}
