//! Skeletons: a service that runs, for whoever has none yet.
//!
//! One folder a stack. What does not depend on the design stands there as the very
//! files that are written; only names, ports, operations and calls are filled in. The
//! numbers of timeouts, retries and breakers are read from the environment, where the
//! container's file says them, so that a design can change them later.

mod axum;
mod express;
mod facts;
mod fastapi;
mod go;
mod spring_boot;

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
    checked_by: &[],
    scope: Scope::System,
    fields: &[],
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
        Stack::Axum => Some(axum::files),
        Stack::AspNet => None,
    }
}

/// What a stack does otherwise than drawn, in sentences.
type Say = fn(&Model, &ServiceId, &Service) -> Vec<String>;

fn notes_of(stack: Stack) -> Option<Say> {
    match stack {
        Stack::Go => Some(go::notes),
        Stack::SpringBoot => Some(spring_boot::notes),
        Stack::Axum => Some(axum::notes),
        Stack::FastApi | Stack::Express | Stack::AspNet => None,
    }
}

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    for (id, service) in &model.services {
        let Origin::Ours(stack) = bundle::origin(service) else {
            continue;
        };
        let Some(write) = of(stack) else {
            continue;
        };
        let folder = bundle::source_folder(id);
        for (path, text) in write(model, id, service) {
            export.files.insert(format!("{folder}/{path}"), text);
        }
        if let Some(say) = notes_of(stack) {
            export.notes.extend(say(model, id, service));
        }
        export.starters.insert(folder);
    }
    Ok(export)
}
