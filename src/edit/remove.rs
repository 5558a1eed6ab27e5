//! Takes elements out of a project, and with them what cannot be without them.

use std::{collections::BTreeSet, sync::Arc};

use imbl::OrdMap;

use super::{EditError, apply::missing};
use crate::{
    model::{BoundaryId, ElementId, Model, ServiceId},
    project::Project,
};

/// Removes the elements; the dependencies, routes and targets of removed services
/// go, too, and what a removed boundary held moves to its parent.
pub(super) fn remove(project: &mut Project, ids: &BTreeSet<ElementId>) -> Result<(), EditError> {
    if let Some(id) = ids.iter().find(|it| !project.model.contains(it)) {
        return Err(missing(id.kind(), id.as_str()));
    }
    let mut services = BTreeSet::new();
    for id in ids {
        match id {
            ElementId::Service(id) => {
                project.model.services.remove(id);
                project.view.positions.remove(id);
                services.insert(id.clone());
            }
            ElementId::Dependency(id) => {
                project.model.dependencies.remove(id);
            }
            ElementId::Route(id) => {
                project.model.routes.remove(id);
            }
            ElementId::Boundary(id) => remove_boundary(project, id),
        }
    }
    if !services.is_empty() {
        forget_services(project, &services);
    }
    forget_lost_aliases(project);
    Ok(())
}

fn remove_boundary(project: &mut Project, id: &BoundaryId) {
    let Some(removed) = project.model.boundaries.remove(id) else {
        return;
    };
    change_where(
        &mut project.model.services,
        |it| it.boundary.as_ref() == Some(id),
        |it| it.boundary.clone_from(&removed.parent),
    );
    change_where(
        &mut project.model.boundaries,
        |it| it.parent.as_ref() == Some(id),
        |it| it.parent.clone_from(&removed.parent),
    );
    project.view.collapsed.remove(id);
    project.view.empty_boundaries.remove(id);
}

fn forget_services(project: &mut Project, removed: &BTreeSet<ServiceId>) {
    let Model {
        services,
        dependencies,
        routes,
        ..
    } = &mut project.model;
    remove_where(dependencies, |it| {
        removed.contains(&it.from) || removed.contains(&it.to)
    });
    remove_where(routes, |it| {
        removed.contains(&it.gateway) || removed.contains(&it.service)
    });
    change_where(
        services,
        |it| it.starts_after.keys().any(|id| removed.contains(id)),
        |it| it.starts_after.retain(|id, _| !removed.contains(id)),
    );
    change_where(
        &mut project.environments,
        |it| it.targets.keys().any(|id| removed.contains(id)),
        |it| it.targets.retain(|id, _| !removed.contains(id)),
    );
}

fn forget_lost_aliases(project: &mut Project) {
    let dependencies = &project.model.dependencies;
    change_where(
        &mut project.environments,
        |it| {
            it.breaker_aliases
                .values()
                .any(|id| !dependencies.contains_key(id))
        },
        |it| {
            it.breaker_aliases
                .retain(|_, id| dependencies.contains_key(id));
        },
    );
}

/// Changes only the elements that need it, so that all others stay shared.
pub(super) fn change_where<Key: Ord + Clone, Element: Clone>(
    elements: &mut OrdMap<Key, Arc<Element>>,
    is_affected: impl Fn(&Element) -> bool,
    mut change: impl FnMut(&mut Element),
) {
    let affected: Vec<Key> = elements
        .iter()
        .filter(|(_, it)| is_affected(it))
        .map(|(id, _)| id.clone())
        .collect();
    for id in affected {
        if let Some(element) = elements.get_mut(&id) {
            change(Arc::make_mut(element));
        }
    }
}

fn remove_where<Key: Ord + Clone, Element>(
    elements: &mut OrdMap<Key, Arc<Element>>,
    is_affected: impl Fn(&Element) -> bool,
) {
    let affected: Vec<Key> = elements
        .iter()
        .filter(|(_, it)| is_affected(it))
        .map(|(id, _)| id.clone())
        .collect();
    for id in affected {
        elements.remove(&id);
    }
}
