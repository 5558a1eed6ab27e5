//! What nginx does otherwise than drawn, in sentences.

use crate::{
    export::bundle::{self, Checked, Passage},
    model::{Dependency, Model, ServiceId},
};

/// Everything a reader should know of a gateway's configuration.
pub(super) fn of(model: &Model, gateway: &ServiceId, checked: &Checked<'_>) -> Vec<String> {
    let passages: Vec<_> = checked
        .hosts
        .values()
        .flat_map(|it| it.values().flatten())
        .collect();
    let mut notes = bundle::route_notes(gateway, checked);
    let unheard = passages.iter().filter(|it| it.speaks_grpc());
    let unheard: Vec<_> = unheard.map(|it| it.id.as_str()).collect();
    if !unheard.is_empty() {
        notes.push(format!(
            "These routes lead to gRPC, which needs HTTP/2, and this configuration passes requests on over HTTP/1.1: {}. Envoy, Traefik, Caddy and HAProxy are told to speak HTTP/2 there.",
            unheard.join(", ")
        ));
    }
    notes.extend(timeouts(model, gateway, &passages));
    notes.extend(bundle::burst_notes(checked));
    for (_, dependency) in model.dependencies_of(gateway) {
        notes.extend(of_call(dependency));
    }
    notes
}

fn timeouts(model: &Model, gateway: &ServiceId, passages: &[&Passage<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    if passages.iter().any(|it| it.timeout_ms.is_some()) {
        notes.push(
            "nginx counts a route's timeout between two reads, not over the whole answer."
                .to_owned(),
        );
    }
    let mut endless = Vec::new();
    for passage in passages {
        let id = passage.service.0;
        let of_call = bundle::call(model, gateway, id).and_then(|it| it.timeout_ms);
        match (passage.timeout_ms, of_call) {
            (None, None) => endless.push(passage.id.as_str()),
            (Some(route), Some(call)) if route < call => notes.push(format!(
                "Route {} gives up after {route} ms, the call {gateway} → {id} after {call} ms: nginx keeps to the route.",
                passage.id
            )),
            (Some(route), Some(call)) if route > call => notes.push(format!(
                "Route {} gives up after {route} ms, the call {gateway} → {id} after {call} ms: nginx gives each replica {call} ms, and another one what is left.",
                passage.id
            )),
            (Some(_), _) | (None, Some(_)) => {}
        }
    }
    if !endless.is_empty() {
        let routes = endless.join(", ");
        notes.push(format!(
            "Without a timeout, nginx gives up after its own 60 s: {routes}."
        ));
    }
    notes
}

fn of_call(call: &Dependency) -> Vec<String> {
    let mut notes = Vec::new();
    let to = &call.to;
    if let Some(breaker) = &call.breaker {
        notes.push(format!(
            "nginx leaves a failing replica of {to} aside for a while: that is no breaker for {to} as a whole."
        ));
        if breaker.open_ms.is_some_and(|it| it % 1000 != 0) {
            let ms = breaker.open_ms.unwrap_or_default();
            notes.push(format!(
                "nginx counts whole seconds: the breaker on {to} stays open {} s, not {ms} ms.",
                ms.div_ceil(1000)
            ));
        }
    }
    notes
}
