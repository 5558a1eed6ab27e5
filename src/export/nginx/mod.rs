//! nginx: one configuration per gateway, written for an unprivileged, read-only
//! container and for every nginx from 1.22 on.
//!
//! Reference: <https://nginx.org/en/docs/>. What nginx has no word for (retries within
//! one replica, a half-open breaker, checking a token) is said in the notes.

mod checked;
mod directive;
mod http;
mod location;
mod server;
mod upstream;

#[cfg(test)]
pub(super) mod reading;
#[cfg(test)]
mod tests;

use super::{Export, ExportError, Exporter, bundle};
use crate::model::{Authentication, Model, ServiceId, ServiceKind};
use checked::{Checked, Passage};
use directive::{block, simple};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "nginx",
    title: "nginx",
    purpose: "gateway",
    checked_by: &["nginx -t", "gixy", "crossplane", "real traffic"],
    export,
};

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    for (id, _, path) in bundle::nginx_gateways(model) {
        let checked = checked::passages(model, id);
        let text = configuration(model, id, &checked);
        export.notes.extend(notes(model, id, &checked));
        export.notes.extend(checked.notes);
        export.files.insert(path, text);
    }
    if export.files.is_empty() {
        let others = model
            .services
            .values()
            .filter(|it| it.kind == ServiceKind::Gateway);
        export.notes.push(match others.count() {
            0 => "There is no gateway in this design: draw one and give it routes.".to_owned(),
            _ => "No gateway of this design is nginx.".to_owned(),
        });
    }
    Ok(export)
}

fn configuration(model: &Model, gateway: &ServiceId, checked: &Checked<'_>) -> String {
    let upstreams = upstream::all(model, gateway, checked);
    let mut inside = http::settings(checked);
    inside.extend(upstreams);
    inside.extend(server::all(model, gateway, checked));
    let title = format!(
        "Gateway {} of {}.\nRuns without privileges on a read-only disk: all it writes is under /tmp.",
        model.service_name(gateway),
        if model.name.is_empty() {
            "the system"
        } else {
            &model.name
        },
    );
    directive::to_text(&[
        simple(["worker_processes", "auto"]).with_comment(title),
        simple(["worker_rlimit_nofile", "2048"]),
        simple(["worker_shutdown_timeout", "15s"]),
        simple(["pid", "/tmp/nginx.pid"]),
        simple(["error_log", "stderr", "warn"]),
        block(
            ["events"],
            vec![
                simple(["worker_connections", "1024"]),
                simple(["multi_accept", "on"]),
            ],
        ),
        block(["http"], inside),
    ])
}

/// What nginx does otherwise than drawn.
fn notes(model: &Model, gateway: &ServiceId, checked: &Checked<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let mut tell = |note: String| {
        if !notes.contains(&note) {
            notes.push(note);
        }
    };
    let passages = || checked.hosts.values().flat_map(|it| it.values().flatten());
    if passages().next().is_none() {
        tell(format!(
            "Gateway {gateway} has no route: every path answers 404."
        ));
    } else if checked.hosts.contains_key(&None) {
        tell(format!(
            "A route of {gateway} names no host, so {gateway} answers to any: name hosts to have unknown ones closed."
        ));
    }
    if passages().any(|it| it.timeout_ms.is_some()) {
        tell(
            "nginx counts a route's timeout between two reads, not over the whole answer."
                .to_owned(),
        );
    }
    let is_endless = |it: &&Passage<'_>| {
        let call = upstream::call(model, gateway, it.service.0);
        it.timeout_ms.or_else(|| call?.timeout_ms).is_none()
    };
    let endless: Vec<_> = passages()
        .filter(is_endless)
        .map(|it| it.id.as_str())
        .collect();
    if !endless.is_empty() {
        let routes = endless.join(", ");
        tell(format!(
            "Without a timeout, nginx gives up after its own 60 s: {routes}."
        ));
    }
    for passage in passages() {
        tell_of_route(passage, &mut tell);
    }
    for (_, dependency) in model.dependencies_of(gateway) {
        let to = &dependency.to;
        if let Some(breaker) = &dependency.breaker {
            tell(format!(
                "nginx leaves a failing replica of {to} aside for a while; it has no half-open state and counts failures, not a rate."
            ));
            if breaker.consecutive_failures.is_none() && breaker.failure_rate_percent.is_some() {
                tell(format!(
                    "nginx cannot count the failure rate of {to}: a replica is left aside after {} failures.",
                    upstream::DEFAULT_MAX_FAILS
                ));
            }
        }
        if dependency
            .retries
            .as_ref()
            .is_some_and(|it| it.backoff_ms.is_some())
        {
            tell(format!(
                "nginx retries {to} at once and on another replica: it has no backoff."
            ));
        }
    }
    notes
}

fn tell_of_route(passage: &Passage<'_>, tell: &mut impl FnMut(String)) {
    let (id, route) = (passage.id, passage.route);
    if let Some(limit) = &route.rate_limit
        && limit.burst.is_none()
        && passage.rate.is_some()
    {
        tell(format!(
            "Route {id} says no burst: {} requests may come at once, one second's worth.",
            limit.requests_per_second
        ));
    }
    match route.authentication {
        Some(Authentication::Jwt | Authentication::ApiKey) => tell(format!(
            "Route {id} answers 401 without credentials; whether they are right, {} has to check.",
            passage.service.0
        )),
        Some(Authentication::ForwardAuth) => tell(format!(
            "Route {id} asks another service who may pass, and the design does not say which: {} has to check.",
            passage.service.0
        )),
        Some(Authentication::None) | None => {}
    }
    if route.cors.as_ref().is_some_and(|it| it.credentials)
        && passage.origins.iter().any(|it| it == "*")
    {
        tell(format!(
            "Route {id} lets every origin ask, so browsers refuse to send cookies: name the origins."
        ));
    }
}
