//! Boundaries proposed from networks.
//!
//! Whoever separates networks means something by it, so each network that holds a part
//! of the services proposes a boundary. Where everything is on one network there is
//! nothing to see, and nothing is guessed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{node::Node, references::networks};
use crate::model::{Boundary, BoundaryId, Model, Service, ServiceId, ServiceKind};

/// Fewer members are no context of their own.
const FEWEST_MEMBERS: usize = 2;

/// Adds boundaries and puts services into them.
pub(super) fn add(model: &mut Model, services: &[(&ServiceId, &Node)]) {
    let on: Vec<(&ServiceId, BTreeSet<String>)> = services
        .iter()
        .map(|(id, node)| (*id, networks_of(node)))
        .collect();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, names) in &on {
        for name in names {
            *sizes.entry(name).or_default() += 1;
        }
    }
    let count = services.len();
    let mut members: BTreeMap<&str, Vec<&ServiceId>> = BTreeMap::new();
    for (id, names) in &on {
        if let Some(network) = most_specific(names, &sizes, count) {
            members.entry(network).or_default().push(id);
        }
    }
    members.retain(|_, it| it.len() >= FEWEST_MEMBERS && it.len() < count);
    for (network, members) in members {
        let id = BoundaryId::from_display_name(network, "network")
            .made_unique(|it| model.boundaries.contains_key(it));
        let name = if id.as_str() == network { "" } else { network };
        let boundary = Boundary {
            name: name.to_owned(),
            ..Boundary::default()
        };
        model.boundaries.insert(id.clone(), Arc::new(boundary));
        for member in members {
            change(model, member, |it| it.boundary = Some(id.clone()));
        }
    }
    if model.boundaries.is_empty() {
        return;
    }
    adopt_stores(model);
    for (id, names) in &on {
        let is_shared = names.len() > 1;
        change(model, id, |it| {
            // Put on a second network, or published, so that others can reach it.
            it.public = it.boundary.is_some()
                && (is_shared || it.is_exposed())
                && matches!(it.kind, ServiceKind::Service | ServiceKind::Gateway);
        });
    }
}

/// The networks of a service; one that says nothing is on Compose's own.
fn networks_of(service: &Node) -> BTreeSet<String> {
    if service.get("network_mode").is_some() {
        return BTreeSet::new();
    }
    let names: BTreeSet<_> = networks(service)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    if names.is_empty() {
        return BTreeSet::from(["default".to_owned()]);
    }
    names
}

/// The network with the fewest members, unless two are alike or it holds everything.
fn most_specific<'a>(
    names: &BTreeSet<String>,
    sizes: &BTreeMap<&'a str, usize>,
    count: usize,
) -> Option<&'a str> {
    let mut candidates: Vec<_> = names
        .iter()
        .filter_map(|it| sizes.get_key_value(it.as_str()))
        .filter(|(_, size)| **size < count)
        .map(|(name, size)| (*size, *name))
        .collect();
    candidates.sort_unstable();
    match candidates.as_slice() {
        [(first, _), (second, _), ..] if first == second => None,
        [(_, name), ..] => Some(name),
        [] => None,
    }
}

/// A store without a boundary joins the one of the only service that uses it.
fn adopt_stores(model: &mut Model) {
    let mut users: BTreeMap<ServiceId, BTreeSet<ServiceId>> = BTreeMap::new();
    for dependency in model.dependencies.values() {
        let users = users.entry(dependency.to.clone()).or_default();
        users.insert(dependency.from.clone());
    }
    for (id, service) in &model.services {
        for other in service.starts_after.keys() {
            users.entry(other.clone()).or_default().insert(id.clone());
        }
    }
    for (store, users) in users {
        let is_homeless = model
            .services
            .get(&store)
            .is_some_and(|it| it.kind.is_store() && it.boundary.is_none());
        let only = users.first().filter(|_| users.len() == 1);
        if is_homeless && let Some(user) = only.and_then(|it| model.services.get(it)) {
            let boundary = user.boundary.clone();
            change(model, &store, |it| it.boundary = boundary);
        }
    }
}

fn change(model: &mut Model, id: &ServiceId, edit: impl FnOnce(&mut Service)) {
    if let Some(service) = model.services.get_mut(id) {
        edit(Arc::make_mut(service));
    }
}
