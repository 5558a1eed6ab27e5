//! What holds for the whole process: limits, names, times, log, errors.

use super::{
    Edge,
    line::{Line, Section, line},
};

/// The errors that the gateway answers itself, as JSON.
const OWN_ERRORS: &[(&str, &str)] = &[
    ("400", "malformed request"),
    ("401", "credentials are missing"),
    ("403", "forbidden"),
    ("404", "no such route"),
    ("405", "method not allowed"),
    ("408", "request took too long"),
    ("413", "request body is too large"),
    ("429", "too many requests"),
    ("500", "gateway failed"),
    ("502", "service unavailable"),
    ("503", "service unavailable"),
    ("504", "service took too long"),
];

/// Milliseconds a call may wait for a place at a service that is full.
pub(super) const QUEUE_MS: u64 = 100;

/// The body of an error, as a format that HAProxy fills in.
pub(super) fn error_body(status: &str, text: &str) -> String {
    format!(
        "{{\"error\":\"{text}\",\"status\":{status},\"request_id\":\"%[var(txn.request_id)]\"}}"
    )
}

/// The sections in front of the gateway's own.
pub(super) fn sections(edge: &Edge<'_>) -> Vec<Section> {
    let name = &edge.model.name;
    let title = format!(
        "Gateway {} of {}.\nRuns without privileges on a read-only disk: it writes nothing but its log.\nNo statistics page and no socket: nobody can change it while it runs.",
        edge.model.service_name(edge.gateway.id),
        if name.is_empty() { "the system" } else { name },
    );
    let global = [
        // One line of a log may hold a long path.
        line("log stdout len 65535 format raw local0"),
        line("maxconn 2000"),
        line("hard-stop-after 15s"),
    ];
    let names = [
        line("parse-resolv-conf"),
        line("accepted_payload_size 8192"),
        line("resolve_retries 3"),
        line("timeout resolve 1s"),
        line("timeout retry 1s"),
        line("hold valid 10s"),
        line("hold obsolete 30s"),
        line("hold timeout 30s"),
    ];
    let defaults = Section::new("defaults")
        .with(basics())
        .with(times())
        .with(errors());
    vec![
        Section::new("global").with(global).with_comment(title),
        Section::new("resolvers names").with(names).with_comment(
            "Asked again while it runs, so that a service may move. At the start the system is\nasked: a name that nobody has stops HAProxy there, a misspelt one does not stay hidden.\nWhat starts the containers starts the services first.",
        ),
        defaults,
    ]
}

fn basics() -> Vec<Line> {
    vec![
        line("mode http"),
        line("option dontlognull"),
        line("option abortonclose"),
        line("option redispatch 1"),
        line("unique-id-format %[uuid()]"),
        line("compression algo gzip"),
        line("compression type application/json text/plain"),
    ]
}

fn times() -> Vec<Line> {
    vec![
        line("timeout http-request 10s").apart(),
        line("timeout http-keep-alive 65s"),
        line("timeout client 60s"),
        line("timeout client-fin 10s"),
        line("timeout connect 1s"),
        line("timeout queue").word(super::time(QUEUE_MS)),
        line("timeout server 60s"),
        line("timeout check 2s"),
        line("timeout tunnel 1h"),
    ]
}

fn errors() -> Vec<Line> {
    let error = |(status, text): &(&str, &str)| {
        line("http-error status")
            .word(*status)
            .words("content-type application/json lf-string")
            .word(error_body(status, text))
    };
    let mut lines: Vec<_> = OWN_ERRORS.iter().map(error).collect();
    if let Some(first) = lines.first_mut() {
        *first = first.clone().with_comment(
            "What is no HTTP request at all is answered by HAProxy's own page, before these.",
        );
    }
    lines
}

/// One JSON object a request, in the names of the Elastic Common Schema.
pub(super) fn log(gateway: &str) -> Vec<Line> {
    let request = [
        "{\"@timestamp\":\"%[var(txn.time)]\",\"log.level\":\"%[var(txn.level,info)]\",",
        "\"message\":\"%HM %[var(txn.path),json(utf8s)] %ST\",",
        "%[var(txn.ecs)],\"service.name\":\"",
        gateway,
        "\",\"http.request.id\":\"%[var(txn.request_id)]\",",
        "\"http.request.method\":\"%HM\",\"url.domain\":\"%[var(txn.host),json(utf8s)]\",",
        "\"url.path\":\"%[var(txn.path),json(utf8s)]\",\"http.response.status_code\":%ST,",
        "\"http.response.bytes\":%B,",
        "\"event.duration\":%[date(0,ms),sub(txn.start),mul(1000000)],",
        "\"client.ip\":\"%ci\",\"user_agent.original\":\"%[var(txn.agent),json(utf8s)]\",",
        "\"haproxy.backend_name\":\"%b\",\"haproxy.server_name\":\"%s\",",
        "\"haproxy.queue_ms\":%Tw,\"haproxy.connect_ms\":%Tc,\"haproxy.response_ms\":%Tr,",
        "\"haproxy.retries\":\"%rc\",\"haproxy.termination_state\":\"%tsc\"}",
    ];
    let unread = [
        "{\"@timestamp\":\"",
        NOW,
        "\",\"log.level\":\"warn\",\"message\":\"a request could not be read\",",
        "\"ecs.version\":\"8.11.0\",\"service.name\":\"",
        gateway,
        "\",\"http.response.status_code\":%ST,\"client.ip\":\"%ci\"}",
    ];
    vec![
        line("log global").apart(),
        line("log-format").word(request.concat()),
        line("error-log-format").word(unread.concat()),
    ]
}

/// The time as RFC 3339 has it, in UTC, to the millisecond. As text, 1007 is `007`
/// without its first digit.
pub(super) const NOW: &str =
    "%[date,utime(%Y-%m-%dT%H:%M:%S)].%[date(0,ms),mod(1000),add(1000),lower,bytes(1,3)]Z";
