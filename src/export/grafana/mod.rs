//! Grafana: a dashboard of the whole system, and what makes Grafana find it.
//!
//! Reference: <https://grafana.com/docs/grafana/latest/dashboards/>. Panels ask for the
//! names that `recording.yml` of the Prometheus target records, so both have them from
//! the same constants.

mod dashboard;
mod fields;
mod panel;

#[cfg(test)]
mod tests;

use super::{
    Export, ExportError, Exporter, bundle,
    fields::Scope,
    yaml::{Map, Value},
};
use crate::model::Model;

pub(super) const EXPORTER: Exporter = Exporter {
    id: "grafana",
    title: "Grafana",
    purpose: "dashboards",
    checked_by: &["grafana-foundation-sdk", "promql-parser"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// Where Grafana's container finds dashboards.
const DASHBOARDS: &str = "/etc/grafana/dashboards";

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    let system = bundle::system(model);
    let mut add = |path: String, text: String| export.files.insert(path, text);
    add(
        format!("grafana/dashboards/{system}.json"),
        dashboard::text(model),
    );
    add(
        "grafana/provisioning/datasources/prometheus.yaml".to_owned(),
        datasource(model),
    );
    add(
        "grafana/provisioning/dashboards/dashboards.yaml".to_owned(),
        provider(&system),
    );
    Ok(export)
}

fn datasource(model: &Model) -> String {
    let address = match bundle::drawn(model, "prometheus") {
        Some((id, service)) => format!("http://{}:{}", bundle::host(id), bundle::port(service)),
        None => "http://prometheus:9090".to_owned(),
    };
    let source = Map::from([
        ("name", "Prometheus".into()),
        ("uid", "prometheus".into()),
        ("type", "prometheus".into()),
        ("access", "proxy".into()),
        ("url", address.into()),
        ("isDefault", true.into()),
        ("editable", false.into()),
        (
            "jsonData",
            [
                ("httpMethod", "POST".into()),
                ("timeInterval", "15s".into()),
            ]
            .into(),
        ),
    ]);
    let mut file = Map::from([("apiVersion", 1_u32.into())]);
    file.set("datasources", vec![source]);
    file.to_file("Where Grafana asks.")
}

fn provider(system: &str) -> String {
    let provider = Map::from([
        ("name", system.into()),
        ("folder", system.into()),
        ("type", "file".into()),
        ("disableDeletion", true.into()),
        ("allowUiUpdates", false.into()),
        ("updateIntervalSeconds", 30_u32.into()),
        ("options", [("path", Value::from(DASHBOARDS))].into()),
    ]);
    let mut file = Map::from([("apiVersion", 1_u32.into())]);
    file.set("providers", vec![provider]);
    file.to_file("Which dashboards Grafana shows: those of this folder, as they are.")
}
