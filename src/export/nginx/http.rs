//! What holds for every server of the gateway: limits, log, headers, maps.

use super::{
    cross_origin,
    directive::{Directive, block, simple},
};
use crate::{
    export::bundle::{Checked, OWN_ERRORS, Passage},
    model::{Method, ServiceId},
};

/// A megabyte holds the state of about 8,000 clients; two are enough for one gateway.
const RATE_ZONE_SIZE: &str = "2m";

/// The directives on top of the `http` block.
pub(super) fn settings(gateway: &ServiceId, checked: &Checked<'_>) -> Vec<Directive> {
    let passages: Vec<_> = checked
        .hosts
        .values()
        .flat_map(|it| it.values().flatten())
        .collect();
    let mut all = basics();
    all.extend(hash_sizes(checked, &passages));
    all.extend(request_maps());
    all.extend(log(gateway));
    all.extend(rate_limits(&passages));
    all.extend(cross_origin::maps(&passages));
    all.extend(passing_on());
    all.extend(headers(checked.has_crossing()));
    all
}

fn basics() -> Vec<Directive> {
    vec![
        simple(["default_type", "application/octet-stream"]),
        simple(["client_body_temp_path", "/tmp/client_body"]),
        simple(["proxy_temp_path", "/tmp/proxy"]),
        simple(["fastcgi_temp_path", "/tmp/fastcgi"]),
        simple(["uwsgi_temp_path", "/tmp/uwsgi"]),
        simple(["scgi_temp_path", "/tmp/scgi"]),
        simple(["server_tokens", "off"]).apart(),
        simple(["sendfile", "on"]),
        simple(["tcp_nopush", "on"]),
        simple(["keepalive_timeout", "65s"]),
        simple(["client_max_body_size", "1m"]),
        simple(["client_body_timeout", "10s"]),
        simple(["client_header_timeout", "10s"]),
        simple(["send_timeout", "10s"]),
        simple(["reset_timedout_connection", "on"]),
        simple(["gzip", "on"]).apart(),
        simple(["gzip_proxied", "any"]),
        simple(["gzip_min_length", "1024"]),
        simple(["gzip_vary", "on"]),
        simple(["gzip_types", "application/json", "text/plain"]),
    ]
}

/// Room for long names, which nginx refuses to start without.
fn hash_sizes(checked: &Checked<'_>, passages: &[&Passage<'_>]) -> Vec<Directive> {
    let mut sizes = Vec::new();
    let room = |longest: usize| (longest + 32).next_power_of_two().max(64).to_string();
    let hosts = checked.hosts.keys().flatten();
    if let Some(longest) = hosts.map(String::len).max().filter(|it| *it > 32) {
        sizes.push(simple(["server_names_hash_bucket_size", &room(longest)]).apart());
    }
    if checked.hosts.len() > 64 {
        let entries = checked.hosts.len() * 8;
        sizes.push(simple(["server_names_hash_max_size", &room(entries)]));
    }
    let crossing: Vec<_> = passages
        .iter()
        .filter(|it| !it.origins.is_empty())
        .collect();
    let origins = crossing.iter().flat_map(|it| &it.origins);
    if let Some(longest) = origins.map(String::len).max() {
        sizes.push(simple(["map_hash_bucket_size", &room(longest)]).apart());
        sizes.push(simple(["variables_hash_bucket_size", "128"]));
        let entries = 1024 + 16 * crossing.len();
        sizes.push(simple([
            "variables_hash_max_size",
            &entries.next_power_of_two().to_string(),
        ]));
    }
    sizes
}

