//! Which field of a design reaches which target, and what a target cannot say.
//!
//! Every target lists the fields it carries, each with the words of its dialect, and
//! the fields it would have to carry but cannot. `meshboard targets` prints the table;
//! tests hold it: changing a carried field changes the target's files, and one that
//! cannot be said is named in the target's notes.

mod lacking;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::model::Model;

pub(super) use lacking::notes;

/// What a target does with one field of a design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Where it stands in a project file: `dependency.breaker.open_ms`.
    pub path: &'static str,
    /// How the target says it.
    pub carried: Carried,
}

/// How a target says a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// In these words of its dialect, with their unit.
    As(&'static str),
    /// Not at all, and why; the target's notes say so where the field is set.
    Not(&'static str),
}

/// A field that a target carries, and its name and unit there.
pub(super) const fn carries(path: &'static str, words: &'static str) -> Field {
    Field {
        path,
        carried: Carried::As(words),
    }
}

/// A field that a target would have to carry and cannot. The reason goes on after a
/// colon: `nginx has no half-open state`.
pub(super) const fn lacks(path: &'static str, why: &'static str) -> Field {
    Field {
        path,
        carried: Carried::Not(why),
    }
}

/// Whose fields a target is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The gateways of this technology: their routes, their calls.
    Gateways(&'static str),
    /// The whole design.
    System,
}

impl Scope {
    /// Whether a call or a route of this service is its business.
    fn covers(self, model: &Model, service: &crate::model::ServiceId) -> bool {
        match self {
            Self::System => true,
            Self::Gateways(program) => model
                .services
                .get(service)
                .and_then(|it| super::bundle::gateway_program(it))
                .is_some_and(|it| it.id == program),
        }
    }
}

/// Every field of a design, in the order of the project file. A test compares them
/// with the file's schema.
pub const ALL: &[&str] = &[
    "name",
    "description",
    "ci",
    "boundary.name",
    "boundary.team",
    "boundary.purpose",
    "boundary.color",
    "boundary.parent",
    "boundary.entities",
    "service.name",
    "service.kind",
    "service.boundary",
    "service.public",
    "service.description",
    "service.owner",
    "service.technology",
    "service.image",
    "service.build.context",
    "service.build.dockerfile",
    "service.build.target",
    "service.build.arguments",
    "service.command",
    "service.ports.number",
    "service.ports.protocol",
    "service.ports.published",
    "service.ports.host_ip",
    "service.operations.name",
    "service.operations.method",
    "service.operations.path",
    "service.operations.kind",
    "service.entities",
    "service.replicas",
    "service.resources.cpu_millis",
    "service.resources.memory_mib",
    "service.environment",
    "service.secrets",
    "service.volumes.source",
    "service.volumes.target",
    "service.volumes.read_only",
    "service.health.path",
    "service.health.port",
    "service.health.command",
    "service.health.format",
    "service.health.interval_ms",
    "service.health.timeout_ms",
    "service.health.retries",
    "service.health.start_period_ms",
    "service.metrics_path",
    "service.log_format",
    "service.availability_percent",
    "service.slo_percent",
    "service.criticality",
    "service.starts_after",
    "dependency.from",
    "dependency.to",
    "dependency.mode",
    "dependency.access",
    "dependency.protocol",
    "dependency.operation",
    "dependency.description",
    "dependency.hard",
    "dependency.calls_per_request",
    "dependency.idempotent",
    "dependency.dynamic_discovery",
    "dependency.p99_ms",
    "dependency.timeout_ms",
    "dependency.retries.count",
    "dependency.retries.backoff_ms",
    "dependency.retries.max_backoff_ms",
    "dependency.retries.jitter",
    "dependency.breaker.failure_rate_percent",
    "dependency.breaker.consecutive_failures",
    "dependency.breaker.window_calls",
    "dependency.breaker.window_ms",
    "dependency.breaker.minimum_calls",
    "dependency.breaker.slow_call_ms",
    "dependency.breaker.slow_call_rate_percent",
    "dependency.breaker.open_ms",
    "dependency.breaker.half_open_calls",
    "dependency.breaker.name",
    "dependency.bulkhead",
    "dependency.fallback.description",
    "route.gateway",
    "route.host",
    "route.path_prefix",
    "route.methods",
    "route.service",
    "route.port",
    "route.strip_prefix",
    "route.timeout_ms",
    "route.body_limit_kib",
    "route.rate_limit.requests_per_second",
    "route.rate_limit.burst",
    "route.authentication",
    "route.cors.origins",
    "route.cors.credentials",
];

/// Which target carries which field, as a table in Markdown: `●` carries it, `○` cannot
/// and says so, and nothing where it is no business of the target's.
pub fn table() -> String {
    let targets = super::ALL;
    let titles: Vec<_> = targets.iter().map(|it| it.id).collect();
    let mut text = format!("| field | {} |\n", titles.join(" | "));
    text.push_str(&"| --- ".repeat(targets.len() + 1));
    text.push_str("|\n");
    for path in ALL
        .iter()
        .filter(|it| NOWHERE.iter().all(|(no, _)| no != *it))
    {
        let marks = targets.iter().map(|target| {
            let mut fields = target.fields.iter();
            match fields.find(|it| it.path == *path).map(|it| it.carried) {
                Some(Carried::As(_)) => "●",
                Some(Carried::Not(_)) => "○",
                None => " ",
            }
        });
        let marks: Vec<_> = marks.collect();
        writeln!(text, "| `{path}` | {} |", marks.join(" | ")).unwrap_or_default();
    }
    text
}

/// Fields that no target carries, and why not.
pub const NOWHERE: &[(&str, &str)] = &[
    (
        "boundary.color",
        "how a boundary looks on the canvas is no business of what runs",
    ),
    (
        "service.health.format",
        "it says how Meshboard reads the answer, and nobody else asks",
    ),
];
