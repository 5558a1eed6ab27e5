//! The dashboard: who is up, how requests fare, every breaker, SLOs, limits.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::panel::{self, Layout, Query, query};
use crate::{
    export::{
        bundle::{self, Measured, Metrics},
        prometheus::{
            self, drawn,
            recording::{self, Dialects},
        },
    },
    model::{Model, ServiceId},
};

/// What a dashboard's id may have in characters.
const MOST_OF_UID: usize = 40;

/// The dashboard of a system.
pub(super) fn text(model: &Model) -> String {
    let system = bundle::system(model);
    let measured = bundle::measured(model);
    let mut layout = Layout::default();
    availability(&mut layout, model, &measured);
    let dialects = Dialects::of(&measured);
    if !dialects.is_none() {
        layout.row("Requests", 9, requests());
        layout.row("Latency", 9, latency(dialects));
        layout.row("Gateways", 9, gateways(model, &measured));
        breakers(&mut layout, model, &measured);
        slo(&mut layout, &measured);
        saturation(&mut layout, &measured);
    }
    let uid: String = system.chars().take(MOST_OF_UID).collect();
    let title = if model.name.is_empty() {
        system.as_str()
    } else {
        &model.name
    };
    let dashboard = json!({
        "uid": uid.trim_end_matches('-'),
        "title": title,
        "description": "Every service and every breaker of the design.",
        "tags": ["meshboard", system],
        "schemaVersion": 41,
        "version": 1,
        "editable": false,
        "graphTooltip": 1,
        "refresh": "30s",
        "timezone": "browser",
        "time": { "from": "now-3h", "to": "now" },
        "templating": { "list": variables() },
        "annotations": { "list": [firing()] },
        "links": [],
        "panels": layout.into_panels(),
    });
    let mut text = serde_json::to_string_pretty(&dashboard).unwrap_or_default();
    text.push('\n');
    text
}

fn variables() -> Vec<Value> {
    vec![
        json!({
            "name": "datasource",
            "label": "Prometheus",
            "type": "datasource",
            "query": "prometheus",
            "current": { "text": "Prometheus", "value": "prometheus" },
        }),
        json!({
            "name": "service",
            "label": "Service",
            "type": "query",
            "datasource": { "type": "prometheus", "uid": "${datasource}" },
            "query": { "query": "label_values(up, service)", "refId": "service" },
            "refresh": 2,
            "sort": 1,
            "multi": true,
            "includeAll": true,
            "allValue": ".+",
            "current": { "text": ["All"], "value": ["$__all"] },
        }),
    ]
}

/// Alerts stand on every graph at the time they fired.
fn firing() -> Value {
    json!({
        "name": "Alerts",
        "enable": true,
        "iconColor": "red",
        "datasource": { "type": "prometheus", "uid": "${datasource}" },
        "expr": "ALERTS{alertstate=\"firing\",service=~\"$service\"}",
        "titleFormat": "{{alertname}}",
        "textFormat": "{{service}}",
        "step": "60s",
    })
}

/// A selector in which no text of a design is a variable of Grafana's.
fn selector(name: &str, labels: &[(&str, &str)]) -> String {
    let text = prometheus::selector(name, labels);
    text.replace('$', "\\x24").replace("[[", "\\x5b\\x5b")
}

