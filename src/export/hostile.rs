//! No text of a design becomes syntax, whatever it is and wherever it stands.
//!
//! Each hostile text is put into every free text of a design at once; every target is
//! then read back and must have the very same structure as with a harmless text.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use saphyr::{LoadableYamlNode as _, Yaml};

use super::{FileSet, export_all, nginx::reading};
use crate::model::{
    Boundary, BoundaryId, Breaker, Build, Cors, Fallback, HealthCheck, Model, Operation, Port,
    RouteId, Service, ServiceId, Volume, testing::model,
};

pub(super) const HARMLESS: &str = "harmless";

pub(super) const HOSTILE: &[&str] = &[
    "a: b",
    "- a",
    "'; rm -rf / #",
    "\"; return 200; #",
    "\"\n    evil: true",
    "x\r\nRUN evil",
    "x\rUSER root",
    "\0",
    "$HOME",
    "${X}",
    "${X:?boom}",
    "$$",
    "`id`",
    "$(id)",
    "{{ x }}",
    "${{ secrets.GITHUB_TOKEN }}",
    "} location / { return 200; }",
    "; proxy_pass http://evil;",
    "\\",
    "\\\" ;",
    "#",
    "*/ //",
    "<<",
    "&a",
    "*a",
    "!!python/object",
    "| >",
    "日本語 \u{202e}evil",
    "\u{85}evil: 1",
    "\u{2028}evil: 1",
    "\u{feff}",
    "/../../etc/passwd",
    "\u{1b}[2J",
    "",
];

/// A design with this text wherever a person may write what they want.
pub(super) fn design(text: &str) -> Model {
    design_behind("nginx", text)
}

/// The same behind a gateway of this technology.
pub(super) fn design_behind(gateway: &str, text: &str) -> Model {
    let mut model = model(&format!(
        "b(g:gateway{{technology={gateway}}}, a{{technology=fastapi}}, o{{technology=go}}, \
         d:database{{technology=postgres}}, f{{image=x}}, u, e:external); \
         g/a -> a; a -> o{{timeout=1 breaker fallback}}; a -> d; a -> e",
    ));
    let t = || text.to_owned();
    model.name = t();
    model.description = t();
    let boundary = Boundary {
        name: t(),
        team: t(),
        purpose: t(),
        entities: vec![t()],
        ..Boundary::default()
    };
    model
        .boundaries
        .insert(BoundaryId::new("b").unwrap(), Arc::new(boundary));
    let ids: Vec<ServiceId> = model.services.keys().cloned().collect();
    for id in ids {
        let mut service = model.services[&id].as_ref().clone();
        fill(&mut service, text);
        match id.as_str() {
            "f" => service.image = t(),
            "u" => {
                service.technology = t();
                service.build = Some(Build {
                    context: t(),
                    dockerfile: t(),
                    target: t(),
                    arguments: [(t(), t())].into(),
                });
            }
            // Its command is what its health is asked with.
            "o" => {
                service.health = Some(HealthCheck {
                    command: vec!["ask".to_owned(), t()],
                    ..HealthCheck::default()
                });
            }
            _ => {}
        }
        model.services.insert(id, Arc::new(service));
    }
    fill_calls(&mut model, text);
    fill_routes(&mut model, text);
    model
}

fn fill_calls(model: &mut Model, text: &str) {
    let t = || text.to_owned();
    let ids: Vec<_> = model.dependencies.keys().cloned().collect();
    for id in ids {
        let mut it = model.dependencies[&id].as_ref().clone();
        it.operation = t();
        it.description = t();
        it.fallback = Some(Fallback { description: t() });
        it.breaker = Some(Breaker {
            name: format!("x{text}"),
            ..Breaker::recommended()
        });
        model.dependencies.insert(id, Arc::new(it));
    }
}

fn fill_routes(model: &mut Model, text: &str) {
    let drawn = model.routes.values().next().unwrap().as_ref().clone();
    for (id, host, path) in [("h", text, "/h"), ("p", "", text), ("q", "", "/q")] {
        let mut route = drawn.clone();
        host.clone_into(&mut route.host);
        path.clone_into(&mut route.path_prefix);
        route.cors = (id == "q").then(|| Cors {
            origins: vec![text.to_owned(), format!("https://{text}")],
            credentials: true,
        });
        let id = RouteId::new(id).unwrap();
        model.routes.insert(id, Arc::new(route));
    }
}

