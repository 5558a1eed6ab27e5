//! What holds for every request that comes in: hardening, headers, filters.

use super::{
    limits, process, replies,
    typed::{Append, extension, header, message, seconds},
};
use crate::{
    export::{
        bundle,
        yaml::{Map, Value},
    },
    model::{Model, ServiceId},
};

/// A request id of the caller, if it is one; nothing otherwise. The bounds are compared
/// apart because Envoy's expressions take small patterns only.
const CHECKED_ID: &str = "%CEL(size(request.headers['x-request-id']) >= 8 \
     && size(request.headers['x-request-id']) <= 128 \
     && request.headers['x-request-id'].matches('^[A-Za-z0-9._-]+$') \
     ? request.headers['x-request-id'] : '')%";
/// Where it stands while the header is replaced.
const CHECKED: &str = "x-checked-request-id";
/// An idle stream ends after at least so many milliseconds.
const MIN_IDLE_MS: u64 = 60_000;
/// So many milliseconds after the longest time of a route.
const IDLE_MARGIN_MS: u64 = 5_000;

/// The HTTP connection manager of a gateway. `longest_ms` is the longest time of a route.
pub(super) fn connection_manager(
    model: &Model,
    gateway: &ServiceId,
    longest_ms: u64,
    routes: Map,
) -> Map {
    let mut manager = Map::from([
        ("stat_prefix", "gateway".into()),
        ("codec_type", "AUTO".into()),
        ("use_remote_address", true.into()),
    ]);
    let nobody = Map::from([
        ("address_prefix", "255.255.255.255".into()),
        ("prefix_len", 32_u32.into()),
    ]);
    manager.set_with_comment(
        "internal_address_config",
        Map::from([("cidr_ranges", vec![nobody].into())]),
        "Nobody may set Envoy's own headers: with nothing here, private addresses might.",
    );
    paths(&mut manager);
    times(&mut manager, longest_ms);
    ids(&mut manager);
    manager.set("access_log", vec![replies::access_log(gateway)]);
    manager.set("local_reply_config", replies::errors());
    manager.set(
        "upgrade_configs",
        vec![Map::from([("upgrade_type", "websocket".into())])],
    );
    manager.set("http_filters", filters(model, gateway));
    manager.set("route_config", routes);
    manager
}

fn paths(manager: &mut Map) {
    manager.set("strip_any_host_port", true);
    manager.set("normalize_path", true);
    manager.set("merge_slashes", true);
    manager.set("path_with_escaped_slashes_action", "UNESCAPE_AND_REDIRECT");
    manager.set(
        "common_http_protocol_options",
        Map::from([
            ("idle_timeout", seconds(65_000)),
            ("max_connection_duration", seconds(3_600_000)),
            ("max_headers_count", 100_u32.into()),
            ("headers_with_underscores_action", "REJECT_REQUEST".into()),
        ]),
    );
    manager.set(
        "http2_protocol_options",
        Map::from([
            ("max_concurrent_streams", 100_u32.into()),
            ("initial_stream_window_size", 65_536_u32.into()),
            ("initial_connection_window_size", 1_048_576_u32.into()),
        ]),
    );
}

fn times(manager: &mut Map, longest_ms: u64) {
    let idle = longest_ms.saturating_add(IDLE_MARGIN_MS).max(MIN_IDLE_MS);
    manager.set("request_headers_timeout", seconds(10_000));
    manager.set("request_timeout", seconds(60_000));
    manager.set_with_comment(
        "stream_idle_timeout",
        seconds(idle),
        "Longer than any route takes, or else it would end the route's own wait.",
    );
}

fn ids(manager: &mut Map) {
    let replace = |name: &str, value: &str| {
        Map::from([("append", header(name, value, Append::Replace).into())])
    };
    let remove = |name: &str| Map::from([("remove", name.into())]);
    let mutations = vec![
        replace(CHECKED, CHECKED_ID),
        remove("x-request-id"),
        replace("x-request-id", &format!("%REQ({CHECKED})%")),
        remove(CHECKED),
        remove("forwarded"),
        remove("x-forwarded-for"),
        remove("x-forwarded-host"),
        remove("x-real-ip"),
    ];
    manager.set("generate_request_id", true);
    manager.set("preserve_external_request_id", true);
    manager.set("always_set_request_id_in_response", true);
    manager.set("request_id_extension", process::request_ids());
    let early = extension(
        "envoy.http.early_header_mutation.header_mutation",
        "extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
        Map::from([("mutations", mutations.into())]),
    );
    manager.set_with_comment(
        "early_header_mutation_extensions",
        vec![early],
        "A well-formed request id of the caller is kept, any other replaced. \
         Nobody in front of this gateway is believed who the caller is.",
    );
}

fn filters(model: &Model, gateway: &ServiceId) -> Vec<Map> {
    let health = [
        ("name", ":path".into()),
        (
            "string_match",
            [("exact", bundle::gateway_health_path(model, gateway).into())].into(),
        ),
    ];
    vec![
        answer_headers(),
        extension(
            "envoy.filters.http.health_check",
            "extensions.filters.http.health_check.v3.HealthCheck",
            Map::from([
                ("pass_through_mode", false.into()),
                ("headers", vec![Map::from(health)].into()),
            ]),
        ),
        extension(
            limits::CORS,
            "extensions.filters.http.cors.v3.Cors",
            Map::default(),
        ),
        asleep(
            limits::RATE,
            "extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
            Map::from([("stat_prefix", "rate_limit".into())]),
        ),
        asleep(
            limits::BODY,
            "extensions.filters.http.buffer.v3.Buffer",
            Map::from([("max_request_bytes", 1_024_u32.into())]),
        ),
        process::router(),
    ]
}

/// A filter that works only for routes that say how.
fn asleep(name: &str, kind: &str, fields: Map) -> Map {
    Map::from([
        ("name", name.into()),
        ("disabled", true.into()),
        ("typed_config", message(kind, fields).into()),
    ])
}

/// What every answer says and what none does. TLS ends elsewhere, and so does HSTS.
fn answer_headers() -> Map {
    let add = |name: &str, value: &str, append: Append| {
        Map::from([("append", Value::from(header(name, value, append)))])
    };
    let remove = |name: &str| Map::from([("remove", name.into())]);
    let own = [("key_matcher", [("prefix", "x-envoy-".into())].into())];
    let mutations = vec![
        add("x-content-type-options", "nosniff", Append::Replace),
        add("x-frame-options", "DENY", Append::IfAbsent),
        add("referrer-policy", "no-referrer", Append::IfAbsent),
        add(
            "content-security-policy",
            "frame-ancestors 'none'",
            Append::IfAbsent,
        ),
        remove("x-powered-by"),
        Map::from([("remove_on_match", own.into())]),
    ];
    extension(
        "envoy.filters.http.header_mutation",
        "extensions.filters.http.header_mutation.v3.HeaderMutation",
        Map::from([(
            "mutations",
            [("response_mutations", mutations.into())].into(),
        )]),
    )
}
