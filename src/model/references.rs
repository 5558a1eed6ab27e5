//! Whether every reference inside a model leads somewhere.
//!
//! A model that passes has no dangling end, no unknown boundary and no boundary
//! inside itself; everything else in the program relies on that.

use super::{BoundaryId, Model, ServiceId};

/// A reference that leads nowhere, or in a circle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It names something that does not exist.
    #[error("{place} names the {kind} {id:?}, which does not exist: add it, or name another")]
    Missing {
        /// Where, as a path in the project file: `dependencies.a-b.to`.
        place: String,
        /// What was expected there.
        kind: &'static str,
        /// The id that was found there.
        id: String,
    },
    /// A boundary contains itself.
    #[error("boundaries.{0}.parent leads back to {0} itself: a boundary cannot contain itself")]
    Circle(BoundaryId),
}

impl Model {
    /// Checks every reference; the first broken one is the error.
    pub fn check_references(&self) -> Result<(), ReferenceError> {
        for (id, service) in &self.services {
            if let Some(boundary) = &service.boundary {
                self.boundary_exists(boundary, || format!("services.{id}.boundary"))?;
            }
            for other in service.starts_after.keys() {
                self.service_exists(other, || format!("services.{id}.starts_after"))?;
            }
        }
        for (id, it) in &self.dependencies {
            self.service_exists(&it.from, || format!("dependencies.{id}.from"))?;
            self.service_exists(&it.to, || format!("dependencies.{id}.to"))?;
        }
        for (id, it) in &self.routes {
            self.service_exists(&it.gateway, || format!("routes.{id}.gateway"))?;
            self.service_exists(&it.service, || format!("routes.{id}.service"))?;
        }
        for (id, it) in &self.boundaries {
            if let Some(parent) = &it.parent {
                self.boundary_exists(parent, || format!("boundaries.{id}.parent"))?;
            }
            if self.is_inside_itself(id) {
                return Err(ReferenceError::Circle(id.clone()));
            }
        }
        Ok(())
    }

    fn is_inside_itself(&self, id: &BoundaryId) -> bool {
        // A chain longer than the number of boundaries runs in a circle further up.
        let mut above = self.boundaries.get(id).and_then(|it| it.parent.as_ref());
        for _ in 0..self.boundaries.len() {
            let Some(parent) = above else { return false };
            if parent == id {
                return true;
            }
            above = self
                .boundaries
                .get(parent)
                .and_then(|it| it.parent.as_ref());
        }
        false
    }

    fn service_exists(
        &self,
        id: &ServiceId,
        place: impl FnOnce() -> String,
    ) -> Result<(), ReferenceError> {
        if self.services.contains_key(id) {
            return Ok(());
        }
        Err(ReferenceError::Missing {
            place: place(),
            kind: "service",
            id: id.to_string(),
        })
    }

    fn boundary_exists(
        &self,
        id: &BoundaryId,
        place: impl FnOnce() -> String,
    ) -> Result<(), ReferenceError> {
        if self.boundaries.contains_key(id) {
            return Ok(());
        }
        Err(ReferenceError::Missing {
            place: place(),
            kind: "boundary",
            id: id.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::model::{Boundary, BoundaryId, testing::model};

    #[test]
    fn a_dangling_end_is_named_with_its_place() {
        let mut model = model("x(a, b); a -> b");
        model.services.remove("b");
        assert_eq!(
            model.check_references().unwrap_err().to_string(),
            "dependencies.a-b.to names the service \"b\", which does not exist: add it, or name another"
        );
    }

    #[test]
    fn a_boundary_inside_itself_is_refused() {
        let mut model = model("x(a); y(b)");
        for (id, parent) in [("x", "y"), ("y", "x")] {
            let boundary = Boundary {
                parent: Some(BoundaryId::new(parent).unwrap()),
                ..Boundary::default()
            };
            model
                .boundaries
                .insert(BoundaryId::new(id).unwrap(), Arc::new(boundary));
        }
        assert!(model.check_references().is_err());
    }
}
