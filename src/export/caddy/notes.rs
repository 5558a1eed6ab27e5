//! What Caddy does otherwise than drawn, in sentences.

use super::upstream;
use crate::{
    export::bundle::{self, Checked},
    model::{Dependency, Model, ServiceId},
};

/// Everything a reader should know of a gateway's configuration.
pub(super) fn of(model: &Model, gateway: &ServiceId, checked: &Checked<'_>) -> Vec<String> {
    let mut notes = bundle::route_notes(gateway, checked);
    for host in checked.hosts.keys().flatten() {
        if host.starts_with('*') {
            notes.push(format!(
                "The star of {host} stands for one label in Caddy, not for several."
            ));
        }
    }
    notes.extend(of_routes(model, gateway, checked));
    for (_, call) in model.dependencies_of(gateway) {
        notes.extend(of_call(gateway, call));
    }
    notes
}

fn of_routes(model: &Model, gateway: &ServiceId, checked: &Checked<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let calls = bundle::calls_of_gateway(model, gateway);
    let (mut endless, mut unlimited) = (Vec::new(), Vec::new());
    let mut is_limited = false;
    for passage in checked.all() {
        let (id, target) = (passage.id.as_str(), passage.service.0);
        let of_call = upstream::counted(calls.get(target).and_then(|it| it.timeout_ms));
        is_limited |= passage.timeout_ms.is_some() || of_call.is_some();
        match (passage.timeout_ms, of_call) {
            (None, None) => endless.push(id),
            (Some(route), Some(call)) if route != call => notes.push(format!(
                "Route {id} gives up after {route} ms, the call {gateway} → {target} after {call} ms: Caddy keeps to the route."
            )),
            (Some(_), _) | (None, Some(_)) => {}
        }
        if passage.body_limit_kib.is_none() {
            unlimited.push(id);
        }
    }
    if is_limited {
        notes.push(
            "Caddy counts a timeout until an answer starts, for each attempt, not over the whole answer.".to_owned(),
        );
    }
    for (routes, what) in [
        (
            endless,
            "Without a timeout, Caddy waits for an answer without end",
        ),
        (
            unlimited,
            "Without a body limit, Caddy takes bodies of any size",
        ),
    ] {
        if !routes.is_empty() {
            notes.push(format!("{what}: {}.", routes.join(", ")));
        }
    }
    notes
}

fn of_call(gateway: &ServiceId, call: &Dependency) -> Vec<String> {
    let mut notes = Vec::new();
    let to = &call.to;
    if call.timeout_ms.is_some() && upstream::counted(call.timeout_ms).is_none() {
        notes.push(format!(
            "The timeout of {gateway} → {to} is left out: Caddy takes 1 to {} ms.",
            bundle::USUAL_LIMITS.timeout_ms
        ));
    }
    if let Some(breaker) = &call.breaker {
        let failures = upstream::max_fails(breaker);
        let from = if breaker.consecutive_failures.is_some_and(|it| it > 0) {
            "in a row or not"
        } else {
            "the fewest that the drawn breaker can mean"
        };
        notes.push(format!(
            "Caddy turns calls of {to} away once it remembers {failures} failures, {from}; each is forgotten after the time the breaker stays open."
        ));
    }
    if call.bulkhead.is_some_and(|it| it > 0) {
        notes.push(format!(
            "Beyond the bulkhead of {to}, Caddy answers 503 at once."
        ));
    }
    if call.retries.as_ref().is_some_and(|it| it.count > 0) {
        notes.push(format!(
            "Caddy asks {to} again where no connection stood or a GET got no answer; an answer of 5xx stands."
        ));
    }
    notes
}
