//! Starting points: templates, imports and layouts, from where they are made.
//!
//! The one place of the window that knows importers, examples and the layout.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    model::ServiceId,
    project::{Position, Project},
};

/// A starting point that a person can choose.
#[derive(Debug)]
pub(super) struct Template {
    /// What it is called.
    pub(super) name: &'static str,
    /// What it is, in a sentence.
    pub(super) summary: &'static str,
}

/// Every template, in the order people read them.
pub(super) const ALL: &[Template] = &[Template {
    name: "Blank",
    summary: "An empty canvas: double-click it to add a service.",
}];

/// The project a template stands for.
pub(super) fn project(_name: &str) -> Result<Project, String> {
    Ok(Project::default())
}

/// Reads files of other programs; the notes say what could not be taken over.
pub(super) fn import(_paths: &[PathBuf]) -> Result<(Box<Project>, Vec<String>), String> {
    Err("nothing can be imported yet".to_owned())
}

/// Where a layout puts all services, or only the chosen ones.
pub(super) fn arrange(
    _project: &Project,
    _chosen: Option<&BTreeSet<ServiceId>>,
) -> Vec<(ServiceId, Position)> {
    Vec::new()
}
