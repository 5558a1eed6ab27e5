//! Who answers behind the gateway: attempts, places, health.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    Edge, MOST, count,
    line::{Line, Section, line},
    settings::QUEUE_MS,
    time,
};
use crate::{
    export::bundle::{self, HealthTiming, Passage},
    model::{Breaker, Dependency},
};

/// The longest time a connection to a service may take, in milliseconds.
const MAX_CONNECT_MS: u64 = 1_000;
/// Failures in a row that take a replica out, where the breaker does not say: HAProxy's.
const DEFAULT_ERROR_LIMIT: u32 = 10;
/// Checks in a row that bring a replica back, where no breaker says how long it is out.
const DEFAULT_RISE: u64 = 2;
/// Further attempts to connect, where the design says nothing of retries.
const DEFAULT_RETRIES: u64 = 1;

/// One backend per service and port that a route leads to, sorted by name.
pub(super) fn sections(edge: &Edge<'_>) -> Vec<Section> {
    let mut by_name: BTreeMap<&str, Vec<&Passage<'_>>> = BTreeMap::new();
    for passage in edge.passages() {
        by_name.entry(&passage.upstream).or_default().push(passage);
    }
    let each = by_name.into_iter();
    each.filter_map(|(name, passages)| section(edge, name, &passages))
        .collect()
}

fn section(edge: &Edge<'_>, name: &str, passages: &[&Passage<'_>]) -> Option<Section> {
    let first = passages.first()?;
    let call = edge.call(first);
    let (id, service) = first.service;
    let health = Health::of(first, call);
    let mut lines = times(passages, call);
    lines.extend(retries(call));
    if let Some(most) = bulkhead(call) {
        lines.push(
            line("http-request deny deny_status 503 if { be_conn gt")
                .word(most.to_string())
                .words("}")
                .with_comment("So many calls may be under way; whoever comes on top is refused."),
        );
    }
    lines.extend(health.lines(&bundle::host(id)));
    let address = format!("{}:{}", bundle::host(id), first.port());
    let replicas = service.replicas.map_or(1, count);
    let server = if replicas > 1 {
        line("server-template")
            .word(id.as_str())
            .word(replicas.to_string())
    } else {
        line("server").word(id.as_str())
    };
    lines.push(
        server
            .word(address)
            .words(if first.speaks_grpc() { "proto h2" } else { "" })
            .words(&health.server_words(call))
            .words("init-addr libc resolvers names resolve-prefer ipv4")
            .with_comment(server_comment(&health, call, replicas)),
    );
    let routes: Vec<_> = passages.iter().map(|it| it.id.as_str()).collect();
    Some(
        Section::new(format!("backend {name}"))
            .with([line("balance leastconn")])
            .with(lines)
            .with_comment(format!("Service {id}, for route {}", routes.join(", "))),
    )
}

/// The calls that may be under way at once.
fn bulkhead(call: Option<&Dependency>) -> Option<u64> {
    let said = call.and_then(|it| it.bulkhead);
    said.filter(|it| *it > 0).map(count)
}

