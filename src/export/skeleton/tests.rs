//! What skeletons are made of, and that a design's texts stay data in them.

use super::EXPORTER;
use crate::{
    export::{
        Export,
        bundle::{Stack, variables_of},
        hostile::{HARMLESS, HOSTILE, design},
    },
    model::{Model, Operation, OperationKind, ServiceId, testing::model},
};

fn export(notation: &str) -> Export {
    (EXPORTER.export)(&model(notation)).unwrap()
}

/// The notation's design, whose service `a` offers these operations.
fn offering(notation: &str, operations: &[(&str, &str, &str)]) -> Model {
    let mut model = model(notation);
    let id = ServiceId::new("a").unwrap();
    let mut service = model.services[&id].as_ref().clone();
    service.operations = operations
        .iter()
        .map(|(name, method, path)| Operation {
            name: (*name).to_owned(),
            method: (*method).to_owned(),
            path: (*path).to_owned(),
            kind: Some(OperationKind::Command),
        })
        .collect();
    model.services.insert(id, service.into());
    model
}

fn file(model: &Model, path: &str) -> String {
    let export = (EXPORTER.export)(model).unwrap();
    export.files[path].clone()
}

/// The declaration of an Express service, read as the JSON it is.
fn declared(text: &str) -> serde_json::Value {
    let (_, json) = text.split_once("export const design = ").unwrap();
    serde_json::from_str(json.trim_end().trim_end_matches(';')).unwrap()
}

#[test]
fn every_variable_a_service_reads_is_one_it_is_told() {
    for stack in ["fastapi", "express"] {
        let model = model(&format!(
            "x(a{{technology={stack}}}, b, d:database{{technology=postgres}}, r:cache{{technology=redis}}, e:external); \
             a -> b; a -> b{{timeout=3}}; a -> d; a -> r; a -> e"
        ));
        let path = match stack {
            "fastapi" => "services/a/app/design.py",
            _ => "services/a/src/design.js",
        };
        let text = file(&model, path);
        let told = variables_of(&model, &ServiceId::new("a").unwrap());
        for name in told.keys().filter(|it| !it.ends_with("_MS")) {
            assert!(text.contains(&format!("\"{name}\"")), "{name}: {text}");
        }
        assert!(text.contains("\"B_2\""), "{text}");
    }
}

#[test]
fn operations_become_routes_with_words_before_parameters() {
    let drawn = [
        ("One", "GET", "/things/{id}"),
        ("Search", "GET", "/things/search"),
        ("Place order", "", ""),
        ("Odd method", "BREW", "/coffee"),
        ("Answer", "PUT", "/things/{callers}"),
    ];
    let model = offering("x(a{technology=fastapi})", &drawn);
    let export = (EXPORTER.export)(&model).unwrap();
    let routes = &export.files["services/a/app/routes.py"];
    let paths = routes
        .lines()
        .filter_map(|it| it.strip_prefix("    \"/")?.strip_suffix("\","));
    let paths: Vec<_> = paths.collect();
    assert_eq!(paths[..2], ["place-order", "things/search"], "{routes}");
    assert_eq!(paths.len(), 4, "{routes}");
    // Names that the file itself uses are given up.
    assert!(
        routes.contains("async def answer_(\n    callers: Callers,\n"),
        "{routes}"
    );
    assert!(export.notes.iter().any(|it| it.contains("Odd method")));
}

#[test]
fn a_service_without_operations_answers_at_its_root() {
    let export = export("x(a{technology=fastapi}, b{technology=express})");
    assert!(export.files["services/a/app/routes.py"].contains("@router.get(\n    \"/\","));
    assert!(export.files["services/b/src/routes.js"].contains("router.get('/',"));
}

#[test]
fn a_job_has_a_program_that_ends_and_no_server() {
    let export =
        export("x(a:job{technology=fastapi}, b:job{technology=express}, c); a -> c; b -> c");
    for (job, server) in [
        ("services/a/app/job.py", "services/a/app/main.py"),
        ("services/b/src/job.js", "services/b/src/main.js"),
    ] {
        assert!(export.files.contains_key(job), "{job}");
        assert!(!export.files.contains_key(server), "{server}");
    }
}

#[test]
fn a_job_says_nothing_of_a_server_it_has_not() {
    let export = export(
        "x(a:job{technology=fastapi}, b:job{technology=express}, c{technology=fastapi}, \
         d:database{technology=postgres}); a -> c; a -> d",
    );
    let file = |path: &str| export.files[path].as_str();
    for name in ["pyproject.toml", "requirements.txt", "requirements-dev.txt"] {
        let (job, server) = (format!("services/a/{name}"), format!("services/c/{name}"));
        for package in ["fastapi", "uvicorn", "prometheus-client"] {
            assert!(!file(&job).contains(package), "{package} in {job}");
            assert!(file(&server).contains(package), "{package} in {server}");
        }
        assert!(file(&job).contains("httpx"), "{job}");
    }
    assert!(!file("services/a/pyproject.toml").contains("routes.py"));
    let design = file("services/a/app/design.py");
    assert!(!design.contains("_path="), "{design}");
    assert!(!design.contains("lifespan"), "{design}");
    let package = file("services/b/package.json");
    assert!(package.contains("src/job.js") && !package.contains("src/main.js"));
}

