//! A snapshot as `meshboard watch` shows it.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::{
    model::Model,
    monitor::{
        BreakerState, Circuit, Confidence, Health, Incident, Reach, ServiceState, Snapshot,
        SourceState, Traffic, Undrawn,
    },
};

/// The whole snapshot; `model` tells which service a breaker protects.
pub(super) fn as_json(snapshot: &Snapshot, model: &Model) -> Value {
    let services: Map<_, _> = snapshot
        .services
        .iter()
        .map(|(id, it)| (id.to_string(), service(it)))
        .collect();
    let breakers: Vec<_> = snapshot
        .breakers
        .iter()
        .map(|it| breaker(it, model))
        .collect();
    let incidents: Vec<_> = snapshot.incidents.iter().map(incident).collect();
    let sources: Map<_, _> = snapshot
        .sources
        .iter()
        .map(|it| (it.name.clone(), source(it)))
        .collect();
    let drawn = snapshot.traffic.iter();
    let drawn: Vec<_> = drawn
        .filter_map(|(id, it)| {
            let dependency = model.dependencies.get(id)?;
            let mut shown = json!({
                "dependency": id,
                "from": dependency.from,
                "to": dependency.to,
            });
            add_traffic(&mut shown, it);
            Some(shown)
        })
        .collect();
    let undrawn: Vec<_> = snapshot.undrawn.iter().map(not_drawn).collect();
    json!({
        "version": 1,
        "at": snapshot.at.to_string(),
        "offline": snapshot.is_offline,
        "services": services,
        "sources": sources,
        "breakers": breakers,
        "traffic": drawn,
        "undrawn": undrawn,
        "incidents": incidents,
    })
}

/// The snapshot in lines for people.
pub(super) fn as_text(snapshot: &Snapshot, model: &Model) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for (id, it) in &snapshot.services {
        let (up, all) = it.instances_up();
        let latency = it
            .latency_ms()
            .map_or_else(|| "—".to_owned(), |it| format!("{it:.0} ms"));
        let state = health_label(it.health);
        write!(text, "{id:<24} {state:<14} {up}/{all}  {latency:>8}").ok();
        match (&it.impacted_by, it.reach) {
            (Some(cause), _) => write!(text, "  impacted by {cause}").ok(),
            (None, Reach::Ok) => None,
            (None, reach) => write!(text, "  {}", reach_label(reach)).ok(),
        };
        text.push('\n');
    }
    for it in &snapshot.breakers {
        let name = format!("{} → {}", it.from, target(it, model));
        let (open, all) = it.instances_open;
        writeln!(
            text,
            "{name:<24} {:<14} {open} of {all} not closed",
            circuit_label(it.circuit)
        )
        .ok();
    }
    for it in &snapshot.sources {
        let (known, all) = it.known;
        let state = reach_label(it.reach);
        let note = it.note.as_deref().unwrap_or_default();
        let name = format!("source {}", it.name);
        let line = format!("{name:<24} {state:<14} {known} of {all} known  {note}");
        writeln!(text, "{}", line.trim_end()).ok();
    }
    for it in &snapshot.undrawn {
        let source = &it.traffic.source;
        writeln!(text, "not drawn: {} → {}, seen by {source}", it.from, it.to).ok();
    }
    for it in &snapshot.incidents {
        writeln!(text, "incident since {}: {}", it.since, it.summary).ok();
    }
    text
}

fn service(state: &ServiceState) -> Value {
    let (up, all) = state.instances_up();
    let listed: Vec<_> = state
        .instances
        .iter()
        .map(|it| {
            json!({
                "address": it.address,
                "health": health_label(it.health),
                "reach": reach_label(it.reach),
                "latency_ms": it.latency_ms,
                "raw": it.raw,
                "read_from": it.read_from,
                "source": it.source,
                "insecure": it.is_insecure,
            })
        })
        .collect();
    let raw = state.instances.first().map_or("", |it| it.raw.as_str());
    json!({
        "health": health_label(state.health),
        "reach": reach_label(state.reach),
        "latency_ms": state.latency_ms(),
        "instances": { "up": up, "all": all, "list": listed },
        "since": state.since.to_string(),
        "raw": raw,
        "stale": state.is_stale,
        "impacted_by": state.impacted_by,
        "note": state.note,
    })
}

