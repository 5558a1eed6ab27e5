//! Programs that name things otherwise: their words become those of the schema.
//!
//! Names are those that each program documents for its JSON log. Only programs of the
//! design are here.

use super::{
    Facts,
    tree::{Setting, Step, plugin, when},
};

/// What the JSON lines of the design's programs need before they are alike.
pub(super) fn all(facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    if facts.has("traefik") {
        steps.push(traefik());
    }
    if facts.has("caddy") {
        steps.push(caddy());
    }
    if facts.has("mongodb") {
        steps.push(mongodb());
    }
    steps
}

fn renamed(names: &[(&str, &str)]) -> Setting {
    let names = names.iter();
    let pairs = names.map(|(from, to)| (format!("[app]{from}"), format!("[app][{to}]")));
    Setting::Hash(pairs.collect())
}

/// Traefik counts nanoseconds. Its own messages say `level`, `time` and `message`.
fn traefik() -> Step {
    let access = [
        ("[StartUTC]", "@timestamp"),
        ("[level]", "log.level"),
        ("[DownstreamStatus]", "http.response.status_code"),
        ("[DownstreamContentSize]", "http.response.body.bytes"),
        ("[RequestContentSize]", "http.request.body.bytes"),
        ("[RequestMethod]", "http.request.method"),
        ("[RequestHost]", "url.domain"),
        ("[RequestPath]", "url.path"),
        ("[ClientHost]", "client.ip"),
        ("[Duration]", "event.duration"),
        ("[ServiceAddr]", "destination.address"),
        ("[TraceId]", "trace.id"),
        ("[SpanId]", "span.id"),
        ("[request_X-Request-Id]", "http.request.id"),
        ("[request_X-Request-ID]", "http.request.id"),
        ("[request_User-Agent]", "user_agent.original"),
    ];
    let own = [("[time]", "@timestamp"), ("[level]", "log.level")];
    when(
        "[app][DownstreamStatus]",
        vec![
            plugin("mutate", [("rename", renamed(&access))]),
            plugin(
                "mutate",
                [("gsub", ["[app][url.path]", r"\?.*$", ""].into())],
            ),
            message(),
        ],
    )
    .or_else(vec![when(
        "[app][time] and [app][level]",
        vec![plugin("mutate", [("rename", renamed(&own))])],
    )])
    .because("Traefik.")
}

/// Caddy writes names of the schema, but for which of its parts speaks.
fn caddy() -> Step {
    when(
        "[app][logger]",
        vec![plugin(
            "mutate",
            [("rename", renamed(&[("[logger]", "log.logger")]))],
        )],
    )
    .because("Caddy.")
}

/// A sentence for an access line, which has none of its own.
fn message() -> Step {
    plugin(
        "mutate",
        [(
            "replace",
            [(
                "[app][message]",
                "%{[app][http.request.method]} %{[app][url.path]} %{[app][http.response.status_code]}",
            )]
            .into(),
        )],
    )
}

fn mongodb() -> Step {
    let names = [
        ("[t][$date]", "@timestamp"),
        ("[msg]", "message"),
        ("[c]", "log.logger"),
    ];
    when(
        "[app][t][$date]",
        vec![
            plugin("mutate", [("rename", renamed(&names))]),
            plugin(
                "translate",
                [
                    ("source", "[app][s]".into()),
                    ("target", "[app][log.level]".into()),
                    (
                        "dictionary",
                        [("F", "fatal"), ("E", "error"), ("W", "warn"), ("I", "info")].into(),
                    ),
                    ("fallback", "debug".into()),
                ],
            ),
        ],
    )
    .because("MongoDB.")
}

/// What nginx writes to its error log, which knows no JSON.
pub(super) fn nginx_errors() -> Vec<Step> {
    vec![
        plugin(
            "grok",
            [
                (
                    "match",
                    [(
                        "message",
                        "^%{NGINX_TIME:[@metadata][time]} \\[%{WORD:[log][level]}\\] %{POSINT:[process][pid]}#%{NONNEGINT:[process][thread][name]}: %{GREEDYDATA:message}$",
                    )]
                    .into(),
                ),
                (
                    "pattern_definitions",
                    [("NGINX_TIME", r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d")].into(),
                ),
                ("overwrite", ["message"].into()),
                ("tag_on_failure", Setting::List(Vec::new())),
            ],
        )
        .because("nginx's own messages. What is only text for everybody else stays as it is."),
        when(
            "[@metadata][time]",
            vec![
                plugin(
                    "date",
                    [
                        ("match", ["[@metadata][time]", "yyyy/MM/dd HH:mm:ss"].into()),
                        ("timezone", "UTC".into()),
                        ("tag_on_failure", ["_dateparsefailure"].into()),
                    ],
                ),
                plugin(
                    "mutate",
                    [("convert", [("[process][pid]", "integer")].into())],
                ),
            ],
        ),
    ]
}