fn fill(service: &mut Service, text: &str) {
    let t = || text.to_owned();
    service.name = t();
    service.description = t();
    service.owner = t();
    service.command = vec!["run".to_owned(), t()];
    service.environment = [(t(), t()), ("KNOWN".to_owned(), t())].into();
    service.secrets = [
        (t(), t()),
        ("KNOWN_SECRET".to_owned(), t()),
        ("/s".to_owned(), t()),
    ]
    .into();
    service.volumes = vec![
        Volume {
            source: t(),
            target: t(),
            read_only: false,
        },
        Volume {
            source: format!("/{text}"),
            target: t(),
            read_only: true,
        },
    ];
    service.health = Some(HealthCheck {
        path: t(),
        format: t(),
        ..HealthCheck::default()
    });
    service.metrics_path = t();
    service.log_format = t();
    service.entities = vec![t()];
    service.operations = vec![Operation {
        name: t(),
        method: t(),
        path: t(),
        kind: None,
    }];
    service.ports = vec![Port {
        number: 8000,
        published: Some(8000),
        host_ip: t(),
        ..Port::default()
    }];
}

pub(super) fn files(text: &str) -> FileSet {
    export_all(&design(text), &[]).unwrap().texts()
}

pub(super) fn yaml<'a>(files: &'a FileSet, path: &str, text: &str) -> Yaml<'a> {
    let file = &files[path];
    let documents = Yaml::load_from_str(file).unwrap_or_else(|it| panic!("{text:?}: {it}\n{file}"));
    assert_eq!(documents.len(), 1, "{text:?}");
    documents.into_iter().next().unwrap()
}

/// The paths of all keys whose names no design decides.
fn structure(yaml: &Yaml<'_>, at: &str, out: &mut Vec<String>) {
    if let Some(map) = yaml.as_mapping() {
        for (key, value) in map {
            let key = key
                .as_str()
                .unwrap_or_else(|| panic!("{at}: {key:?} is no text"));
            let path = format!("{at}/{key}");
            let is_named_by_design = ["environment", "args", "secrets", "volumes"]
                .iter()
                .any(|it| at.ends_with(it));
            if !is_named_by_design {
                out.push(path.clone());
                structure(value, &path, out);
            }
        }
    }
    for (number, value) in yaml.as_sequence().into_iter().flatten().enumerate() {
        // Lists of mounts and secrets are shorter where a name is left out.
        if !at.ends_with("/volumes") && !at.ends_with("/secrets") {
            structure(value, &format!("{at}[{number}]"), out);
        }
    }
}

pub(super) fn keys(yaml: &Yaml<'_>) -> Vec<String> {
    let mut out = Vec::new();
    structure(yaml, "", &mut out);
    out
}

#[test]
fn compose_has_the_same_structure_and_takes_texts_as_they_stand() {
    let harmless = files(HARMLESS);
    let expected = keys(&yaml(&harmless, "compose.yaml", HARMLESS));
    let without_health = |keys: Vec<String>| -> Vec<String> {
        // A path that cannot stand in a command gives no health check, which is said.
        // So does a volume whose name cannot be one.
        let is_kept = |it: &String| {
            !it.contains("/healthcheck") && !it.contains("/depends_on") && it != "/volumes"
        };
        keys.into_iter().filter(is_kept).collect()
    };
    let expected = without_health(expected);
    for text in HOSTILE {
        let files = files(text);
        let file = yaml(&files, "compose.yaml", text);
        let build = |keys: Vec<String>| -> Vec<String> {
            // An empty text is no image, no target and no argument.
            let is_kept = |it: &String| {
                !it.starts_with("/services/u/build") && !it.starts_with("/services/f/")
            };
            keys.into_iter().filter(is_kept).collect()
        };
        assert_eq!(
            build(without_health(keys(&file))),
            build(expected.clone()),
            "{text:?}"
        );
        let literal = text.replace('$', "$$");
        let service = &file["services"]["a"];
        assert_eq!(
            service["environment"]["KNOWN"].as_str(),
            Some(literal.as_str())
        );
        assert_eq!(service["entrypoint"][1].as_str(), Some(literal.as_str()));
        assert_eq!(
            file["services"]["o"]["healthcheck"]["test"][2].as_str(),
            Some(literal.as_str())
        );
        assert_eq!(service["ports"][0]["host_ip"].as_str(), Some("127.0.0.1"));
        // Two others of this caller are called the same.
        let name = format!("x{literal}-3");
        assert_eq!(
            service["environment"]["O_BREAKER_NAME"].as_str(),
            Some(name.as_str())
        );
    }
}

