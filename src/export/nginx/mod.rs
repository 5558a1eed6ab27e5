//! nginx: one configuration per gateway, written for an unprivileged, read-only
//! container and for every nginx from 1.22 on.
//!
//! Reference: <https://nginx.org/en/docs/>. What nginx has no word for (retries within
//! one replica, a half-open breaker, checking a token) is said in the notes.

mod cross_origin;
mod directive;
mod fields;
mod http;
mod location;
mod log;
mod notes;
mod server;
mod upstream;

#[cfg(test)]
pub(super) mod reading;
#[cfg(test)]
mod tests;

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Checked},
    compose::shared::container,
    fields::Scope,
};
use crate::model::{Model, ServiceId};
use directive::{Directive, block, simple};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "nginx",
    title: "nginx",
    purpose: "gateway",
    checked_by: &["nginx -t", "gixy", "crossplane", "real traffic"],
    scope: Scope::Gateways("nginx"),
    fields: fields::FIELDS,
    export,
};

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    for gateway in bundle::gateways_of(model, "nginx") {
        let checked = bundle::passages(model, &gateway, bundle::USUAL_LIMITS);
        let text = configuration(model, gateway.id, &checked);
        export.notes.extend(notes::of(model, gateway.id, &checked));
        export.notes.extend(checked.notes);
        export.files.insert(gateway.path("nginx.conf"), text);
    }
    if export.files.is_empty() {
        export.notes.push(bundle::no_gateway(model, EXPORTER.title));
    }
    Ok(export)
}

fn configuration(model: &Model, gateway: &ServiceId, checked: &Checked<'_>) -> String {
    let upstreams = upstream::all(model, gateway, checked);
    let mut inside = http::settings(gateway, checked);
    inside.extend(upstreams);
    inside.extend(server::all(model, gateway, checked));
    let title = format!(
        "Gateway {} of {}.\nRuns without privileges on a read-only disk: all it writes is under /tmp.\nAs many workers as the container may use processors.",
        model.service_name(gateway),
        if model.name.is_empty() {
            "the system"
        } else {
            &model.name
        },
    );
    directive::to_text(&[
        workers(model, gateway).with_comment(title),
        simple(["worker_rlimit_nofile", "4096"]),
        simple(["worker_shutdown_timeout", "15s"]),
        simple(["pid", "/tmp/nginx.pid"]),
        simple(["error_log", "stderr", "warn"]),
        block(["events"], vec![simple(["worker_connections", "2048"])]),
        block(["http"], inside),
    ])
}

/// One worker for each processor the container may use: `auto` counts the machine's, and
/// so many workers fill a small container's memory.
fn workers(model: &Model, gateway: &ServiceId) -> Directive {
    let millis = model
        .services
        .get(gateway)
        .map_or(1000, |it| container(model, gateway, it).cpu_millis);
    let count = millis.div_ceil(1000).to_string();
    simple(["worker_processes", &count])
}