fn breaker(state: &BreakerState, model: &Model) -> Value {
    let (open, all) = state.instances_open;
    let dependency = state.dependency.as_ref();
    let to = dependency
        .and_then(|it| model.dependencies.get(it))
        .map(|it| &it.to);
    json!({
        "from": state.from,
        "to": to,
        "name": state.name,
        "state": circuit_label(state.circuit),
        "confidence": confidence_label(state.confidence),
        "detail": state.detail,
        "instances": { "not_closed": open, "all": all },
        "since": state.since.to_string(),
        "source": state.source,
        "failure_rate_percent": state.failure_rate_percent,
        "flapping": state.is_flapping,
        "stale": state.is_stale,
    })
}

fn source(it: &SourceState) -> Value {
    let (known, all) = it.known;
    json!({
        "title": it.title,
        "address": it.address,
        "reach": reach_label(it.reach),
        "note": it.note,
        "last_answer": it.last_answer.map(|it| it.to_string()),
        "known": known,
        "all": all,
        "stale": it.is_stale,
        "insecure": it.is_insecure,
    })
}

fn not_drawn(it: &Undrawn) -> Value {
    let mut shown = json!({
        "from": it.from,
        "to": it.to,
        "from_service": it.from_service,
        "to_service": it.to_service,
    });
    add_traffic(&mut shown, &it.traffic);
    shown
}

/// What is known of calls, beside who calls whom.
fn add_traffic(shown: &mut Value, it: &Traffic) {
    let known = [
        ("rate_per_second", json!(it.rate_per_second)),
        ("error_share", json!(it.error_share)),
        ("p95_ms", json!(it.p95_ms)),
        ("window_seconds", json!(it.window_seconds)),
        ("source", json!(it.source)),
        ("at", json!(it.at.to_string())),
        ("stale", json!(it.is_stale)),
    ];
    if let Some(fields) = shown.as_object_mut() {
        fields.extend(known.map(|(name, value)| (name.to_owned(), value)));
    }
}

pub(super) fn incident(it: &Incident) -> Value {
    json!({
        "id": it.id,
        "causes": it.causes,
        "impacted": it.impacted,
        "at_risk": it.at_risk,
        "path": it.path,
        "routes": it.routes,
        "since": it.since.to_string(),
        "until": it.until.map(|it| it.to_string()),
        "summary": it.summary,
    })
}

/// The service a breaker protects, or its own name where that is not known.
fn target<'a>(state: &'a BreakerState, model: &'a Model) -> &'a str {
    let dependency = state.dependency.as_ref();
    dependency
        .and_then(|it| model.dependencies.get(it))
        .map_or(state.name.as_str(), |it| it.to.as_str())
}

/// As it stands in JSON and in text.
pub(super) fn health_label(health: Health) -> &'static str {
    match health {
        Health::Unknown => "unknown",
        Health::Up => "up",
        Health::Degraded => "degraded",
        Health::Down => "down",
        Health::OutOfService => "out-of-service",
        Health::Starting => "starting",
    }
}

/// As it stands in JSON and in text.
pub(super) fn circuit_label(circuit: Circuit) -> &'static str {
    match circuit {
        Circuit::Unknown => "unknown",
        Circuit::Closed => "closed",
        Circuit::Open => "open",
        Circuit::HalfOpen => "half-open",
        Circuit::ForcedOpen => "forced-open",
        Circuit::Disabled => "disabled",
        Circuit::MetricsOnly => "metrics-only",
        Circuit::NotClosed => "not-closed",
        Circuit::Ejected { .. } => "ejected",
        Circuit::Overflow => "overflow",
    }
}

/// As it stands in JSON.
pub(super) fn confidence_label(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Reported => "reported",
        Confidence::Inferred => "inferred",
    }
}

/// As it stands in JSON and in text.
pub(super) fn reach_label(reach: Reach) -> &'static str {
    match reach {
        Reach::Ok => "ok",
        Reach::NameUnknown => "name-unknown",
        Reach::Refused => "refused",
        Reach::TimedOut => "timed-out",
        Reach::TlsFailed => "tls-failed",
        Reach::Reset => "reset",
        Reach::AuthDenied => "auth-denied",
        Reach::NotFound => "not-found",
        Reach::TooLarge => "too-large",
        Reach::Unparseable => "unparseable",
        Reach::Blocked => "blocked",
    }
}
