//! The access log: one JSON object a line.

use super::directive::{Directive, block, simple};
use crate::model::ServiceId;

/// One JSON object a line, with the names of the Elastic Common Schema, so that lines of
/// gateways and services are searched alike.
pub(super) fn directives(gateway: &ServiceId) -> Vec<Directive> {
    let named = format!("\"service.name\":\"{gateway}\",\"event.dataset\":\"{gateway}.access\",");
    let format = [
        "{\"@timestamp\":\"$time_iso8601\",\"log.level\":\"$log_level\",",
        "\"message\":\"$request_method $path $status\",\"ecs.version\":\"8.11.0\",",
        &named,
        "\"trace.id\":\"$trace_id\",\"http.request.id\":\"$req_id\",",
        "\"http.request.method\":\"$request_method\",\"http.version\":\"$protocol_version\",",
        "\"url.domain\":\"$host\",\"url.path\":\"$path\",",
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
    let mut all = maps();
    all.push(log_format);
    all.push(simple(["access_log", "/dev/stdout", "json"]));
    all
}

/// What a line of the log says in other words than nginx.
fn maps() -> Vec<Directive> {
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
            "$request_uri",
            "$path",
            &[
                ["default", "$request_uri"],
                [r"~^(?<asked_path>/[^?]*)", "$asked_path"],
            ],
        )
        .with_comment("The path that was asked for, also where a route takes its prefix off."),
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
