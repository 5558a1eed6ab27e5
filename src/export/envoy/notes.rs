//! What Envoy does otherwise than drawn, in sentences.

use super::{
    DEFAULT_TIMEOUT_MS, retry,
    routes::Calls,
    upstream::{DEFAULT_CONSECUTIVE, DEFAULT_INTERVAL_MS, consecutive, interval_ms, rate},
};
use crate::{
    export::bundle::{self, Checked, Passage},
    model::{Breaker, Dependency, Service, ServiceId},
};

/// Everything a reader should know of a gateway's configuration.
pub(super) fn of(gateway: &ServiceId, checked: &Checked<'_>, calls: &Calls<'_>) -> Vec<String> {
    let passages = super::passages(checked);
    let mut notes = bundle::route_notes(gateway, checked);
    notes.extend(timeouts(&passages, calls));
    notes.extend(limits(&passages));
    notes.extend(bundle::burst_notes(checked));
    let mut seen: Vec<&ServiceId> = Vec::new();
    for passage in &passages {
        let (id, service) = passage.service;
        if !seen.contains(&id)
            && let Some(call) = calls.get(id)
        {
            seen.push(id);
            notes.extend(of_call(call, service));
        }
    }
    notes
}

fn timeouts(passages: &[&Passage<'_>], calls: &Calls<'_>) -> Vec<String> {
    let endless: Vec<_> = passages
        .iter()
        .filter(|it| {
            let call = calls.get(it.service.0).copied();
            retry::times(it.timeout_ms, call).all_ms.is_none()
        })
        .map(|it| it.id.as_str())
        .collect();
    if endless.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "Without a timeout, Envoy gives up after its own {} s: {}.",
        DEFAULT_TIMEOUT_MS / 1000,
        endless.join(", ")
    )]
}

fn limits(passages: &[&Passage<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    if passages.iter().any(|it| it.rate.is_some()) {
        notes.push(
            "Rates are counted for each client address and in each replica of the gateway: two replicas let twice as many requests pass.".to_owned(),
        );
    }
    if passages.iter().any(|it| it.body_limit_kib.is_some()) {
        notes.push(
            "Where a body is limited, Envoy holds it in memory until it is whole; such a route takes no WebSocket.".to_owned(),
        );
    }
    let unlimited = passages.iter().filter(|it| it.body_limit_kib.is_none());
    let unlimited: Vec<_> = unlimited.map(|it| it.id.as_str()).collect();
    if !unlimited.is_empty() {
        notes.push(format!(
            "Without a body limit, Envoy passes on bodies of any size: {}.",
            unlimited.join(", ")
        ));
    }
    notes
}

/// What is different about the protection of a call, at a gateway or beside a caller.
pub(super) fn of_call(call: &Dependency, service: &Service) -> Vec<String> {
    let mut notes = Vec::new();
    let to = &call.to;
    if let Some(breaker) = &call.breaker {
        notes.extend(of_breaker(to, breaker));
    }
    if call.breaker.is_some() && bundle::health_path(service).is_none() {
        notes.push(format!(
            "Nobody knows how to ask {to} for its health, so Envoy judges it by its answers alone."
        ));
    }
    if let Some(most) = call.bulkhead.filter(|it| *it > 0) {
        notes.push(format!(
            "At most {most} calls to {to} are under way for one Envoy; up to {most} more wait for a connection, within their timeout, and others get 503."
        ));
    }
    if let Some(retries) = retry::of(Some(call)) {
        notes.push(format!(
            "Envoy tries calls to {to} again only for {}, and only while at most {} % of the calls under way are retries.",
            retry::REPEATABLE.replace('|', ", "),
            retry::BUDGET_PERCENT
        ));
        if retries.backoff_ms.is_some() {
            notes.push(format!(
                "Envoy's waits before a retry of {to} are drawn at random below 1, 3, 7 times the backoff and so on, not below 1, 2, 4 times."
            ));
        }
    }
    notes
}

fn of_breaker(to: &ServiceId, breaker: &Breaker) -> Vec<String> {
    let mut notes = vec![format!(
        "Envoy ejects the replicas of {to} that fail one by one: the breaker on {to} as a whole is open, with 503, once all are ejected. \
         An open breaker is looked at every {}, so it may stay open that much longer.",
        bundle::docker_duration(interval_ms(breaker))
    )];
    if let Some(percent) = rate(breaker) {
        if percent.fract() != 0.0 {
            notes.push(format!(
                "Envoy counts whole percent: the breaker on {to} opens at {} %, not at {percent} %.",
                percent.ceil()
            ));
        }
        if breaker.window_ms.is_none() {
            notes.push(format!(
                "Envoy counts the failures of {to} within {} s, because the design gives its window no time.",
                DEFAULT_INTERVAL_MS / 1000
            ));
        }
    } else if breaker.consecutive_failures.is_none() && consecutive(breaker).is_some() {
        notes.push(format!(
            "The breaker on {to} does not say what opens it: {DEFAULT_CONSECUTIVE} failures in a row do."
        ));
    }
    notes
}
