//! What Envoy says itself: errors as JSON, and one log line a request.

use super::typed::extension;
use crate::{
    export::yaml::{Map, Value},
    model::ServiceId,
};

/// The version of the field names in the log.
const ECS_VERSION: &str = "8.11.0";

/// The statuses that Envoy answers itself, and what they mean to a caller.
const OWN_ERRORS: &[(u32, &str)] = &[
    (400, "malformed request"),
    (401, "credentials are missing"),
    (403, "forbidden"),
    (404, "no such route"),
    (405, "method not allowed"),
    (408, "request took too long"),
    (413, "request body is too large"),
    (426, "protocol is too old"),
    (429, "too many requests"),
    (431, "request headers are too large"),
    (500, "gateway failed"),
    (502, "service unavailable"),
    (503, "service unavailable"),
    (504, "service took too long"),
];

/// Errors as JSON, in words of our own: Envoy's tell callers what is behind it.
pub(super) fn errors() -> Map {
    let mut fine = mapper("LE", 399, "status_fine", None);
    fine.set("body_format_override", plain());
    let mut well = mapper("EQ", 200, "status_200", Some("ok\n"));
    well.set("body_format_override", plain());
    let own = OWN_ERRORS
        .iter()
        .map(|(status, text)| mapper("EQ", *status, &format!("status_{status}"), Some(text)));
    let mappers: Vec<Map> = [well, fine].into_iter().chain(own).collect();
    let format = [
        ("error", "%LOCAL_REPLY_BODY%".into()),
        ("status", "%RESPONSE_CODE%".into()),
        ("request_id", "%REQ(X-REQUEST-ID)%".into()),
    ];
    Map::from([
        ("mappers", mappers.into()),
        ("body_format", [("json_format", format.into())].into()),
    ])
}

fn plain() -> Value {
    let source = [("inline_string", "%LOCAL_REPLY_BODY%".into())];
    [("text_format_source", source.into())].into()
}

fn mapper(operator: &str, status: u32, key: &str, text: Option<&str>) -> Map {
    let value = [
        ("default_value", status.into()),
        ("runtime_key", format!("own_replies.{key}").into()),
    ];
    let comparison = [("op", operator.into()), ("value", value.into())];
    let filter = [(
        "status_code_filter",
        [("comparison", comparison.into())].into(),
    )];
    let mut map = Map::from([("filter", Value::from(filter))]);
    if let Some(text) = text {
        map.set("body", Map::from([("inline_string", text.into())]));
    }
    map
}

/// One JSON object a request, on standard output.
pub(super) fn access_log(service: &ServiceId) -> Map {
    // Envoy's log of a trace id needs a tracer; callers send it in a header all the same.
    let trace = "%CEL(re.extract(request.headers['traceparent'], '^..-([0-9a-f]+)-', '\\\\1'))%";
    let fields = [
        ("@timestamp", "%START_TIME%"),
        ("log.level", "info"),
        (
            "message",
            "%REQ(:METHOD)% %PATH(NQ:ORIG_OR_PATH)% %RESPONSE_CODE%",
        ),
        ("ecs.version", ECS_VERSION),
        ("service.name", service.as_str()),
        ("trace.id", trace),
        ("http.request.id", "%REQ(X-REQUEST-ID)%"),
        ("http.request.method", "%REQ(:METHOD)%"),
        ("http.request.body.bytes", "%BYTES_RECEIVED%"),
        ("http.response.status_code", "%RESPONSE_CODE%"),
        ("http.response.body.bytes", "%BYTES_SENT%"),
        ("url.domain", "%REQ(:AUTHORITY)%"),
        ("url.path", "%PATH(NQ:ORIG_OR_PATH)%"),
        ("client.ip", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"),
        ("user_agent.original", "%REQ(USER-AGENT)%"),
        (
            "event.duration",
            "%COMMON_DURATION(DS_RX_BEG:DS_TX_END:ns)%",
        ),
        ("envoy.route", "%ROUTE_NAME%"),
        ("envoy.cluster", "%UPSTREAM_CLUSTER%"),
        ("envoy.upstream", "%UPSTREAM_HOST%"),
        ("envoy.attempts", "%UPSTREAM_REQUEST_ATTEMPT_COUNT%"),
        ("envoy.flags", "%RESPONSE_FLAGS%"),
        ("envoy.details", "%RESPONSE_CODE_DETAILS%"),
    ];
    let fields: Map = fields.into_iter().collect();
    let mut log = extension(
        "envoy.access_loggers.stdout",
        "extensions.access_loggers.stream.v3.StdoutAccessLog",
        Map::from([("log_format", [("json_format", fields.into())].into())]),
    );
    log.set(
        "filter",
        Map::from([("not_health_check_filter", Map::default().into())]),
    );
    log
}
