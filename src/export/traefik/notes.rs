//! What Traefik does otherwise than drawn, in sentences.

use std::collections::BTreeMap;

use super::{breaker, service};
use crate::{
    export::bundle::{self, Checked, Gateway},
    model::{Dependency, Model, ServiceId},
};

/// Everything a reader should know of a gateway's configuration.
pub(super) fn of(model: &Model, gateway: &Gateway<'_>, checked: &Checked<'_>) -> Vec<String> {
    let id = gateway.id;
    let mut notes = bundle::route_notes(id, checked);
    notes.push(format!(
        "{id} takes a malformed request id off and cannot make one: the services behind it do, and log it."
    ));
    notes.push(format!(
        "{id} answers its own errors in plain text, unknown hosts among them, because Traefik has no answer of its own to set."
    ));
    notes.push(format!(
        "{id} logs JSON with Traefik's own names (RequestPath, DownstreamStatus, Duration), not those of ECS."
    ));
    notes.extend(of_routes(model, id, checked));
    for (_, call) in model.dependencies_of(id) {
        notes.extend(of_call(id, call));
    }
    notes
}

fn of_routes(model: &Model, gateway: &ServiceId, checked: &Checked<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let (mut endless, mut unlimited, mut bursts) = (Vec::new(), Vec::new(), Vec::new());
    let calls = bundle::calls_of_gateway(model, gateway);
    for passage in checked.all() {
        let (id, target) = (passage.id.as_str(), passage.service.0);
        let of_call = service::timeout_of(calls.get(target).copied());
        match (passage.timeout_ms, of_call) {
            (None, None) => endless.push(id),
            (Some(route), Some(call)) if route != call => notes.push(format!(
                "Route {id} gives up after {route} ms, the call {gateway} → {target} after {call} ms: Traefik keeps to the route."
            )),
            (Some(_), _) | (None, Some(_)) => {}
        }
        if passage.body_limit_kib.is_none() {
            unlimited.push(id);
        }
        let said = passage.route.rate_limit.as_ref();
        if passage.rate.is_some() && said.is_some_and(|it| it.burst.is_none()) {
            bursts.push(id);
        }
    }
    let mut list = |routes: Vec<&str>, what: &str| {
        if !routes.is_empty() {
            notes.push(format!("{what}: {}.", routes.join(", ")));
        }
    };
    list(
        endless,
        "Without a timeout, Traefik waits for an answer without end",
    );
    list(
        unlimited,
        "Without a body limit, Traefik takes bodies of any size",
    );
    list(
        bursts,
        "Without a burst, Traefik lets one second's worth of requests come at once",
    );
    if checked.all().any(|it| it.body_limit_kib.is_some()) {
        notes.push(
            "To limit a body Traefik reads it whole first, and the answer, too: routes with a body limit cannot stream.".to_owned(),
        );
    }
    let limited = |it: &bundle::Passage<'_>| {
        it.timeout_ms.is_some() || service::timeout_of(calls.get(it.service.0).copied()).is_some()
    };
    if checked.all().any(limited) {
        notes.push(
            "Traefik counts a timeout until an answer starts, for each attempt, not over the whole answer.".to_owned(),
        );
    }
    notes.extend(shared_breakers(gateway, checked, &calls));
    notes
}

/// A service whose routes have several timeouts is several services for Traefik.
fn shared_breakers(
    gateway: &ServiceId,
    checked: &Checked<'_>,
    calls: &BTreeMap<&ServiceId, &Dependency>,
) -> Vec<String> {
    let mut times: BTreeMap<&ServiceId, Vec<(&str, Option<u64>)>> = BTreeMap::new();
    for passage in checked.all() {
        let call = calls.get(passage.service.0);
        if call.is_some_and(|it| it.breaker.is_some() || it.bulkhead.is_some()) {
            let timeout = passage
                .timeout_ms
                .or_else(|| service::timeout_of(call.copied()));
            let known = times.entry(passage.service.0).or_default();
            let key = (passage.upstream.as_str(), timeout);
            if !known.contains(&key) {
                known.push(key);
            }
        }
    }
    let several = times.into_iter().filter(|(_, it)| it.len() > 1);
    several
        .map(|(id, it)| {
            format!(
                "The routes of {gateway} to {id} differ in port or timeout, so that Traefik counts for breaker and bulkhead {} times, each for itself.",
                it.len()
            )
        })
        .collect()
}

fn of_call(gateway: &ServiceId, call: &Dependency) -> Vec<String> {
    let mut notes = Vec::new();
    let to = &call.to;
    if call.timeout_ms.is_some() && service::timeout_of(Some(call)).is_none() {
        notes.push(format!(
            "The timeout of {gateway} → {to} is left out: Traefik takes 1 to {} ms.",
            bundle::USUAL_LIMITS.timeout_ms
        ));
    }
    if let Some(drawn) = &call.breaker
        && breaker::failure_percent(drawn).is_none()
        && (drawn.consecutive_failures.is_some() || drawn.slow_call_ms.is_none())
    {
        notes.push(format!(
            "The breaker on {to} says no failure rate, so Traefik opens it once {} % of the answers of the last ten seconds have failed.",
            breaker::USUAL_PERCENT
        ));
    }
    if call.bulkhead.is_some_and(|it| it > 0) {
        notes.push(format!(
            "Beyond the bulkhead of {to}, Traefik answers 429, not 503."
        ));
    }
    if call.retries.as_ref().is_some_and(|it| it.count > 0) {
        notes.push(format!(
            "Traefik asks {to} again after 502 and 504 and where no connection stood: neither POST nor PATCH once it has left, nor an answer of 500 or 503."
        ));
    }
    notes
}
