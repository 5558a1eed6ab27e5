//! `FastAPI`: a service with its breakers on the package `circuitbreaker`, and its tests.
//!
//! `files/` holds what is the same for every service and is linted, typed and tested as
//! it stands. The declaration and the routes are written here, one item a line, so that
//! the formatter finds nothing to change.
//! Reference: <https://fastapi.tiangolo.com/reference/>.

mod literal;

use std::fmt::Write as _;

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
    "requirements-dev.txt",
    "requirements.txt",
    "tests/test_service.py",
];
const JOB: &[(&str, &str)] = &[
    ("app/job.py", include_str!("files/app/job.py")),
    (
        "requirements-dev.txt",
        include_str!("files/job/requirements-dev.txt"),
    ),
    (
        "requirements.txt",
        include_str!("files/job/requirements.txt"),
    ),
    ("tests/test_job.py", include_str!("files/tests/test_job.py")),
];
const PYPROJECT: &str = include_str!("files/pyproject.toml");
/// How the lines of its packages and its routes begin, of which a job has none.
const OF_SERVERS: [&str; 5] = [
    "    \"fastapi>",
    "    \"prometheus-client>",
    "    \"uvicorn>",
    "# Names of parameters are those of the paths.",
    "\"app/routes.py\" ",
];

/// The files of one service, by their path in its folder.
pub(super) fn files(model: &Model, id: &ServiceId, service: &Service) -> FileSet {
    let plan = plan::of(model, id, service);
    let own = if plan.is_job() { JOB } else { SERVER };
    let all = COMMON.iter().chain(own);
    let mut files: FileSet = all
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let name = format!("name = \"{id}\"");
    let is_in = |line: &&str| !plan.is_job() || !OF_SERVERS.iter().any(|it| line.starts_with(it));
    let pyproject: String = PYPROJECT.split_inclusive('\n').filter(is_in).collect();
    let pyproject = pyproject.replacen("name = \"service\"", &name, 1);
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
    let mut said = vec![
        ("service", literal::text(plan.id.as_str())),
        ("title", literal::text(plan.title())),
        ("description", literal::text(&plan.service.description)),
    ];
    if !plan.is_job() {
        said.push(("health_path", literal::text(plan.health_path)));
        said.push(("metrics_path", literal::text(plan.metrics_path)));
    }
    for (name, value) in said {
        writeln!(text, "    {name}={value},").unwrap_or_default();
    }
    if !plan.links.is_empty() {
        text.push_str("    links=(\n");
        plan.links.iter().for_each(|it| link(&mut text, it));
        text.push_str("    ),\n");
    }
    if !plan.stores.is_empty() {
        let place = if plan.is_job() {
            "before the job's work"
        } else {
            "in the application's lifespan"
        };
        writeln!(
            text,
            "    # Each wants a client of its own: open it {place}, with\n    \
             # the address that Settings.stores has, and the password from its secret's file."
        )
        .unwrap_or_default();
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
        ("prefix", literal::text(&link.call.prefix)),
        ("address", literal::text(&link.call.address)),
        ("operation", literal::text(&dependency.operation)),
        ("method", literal::text(link.call.method.as_str())),
        ("path", literal::text(&link.call.path)),
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
    let (name, technology) = (
        literal::text(store.id.as_str()),
        literal::text(store.technology),
    );
    writeln!(text, "            name={name},").unwrap_or_default();
    writeln!(text, "            technology={technology},").unwrap_or_default();
    let variables: Vec<_> = store.variables.iter().map(|it| literal::text(it)).collect();
    if let [variable] = variables.as_slice() {
        // The formatter keeps a tuple of one on its line.
        writeln!(text, "            variables=({variable},),").unwrap_or_default();
    } else {
        text.push_str("            variables=(\n");
        for variable in variables {
            writeln!(text, "                {variable},").unwrap_or_default();
        }
        text.push_str("            ),\n");
    }
    text.push_str("        ),\n");
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
    for operation in operations {
        route(&mut text, operation);
    }
    text
}

fn route(text: &mut String, operation: &Offered) {
    let endpoint = &operation.endpoint;
    // Ids differ in more than their `-`, so that names of functions do, too.
    let function = literal::name(&endpoint.id.replace('-', "_"));
    let method = endpoint.method.as_str().to_ascii_lowercase();
    let written = endpoint.path(|it| format!("{{{}}}", literal::name(it)));
    let parts = written.split('/');
    let parameters = parts.filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
    let (path, summary) = (literal::text(&written), literal::text(&endpoint.title));
    writeln!(text, "\n\n@router.{method}(\n    {path},").unwrap_or_default();
    writeln!(text, "    summary={summary},").unwrap_or_default();
    if let Some(kind) = operation.kind {
        writeln!(text, "    tags=[\"{kind}\"],").unwrap_or_default();
    }
    writeln!(text, ")\nasync def {function}(\n    callers: Callers,").unwrap_or_default();
    for parameter in parameters {
        writeln!(text, "    {parameter}: str,").unwrap_or_default();
    }
    text.push_str(") -> Answer:\n    return await answer(callers)\n");
}
