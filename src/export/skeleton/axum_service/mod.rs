//! The skeleton of a service in Rust: axum, Tokio, reqwest, and a breaker of its own,
//! because no crate has one with windows of calls, slow calls and trials.
//!
//! Its sources end in `.txt` here: they are text to this crate, not part of it.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt::Write as _};

use super::facts::{self, Facts};
use crate::{
    export::{
        FileSet,
        bundle::{Call, Endpoint},
    },
    model::{Model, Service, ServiceId},
};

/// What every program of this stack is made of.
const FILES: &[(&str, &str)] = &[
    ("Cargo.lock", include_str!("files/Cargo.lock.txt")),
    ("Cargo.toml", include_str!("files/Cargo.toml.txt")),
    ("src/breaker.rs", include_str!("files/src/breaker.rs.txt")),
    ("src/callers.rs", include_str!("files/src/callers.rs.txt")),
    ("src/client.rs", include_str!("files/src/client.rs.txt")),
    ("src/ids.rs", include_str!("files/src/ids.rs.txt")),
    ("src/log.rs", include_str!("files/src/log.rs.txt")),
    ("src/settings.rs", include_str!("files/src/settings.rs.txt")),
    (
        "tests/breaker.rs",
        include_str!("files/tests/breaker.rs.txt"),
    ),
    ("tests/client.rs", include_str!("files/tests/client.rs.txt")),
];

/// What answers calls.
const SERVER: &[(&str, &str)] = &[
    ("src/lib.rs", include_str!("files/src/lib.rs.txt")),
    ("src/main.rs", include_str!("files/src/main.rs.txt")),
    ("src/metrics.rs", include_str!("files/src/metrics.rs.txt")),
    ("src/server.rs", include_str!("files/src/server.rs.txt")),
    ("tests/server.rs", include_str!("files/tests/server.rs.txt")),
];

/// What runs once.
const JOB: &[(&str, &str)] = &[
    ("src/lib.rs", include_str!("files/src/job_lib.rs.txt")),
    ("src/main.rs", include_str!("files/src/job.rs.txt")),
];

/// How the file of the operations starts.
const OPERATIONS: &str = include_str!("files/src/operations_start.rs.txt");

/// Where rustfmt breaks a line.
const WIDTH: usize = 100;

/// Longer titles get a line of their own, or else rustfmt would break theirs.
const SHORT_TITLE: usize = 36;

/// Even longer ones are cut.
const MOST_TITLE: usize = 78;

/// The files of one service, by their path in its folder.
pub(super) fn files(model: &Model, id: &ServiceId, service: &Service) -> FileSet {
    let facts = Facts::of(model, id, service);
    let mut files = facts::taken(FILES);
    files.extend(facts::taken(if facts.is_server { SERVER } else { JOB }));
    files.insert("src/design.rs".to_owned(), design(&facts));
    if facts.is_server {
        let text = operations(&facts.endpoints);
        files.insert("src/operations.rs".to_owned(), text);
    }
    files
}

/// What a skeleton of this stack does otherwise than drawn.
pub(super) fn notes(model: &Model, id: &ServiceId, service: &Service) -> Vec<String> {
    Facts::of(model, id, service).notes
}

fn design(facts: &Facts<'_>) -> String {
    let mut text = String::from(
        "//! What the design says of this service.\n\nuse crate::settings::Dependency;\n\n",
    );
    let mut line = |words: &str| writeln!(text, "{words}").unwrap_or_default();
    let constant = |name: &str, value: &str| format!("pub const {name}: &str = {};", quoted(value));
    line(&constant("SERVICE_NAME", facts.id.as_str()));
    if facts.is_server {
        line(&format!("pub const PORT: u16 = {};", facts.port));
        line("/// Its health is asked for on these ports too.");
        let more = facts.health_port.map(|it| it.to_string());
        line(&format!(
            "pub const MORE_PORTS: &[u16] = &[{}];",
            more.unwrap_or_default()
        ));
        line(&constant("HEALTH_PATH", facts.health_path));
        line(&constant("READY_PATH", facts.ready_path));
        line(&constant("BREAKERS_PATH", facts.breakers_path));
        line(&constant("METRICS_PATH", facts.metrics_path));
    }
    line("\n/// Whom it calls over HTTP.");
    // However long a text is, its line stays as it stands.
    line("#[rustfmt::skip]");
    if facts.calls.is_empty() {
        line("pub const DEPENDENCIES: &[Dependency] = &[];");
        return text;
    }
    line("pub const DEPENDENCIES: &[Dependency] = &[");
    for call in &facts.calls {
        line(&dependency(call));
    }
    line("];");
    text
}

