//! Express: a service with its breakers on opossum, and its tests.
//!
//! `files/` holds what is the same for every service and is linted, typed and tested as
//! it stands. The declaration is JSON, which is JavaScript as well; the routes carry
//! paths of plain words alone.
//! Reference: <https://nodeshift.dev/opossum/>.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::plan::{self, Link, Offered, Plan};
use crate::{
    export::FileSet,
    model::{Breaker, Model, Service, ServiceId},
};

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("files/", $path)))),*]
    };
}

/// What a server and a job both have.
const COMMON: &[(&str, &str)] = files![
    "eslint.config.js",
    "package-lock.json",
    "package.json",
    "src/breaker.js",
    "src/caller.js",
    "src/callers.js",
    "src/context.js",
    "src/log.js",
    "src/settings.js",
    "src/types.d.ts",
    "test/breaker.test.js",
    "test/caller.test.js",
    "test/settings.test.js",
    "test/support.js",
    "tsconfig.json",
];
const SERVER: &[(&str, &str)] = files![
    "src/answers.js",
    "src/app.js",
    "src/fallbacks.js",
    "src/main.js",
    "src/metrics.js",
    "src/observe.js",
    "test/app.test.js",
];
const JOB: &[(&str, &str)] = files!["src/job.js", "test/job.test.js"];

/// The files of one service, by their path in its folder.
pub(super) fn files(model: &Model, id: &ServiceId, service: &Service) -> FileSet {
    let plan = plan::of(model, id, service);
    let own = if plan.is_job() { JOB } else { SERVER };
    let all = COMMON.iter().chain(own);
    let mut files: FileSet = all
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    files.insert("src/design.js".to_owned(), design(&plan));
    if let Some(package) = files.get_mut("package.json").filter(|_| plan.is_job()) {
        *package = package.replacen("src/main.js", "src/job.js", 1);
    }
    if !plan.is_job() {
        files.insert("src/routes.js".to_owned(), routes(&plan.operations));
    }
    files
}

/// Whether a breaker says something.
type IsSaid = fn(&Breaker) -> bool;

/// What opossum does otherwise than drawn, in sentences.
pub(super) fn notes(plan: &Plan<'_>) -> Vec<String> {
    let breakers = plan.links.iter();
    let breakers: Vec<_> = breakers
        .filter_map(|it| Some((it.name.as_str(), it.call.dependency.breaker.as_ref()?)))
        .collect();
    let whose = |is_said: IsSaid| {
        let said = breakers.iter().filter(|(_, it)| is_said(it));
        said.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    let differences: [(IsSaid, &str); 4] = [
        (
            |it| it.half_open_calls.is_some_and(|it| it != 1),
            "opossum makes one trial call while half-open, not as many as are drawn",
        ),
        (
            |it| it.window_calls.is_some(),
            "opossum counts the calls of a time, by itself the last 10 s, not so many of the last calls",
        ),
        (
            |it| it.slow_call_ms.is_some() || it.slow_call_rate_percent.is_some(),
            "opossum opens at no share of slow calls; they are counted in the metrics alone",
        ),
        (
            |_| true,
            "opossum counts an answer that is the caller's own fault (4xx) as a success, also while half-open",
        ),
    ];
    let id = plan.id;
    let sentences = differences.iter().filter_map(|(is_said, what)| {
        let whose = whose(*is_said);
        (!whose.is_empty()).then(|| format!("Breaker of {id} for {whose}: {what}."))
    });
    sentences.collect()
}

/// What the design says of the service, as a declaration.
fn design(plan: &Plan<'_>) -> String {
    let operations = plan.operations.iter().filter(|_| !plan.is_job());
    let operations: Vec<_> = operations.map(operation).collect();
    let links: Vec<_> = plan.links.iter().map(link).collect();
    let stores = plan
        .stores
        .iter()
        .map(|it| json!({"name": it.id.as_str(), "technology": it.technology, "variables": it.variables}));
    let stores: Vec<_> = stores.collect();
    let declared = json!({
        "service": plan.id.as_str(),
        "title": plan.title(),
        "description": plan.service.description,
        "healthPath": plan.health_path,
        "metricsPath": plan.metrics_path,
        "operations": operations,
        "links": links,
        "stores": stores,
    });
    format!(
        "/**\n \
         * What the design says of this service. The numbers of its calls stand in the environment.\n \
         *\n \
         * Each store wants a client of its own: open it where the service is put together, with\n \
         * the address that the settings have, and the password from its secret's file.\n \
         */\n\n\
         /** @type {{import('./types.js').Design}} */\n\
         export const design = {declared:#};\n"
    )
}

fn operation(operation: &Offered) -> Value {
    json!({
        "name": operation.endpoint.title,
        "method": operation.endpoint.method.as_str(),
        "path": operation.endpoint.path(|it| format!("{{{it}}}")),
        "kind": operation.kind,
    })
}

fn link(link: &Link<'_>) -> Value {
    let dependency = link.call.dependency;
    json!({
        "name": link.name,
        "prefix": link.call.prefix,
        "address": link.call.address,
        "operation": dependency.operation,
        "method": link.call.method.as_str(),
        "path": link.call.path,
        "hard": dependency.is_hard(),
        "idempotent": dependency.idempotent,
        "fallback": dependency.fallback.as_ref().map(|it| it.description.as_str()),
    })
}

/// One handler an operation.
fn routes(operations: &[Offered]) -> String {
    let mut text = String::from(
        "/**\n \
         * What the service can be asked. The work of an operation goes into its function; until then\n \
         * it asks everybody the service depends on. One that takes a body wants express.json()\n \
         * before its function.\n \
         */\n\
         import { answer } from './answers.js';\n\n\
         /** @import { Router } from 'express' */\n\
         /** @import { Caller } from './caller.js' */\n\n\
         /**\n \
         * @param {Router} router\n \
         * @param {readonly Caller[]} callers\n \
         */\n\
         export function addRoutes(router, callers) {\n",
    );
    for operation in operations {
        let method = operation.endpoint.method.as_str().to_ascii_lowercase();
        let path = operation.endpoint.path(|it| format!(":{it}"));
        writeln!(
            text,
            "  router.{method}('{path}', async (_request, response) => {{\n    \
             response.json(await answer(callers));\n  }});"
        )
        .unwrap_or_default();
    }
    text.push_str("}\n");
    text
}
