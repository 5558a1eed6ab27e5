//! GitHub Actions: one workflow that tests each service, checks the generated
//! configuration, and builds and pushes the images.
//!
//! No right is granted that a job does not use, every action stands at a commit, and
//! what a design says reaches a shell only as an environment variable. GitHub replaces
//! `${{ … }}` in every value, so a text with that in it is left out.
//! Reference: <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>.

mod fields;
mod images;
mod pins;
mod stack;
mod step;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Origin, Stack},
    fields::Scope,
    yaml::{Map, Value},
};
use crate::model::{Ci, Model};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "github-actions",
    title: "GitHub Actions",
    purpose: "CI",
    checked_by: &["actionlint", "shellcheck", "zizmor"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// Where every job runs; a name that GitHub does not move to another system.
const RUNNER: &str = "ubuntu-24.04";
/// Checks Dockerfiles in the workflow.
const HADOLINT_IMAGE: &str = "hadolint/hadolint:v2.14.0-alpine";

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    if model.ci.unwrap_or_default() != Ci::GithubActions {
        export.notes.push(format!(
            "This design is built by {}: the system's settings say which it is.",
            model.ci.unwrap_or_default().label()
        ));
        return Ok(export);
    }
    let mut by_stack: BTreeMap<Stack, Vec<&str>> = BTreeMap::new();
    for (id, service) in &model.services {
        match bundle::origin(service) {
            Origin::Ours(stack) => by_stack.entry(stack).or_default().push(id.as_str()),
            Origin::Foreign if service.kind.is_our_code() && service.image.is_empty() => {
                export.notes.push(format!(
                    "{id} is neither tested nor built: how to is known for {} only.",
                    Stack::ALL.map(Stack::id).join(", ")
                ));
            }
            Origin::Foreign | Origin::Program(_) => {}
        }
    }
    let mut jobs = Map::spaced();
    for (stack, services) in &by_stack {
        jobs.set(format!("test-{}", stack.id()), test(*stack, services));
    }
    jobs.set(
        "configuration",
        configuration(model, &by_stack, &mut export.notes),
    );
    if !by_stack.is_empty() {
        jobs.set("images", images::job(model, &by_stack));
    }
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
    file.set(
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
    );
    file.set("jobs", jobs);
    let title =
        "Tests every service, checks the generated configuration, builds and pushes the images.";
    export
        .files
        .insert(".github/workflows/ci.yml".to_owned(), file.to_file(title));
    Ok(export)
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

fn test(stack: Stack, services: &[&str]) -> Map {
    let mut job = job("test ${{ matrix.service }}", 15, &[READ_CODE]);
    job.set("strategy", matrix(services));
    job.set(
        "defaults",
        Value::from([(
            "run",
            Value::from([
                ("working-directory", "services/${{ matrix.service }}".into()),
                ("shell", "bash".into()),
            ]),
        )]),
    );
    let mut steps = vec![step::checkout()];
    steps.extend(stack::steps(stack));
    job.set("steps", steps);
    job
}

fn configuration(
    model: &Model,
    by_stack: &BTreeMap<Stack, Vec<&str>>,
    notes: &mut Vec<String>,
) -> Map {
    let mut job = job("check generated configuration", 10, &[READ_CODE]);
    let mut steps = vec![
        step::checkout(),
        step::run(
            "Compose",
            "docker compose --env-file .env.example config --quiet 2> warnings.txt\n\
             cat warnings.txt\n\
             test ! -s warnings.txt\n",
        ),
    ];
    for gateway in bundle::gateways_of(model, "nginx") {
        let (id, service, path) = (gateway.id, gateway.service, gateway.path("nginx.conf"));
        let mut hosts: Vec<_> = model
            .routes_of(id)
            .filter(|(_, it)| {
                model
                    .services
                    .get(&it.service)
                    .is_some_and(|it| bundle::is_container(it))
            })
            .map(|(_, it)| bundle::host(&it.service))
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        let usual = crate::model::technology::find("nginx").and_then(|it| it.image);
        let usual = usual.unwrap_or("nginx");
        let is_usable = !service.image.is_empty() && is_image_name(&service.image);
        if !is_usable && !service.image.is_empty() {
            notes.push(format!(
                "{id} is checked with {usual}: its own image has no usable name."
            ));
        }
        let environment = Map::from([
            ("CONFIGURATION", path.into()),
            ("HOSTS", hosts.join(" ").into()),
            (
                "IMAGE",
                if is_usable {
                    service.image.as_str()
                } else {
                    usual
                }
                .into(),
            ),
        ]);
        steps.push(step::run_with(
            &format!("nginx of {id}"),
            NGINX_CHECK,
            environment,
        ));
    }
    if !by_stack.is_empty() {
        let environment = Map::from([("IMAGE", HADOLINT_IMAGE.into())]);
        steps.push(step::run_with("Dockerfiles", HADOLINT_CHECK, environment));
    }
    job.set(
        "defaults",
        Value::from([("run", Value::from([("shell", "bash".into())]))]),
    );
    job.set("steps", steps);
    job
}

/// Names of services resolve only beside them, so here they are all this machine.
const NGINX_CHECK: &str = "\
arguments=(--rm --network none --read-only --tmpfs /tmp)
for host in ${HOSTS}; do
  arguments+=(--add-host \"${host}:127.0.0.1\")
done
docker run \"${arguments[@]}\" --volume \"${PWD}/${CONFIGURATION}:/etc/nginx/nginx.conf:ro\" \\
  \"${IMAGE}\" nginx -t 2>&1 | tee nginx.txt
if grep --fixed-strings '[warn]' nginx.txt; then
  exit 1
fi
";

const HADOLINT_CHECK: &str = "\
for file in services/*/Dockerfile; do
  echo \"${file}\"
  docker run --rm --interactive --network none \"${IMAGE}\" hadolint - < \"${file}\"
done
";

/// Whether a text can be nothing but the name of an image.
fn is_image_name(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || "._-/:@".contains(it))
}
