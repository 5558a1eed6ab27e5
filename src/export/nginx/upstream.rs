//! Who answers behind the gateway: pooled connections and passive health.

use std::collections::BTreeMap;

use super::directive::{Directive, block, simple};
use crate::{
    export::bundle::{self, Checked, Passage},
    model::{Breaker, Dependency, Model, ServiceId},
};

/// Failures after which a replica is left aside, where no breaker says it.
pub(super) const DEFAULT_MAX_FAILS: u32 = 3;
/// Milliseconds a replica is left aside, where no breaker says it.
const DEFAULT_FAIL_TIMEOUT_MS: u64 = 10_000;

/// One upstream per service and port that a route leads to, sorted by name.
pub(super) fn all(model: &Model, gateway: &ServiceId, checked: &Checked<'_>) -> Vec<Directive> {
    let passages = checked.hosts.values().flat_map(|it| it.values().flatten());
    let by_name: BTreeMap<_, _> = passages.map(|it| (it.upstream.as_str(), it)).collect();
    by_name
        .into_iter()
        .map(|(name, passage)| {
            upstream(
                name,
                passage,
                bundle::call(model, gateway, passage.service.0),
            )
        })
        .collect()
}

fn upstream(name: &str, passage: &Passage<'_>, call: Option<&Dependency>) -> Directive {
    let (id, service) = passage.service;
    let breaker = call.and_then(|it| it.breaker.as_ref());
    let max_fails = breaker
        .and_then(|it| it.consecutive_failures)
        .filter(|it| *it > 0)
        .unwrap_or(DEFAULT_MAX_FAILS);
    let server = simple(["server"])
        .word(format!("{}:{}", bundle::host(id), passage.port()))
        .word(format!("max_fails={max_fails}"))
        .word(format!(
            "fail_timeout={}",
            bundle::duration(fail_timeout_ms(breaker))
        ));
    let bulkhead = call.and_then(|it| it.bulkhead).filter(|it| *it > 0);
    let server = match bulkhead {
        Some(most) => server.word(format!("max_conns={most}")),
        None => server,
    };
    let mut comment = match service.replicas {
        Some(count) if count > 1 => format!(
            "{id} is resolved once, to its {count} replicas, each a peer of its own: reload nginx when they move."
        ),
        Some(_) | None => format!(
            "{id} is resolved once: reload nginx when it moves. One address is asked however often it failed."
        ),
    };
    if bulkhead.is_some() {
        comment
            .push_str("\nmax_conns holds for each replica; where all are full, nginx answers 502.");
    }
    block(
        ["upstream", name],
        vec![
            simple(["zone", name, "64k"]),
            simple(["least_conn"]),
            server.with_comment(comment),
            simple(["keepalive", "32"]),
            simple(["keepalive_requests", "1000"]),
            simple(["keepalive_timeout", bundle::SERVICE_KEEPALIVE]).with_comment(
                "Shorter than at any service, so that none hangs up on a request that is on its way.",
            ),
        ],
    )
}

/// nginx reads this as seconds and nothing finer.
fn fail_timeout_ms(breaker: Option<&Breaker>) -> u64 {
    breaker
        .and_then(|it| it.open_ms)
        .filter(|it| (1..=u64::from(u32::MAX)).contains(it))
        .map_or(DEFAULT_FAIL_TIMEOUT_MS, |it| it.div_ceil(1000) * 1000)
}
