//! `compose.operations.yaml`: what watches the system, laid over `compose.yaml`.
//!
//! Metrics, dashboards and logs run beside the system with the configurations that other
//! targets export. What is drawn already is not started twice. Facts are those of the
//! official images.

mod consul;
mod container;
mod programs;

use super::{Writing, imported};
use crate::{
    export::{
        bundle::{self, NetworkKind},
        yaml::{Map, Value},
    },
    model::ServiceId,
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
    for (id, service, secrets) in programs::own(writing) {
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
    let volumes = volumes(writing, &services);
    file.set("services", services);
    let mut networks = Map::default();
    networks.set_with_comment(
        NETWORK,
        Map::from([("internal", true.into())]),
        "Who watches, and who is watched.",
    );
    networks.set(PUBLISHED, Map::default());
    file.set("networks", networks);
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

/// What outlives the containers of ours.
fn volumes(writing: &Writing<'_>, services: &Map) -> Map {
    let model = writing.model;
    let drawn = |id: &str| model.services.keys().any(|it| it.as_str() == id);
    let mut volumes = Map::default();
    for (id, name) in [
        ("consul", "operations_consul"),
        ("elasticsearch", "operations_elasticsearch"),
        ("filebeat", "operations_filebeat"),
        ("grafana", "operations_grafana"),
        ("logstash", "operations_logstash"),
        ("prometheus", "operations_prometheus"),
    ] {
        if services.get(id).is_some() && !drawn(id) && bundle::drawn(model, id).is_none() {
            volumes.set(name, Map::default());
        }
    }
    volumes
}

/// One network of each of these: whoever asks them joins those, and they themselves
/// reach nobody they could not reach before.
fn networks_of<'a>(
    writing: &'a Writing<'_>,
    asked: impl Iterator<Item = &'a ServiceId>,
) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for id in asked {
        let names = writing.networks.of_service(id);
        if names.iter().any(|it| all.contains(it)) {
            continue;
        }
        let is_own = |it: &&&str| {
            let kind = writing.networks.all.get(**it).map(|it| it.kind);
            matches!(kind, Some(NetworkKind::Boundary | NetworkKind::Data))
        };
        all.extend(names.iter().find(is_own).or(names.first()).copied());
    }
    all.sort_unstable();
    all
}

/// The networks of all who tell numbers.
fn measured_networks<'a>(writing: &'a Writing<'_>) -> Vec<&'a str> {
    let measured = bundle::measured(writing.model);
    networks_of(writing, measured.iter().map(|it| it.id))
}

/// Each container says whose its lines are; a Prometheus that is drawn joins those it asks.
fn watched(writing: &Writing<'_>, services: &mut Map) {
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
    let prometheus = bundle::drawn(writing.model, "prometheus").map(|it| it.0);
    for (id, service) in &writing.model.services {
        // An imported service keeps the networks and the logging it was imported with.
        if !bundle::is_container(service) || bundle::is_imported(service) {
            continue;
        }
        let mut map = Map::from([("logging", logging.clone())]);
        if Some(id) == prometheus {
            let mut networks = measured_networks(writing);
            networks.push(NETWORK);
            map.set("networks", networks);
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
        assert_eq!(services["m"]["networks"][0].as_str(), Some("x"));
        assert_eq!(services["m"]["networks"][1].as_str(), Some("operations"));
        assert!(!services.contains_mapping_key("prometheus"));
        assert!(
            export
                .notes
                .iter()
                .any(|it| it.starts_with("prometheus is drawn"))
        );
    }

    #[test]
    fn who_is_watched_reaches_nobody_it_could_not_reach_before() {
        let notation = "x(a{technology=go}); y(b{technology=go}); z(c, d:database)";
        let export = export_one(&EXPORTER, &model(notation)).unwrap();
        let file = yaml(&export.files, "compose.operations.yaml", notation);
        let networks = &file["services"]["prometheus"]["networks"];
        let networks: Vec<_> = networks.as_sequence().into_iter().flatten().collect();
        let networks: Vec<_> = networks.iter().filter_map(|it| it.as_str()).collect();
        assert_eq!(networks, ["operations", "operations_published", "x", "y"]);
        for id in ["a", "b", "c", "d"] {
            assert!(
                !file["services"][id].contains_mapping_key("networks"),
                "{id}"
            );
        }
    }

    #[test]
    fn consul_runs_where_calls_find_services_at_run_time_and_only_its_names_are_reached() {
        let mut model = model("x(a{technology=go}, b{technology=go}); a -> b");
        let look = |model: &crate::model::Model| {
            let export = export_one(&EXPORTER, model).unwrap();
            let examples = export.files[".env.example"].clone();
            assert!(examples.contains("\nGRAFANA_PORT=3000\n"), "{examples}");
            export.files["compose.operations.yaml"].clone()
        };
        assert!(!look(&model).contains("consul"));
        let id = model.dependencies.keys().next().unwrap().clone();
        let mut call = model.dependencies[&id].as_ref().clone();
        call.dynamic_discovery = Some(true);
        model.dependencies.insert(id, call.into());
        let text = look(&model);
        for part in [
            "\n  consul:\n",
            "-client=127.0.0.1",
            "service:consul",
            "operations_consul: {}",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
