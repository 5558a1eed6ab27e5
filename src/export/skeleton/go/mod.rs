//! The skeleton of a service in Go: the standard library and nothing else.
//!
//! gobreaker was weighed and left out: it has no window of calls and no slow calls, so
//! that the breaker Meshboard offers first could not be said with it.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use super::facts::{self, Facts};
use crate::{
    export::{
        FileSet,
        bundle::{Call, Endpoint},
    },
    model::{Model, Service, ServiceId, ServiceKind},
};

/// What every program of this stack is made of.
const FILES: &[(&str, &str)] = &[
    ("breaker.go", include_str!("files/breaker.go")),
    ("breaker_test.go", include_str!("files/breaker_test.go")),
    ("callers.go", include_str!("files/callers.go")),
    ("client.go", include_str!("files/client.go")),
    ("client_test.go", include_str!("files/client_test.go")),
    ("go.mod", include_str!("files/service.mod")),
    ("logging.go", include_str!("files/logging.go")),
    ("request.go", include_str!("files/request.go")),
    ("settings.go", include_str!("files/settings.go")),
];

/// What answers calls.
const SERVER: &[(&str, &str)] = &[
    ("main.go", include_str!("files/main.go")),
    ("metrics.go", include_str!("files/metrics.go")),
    ("server.go", include_str!("files/server.go")),
    ("server_test.go", include_str!("files/server_test.go")),
];

/// The files of one service, by their path in its folder.
pub(super) fn files(model: &Model, id: &ServiceId, service: &Service) -> FileSet {
    let facts = Facts::of(model, id, service);
    let mut files = facts::taken(FILES);
    if service.kind == ServiceKind::Job {
        files.extend(facts::taken(&[("main.go", include_str!("files/job.go"))]));
    } else {
        files.extend(facts::taken(SERVER));
        files.insert("operations.go".to_owned(), operations(&facts.endpoints));
    }
    files.insert("design.go".to_owned(), design(&facts));
    files
}

/// What a skeleton of this stack does otherwise than drawn.
pub(super) fn notes(model: &Model, id: &ServiceId, service: &Service) -> Vec<String> {
    Facts::of(model, id, service).notes
}

fn design(facts: &Facts<'_>) -> String {
    let mut text = String::from("package main\n\n// What the design says of this service.\n\n");
    let mut constant = |name: &str, value: &str| {
        writeln!(text, "const {name} = {}\n", quoted(value)).unwrap_or_default();
    };
    constant("serviceName", facts.id.as_str());
    if facts.is_server {
        constant("usualPort", &facts.port.to_string());
        constant("healthPath", facts.health_path);
        constant("readyPath", facts.ready_path);
        constant("breakersPath", facts.breakers_path);
        constant("metricsPath", facts.metrics_path);
        let more = facts.health_port.map(|it| quoted(&it.to_string()));
        text.push_str("// Its health is asked for on these ports too.\n");
        writeln!(
            text,
            "var morePorts = []string{{{}}}\n",
            more.unwrap_or_default()
        )
        .unwrap_or_default();
    }
    text.push_str("// Whom it calls over HTTP.\nvar dependencies = []dependency{");
    for call in &facts.calls {
        write!(text, "\n\t{},", dependency(call)).unwrap_or_default();
    }
    text.push_str(if facts.calls.is_empty() {
        "}\n"
    } else {
        "\n}\n"
    });
    text
}

fn dependency(call: &Call<'_>) -> String {
    let it = call.dependency;
    let mut text = format!(
        "{{name: {}, prefix: {}, address: {}, method: {}, path: {}",
        quoted(&call.name),
        quoted(&call.prefix),
        quoted(&call.address),
        quoted(call.method.as_str()),
        quoted(&call.path)
    );
    let flags = [
        ("mayRepeat", it.idempotent == Some(true)),
        ("neverRepeat", it.idempotent == Some(false)),
        ("isHard", it.is_hard()),
        ("hasFallback", it.fallback.is_some()),
    ];
    for (name, _) in flags.iter().filter(|(_, is_set)| *is_set) {
        write!(text, ", {name}: true").unwrap_or_default();
    }
    if let Some(fallback) = &it.fallback {
        write!(text, ", fallback: {}", quoted(&fallback.description)).unwrap_or_default();
    }
    text.push('}');
    text
}

fn operations(endpoints: &[Endpoint]) -> String {
    let mut text = String::from(
        "package main\n\nimport \"net/http\"\n\n// operations says who answers what.\n\
         func (a *api) operations(mux *http.ServeMux) {\n",
    );
    let path = |it: &Endpoint| it.path(|name| format!("{{{name}}}"));
    for it in endpoints {
        let method = it.method.as_str();
        writeln!(
            text,
            "\tmux.HandleFunc({}+exactly({}), a.{})",
            quoted(&format!("{method} ")),
            quoted(&path(it)),
            facts::camel(&it.id, true)
        )
        .unwrap_or_default();
    }
    text.push_str("}\n");
    for it in endpoints {
        let name = facts::camel(&it.id, true);
        write!(
            text,
            "\n// {name} answers {} {}.\nfunc (a *api) {name}(w http.ResponseWriter, r *http.Request) {{\n\
             \ta.example(w, r, {})\n}}\n",
            it.method.as_str(),
            path(it),
            quoted(&it.title)
        )
        .unwrap_or_default();
    }
    text
}

/// A text as Go writes it. What could turn or hide a line of code is escaped.
fn quoted(text: &str) -> String {
    facts::quoted(text, |it| match u32::from(it) {
        code @ 0..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    })
}
