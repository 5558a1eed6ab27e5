//! What the pipeline says, read back.

use saphyr::{LoadableYamlNode as _, Yaml};

use super::EXPORTER;
use crate::{
    export::{bundle, hostile},
    model::{Ci, Model, testing::model},
};

const PATH: &str = ".gitlab-ci.yml";
/// Keys of a pipeline that are no jobs.
const GLOBAL: &[&str] = &["stages", "workflow", "default", "variables"];

fn pipeline_of(mut model: Model) -> String {
    model.ci = Some(Ci::GitlabCi);
    let export = (EXPORTER.export)(&model).unwrap();
    export.files[PATH].clone()
}

fn pipeline(notation: &str) -> String {
    pipeline_of(model(notation))
}

fn read(text: &str) -> Yaml<'_> {
    let documents = Yaml::load_from_str(text).unwrap_or_else(|it| panic!("{it}\n{text}"));
    documents.into_iter().next().unwrap()
}

fn jobs<'a>(file: &'a Yaml<'_>) -> Vec<(&'a str, &'a Yaml<'a>)> {
    let all = file.as_mapping().unwrap().iter();
    let all = all.map(|(name, job)| (name.as_str().unwrap(), job));
    all.filter(|(name, _)| !GLOBAL.contains(name)).collect()
}

fn texts(list: &Yaml<'_>) -> Vec<String> {
    let texts = list.as_sequence().into_iter().flatten();
    texts.map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn it_is_written_only_where_the_design_says_gitlab() {
    for (ci, count) in [
        (None, 0),
        (Some(Ci::GithubActions), 0),
        (Some(Ci::GitlabCi), 1),
    ] {
        let mut design = model("x(a{technology=go})");
        design.ci = ci;
        let export = (EXPORTER.export)(&design).unwrap();
        assert_eq!(export.files.len(), count, "{ci:?}");
        let is_other = export.notes.iter().any(|it| it.contains("is built by"));
        assert_eq!(is_other, count == 0, "{:?}", export.notes);
        // Whoever pins versions has to hear of newer ones.
        let is_watched = export.notes.iter().any(|it| it.contains("Renovate"));
        assert_eq!(is_watched, count == 1, "{:?}", export.notes);
    }
}

#[test]
fn every_service_is_tested_by_its_stack_and_its_image_is_scanned_before_it_gets_its_name() {
    let text = pipeline("x(a{technology=go}, b{technology=fastapi}, c{technology=go})");
    let file = read(&text);
    let tested = &file["test-go"]["parallel"]["matrix"][0]["SERVICE"];
    assert_eq!(texts(tested), ["a", "c"]);
    let script = texts(&file["test-fastapi"]["script"]);
    assert!(
        script.contains(&"python -m pytest".to_owned()),
        "{script:?}"
    );
    assert_eq!(texts(&file["stages"]), ["test", "build", "scan", "publish"]);
    for (job, stage) in [
        ("image-build", "build"),
        ("image-scan", "scan"),
        ("image-publish", "publish"),
    ] {
        assert_eq!(file[job]["stage"].as_str(), Some(stage));
        let services = &file[job]["parallel"]["matrix"][0]["SERVICE"];
        assert_eq!(texts(services), ["a", "b", "c"]);
    }
}

#[test]
fn nothing_is_pushed_but_what_was_merged() {
    let text = pipeline("x(a{technology=axum})");
    let file = read(&text);
    for job in ["image-scan", "image-publish"] {
        let rules = &file[job]["rules"];
        assert_eq!(rules.as_sequence().map(Vec::len), Some(1));
        assert_eq!(rules[0]["if"].as_str(), Some(super::ON_DEFAULT));
    }
    let build = texts(&file["image-build"]["script"]).join("");
    let (before, pushing) = build.split_once("if [ ").unwrap();
    let (pushing, after) = pushing.split_once("\nfi\n").unwrap();
    assert!(pushing.contains("push=true") && pushing.contains("export-cache"));
    for always in [before, after] {
        assert!(!always.contains("push") && !always.contains("export"));
    }
    assert_eq!(
        file["image-publish"]["interruptible"].as_bool(),
        Some(false)
    );
}

#[test]
fn an_older_pipeline_does_not_take_the_name_of_the_latest() {
    let text = pipeline("x(a{technology=go})");
    let file = read(&text);
    let build = texts(&file["image-build"]["script"]).join("");
    assert!(build.contains("label:com.gitlab.pipeline=${CI_PIPELINE_IID}"));
    let publish = &file["image-publish"];
    let group = publish["resource_group"].as_str();
    assert_eq!(group, Some("publish-${SERVICE}"));
    let script = texts(&publish["script"]).join("");
    let (before, after) = script
        .split_once("if [ \"${latest}\" -gt \"${CI_PIPELINE_IID}\" ]; then\n")
        .unwrap();
    assert!(before.contains("skopeo inspect") && !before.contains(":latest\"\n"));
    let (kept, taken) = after.split_once("else\n").unwrap();
    assert!(!kept.contains("skopeo copy"), "{kept}");
    assert!(taken.contains("skopeo copy --all"), "{taken}");
}

#[test]
fn jobs_end_need_no_rights_and_come_again_only_if_a_runner_failed() {
    let text = pipeline("x(g:gateway, a{technology=express}); g/a -> a");
    let file = read(&text);
    let default = &file["default"];
    assert_eq!(default["timeout"].as_str(), Some("15 minutes"));
    let reasons = texts(&default["retry"]["when"]);
    assert!(!reasons.is_empty() && !reasons.contains(&"always".to_owned()));
    assert!(!reasons.contains(&"script_failure".to_owned()));
    for (name, job) in jobs(&file) {
        assert!(job.as_mapping_get("services").is_none(), "{name}");
        assert!(job.as_mapping_get("image").is_some(), "{name}");
    }
    assert!(!text.contains("dind") && !text.contains("docker.sock"));
}

#[test]
fn ids_that_are_keywords_are_services_all_the_same() {
    let ids = [
        "image",
        "cache",
        "services",
        "default",
        "stages",
        "variables",
        "no",
        "1e3",
        "pages",
    ];
    let services: Vec<_> = ids
        .iter()
        .map(|it| format!("{it}{{technology=go}}"))
        .collect();
    let text = pipeline(&format!("x({}, include:gateway)", services.join(", ")));
    let file = read(&text);
    let matrix = texts(&file["test-go"]["parallel"]["matrix"][0]["SERVICE"]);
    assert!(ids.iter().all(|it| matrix.contains(&(*it).to_owned())));
    for (name, _) in jobs(&file) {
        let prefixes = ["test-", "check-", "image-"];
        assert!(prefixes.iter().any(|it| name.starts_with(it)), "{name}");
    }
}

#[test]
fn a_hostile_text_changes_nothing() {
    let written = |text: &str| {
        let design = hostile::design(text);
        let name = bundle::system(&design);
        pipeline_of(design).replace(&format!("/{name}-"), "/system-")
    };
    let harmless = written(hostile::HARMLESS);
    for text in hostile::HOSTILE {
        assert_eq!(written(text), harmless, "{text:?}");
    }
}
