//! What the workflow says, read back.

use saphyr::{LoadableYamlNode as _, Yaml};

use super::EXPORTER;
use crate::{
    export::{bundle::Stack, pipeline},
    model::testing::model,
};

fn workflow(notation: &str) -> String {
    let export = (EXPORTER.export)(&model(notation)).unwrap();
    export.files[".github/workflows/ci.yml"].clone()
}

#[test]
fn every_service_is_tested_by_its_stack_and_built_after_that() {
    let text = workflow(
        "x(a{technology=go}, b{technology=fastapi}, c{technology=go}, d{technology=cobol})",
    );
    let documents = Yaml::load_from_str(&text).unwrap();
    let jobs = &documents[0]["jobs"];
    let matrix = &jobs["test-go"]["strategy"]["matrix"]["service"];
    assert_eq!(
        (matrix[0].as_str(), matrix[1].as_str()),
        (Some("a"), Some("c"))
    );
    assert_eq!(jobs["images"]["needs"].as_sequence().map(Vec::len), Some(3));
    assert_eq!(
        jobs["images"]["permissions"]["packages"].as_str(),
        Some("write")
    );
    assert!(
        text.contains(
            "
permissions: {}
"
        ),
        "{text}"
    );
}

#[test]
fn every_job_has_few_rights_and_an_end_and_every_action_stands_at_a_commit() {
    let text = workflow("x(g:gateway, a{technology=axum}, b{technology=aspnet}); g/a -> a");
    let documents = Yaml::load_from_str(&text).unwrap();
    let jobs = documents[0]["jobs"].as_mapping().unwrap();
    for (name, job) in jobs {
        assert!(job["timeout-minutes"].as_integer().is_some(), "{name:?}");
        assert_eq!(
            job["permissions"]["contents"].as_str(),
            Some("read"),
            "{name:?}"
        );
        for step in job["steps"].as_sequence().unwrap() {
            let Some(uses) = step.as_mapping_get("uses").and_then(|it| it.as_str()) else {
                continue;
            };
            let commit = uses.split_once('@').unwrap().1;
            assert!(
                commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit()),
                "{uses}"
            );
            if uses.starts_with("actions/checkout") {
                assert_eq!(step["with"]["persist-credentials"].as_bool(), Some(false));
            }
        }
    }
}

#[test]
fn what_another_compiler_built_is_never_restored() {
    let text = workflow("x(a{technology=axum})");
    let version = pipeline::toolchain(Stack::Axum).version;
    let key = format!("key: \"cargo-{version}-${{{{ runner.os }}}}-");
    assert!(text.contains(&key), "{text}");
}

#[test]
fn a_design_without_code_of_its_own_has_its_configuration_checked_all_the_same() {
    let text = workflow("x(d:database{technology=postgres})");
    assert!(
        text.contains("docker compose") && !text.contains("images:"),
        "{text}"
    );
}

#[test]
fn an_image_is_scanned_before_anybody_logs_in_or_pushes() {
    let text = workflow("x(a{technology=go})");
    let documents = Yaml::load_from_str(&text).unwrap();
    let steps = documents[0]["jobs"]["images"]["steps"]
        .as_sequence()
        .unwrap();
    let of = |name: &str| {
        let mut steps = steps.iter();
        let is_it = |it: &Yaml<'_>| it.as_mapping_get("name").and_then(Yaml::as_str) == Some(name);
        steps.position(is_it).unwrap()
    };
    assert!(of("Build") < of("Scan") && of("Scan") < of("Log in") && of("Log in") < of("Push"));
    let pushing = |it: &Yaml<'_>| {
        let settings = it.as_mapping_get("with");
        settings.is_some_and(|it| it.as_mapping_get("push").is_some())
    };
    let pushing: Vec<_> = steps.iter().filter(|it| pushing(it)).collect();
    assert_eq!(pushing.len(), 1);
    assert_eq!(
        pushing[0]["if"].as_str(),
        Some("github.event_name == 'push'")
    );
}

#[test]
fn configuration_is_checked_in_containers_that_reach_nobody() {
    let text = workflow("x(g:gateway, h:gateway{technology=haproxy}, a); g/a -> a; h/a -> a");
    let documents = Yaml::load_from_str(&text).unwrap();
    let steps = &documents[0]["jobs"]["configuration"]["steps"];
    let steps = steps.as_sequence().unwrap();
    let checks: Vec<_> = steps
        .iter()
        .filter_map(|it| Some((it.as_mapping_get("run")?.as_str()?, it)))
        .collect();
    assert!(checks.iter().any(|(it, _)| it.contains("haproxy -c -dW")));
    for (run, step) in checks {
        let is_conditional = step.as_mapping_get("if").is_some();
        assert!(run.contains("--network none") || is_conditional, "{run}");
        assert!(run.ends_with("\nCHECK\n"), "{run}");
    }
}
