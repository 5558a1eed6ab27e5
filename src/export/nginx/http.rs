//! What holds for every server of the gateway: limits, log, headers, maps.

use super::{
    cross_origin,
    directive::{Directive, block, simple},
    log,
};
use crate::{
    export::bundle::{Checked, OWN_ERRORS, Passage},
    model::{Method, ServiceId},
};

/// A megabyte holds the state of about 8,000 clients; two are enough for one gateway.
const RATE_ZONE_SIZE: &str = "2m";
/// What nginx refuses besides, and the text.
const FURTHER_ERRORS: &[(&str, &str)] = &[
    ("431", "request headers are too large"),
    ("501", "transfer encoding is not supported"),
    ("505", "version of HTTP is not supported"),
];

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
    if checked.asks_credentials() {
        all.push(challenge());
    }
    all.extend(log::directives(gateway));
    all.extend(rate_limits(&passages));
    all.extend(cross_origin::maps(&passages));
    all.extend(passing_on());
    all.extend(headers(checked));
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
        simple(["uninitialized_variable_warn", "off"])
            .with_comment("A request that cannot be read ends before any variable is set."),
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
    let mut texts: Vec<_> = OWN_ERRORS.iter().chain(FURTHER_ERRORS).collect();
    texts.sort_unstable();
    let texts = texts.into_iter().map(|it| simple([it.0, it.1]));
    let errors = std::iter::once(simple(["default", "error"]))
        .chain(texts)
        .collect();
    // The service's own header passes through untouched, so ours must then be empty.
    let unless_said = |name: &str, header: &str, ours: &str| {
        let said = format!("$upstream_http_{header}");
        let values = vec![simple(["default", ""]), simple(["", ours])];
        block(["map", &said, name], values).close()
    };
    let [upgrade, connection] = upgrades();
    vec![
        block(
            ["map", "$http_x_request_id", "$req_id"],
            vec![
                simple(["default", "$request_id"]),
                simple(["~^[A-Za-z0-9._-]{8,128}$", "$http_x_request_id"]),
            ],
        )
        .with_comment("A well-formed request id of the caller is kept, any other replaced."),
        upgrade,
        connection,
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

/// To what a connection may be upgraded, and what the service is told of it.
fn upgrades() -> [Directive; 2] {
    [
        block(
            ["map", "$http_upgrade", "$upgrade"],
            vec![
                simple(["default", ""]),
                simple(["~*^websocket$", "websocket"]),
            ],
        )
        .with_comment(
            "WebSocket is let through; over any other upgrade, as h2c, requests would pass unseen.",
        ),
        block(
            ["map", "$upgrade", "$connection_upgrade"],
            vec![simple(["default", ""]), simple(["websocket", "upgrade"])],
        )
        .close(),
    ]
}

/// Whoever is sent away is told what to bring; a service that was asked tells it itself.
fn challenge() -> Directive {
    let map = ["map", "$status|$upstream_status", "$challenge"];
    let values = vec![simple(["default", ""]), simple(["401|", "$credentials"])];
    block(map, values).close()
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
        all.push(
            simple(["limit_req_log_level", "notice"])
                .with_comment("The access log has every refusal already."),
        );
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

/// What stands above the headers that tell of the caller.
const FORWARDED: &str = "\
What a caller says of where it comes from is not believed. Where something stands in
front, as what ends TLS, its address is everybody's, also to the rate limits: name it with
`set_real_ip_from` and `real_ip_header`, and put the scheme that callers use below.";

fn passing_on() -> Vec<Directive> {
    let header = |name: &str, value: &str| simple(["proxy_set_header", name, value]);
    let mut all = vec![
        simple(["proxy_http_version", "1.1"]).apart(),
        header("Host", "$host"),
        header("Connection", "$connection_upgrade"),
        header("Upgrade", "$upgrade"),
        header("X-Request-ID", "$req_id"),
        header("X-Real-IP", "$remote_addr").with_comment(FORWARDED),
        header("X-Forwarded-For", "$remote_addr"),
        header("X-Forwarded-Proto", "$scheme"),
        header("X-Forwarded-Host", "$host"),
        header("X-Forwarded-Port", ""),
        header("X-Forwarded-Prefix", ""),
        header("Forwarded", ""),
        simple(["proxy_connect_timeout", "1s"]).apart(),
        simple(["proxy_next_upstream", "error"]),
        simple(["proxy_next_upstream_tries", "2"]),
        simple(["proxy_buffer_size", "8k"]),
        simple(["proxy_buffers", "8", "8k"]),
        simple(["proxy_max_temp_file_size", "0"])
            .with_comment("/tmp is memory: what is left of a long answer waits at the service."),
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
fn headers(checked: &Checked<'_>) -> Vec<Directive> {
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
    if checked.asks_credentials() {
        all.push(header("WWW-Authenticate", "$challenge"));
    }
    if checked.has_crossing() {
        all.extend(cross_origin::headers());
    }
    all
}
