//! The shape of the project file, and conversion both ways.

use std::{collections::BTreeMap, sync::Arc};

use imbl::OrdMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Environment, Project, View};
use crate::model::{
    Boundary, BoundaryId, Ci, Dependency, DependencyId, EnvironmentId, Governance, Model, Route,
    RouteId, Service, ServiceId, Unknown,
};

/// The format this version writes. A file that says more is refused by name.
pub const FORMAT: u32 = 1;

/// A Meshboard project: a microservice topology, where it runs and how it is drawn.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Meshboard project")]
pub(super) struct ProjectFile {
    /// The version of this format.
    #[schemars(range(min = 1, max = 1))]
    meshboard: u32,
    /// What people call the system.
    name: String,
    /// What the system is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    /// The bounded contexts.
    #[serde(skip_serializing_if = "OrdMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Boundary>")]
    boundaries: OrdMap<BoundaryId, Arc<Boundary>>,
    /// Everything that runs, or is called.
    #[schemars(with = "BTreeMap<String, Service>")]
    services: OrdMap<ServiceId, Arc<Service>>,
    /// Who needs whom.
    #[serde(skip_serializing_if = "OrdMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Dependency>")]
    dependencies: OrdMap<DependencyId, Arc<Dependency>>,
    /// What gateways pass on.
    #[serde(skip_serializing_if = "OrdMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Route>")]
    routes: OrdMap<RouteId, Arc<Route>>,
    /// What tests, builds and ships it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ci: Option<Ci>,
    /// Where it runs and how it is observed there.
    #[serde(skip_serializing_if = "OrdMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Environment>")]
    environments: OrdMap<EnvironmentId, Arc<Environment>>,
    /// Which rules weigh what, and what was dismissed by whom.
    #[serde(skip_serializing_if = "Governance::is_empty")]
    governance: Governance,
    /// Imported top-level settings that are not modelled, by their origin.
    #[serde(skip_serializing_if = "Unknown::is_empty")]
    extra: Unknown,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    unknown: Unknown,
    /// How it is drawn; last, because it changes most.
    view: View,
}

impl From<&Project> for ProjectFile {
    fn from(project: &Project) -> Self {
        let project = project.clone();
        let Model {
            name,
            description,
            boundaries,
            services,
            dependencies,
            routes,
            ci,
            governance,
            extra,
        } = project.model;
        Self {
            meshboard: FORMAT,
            name,
            description,
            boundaries,
            services,
            dependencies,
            routes,
            ci,
            environments: project.environments,
            governance,
            extra,
            unknown: project.unknown,
            view: project.view,
        }
    }
}

impl From<ProjectFile> for Project {
    fn from(file: ProjectFile) -> Self {
        Self {
            model: Model {
                name: file.name,
                description: file.description,
                boundaries: file.boundaries,
                services: file.services,
                dependencies: file.dependencies,
                routes: file.routes,
                ci: file.ci,
                governance: file.governance,
                extra: file.extra,
            },
            environments: file.environments,
            view: file.view,
            unknown: file.unknown,
        }
    }
}

/// The text of a project file.
pub fn to_json(project: &Project) -> String {
    // Every key is a string and no value can fail to be written, so there is no error to report.
    let mut text =
        serde_json::to_string_pretty(&ProjectFile::from(project)).unwrap_or_else(|_| String::new());
    text.push('\n');
    text
}

/// The JSON Schema of a project file (draft 2020-12).
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ProjectFile).to_value()
}
