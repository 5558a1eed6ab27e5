//! Traefik: two files per gateway, what it is started with and what it routes.
//!
//! Reference: <https://doc.traefik.io/traefik/>. Written for 3.7.12 and later, which
//! knows middlewares of a service, so that a breaker sees every route to it. What
//! Traefik has no word for (a request id of its own, errors in JSON) is in the notes.

mod breaker;
mod fields;
mod middleware;
mod notes;
mod router;
mod service;
mod startup;

#[cfg(test)]
mod tests;

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Checked, Gateway},
    fields::Scope,
    yaml::Map,
};
use crate::model::Model;

pub(super) const EXPORTER: Exporter = Exporter {
    id: "traefik",
    title: "Traefik",
    purpose: "gateway",
    checked_by: &["traefik itself", "real traffic"],
    scope: Scope::Gateways("traefik"),
    fields: fields::FIELDS,
    export,
};

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    for gateway in bundle::gateways_of(model, "traefik") {
        let checked = bundle::passages(model, &gateway, bundle::USUAL_LIMITS);
        let title = format!(
            "Gateway {} of {}",
            model.service_name(gateway.id),
            if model.name.is_empty() {
                "the system"
            } else {
                &model.name
            },
        );
        let startup = startup::configuration(&gateway);
        export.files.insert(
            gateway.path("traefik.yaml"),
            startup.to_file(&format!("{title}: what Traefik is started with.")),
        );
        let routing = configuration(model, &gateway, &checked);
        export.files.insert(
            gateway.path("dynamic.yaml"),
            routing.to_file(&format!("{title}: who is passed on to whom.")),
        );
        export.notes.extend(notes::of(model, &gateway, &checked));
        export.notes.extend(checked.notes);
    }
    if export.files.is_empty() {
        export.notes.push(bundle::no_gateway(model, EXPORTER.title));
    }
    Ok(export)
}

fn configuration(model: &Model, gateway: &Gateway<'_>, checked: &Checked<'_>) -> Map {
    let services = service::targets(model, gateway.id, checked);
    let mut http = Map::spaced();
    http.set_with_comment(
        "routers",
        router::all(model, gateway, checked, &services),
        "The highest priority wins: longer paths, then named hosts, then named methods.",
    );
    // Traefik has something against parts that nothing uses.
    if !services.is_empty() {
        let mut middlewares = middleware::shared(checked);
        middlewares.merge(middleware::of_routes(checked));
        middlewares.merge(middleware::of_services(&services));
        http.set("middlewares", middlewares);
        http.set("serversTransports", service::transports(&services));
        http.set("services", service::all(&services));
    }
    Map::from([("http", http.into())])
}
