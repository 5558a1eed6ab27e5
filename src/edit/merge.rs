//! Which consecutive edits undo as one: typing in one field of one element.

use super::Edit;

/// Two edits in a row with the same key undo as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeKey {
    kind: &'static str,
    id: String,
    field: &'static str,
}

impl MergeKey {
    /// The key of an edit; `None` for one that always is a step of its own.
    pub fn of(edit: &Edit) -> Option<Self> {
        let (kind, id, field) = match edit {
            Edit::DescribeSystem { .. } => ("system", "", "name"),
            Edit::ChangeService(id, _, field) => ("service", id.as_str(), *field),
            Edit::ChangeBoundary(id, _, field) => ("boundary", id.as_str(), *field),
            Edit::ChangeDependency(id, _, field) => ("dependency", id.as_str(), *field),
            Edit::ChangeRoute(id, _, field) => ("route", id.as_str(), *field),
            Edit::ChangeEnvironment(id, _, field) => ("environment", id.as_str(), *field),
            Edit::ChooseCi(_)
            | Edit::AddService(..)
            | Edit::AddBoundary(..)
            | Edit::AddDependency(..)
            | Edit::AddRoute(..)
            | Edit::AddEnvironment(..)
            | Edit::ChangeId(..)
            | Edit::Remove(_)
            | Edit::RemoveEnvironment(_)
            | Edit::Join(..)
            | Edit::Move(_)
            | Edit::MoveEmptyBoundary(..)
            | Edit::Collapse(..)
            | Edit::Lock(_)
            | Edit::Govern(_)
            | Edit::All(..) => return None,
        };
        Some(Self {
            kind,
            id: id.to_owned(),
            field,
        })
    }
}
