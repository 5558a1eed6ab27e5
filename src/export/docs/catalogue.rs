//! The catalogue: every boundary, service, call and route with what is said of it.

use std::fmt::Write as _;

use super::{boundary_called, called, decisions, markdown, mermaid, system, technology};
use crate::{
    export::bundle,
    model::{
        Authentication, Breaker, Dependency, Model, Operation, OperationKind, Retries, Service,
        ServiceId,
    },
};

/// The whole document.
pub(super) fn text(model: &Model) -> String {
    let mut text = format!("# {}\n\n", markdown::text(&system(model)));
    if !model.description.trim().is_empty() {
        writeln!(text, "{}\n", markdown::text(&model.description)).unwrap_or_default();
    }
    if let Some(ci) = model.ci {
        writeln!(text, "Tested, built and shipped by {}.\n", ci.label()).unwrap_or_default();
    }
    text.push_str("## The picture\n\n```mermaid\n");
    text.push_str(&mermaid::text(model));
    text.push_str("```\n\n");
    text.push_str(
        "The same picture: `architecture.svg`, `architecture.puml` (C4), `workspace.dsl` \
         (Structurizr), `architecture.dot` (Graphviz).\n",
    );
    for (title, part) in [
        ("Boundaries", boundaries(model)),
        ("Services", services(model)),
        ("Operations", operations(model)),
        ("Calls", calls(model)),
        ("Protection", protection(model)),
        ("Routes", routes(model)),
        ("Decisions", decisions::text(model)),
    ] {
        if !part.is_empty() {
            write!(text, "\n## {title}\n\n{part}").unwrap_or_default();
        }
    }
    text
}

