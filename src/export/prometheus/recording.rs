//! `recording.yml`: numbers of every technology under one name, and those of the design.

use super::{Facts, label_map};
use crate::export::{
    bundle::{Measured, Metrics},
    yaml::{Map, Value},
};

/// What every sum keeps.
pub(super) const KEPT: &str = "service, boundary, team";

/// Requests, by service.
pub(in crate::export) const REQUESTS: &str = "service:http_requests:rate5m";
/// The 99th percentile of how long answers take.
pub(in crate::export) const P99: &str = "service:http_request_duration_seconds:p99_5m";
/// The state of each breaker: 1 for the one it is in.
pub(in crate::export) const STATE: &str = "service:circuit_breaker_state:max";
/// Calls that a breaker or a bulkhead refused.
pub(in crate::export) const REJECTED: &str = "service:circuit_breaker_rejected:rate5m";
/// What a process uses.
pub(in crate::export) const MEMORY: &str = "instance:memory_used:bytes";
pub(in crate::export) const PROCESSORS: &str = "instance:cpu_used:cores";

/// The windows in which errors are counted.
pub(super) const WINDOWS: [&str; 7] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

/// The share of requests that failed in a window.
pub(in crate::export) fn errors(window: &str) -> String {
    format!("service:http_errors:ratio_rate{window}")
}

/// Which names the services of a design use.
#[derive(Debug, Clone, Copy)]
pub(in crate::export) struct Dialects {
    pub(in crate::export) ours: bool,
    pub(in crate::export) micrometer: bool,
}

impl Dialects {
    pub(in crate::export) fn of(measured: &[Measured<'_>]) -> Self {
        let has = |names| measured.iter().any(|it| it.names == names);
        Self {
            ours: has(Metrics::Ours),
            micrometer: has(Metrics::Micrometer),
        }
    }

    pub(in crate::export) fn is_none(self) -> bool {
        !self.ours && !self.micrometer
    }

    /// Either expression, or both where the design has both.
    pub(in crate::export) fn join(self, ours: &str, micrometer: &str) -> String {
        match (self.ours, self.micrometer) {
            (true, true) => format!("{ours}\nor\n{micrometer}"),
            (false, true) => micrometer.to_owned(),
            (_, false) => ours.to_owned(),
        }
    }
}

/// The file.
pub(super) fn file(facts: &Facts<'_>) -> String {
    let dialects = Dialects::of(&facts.measured);
    let mut groups: Vec<Value> = Vec::new();
    let mut add = |name: &str, rules: Vec<Value>| {
        if !rules.is_empty() {
            groups.push(Value::from([
                ("name", name.into()),
                ("rules", rules.into()),
            ]));
        }
    };
    if !dialects.is_none() {
        add("requests", requests(dialects));
        add("errors", failed(dialects));
        add("breakers", states(dialects));
        add("resources", resources(dialects));
    }
    let said = facts.said.iter().map(|it| {
        let rule = Map::from([
            ("record", it.name.into()),
            ("expr", format!("vector({})", it.value).into()),
            ("labels", label_map(&it.labels).into()),
        ]);
        Value::Map(rule)
    });
    add("design", said.collect());
    let mut file = Map::default();
    file.set("groups", groups);
    file.to_file(
        "Numbers of every technology under one name, so that alerts and dashboards need no other;\n\
         what the design says in numbers is in the group \"design\".",
    )
}

fn rule(record: &str, expression: String) -> Value {
    // A text of one line needs no block.
    let expression = if expression.contains('\n') {
        Value::Block(expression + "\n")
    } else {
        expression.into()
    };
    Value::from([("record", record.into()), ("expr", expression)])
}

fn requests(dialects: Dialects) -> Vec<Value> {
    let rate = |metric: &str| format!("sum by ({KEPT}) (rate({metric}[5m]))");
    let p99 = |metric: &str| {
        format!("histogram_quantile(0.99, sum by ({KEPT}, le) (rate({metric}[5m])))")
    };
    vec![
        rule(
            REQUESTS,
            dialects.join(
                &rate("http_server_requests_total"),
                &rate("http_server_requests_seconds_count"),
            ),
        ),
        rule(
            P99,
            dialects.join(
                &p99("http_server_request_duration_seconds_bucket"),
                &p99("http_server_requests_seconds_bucket"),
            ),
        ),
    ]
}

/// A service that failed nothing has a share of 0, and one that nobody asked has none.
fn failed(dialects: Dialects) -> Vec<Value> {
    let windows = WINDOWS.iter().map(|window| {
        let ratio = |metric: &str| {
            let all = format!("sum by ({KEPT}) (rate({metric}[{window}]))");
            let bad = format!("sum by ({KEPT}) (rate({metric}{{status=~\"5..\"}}[{window}]))");
            format!("(\n  ({bad} or 0 * {all})\n  / ({all} > 0)\n)")
        };
        rule(
            &errors(window),
            dialects.join(
                &ratio("http_server_requests_total"),
                &ratio("http_server_requests_seconds_count"),
            ),
        )
    });
    windows.collect()
}

fn states(dialects: Dialects) -> Vec<Value> {
    let state = |metric: &str| format!("max by ({KEPT}, name, state) ({metric})");
    let rejected = |metric: &str| format!("sum by ({KEPT}, name) (rate({metric}[5m]))");
    vec![
        rule(
            STATE,
            dialects.join(
                &state("circuit_breaker_state"),
                &state("resilience4j_circuitbreaker_state"),
            ),
        ),
        rule(
            REJECTED,
            dialects.join(
                &rejected("circuit_breaker_calls_total{outcome=\"rejected\"}"),
                &rejected("resilience4j_circuitbreaker_not_permitted_calls_total"),
            ),
        ),
    ]
}

/// What each process uses, where its library tells it.
fn resources(dialects: Dialects) -> Vec<Value> {
    vec![
        rule(
            MEMORY,
            dialects.join(
                &format!("max by ({KEPT}, instance) (process_resident_memory_bytes)"),
                &format!("sum by ({KEPT}, instance) (jvm_memory_committed_bytes)"),
            ),
        ),
        rule(
            PROCESSORS,
            dialects.join(
                &format!("sum by ({KEPT}, instance) (rate(process_cpu_seconds_total[5m]))"),
                &format!("sum by ({KEPT}, instance) (rate(process_cpu_time_ns_total[5m])) / 1e9"),
            ),
        ),
    ]
}
