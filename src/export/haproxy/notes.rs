//! What HAProxy does otherwise than drawn, in sentences.

use std::collections::BTreeSet;

use super::{
    Edge,
    backend::{self, Health},
};
use crate::{export::bundle::Passage, model::Authentication};

/// Everything a reader should know of a gateway's configuration.
pub(super) fn of(edge: &Edge<'_>) -> Vec<String> {
    let gateway = edge.gateway.id;
    let mut passages: Vec<_> = edge.passages().collect();
    passages.sort_unstable_by_key(|it| it.id);
    let mut notes = Vec::new();
    if passages.is_empty() {
        notes.push(format!(
            "Gateway {gateway} has no route: every path answers 404."
        ));
    } else if edge.checked.hosts.contains_key(&None) {
        notes.push(format!(
            "A route of {gateway} names no host, so {gateway} answers to any: name hosts to have unknown ones closed."
        ));
    }
    if passages.iter().any(|it| it.body_limit_kib.is_some()) {
        notes.push(
            "HAProxy counts a body by its Content-Length: a route with a body limit answers 411 to a body without one.".to_owned(),
        );
    }
    notes.extend(timeouts(edge, &passages));
    let mut called = BTreeSet::new();
    for passage in &passages {
        notes.extend(of_route(passage));
        if called.insert(&passage.upstream) {
            notes.extend(of_call(edge, passage));
        }
    }
    notes
}

fn timeouts(edge: &Edge<'_>, passages: &[&Passage<'_>]) -> Vec<String> {
    let gateway = edge.gateway.id;
    let mut notes = Vec::new();
    if passages.iter().any(|it| it.timeout_ms.is_some()) {
        notes.push(
            "HAProxy counts a route's timeout for each attempt and between two reads, not over the whole answer."
                .to_owned(),
        );
    }
    let mut endless = Vec::new();
    for passage in passages {
        let of_call = edge.call(passage).and_then(|it| it.timeout_ms);
        match (passage.timeout_ms, of_call) {
            (None, None) => endless.push(passage.id.as_str()),
            (Some(route), Some(call)) if route != call => notes.push(format!(
                "Route {} gives up after {route} ms, the call {gateway} → {} after {call} ms: HAProxy keeps to the route.",
                passage.id, passage.service.0
            )),
            (Some(_), _) | (None, Some(_)) => {}
        }
    }
    if !endless.is_empty() {
        let routes = endless.join(", ");
        notes.push(format!(
            "Without a timeout, HAProxy gives up after 60 s: {routes}."
        ));
    }
    notes
}

fn of_call(edge: &Edge<'_>, passage: &Passage<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let Some(call) = edge.call(passage) else {
        return notes;
    };
    let to = &call.to;
    if let Some(breaker) = &call.breaker {
        let health = Health::of(passage, Some(call));
        let (least, most) = health.out_ms();
        let open = match breaker.open_ms {
            Some(ms) => format!(", not after {ms} ms"),
            None => String::new(),
        };
        notes.push(format!(
            "HAProxy takes a replica of {to} out after {} failures in a row, and back in after {} passed health checks, {least} to {most} ms later{open}: that is no breaker for {to} as a whole.",
            backend::error_limit(breaker),
            health.rise
        ));
    }
    if call.bulkhead.is_some_and(|it| it > 0) {
        notes.push(backend::full(to.as_str()));
    }
    if call.attempts() > 1 {
        notes.push(format!(
            "HAProxy tries a call of {to} again only where its method allows it: never POST and PATCH, once they were sent."
        ));
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
            "Route {id} says no burst: {} requests may come at once on top, one second's worth.",
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
