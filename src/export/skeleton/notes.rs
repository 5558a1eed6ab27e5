//! What a skeleton does otherwise than drawn, and what to do with it.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{express, plan};
use crate::{
    export::bundle::{self, Stack},
    model::{Model, Service, ServiceId},
};

/// Services that are named in one note; the others are counted.
const NAMED: usize = 4;

/// Seconds after which a call is given up where the design does not say.
const DEFAULT_TIMEOUT_SECONDS: u32 = 10;

/// What is otherwise than drawn in one service.
pub(super) fn of_service(
    model: &Model,
    (id, service): (&ServiceId, &Service),
    stack: Stack,
    notes: &mut Vec<String>,
) {
    let plan = plan::of(model, id, service);
    if !plan.is_job() {
        notes.extend(plan.notes.iter().cloned());
    }
    let port = bundle::health_port(service);
    if port != bundle::port(service) && !plan.is_job() {
        notes.push(format!(
            "{id} is asked for its health on port {port}, and its skeleton listens on {} alone.",
            bundle::port(service)
        ));
    }
    if matches!(stack, Stack::FastApi | Stack::Express) {
        let without = plan.links.iter();
        let without: Vec<_> = without
            .filter(|it| it.call.dependency.timeout_ms.is_none_or(|ms| ms == 0))
            .map(|it| it.name.as_str())
            .collect();
        if !without.is_empty() {
            notes.push(format!(
                "{id} gives a call of {} up after {DEFAULT_TIMEOUT_SECONDS} s: no timeout is drawn.",
                without.join(", ")
            ));
        }
    }
    if stack == Stack::Express {
        notes.extend(express::notes(&plan));
    }
}

/// How each stack goes on, and which has no skeleton.
pub(super) fn of_stacks(by_stack: &BTreeMap<Stack, Vec<&ServiceId>>, notes: &mut Vec<String>) {
    for (stack, ids) in by_stack {
        let whose = listed(ids);
        notes.push(match stack {
            Stack::FastApi => format!(
                "{whose}: python -m pip install --require-hashes -r requirements-dev.txt, then python -m pytest; write the work of each operation in app/routes.py, of a job in app/job.py."
            ),
            Stack::Express => format!(
                "{whose}: npm ci, then npm test; write the work of each operation in src/routes.js, of a job in src/job.js."
            ),
            Stack::Go => format!("{whose}: go test ./...; then write the work of each operation."),
            Stack::Axum => format!("{whose}: cargo test; then write the work of each operation."),
            Stack::SpringBoot => {
                format!("{whose}: mvn verify; then write the work of each operation.")
            }
            Stack::AspNet => format!(
                "{whose}: there is no skeleton for ASP.NET; start with: dotnet new web --output services/<id>."
            ),
        });
    }
}

fn listed(ids: &[&ServiceId]) -> String {
    let (first, rest) = ids.split_at(ids.len().min(NAMED));
    let mut text = first
        .iter()
        .map(|it| bundle::source_folder(it))
        .collect::<Vec<_>>()
        .join(", ");
    if !rest.is_empty() {
        write!(text, " and {} more", rest.len()).unwrap_or_default();
    }
    text
}
