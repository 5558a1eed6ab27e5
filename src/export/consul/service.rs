//! What an agent is told of one service: where it is, how it is checked, whom it calls.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Catalogue;
use crate::{
    export::bundle,
    model::{Mode, PortProtocol, Service, ServiceId, ServiceKind},
};

/// The longest value of a service's meta data.
const MAX_META_BYTES: usize = 512;
/// Milliseconds between two checks, at least: Consul asks no more often.
const MIN_INTERVAL_MS: u64 = 1_000;
/// How long a service may fail until it is forgotten; a night and a weekday.
const FORGOTTEN_AFTER: &str = "24h";
/// Where a sidecar listens; every service has an address of its own.
const SIDECAR_PORT: u16 = 20_000;
/// Where the first service that a sidecar calls is found on loopback.
const FIRST_UPSTREAM_PORT: u16 = 21_000;
/// A sidecar's own name must still be a DNS label.
const MAX_NAME_WITH_SIDECAR: usize = 63 - "-sidecar-proxy".len();

/// The definition of a service.
pub(super) fn definition(
    catalogue: &Catalogue<'_>,
    id: &ServiceId,
    service: &Service,
    notes: &mut Vec<String>,
) -> Value {
    let mut definition = json!({
        "id": id.as_str(),
        "name": id.as_str(),
        "address": bundle::host(id),
        "port": bundle::port(service),
        "tags": tags(service),
        "meta": meta(catalogue, service),
        "checks": [check(catalogue, id, service, notes)],
    });
    if let Some(count) = service.replicas.filter(|it| *it > 1) {
        // One name stands for all replicas, so it counts as many.
        definition["weights"] = json!({ "passing": count.min(65_535), "warning": 1 });
    }
    if let Some(sidecar) = sidecar(catalogue, id, service, notes) {
        definition["connect"] = json!({ "sidecar_service": sidecar });
    }
    json!({ "service": definition })
}

/// Labels to ask by: `ordering.orders.service.consul`.
fn tags(service: &Service) -> Vec<String> {
    let mut tags = Vec::new();
    tags.extend(service.boundary.as_ref().map(ToString::to_string));
    tags.extend(service.known_technology().map(|it| it.id.to_owned()));
    tags.extend(service.criticality.map(|it| format!("criticality-{it}")));
    let mut seen = BTreeSet::new();
    tags.retain(|it| seen.insert(it.clone()));
    tags
}

fn meta(catalogue: &Catalogue<'_>, service: &Service) -> Value {
    let mut meta = Map::new();
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            meta.insert(name.to_owned(), shortened(value).into());
        }
    };
    // Of the meta data, so that a reader knows what to expect.
    add("format", "1");
    add("title", &service.name);
    add("description", &service.description);
    add("owner", &service.owner);
    add("technology", &service.technology);
    add("metrics_path", &service.metrics_path);
    add("kind", service.kind.label());
    if let Some(criticality) = service.criticality {
        add("criticality", &criticality.to_string());
    }
    if let Some(slo) = service.slo_percent {
        add("slo_percent", &slo.to_string());
    }
    if let Some(id) = &service.boundary {
        add("boundary", id.as_str());
        if let Some(boundary) = catalogue.model.boundaries.get(id) {
            add("boundary_name", &boundary.name);
            add("team", &boundary.team);
        }
    }
    Value::Object(meta)
}