#[test]
fn every_folder_is_a_start_and_one_without_a_skeleton_is_named() {
    for stack in [Stack::FastApi, Stack::Express] {
        let export = export(&format!("x(a{{technology={}}})", stack.id()));
        assert!(export.starters.contains("services/a"));
        assert!(export.notes.iter().any(|it| it.starts_with("services/a: ")));
    }
    let export = export("x(a{technology=aspnet})");
    assert!(export.files.is_empty() && export.starters.is_empty());
    assert!(
        export.notes[0].contains("no skeleton for ASP.NET"),
        "{:?}",
        export.notes
    );
}

#[test]
fn what_opossum_does_otherwise_than_drawn_is_named() {
    let said = |call: &str| {
        let notation = format!("x(a{{technology=express}}, b); a -> b{{{call}}}");
        export(&notation).notes.join("\n")
    };
    let notes = said("timeout=9 breaker");
    for words in ["one trial call", "the calls of a time", "4xx"] {
        assert!(notes.contains(words), "{words}: {notes}");
    }
    assert!(
        !notes.contains("slow") && !notes.contains("no timeout"),
        "{notes}"
    );
    let notes = said("bulkhead=3");
    assert!(
        !notes.contains("opossum") && notes.contains("no timeout is drawn"),
        "{notes}"
    );
}

/// A Python text without what stands in double quotes.
fn without_texts(text: &str) -> String {
    let mut kept = String::new();
    let (mut is_inside, mut is_escaped) = (false, false);
    for character in text.chars() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_inside => is_escaped = true,
            '"' => is_inside = !is_inside,
            '\n' => {
                assert!(!is_inside, "a text goes on: {text}");
                kept.push('\n');
            }
            it if !is_inside => kept.push(it),
            _ => {}
        }
    }
    kept
}

/// A hostile design whose service `a` is of this stack and has sound operations, too.
fn hostile(stack: &str, text: &str) -> Model {
    let mut model = design(text);
    let id = ServiceId::new("a").unwrap();
    let mut service = model.services[&id].as_ref().clone();
    stack.clone_into(&mut service.technology);
    service.operations.push(Operation {
        name: text.to_owned(),
        method: "POST".to_owned(),
        path: "/sound/{id}".to_owned(),
        kind: None,
    });
    model.services.insert(id, service.into());
    model
}

#[test]
fn a_hostile_text_stays_a_text_in_python() {
    let declaration = |text: &str| {
        let file = file(&hostile("fastapi", text), "services/a/app/design.py");
        let (_, code) = file.split_once("from ").unwrap();
        without_texts(code)
    };
    for text in HOSTILE {
        assert_eq!(declaration(text), declaration(HARMLESS), "{text:?}");
        let routes = file(&hostile("fastapi", text), "services/a/app/routes.py");
        let (_, code) = routes.split_once("router = APIRouter()").unwrap();
        let code = without_texts(code);
        assert!(
            code.contains("@router.post(\n    ,\n    summary=,\n)\nasync def "),
            "{code}"
        );
        let is_code = |it: &str| {
            let known = [
                "@router.",
                "    ,",
                "    summary=,",
                "    tags=",
                ")",
                "async def ",
                "    callers: Callers,",
                "    id: str,",
                "    return await answer(callers)",
            ];
            it.is_empty() || known.iter().any(|known| it.starts_with(known))
        };
        assert!(code.lines().all(is_code), "{text:?}: {code}");
    }
}

#[test]
fn a_hostile_text_stays_a_text_in_javascript() {
    for text in HOSTILE {
        let model = hostile("express", text);
        let design = declared(&file(&model, "services/a/src/design.js"));
        assert_eq!(design["description"].as_str(), Some(*text));
        let mut links = design["links"].as_array().unwrap().iter();
        assert!(links.all(|it| it["fallback"].as_str() == Some(*text)));
        let routes = file(&model, "services/a/src/routes.js");
        let handlers = routes.lines().filter(|it| it.contains("router."));
        let mut paths = handlers.map(|it| it.split('\'').nth(1).unwrap());
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "/:-_.~".contains(it);
        assert!(
            paths.all(|it| it.chars().all(is_plain)),
            "{text:?}: {routes}"
        );
    }
}
