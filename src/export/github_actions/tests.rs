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
fn a_run_that_is_not_of_the_newest_commit_does_not_take_the_name_of_the_latest() {
    let text = workflow("x(a{technology=go})");
    let documents = Yaml::load_from_str(&text).unwrap();
    let steps = documents[0]["jobs"]["images"]["steps"].as_sequence();
    let with = |id: &str| {
        let mut steps = steps.unwrap().iter();
        let is_it = |it: &&Yaml<'_>| it.as_mapping_get("id").and_then(Yaml::as_str) == Some(id);
        steps.find(is_it).unwrap()
    };
    let run = with("newest")["run"].as_str().unwrap();
    assert!(run.contains("\"${head}\" = \"${GITHUB_SHA}\""), "{run}");
    let tags = with("names")["with"]["tags"].as_str().unwrap();
    let latest = "value=latest,enable=${{ steps.newest.outputs.latest == 'true' }}\n";
    assert!(tags.ends_with(latest), "{tags}");
    let mode = documents[0]["concurrency"]["cancel-in-progress"].as_str();
    assert_eq!(mode, Some("${{ github.event_name == 'pull_request' }}"));
}

#[test]
fn whatever_stands_at_a_version_is_asked_for_newer_ones() {
    let design = model(
        "x(a{technology=go}, b{technology=fastapi}, c{technology=spring-boot}, \
         d:database{technology=postgres}, e{technology=axum}, f{technology=express})",
    );
    let export = (EXPORTER.export)(&design).unwrap();
    let documents = Yaml::load_from_str(&export.files[".github/dependabot.yml"]).unwrap();
    let updates = documents[0]["updates"].as_sequence().unwrap();
    let folders = |ecosystem: &str| -> Vec<String> {
        let mut found = updates.iter();
        let found = found.find(|it| it["package-ecosystem"].as_str() == Some(ecosystem));
        let found = found.unwrap_or_else(|| panic!("nobody asks for {ecosystem}"));
        assert_eq!(found["schedule"]["interval"].as_str(), Some("weekly"));
        let folders = found["directories"].as_sequence().unwrap().iter();
        folders.map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(folders("github-actions"), ["/"]);
    assert_eq!(folders("docker-compose"), ["/"]);
    let own = ["a", "b", "c", "e", "f"].map(|it| format!("/services/{it}"));
    assert_eq!(folders("docker"), own);
    for (ecosystem, id) in [
        ("gomod", "a"),
        ("pip", "b"),
        ("maven", "c"),
        ("cargo", "e"),
        ("npm", "f"),
    ] {
        assert_eq!(folders(ecosystem), [format!("/services/{id}")]);
    }
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
