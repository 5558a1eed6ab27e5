//! What the workflow says, read back.

use saphyr::{LoadableYamlNode as _, Yaml};

use super::EXPORTER;
use crate::model::testing::model;

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
fn a_design_without_code_of_its_own_has_its_configuration_checked_all_the_same() {
    let text = workflow("x(d:database{technology=postgres})");
    assert!(
        text.contains("docker compose") && !text.contains("images:"),
        "{text}"
    );
}