#[test]
fn a_workflow_has_the_same_structure_and_no_expression_of_a_design() {
    let expressions = |text: &str| -> Vec<String> {
        let parts = text.split("${{").skip(1);
        parts
            .map(|it| it.split("}}").next().unwrap_or(it).to_owned())
            .collect()
    };
    let path = ".github/workflows/ci.yml";
    let harmless = files(HARMLESS);
    let expected = keys(&yaml(&harmless, path, HARMLESS));
    for text in HOSTILE {
        let files = files(text);
        assert_eq!(keys(&yaml(&files, path, text)), expected, "{text:?}");
        assert_eq!(
            expressions(&files[path]),
            expressions(&harmless[path]),
            "{text:?}"
        );
    }
}

#[test]
fn nginx_has_no_directive_and_no_word_of_a_design() {
    let harmless = files(HARMLESS);
    let known = reading::read(&harmless["gateway/nginx.conf"]);
    let known: Vec<String> = known.all().into_iter().map(reading::Read::line).collect();
    for text in HOSTILE {
        let files = files(text);
        let read = reading::read(&files["gateway/nginx.conf"]);
        for directive in read.all() {
            let line = directive.line();
            // A text that happens to be a path becomes a location and nothing else.
            let is_path = directive.words.first().is_some_and(|it| it == "location");
            assert!(known.contains(&line) || is_path, "{text:?} made {line:?}");
            let is_plain = text.is_empty() || ["#", "\\"].contains(text);
            assert!(is_plain || !line.contains(text), "{text:?} is in {line:?}");
        }
    }
}

#[test]
fn a_dockerfile_has_the_same_instructions_and_exact_words() {
    let instructions = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|it| !it.starts_with([' ', '#']) && !it.is_empty());
        let words = lines.map(|it| it.split(' ').next().unwrap_or(it).to_owned());
        words.filter(|it| it != "HEALTHCHECK").collect()
    };
    for text in HOSTILE {
        for id in ["a", "o"] {
            let path = format!("services/{id}/Dockerfile");
            let (file, harmless) = (&files(text)[&path], &files(HARMLESS)[&path]);
            assert_eq!(
                instructions(file),
                instructions(harmless),
                "{text:?}: {file}"
            );
            assert!(!file.contains('\r') && !file.contains('\0'), "{text:?}");
        }
        let file = &files(text)["services/o/Dockerfile"];
        let command = file
            .lines()
            .find_map(|it| it.strip_prefix("    CMD "))
            .unwrap();
        let words: Vec<String> = serde_json::from_str(command).unwrap();
        assert_eq!(words, ["ask", text], "{file}");
    }
}

#[test]
fn every_path_of_a_bundle_is_made_of_ids() {
    let paths = |text: &str| -> BTreeSet<String> {
        // Files in these folders bear the id of the system.
        let is_named = |it: &String| it.contains("/pipeline/") || it.contains("a/dashboards/");
        let files = files(text).into_keys();
        files.filter(|it| !is_named(it)).collect()
    };
    let harmless = paths(HARMLESS);
    for text in HOSTILE {
        assert_eq!(paths(text), harmless, "{text:?}");
    }
}

#[test]
fn ids_that_are_words_of_a_format_are_names_all_the_same() {
    let long = "x".repeat(63);
    let ids = [
        "image", "default", "services", "a--b", "y", "no", "null", "1e3", "0x1f", "123",
        "networks", "build", &long,
    ];
    let mut notation = String::from("default(g:gateway");
    for id in ids {
        write!(notation, ", {id}{{technology=go}}").unwrap();
    }
    notation.push(')');
    for id in ids {
        write!(notation, "; g/{id} -> {id}; g -> {id}").unwrap();
    }
    let files = export_all(&model(&notation), &[]).unwrap().texts();
    let compose = yaml(&files, "compose.yaml", "ids");
    let workflow = yaml(&files, ".github/workflows/ci.yml", "ids");
    let matrix = &workflow["jobs"]["test-go"]["strategy"]["matrix"]["service"];
    let tested: Vec<_> = matrix
        .as_sequence()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    let read = reading::read(&files["gateway/nginx.conf"]);
    let passed: Vec<_> = read.all().into_iter().map(reading::Read::line).collect();
    for id in ids {
        let expose = &compose["services"][id]["expose"][0];
        assert_eq!(expose.as_str(), Some("8080"), "{id}");
        assert!(tested.contains(&id), "{id}");
        assert!(passed.contains(&format!("proxy_pass http://{id}")), "{id}");
        assert!(files.contains_key(&format!("services/{id}/Dockerfile")));
    }
}
