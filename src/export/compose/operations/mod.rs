//! `compose.operations.yaml`: what watches the system, laid over `compose.yaml`.
//!
//! Metrics, dashboards and logs run beside the system with the configurations that other
//! targets export. What is drawn already is not started twice. Facts are those of the
//! official images.

mod container;
mod programs;

use std::collections::BTreeSet;

use super::{Writing, imported};
use crate::export::{
    bundle,
    yaml::{Map, Value},
};

/// The release of Elasticsearch, Logstash and Filebeat, which must be one.
const ELASTIC: &str = "9.1.5";
/// The network of those that watch and those that are watched.
const NETWORK: &str = "operations";
/// The way out of it, for the ports that people use.
const PUBLISHED: &str = "operations_published";
/// The folder of what only those read who run the system.
const SECRETS: &str = "operations/secrets";
/// Each secret and its file.
const FILES: [(&str, &str); 10] = [
    ("operations_ca", "ca.crt"),
    ("operations_elastic_password", "elastic_password.txt"),
    ("operations_elasticsearch_crt", "elasticsearch.crt"),
    ("operations_elasticsearch_key", "elasticsearch.key"),
    ("operations_filebeat_crt", "filebeat.crt"),
    ("operations_filebeat_key", "filebeat.key"),
    ("operations_grafana_password", "grafana_password.txt"),
    ("operations_logstash_crt", "logstash.crt"),
    ("operations_logstash_key", "logstash.key"),
    ("operations_writer_password", "writer_password.txt"),
];

/// The overlay and how to make its secrets.
pub(super) fn files(writing: &Writing<'_>, notes: &mut Vec<String>) -> Vec<(String, String)> {
    let model = writing.model;
    let mut services = Map::spaced();
    watched(writing, &mut services);
    let drawn = |id: &str| model.services.keys().any(|it| it.as_str() == id);
    let mut used: Vec<&str> = Vec::new();
    for (id, service, secrets) in programs::own(model) {
        if drawn(id) || bundle::drawn(model, id).is_some() {
            notes.push(format!(
                "{id} is drawn, so compose.operations.yaml starts none of its own."
            ));
            continue;
        }
        used.extend(secrets);
        services.set(id, service);
    }
    let mut file = Map::spaced();
    file.set("services", services);
    let mut networks = Map::default();
    networks.set_with_comment(
        NETWORK,
        Map::from([("internal", true.into())]),
        "Who watches, and who is watched.",
    );
    networks.set(PUBLISHED, Map::default());
    file.set("networks", networks);
    let mut volumes = Map::default();
    for (id, name) in [
        ("elasticsearch", "operations_elasticsearch"),
        ("filebeat", "operations_filebeat"),
        ("grafana", "operations_grafana"),
        ("logstash", "operations_logstash"),
        ("prometheus", "operations_prometheus"),
    ] {
        if !drawn(id) && bundle::drawn(model, id).is_none() {
            volumes.set(name, Map::default());
        }
    }
    file.set("volumes", volumes);
    let secrets = FILES.iter().filter(|it| used.contains(&it.0));
    let secrets: Map = secrets
        .map(|(name, path)| {
            let path = format!("./{SECRETS}/{path}");
            (*name, Value::from([("file", path.into())]))
        })
        .collect();
    if !secrets.is_empty() {
        file.set("secrets", secrets);
    }
    let text = file.to_file(
        "What watches the system. Make its secrets first, see operations/README.md, then:\n\
         docker compose -f compose.yaml -f compose.operations.yaml up --build --detach",
    );
    vec![
        ("compose.operations.yaml".to_owned(), text),
        ("operations/README.md".to_owned(), README.to_owned()),
        (
            format!("{SECRETS}/.gitignore"),
            "# Secrets stay on the machine they are for.\n*\n!.gitignore\n".to_owned(),
        ),
    ]
}

/// Each container says whose its lines are, and who tells numbers can be reached.
fn watched(writing: &Writing<'_>, services: &mut Map) {
    let measured = bundle::measured(writing.model);
    let mut asked: BTreeSet<_> = measured.iter().map(|it| it.id).collect();
    asked.extend(bundle::drawn(writing.model, "elasticsearch").map(|it| it.0));
    let logging = Value::from([
        ("driver", "json-file".into()),
        (
            "options",
            [(
                "labels",
                "com.docker.compose.project,com.docker.compose.service".into(),
            )]
            .into(),
        ),
    ]);
    for (id, service) in &writing.model.services {
        // An imported service keeps the networks and the logging it was imported with.
        if !bundle::is_container(service) || bundle::is_imported(service) {
            continue;
        }
        let mut map = Map::from([("logging", logging.clone())]);
        if asked.contains(id) {
            let host = bundle::host(id);
            let settings = if host == id.as_str() {
                Value::List(vec![NETWORK.into()])
            } else {
                let aliases = Value::from([("aliases", [host.as_str()].into())]);
                Value::from([(NETWORK, aliases)])
            };
            map.set("networks", settings);
        }
        services.set(imported::name(id, service), map);
    }
}

/// How to make the secrets.
const README: &str = include_str!("README.md");

#[cfg(test)]
mod tests {
    use crate::{
        export::{compose::EXPORTER, export_one, hostile::yaml},
        model::testing::model,
    };

    #[test]
    fn every_container_says_whose_its_lines_are_and_what_is_drawn_runs_once() {
        let notation = "x(a{technology=go}, d:database{technology=postgres}, \
                        m{technology=prometheus}, 123{technology=go})";
        let export = export_one(&EXPORTER, &model(notation)).unwrap();
        let file = yaml(&export.files, "compose.operations.yaml", notation);
        let services = &file["services"];
        for id in ["a", "d", "m", "123", "logstash", "filebeat"] {
            let labels = services[id]["logging"]["options"]["labels"].as_str();
            assert!(labels.is_some_and(|it| it.contains("service")), "{id}");
        }
        assert_eq!(services["a"]["networks"][0].as_str(), Some("operations"));
        assert!(!services["d"].contains_mapping_key("networks"));
        let aliases = &services["123"]["networks"]["operations"]["aliases"];
        assert_eq!(aliases[0].as_str(), Some("123.internal"));
        assert!(!services.contains_mapping_key("prometheus"));
        assert!(
            export
                .notes
                .iter()
                .any(|it| it.starts_with("prometheus is drawn"))
        );
    }
}