fn boundaries(model: &Model) -> String {
    let rows: Vec<Vec<String>> = model
        .boundaries
        .iter()
        .map(|(id, it)| {
            let parent = it.parent.as_ref();
            vec![
                markdown::text(&boundary_called(model, id)),
                markdown::text(&it.team),
                markdown::text(&it.purpose),
                parent.map_or_else(String::new, |it| {
                    markdown::text(&boundary_called(model, it))
                }),
                listed(&it.entities),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    markdown::table(&["boundary", "team", "purpose", "inside", "owns"], &rows)
}

fn listed(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|it| markdown::text(it)).collect();
    texts.join(", ")
}

fn services(model: &Model) -> String {
    let rows: Vec<Vec<String>> = model
        .services
        .iter()
        .map(|(id, it)| service(model, id, it))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let heads = [
        "service",
        "id",
        "kind",
        "technology",
        "boundary",
        "owner",
        "public",
        "what it does",
        "owns",
        "ports",
        "replicas",
        "processors",
        "memory",
        "criticality",
        "SLO",
        "availability",
        "health",
        "metrics",
        "log",
    ];
    markdown::table(&heads, &rows)
}

fn service(model: &Model, id: &ServiceId, it: &Service) -> Vec<String> {
    let percent = |value: Option<f64>| value.map_or_else(String::new, |it| format!("{it} %"));
    let boundary = it.boundary.as_ref();
    let ports = it.ports.iter().map(|port| {
        let outside = port
            .published
            .map_or_else(String::new, |it| format!(" as {it}"));
        format!("{} {}{outside}", port.number, port.protocol.label())
    });
    let ports: Vec<_> = ports.collect();
    let health = it.health.as_ref();
    let health = health.map_or_else(String::new, |it| markdown::text(&it.path));
    vec![
        markdown::text(&called(model, id)),
        format!("`{id}`"),
        it.kind.label().to_owned(),
        markdown::text(&technology(it)),
        boundary.map_or_else(String::new, |it| {
            markdown::text(&boundary_called(model, it))
        }),
        model.team_of(id).map_or_else(String::new, markdown::text),
        if it.public { "yes" } else { "" }.to_owned(),
        markdown::text(&it.description),
        listed(&it.entities),
        ports.join(", "),
        it.replicas.map_or_else(String::new, |it| it.to_string()),
        it.resources
            .cpu_millis
            .map_or_else(String::new, |it| format!("{it} m")),
        it.resources
            .memory_mib
            .map_or_else(String::new, |it| format!("{it} MiB")),
        it.criticality.map_or_else(String::new, |it| it.to_string()),
        percent(it.slo_percent),
        percent(it.availability_percent),
        health,
        markdown::text(&it.metrics_path),
        markdown::text(&it.log_format),
    ]
}

fn operations(model: &Model) -> String {
    let row = |id: &ServiceId, it: &Operation| {
        vec![
            markdown::text(&called(model, id)),
            markdown::text(&it.name),
            markdown::text(&it.method),
            markdown::text(&it.path),
            match it.kind {
                Some(OperationKind::Command) => "command".to_owned(),
                Some(OperationKind::Query) => "query".to_owned(),
                None => String::new(),
            },
        ]
    };
    let services = model.services.iter();
    let rows: Vec<_> = services
        .flat_map(|(id, service)| service.operations.iter().map(move |it| row(id, it)))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    markdown::table(&["service", "operation", "method", "path", "kind"], &rows)
}

fn calls(model: &Model) -> String {
    let yes_no = |it: Option<bool>| match it {
        Some(true) => "yes".to_owned(),
        Some(false) => "no".to_owned(),
        None => String::new(),
    };
    let rows: Vec<Vec<String>> = model
        .dependencies
        .values()
        .map(|it| {
            vec![
                markdown::text(&called(model, &it.from)),
                markdown::text(&called(model, &it.to)),
                spelled(&it.access),
                spelled(&it.mode),
                it.protocol.map_or_else(String::new, |it| spelled(&it)),
                markdown::text(&it.operation),
                markdown::text(&it.description),
                if it.is_hard() { "needed" } else { "optional" }.to_owned(),
                it.calls_per_request
                    .map_or_else(String::new, |it| it.to_string()),
                yes_no(it.idempotent),
                yes_no(it.dynamic_discovery),
                it.p99_ms.map_or_else(String::new, |it| format!("{it} ms")),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let heads = [
        "from",
        "to",
        "does",
        "mode",
        "protocol",
        "operation",
        "what for",
        "is",
        "calls per request",
        "idempotent",
        "found at run time",
        "p99",
    ];
    markdown::table(&heads, &rows)
}

/// A choice of the model as its file spells it.
fn spelled<T: serde::Serialize>(choice: &T) -> String {
    let json = serde_json::to_value(choice).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

fn protection(model: &Model) -> String {
    let is_protected = |it: &&Dependency| {
        it.timeout_ms.is_some()
            || it.retries.is_some()
            || it.breaker.is_some()
            || it.bulkhead.is_some()
            || it.fallback.is_some()
    };
    let dependencies = model.dependencies.values().map(AsRef::as_ref);
    let rows: Vec<Vec<String>> = dependencies
        .filter(is_protected)
        .map(|it| {
            let fallback = it.fallback.as_ref();
            vec![
                format!(
                    "{} → {}",
                    markdown::text(&called(model, &it.from)),
                    markdown::text(&called(model, &it.to))
                ),
                it.timeout_ms
                    .map_or_else(String::new, |it| format!("{it} ms")),
                it.retries.as_ref().map_or_else(String::new, retries),
                it.breaker.as_ref().map_or_else(String::new, breaker),
                it.bulkhead
                    .map_or_else(String::new, |it| format!("{it} at once")),
                fallback.map_or_else(String::new, |it| match it.description.trim() {
                    "" => "yes".to_owned(),
                    said => markdown::text(said),
                }),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    markdown::table(
        &[
            "call", "timeout", "retries", "breaker", "bulkhead", "fallback",
        ],
        &rows,
    )
}

fn retries(it: &Retries) -> String {
    let mut text = it.count.to_string();
    if let Some(ms) = it.backoff_ms {
        write!(text, ", after {ms} ms").unwrap_or_default();
    }
    if let Some(ms) = it.max_backoff_ms {
        write!(text, ", at most {ms} ms").unwrap_or_default();
    }
    if it.jitter == Some(true) {
        text.push_str(", jitter");
    }
    text
}

fn breaker(it: &Breaker) -> String {
    let mut parts = Vec::new();
    if let Some(percent) = it.failure_rate_percent {
        parts.push(format!("{percent} % failed"));
    }
    if let Some(count) = it.consecutive_failures {
        parts.push(format!("{count} failures in a row"));
    }
    if let Some(ms) = it.slow_call_ms {
        let share = it.slow_call_rate_percent;
        let share = share.map_or_else(String::new, |it| format!("{it} % "));
        parts.push(format!("{share}slower than {ms} ms"));
    } else if let Some(percent) = it.slow_call_rate_percent {
        parts.push(format!("{percent} % slow"));
    }
    if let Some(count) = it.window_calls {
        parts.push(format!("of {count} calls"));
    }
    if let Some(ms) = it.window_ms {
        parts.push(format!("within {ms} ms"));
    }
    if let Some(count) = it.minimum_calls {
        parts.push(format!("from {count} calls on"));
    }
    if let Some(ms) = it.open_ms {
        parts.push(format!("open {ms} ms"));
    }
    if let Some(count) = it.half_open_calls {
        parts.push(format!("{count} trials"));
    }
    if !it.name.is_empty() {
        parts.push(format!("called {}", markdown::text(&it.name)));
    }
    if parts.is_empty() {
        "yes".to_owned()
    } else {
        parts.join(", ")
    }
}

fn routes(model: &Model) -> String {
    let rows: Vec<Vec<String>> = model
        .routes
        .values()
        .map(|it| {
            let methods: Vec<_> = it.methods.iter().map(|it| it.as_str()).collect();
            let port = it.port.filter(|it| *it != 0);
            let target = model.services.get(&it.service);
            let port = port.or_else(|| target.map(|it| bundle::port(it)));
            let rate = it.rate_limit.as_ref();
            let cors = it.cors.as_ref();
            vec![
                markdown::text(&called(model, &it.gateway)),
                markdown::text(&it.label()),
                methods.join(", "),
                format!(
                    "{}{}",
                    markdown::text(&called(model, &it.service)),
                    port.map_or_else(String::new, |it| format!(" port {it}"))
                ),
                if it.strip_prefix { "yes" } else { "" }.to_owned(),
                it.timeout_ms
                    .map_or_else(String::new, |it| format!("{it} ms")),
                it.body_limit_kib
                    .map_or_else(String::new, |it| format!("{it} KiB")),
                rate.map_or_else(String::new, |it| {
                    let burst = it
                        .burst
                        .map_or_else(String::new, |it| format!(", burst {it}"));
                    format!("{} per second{burst}", it.requests_per_second)
                }),
                it.authentication.map_or_else(String::new, authentication),
                cors.map_or_else(String::new, |it| {
                    let cookies = if it.credentials { ", with cookies" } else { "" };
                    format!("{}{cookies}", listed(&it.origins))
                }),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let heads = [
        "gateway",
        "path",
        "methods",
        "goes to",
        "prefix taken off",
        "timeout",
        "body",
        "rate",
        "who may",
        "pages that may",
    ];
    markdown::table(&heads, &rows)
}

fn authentication(it: Authentication) -> String {
    match it {
        Authentication::None => "anybody",
        Authentication::ApiKey => "API key",
        Authentication::Jwt => "JWT",
        Authentication::ForwardAuth => "forward authentication",
    }
    .to_owned()
}
