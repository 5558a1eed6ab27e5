//! `alerts_test.yml`: every alert fires when it should, and not when all is well.
//!
//! Tests load recording.yml too, so a number of the design is the one that counts.

use super::{
    Facts,
    alerts::{About, Alert, REPLICAS_MISSING},
    drawn, label_map, labels, promql, recording,
};
use crate::export::{
    bundle::Metrics,
    yaml::{Map, Value},
};

/// Whom a test is about.
struct Actor {
    labels: Vec<(&'static str, String)>,
    breaker: Option<String>,
}

pub(super) fn file(facts: &Facts<'_>, alerts: &[Alert]) -> String {
    let mut tests: Vec<Value> = Vec::new();
    for alert in alerts {
        let Some(actor) = actor(facts, alert) else {
            continue;
        };
        let others = others(facts, &actor);
        tests.push(test(alert, &actor, &others, true));
        tests.push(test(alert, &actor, &others, false));
    }
    let names = [
        (Metrics::Ours, OURS.as_slice()),
        (Metrics::Micrometer, MICROMETER.as_slice()),
    ];
    for (names, series) in names {
        if let Some(first) = facts.measured.iter().find(|it| it.names == names) {
            tests.push(counted(&labels(facts.model, first.id), series));
        }
    }
    let mut file = Map::spaced();
    file.set("rule_files", ["recording.yml", "alerts.yml"]);
    file.set("evaluation_interval", "1m");
    file.set("tests", tests);
    file.to_file("Run with: promtool test rules alerts_test.yml")
}

/// A series as a service tells it: its name, its labels, its values.
type Told = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

/// One request a second that succeeds and one that fails; a breaker that is open.
const OURS: [Told; 4] = [
    (
        "http_server_requests_total",
        &[("method", "GET"), ("route", "/a"), ("status", "200")],
        "0+60x20",
    ),
    (
        "http_server_requests_total",
        &[("method", "GET"), ("route", "/a"), ("status", "503")],
        "0+60x20",
    ),
    (
        "circuit_breaker_state",
        &[("name", "b"), ("state", "open")],
        "1x20",
    ),
    (
        "circuit_breaker_calls_total",
        &[("name", "b"), ("outcome", "rejected")],
        "0+60x20",
    ),
];
const MICROMETER: [Told; 4] = [
    (
        "http_server_requests_seconds_count",
        &[("method", "GET"), ("uri", "/a"), ("status", "200")],
        "0+60x20",
    ),
    (
        "http_server_requests_seconds_count",
        &[("method", "GET"), ("uri", "/a"), ("status", "503")],
        "0+60x20",
    ),
    (
        "resilience4j_circuitbreaker_state",
        &[("name", "b"), ("state", "open")],
        "1x20",
    ),
    (
        "resilience4j_circuitbreaker_not_permitted_calls_total",
        &[("name", "b"), ("kind", "not_permitted")],
        "0+60x20",
    ),
];

/// What services tell reaches the names that alerts use.
fn counted(service: &[(&'static str, String)], series: &[Told]) -> Value {
    let with = |name: &str, more: &[(&str, &str)]| {
        let own = service.iter().map(|(name, value)| (*name, value.as_str()));
        let labels: Vec<_> = own.chain(more.iter().copied()).collect();
        promql::selector(name, &labels)
    };
    let input = series.iter().map(|(name, labels, values)| {
        Value::from([
            ("series", with(name, labels).into()),
            ("values", (*values).into()),
        ])
    });
    let errors = recording::errors("5m");
    let expected = [
        (recording::REQUESTS, &[][..], 2.0),
        (errors.as_str(), &[][..], 0.5),
        (
            recording::STATE,
            &[("name", "b"), ("state", "open")][..],
            1.0,
        ),
        (recording::REJECTED, &[("name", "b")][..], 1.0),
    ];
    let expected = expected.into_iter().map(|(name, labels, value)| {
        let sample = Map::from([
            ("labels", with(name, labels).into()),
            ("value", Value::Float(value)),
        ]);
        Value::from([
            ("expr", with(name, labels).into()),
            ("eval_time", "15m".into()),
            ("exp_samples", vec![sample].into()),
        ])
    });
    Value::from([
        (
            "name",
            format!("{} is counted", series.first().map_or("", |it| it.0)).into(),
        ),
        ("interval", "1m".into()),
        ("input_series", Value::List(input.collect())),
        ("promql_expr_test", Value::List(expected.collect())),
    ])
}

/// The first that the alert can be about.
fn actor(facts: &Facts<'_>, alert: &Alert) -> Option<Actor> {
    let of = |labels| Actor {
        labels,
        breaker: None,
    };
    match alert.story.about {
        About::Anything => {
            let first = facts.measured.first().map(|it| labels(facts.model, it.id));
            Some(of(first.unwrap_or_else(|| {
                vec![("service", "prometheus".to_owned())]
            })))
        }
        About::Drawn(name) => {
            let found = facts.said.iter().find(|it| it.name == name)?;
            Some(of(found.labels.clone()))
        }
        About::Breaker => {
            let breaker = facts.breakers.first()?;
            Some(Actor {
                labels: labels(facts.model, breaker.from),
                breaker: Some(breaker.name.clone()),
            })
        }
    }
}

/// Series of all others that the design says must run: they are well.
fn others(facts: &Facts<'_>, actor: &Actor) -> Vec<Value> {
    let running = facts.said.iter().filter(|it| it.name == drawn::REPLICAS);
    let others = running.filter(|it| it.labels != actor.labels);
    others
        .map(|it| {
            let own = it
                .labels
                .iter()
                .map(|(name, value)| (*name, value.as_str()));
            let more = [("job", "job"), ("instance", "other:80")];
            let labels: Vec<_> = own.chain(more).collect();
            Value::from([
                ("series", promql::selector("up", &labels).into()),
                ("values", "1000x20".into()),
            ])
        })
        .collect()
}

fn test(alert: &Alert, actor: &Actor, others: &[Value], is_ill: bool) -> Value {
    let story = &alert.story;
    let input = story.series.iter().map(|series| {
        let mut labels: Vec<(&str, &str)> = actor
            .labels
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        if let Some(name) = &actor.breaker
            && series.name != "up"
        {
            labels.push(("name", name));
        }
        labels.extend(&series.labels);
        let values = if is_ill { &series.ill } else { &series.well };
        Value::from([
            ("series", promql::selector(&series.name, &labels).into()),
            ("values", values.as_str().into()),
        ])
    });
    let mut input: Vec<Value> = input.collect();
    if alert.name == REPLICAS_MISSING {
        input.extend_from_slice(others);
    }
    let mut expected: Vec<Value> = Vec::new();
    if is_ill {
        expected.push(fires(alert, actor));
    }
    let state = if is_ill { "fires" } else { "stays quiet" };
    Value::from([
        ("name", format!("{} {state}", alert.name).into()),
        ("interval", "1m".into()),
        ("input_series", Value::List(input)),
        (
            "alert_rule_test",
            vec![Map::from([
                ("eval_time", format!("{}m", story.minutes).into()),
                ("alertname", alert.name.into()),
                ("exp_alerts", Value::List(expected)),
            ])]
            .into(),
        ),
    ])
}

/// The alert as it is to come out: its labels, and its texts with them filled in.
fn fires(alert: &Alert, actor: &Actor) -> Value {
    let mut labels = actor.labels.clone();
    for name in alert.story.keeps {
        let from_series = alert.story.series.iter().flat_map(|it| &it.labels);
        let mut from_series = from_series.filter(|it| it.0 == *name);
        if *name == "name" {
            labels.extend(actor.breaker.clone().map(|it| ("name", it)));
        } else if let Some((name, value)) = from_series.next() {
            labels.push((name, (*value).to_owned()));
        }
    }
    let filled = |text: &str| {
        labels.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{{ $labels.{name} }}}}"), value)
        })
    };
    let (summary, description) = (filled(alert.summary), filled(alert.description));
    let mut all = label_map(&labels);
    all.set("severity", alert.severity);
    Value::from([
        ("exp_labels", all.into()),
        (
            "exp_annotations",
            [
                ("summary", summary.into()),
                ("description", description.into()),
            ]
            .into(),
        ),
    ])
}
