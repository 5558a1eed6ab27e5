//! What HAProxy does otherwise than drawn, in sentences.

use std::collections::BTreeSet;

use super::{
    Edge,
    backend::{self, Health},
};
use crate::export::bundle::{self, Passage};

/// Everything a reader should know of a gateway's configuration.
pub(super) fn of(edge: &Edge<'_>) -> Vec<String> {
    let gateway = edge.gateway.id;
    let mut passages: Vec<_> = edge.passages().collect();
    passages.sort_unstable_by_key(|it| it.id);
    let mut notes = bundle::route_notes(gateway, edge.checked);
    notes.extend(bundle::burst_notes(edge.checked));
    if passages.iter().any(|it| it.body_limit_kib.is_some()) {
        notes.push(
            "HAProxy counts a body by its Content-Length: a route with a body limit answers 411 to a body without one.".to_owned(),
        );
    }
    notes.extend(timeouts(edge, &passages));
    let mut called = BTreeSet::new();
    for passage in &passages {
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
