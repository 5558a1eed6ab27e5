//! Prometheus: what to scrape, what to wake somebody for, and tests of exactly that.
//!
//! Reference: <https://prometheus.io/docs/>. What the design says in numbers (limits,
//! expected times, SLOs, breakers) becomes series of their own, so that one alert serves
//! every service and the numbers stand in one place. Files hold for Prometheus 2.42 to 3.

mod alerts;
mod breaker_alerts;
pub(super) mod drawn;
mod fields;
mod numbers;
mod promql;
pub(super) mod recording;
mod scrape;
mod unit_tests;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Measured, Metrics},
    fields::Scope,
    yaml::Map,
};
use crate::model::{Model, ServiceId, ServiceKind};

pub(super) use drawn::{Breaker, breakers};
pub(super) use promql::selector;

pub(super) const EXPORTER: Exporter = Exporter {
    id: "prometheus",
    title: "Prometheus",
    purpose: "metrics",
    checked_by: &["promtool check", "promtool test rules"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// Label names and values of a service, without those that nothing is said of.
fn labels(model: &Model, id: &ServiceId) -> Vec<(&'static str, String)> {
    let mut labels = vec![("service", id.to_string())];
    let service = model.services.get(id);
    if let Some(boundary) = service.and_then(|it| it.boundary.as_ref()) {
        labels.push(("boundary", boundary.to_string()));
    }
    if let Some(team) = model.team_of(id) {
        labels.push(("team", team.to_owned()));
    }
    labels
}

fn label_map(labels: &[(&'static str, String)]) -> Map {
    let labels = labels.iter();
    labels
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

/// What the files say of a design.
#[derive(Debug)]
struct Facts<'a> {
    model: &'a Model,
    measured: Vec<Measured<'a>>,
    breakers: Vec<Breaker<'a>>,
    said: Vec<drawn::Said>,
}

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let measured = bundle::measured(model);
    let breakers = breakers(model, &measured);
    let facts = Facts {
        said: drawn::all(model, &measured, &breakers),
        model,
        measured,
        breakers,
    };
    let mut export = Export::default();
    let alerts = alerts::all(&facts);
    let mut add = |path: &str, text: String| export.files.insert(path.to_owned(), text);
    add(
        "prometheus/prometheus.yml",
        scrape::file(model, &facts.measured),
    );
    add("prometheus/recording.yml", recording::file(&facts));
    add("prometheus/alerts.yml", alerts::file(model, &alerts));
    add(
        "prometheus/alerts_test.yml",
        unit_tests::file(&facts, &alerts),
    );
    export.notes = notes(model, &facts.measured);
    Ok(export)
}

fn notes(model: &Model, measured: &[Measured<'_>]) -> Vec<String> {
    let mut notes =
        vec!["Alerts reach nobody yet: name an Alertmanager in prometheus.yml.".to_owned()];
    let told: BTreeSet<_> = measured.iter().map(|it| it.id).collect();
    let is_measured = |id: &ServiceId| told.contains(id);
    let of = |kind: fn(ServiceKind) -> bool| -> String {
        let services = model
            .services
            .iter()
            .filter(|(id, it)| bundle::is_container(it) && kind(it.kind) && !is_measured(id));
        let names: Vec<_> = services.map(|(id, _)| id.as_str()).collect();
        names.join(", ")
    };
    let gateways = of(|it| it == ServiceKind::Gateway);
    if !gateways.is_empty() {
        notes.push(format!(
            "Gateways open no port for numbers, so their services say how requests fare: {gateways}."
        ));
    }
    let silent = of(|it| it == ServiceKind::Service);
    if !silent.is_empty() {
        notes.push(format!(
            "Nothing says where these tell their numbers, give them a metrics path: {silent}."
        ));
    }
    let foreign = measured
        .iter()
        .filter(|it| it.names == Metrics::Ours && bundle::Stack::of(it.service).is_none());
    let foreign: Vec<_> = foreign.map(|it| it.id.as_str()).collect();
    if !foreign.is_empty() {
        notes.push(format!(
            "Alerts on requests expect http_server_requests_total and its like of {}.",
            foreign.join(", ")
        ));
    }
    notes
}
