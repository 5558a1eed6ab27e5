//! Who answers behind the gateway, within which time, asked how for its health.

use std::collections::{BTreeMap, BTreeSet};

use super::middleware;
use crate::{
    export::{
        bundle::{self, Checked, Passage},
        yaml::{Map, Value},
    },
    model::{Dependency, Model, RouteId, ServiceId},
};

/// A service at one port, asked within one time.
#[derive(Debug)]
pub(super) struct Target<'a> {
    /// Its name in the file.
    pub(super) name: String,
    /// Its address.
    url: String,
    /// Milliseconds until its answer has to start.
    pub(super) timeout_ms: Option<u64>,
    /// The drawn call of the gateway.
    pub(super) call: Option<&'a Dependency>,
    /// How it is asked for its health.
    health: Option<Map>,
    /// How many of it there are.
    replicas: u32,
    /// The routes that lead to it.
    pub(super) routes: BTreeSet<&'a RouteId>,
}

/// Every service that a route leads to, by name: one per port and timeout.
pub(super) fn targets<'a>(
    model: &'a Model,
    gateway: &'a ServiceId,
    checked: &Checked<'a>,
) -> Vec<Target<'a>> {
    let mut found: BTreeMap<(&str, Option<u64>), Target<'a>> = BTreeMap::new();
    let calls = bundle::calls_of_gateway(model, gateway);
    for passage in checked.all() {
        let call = calls.get(passage.service.0).copied();
        let timeout_ms = passage.timeout_ms.or_else(|| timeout_of(call));
        let key = (passage.upstream.as_str(), timeout_ms);
        let target = found
            .entry(key)
            .or_insert_with(|| target(passage, call, timeout_ms));
        target.routes.insert(passage.id);
    }
    let mut count: BTreeMap<&str, u32> = BTreeMap::new();
    for (upstream, _) in found.keys() {
        *count.entry(upstream).or_default() += 1;
    }
    let named = found.into_iter().map(|((upstream, timeout_ms), it)| {
        let name = match count.get(upstream) {
            Some(1) | None => upstream.to_owned(),
            Some(_) => format!("{upstream}_{}", within(timeout_ms)),
        };
        Target { name, ..it }
    });
    named.collect()
}

/// The timeout of a call, where a proxy can count it.
pub(super) fn timeout_of(call: Option<&Dependency>) -> Option<u64> {
    let counted = 1..=bundle::USUAL_LIMITS.timeout_ms;
    call?.timeout_ms.filter(|it| counted.contains(it))
}

fn target<'a>(
    passage: &Passage<'a>,
    call: Option<&'a Dependency>,
    timeout_ms: Option<u64>,
) -> Target<'a> {
    let (id, service) = passage.service;
    let health = bundle::health_path(service).map(|path| {
        let timing = bundle::health_timing(service.health.as_ref());
        let interval_ms = timing.interval_ms.clamp(2, bundle::USUAL_LIMITS.timeout_ms);
        let mut health = Map::from([("path", path.into())]);
        let port = bundle::health_port(service);
        if port != passage.port() {
            if passage.speaks_grpc() {
                health.set("scheme", "http");
            }
            health.set("port", port);
        }
        health.set("interval", bundle::duration(interval_ms));
        // Traefik wants a check to be over before the next one.
        let timeout_ms = timing.timeout_ms.min(interval_ms - 1);
        health.set("timeout", bundle::duration(timeout_ms));
        health
    });
    // gRPC needs HTTP/2, and inside nobody speaks TLS.
    let scheme = if passage.speaks_grpc() { "h2c" } else { "http" };
    Target {
        name: String::new(),
        url: format!("{scheme}://{}:{}", bundle::host(id), passage.port()),
        timeout_ms,
        call,
        health,
        replicas: service.replicas.unwrap_or(1),
        routes: BTreeSet::new(),
    }
}

/// The names of the services that routes lead to.
pub(super) fn names<'a>(targets: &'a [Target<'_>]) -> BTreeMap<&'a RouteId, &'a str> {
    let pairs = targets
        .iter()
        .flat_map(|it| it.routes.iter().map(|id| (*id, it.name.as_str())));
    pairs.collect()
}

fn within(timeout_ms: Option<u64>) -> String {
    timeout_ms.map_or_else(|| "unlimited".to_owned(), |it| format!("within-{it}ms"))
}

/// How long services may take, once per time.
pub(super) fn transports(targets: &[Target<'_>]) -> Map {
    let times: BTreeSet<_> = targets.iter().map(|it| it.timeout_ms).collect();
    let mut all = Map::default();
    for timeout_ms in times {
        let connect =
            timeout_ms.map_or(bundle::MAX_CONNECT_MS, |it| it.min(bundle::MAX_CONNECT_MS));
        let mut forwarding = Map::from([("dialTimeout", bundle::duration(connect).into())]);
        if let Some(ms) = timeout_ms {
            forwarding.set_with_comment(
                "responseHeaderTimeout",
                bundle::duration(ms),
                "Until an answer starts, for each attempt; what follows may take its time.",
            );
        }
        forwarding.set_with_comment(
            "idleConnTimeout",
            bundle::SERVICE_KEEPALIVE,
            "Shorter than at any service, so that none hangs up on a request that is on its way.",
        );
        let transport = Map::from([
            ("maxIdleConnsPerHost", Value::Int(32)),
            ("forwardingTimeouts", forwarding.into()),
        ]);
        all.set(within(timeout_ms), transport);
    }
    all
}

/// The services themselves.
pub(super) fn all(targets: &[Target<'_>]) -> Map {
    let mut all = Map::default();
    for target in targets {
        let mut balancer = Map::from([
            ("serversTransport", within(target.timeout_ms).into()),
            ("passHostHeader", true.into()),
        ]);
        if let Some(health) = &target.health {
            balancer.set("healthCheck", health.clone());
        }
        let server = Map::from([("url", target.url.as_str().into())]);
        balancer.set_with_comment(
            "servers",
            vec![server],
            if target.replicas > 1 {
                format!(
                    "One server for Traefik: the name leads to {} replicas.",
                    target.replicas
                )
            } else {
                String::new()
            },
        );
        let mut service = Map::default();
        let names = middleware::names_of(target);
        if !names.is_empty() {
            service.set_with_comment(
                "middlewares",
                names.into_iter().map(Value::from).collect::<Vec<_>>(),
                "Shared by every route to it: each attempt counts for the breaker.",
            );
        }
        service.set("loadBalancer", balancer);
        all.set(target.name.as_str(), service);
    }
    all
}
