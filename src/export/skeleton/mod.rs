//! Skeletons: a service that runs, for whoever has none yet.
//!
//! One folder a stack. What does not depend on the design stands there as the very
//! files that are written; only names, ports, operations and calls are filled in. The
//! numbers of timeouts, retries and breakers are read from the environment, where the
//! container's file says them, so that a design can change them later.

mod axum_service;
mod express;
mod facts;
mod fastapi;
mod fields;
mod go;
mod notes;
mod plan;
mod spring_boot;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{
    Export, ExportError, Exporter, FileSet,
    bundle::{self, Origin, Stack},
    fields::Scope,
};
use crate::model::{Model, Service, ServiceId};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "skeleton",
    title: "Skeletons",
    purpose: "services",
    checked_by: &["ruff", "mypy", "pytest", "eslint", "tsc", "node --test"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// What a stack writes for one service: paths below the service's folder.
type Write = fn(&Model, &ServiceId, &Service) -> FileSet;

fn of(stack: Stack) -> Option<Write> {
    match stack {
        Stack::FastApi => Some(fastapi::files),
        Stack::Express => Some(express::files),
        Stack::Go => Some(go::files),
        Stack::SpringBoot => Some(spring_boot::files),
        Stack::Axum => Some(axum_service::files),
        Stack::AspNet => None,
    }
}

/// What a stack does otherwise than drawn, in sentences.
type Say = fn(&Model, &ServiceId, &Service) -> Vec<String>;

fn notes_of(stack: Stack) -> Option<Say> {
    match stack {
        Stack::Go => Some(go::notes),
        Stack::SpringBoot => Some(spring_boot::notes),
        Stack::Axum => Some(axum_service::notes),
        Stack::FastApi | Stack::Express | Stack::AspNet => None,
    }
}

/// Whether services of this stack get a skeleton, so that nothing is missing from their
/// folders.
pub(super) fn is_written(stack: Stack) -> bool {
    of(stack).is_some()
}

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    let mut by_stack: BTreeMap<Stack, Vec<&ServiceId>> = BTreeMap::new();
    for (id, service) in &model.services {
        let Origin::Ours(stack) = bundle::origin(service) else {
            continue;
        };
        by_stack.entry(stack).or_default().push(id);
        let Some(write) = of(stack) else {
            continue;
        };
        let folder = bundle::source_folder(id);
        for (path, text) in write(model, id, service) {
            export.files.insert(format!("{folder}/{path}"), text);
        }
        match notes_of(stack) {
            Some(say) => export.notes.extend(say(model, id, service)),
            None => notes::of_service(model, (id, service), stack, &mut export.notes),
        }
        export.starters.insert(folder);
    }
    notes::of_stacks(&by_stack, &mut export.notes);
    Ok(export)
}
