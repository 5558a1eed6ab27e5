//! Logs: Filebeat reads what containers write, Logstash makes documents of the Elastic
//! Common Schema of it, Elasticsearch keeps them in a data stream.
//!
//! Reference: <https://www.elastic.co/docs/reference/logstash> and
//! <https://www.elastic.co/docs/reference/ecs>. Settings are those that hold from
//! version 8.15 to 9; Filebeat's hold from 7.17 on.

mod ecs;
mod fields;
mod filter;
mod pipeline;
mod shapes;
mod shipper;
mod template;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{Export, ExportError, Exporter, bundle, compose, fields::Scope, yaml::Map};
use crate::model::{Model, Service, ServiceId};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "logstash",
    title: "Logstash",
    purpose: "logs",
    checked_by: &[
        "filebeat test config",
        "its parser",
        "a model of its filters",
    ],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// The port that Filebeat sends to.
const BEATS_PORT: u32 = 5044;
/// Where Logstash finds who answers for which service.
const TEAMS_PATH: &str = "/usr/share/logstash/config/teams.yml";
/// What a service is said to write.
const JSON: &str = "json";
const TEXT: &str = "text";

/// What the files say of a design.
#[derive(Debug)]
struct Facts {
    system: String,
    title: String,
    /// The middle of the data stream's name, which must have no hyphen.
    dataset: String,
    elasticsearch: Elasticsearch,
    /// Service → boundary.
    boundaries: Vec<(String, String)>,
    /// Service → what it is said to write.
    formats: Vec<(String, String)>,
    /// Service → team.
    teams: Map,
    technologies: BTreeSet<&'static str>,
}

#[derive(Debug)]
struct Elasticsearch {
    address: String,
    /// Whether it is the one that comes with the operations, which speaks TLS.
    is_ours: bool,
}

impl Facts {
    fn of(model: &Model) -> Self {
        let system = bundle::system(model);
        let title = if model.name.is_empty() {
            "The system"
        } else {
            &model.name
        };
        let mut facts = Self {
            title: title.lines().collect::<Vec<_>>().join(" "),
            dataset: system.replace('-', "_"),
            system,
            elasticsearch: elasticsearch(model),
            boundaries: Vec::new(),
            formats: Vec::new(),
            teams: Map::default(),
            technologies: BTreeSet::new(),
        };
        let containers = model.services.iter();
        for (id, service) in containers.filter(|(_, it)| bundle::is_container(it)) {
            facts.add(model, id, service);
        }
        facts
    }

    fn add(&mut self, model: &Model, id: &ServiceId, service: &Service) {
        let name = compose::container_name(id, service).to_owned();
        if let Some(boundary) = &service.boundary {
            self.boundaries.push((name.clone(), boundary.to_string()));
        }
        if let Some(format) = format(service) {
            self.formats.push((name.clone(), format.to_owned()));
        }
        let program = bundle::gateway_program(service).map(|it| it.id);
        let known = service.known_technology().map(|it| it.id);
        self.technologies.extend(program.or(known));
        if let Some(team) = model.team_of(id) {
            self.teams.set(name, team);
        }
    }

    /// Whether a program is part of the design.
    fn has(&self, technology: &str) -> bool {
        self.technologies.contains(technology)
    }
}

/// What a service is said to write; `None` where the design says nothing.
fn format(service: &Service) -> Option<&'static str> {
    let said = service.log_format.trim().to_ascii_lowercase();
    match said.as_str() {
        "" => None,
        "json" | "ecs" | "ndjson" | "structured" => Some(JSON),
        _ => Some(TEXT),
    }
}

/// The Elasticsearch of the design, or the one that comes with the operations.
fn elasticsearch(model: &Model) -> Elasticsearch {
    match bundle::drawn(model, "elasticsearch") {
        Some((id, service)) => Elasticsearch {
            address: format!("http://{}:{}", bundle::host(id), bundle::port(service)),
            is_ours: false,
        },
        None => Elasticsearch {
            address: "https://elasticsearch:9200".to_owned(),
            is_ours: true,
        },
    }
}

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let facts = Facts::of(model);
    let mut export = Export::default();
    let mut add = |path: String, text: String| export.files.insert(path, text);
    let system = &facts.system;
    add(
        format!("logstash/pipeline/{system}.conf"),
        pipeline::logs(&facts),
    );
    add(
        format!("logstash/pipeline/{system}-dead-letters.conf"),
        pipeline::dead_letters(&facts),
    );
    add(
        "logstash/logstash.yml".to_owned(),
        shipper::logstash(&facts),
    );
    add(
        "logstash/pipelines.yml".to_owned(),
        shipper::pipelines(&facts),
    );
    add(
        "filebeat/filebeat.yml".to_owned(),
        shipper::filebeat(&facts),
    );
    add(
        "logstash/index-template.json".to_owned(),
        template::text(&facts),
    );
    add(
        "logstash/teams.yml".to_owned(),
        facts.teams.to_file("Who answers for which service."),
    );
    export.notes.extend(notes(&facts));
    Ok(export)
}

fn notes(facts: &Facts) -> Vec<String> {
    let mut notes = Vec::new();
    if !facts.elasticsearch.is_ours {
        notes.push(format!(
            "Logs go to the Elasticsearch of the design, {}, without TLS, because it is drawn without.",
            facts.elasticsearch.address
        ));
    }
    let texts: Vec<_> = facts.formats.iter().filter(|it| it.1 == TEXT).collect();
    if !texts.is_empty() {
        let names: Vec<_> = texts.iter().map(|it| it.0.as_str()).collect();
        notes.push(format!(
            "Lines of {} are kept as text, as the design says no JSON.",
            names.join(", ")
        ));
    }
    notes
}