/// One panel a boundary, one field a service.
fn availability(layout: &mut Layout, model: &Model, measured: &[Measured<'_>]) {
    let mut boundaries: BTreeMap<&str, Vec<Query>> = BTreeMap::new();
    for it in measured {
        let boundary = it.service.boundary.as_ref().map_or("", |it| it.as_str());
        let up = selector("up", &[("service", it.id.as_str())]);
        boundaries
            .entry(boundary)
            .or_default()
            .push(query(format!("min({up})"), it.id.as_str()));
    }
    let mut panels: Vec<_> = boundaries
        .iter()
        .map(|(boundary, queries)| {
            let title = if boundary.is_empty() {
                "No boundary"
            } else {
                boundary
            };
            panel::up_or_down(title, queries)
        })
        .collect();
    let told: BTreeSet<_> = measured.iter().map(|it| it.id).collect();
    let is_measured = |id: &ServiceId| told.contains(id);
    let silent = model.services.iter();
    let silent = silent.filter(|(id, it)| bundle::is_container(it) && !is_measured(id));
    let silent: Vec<_> = silent.map(|(id, _)| format!("`{id}`")).collect();
    if !silent.is_empty() {
        let words = format!(
            "These tell no numbers of themselves: {}.",
            silent.join(", ")
        );
        panels.push(panel::text("Not measured", &words));
    }
    layout.row("Services", 6, panels);
}

fn chosen(name: &str) -> String {
    format!("{name}{{service=~\"$service\"}}")
}

fn requests() -> Vec<Value> {
    vec![
        panel::lines(
            "Requests",
            "reqps",
            &[query(chosen(recording::REQUESTS), "{{service}}")],
            &[],
        ),
        panel::lines(
            "Errors",
            "percentunit",
            &[query(chosen(&recording::errors("5m")), "{{service}}")],
            &[],
        ),
    ]
}

fn latency(dialects: Dialects) -> Vec<Value> {
    let quantile = |share: &str| {
        let of = |metric: &str| {
            format!(
                "histogram_quantile({share}, sum by (service, le) (rate({}[$__rate_interval])))",
                chosen(metric)
            )
        };
        dialects.join(
            &of("http_server_request_duration_seconds_bucket"),
            &of("http_server_requests_seconds_bucket"),
        )
    };
    let panels = [("p50", "0.5"), ("p95", "0.95"), ("p99", "0.99")];
    let panels = panels.map(|(title, share)| {
        panel::lines(title, "s", &[query(quantile(share), "{{service}}")], &[])
    });
    panels.into()
}

/// What comes through each gateway, as those behind it count it.
fn gateways(model: &Model, measured: &[Measured<'_>]) -> Vec<Value> {
    let mut behind: BTreeMap<&ServiceId, BTreeSet<&str>> = BTreeMap::new();
    let told: BTreeSet<_> = measured.iter().map(|it| it.id).collect();
    for route in model.routes.values() {
        if told.contains(&route.service) {
            let services = behind.entry(&route.gateway).or_default();
            services.insert(route.service.as_str());
        }
    }
    let panels = behind.iter().map(|(gateway, services)| {
        let queries: Vec<_> = services
            .iter()
            .map(|it| {
                let requests = selector(recording::REQUESTS, &[("service", it)]);
                query(requests, *it)
            })
            .collect();
        panel::lines(&format!("Behind {gateway}"), "reqps", &queries, &[])
    });
    panels.collect()
}

fn breakers(layout: &mut Layout, model: &Model, measured: &[Measured<'_>]) {
    let breakers = prometheus::breakers(model, measured);
    if breakers.is_empty() {
        return;
    }
    let mut states = Vec::new();
    for it in &breakers {
        let state = |state: &str| {
            let labels = [
                ("service", it.from.as_str()),
                ("name", &it.name),
                ("state", state),
            ];
            format!("max({})", selector(recording::STATE, &labels))
        };
        let expression = format!("2 * {} + {}", state("open"), state("half_open"));
        states.push(query(expression, format!("{} → {}", it.from, it.to)));
    }
    let height = u32::try_from(states.len()).unwrap_or(u32::MAX).clamp(5, 30) + 3;
    let rejected = query(chosen(recording::REJECTED), "{{service}} → {{name}}");
    layout.row(
        "Breakers",
        height,
        vec![
            panel::states("State", &states),
            panel::lines("Refused calls", "cps", &[rejected], &[]),
        ],
    );
}

fn slo(layout: &mut Layout, measured: &[Measured<'_>]) {
    if measured.iter().all(|it| it.service.slo_percent.is_none()) {
        return;
    }
    let burn = |window: &str| {
        let errors = chosen(&recording::errors(window));
        query(
            format!("{errors} / on (service) group_left () {}", drawn::ALLOWED),
            "{{service}}",
        )
    };
    // From where the alerts of these names fire.
    let limits = [1.0, 6.0, 14.4];
    layout.row(
        "SLO",
        9,
        vec![
            panel::lines("Burn rate, 1 hour", "none", &[burn("1h")], &limits),
            panel::lines("Burn rate, 6 hours", "none", &[burn("6h")], &limits),
            panel::lines("Burn rate, 3 days", "none", &[burn("3d")], &limits),
        ],
    );
}

fn saturation(layout: &mut Layout, measured: &[Measured<'_>]) {
    let ours = || {
        let all = measured.iter();
        all.filter(|it| !matches!(it.names, Metrics::Program(_)))
    };
    let share = |title: &str, used: &str, limit: &str| {
        let expression = format!("{} / on (service) group_left () {limit}", chosen(used));
        let query = query(expression, "{{instance}}");
        panel::lines(title, "percentunit", &[query], &[0.8, 0.9])
    };
    let mut panels = Vec::new();
    if ours().any(|it| it.service.resources.memory_mib.is_some()) {
        panels.push(share(
            "Memory of its limit",
            recording::MEMORY,
            drawn::MEMORY,
        ));
    }
    if ours().any(|it| it.service.resources.cpu_millis.is_some()) {
        panels.push(share(
            "Processor of its limit",
            recording::PROCESSORS,
            drawn::PROCESSORS,
        ));
    }
    layout.row("Saturation", 9, panels);
}
