//! Envoy: one configuration per gateway, and the sidecars of services that have no
//! breaker of their own; written for every Envoy from 1.36 on.
//!
//! Reference: <https://www.envoyproxy.io/docs/envoy/latest/>. What Envoy has no word for
//! (a half-open breaker, slow calls, checking a token without its keys) is said in the
//! notes.

mod entrance;
mod fields;
mod limits;
mod notes;
mod process;
mod replies;
mod retry;
mod routes;
mod sidecar;
mod typed;
mod upstream;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Checked, Gateway, Limits, Passage},
    fields::Scope,
};
use crate::model::Model;
use process::Process;
use routes::Calls;
pub(super) use sidecar::sidecar;
pub(super) use upstream::Upstream;

pub(super) const EXPORTER: Exporter = Exporter {
    id: "envoy",
    title: "Envoy",
    purpose: "gateway",
    checked_by: &["envoy --mode validate", "real traffic"],
    scope: Scope::Gateways("envoy"),
    fields: fields::FIELDS,
    export,
};

/// Milliseconds after which Envoy gives up where nothing is said; its own.
const DEFAULT_TIMEOUT_MS: u64 = 15_000;
/// The port of Envoy's own pages.
const ADMIN_PORT: u16 = 9901;
/// What Envoy counts: bytes of a body in 32 bits.
const LIMITS: Limits = Limits {
    body_kib: (u32::MAX / 1024) as u64,
    ..bundle::USUAL_LIMITS
};

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    for gateway in bundle::gateways_of(model, "envoy") {
        let checked = bundle::passages(model, &gateway, LIMITS);
        let mut calls = Calls::new();
        for (_, call) in model.dependencies_of(gateway.id) {
            calls.entry(&call.to).or_insert(call);
        }
        let text = configuration(model, &gateway, &checked, &calls);
        export.notes.extend(notes::of(gateway.id, &checked, &calls));
        export.notes.extend(checked.notes);
        export.files.insert(gateway.path("envoy.yaml"), text);
    }
    if export.files.is_empty() {
        export.notes.push(bundle::no_gateway(model, EXPORTER.title));
    }
    Ok(export)
}

/// Every passage of a gateway; a route of any host comes once.
fn passages<'a, 'b>(checked: &'b Checked<'a>) -> Vec<&'b Passage<'a>> {
    let hosts = checked.hosts.values();
    hosts.flat_map(|it| it.values().flatten()).collect()
}

fn configuration(
    model: &Model,
    gateway: &Gateway<'_>,
    checked: &Checked<'_>,
    calls: &Calls<'_>,
) -> String {
    let passages = passages(checked);
    let upstreams: BTreeMap<&str, Upstream<'_>> = passages
        .iter()
        .map(|it| (it.upstream.as_str(), upstream_of(it, calls)))
        .collect();
    let longest = routes::longest_ms(&passages, calls);
    let manager = entrance::connection_manager(
        model,
        gateway.id,
        longest,
        routes::configuration(checked, calls),
    );
    let port = gateway.port();
    let said = gateway.service.resources.memory_mib;
    let process = Process {
        id: gateway.id.to_string(),
        system: bundle::system(model),
        admin_port: if port == ADMIN_PORT {
            port + 1
        } else {
            ADMIN_PORT
        },
        // The rest is for what Envoy's own count does not see.
        heap_mib: said
            .filter(|it| *it > 0)
            .map_or(process::USUAL_HEAP_MIB, |it| (it - it / 4).max(1)),
        listeners: vec![process::listener(
            "ingress",
            upstream::address("0.0.0.0", port),
            manager,
        )],
        clusters: upstreams.values().map(upstream::cluster).collect(),
    };
    let title = format!(
        "Gateway {} of {}.\nRuns without privileges on a read-only disk.",
        model.service_name(gateway.id),
        if model.name.is_empty() {
            "the system"
        } else {
            &model.name
        },
    );
    process::bootstrap(process).to_file(&title)
}

fn upstream_of<'a>(passage: &Passage<'a>, calls: &Calls<'a>) -> Upstream<'a> {
    Upstream {
        name: passage.upstream.clone(),
        id: passage.service.0,
        service: passage.service.1,
        port: passage.port(),
        call: calls.get(passage.service.0).copied(),
    }
}

/// Numbers of the ports that a service uses itself.
fn own_ports(service: &crate::model::Service) -> BTreeSet<u16> {
    let mut ports: BTreeSet<u16> = service.ports.iter().map(|it| it.number).collect();
    ports.extend([bundle::port(service), bundle::health_port(service)]);
    ports
}