/// A text as long as Consul takes one.
pub(super) fn shortened(text: &str) -> String {
    let mut end = text.len().min(MAX_META_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// Whether a service answers HTTP on its main port.
pub(super) fn protocol(service: &Service) -> &'static str {
    match service.ports.first().map(|it| it.protocol) {
        Some(PortProtocol::Grpc) => "grpc",
        Some(PortProtocol::Tcp | PortProtocol::Udp) => "tcp",
        Some(PortProtocol::Http) | None => match service.kind {
            ServiceKind::Database
            | ServiceKind::Cache
            | ServiceKind::Broker
            | ServiceKind::Search => "tcp",
            ServiceKind::Service
            | ServiceKind::Gateway
            | ServiceKind::Client
            | ServiceKind::External
            | ServiceKind::Job => "http",
        },
    }
}

/// The path that is asked; gateways answer for themselves on one that no route takes.
fn path(catalogue: &Catalogue<'_>, id: &ServiceId, service: &Service) -> Option<String> {
    if bundle::gateway_program(service).is_some() {
        Some(bundle::gateway_health_path(catalogue.model, id))
    } else {
        bundle::health_path(service).map(str::to_owned)
    }
}

/// Services whose health only a command in their container can tell.
pub(super) fn unasked_commands(catalogue: &Catalogue<'_>) -> Vec<String> {
    let mut unasked = Vec::new();
    for (id, service) in &catalogue.services {
        let has_command = service
            .health
            .as_ref()
            .is_some_and(|it| !it.command.is_empty());
        if has_command && path(catalogue, id, service).is_none() {
            unasked.push(id.to_string());
        }
    }
    unasked
}

fn check(
    catalogue: &Catalogue<'_>,
    id: &ServiceId,
    service: &Service,
    notes: &mut Vec<String>,
) -> Value {
    let health = service.health.as_ref();
    let timing = bundle::health_timing(health);
    if timing.interval_ms < MIN_INTERVAL_MS {
        notes.push(format!(
            "Consul asks {id} for its health every {MIN_INTERVAL_MS} ms, not every {} ms: it asks no more often.",
            timing.interval_ms
        ));
    }
    let (host, port) = (bundle::host(id), bundle::health_port(service));
    let is_udp = service
        .ports
        .iter()
        .any(|it| it.number == port && it.protocol == PortProtocol::Udp);
    let mut check = json!({
        "id": format!("{id}-health"),
        "interval": bundle::duration(timing.interval_ms.max(MIN_INTERVAL_MS)),
        "timeout": bundle::duration(timing.timeout_ms),
        "failures_before_critical": timing.retries,
        "success_before_passing": 1,
        "deregister_critical_service_after": FORGOTTEN_AFTER,
    });
    if let Some(path) = path(catalogue, id, service) {
        check["name"] = format!("{id} answers {path}").into();
        check["http"] = format!("http://{host}:{port}{path}").into();
        check["method"] = "GET".into();
    } else {
        let kind = if is_udp { "udp" } else { "tcp" };
        check["name"] = format!("{id} listens").into();
        check[kind] = format!("{host}:{port}").into();
    }
    check
}

/// What calls for a service, and whom it waits for; none where it waits for nobody.
fn sidecar(
    catalogue: &Catalogue<'_>,
    id: &ServiceId,
    service: &Service,
    notes: &mut Vec<String>,
) -> Option<Value> {
    let calls = catalogue.model.dependencies_of(id);
    let waits_for: BTreeSet<_> = calls
        .filter(|(_, it)| it.mode == Mode::Sync && it.to != *id)
        .map(|(_, it)| &it.to)
        .filter(|it| catalogue.services.contains_key(it))
        .collect();
    let is_called = catalogue.callers.contains_key(id) || catalogue.gateways.contains_key(id);
    if waits_for.is_empty() && !is_called {
        return None;
    }
    if id.as_str().len() > MAX_NAME_WITH_SIDECAR {
        notes.push(format!(
            "{id} has no sidecar: with {MAX_NAME_WITH_SIDECAR} characters and more, the sidecar's name would be no DNS name."
        ));
        return None;
    }
    let own: BTreeSet<_> = service.ports.iter().map(|it| it.number).collect();
    let free = (FIRST_UPSTREAM_PORT..u16::MAX).filter(|it| !own.contains(it));
    let upstreams: Vec<_> = waits_for
        .into_iter()
        .zip(free)
        .map(|(to, port)| json!({ "destination_name": to.as_str(), "local_bind_port": port }))
        .collect();
    let listen = (SIDECAR_PORT..FIRST_UPSTREAM_PORT).find(|it| !own.contains(it));
    let mut sidecar = json!({ "port": listen.unwrap_or(SIDECAR_PORT) });
    if !upstreams.is_empty() {
        sidecar["proxy"] = json!({ "upstreams": upstreams });
    }
    Some(sidecar)
}
