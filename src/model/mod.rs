//! What a topology is: plain data, and questions about it.
//!
//! Nothing here reads a file, a clock or a socket. An attribute that is absent is
//! unknown, never zero, so that no rule fires on what a design does not say. The
//! maps are persistent (structure is shared between copies), which is what makes
//! undo without limit affordable.
//!
//! The types carry their names in the project file as serde attributes; the JSON
//! Schema and its test hold that shape, so that renaming a field in Rust is not a
//! change of format. Each element keeps the keys it does not know in `unknown`.

mod boundary;
mod callers;
mod ci;
mod dependency;
mod governance;
mod graph;
mod id;
pub mod numbers;
mod references;
mod route;
mod service;
pub mod technology;

#[cfg(test)]
pub(crate) mod testing;

use std::{collections::BTreeMap, sync::Arc};

use imbl::OrdMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use boundary::{Boundary, BoundaryColor};
pub use ci::Ci;
pub use dependency::{
    Access, Breaker, Dependency, Evidence, Fallback, Mode, Protocol, Retries, worst_case_backoff_ms,
};
pub use governance::{Dismissal, Governance, Severity, SeverityChange};
pub use graph::{Edge, Graph, strong_components};
pub use id::{
    BoundaryId, DependencyId, EnvironmentId, Id, IdError, MAX_ID_LENGTH, RouteId, ServiceId,
};
pub use numbers::{Call, CallBy, Numbers};
pub use references::ReferenceError;
pub use route::{Authentication, Cors, Method, RateLimit, Route};
pub use service::{
    Build, HealthCheck, Operation, OperationKind, Port, PortProtocol, Resources, Service,
    ServiceKind, StartCondition, Volume,
};

/// Keys of the project file that this version does not know; written back as they were.
pub type Unknown = serde_json::Map<String, serde_json::Value>;

/// One of the elements that a person can select.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ElementId {
    /// A bounded context.
    Boundary(BoundaryId),
    /// A service of any kind.
    Service(ServiceId),
    /// A dependency between two services.
    Dependency(DependencyId),
    /// A route of a gateway.
    Route(RouteId),
}

impl ElementId {
    /// The id without its kind.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Boundary(id) => id.as_str(),
            Self::Service(id) => id.as_str(),
            Self::Dependency(id) => id.as_str(),
            Self::Route(id) => id.as_str(),
        }
    }

    /// What a person calls this kind of element.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Boundary(_) => "boundary",
            Self::Service(_) => "service",
            Self::Dependency(_) => "dependency",
            Self::Route(_) => "route",
        }
    }
}

/// A whole topology, without how it is drawn or where it runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Model {
    /// What people call the system.
    pub name: String,
    /// What the system is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The bounded contexts.
    #[serde(skip_serializing_if = "OrdMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Boundary>")]
    pub boundaries: OrdMap<BoundaryId, Arc<Boundary>>,
    /// Everything that runs, or is called.
    #[schemars(with = "BTreeMap<String, Service>")]
    pub services: OrdMap<ServiceId, Arc<Service>>,
    /// Who needs whom.
    #[serde(skip_serializing_if = "OrdMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Dependency>")]
    pub dependencies: OrdMap<DependencyId, Arc<Dependency>>,
    /// What gateways pass on.
    #[serde(skip_serializing_if = "OrdMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Route>")]
    pub routes: OrdMap<RouteId, Arc<Route>>,
    /// What tests, builds and ships it; absent means GitHub Actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci: Option<Ci>,
    /// Which rules weigh what, and what was dismissed by whom.
    #[serde(skip_serializing_if = "Governance::is_empty")]
    pub governance: Governance,
    /// Top-level settings imported from elsewhere that are not modelled, by their
    /// origin: `compose` holds networks, volumes and the like, verbatim.
    #[serde(skip_serializing_if = "Unknown::is_empty")]
    pub extra: Unknown,
}

impl Model {
    /// The display name of a service, or its id where it has none or does not exist.
    pub fn service_name<'a>(&'a self, id: &'a ServiceId) -> &'a str {
        match self.services.get(id) {
            Some(service) if !service.name.is_empty() => &service.name,
            Some(_) | None => id.as_str(),
        }
    }

    /// The display name of a boundary, or its id where it has none or does not exist.
    pub fn boundary_name<'a>(&'a self, id: &'a BoundaryId) -> &'a str {
        match self.boundaries.get(id) {
            Some(boundary) if !boundary.name.is_empty() => &boundary.name,
            Some(_) | None => id.as_str(),
        }
    }

    /// `orders → payments`, as people read it.
    pub fn dependency_name(&self, id: &DependencyId) -> String {
        self.dependencies.get(id).map_or_else(
            || id.to_string(),
            |it| {
                format!(
                    "{} → {}",
                    self.service_name(&it.from),
                    self.service_name(&it.to)
                )
            },
        )
    }

    /// What people call an element.
    pub fn element_name(&self, id: &ElementId) -> String {
        match id {
            ElementId::Boundary(id) => self.boundary_name(id).to_owned(),
            ElementId::Service(id) => self.service_name(id).to_owned(),
            ElementId::Dependency(id) => self.dependency_name(id),
            ElementId::Route(id) => self
                .routes
                .get(id)
                .map_or_else(|| id.to_string(), |it| it.label()),
        }
    }

    /// Whether the element exists.
    pub fn contains(&self, id: &ElementId) -> bool {
        match id {
            ElementId::Boundary(id) => self.boundaries.contains_key(id),
            ElementId::Service(id) => self.services.contains_key(id),
            ElementId::Dependency(id) => self.dependencies.contains_key(id),
            ElementId::Route(id) => self.routes.contains_key(id),
        }
    }

    /// The id a new dependency between two services would get.
    pub fn free_dependency_id(&self, from: &ServiceId, to: &ServiceId) -> DependencyId {
        DependencyId::from_display_name(&format!("{from}-{to}"), "dependency")
            .made_unique(|it| self.dependencies.contains_key(it))
    }
}
