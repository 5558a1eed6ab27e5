//! HAProxy: one configuration per gateway, written for an unprivileged, read-only
//! container and for every HAProxy from 2.6 on.
//!
//! Reference: <https://docs.haproxy.org/2.6/configuration.html>. The frontend decides
//! which route a request takes, once, and keeps its id in a variable; every rule of a
//! route asks for that. There is one backend per service and port, so that its limits
//! hold whatever route leads there.

mod backend;
mod fields;
mod frontend;
mod line;
mod notes;
mod route;
mod settings;

#[cfg(test)]
pub(super) mod reading;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Checked, Gateway, Passage},
    fields::Scope,
};
use crate::model::{Dependency, Model, ServiceId};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "haproxy",
    title: "HAProxy",
    purpose: "gateway",
    checked_by: &["haproxy -c -dW", "real traffic"],
    scope: Scope::Gateways("haproxy"),
    fields: fields::FIELDS,
    export,
};

/// The largest number that HAProxy counts to for certain, also in milliseconds.
const MOST: u64 = i32::MAX as u64;

/// A gateway and what its configuration is made of.
struct Edge<'a> {
    model: &'a Model,
    gateway: &'a Gateway<'a>,
    checked: &'a Checked<'a>,
    /// The drawn call to each service, the first where there are several.
    calls: BTreeMap<&'a ServiceId, &'a Dependency>,
}

impl<'a> Edge<'a> {
    fn new(model: &'a Model, gateway: &'a Gateway<'a>, checked: &'a Checked<'a>) -> Self {
        let mut calls = BTreeMap::new();
        for (_, call) in model.dependencies_of(gateway.id) {
            calls.entry(&call.to).or_insert(call);
        }
        Self {
            model,
            gateway,
            checked,
            calls,
        }
    }

    /// Every route that is written, by host and path.
    fn passages(&self) -> impl Iterator<Item = &'a Passage<'a>> {
        let hosts = self.checked.hosts.values();
        hosts.flat_map(|it| it.values().flatten())
    }

    /// The drawn call that a route stands for.
    fn call(&self, passage: &Passage<'_>) -> Option<&'a Dependency> {
        self.calls.get(passage.service.0).copied()
    }
}

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    for gateway in bundle::gateways_of(model, "haproxy") {
        let checked = bundle::passages(model, &gateway, bundle::USUAL_LIMITS);
        let edge = Edge::new(model, &gateway, &checked);
        let text = configuration(&edge);
        export.notes.extend(notes::of(&edge));
        export.notes.extend(checked.notes.iter().cloned());
        export.files.insert(gateway.path("haproxy.cfg"), text);
    }
    if export.files.is_empty() {
        export.notes.push(bundle::no_gateway(model, EXPORTER.title));
    } else {
        export.notes.push(
            "What HAProxy cannot read as HTTP at all, it answers with a page of its own, which is no JSON.".to_owned(),
        );
    }
    Ok(export)
}

fn configuration(edge: &Edge<'_>) -> String {
    let mut sections = settings::sections(edge);
    sections.push(frontend::section(edge));
    sections.extend(route::rate_tables(edge));
    sections.extend(backend::sections(edge));
    line::to_text(&sections)
}

/// A number that HAProxy surely counts to.
fn count(value: u32) -> u64 {
    u64::from(value).clamp(1, 1_000_000)
}

/// A time that HAProxy surely counts to: `1500ms`, `2s`.
fn time(ms: u64) -> String {
    bundle::duration(ms.clamp(1, MOST))
}
