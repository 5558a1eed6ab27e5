//! FastAPI: a service with its breakers on the package `circuitbreaker`, and its tests.
//!
//! `files/` holds what is the same for every service and is linted, typed and tested as
//! it stands. The declaration and the routes are written here, one item a line, so that
//! the formatter finds nothing to change.
//! Reference: <https://fastapi.tiangolo.com/reference/>.

mod literal;

use std::{collections::BTreeSet, fmt::Write as _};

use super::plan::{self, Link, Offered, Plan, Store};
use crate::{
    export::FileSet,
    model::{Model, Service, ServiceId},
};

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("files/", $path)))),*]
    };
}

/// What a server and a job both have.
const COMMON: &[(&str, &str)] = files![
    "app/__init__.py",
    "app/breaker.py",
    "app/caller.py",
    "app/context.py",
    "app/logging_setup.py",
    "app/settings.py",
    "requirements-dev.txt",
    "requirements.txt",
    "tests/__init__.py",
    "tests/conftest.py",
    "tests/support.py",
    "tests/test_breaker.py",
    "tests/test_caller.py",
    "tests/test_logging.py",
    "tests/test_settings.py",
];
const SERVER: &[(&str, &str)] = files![
    "app/answers.py",
    "app/application.py",
    "app/fallbacks.py",
    "app/main.py",
    "app/metrics.py",
    "app/observe.py",
    "tests/test_service.py",
];
const JOB: &[(&str, &str)] = files!["app/job.py", "tests/test_job.py"];
const PYPROJECT: &str = include_str!("files/pyproject.toml");

/// The files of one service, by their path in its folder.
pub(super) fn files(model: &Model, id: &ServiceId, service: &Service) -> FileSet {
    let plan = plan::of(model, id, service);
    let own = if plan.is_job() { JOB } else { SERVER };
    let all = COMMON.iter().chain(own);
    let mut files: FileSet = all
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let name = format!("name = \"{id}\"");
    let pyproject = PYPROJECT.replacen("name = \"service\"", &name, 1);
    files.insert("pyproject.toml".to_owned(), pyproject);
    files.insert("app/design.py".to_owned(), design(&plan));
    if !plan.is_job() {
        files.insert("app/routes.py".to_owned(), routes(&plan.operations));
    }
    files
}

/// What the design says of the service, as a declaration.
fn design(plan: &Plan<'_>) -> String {
    let mut imports = vec!["Design"];
    imports.extend((!plan.links.is_empty()).then_some("Link"));
    imports.extend((!plan.stores.is_empty()).then_some("Store"));
    let mut text = format!(
        "\"\"\"What the design says of this service. The numbers of its calls stand in the environment.\"\"\"\n\n\
         from app.settings import {}\n\n\
         DESIGN = Design(\n",
        imports.join(", ")
    );
    let said = [
        ("service", literal::text(plan.id.as_str())),
        ("title", literal::text(plan.title())),
        ("description", literal::text(&plan.service.description)),
        ("health_path", literal::text(plan.health_path)),
        ("metrics_path", literal::text(plan.metrics_path)),
    ];
    for (name, value) in said {
        writeln!(text, "    {name}={value},").unwrap_or_default();
    }
    if !plan.links.is_empty() {
        text.push_str("    links=(\n");
        plan.links.iter().for_each(|it| link(&mut text, it));
        text.push_str("    ),\n");
    }
    if !plan.stores.is_empty() {
        text.push_str(
            "    # Each wants a client of its own: open it in the application's lifespan, with\n",
        );
        text.push_str("    # the address that Settings.stores has, and the password from its secret's file.\n");
        text.push_str("    stores=(\n");
        plan.stores.iter().for_each(|it| store(&mut text, it));
        text.push_str("    ),\n");
    }
    text.push_str(")\n");
    text
}

fn link(text: &mut String, link: &Link<'_>) {
    let dependency = link.call.dependency;
    let fallback = dependency.fallback.as_ref();
    let fallback = fallback.map(|it| it.description.as_str());
    let said = [
        ("name", literal::text(&link.name)),
        ("prefix", literal::text(&link.prefix)),
        ("address", literal::text(&link.address)),
        ("method", literal::text(link.method)),
        ("path", literal::text(&link.path)),
        (
            "hard",
            literal::truth(Some(dependency.is_hard())).to_owned(),
        ),
        (
            "idempotent",
            literal::truth(dependency.idempotent).to_owned(),
        ),
        ("fallback", literal::optional(fallback)),
    ];
    text.push_str("        Link(\n");
    for (name, value) in said {
        writeln!(text, "            {name}={value},").unwrap_or_default();
    }
    text.push_str("        ),\n");
}

fn store(text: &mut String, store: &Store<'_>) {
    text.push_str("        Store(\n");
    let (name, technology) = (literal::text(&store.name), literal::text(store.technology));
    writeln!(text, "            name={name},").unwrap_or_default();
    writeln!(text, "            technology={technology},").unwrap_or_default();
    text.push_str("            variables=(\n");
    for variable in &store.variables {
        let variable = literal::text(variable);
        writeln!(text, "                {variable},").unwrap_or_default();
    }
    text.push_str("            ),\n        ),\n");
}

/// One function an operation.
fn routes(operations: &[Offered]) -> String {
    let mut text = String::from(
        "\"\"\"What the service can be asked. The work of an operation goes into its function; until then\n\
         it asks everybody the service depends on.\"\"\"\n\n\
         from fastapi import APIRouter\n\n\
         from app.answers import Answer, Callers, answer\n\n\
         router = APIRouter()\n",
    );
    let mut taken = BTreeSet::new();
    for operation in operations {
        route(&mut text, operation, &mut taken);
    }
    text
}

fn route(text: &mut String, operation: &Offered, taken: &mut BTreeSet<String>) {
    let function = function(operation, taken);
    let method = operation.method.to_ascii_lowercase();
    let path = operation.path(|it| format!("{{{}}}", literal::name(it)));
    let (path, summary) = (literal::text(&path), literal::text(&operation.name));
    writeln!(text, "\n\n@router.{method}(\n    {path},").unwrap_or_default();
    writeln!(text, "    summary={summary},").unwrap_or_default();
    if let Some(kind) = operation.kind {
        writeln!(text, "    tags=[\"{kind}\"],").unwrap_or_default();
    }
    writeln!(text, ")\nasync def {function}(\n    callers: Callers,").unwrap_or_default();
    for parameter in operation.parameters() {
        let parameter = literal::name(parameter);
        writeln!(text, "    {parameter}: str,").unwrap_or_default();
    }
    text.push_str(") -> Answer:\n    return await answer(callers)\n");
}

/// A name for the operation's function that no other has.
fn function(operation: &Offered, taken: &mut BTreeSet<String>) -> String {
    let mut words = plan::words(&operation.name);
    if words.is_empty() {
        words = plan::words(&operation.path(str::to_owned));
    }
    words.retain(|it| it.len() <= 40);
    words.truncate(6);
    if words.is_empty() || words[0].starts_with(|it: char| it.is_ascii_digit()) {
        words.insert(0, operation.method.to_ascii_lowercase());
    }
    let usual = literal::name(&words.join("_"));
    let mut name = usual.clone();
    let mut number = 2_u32;
    while !taken.insert(name.clone()) {
        name = format!("{}_{number}", usual.trim_end_matches('_'));
        number += 1;
    }
    name
}