fn request_maps() -> Vec<Directive> {
    let mut errors = vec![simple(["default", "error"])];
    errors.extend(
        OWN_ERRORS
            .iter()
            .map(|(status, text)| simple([*status, *text])),
    );
    // The service's own header passes through untouched, so ours must then be empty.
    let unless_said = |name: &str, header: &str, ours: &str| {
        let said = format!("$upstream_http_{header}");
        let values = vec![simple(["default", ""]), simple(["", ours])];
        block(["map", &said, name], values).close()
    };
    vec![
        block(
            ["map", "$http_x_request_id", "$req_id"],
            vec![
                simple(["default", "$request_id"]),
                simple(["~^[A-Za-z0-9._-]{8,128}$", "$http_x_request_id"]),
            ],
        )
        .with_comment("A well-formed request id of the caller is kept, any other replaced."),
        block(
            ["map", "$http_upgrade", "$connection_upgrade"],
            vec![simple(["default", "upgrade"]), simple(["", ""])],
        )
        .with_comment("Connections to services stay open unless the caller upgrades."),
        block(
            ["map", "$https", "$hsts"],
            vec![
                simple(["default", ""]),
                simple(["on", "max-age=63072000; includeSubDomains"]),
            ],
        )
        .with_comment("An empty header is not sent: this one goes over TLS only."),
        block(
            ["map", "$sent_http_content_type", "$page_policy"],
            vec![
                simple(["default", "default-src 'none'; frame-ancestors 'none'"]),
                simple(["~*^text/html", "frame-ancestors 'none'"]),
            ],
        )
        .with_comment("Headers that a service sets itself are left to it."),
        unless_said("$content_policy", "content_security_policy", "$page_policy"),
        unless_said("$frame_options", "x_frame_options", "DENY"),
        unless_said("$referrer_policy", "referrer_policy", "no-referrer"),
        block(
            ["map", "$status", "$allow"],
            vec![simple(["default", ""]), simple(["405", "$allowed_methods"])],
        )
        .close(),
        block(["map", "$status", "$error_text"], errors),
    ]
}

/// One JSON object a line, with the names of the Elastic Common Schema, so that lines of
/// gateways and services are searched alike.
fn log(gateway: &ServiceId) -> Vec<Directive> {
    let named = format!("\"service.name\":\"{gateway}\",\"event.dataset\":\"{gateway}.access\",");
    let format = [
        "{\"@timestamp\":\"$time_iso8601\",\"log.level\":\"$log_level\",",
        "\"message\":\"$request_method $uri $status\",\"ecs.version\":\"8.11.0\",",
        &named,
        "\"trace.id\":\"$trace_id\",\"http.request.id\":\"$req_id\",",
        "\"http.request.method\":\"$request_method\",\"http.version\":\"$protocol_version\",",
        "\"url.domain\":\"$host\",\"url.path\":\"$uri\",",
        "\"http.response.status_code\":$status_code,\"http.response.body.bytes\":$body_bytes_sent,",
        "\"event.duration\":$duration_ns,\"client.ip\":\"$remote_addr\",",
        "\"user_agent.original\":\"$http_user_agent\",\"destination.address\":\"$upstream_addr\",",
        "\"nginx.upstream.status\":\"$upstream_status\",",
        "\"nginx.upstream.connect_time\":\"$upstream_connect_time\",",
        "\"nginx.upstream.response_time\":\"$upstream_response_time\"}",
    ];
    let mut log_format = simple(["log_format", "json", "escape=json"]).apart();
    for part in format {
        log_format = log_format.word(part);
    }
    let mut all = log_maps();
    all.push(log_format);
    all.push(simple(["access_log", "/dev/stdout", "json"]));
    all
}