fn dependency(call: &Call<'_>) -> String {
    let it = call.dependency;
    let fallback = it.fallback.as_ref().map_or("None".to_owned(), |it| {
        format!("Some({})", quoted(&it.description))
    });
    let mut text = String::from("    Dependency {\n");
    for (name, value) in [
        ("name", quoted(&call.name)),
        ("prefix", quoted(&call.prefix)),
        ("address", quoted(&call.address)),
        ("method", quoted(call.method.as_str())),
        ("path", quoted(&call.path)),
        ("is_idempotent", format!("{:?}", it.idempotent)),
        ("is_hard", it.is_hard().to_string()),
        ("fallback", fallback),
    ] {
        writeln!(text, "        {name}: {value},").unwrap_or_default();
    }
    text.push_str("    },");
    text
}

fn operations(endpoints: &[Endpoint]) -> String {
    let mut text = OPERATIONS.to_owned();
    let path = |it: &Endpoint| it.path(|name| format!("{{{name}}}"));
    let name = |it: &Endpoint| it.id.replace('-', "_");
    let mut routes: BTreeMap<String, String> = BTreeMap::new();
    for it in endpoints {
        let method = it.method.as_str().to_ascii_lowercase();
        let methods = routes.entry(path(it)).or_insert("routing".to_owned());
        let joint = if methods == "routing" { "::" } else { "." };
        write!(methods, "{joint}{method}({})", name(it)).unwrap_or_default();
    }
    for (path, methods) in &routes {
        writeln!(text, "        .route({}, {methods})", quoted(path)).unwrap_or_default();
    }
    text.push_str("}\n");
    for it in endpoints {
        let (method, path) = (it.method.as_str(), path(it));
        writeln!(text, "\n/// Answers {method} `{path}`.").unwrap_or_default();
        let (start, state) = (
            format!("async fn {}(", name(it)),
            "State(api): State<Arc<Api>>",
        );
        let line = format!("{start}{state}) -> Answer {{");
        if line.len() > WIDTH {
            write!(text, "{start}\n    {state},\n) -> Answer {{\n").unwrap_or_default();
        } else {
            writeln!(text, "{line}").unwrap_or_default();
        }
        let title = title(&it.title);
        if width(&title) <= SHORT_TITLE {
            writeln!(text, "    example(&api, {title}).await\n}}").unwrap_or_default();
        } else {
            let lines = format!("    let title = {title};\n    example(&api, title).await");
            writeln!(text, "{lines}\n}}").unwrap_or_default();
        }
    }
    text
}

/// Columns of a text; letters of some scripts take two.
fn width(text: &str) -> usize {
    let columns = text.chars().map(|it| 1 + usize::from(!it.is_ascii()));
    columns.sum()
}

/// As much of a title as fits on a line, quoted.
fn title(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().take(MOST_TITLE).collect();
    loop {
        let quoted = quoted(&letters.iter().collect::<String>());
        if width(&quoted) <= MOST_TITLE || letters.pop().is_none() {
            return quoted;
        }
    }
}

/// A text as Rust writes it. What could turn or hide a line of code is escaped.
fn quoted(text: &str) -> String {
    facts::quoted(text, |it| format!("\\u{{{:x}}}", u32::from(it)))
}
