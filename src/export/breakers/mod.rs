//! Breakers where they are not the environment's business: settings for Resilience4j,
//! and an Envoy beside services whose code has no breaker of its own.
//!
//! Reference: <https://resilience4j.readme.io/docs/getting-started-3>. The other stacks
//! read the same numbers from variables, which the container's
//! file says.

mod fields;
mod resilience4j;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Origin, Stack},
    envoy::{self, Upstream},
    fields::Scope,
};
use crate::model::{Dependency, Mode, Model, Service, ServiceId};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "breakers",
    title: "Breakers",
    purpose: "resilience",
    checked_by: &["Resilience4j", "envoy --mode validate"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// Who has to be told what, because no file of this target is theirs.
#[derive(Debug, Default)]
struct Others<'a> {
    told_by_environment: Vec<&'a str>,
    left_out: Vec<&'a str>,
}

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    let mut others = Others::default();
    for (id, calls) in calls_by_caller(model) {
        let Some(service) = model.services.get(id) else {
            continue;
        };
        let caller = (id, service.as_ref());
        if bundle::gateway_program(service).is_some() || !bundle::is_container(service) {
            continue;
        }
        match bundle::origin(service) {
            _ if bundle::is_imported(service) => others.left_out.push(id.as_str()),
            Origin::Ours(Stack::SpringBoot) => {
                let (text, notes) = resilience4j::settings(model, id);
                let path = bundle::breaker_settings_path(id);
                export.files.insert(path, text);
                export.notes.extend(notes);
            }
            Origin::Ours(Stack::AspNet) => beside(model, caller, &calls, &mut export),
            Origin::Foreign if service.kind.is_our_code() => {
                beside(model, caller, &calls, &mut export);
            }
            Origin::Ours(Stack::FastApi | Stack::Express | Stack::Go | Stack::Axum) => {
                others.told_by_environment.push(id.as_str());
            }
            Origin::Foreign | Origin::Program(_) => others.left_out.push(id.as_str()),
        }
    }
    export.notes.extend(others.notes());
    if export.files.is_empty() {
        export
            .notes
            .push("No service of this design needs a file for its breakers.".to_owned());
    }
    Ok(export)
}

impl Others<'_> {
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.told_by_environment.is_empty() {
            notes.push(format!(
                "These read the numbers of their breakers from the environment, which compose.yaml says: {}.",
                self.told_by_environment.join(", ")
            ));
        }
        if !self.left_out.is_empty() {
            notes.push(format!(
                "These run programs of others, which keep the settings they came with; the drawn protection of their calls is nowhere: {}.",
                self.left_out.join(", ")
            ));
        }
        notes
    }
}

/// The protected calls of each service.
fn calls_by_caller(model: &Model) -> BTreeMap<&ServiceId, Vec<&Dependency>> {
    let mut callers: BTreeMap<&ServiceId, Vec<&Dependency>> = BTreeMap::new();
    for call in model.dependencies.values() {
        if bundle::is_protected(call) && model.services.contains_key(&call.to) {
            callers.entry(&call.from).or_default().push(call);
        }
    }
    callers
}

/// An Envoy beside a service whose code has no breaker.
fn beside(
    model: &Model,
    (id, service): (&ServiceId, &Service),
    calls: &[&Dependency],
    export: &mut Export,
) {
    let mut seen: BTreeSet<&ServiceId> = BTreeSet::new();
    let mut upstreams = Vec::new();
    for call in calls {
        let Some((to, target)) = model.services.get_key_value(&call.to) else {
            continue;
        };
        let why_not = if call.mode == Mode::Async || !bundle::speaks_http(target, call) {
            Some("it is no call over HTTP that anybody waits for")
        } else if !bundle::is_container(target) {
            Some("its address is not known")
        } else if !seen.insert(to) {
            Some("another call to the same service has the port")
        } else {
            None
        };
        if let Some(why) = why_not {
            export.notes.push(format!(
                "{id} → {to} does not pass the Envoy beside {id}: {why}."
            ));
            continue;
        }
        upstreams.push(Upstream {
            name: to.to_string(),
            id: to,
            service: target,
            port: bundle::port(target),
            call: Some(call),
        });
    }
    if upstreams.is_empty() {
        return;
    }
    let (text, notes) = envoy::sidecar(model, (id, service), &upstreams);
    export.notes.push(format!(
        "{id} has no breaker of its own: run the Envoy of breakers/{id} beside it and give it the addresses that stand in there."
    ));
    let notes = notes.into_iter().map(|it| format!("Beside {id}: {it}"));
    export.notes.extend(notes);
    export
        .files
        .insert(format!("breakers/{id}/envoy.yaml"), text);
}
