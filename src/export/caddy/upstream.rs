//! Who answers behind the gateway: health, retries and the nearest to a breaker.

use std::collections::BTreeMap;

use super::line::{Line, block, line, snippet};
use crate::{
    export::bundle::{self, Checked, Passage},
    model::{Breaker, Dependency, ServiceId},
};

/// The drawn calls of a gateway, by service.
pub(super) type Calls<'a> = BTreeMap<&'a ServiceId, &'a Dependency>;

/// Failures after which a service is left alone, where a breaker says nothing to count.
const USUAL_FAILURES: u32 = 5;
/// Calls that a share is taken of, where a breaker says none.
const USUAL_CALLS: u32 = 10;
/// Milliseconds a breaker stays open where it does not say.
const USUAL_OPEN_MS: u64 = 30_000;

/// What is said once for each service and port, by upstream.
pub(super) fn snippets(checked: &Checked<'_>, calls: &Calls<'_>) -> Vec<Line> {
    let passages = checked.all().map(|it| (it.upstream.as_str(), it));
    let by_name: BTreeMap<_, _> = passages.collect();
    let all = by_name.into_iter().filter_map(|(name, passage)| {
        let inside = inside(passage, calls.get(passage.service.0).copied());
        let comment = match passage.service.1.replicas {
            Some(count) if count > 1 => format!(
                "One upstream for Caddy: the name leads to {count} replicas of {}.",
                passage.service.0
            ),
            Some(_) | None => String::new(),
        };
        let is_said = !inside.is_empty();
        is_said.then(|| snippet(&name_of(name), inside).with_comment(comment))
    });
    all.collect()
}

/// The name of an upstream's snippet.
fn name_of(upstream: &str) -> String {
    format!("to_{upstream}")
}

fn inside(passage: &Passage<'_>, call: Option<&Dependency>) -> Vec<Line> {
    let mut all = health(passage);
    let Some(call) = call else {
        return all;
    };
    if let Some(retries) = call.retries.as_ref().filter(|it| it.count > 0) {
        // Caddy counts in an int and never reaches the end of one.
        let count = retries.count.min(i32::MAX as u32);
        all.push(line(["lb_retries"]).word(count.to_string()));
        if let Some(ms) = counted(retries.backoff_ms) {
            all.push(line(["lb_try_interval"]).word(bundle::duration(ms)));
        }
    }
    if let Some(breaker) = &call.breaker {
        all.extend(passive_health(breaker));
    }
    if let Some(most) = call.bulkhead.filter(|it| *it > 0) {
        let most = most.min(i32::MAX as u32).to_string();
        all.push(line(["unhealthy_request_count", &most]));
    }
    all
}

fn health(passage: &Passage<'_>) -> Vec<Line> {
    let service = passage.service.1;
    let Some(path) = bundle::health_path(service) else {
        return Vec::new();
    };
    let timing = bundle::health_timing(service.health.as_ref());
    let mut all = vec![line(["health_uri", path])];
    let port = bundle::health_port(service);
    if port != passage.port() {
        all.push(line(["health_port", &port.to_string()]));
    }
    let most = bundle::USUAL_LIMITS.timeout_ms;
    let time = |ms: u64| bundle::duration(ms.min(most));
    all.extend([
        line(["health_interval", &time(timing.interval_ms)]),
        line(["health_timeout", &time(timing.timeout_ms)]),
        line([
            "health_fails",
            &timing.retries.min(i32::MAX as u32).to_string(),
        ]),
    ]);
    all
}

fn passive_health(breaker: &Breaker) -> Vec<Line> {
    let open = counted(breaker.open_ms).unwrap_or(USUAL_OPEN_MS);
    let failures = max_fails(breaker);
    let mut all = vec![
        line(["max_fails", &failures.to_string()]).with_comment(format!(
            "The nearest to a breaker: {failures} failures of the last {open} ms turn calls away with 503."
        )),
        line(["fail_duration", &bundle::duration(open)]),
        line(["unhealthy_status", "5xx"]),
    ];
    if let Some(ms) = counted(breaker.slow_call_ms) {
        all.push(line(["unhealthy_latency", &bundle::duration(ms)]));
    }
    all
}

/// The failures that open a breaker: as said, or the fewest that its share can mean.
pub(super) fn max_fails(breaker: &Breaker) -> u32 {
    if let Some(said) = breaker.consecutive_failures.filter(|it| *it > 0) {
        return said.min(i32::MAX as u32);
    }
    let share = breaker.failure_rate_percent;
    let Some(percent) = share.filter(|it| *it > 0.0 && *it <= 100.0) else {
        return USUAL_FAILURES;
    };
    let calls = breaker.minimum_calls.or(breaker.window_calls);
    let calls = calls.filter(|it| *it > 0).unwrap_or(USUAL_CALLS);
    let fewest = (f64::from(calls) * percent / 100.0).ceil();
    fewest.clamp(1.0, f64::from(i32::MAX)) as u32
}

/// A time that a proxy can count.
pub(super) fn counted(ms: Option<u64>) -> Option<u64> {
    ms.filter(|it| (1..=bundle::USUAL_LIMITS.timeout_ms).contains(it))
}

/// The directive that passes a request on.
pub(super) fn reverse_proxy(passage: &Passage<'_>, calls: &Calls<'_>) -> Line {
    let (id, _) = passage.service;
    let call = calls.get(id).copied();
    let mut all = Vec::new();
    if !self::inside(passage, call).is_empty() {
        all.push(line(["import", &name_of(&passage.upstream)]));
    }
    if !passage.origins.is_empty() {
        all.push(
            line(["header_down", "-Access-Control-Allow-Origin"])
                .with_comment("Which origins may ask is said here."),
        );
        all.push(line(["header_down", "-Access-Control-Allow-Credentials"]));
    }
    let timeout = passage
        .timeout_ms
        .or_else(|| counted(call.and_then(|it| it.timeout_ms)));
    let connect = timeout.map_or(bundle::MAX_CONNECT_MS, |it| it.min(bundle::MAX_CONNECT_MS));
    let mut transport = vec![line(["dial_timeout", &bundle::duration(connect)])];
    if let Some(ms) = timeout {
        transport.push(line(["response_header_timeout", &bundle::duration(ms)]));
    }
    transport.push(line(["keepalive", bundle::SERVICE_KEEPALIVE]).with_comment(
        "Shorter than at any service, so that none hangs up on a request that is on its way.",
    ));
    if passage.speaks_grpc() {
        transport.push(line(["versions", "h2c"]).with_comment("gRPC needs HTTP/2."));
    }
    all.push(block(["transport", "http"], transport));
    let address = format!("{}:{}", bundle::host(id), passage.port());
    block(["reverse_proxy", &address], all)
}