/// What a line of the log says in other words than nginx.
fn log_maps() -> Vec<Directive> {
    let map = |from: &str, to: &str, values: &[[&str; 2]]| {
        let values = values.iter().map(|it| simple(*it)).collect();
        block(["map", from, to], values).close()
    };
    vec![
        map(
            "$request_time",
            "$duration_ns",
            &[
                ["default", "0"],
                [r"~^0\.0*(?<fraction_ms>[1-9]\d*)$", "${fraction_ms}000000"],
                [
                    r"~^(?<whole_s>[1-9]\d*)\.(?<rest_ms>\d+)$",
                    "${whole_s}${rest_ms}000000",
                ],
            ],
        )
        .with_comment(
            "The log counts nanoseconds, nginx seconds with three digits behind the point.",
        )
        .apart(),
        map(
            "$status",
            "$log_level",
            &[["default", "info"], ["~^4", "warn"], ["~^5", "error"]],
        ),
        map(
            "$status",
            "$status_code",
            &[["default", "$status"], ["~^0", "0"]],
        ),
        map(
            "$http_traceparent",
            "$trace_id",
            &[
                ["default", ""],
                [r"~^[0-9a-f]{2}-(?<w3c_trace>[0-9a-f]{32})-", "$w3c_trace"],
            ],
        ),
        map(
            "$server_protocol",
            "$protocol_version",
            &[
                ["default", ""],
                [r"~^HTTP/(?<version>[0-9.]+)$", "$version"],
            ],
        ),
    ]
}

fn rate_limits(passages: &[&Passage<'_>]) -> Vec<Directive> {
    let mut limits: Vec<_> = passages
        .iter()
        .filter_map(|it| Some((it.id, it.rate?.0)))
        .collect();
    limits.sort_unstable();
    let mut all: Vec<_> = limits
        .into_iter()
        .map(|(id, rate)| {
            simple(["limit_req_zone", "$binary_remote_addr"])
                .word(format!("zone=route_{id}:{RATE_ZONE_SIZE}"))
                .word(format!("rate={rate}r/s"))
        })
        .collect();
    if let Some(first) = all.first_mut() {
        *first = first.clone().apart();
        all.push(simple(["limit_req_status", "429"]));
    }
    all
}

/// `GET, HEAD`; every method where none is said.
pub(super) fn method_list(methods: &[Method]) -> String {
    let all = if methods.is_empty() {
        &Method::ALL
    } else {
        methods
    };
    let names: Vec<_> = all.iter().map(|it| it.as_str()).collect();
    names.join(", ")
}

fn passing_on() -> Vec<Directive> {
    let header = |name: &str, value: &str| simple(["proxy_set_header", name, value]);
    let mut all = vec![
        simple(["proxy_http_version", "1.1"]).apart(),
        header("Host", "$host"),
        header("Connection", "$connection_upgrade"),
        header("Upgrade", "$http_upgrade"),
        header("X-Request-ID", "$req_id"),
        header("X-Real-IP", "$remote_addr"),
        header("X-Forwarded-For", "$remote_addr"),
        header("X-Forwarded-Proto", "$scheme"),
        header("X-Forwarded-Host", "$host"),
        simple(["proxy_connect_timeout", "1s"]),
        simple(["proxy_next_upstream", "error"]),
        simple(["proxy_next_upstream_tries", "2"]),
        simple(["proxy_buffer_size", "8k"]),
        simple(["proxy_buffers", "8", "8k"]),
    ];
    all.extend(hidden_headers());
    all
}

/// What services say that is not for callers, or that the gateway says itself.
fn hidden_headers() -> Vec<Directive> {
    [
        "X-Powered-By",
        "X-Request-ID",
        "X-Content-Type-Options",
        "Strict-Transport-Security",
    ]
    .into_iter()
    .map(|it| simple(["proxy_hide_header", it]))
    .collect()
}

/// What every answer says; an empty value is not sent.
fn headers(is_crossing: bool) -> Vec<Directive> {
    let header = |name: &str, value: &str| simple(["add_header", name, value, "always"]);
    let mut all = vec![
        header("X-Request-ID", "$req_id")
            .with_comment(
                "No location adds a header of its own, because that would drop all of these.",
            )
            .apart(),
        header("Allow", "$allow"),
        header("Strict-Transport-Security", "$hsts"),
        header("X-Content-Type-Options", "nosniff"),
        header("X-Frame-Options", "$frame_options"),
        header("Referrer-Policy", "$referrer_policy"),
        header("Content-Security-Policy", "$content_policy"),
    ];
    if is_crossing {
        all.extend(cross_origin::headers());
    }
    all
}
