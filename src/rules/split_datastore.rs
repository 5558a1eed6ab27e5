//! Giving a service a datastore of its own: the edits that D01 and S18 share.

use std::collections::BTreeSet;

use super::{
    Context,
    fix::{change_dependency, change_service},
};
use crate::{
    edit::Edit,
    model::{Service, ServiceId, Volume},
};

/// The edits that give `user` a store like `store`, reached by `edges`. `taken` keeps
/// the ids of stores that edits of the same fix add.
pub(super) fn split_off(
    context: &Context<'_>,
    store: usize,
    user: usize,
    edges: &[usize],
    taken: &mut BTreeSet<ServiceId>,
) -> Vec<Edit> {
    let graph = &context.numbers.graph;
    let (store_id, old) = graph.services[store];
    let (user_id, service) = graph.services[user];
    let id = ServiceId::from_display_name(&format!("{user_id}-{store_id}"), "store")
        .made_unique(|it| context.model.services.contains_key(it) || taken.contains(it));
    taken.insert(id.clone());

    let mut edits = vec![Edit::AddService(
        id.clone(),
        Box::new(like(old, &id, service)),
        None,
    )];
    for &index in edges {
        let edge = &graph.edges[index];
        edits.push(change_dependency(
            edge.id,
            edge.dependency,
            "target",
            |it| {
                it.to.clone_from(&id);
            },
        ));
    }
    if let Some(&condition) = service.starts_after.get(store_id) {
        edits.push(change_service(user_id, service, "start order", |it| {
            it.starts_after.remove(store_id);
            it.starts_after.insert(id, condition);
        }));
    }
    edits
}

/// A store like another, without what only one of the two can have: its name, host
/// ports, folders it writes to, and settings that were imported for it alone.
fn like(old: &Service, id: &ServiceId, user: &Service) -> Service {
    let mut store = old.clone();
    store.name = String::new();
    store.boundary.clone_from(&user.boundary);
    store.owner.clone_from(&user.owner);
    store.entities.clear();
    store.extra.clear();
    for port in &mut store.ports {
        port.published = None;
        port.host_ip.clear();
    }
    for volume in &mut store.volumes {
        if !volume.read_only {
            volume.source = own_source(volume, id);
        }
    }
    store
}

/// A named volume gets a name of its own; what was a folder on the host becomes unnamed.
fn own_source(volume: &Volume, id: &ServiceId) -> String {
    let is_folder = volume.source.starts_with(['.', '/', '~']);
    if volume.source.is_empty() || is_folder {
        String::new()
    } else {
        format!("{id}-{}", volume.source)
    }
}
