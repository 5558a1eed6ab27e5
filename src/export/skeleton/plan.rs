//! What a skeleton is about: a service's operations, whom it calls and whom it needs.
//!
//! Names and texts are a design's: each stack writes them as data of its language, never
//! as anything else.

use std::collections::BTreeSet;

use crate::{
    export::bundle::{self, Call, Endpoint},
    model::{Model, OperationKind, Service, ServiceId, ServiceKind},
};

/// Where the service answers for itself, beside its health and its metrics.
const OWN_PATHS: [&str; 3] = ["/ready", "/breakers", "/openapi.json"];

/// What a skeleton is about.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// The service.
    pub(super) id: &'a ServiceId,
    /// As drawn.
    pub(super) service: &'a Service,
    /// Where it answers for itself.
    pub(super) health_path: &'a str,
    /// Where its metrics are.
    pub(super) metrics_path: &'a str,
    /// What it can be asked, the most exact path first.
    pub(super) operations: Vec<Offered>,
    /// Whom it calls over HTTP.
    pub(super) links: Vec<Link<'a>>,
    /// Whom it needs otherwise.
    pub(super) stores: Vec<Store<'a>>,
    /// What had to be left out, in sentences.
    pub(super) notes: Vec<String>,
}

/// Something the service can be asked.
#[derive(Debug)]
pub(super) struct Offered {
    /// Its route.
    pub(super) endpoint: Endpoint,
    /// `command` or `query`, where that is said.
    pub(super) kind: Option<&'static str>,
}

/// A call over HTTP.
#[derive(Debug)]
pub(super) struct Link<'a> {
    /// The target's id, with a number where it is not the first.
    pub(super) name: String,
    /// The call.
    pub(super) call: Call<'a>,
}

/// Somebody who is needed and does not speak HTTP.
#[derive(Debug)]
pub(super) struct Store<'a> {
    /// The target's id.
    pub(super) id: &'a ServiceId,
    /// What it is, as people write it.
    pub(super) technology: &'a str,
    /// The variables that say where it is.
    pub(super) variables: Vec<String>,
}

/// Plans the skeleton of a service.
pub(super) fn of<'a>(model: &'a Model, id: &'a ServiceId, service: &'a Service) -> Plan<'a> {
    let health_path = bundle::health_path(service).unwrap_or("/health");
    let metrics_path = bundle::metrics_path(service);
    let mut own = vec![health_path, metrics_path];
    own.extend(OWN_PATHS);
    let (endpoints, notes) = bundle::endpoints(model, (id, service), &own);
    let operations = endpoints.into_iter().map(|it| offered(service, it));
    let mut operations: Vec<_> = operations.collect();
    // A parameter would take what a word after it is meant for.
    operations.sort_by_cached_key(|it| it.endpoint.path(|_| "\u{7f}".to_owned()));
    let (calls, others) = bundle::calls(model, id);
    let variables = bundle::variables_of(model, id);
    let others: BTreeSet<_> = others.into_iter().collect();
    let stores = others.into_iter().map(|id| {
        let names = ["HOST", "PORT", "URL"].map(|it| format!("{}_{it}", bundle::prefix(id)));
        Store {
            id,
            technology: technology(model, id),
            variables: names
                .into_iter()
                .filter(|it| variables.contains_key(it))
                .collect(),
        }
    });
    Plan {
        id,
        service,
        health_path,
        metrics_path,
        operations,
        links: calls.into_iter().map(link).collect(),
        stores: stores.collect(),
        notes,
    }
}

impl Plan<'_> {
    /// What people call the service.
    pub(super) fn title(&self) -> &str {
        if self.service.name.trim().is_empty() {
            self.id.as_str()
        } else {
            &self.service.name
        }
    }

    /// Whether it runs and ends instead of answering.
    pub(super) fn is_job(&self) -> bool {
        self.service.kind == ServiceKind::Job
    }
}

fn offered(service: &Service, endpoint: Endpoint) -> Offered {
    let mut drawn = service.operations.iter();
    let drawn = drawn.find(|it| it.name == endpoint.title);
    let kind = drawn.and_then(|it| it.kind).map(|it| match it {
        OperationKind::Command => "command",
        OperationKind::Query => "query",
    });
    Offered { endpoint, kind }
}

fn link(call: Call<'_>) -> Link<'_> {
    let id = &call.dependency.to;
    let usual = bundle::prefix(id);
    let number = call.prefix.strip_prefix(&usual).unwrap_or_default();
    let name = format!("{id}{}", number.replace('_', "-"));
    Link { name, call }
}

fn technology<'a>(model: &'a Model, id: &ServiceId) -> &'a str {
    model.services.get(id).map_or("", |it| {
        it.known_technology()
            .map_or(it.kind.label(), |known| known.label)
    })
}