fn times(passages: &[&Passage<'_>], call: Option<&Dependency>) -> Vec<Line> {
    let of_call = call
        .and_then(|it| it.timeout_ms)
        .filter(|it| (1..=MOST).contains(it));
    let routes = passages.iter().filter_map(|it| it.timeout_ms);
    let shortest = routes.chain(of_call).min();
    let mut lines = Vec::new();
    if let Some(ms) = shortest {
        lines.push(line("timeout connect").word(time(ms.min(MAX_CONNECT_MS))));
    }
    if let Some(ms) = of_call {
        lines.push(line("timeout server").word(time(ms)));
    }
    for passage in passages {
        if let Some(ms) = passage.timeout_ms {
            lines.push(
                line("http-request set-timeout server")
                    .word(time(ms))
                    .words("if { var(txn.route) -m str --")
                    .word(passage.id.as_str())
                    .words("}"),
            );
        }
    }
    lines
}

/// Only what may be done twice is tried again once it was sent.
fn retries(call: Option<&Dependency>) -> Vec<Line> {
    let said = call.and_then(|it| it.retries.as_ref());
    let Some(said) = said else {
        return vec![
            line("retries").word(DEFAULT_RETRIES.to_string()),
            line("retry-on conn-failure"),
        ];
    };
    let mut lines = vec![line("retries").word(u64::from(said.count).min(1_000).to_string())];
    if said.count > 0 {
        lines.push(line(
            "retry-on conn-failure empty-response response-timeout 502 503",
        ));
        lines.push(line(
            "http-request disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE }",
        ));
    }
    lines
}

fn server_comment(health: &Health<'_>, call: Option<&Dependency>, replicas: u64) -> String {
    let mut comment = String::new();
    if replicas > 1 {
        comment = format!("Up to {replicas} replicas, as many as the name has addresses.\n");
    }
    match call.and_then(|it| it.breaker.as_ref()) {
        Some(breaker) => {
            let (least, most) = health.out_ms();
            let open = match breaker.open_ms {
                Some(ms) => format!("; the drawn breaker stays open {ms} ms"),
                None => String::new(),
            };
            let after = error_limit(breaker);
            write!(comment, "{after} failures in a row take a replica out. It is back after {} passed checks in a\nrow, which take {least} to {most} ms{open}.",
                health.rise).unwrap_or_default();
        }
        None => comment.push_str("Failed checks take a replica out, failed calls do not."),
    }
    comment
}

/// Failures in a row that take a replica out.
pub(super) fn error_limit(breaker: &Breaker) -> u64 {
    let said = breaker.consecutive_failures.filter(|it| *it > 0);
    count(said.unwrap_or(DEFAULT_ERROR_LIMIT))
}

/// How a service is checked.
pub(super) struct Health<'a> {
    timing: HealthTiming,
    path: Option<&'a str>,
    port: Option<u16>,
    /// Passed checks in a row that bring a replica back.
    pub(super) rise: u64,
}

impl<'a> Health<'a> {
    /// The checks of a route's service.
    pub(super) fn of(passage: &Passage<'a>, call: Option<&Dependency>) -> Self {
        let service = passage.service.1;
        let timing = bundle::health_timing(service.health.as_ref());
        let port = bundle::health_port(service);
        let open_ms = call
            .and_then(|it| it.breaker.as_ref())
            .and_then(|it| it.open_ms);
        let interval = timing.interval_ms.clamp(1, MOST);
        // The first check comes at any time, so one more makes sure of the rest.
        let rise = open_ms.map_or(DEFAULT_RISE, |it| {
            it.div_ceil(interval).clamp(1, 1_000_000) + 1
        });
        Self {
            timing,
            path: bundle::health_path(service),
            port: (port != passage.port()).then_some(port),
            rise,
        }
    }

    /// Milliseconds that a replica is out at least and at most once calls took it out.
    pub(super) fn out_ms(&self) -> (u64, u64) {
        let interval = self.timing.interval_ms.clamp(1, MOST);
        (
            interval.saturating_mul(self.rise - 1),
            interval.saturating_mul(self.rise),
        )
    }

    fn lines(&self, host: &str) -> Vec<Line> {
        let mut lines = Vec::new();
        if let Some(path) = self.path {
            lines.push(line("option httpchk").apart());
            lines.push(
                line("http-check send meth GET uri")
                    .word(path)
                    .words("ver HTTP/1.1 hdr Host")
                    .word(host),
            );
            lines.push(line("http-check expect status 200-299"));
        }
        lines.push(line("timeout check").word(time(self.timing.timeout_ms)));
        lines
    }

    fn server_words(&self, call: Option<&Dependency>) -> String {
        let mut words = format!(
            "check inter {} fall {} rise {}",
            time(self.timing.interval_ms),
            count(self.timing.retries),
            self.rise
        );
        if let Some(port) = self.port {
            write!(words, " port {port}").unwrap_or_default();
        }
        if let Some(most) = bulkhead(call) {
            write!(words, " maxconn {most}").unwrap_or_default();
        }
        if let Some(breaker) = call.and_then(|it| it.breaker.as_ref()) {
            let limit = error_limit(breaker);
            write!(
                words,
                " observe layer7 error-limit {limit} on-error mark-down"
            )
            .unwrap_or_default();
        }
        words
    }
}

/// What is said of a full bulkhead.
pub(super) fn full(to: &str) -> String {
    format!(
        "A call on top of the bulkhead of {to} is answered 503; one that meets a full replica waits {QUEUE_MS} ms for a place."
    )
}
