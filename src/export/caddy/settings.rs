//! What holds for every site: listening, log, request ids, headers, errors.

use super::line::{Line, block, global as global_block, line, snippet};
use crate::{
    export::bundle::{self, Checked, Gateway, OWN_ERRORS, Passage},
    model::Model,
};

/// The version of ECS whose names the log has.
const ECS_VERSION: &str = "8.11.0";

/// Caddy's own settings.
pub(super) fn global(checked: &Checked<'_>) -> Line {
    let protocols = if checked.all().any(Passage::speaks_grpc) {
        line(["protocols", "h1", "h2c"]).with_comment("gRPC needs HTTP/2; the others want TLS.")
    } else {
        line(["protocols", "h1"]).with_comment("The others want TLS.")
    };
    global_block(vec![
        line(["admin", "off"]),
        line(["auto_https", "off"]),
        line(["persist_config", "off"]),
        line(["grace_period", "15s"]),
        block(
            ["servers"],
            vec![
                protocols,
                line(["max_header_size", "16KiB"]),
                block(
                    ["timeouts"],
                    vec![
                        line(["read_header", "10s"]),
                        line(["read_body", "60s"]),
                        line(["idle", "65s"]),
                    ],
                ),
            ],
        ),
        block(
            ["log"],
            vec![
                line(["output", "stdout"]),
                block(["format", "json"], json()),
            ],
        ),
    ])
}

/// One JSON object a line, with the names of ECS.
fn json() -> Vec<Line> {
    vec![
        line(["time_key", "@timestamp"]),
        line(["time_format", "rfc3339_nano"]),
        line(["level_key", "log.level"]),
        line(["message_key", "message"]),
        line(["duration_format", "nano"]),
    ]
}

/// The parts that sites import.
pub(super) fn snippets(model: &Model, gateway: &Gateway<'_>) -> Vec<Line> {
    vec![
        snippet("log", vec![access_log()]),
        snippet("health", health(model, gateway)).with_comment("The gateway answers for itself."),
        snippet("request", request(gateway)),
        snippet("headers", vec![headers()])
            .with_comment("What a service says itself is left to it, but for the request id."),
        snippet("errors", vec![errors()]).with_comment("Errors of the gateway itself, as JSON."),
    ]
}

fn access_log() -> Line {
    let mut fields: Vec<_> = ["request", "resp_headers", "user_id", "uuid"]
        .into_iter()
        .map(|it| line([it, "delete"]))
        .collect();
    let renamed = [
        ("bytes_read", "http.request.body.bytes"),
        ("size", "http.response.body.bytes"),
        ("status", "http.response.status_code"),
        ("duration", "event.duration"),
    ];
    fields.extend(renamed.map(|(from, to)| line([from, "rename", to])));
    let filter = vec![block(["fields"], fields), block(["wrap", "json"], json())];
    block(
        ["log"],
        vec![
            line(["output", "stdout"]),
            block(["format", "filter"], filter),
        ],
    )
}

/// What happens to every request first.
fn request(gateway: &Gateway<'_>) -> Vec<Line> {
    let append = |name: &str| line(["log_append", name]);
    vec![
        line(["import", "health"]),
        line(["request_header", "X-Request-ID"])
            .raw("{header.X-Request-ID}")
            .with_comment("One well-formed request id of the caller is kept, any other replaced."),
        line(["@odd_request_id", "not", "header_regexp", "X-Request-ID"]).word(bundle::REQUEST_ID),
        line(["request_header", "@odd_request_id", "X-Request-ID"]).raw("{http.request.uuid}"),
        line(["@traced", "header_regexp", "trace", "traceparent"])
            .word("^[0-9a-f]{2}-([0-9a-f]{32})-"),
        append("ecs.version").word(ECS_VERSION),
        append("service.name").word(gateway.id.as_str()),
        line(["log_append", "@traced", "trace.id"]).raw("{re.trace.1}"),
        append("http.request.id").raw("{header.X-Request-ID}"),
        append("http.request.method").raw("{method}"),
        append("url.domain").raw("{host}"),
        append("url.path").raw("{http.request.orig_uri.path}"),
        append("client.ip").raw("{remote_host}"),
        append("user_agent.original").raw("{header.User-Agent}"),
        line(["import", "headers"]),
        block(["encode", "gzip"], vec![line(["minimum_length", "1024"])]),
    ]
}

/// The gateway's own health.
fn health(model: &Model, gateway: &Gateway<'_>) -> Vec<Line> {
    let path = bundle::gateway_health_path(model, gateway.id);
    let pattern = format!("^{}$", bundle::regex_escaped(&path));
    vec![
        line(["@health", "path_regexp", &pattern]),
        line(["log_skip", "@health"]),
        line(["respond", "@health", "ok", "200"]),
    ]
}

fn headers() -> Line {
    block(
        ["header"],
        vec![
            line(["X-Request-ID"]).raw("{header.X-Request-ID}"),
            line(["X-Content-Type-Options", "nosniff"]),
            line(["?X-Frame-Options", "DENY"]),
            line(["?Referrer-Policy", "no-referrer"]),
            line(["?Content-Security-Policy", "frame-ancestors 'none'"]),
            line(["-Server"]),
            line(["-Via"]),
            line(["-X-Powered-By"]),
            line(["defer"]),
        ],
    )
}

fn errors() -> Line {
    let mut texts: Vec<_> = OWN_ERRORS
        .iter()
        .map(|(status, text)| line([*status, *text]))
        .collect();
    texts.push(line(["default", "error"]));
    let map = line(["map"]).raw("{err.status_code} {error_text}");
    block(
        ["handle_errors"],
        vec![
            line(["import", "headers"]),
            line(["header", "Content-Type", "application/json"]),
            map.with_block(texts),
            line(["respond"])
                .raw(
                    "`{\"error\":\"{error_text}\",\"status\":{err.status_code},\"request_id\":\"{header.X-Request-ID}\"}`",
                )
                .raw("{err.status_code}"),
        ],
    )
}
