//! Who answers behind Envoy: addresses, health, breaker and bulkhead of one service.

use super::{
    retry,
    typed::{counted, extension, message, seconds, whole},
};
use crate::{
    export::{
        bundle,
        yaml::{Map, Value},
    },
    model::{Breaker, Dependency, Service, ServiceId},
};

/// The longest time a connection to a service may take, in milliseconds.
const MAX_CONNECT_MS: u64 = 1_000;
/// Failures in a row that open a breaker of which nothing else is said; Envoy's own.
pub(super) const DEFAULT_CONSECUTIVE: u32 = 5;
/// Milliseconds in which calls are counted for a rate, where the design says none; Envoy's own.
pub(super) const DEFAULT_INTERVAL_MS: u64 = 10_000;
/// Milliseconds between two looks at who may come back, where no rate is counted.
const SWEEP_MS: u64 = 1_000;
/// Calls a rate needs, and milliseconds a breaker stays open, where the design says none:
/// what Meshboard offers for a new breaker.
const DEFAULT_MINIMUM_CALLS: u32 = 10;
const DEFAULT_OPEN_MS: u64 = 30_000;

/// Milliseconds between two looks at a service that is down: it should not wait for callers
/// once it is up.
const MAX_UNHEALTHY_MS: u64 = 2_000;

/// A service that is called, and the drawn call.
#[derive(Debug, Clone)]
pub(in crate::export) struct Upstream<'a> {
    /// The name of its cluster.
    pub(in crate::export) name: String,
    /// The service.
    pub(in crate::export) id: &'a ServiceId,
    /// As drawn.
    pub(in crate::export) service: &'a Service,
    /// The port that is called.
    pub(in crate::export) port: u16,
    /// What protects the call.
    pub(in crate::export) call: Option<&'a Dependency>,
}

/// The cluster of a service.
pub(super) fn cluster(upstream: &Upstream<'_>) -> Map {
    let call = upstream.call;
    let host = bundle::host(upstream.id);
    let mut cluster = Map::from([
        ("name", upstream.name.as_str().into()),
        ("cluster_type", dns().into()),
        (
            "connect_timeout",
            seconds(
                counted(call.and_then(|it| it.timeout_ms))
                    .map_or(MAX_CONNECT_MS, |it| it.min(MAX_CONNECT_MS)),
            ),
        ),
        ("lb_policy", "LEAST_REQUEST".into()),
        ("per_connection_buffer_limit_bytes", 32_768_u32.into()),
    ]);
    cluster.set_with_comment(
        "common_lb_config",
        balancing(),
        "Never call whom the checks below put aside: with nobody left, callers get 503 at once.",
    );
    cluster.set(
        "typed_extension_protocol_options",
        protocol(bundle::speaks_grpc(upstream.service, upstream.port)),
    );
    if let Some(thresholds) = call.and_then(thresholds) {
        cluster.set_with_comment(
            "circuit_breakers",
            Map::from([("thresholds", Value::from(vec![thresholds]))]),
            "Envoy calls these limits circuit breakers: beyond them callers get 503 at once.",
        );
    }
    if let Some(breaker) = call.and_then(|it| it.breaker.as_ref()) {
        cluster.set_with_comment(
            "outlier_detection",
            outlier_detection(breaker),
            "The drawn breaker, for each replica of its own: one that keeps failing is ejected. \
             Once its time is over it comes back with full traffic, there is no half-open state.",
        );
    }
    if let Some(check) = health_check(upstream.id, upstream.service) {
        cluster.set("health_checks", vec![check]);
    }
    cluster.set("load_assignment", endpoints(upstream, &host));
    cluster
}

/// How the service is spoken to; gRPC needs HTTP/2.
fn protocol(is_grpc: bool) -> Map {
    let version = if is_grpc {
        "http2_protocol_options"
    } else {
        "http_protocol_options"
    };
    let mut fields = Map::default();
    fields.set_with_comment(
        "common_http_protocol_options",
        Map::from([("idle_timeout", bundle::SERVICE_KEEPALIVE.into())]),
        "Shorter than at any service, so that none hangs up on a request that is on its way.",
    );
    fields.set(
        "explicit_http_config",
        Map::from([(version, Map::default().into())]),
    );
    let kind = "extensions.upstreams.http.v3.HttpProtocolOptions";
    Map::from([(
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        message(kind, fields).into(),
    )])
}

fn balancing() -> Map {
    let panic = [("value", 0_u32.into())];
    let mut map = Map::from([("healthy_panic_threshold", panic.into())]);
    map.set_with_comment(
        "update_merge_window",
        "0s",
        "At once: Envoy would go on calling whom it has ejected for up to a second.",
    );
    map
}

fn endpoints(upstream: &Upstream<'_>, host: &str) -> Map {
    let mut endpoint = Map::from([("address", address(host, upstream.port))]);
    let health_port = bundle::health_port(upstream.service);
    if health_port != upstream.port && bundle::health_path(upstream.service).is_some() {
        endpoint.set(
            "health_check_config",
            Map::from([("port_value", health_port.into())]),
        );
    }
    let endpoints = vec![Map::from([("endpoint", endpoint.into())])];
    let together = Map::from([("lb_endpoints", endpoints.into())]);
    Map::from([
        ("cluster_name", upstream.name.as_str().into()),
        ("endpoints", vec![together].into()),
    ])
}

