//! Performs one edit on a copy of the project.

use std::sync::Arc;

use imbl::OrdMap;

use super::{Edit, EditError, change_id::change_id, remove::remove};
use crate::project::Project;

impl Edit {
    /// Does what the edit says. After an error the project is of no use: the caller
    /// hands in a copy and drops it.
    pub(super) fn apply(self, project: &mut Project) -> Result<(), EditError> {
        match self {
            Self::DescribeSystem { name, description } => {
                project.model.name = name;
                project.model.description = description;
            }
            Self::ChooseCi(ci) => project.model.ci = ci,
            Self::AddService(id, service, position) => {
                if let Some(position) = position {
                    project.view.positions.insert(id.clone(), position);
                }
                add(&mut project.model.services, "service", id, *service)?;
            }
            Self::AddBoundary(id, boundary, position) => {
                if let Some(position) = position {
                    project.view.empty_boundaries.insert(id.clone(), position);
                }
                add(&mut project.model.boundaries, "boundary", id, *boundary)?;
            }
            Self::AddDependency(id, it) => {
                add(&mut project.model.dependencies, "dependency", id, *it)?;
            }
            Self::AddRoute(id, route) => add(&mut project.model.routes, "route", id, *route)?,
            Self::AddEnvironment(id, it) => {
                add(&mut project.environments, "environment", id, *it)?;
            }
            Self::ChangeService(id, it, _) => {
                change(&mut project.model.services, "service", id, *it)?;
            }
            Self::ChangeBoundary(id, it, _) => {
                change(&mut project.model.boundaries, "boundary", id, *it)?;
            }
            Self::ChangeDependency(id, it, _) => {
                change(&mut project.model.dependencies, "dependency", id, *it)?;
            }
            Self::ChangeRoute(id, it, _) => change(&mut project.model.routes, "route", id, *it)?,
            Self::ChangeEnvironment(id, it, _) => {
                change(&mut project.environments, "environment", id, *it)?;
            }
            Self::ChangeId(from, to) => change_id(project, &from, &to)?,
            Self::Remove(ids) => remove(project, &ids)?,
            Self::RemoveEnvironment(id) => {
                if project.environments.remove(&id).is_none() {
                    return Err(missing("environment", &id));
                }
            }
            Self::All(_, edits) => edits.into_iter().try_for_each(|it| it.apply(project))?,
            view_or_membership => view_or_membership.apply_to_arrangement(project)?,
        }
        Ok(())
    }

    /// The edits that say where things are rather than what they are.
    fn apply_to_arrangement(self, project: &mut Project) -> Result<(), EditError> {
        match self {
            Self::Join(services, boundary) => {
                for id in services {
                    let service = project
                        .model
                        .services
                        .get_mut(&id)
                        .ok_or_else(|| missing("service", &id))?;
                    if service.boundary != boundary {
                        Arc::make_mut(service).boundary.clone_from(&boundary);
                    }
                }
            }
            Self::Move(moves) => {
                for (id, position) in moves {
                    if !project.model.services.contains_key(&id) {
                        return Err(missing("service", &id));
                    }
                    project.view.positions.insert(id, position);
                }
            }
            Self::MoveEmptyBoundary(id, position) => {
                if !project.model.boundaries.contains_key(&id) {
                    return Err(missing("boundary", &id));
                }
                project.view.empty_boundaries.insert(id, position);
            }
            Self::Collapse(boundaries, collapsed) => {
                for id in boundaries {
                    if !project.model.boundaries.contains_key(&id) {
                        return Err(missing("boundary", &id));
                    }
                    if collapsed {
                        project.view.collapsed.insert(id);
                    } else {
                        project.view.collapsed.remove(&id);
                    }
                }
            }
            Self::Lock(locked) => project.view.locked = locked,
            Self::Govern(governance) => project.model.governance = governance,
            // `apply` keeps every other edit to itself.
            _ => {}
        }
        Ok(())
    }

    /// Whether applying it can leave a reference that leads nowhere.
    pub(super) fn touches_references(&self, project: &Project) -> bool {
        let model = &project.model;
        match self {
            Self::DescribeSystem { .. }
            | Self::ChooseCi(_)
            | Self::AddEnvironment(..)
            | Self::ChangeEnvironment(..)
            | Self::RemoveEnvironment(_)
            | Self::Move(_)
            | Self::MoveEmptyBoundary(..)
            | Self::Collapse(..)
            | Self::Lock(_)
            | Self::Govern(_) => false,
            Self::All(_, edits) => edits.iter().any(|it| it.touches_references(project)),
            // Typing in a field of a large design must not check all of it.
            Self::ChangeService(id, new, _) => model.services.get(id).is_none_or(|old| {
                old.boundary != new.boundary || old.starts_after != new.starts_after
            }),
            Self::ChangeBoundary(id, new, _) => {
                (model.boundaries.get(id)).is_none_or(|old| old.parent != new.parent)
            }
            Self::ChangeDependency(id, new, _) => (model.dependencies.get(id))
                .is_none_or(|old| old.from != new.from || old.to != new.to),
            Self::ChangeRoute(id, new, _) => (model.routes.get(id))
                .is_none_or(|old| old.gateway != new.gateway || old.service != new.service),
            Self::AddService(..)
            | Self::AddBoundary(..)
            | Self::AddDependency(..)
            | Self::AddRoute(..)
            | Self::ChangeId(..)
            | Self::Remove(_)
            | Self::Join(..) => true,
        }
    }
}

pub(super) fn missing(kind: &'static str, id: impl AsRef<str>) -> EditError {
    EditError::Missing {
        kind,
        id: id.as_ref().to_owned(),
    }
}

fn add<Key: Ord + Clone + AsRef<str>, Element: Clone>(
    elements: &mut OrdMap<Key, Arc<Element>>,
    kind: &'static str,
    id: Key,
    element: Element,
) -> Result<(), EditError> {
    if elements.contains_key(&id) {
        return Err(EditError::Taken {
            kind,
            id: id.as_ref().to_owned(),
        });
    }
    elements.insert(id, Arc::new(element));
    Ok(())
}

fn change<Key: Ord + Clone + AsRef<str>, Element: Clone + PartialEq>(
    elements: &mut OrdMap<Key, Arc<Element>>,
    kind: &'static str,
    id: Key,
    element: Element,
) -> Result<(), EditError> {
    let Some(current) = elements.get_mut(&id) else {
        return Err(missing(kind, id));
    };
    if **current != element {
        *current = Arc::new(element);
    }
    Ok(())
}
