//! Gives an element another id; every reference to it follows.

use std::{collections::BTreeMap, sync::Arc};

use imbl::OrdMap;

use super::{EditError, apply::missing, remove::change_where};
use crate::{
    model::{BoundaryId, DependencyId, ElementId, Id, RouteId, ServiceId},
    project::Project,
};

/// Changes the id of one element.
pub(super) fn change_id(
    project: &mut Project,
    from: &ElementId,
    to: &str,
) -> Result<(), EditError> {
    if from.as_str() == to {
        return Ok(());
    }
    match from {
        ElementId::Service(from) => {
            let to = ServiceId::new(to)?;
            move_key(&mut project.model.services, "service", from, &to)?;
            service_follows(project, from, &to);
        }
        ElementId::Boundary(from) => {
            let to = BoundaryId::new(to)?;
            move_key(&mut project.model.boundaries, "boundary", from, &to)?;
            boundary_follows(project, from, &to);
        }
        ElementId::Dependency(from) => {
            let to = DependencyId::new(to)?;
            move_key(&mut project.model.dependencies, "dependency", from, &to)?;
            dependency_follows(project, from, &to);
        }
        ElementId::Route(from) => {
            let to = RouteId::new(to)?;
            move_key(&mut project.model.routes, "route", from, &to)?;
        }
    }
    dismissals_follow(project, from.as_str(), to);
    Ok(())
}

fn move_key<Kind, Element>(
    elements: &mut OrdMap<Id<Kind>, Arc<Element>>,
    kind: &'static str,
    from: &Id<Kind>,
    to: &Id<Kind>,
) -> Result<(), EditError> {
    if elements.contains_key(to) {
        return Err(EditError::Taken {
            kind,
            id: to.to_string(),
        });
    }
    let element = elements.remove(from).ok_or_else(|| missing(kind, from))?;
    elements.insert(to.clone(), element);
    Ok(())
}

fn service_follows(project: &mut Project, from: &ServiceId, to: &ServiceId) {
    let model = &mut project.model;
    change_where(
        &mut model.dependencies,
        |it| it.from == *from || it.to == *from,
        |it| {
            for end in [&mut it.from, &mut it.to] {
                follow(end, from, to);
            }
        },
    );
    change_where(
        &mut model.routes,
        |it| it.gateway == *from || it.service == *from,
        |it| {
            for end in [&mut it.gateway, &mut it.service] {
                follow(end, from, to);
            }
        },
    );
    change_where(
        &mut model.services,
        |it| it.starts_after.contains_key(from),
        |it| rename(&mut it.starts_after, from, to),
    );
    change_where(
        &mut project.environments,
        |it| it.targets.contains_key(from),
        |it| rename(&mut it.targets, from, to),
    );
    if let Some(position) = project.view.positions.remove(from) {
        project.view.positions.insert(to.clone(), position);
    }
}

fn boundary_follows(project: &mut Project, from: &BoundaryId, to: &BoundaryId) {
    change_where(
        &mut project.model.services,
        |it| it.boundary.as_ref() == Some(from),
        |it| it.boundary = Some(to.clone()),
    );
    change_where(
        &mut project.model.boundaries,
        |it| it.parent.as_ref() == Some(from),
        |it| it.parent = Some(to.clone()),
    );
    if project.view.collapsed.remove(from) {
        project.view.collapsed.insert(to.clone());
    }
    if let Some(position) = project.view.empty_boundaries.remove(from) {
        project.view.empty_boundaries.insert(to.clone(), position);
    }
}

fn dependency_follows(project: &mut Project, from: &DependencyId, to: &DependencyId) {
    change_where(
        &mut project.environments,
        |it| it.breaker_aliases.values().any(|it| it == from),
        |it| {
            for dependency in it.breaker_aliases.values_mut() {
                follow(dependency, from, to);
            }
        },
    );
}

fn dismissals_follow(project: &mut Project, from: &str, to: &str) {
    for dismissal in &mut project.model.governance.dismissals {
        for subject in &mut dismissal.subjects {
            if subject == from {
                to.clone_into(subject);
            }
        }
        dismissal.subjects.sort_unstable();
    }
}

fn follow<Kind>(id: &mut Id<Kind>, from: &Id<Kind>, to: &Id<Kind>) {
    if id == from {
        id.clone_from(to);
    }
}

fn rename<Kind, Value>(map: &mut BTreeMap<Id<Kind>, Value>, from: &Id<Kind>, to: &Id<Kind>) {
    if let Some(value) = map.remove(from) {
        map.insert(to.clone(), value);
    }
}
