//! Config entries: what a service speaks, how long callers wait, who may call.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    Catalogue,
    service::{protocol, shortened},
};
use crate::{
    export::bundle,
    model::{Breaker, Dependency, Service, ServiceId},
};

/// The longest time a connection to a service may take, in milliseconds.
const MAX_CONNECT_MS: u64 = 1_000;
/// The longest time that Consul and Envoy surely count.
const MAX_MS: u64 = i32::MAX as u64;
/// Failures in a row that take a replica out, where the breaker does not say: Envoy's.
const DEFAULT_MAX_FAILURES: u32 = 5;

/// The entries of a service, each with its kind in short.
pub(super) fn of(
    catalogue: &Catalogue<'_>,
    id: &ServiceId,
    service: &Service,
    notes: &mut Vec<String>,
) -> Vec<(&'static str, Value)> {
    let mut entries = vec![("defaults", defaults(catalogue, id, service, notes))];
    entries.extend(resolver(catalogue, id, service, notes).map(|it| ("resolver", it)));
    entries.push(("intentions", intentions(catalogue, id, service)));
    entries
}

/// What a service speaks, and the limits of its calls.
fn defaults(
    catalogue: &Catalogue<'_>,
    id: &ServiceId,
    service: &Service,
    notes: &mut Vec<String>,
) -> Value {
    let mut entry = json!({
        "Kind": "service-defaults",
        "Name": id.as_str(),
        "Protocol": protocol(service),
    });
    let mut seen = BTreeSet::new();
    let mut overrides = Vec::new();
    for (_, call) in catalogue.model.dependencies_of(id) {
        // Of two calls of one service, the first is what the callers' code keeps to, too.
        if catalogue.services.contains_key(&call.to) && seen.insert(&call.to) {
            overrides.extend(limits(id, call, notes));
        }
    }
    if !overrides.is_empty() {
        entry["UpstreamConfig"] = json!({ "Overrides": overrides });
    }
    entry
}

fn limits(id: &ServiceId, call: &Dependency, notes: &mut Vec<String>) -> Option<Value> {
    let bulkhead = call.bulkhead.filter(|it| *it > 0);
    let mut limits = json!({ "Name": call.to.as_str() });
    if let Some(most) = bulkhead {
        let most = most.min(i32::MAX as u32);
        limits["Limits"] = json!({
            "MaxConnections": most,
            "MaxPendingRequests": most,
            "MaxConcurrentRequests": most,
        });
    }
    if let Some(breaker) = &call.breaker {
        limits["PassiveHealthCheck"] = passive(breaker);
        let open = breaker
            .open_ms
            .map_or_else(|| "for 30 s".to_owned(), |it| format!("for {it} ms"));
        notes.push(format!(
            "The sidecar of {id} leaves a replica of {} aside {open}, and longer each further time, after {} failures in a row: that is no breaker for {} as a whole.",
            call.to,
            max_failures(breaker),
            call.to
        ));
    }
    (bulkhead.is_some() || call.breaker.is_some()).then_some(limits)
}

fn max_failures(breaker: &Breaker) -> u32 {
    let said = breaker.consecutive_failures.filter(|it| *it > 0);
    said.unwrap_or(DEFAULT_MAX_FAILURES)
}

fn passive(breaker: &Breaker) -> Value {
    let mut check = json!({
        // How often a replica is looked at that may come back.
        "Interval": "1s",
        "MaxFailures": max_failures(breaker),
        "EnforcingConsecutive5xx": 100,
        // The default would never take out one of two replicas.
        "MaxEjectionPercent": 100,
    });
    if let Some(ms) = breaker.open_ms {
        check["BaseEjectionTime"] = bundle::duration(ms.clamp(1, MAX_MS)).into();
    }
    check
}

/// How long callers wait: the longest of them, because Consul knows one time for all.
fn resolver(
    catalogue: &Catalogue<'_>,
    id: &ServiceId,
    service: &Service,
    notes: &mut Vec<String>,
) -> Option<Value> {
    let calls = catalogue.callers.get(id)?;
    let said: BTreeSet<u64> = calls
        .iter()
        .filter_map(|it| it.timeout_ms)
        .filter(|it| (1..=MAX_MS).contains(it))
        .collect();
    let longest = *said.last()?;
    if said.len() > 1 {
        notes.push(format!(
            "Consul knows one timeout for all callers of {id}: {longest} ms, the longest of theirs."
        ));
    }
    let mut entry = json!({
        "Kind": "service-resolver",
        "Name": id.as_str(),
        "ConnectTimeout": bundle::duration(longest.min(MAX_CONNECT_MS)),
    });
    if protocol(service) != "tcp" {
        entry["RequestTimeout"] = bundle::duration(longest).into();
    }
    Some(entry)
}

/// Who may call: those the drawing says, and nobody else.
fn intentions(catalogue: &Catalogue<'_>, id: &ServiceId, service: &Service) -> Value {
    let mut allowed: BTreeMap<&ServiceId, String> = BTreeMap::new();
    for call in catalogue.callers.get(id).into_iter().flatten() {
        let text = allowed.entry(&call.from).or_default();
        if text.is_empty() {
            text.clone_from(&call.description);
        }
    }
    for gateway in catalogue.gateways.get(id).into_iter().flatten() {
        let text = allowed.entry(gateway).or_default();
        if text.is_empty() {
            "It has a route here.".clone_into(text);
        }
    }
    let of = |it: &ServiceId| {
        let service = catalogue.model.services.get(it)?;
        bundle::is_container(service).then_some(service.boundary.as_ref())
    };
    let mut sources = Vec::new();
    for (from, text) in allowed {
        // A browser or a partner has no sidecar and no name here.
        let Some(boundary) = of(from) else {
            continue;
        };
        let mut text = text;
        if boundary != service.boundary.as_ref() {
            let name = boundary.map_or("no boundary", |it| it.as_str());
            text = format!("Comes in from {name}. {text}");
        }
        let mut source = json!({ "Name": from.as_str(), "Action": "allow" });
        let text = shortened(text.trim());
        if !text.is_empty() {
            source["Description"] = text.into();
        }
        sources.push(source);
    }
    sources.push(json!({
        "Name": "*",
        "Action": "deny",
        "Description": "Nobody else may call.",
    }));
    json!({ "Kind": "service-intentions", "Name": id.as_str(), "Sources": sources })
}
