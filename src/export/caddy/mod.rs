//! Caddy: one Caddyfile per gateway, as `caddy fmt` would write it.
//!
//! Reference: <https://caddyserver.com/docs/caddyfile>. Plain HTTP inside: whoever
//! stands in front speaks TLS. What stock Caddy has no word for (rate limits, half-open
//! breakers) is said in the notes.

mod fields;
mod line;
mod notes;
mod route;
mod settings;
mod site;
mod upstream;

#[cfg(test)]
mod reading;
#[cfg(test)]
mod tests;

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Checked, Gateway},
    fields::Scope,
};
use crate::model::Model;

pub(super) const EXPORTER: Exporter = Exporter {
    id: "caddy",
    title: "Caddy",
    purpose: "gateway",
    checked_by: &["caddy fmt", "caddy validate", "real traffic"],
    scope: Scope::Gateways("caddy"),
    fields: fields::FIELDS,
    export,
};

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    for gateway in bundle::gateways_of(model, "caddy") {
        let checked = bundle::passages(model, &gateway, bundle::USUAL_LIMITS);
        let text = configuration(model, &gateway, &checked);
        export.notes.extend(notes::of(model, gateway.id, &checked));
        export.notes.extend(checked.notes);
        export.files.insert(gateway.path("Caddyfile"), text);
    }
    if export.files.is_empty() {
        export.notes.push(bundle::no_gateway(model, EXPORTER.title));
    }
    Ok(export)
}

fn configuration(model: &Model, gateway: &Gateway<'_>, checked: &Checked<'_>) -> String {
    let title = format!(
        "Gateway {} of {}.\nPlain HTTP inside, no admin endpoint, nothing kept on disk.",
        model.service_name(gateway.id),
        if model.name.is_empty() {
            "the system"
        } else {
            &model.name
        },
    );
    let calls = bundle::calls_of_gateway(model, gateway.id);
    let mut all = vec![settings::global(checked).with_comment(title)];
    all.extend(settings::snippets(model, gateway));
    all.extend(upstream::snippets(checked, &calls));
    for paths in checked.hosts.values().rev() {
        for (prefix, passages) in paths.iter().rev() {
            all.push(route::snippet(prefix, passages, &calls));
        }
    }
    all.extend(site::all(gateway, checked));
    line::to_text(&all)
}
