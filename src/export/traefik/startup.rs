//! What Traefik is started with: where it listens, what it logs, how it stops.

use crate::export::{
    bundle::{Gateway, duration},
    yaml::{Map, Value},
};

/// The entry point all routes hang on.
pub(super) const ENTRY_POINT: &str = "web";

/// Milliseconds requests under way may take once Traefik was asked to stop; compose
/// waits a little longer.
const GRACE_MS: u64 = 15_000;

/// Encoded characters and whether a path may have them.
const ENCODED: &[(&str, bool)] = &[
    ("allowEncodedSlash", false),
    ("allowEncodedBackSlash", false),
    ("allowEncodedNullCharacter", false),
    ("allowEncodedSemicolon", true),
    ("allowEncodedPercent", true),
    ("allowEncodedQuestionMark", true),
    ("allowEncodedHash", true),
];

/// The file Traefik is started with.
pub(super) fn configuration(gateway: &Gateway<'_>) -> Map {
    let mut file = Map::spaced();
    file.set_with_comment(
        "global",
        Map::from([
            ("checkNewVersion", false.into()),
            ("sendAnonymousUsage", false.into()),
        ]),
        "Traefik calls nobody but the services.",
    );
    file.set(
        "log",
        Map::from([("level", "INFO".into()), ("format", "json".into())]),
    );
    file.set_with_comment(
        "accessLog",
        access_log(),
        "One JSON object a line on stdout, in Traefik's own words.",
    );
    file.set_with_comment(
        "ping",
        Map::from([
            ("manualRouting", true.into()),
            ("terminatingStatusCode", Value::Int(503)),
        ]),
        "The health of the gateway itself; its router says on which path.",
    );
    file.set_with_comment(
        "entryPoints",
        Map::from([(ENTRY_POINT, entry_point(gateway).into())]),
        "There is no api key, so there is neither a dashboard nor an API.",
    );
    let mut files = gateway.program.files.iter();
    let target = files.find(|it| it.0 == "dynamic.yaml");
    let provider = Map::from([
        ("filename", target.map_or("", |it| it.1).into()),
        ("watch", false.into()),
    ]);
    file.set("providers", Map::from([("file", provider.into())]));
    file
}

fn access_log() -> Map {
    let kept = ["Traceparent", "User-Agent", "X-Request-ID"];
    let names: Map = kept.into_iter().map(|it| (it, "keep")).collect();
    let headers = Map::from([
        ("defaultMode", Value::from("drop")),
        ("names", names.into()),
    ]);
    let fields = Map::from([("headers", headers.into())]);
    Map::from([("format", "json".into()), ("fields", fields.into())])
}

fn entry_point(gateway: &Gateway<'_>) -> Map {
    let encoded: Map = ENCODED.iter().map(|(key, value)| (*key, *value)).collect();
    let mut http = Map::default();
    http.set_with_comment(
        "aliasHeadersStrategy",
        "delete",
        "X_Request_ID is no X-Request-ID, whatever a service makes of it.",
    );
    http.set_with_comment(
        "encodedCharacters",
        encoded,
        "What could hide where a part of a path ends is refused with 400.",
    );
    let life_cycle = Map::from([
        ("requestAcceptGraceTimeout", "1s".into()),
        ("graceTimeOut", duration(GRACE_MS).into()),
    ]);
    let timeouts = Map::from([
        ("readTimeout", "60s".into()),
        ("writeTimeout", "0s".into()),
        ("idleTimeout", "65s".into()),
    ]);
    let mut transport = Map::default();
    transport.set("lifeCycle", life_cycle);
    transport.set_with_comment(
        "respondingTimeouts",
        timeouts,
        "How long an answer may take, the services' transports say.",
    );
    Map::from([
        ("address", format!(":{}", gateway.port()).into()),
        ("http", http.into()),
        ("transport", transport.into()),
    ])
}
