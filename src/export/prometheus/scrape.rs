//! `prometheus.yml`: whom to ask, and what to call them.

use super::{label_map, labels};
use crate::{
    export::{
        bundle::{self, Measured},
        yaml::{Map, Value},
    },
    model::Model,
};

/// Series that one replica may tell; more is a label that never repeats.
const MOST_SERIES: u32 = 10_000;

pub(super) fn file(model: &Model, measured: &[Measured<'_>]) -> String {
    let system = bundle::system(model);
    let mut file = Map::spaced();
    file.set(
        "global",
        Map::from([
            ("scrape_interval", "15s".into()),
            ("scrape_timeout", "10s".into()),
            ("evaluation_interval", "15s".into()),
            (
                "external_labels",
                [("system", system.as_str().into())].into(),
            ),
        ]),
    );
    file.set("rule_files", ["recording.yml", "alerts.yml"]);
    let mut jobs: Vec<Value> = Vec::new();
    // One that is drawn is asked under its own name.
    if bundle::drawn(model, "prometheus").is_none() {
        let target = Map::from([
            ("targets", ["127.0.0.1:9090"].into()),
            ("labels", [("service", "prometheus".into())].into()),
        ]);
        let name = free_name(measured);
        jobs.push(Value::from([
            ("job_name", name.into()),
            ("static_configs", vec![target].into()),
        ]));
    }
    jobs.extend(measured.iter().map(|it| job(model, it).into()));
    file.set("scrape_configs", jobs);
    file.to_file(&format!(
        "Asks every service of {system} that tells numbers of itself.\n\
         Alerts reach nobody until an Alertmanager is named under `alerting`."
    ))
}

/// A name for Prometheus itself that no service has; ids have no underscore.
fn free_name(measured: &[Measured<'_>]) -> &'static str {
    let is_taken = measured.iter().any(|it| it.id.as_str() == "prometheus");
    if is_taken {
        "prometheus_itself"
    } else {
        "prometheus"
    }
}

fn job(model: &Model, it: &Measured<'_>) -> Map {
    let mut job = Map::from([
        ("job_name", it.id.as_str().into()),
        ("metrics_path", it.path.as_str().into()),
        ("sample_limit", MOST_SERIES.into()),
        ("label_limit", 32_u32.into()),
        ("body_size_limit", "16MB".into()),
    ]);
    let (host, port) = (bundle::host(it.id), it.port);
    let labels = labels(model, it.id);
    if it.service.replicas.is_some_and(|it| it > 1) {
        // Every replica has an address of its own under the one name.
        job.set(
            "dns_sd_configs",
            vec![Map::from([
                ("names", [host.as_str()].into()),
                ("type", "A".into()),
                ("port", port.into()),
                ("refresh_interval", "15s".into()),
            ])],
        );
        let relabel = labels.iter().map(|(name, value)| {
            Value::from([
                ("target_label", (*name).into()),
                // A dollar would name a part of a match.
                ("replacement", value.replace('$', "$$").into()),
            ])
        });
        job.set("relabel_configs", relabel.collect::<Vec<_>>());
    } else {
        job.set(
            "static_configs",
            vec![Map::from([
                ("targets", [format!("{host}:{port}").as_str()].into()),
                ("labels", label_map(&labels).into()),
            ])],
        );
    }
    job
}
