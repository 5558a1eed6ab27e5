//! GitLab CI/CD: one pipeline that tests each service, checks the generated
//! configuration, and builds, scans and publishes the images.
//!
//! Every job runs in an image of its own without a privileged runner. Names of jobs have
//! a prefix, because a service may be called `image` or `cache`, which are keywords. What
//! a design says reaches a shell only as a variable.
//! Reference: <https://docs.gitlab.com/ci/yaml/>.

mod fields;
mod images;
mod stack;

#[cfg(test)]
mod tests;

use super::{
    Export, ExportError, Exporter,
    fields::Scope,
    pipeline::{self, Check, Group, Plan},
    yaml::{Map, Value},
};
use crate::model::{Ci, Model};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "gitlab-ci",
    title: "GitLab CI",
    purpose: "CI",
    checked_by: &["gitlab-ci-local", "gitlab-ci-verify", "GitLab's schema"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// Whether a pipeline is for what was merged.
const ON_DEFAULT: &str = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH";

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    if let Some(note) = pipeline::other_ci(model, Ci::GitlabCi) {
        export.notes.push(note);
        return Ok(export);
    }
    let plan = pipeline::plan(model);
    let mut file = head(&plan);
    for group in &plan.tests {
        file.set(group.id.as_str(), test(group));
    }
    let mut unchecked = plan.unchecked.join("\n");
    for it in &plan.checks {
        let comment = std::mem::take(&mut unchecked);
        file.set_with_comment(it.id.as_str(), check(it), comment);
    }
    for (number, services) in plan.images.iter().enumerate() {
        for (name, job, comment) in images::jobs(model, services) {
            file.set_with_comment(pipeline::numbered(name, number), job, comment);
        }
    }
    let title = "Tests every service, checks the generated configuration, builds, scans and \
                 publishes the images.";
    let path = ".gitlab-ci.yml".to_owned();
    export.files.insert(path, file.to_file(title));
    export.notes = plan.notes;
    export.notes.push(
        "GitLab itself does not watch for newer versions of images and packages: let Renovate do it, which reads .gitlab-ci.yml, the Dockerfiles, compose.yaml and every lock file here."
            .to_owned(),
    );
    Ok(export)
}

/// When it runs, in what order, and what holds for every job.
fn head(plan: &Plan<'_>) -> Map {
    let mut file = Map::spaced();
    let mut stages = vec!["test".to_owned()];
    if !plan.images.is_empty() {
        stages.extend(["build", "scan", "publish"].map(str::to_owned));
    }
    file.set("stages", Value::Lines(stages));
    let mine = Map::from([(
        "if",
        "$CI_PIPELINE_SOURCE == \"merge_request_event\"".into(),
    )]);
    let merged = Map::from([
        ("if", ON_DEFAULT.into()),
        (
            "auto_cancel",
            Value::from([("on_new_commit", "none".into())]),
        ),
    ]);
    let rules: Vec<Value> = vec![mine.into(), merged.into()];
    file.set_with_comment(
        "workflow",
        Value::from([
            (
                "auto_cancel",
                Value::from([("on_new_commit", "interruptible".into())]),
            ),
            ("rules", rules.into()),
        ]),
        "A newer commit ends the pipelines of a merge request, but none of what was merged.",
    );
    let retry = Value::from([
        ("max", Value::from(1_u32)),
        (
            "when",
            ["runner_system_failure", "scheduler_failure"].into(),
        ),
    ]);
    file.set_with_comment(
        "default",
        Value::from([
            ("interruptible", true.into()),
            ("timeout", minutes(pipeline::TEST_MINUTES)),
            ("retry", retry),
        ]),
        "Only what a runner did wrong is tried again, never what a script found.",
    );
    file.set("variables", Value::from([("GIT_DEPTH", "1".into())]));
    file
}

fn minutes(minutes: u32) -> Value {
    format!("{minutes} minutes").into()
}

/// An image whose own program does not start, so that a script can.
fn shell_of(image: &str) -> Map {
    Map::from([("name", image.into()), ("entrypoint", [""].into())])
}

fn matrix(services: &[&str]) -> Value {
    let services: Vec<Value> = services.iter().map(|it| Value::from(*it)).collect();
    let entry = Map::from([("SERVICE", Value::List(services))]);
    let entries: Vec<Value> = vec![entry.into()];
    Value::from([("matrix", Value::List(entries))])
}

fn test(group: &Group<'_>) -> Map {
    let toolchain = pipeline::toolchain(group.stack);
    let mut job = Map::from([
        ("stage", "test".into()),
        ("image", toolchain.image.into()),
        ("parallel", matrix(&group.services)),
    ]);
    job.merge(stack::settings(group.stack));
    let folder = "cd \"services/${SERVICE}\" || exit 1".to_owned();
    let setup = toolchain.setup.iter().map(|it| (*it).to_owned());
    let before = std::iter::once(folder).chain(setup);
    job.set("before_script", Value::Lines(before.collect()));
    let commands = pipeline::commands(group.stack).iter();
    let lines = commands.flat_map(|(_, lines)| lines.iter());
    let lines = lines.map(|it| (*it).to_owned()).collect();
    job.set("script", Value::Lines(lines));
    job
}

fn check(check: &Check) -> Map {
    let mut image = shell_of(&check.image);
    image.set("docker", Value::from([("user", "root".into())]));
    let mut job = Map::from([
        ("stage", "test".into()),
        ("image", image.into()),
        ("timeout", minutes(pipeline::CHECK_MINUTES)),
    ]);
    if !check.file.is_empty() {
        let exists = Value::Lines(vec![check.file.to_owned()]);
        let rules: Vec<Value> = vec![Map::from([("exists", exists)]).into()];
        job.set("rules", rules);
    }
    if !check.variables.is_empty() {
        let variables = check.variables.iter();
        let variables: Map = variables.map(|(name, it)| (*name, it.as_str())).collect();
        job.set("variables", variables);
    }
    let script: Vec<Value> = vec![Value::Block(check.script.to_owned())];
    job.set("script", script);
    job
}
