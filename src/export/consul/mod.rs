//! Consul: each service registered with its check, what may call what, and how an
//! agent starts.
//!
//! Reference: <https://developer.hashicorp.com/consul/docs>. Definitions are written in
//! the agent's own words (`snake_case`), config entries in the catalogue's
//! (`CamelCase`), as `consul` prints them.

mod entries;
mod fields;
mod service;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Origin},
    fields::Scope,
};
use crate::model::{Dependency, Model, Service, ServiceId, ServiceKind};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "consul",
    title: "Consul",
    purpose: "discovery",
    checked_by: &["consul validate", "a real agent"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// Where an agent in a container keeps what it knows.
const DATA_FOLDER: &str = "/consul/data";
/// How to use the files.
const README: &str = "\
# Consul

`agent.json` starts an agent, `<service>.json` registers a service, `config/` holds how
services may call each other.

    consul agent -config-file=agent.json
    consul services register <service>.json
    for entry in config/*.defaults.json config/*.resolver.json config/*.intentions.json; do
      consul config write \"$entry\"
    done

Where calls find services at run time, `compose.operations.yaml` does all of this. The agent
asks services for their health by name: run it on their networks. A service
whose check fails for a day is taken off; register it again once it is back.

Whom no intention allows is refused (`default_intention_policy`). Only a sidecar holds to
it: `consul connect envoy -sidecar-for <service>`. Access control lists are off: turn them
on (`acl`) before the agent can be reached by anybody else.
";

/// A design and who of it is registered.
struct Catalogue<'a> {
    model: &'a Model,
    services: BTreeMap<&'a ServiceId, &'a Service>,
    /// The calls to each registered service.
    callers: BTreeMap<&'a ServiceId, Vec<&'a Dependency>>,
    /// The gateways that pass calls on to each registered service.
    gateways: BTreeMap<&'a ServiceId, BTreeSet<&'a ServiceId>>,
}

impl<'a> Catalogue<'a> {
    fn new(model: &'a Model, notes: &mut Vec<String>) -> Self {
        let mut services = BTreeMap::new();
        let mut silent = Vec::new();
        for (id, service) in &model.services {
            let is_consul = id.as_str() == "consul"
                || matches!(bundle::origin(service), Origin::Program(it) if it.id == "consul");
            if is_consul || !bundle::is_container(service) {
                continue;
            }
            if service.kind == ServiceKind::Job {
                silent.push(id.as_str());
            } else {
                services.insert(id, service.as_ref());
            }
        }
        if !silent.is_empty() {
            notes.push(format!(
                "Nobody calls a job, so it is not registered: {}.",
                silent.join(", ")
            ));
        }
        let mut callers: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for call in model.dependencies.values() {
            callers.entry(&call.to).or_default().push(call.as_ref());
        }
        let mut gateways: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for route in model.routes.values() {
            gateways
                .entry(&route.service)
                .or_default()
                .insert(&route.gateway);
        }
        Self {
            model,
            services,
            callers,
            gateways,
        }
    }
}

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    let catalogue = Catalogue::new(model, &mut export.notes);
    let unasked = service::unasked_commands(&catalogue);
    if !unasked.is_empty() {
        export.notes.push(format!(
            "Consul runs no command in a container and asks the port instead: {}.",
            unasked.join(", ")
        ));
    }
    for (id, service) in &catalogue.services {
        let definition = service::definition(&catalogue, id, service, &mut export.notes);
        // The agent has its own file of this name; ids have no underscore.
        let name = if id.as_str() == "agent" {
            "agent_service"
        } else {
            id.as_str()
        };
        export
            .files
            .insert(format!("consul/{name}.json"), text(&definition));
        for (kind, entry) in entries::of(&catalogue, id, service, &mut export.notes) {
            let path = format!("consul/config/{id}.{kind}.json");
            export.files.insert(path, text(&entry));
        }
    }
    export
        .files
        .insert("consul/agent.json".to_owned(), text(&agent(model)));
    export
        .files
        .insert("consul/README.md".to_owned(), README.to_owned());
    export.notes.extend(general(&catalogue));
    Ok(export)
}

fn general(catalogue: &Catalogue<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if !catalogue.services.is_empty() {
        notes.push(
            "Consul holds services to intentions, bulkheads and timeouts only where sidecars run; without them it finds services and checks them.".to_owned(),
        );
    }
    let gateways: Vec<_> = bundle::gateways(catalogue.model)
        .iter()
        .map(|it| it.id.to_string())
        .collect();
    if !gateways.is_empty() {
        notes.push(format!(
            "Gateways find services by the names of the network: {}. To have one ask Consul, let it resolve <service>.service.consul at the agent's port 8600, which answers with those whose check passes.",
            gateways.join(", ")
        ));
    }
    notes
}

/// An agent that is the whole Consul of a small system.
fn agent(model: &Model) -> Value {
    json!({
        "node_name": bundle::system(model),
        "data_dir": DATA_FOLDER,
        "server": true,
        "bootstrap_expect": 1,
        "bind_addr": "{{ GetPrivateIP }}",
        "client_addr": "127.0.0.1 {{ GetPrivateIP }}",
        "ports": { "http": 8500, "dns": 8600, "grpc": 8502, "grpc_tls": -1 },
        "connect": { "enabled": true },
        "default_intention_policy": "deny",
        "ui_config": { "enabled": false },
        "log_json": true,
        "log_level": "info",
        "disable_update_check": true,
        "leave_on_terminate": true,
        "telemetry": { "prometheus_retention_time": "60s", "disable_hostname": true },
    })
}

fn text(value: &Value) -> String {
    format!("{value:#}\n")
}
