//! How a design changes: edits, and the document that applies, undoes and redoes them.
//!
//! Everything a person can change goes through an [`Edit`], so that everything can
//! be undone. An edit is applied to a copy that shares its structure with the
//! original; one that fails changes nothing.

mod apply;
mod change_id;
mod document;
mod merge;
#[cfg(test)]
mod properties;
mod remove;

use std::collections::BTreeSet;

use crate::{
    model::{
        Boundary, BoundaryId, Ci, Dependency, DependencyId, ElementId, EnvironmentId, Governance,
        IdError, ReferenceError, Route, RouteId, Service, ServiceId,
    },
    project::{Environment, Position},
};

pub use document::Document;
pub use merge::MergeKey;

/// A change to a project.
///
/// Changing an element hands over the whole new element and the name of the field
/// that a person touched, as people read it: it becomes the undo label, and typing in
/// one field of one element undoes as one step.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Names the system and says what it is for.
    DescribeSystem {
        /// What people call it.
        name: String,
        /// What it is for.
        description: String,
    },
    /// What tests, builds and ships the system.
    ChooseCi(Option<Ci>),
    /// A new service; without a position it is placed by the canvas.
    AddService(ServiceId, Box<Service>, Option<Position>),
    /// A new boundary, at this position while it is empty.
    AddBoundary(BoundaryId, Box<Boundary>, Option<Position>),
    /// A new dependency.
    AddDependency(DependencyId, Box<Dependency>),
    /// A new route.
    AddRoute(RouteId, Box<Route>),
    /// A new environment.
    AddEnvironment(EnvironmentId, Box<Environment>),
    /// A service becomes what is given.
    ChangeService(ServiceId, Box<Service>, &'static str),
    /// A boundary becomes what is given.
    ChangeBoundary(BoundaryId, Box<Boundary>, &'static str),
    /// A dependency becomes what is given.
    ChangeDependency(DependencyId, Box<Dependency>, &'static str),
    /// A route becomes what is given.
    ChangeRoute(RouteId, Box<Route>, &'static str),
    /// An environment becomes what is given.
    ChangeEnvironment(EnvironmentId, Box<Environment>, &'static str),
    /// An element gets another id; every reference follows.
    ChangeId(ElementId, String),
    /// Elements go, and with a service its dependencies and routes. What a removed
    /// boundary held moves to its parent.
    Remove(BTreeSet<ElementId>),
    /// An environment goes.
    RemoveEnvironment(EnvironmentId),
    /// Services join a boundary, or leave theirs.
    Join(Vec<ServiceId>, Option<BoundaryId>),
    /// Services move.
    Move(Vec<(ServiceId, Position)>),
    /// An empty boundary moves.
    MoveEmptyBoundary(BoundaryId, Position),
    /// Boundaries are drawn as one card, or opened again.
    Collapse(BTreeSet<BoundaryId>, bool),
    /// Cards are locked against nudges, or unlocked.
    Lock(bool),
    /// The team decides about rules.
    Govern(Governance),
    /// Several edits that are done and undone as one, with what people call that.
    All(String, Vec<Self>),
}

/// Why an edit was not done. The project is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is one with this id.
    #[error("there already is a {kind} with the id {id}: choose another id")]
    Taken {
        /// What kind of element it is.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// There is none with this id.
    #[error("there is no {kind} with the id {id}")]
    Missing {
        /// What kind of element it should be.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// A text is no id.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The change would leave a reference that leads nowhere.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
}

impl Edit {
    /// What the menu says after "Undo".
    pub fn label(&self) -> String {
        match self {
            Self::DescribeSystem { .. } => "rename system".to_owned(),
            Self::ChooseCi(_) => "choose CI".to_owned(),
            Self::AddService(id, ..) => format!("add service {id}"),
            Self::AddBoundary(id, ..) => format!("add boundary {id}"),
            Self::AddDependency(id, ..) => format!("connect {id}"),
            Self::AddRoute(id, ..) => format!("add route {id}"),
            Self::AddEnvironment(id, ..) => format!("add environment {id}"),
            Self::ChangeService(id, _, field) => format!("change {field} of {id}"),
            Self::ChangeBoundary(id, _, field) => format!("change {field} of {id}"),
            Self::ChangeDependency(id, _, field) => format!("change {field} of {id}"),
            Self::ChangeRoute(id, _, field) => format!("change {field} of {id}"),
            Self::ChangeEnvironment(id, _, field) => format!("change {field} of {id}"),
            Self::ChangeId(from, to) => format!("change id {} to {to}", from.as_str()),
            Self::Remove(ids) => match ids.first() {
                Some(only) if ids.len() == 1 => format!("delete {}", only.as_str()),
                Some(_) | None => format!("delete {} elements", ids.len()),
            },
            Self::RemoveEnvironment(id) => format!("delete environment {id}"),
            Self::Join(services, Some(boundary)) => {
                format!("move {} into {boundary}", counted(services))
            }
            Self::Join(services, None) => format!("take {} out", counted(services)),
            Self::Move(moves) if moves.len() == 1 => format!("move {}", moves[0].0),
            Self::Move(moves) => format!("move {} services", moves.len()),
            Self::MoveEmptyBoundary(id, _) => format!("move {id}"),
            Self::Collapse(_, true) => "collapse".to_owned(),
            Self::Collapse(_, false) => "expand".to_owned(),
            Self::Lock(true) => "lock".to_owned(),
            Self::Lock(false) => "unlock".to_owned(),
            Self::Govern(_) => "change rule settings".to_owned(),
            Self::All(label, _) => label.clone(),
        }
    }
}

fn counted(services: &[ServiceId]) -> String {
    match services {
        [only] => only.to_string(),
        _ => format!("{} services", services.len()),
    }
}
