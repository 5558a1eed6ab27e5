//! What the pipeline and its neighbours say, read back.

use std::collections::{BTreeMap, BTreeSet};

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::Value;

use super::{EXPORTER, ecs};
use crate::{
    export::{
        Export, bundle, export_all, export_one,
        hostile::{HARMLESS, HOSTILE, design},
    },
    model::{Model, testing::model},
};

fn export(model: &Model) -> Export {
    export_one(&EXPORTER, model).unwrap()
}

fn pipeline(notation: &str) -> String {
    let mut model = model(notation);
    model.name = "Shop".to_owned();
    export(&model).files["logstash/pipeline/shop.conf"].clone()
}

fn yaml<'a>(export: &'a Export, path: &str) -> Yaml<'a> {
    let documents = Yaml::load_from_str(&export.files[path]).unwrap();
    documents.into_iter().next().unwrap()
}

#[test]
fn a_document_says_whose_it_is() {
    let model = model("b(a{owner=crew}, c)");
    let export = export(&model);
    let pipeline = &export.files["logstash/pipeline/system.conf"];
    assert!(pipeline.contains("\"a\" => \"b\""), "{pipeline}");
    let teams = yaml(&export, "logstash/teams.yml");
    assert_eq!(teams["a"].as_str(), Some("crew"));
    assert!(pipeline.contains(super::TEAMS_PATH), "{pipeline}");
}

#[test]
fn only_programs_of_the_design_have_steps_of_their_own() {
    let plain = pipeline("x(a{technology=go})");
    let proxied = pipeline("x(t:gateway{technology=traefik}, g:gateway)");
    for (sign, is_in_plain, is_in_proxied) in [
        ("DownstreamStatus", false, true),
        ("NGINX_TIME", false, true),
        ("[app][logger]", false, false),
        ("[app][http.request.id]", true, true),
    ] {
        assert_eq!(plain.contains(sign), is_in_plain, "{sign}");
        assert_eq!(proxied.contains(sign), is_in_proxied, "{sign}");
    }
}

#[test]
fn what_a_service_is_said_to_write_decides_how_its_lines_are_read() {
    let mut design = model("(a, b, c)");
    for (id, format) in [("a", "JSON"), ("b", "logfmt")] {
        let (id, service) = design
            .services
            .iter()
            .find(|it| it.0.as_str() == id)
            .unwrap();
        let (id, mut service) = (id.clone(), service.as_ref().clone());
        format.clone_into(&mut service.log_format);
        design.services.insert(id, service.into());
    }
    let export = export(&design);
    let pipeline = &export.files["logstash/pipeline/system.conf"];
    for line in [
        "\"a\" => \"json\"",
        "\"b\" => \"text\"",
        "[@metadata][writes] != \"text\" and",
        "add_tag => [\"not_json\"]",
    ] {
        assert!(pipeline.contains(line), "{line}");
    }
    assert!(!pipeline.contains("\"c\" => "), "{pipeline}");
    assert!(export.notes.iter().any(|it| it.starts_with("Lines of b ")));
}

#[test]
fn passwords_are_references_and_everything_speaks_tls() {
    let mut all = String::new();
    for text in export(&model("x(a)")).files.values() {
        all.push_str(text);
    }
    assert!(all.contains("password => \"${ELASTIC_PASSWORD}\""));
    assert!(all.contains("hosts => [\"https://elasticsearch:9200\"]"));
    assert_eq!(all.matches("password =>").count(), 2);
    assert!(all.contains("ssl_client_authentication => \"required\""));
    assert!(all.contains("verification_mode: full"));
}

#[test]
fn an_elasticsearch_of_the_design_is_written_to_as_it_is_drawn() {
    let export = export(&model(
        "x(a, find:search{technology=elasticsearch port=9201})",
    ));
    let pipeline = &export.files["logstash/pipeline/system.conf"];
    assert!(pipeline.contains("hosts => [\"http://find:9201\"]"));
    assert!(pipeline.contains("ssl_enabled => false"));
    assert!(
        export
            .notes
            .iter()
            .any(|it| it.contains("http://find:9201"))
    );
}

#[test]
fn every_name_that_documents_have_is_mapped() {
    let export = export(&model("x(a)"));
    let template: Value =
        serde_json::from_str(&export.files["logstash/index-template.json"]).unwrap();
    assert_eq!(template["index_patterns"][0], "logs-system-*");
    for (path, kind) in ecs::SAID.iter().chain(ecs::SET) {
        let pointer = format!(
            "/template/mappings/properties/{}/type",
            path.replace('.', "/properties/")
        );
        assert_eq!(template.pointer(&pointer).unwrap(), kind, "{path}");
    }
}

#[test]
fn pipelines_have_ids_of_their_own_and_files_that_are_there() {
    let mut design = model("x(a)");
    design.name = "Dead letters".to_owned();
    let export = export(&design);
    let pipelines = yaml(&export, "logstash/pipelines.yml");
    let mut ids = BTreeSet::new();
    for pipeline in pipelines.as_sequence().unwrap() {
        ids.insert(pipeline["pipeline.id"].as_str().unwrap());
        let path = pipeline["path.config"].as_str().unwrap();
        let path = path.strip_prefix("/usr/share/").unwrap();
        assert!(export.files.contains_key(path), "{path}");
    }
    assert_eq!(ids.len(), 2);
}

/// A file without its comments.
fn steps(export: &Export, path: &str) -> Vec<String> {
    let lines = export.files[path].lines();
    let lines = lines.filter(|it| !it.trim_start().starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn no_text_of_a_design_is_in_a_pipeline() {
    let expected = export(&design(HARMLESS));
    for text in HOSTILE.iter().filter(|it| !it.is_empty()) {
        let mut hostile = design(text);
        let named = export(&hostile);
        let id = bundle::system(&hostile);
        let lines = steps(&named, &format!("logstash/pipeline/{id}.conf"));
        HARMLESS.clone_into(&mut hostile.name);
        let export = export(&hostile);
        let path = format!("logstash/pipeline/{HARMLESS}.conf");
        assert_eq!(steps(&export, &path), steps(&expected, &path), "{text:?}");
        // The system's name is in a comment, and nowhere else.
        assert_eq!(lines.len(), steps(&export, &path).len(), "{text:?}");
        let teams = yaml(&export, "logstash/teams.yml");
        assert_eq!(teams["a"].as_str(), Some(*text), "{text:?}");
    }
}

#[test]
fn every_log_names_the_same_version_of_the_schema() {
    let mut versions = BTreeMap::new();
    for gateway in ["nginx", "envoy", "caddy", "haproxy"] {
        let services = "a{technology=fastapi port=1}, b{technology=express port=1}, c{technology=go port=1}, \
             d{technology=spring-boot port=1}, e{technology=axum port=1}";
        let model = model(&format!(
            "x(g:gateway{{technology={gateway}}}, {services}); g/a -> a"
        ));
        for (path, text) in &export_all(&model, &[]).unwrap().files {
            let naming = text.lines().filter_map(|it| {
                let at = it
                    .to_ascii_lowercase()
                    .replace('_', ".")
                    .find("ecs.version")?;
                let version = it[at..]
                    .split(['"', '\'', '\\'])
                    .find(|it| it.starts_with("8."))?;
                Some(version.to_owned())
            });
            versions.extend(naming.map(|it| (it, path.clone())));
        }
    }
    assert_eq!(
        versions.keys().collect::<Vec<_>>(),
        [ecs::VERSION],
        "{versions:?}"
    );
}
