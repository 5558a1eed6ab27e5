//! What nginx does otherwise than drawn, in sentences.

use crate::{
    export::bundle::{self, Checked, Passage},
    model::{Authentication, Dependency, Model, ServiceId},
};

/// Everything a reader should know of a gateway's configuration.
pub(super) fn of(model: &Model, gateway: &ServiceId, checked: &Checked<'_>) -> Vec<String> {
    let passages: Vec<_> = checked
        .hosts
        .values()
        .flat_map(|it| it.values().flatten())
        .collect();
    let mut notes = Vec::new();
    if passages.is_empty() {
        notes.push(format!(
            "Gateway {gateway} has no route: every path answers 404."
        ));
    } else if checked.hosts.contains_key(&None) {
        notes.push(format!(
            "A route of {gateway} names no host, so {gateway} answers to any: name hosts to have unknown ones closed."
        ));
    }
    notes.extend(timeouts(model, gateway, &passages));
    for passage in &passages {
        notes.extend(of_route(passage));
    }
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
            (Some(route), Some(call)) if route != call => notes.push(format!(
                "Route {} gives up after {route} ms, the call {gateway} → {id} after {call} ms: nginx keeps to the route.",
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

fn of_route(passage: &Passage<'_>) -> Vec<String> {
    let (id, route) = (passage.id, passage.route);
    let mut notes = Vec::new();
    if let Some(limit) = &route.rate_limit
        && limit.burst.is_none()
        && passage.rate.is_some()
    {
        notes.push(format!(
            "Route {id} says no burst: {} requests may come at once, one second's worth.",
            limit.requests_per_second
        ));
    }
    match route.authentication {
        Some(Authentication::Jwt | Authentication::ApiKey) => notes.push(format!(
            "Route {id} answers 401 without credentials; whether they are right, {} has to check.",
            passage.service.0
        )),
        Some(Authentication::ForwardAuth) => notes.push(format!(
            "Route {id} asks another service who may pass, and the design does not say which: {} has to check.",
            passage.service.0
        )),
        Some(Authentication::None) | None => {}
    }
    let credentials = route.cors.as_ref().is_some_and(|it| it.credentials);
    if credentials && passage.origins.iter().any(|it| it == "*") {
        notes.push(format!(
            "Route {id} lets every origin ask, so browsers refuse to send cookies: name the origins."
        ));
    }
    notes
}
