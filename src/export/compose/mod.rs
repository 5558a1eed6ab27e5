//! Docker Compose: one `compose.yaml` that starts every service, right by construction.
//!
//! What was imported from a compose file is written as it was; what was drawn gets
//! health checks, limits, networks and hardening. What is wrong with either is for the
//! rules to say. Reference: <https://docs.docker.com/reference/compose-file/>.

mod environment;
mod fields;
mod hardening;
mod health;
mod imported;
mod operations;
mod program;
mod secrets;
mod service;
pub(super) mod shared;
mod start_order;
mod volumes;
mod words;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Gateway, NetworkKind, Networks},
    fields::Scope,
    yaml::Map,
};
use crate::model::{BoundaryId, Model, ServiceId};
use environment::Asked;
pub(super) use imported::name as container_name;
use secrets::Secrets;

pub(super) const EXPORTER: Exporter = Exporter {
    id: "compose",
    title: "Docker Compose",
    purpose: "containers",
    checked_by: &["docker compose config"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// Where our images are kept, unless `.env` says it.
pub(super) const REGISTRY: &str = "localhost";
/// Which of them, unless `.env` says it: a version, because names like `dev` move.
pub(super) const TAG: &str = "0.1.0";

/// What the overlay asks for, and what it takes unless `.env` says it.
const OPERATIONS: [(&str, &str); 3] = [
    ("ENVIRONMENT", "production"),
    ("GRAFANA_PORT", "3000"),
    ("PROMETHEUS_PORT", "9090"),
];

/// What the services share while they are written.
#[derive(Debug)]
struct Writing<'a> {
    model: &'a Model,
    gateways: Vec<Gateway<'a>>,
    networks: Networks,
    order: start_order::StartOrder,
    secrets: Secrets,
    asked: Asked,
    volumes: Map,
    notes: Vec<String>,
}

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut notes = Vec::new();
    let order = start_order::of(model, &mut notes);
    let mut writing = Writing {
        model,
        gateways: bundle::gateways(model),
        networks: Networks::of(model),
        order,
        secrets: Secrets::default(),
        asked: Asked::new(),
        volumes: Map::default(),
        notes,
    };
    let mut services = Map::spaced();
    for (id, service) in &model.services {
        if bundle::is_container(service) {
            let text = service::write(&mut writing, id, service);
            let name = imported::name(id, service);
            services.set_with_comment(name, text, service::comment(model, id, service));
        }
    }
    let mut file = Map::spaced();
    file.set("name", bundle::system(model));
    if !services.is_empty() {
        file.set("services", services);
    }
    let sections = [
        ("networks", networks(&writing)),
        ("volumes", writing.volumes.clone()),
        ("secrets", writing.secrets.section()),
    ];
    for (key, section) in sections {
        if !section.is_empty() {
            file.set(key, section);
        }
    }
    if let Some(kept) = imported::top_level(model) {
        file.merge(kept);
    }
    let secrets = writing.secrets.files();
    let text = file.to_file(&title(model, !secrets.is_empty()));
    let mut export = Export::default();
    export.files.insert("compose.yaml".to_owned(), text);
    export.files.extend(secrets);
    let mut further = Vec::new();
    let operations = operations::files(&writing, &mut further);
    let example = example(&writing.asked, operations.first().map_or("", |it| &it.1));
    export.files.insert(".env.example".to_owned(), example);
    export.files.extend(operations);
    export.notes = writing.notes;
    export.notes.extend(further);
    for name in writing.asked.keys() {
        export.notes.push(format!(
            "The address of something outside is not drawn: set {name} in .env."
        ));
    }
    export.notes.extend(told(model));
    Ok(export)
}

fn title(model: &Model, has_secrets: bool) -> String {
    let name = if model.name.is_empty() {
        "The system"
    } else {
        &model.name
    };
    let name = name.lines().collect::<Vec<_>>().join(" ");
    let mut text = format!(
        "{name}: start with `docker compose up --build --wait`.\nCopy .env.example to .env first."
    );
    if has_secrets {
        text.push_str("\nWhich secrets it needs, and how to make them, is in secrets/README.md.");
    }
    text
}

/// What each caller has to do itself, because Compose cannot.
fn told(model: &Model) -> Vec<String> {
    let mut asked: BTreeMap<&ServiceId, Vec<String>> = BTreeMap::new();
    for dependency in model.dependencies.values() {
        let caller = model.services.get(&dependency.from);
        if caller.is_none_or(|it| !it.kind.is_our_code()) {
            continue;
        }
        let prefix = bundle::prefix(&dependency.to);
        let numbers = [
            ("TIMEOUT_MS", dependency.timeout_ms.is_some()),
            ("RETRIES", dependency.retries.is_some()),
            ("BREAKER_…", dependency.breaker.is_some()),
            ("BULKHEAD", dependency.bulkhead.is_some()),
        ];
        let names = numbers.into_iter().filter(|(_, is_said)| *is_said);
        let names = names.map(|(name, _)| format!("{prefix}_{name}"));
        asked.entry(&dependency.from).or_default().extend(names);
    }
    asked
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(caller, names)| {
            let names = names.join(", ");
            format!("Compose cannot protect the calls of {caller}: {caller} reads {names}.")
        })
        .collect()
}

fn networks(writing: &Writing<'_>) -> Map {
    let mut section = Map::default();
    for (name, network) in &writing.networks.all {
        let of = network
            .boundary
            .as_ref()
            .map_or("no boundary", BoundaryId::as_str);
        let comment = match network.kind {
            NetworkKind::Default => continue,
            NetworkKind::Published => "Published ports come in here.".to_owned(),
            NetworkKind::Outside => "Calls to what is not ours leave here.".to_owned(),
            NetworkKind::Boundary => format!("Inside {of}."),
            NetworkKind::Data => format!("The stores of {of} and who uses them."),
            NetworkKind::Callers => format!("Calls into {of} from elsewhere."),
        };
        let is_closed = !matches!(network.kind, NetworkKind::Published | NetworkKind::Outside);
        let settings = if is_closed {
            Map::from([("internal", true.into())])
        } else {
            Map::default()
        };
        section.set_with_comment(name.as_str(), settings, comment);
    }
    section
}

/// What `.env` may say; `operations` is the text of the overlay.
fn example(asked: &Asked, operations: &str) -> String {
    let mut text = String::from(
        "# Copy to .env and adapt. Nothing here is a secret: those are files in secrets/.\n\n\
         # Where images are pushed to and pulled from, and which of them.\n",
    );
    for (name, value) in [("REGISTRY", REGISTRY), ("TAG", TAG)] {
        writeln!(text, "{name}={value}").unwrap_or_default();
    }
    for (name, what) in asked {
        write!(
            text,
            "\n# The address of something outside, {what}.\n{name}=\n"
        )
        .unwrap_or_default();
    }
    let mut is_first = true;
    for (name, value) in OPERATIONS {
        if !operations.contains(&format!("${{{name}:-")) {
            continue;
        }
        if std::mem::take(&mut is_first) {
            text.push_str(
                "\n# For compose.operations.yaml: where it runs, and its ports on this machine.\n",
            );
        }
        writeln!(text, "{name}={value}").unwrap_or_default();
    }
    text
}
