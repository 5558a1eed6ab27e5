//! GitHub Actions: one workflow that tests each service, checks the generated
//! configuration, and builds, scans and pushes the images.
//!
//! No right is granted that a job does not use, every action stands at a commit, and
//! what a design says reaches a shell only as an environment variable. GitHub replaces
//! `${{ … }}` in every value, so a text with that in it is left out.
//! Reference: <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>.

mod checks;
mod dependabot;
mod fields;
mod images;
mod pins;
mod stack;
mod step;

#[cfg(test)]
mod tests;

use super::{
    Export, ExportError, Exporter,
    fields::Scope,
    pipeline::{self, Group, Plan},
    yaml::{Map, Value},
};
use crate::model::{Ci, Model};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "github-actions",
    title: "GitHub Actions",
    purpose: "CI",
    checked_by: &["actionlint", "shellcheck", "zizmor", "act"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// Where every job runs; a name that GitHub does not move to another system.
const RUNNER: &str = "ubuntu-24.04";

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    if let Some(note) = pipeline::other_ci(model, Ci::GithubActions) {
        export.notes.push(note);
        return Ok(export);
    }
    let plan = pipeline::plan(model);
    let mut file = head();
    file.set("jobs", jobs(model, &plan));
    let title = "Tests every service, checks the generated configuration, builds, scans and \
                 pushes the images.";
    let path = ".github/workflows/ci.yml".to_owned();
    export.files.insert(path, file.to_file(title));
    let path = ".github/dependabot.yml".to_owned();
    export.files.insert(path, dependabot::file(model, &plan));
    export.notes = plan.notes;
    export.notes.push(
        "Dependabot does not see the images that the workflow's own checks and scans run in (IMAGE): raise those by hand."
            .to_owned(),
    );
    Ok(export)
}

/// When it runs, with what rights, and what ends a run.
fn head() -> Map {
    let mut file = Map::spaced();
    file.set("name", "ci");
    let main = Value::from([("branches", ["main"].into())]);
    file.set(
        "on",
        Value::from([("push", main.clone()), ("pull_request", main)]),
    );
    file.set_with_comment(
        "permissions",
        Map::default(),
        "No right but those a job asks for.",
    );
    file.set_with_comment(
        "concurrency",
        Value::from([
            (
                "group",
                "ci-${{ github.workflow }}-${{ github.ref }}".into(),
            ),
            (
                "cancel-in-progress",
                "${{ github.event_name == 'pull_request' }}".into(),
            ),
        ]),
        "A newer commit ends the run of a pull request; what was merged waits for its turn.",
    );
    file
}

fn jobs(model: &Model, plan: &Plan<'_>) -> Map {
    let mut jobs = Map::spaced();
    for group in &plan.tests {
        jobs.set(group.id.as_str(), test(group));
    }
    let unchecked = plan.unchecked.join("\n");
    jobs.set_with_comment("configuration", checks::job(&plan.checks), unchecked);
    for (number, services) in plan.images.iter().enumerate() {
        let id = pipeline::numbered("images", number);
        jobs.set(id, images::job(model, plan, services));
    }
    jobs
}

fn job(name: &str, minutes: u32, rights: &[(&str, &'static str, &'static str)]) -> Map {
    let mut job = Map::from([
        ("name", name.into()),
        ("runs-on", RUNNER.into()),
        ("timeout-minutes", minutes.into()),
    ]);
    let rights: Map = rights
        .iter()
        .map(|(right, level, why)| (*right, Value::Noted((*level).to_owned(), why)))
        .collect();
    job.set("permissions", rights);
    job
}

const READ_CODE: (&str, &str, &str) = ("contents", "read", "to check the code out");

fn matrix(services: &[&str]) -> Value {
    let services: Vec<Value> = services.iter().map(|it| Value::from(*it)).collect();
    Value::from([
        ("fail-fast", false.into()),
        ("matrix", Value::from([("service", Value::List(services))])),
    ])
}

/// What every `run` of a job is run by, and where.
fn defaults(folder: Option<&str>) -> Value {
    let folder = folder.map(|it| ("working-directory", Value::from(it)));
    let settings: Map = folder
        .into_iter()
        .chain([("shell", "bash".into())])
        .collect();
    Value::from([("run", settings.into())])
}

fn test(group: &Group<'_>) -> Map {
    let name = "test ${{ matrix.service }}";
    let mut job = job(name, pipeline::TEST_MINUTES, &[READ_CODE]);
    job.set("strategy", matrix(&group.services));
    job.set("defaults", defaults(Some(stack::FOLDER)));
    let mut steps = vec![step::checkout()];
    steps.extend(stack::steps(group.stack));
    job.set("steps", steps);
    job
}