/// A host and its port.
pub(super) fn address(host: &str, port: u16) -> Value {
    let socket = [("address", host.into()), ("port_value", port.into())];
    [("socket_address", socket.into())].into()
}

/// Every address behind a name is a replica; they are looked up again and again.
fn dns() -> Map {
    let retry = [
        ("base_interval", seconds(1_000)),
        ("max_interval", seconds(5_000)),
    ];
    extension(
        "envoy.cluster.dns",
        "extensions.clusters.dns.v3.DnsCluster",
        Map::from([
            ("dns_refresh_rate", seconds(5_000)),
            ("dns_failure_refresh_rate", retry.into()),
            ("dns_lookup_family", "V4_PREFERRED".into()),
        ]),
    )
}

fn thresholds(call: &Dependency) -> Option<Map> {
    let mut limits = Map::default();
    if let Some(most) = call.bulkhead.filter(|it| *it > 0) {
        limits.set("max_connections", most);
        limits.set("max_requests", most);
        limits.set_with_comment(
            "max_pending_requests",
            most,
            "Calls that wait for one of the connections; a call that opens one waits, too.",
        );
        limits.set("track_remaining", true);
    }
    if let Some(budget) = retry::budget(call) {
        limits.set_with_comment(
            "retry_budget",
            budget,
            "Envoy allows 3 retries at a time if nothing is said. This grows with the traffic.",
        );
    }
    (!limits.is_empty()).then_some(limits)
}

/// Failures in a row that open a breaker; none where only a rate does.
pub(super) fn consecutive(breaker: &Breaker) -> Option<u32> {
    match breaker.consecutive_failures.filter(|it| *it > 0) {
        None if rate(breaker).is_none() => Some(DEFAULT_CONSECUTIVE),
        said => said,
    }
}

/// The percentage of failures that opens a breaker.
pub(super) fn rate(breaker: &Breaker) -> Option<f64> {
    breaker
        .failure_rate_percent
        .filter(|it| *it > 0.0 && *it <= 100.0)
}

/// Milliseconds between two looks at the counters.
pub(super) fn interval_ms(breaker: &Breaker) -> u64 {
    match rate(breaker) {
        Some(_) => counted(breaker.window_ms).unwrap_or(DEFAULT_INTERVAL_MS),
        None => SWEEP_MS,
    }
}

fn outlier_detection(breaker: &Breaker) -> Map {
    let open = seconds(counted(breaker.open_ms).unwrap_or(DEFAULT_OPEN_MS));
    let mut map = Map::default();
    match consecutive(breaker) {
        Some(count) => map.set("consecutive_5xx", count),
        None => map.set("enforcing_consecutive_5xx", 0_u32),
    }
    map.set_with_comment(
        "split_external_local_origin_errors",
        false,
        "Timeouts and lost connections count as 5xx. Counted apart, each connection that opens \
         would start the count of timeouts again, and a hanging service would never be ejected.",
    );
    if let Some(percent) = rate(breaker) {
        let minimum = breaker.minimum_calls.filter(|it| *it > 0);
        map.set(
            "failure_percentage_threshold",
            Value::Int(percent.ceil() as i64),
        );
        map.set("enforcing_failure_percentage", 100_u32);
        map.set(
            "failure_percentage_request_volume",
            minimum.unwrap_or(DEFAULT_MINIMUM_CALLS),
        );
        map.set("failure_percentage_minimum_hosts", 1_u32);
    }
    map.set_with_comment(
        "enforcing_success_rate",
        0_u32,
        "No comparison with other replicas: nobody drew one.",
    );
    map.set_with_comment(
        "interval",
        seconds(interval_ms(breaker)),
        "The window of a rate. Who may come back is looked at as often.",
    );
    map.set("base_ejection_time", open.clone());
    map.set_with_comment(
        "max_ejection_time",
        open,
        "Envoy would multiply the time with every further ejection.",
    );
    map.set_with_comment(
        "max_ejection_percent",
        100_u32,
        "At Envoy's 10 percent neither of two replicas could be ejected.",
    );
    map.set_with_comment(
        "successful_active_health_check_uneject_host",
        false,
        "A health check that succeeds would end the time early.",
    );
    map
}

fn health_check(id: &ServiceId, service: &Service) -> Option<Map> {
    let path = bundle::health_path(service)?;
    let timing = bundle::health_timing(service.health.as_ref());
    let interval = seconds(counted(Some(timing.interval_ms))?);
    let again = seconds(timing.interval_ms.min(MAX_UNHEALTHY_MS));
    let mut asked = Map::from([("host", bundle::host(id).into()), ("path", path.into())]);
    if bundle::speaks_grpc(service, bundle::health_port(service)) {
        asked.set("codec_client_type", "HTTP2");
    }
    Some(Map::from([
        ("timeout", seconds(counted(Some(timing.timeout_ms))?)),
        ("interval", interval.clone()),
        ("no_traffic_interval", interval),
        ("unhealthy_interval", again),
        ("unhealthy_threshold", whole(timing.retries.into())),
        ("healthy_threshold", 1_u32.into()),
        ("http_health_check", asked.into()),
    ]))
}
