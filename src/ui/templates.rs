//! Starting points: templates, imports and layouts, from where they are made.
//!
//! The one place of the window that knows importers, examples and the layout.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::{
    import::{self, Importer},
    layout,
    model::ServiceId,
    project::{self, Position, Project},
};

/// A starting point that a person can choose.
#[derive(Debug)]
pub(super) struct Template {
    /// What it is called.
    pub(super) name: &'static str,
    /// What it is, in a sentence.
    pub(super) summary: &'static str,
    /// The project; `None` is an empty one.
    json: Option<&'static str>,
}

/// Every template, in the order people read them.
pub(super) const ALL: &[Template] = &[
    Template {
        name: "Blank",
        summary: "An empty canvas: double-click it to add a service",
        json: None,
    },
    Template {
        name: "Shop",
        summary: "A web shop with a gateway, payments and events; what the demo runs",
        json: Some(include_str!("../../examples/shop/shop.meshboard.json")),
    },
    Template {
        name: "Event-driven",
        summary: "A bicycle rental whose services tell one another what happened",
        json: Some(include_str!(
            "../../examples/event-driven/event-driven.meshboard.json"
        )),
    },
    Template {
        name: "Flawed",
        summary: "A travel agency with deliberate flaws, to try the rules on",
        json: Some(include_str!("../../examples/flawed/flawed.meshboard.json")),
    },
];

/// The project a template stands for.
pub(super) fn project(name: &str) -> Result<Project, String> {
    match ALL.iter().find(|it| it.name == name).and_then(|it| it.json) {
        Some(json) => project::parse(json.as_bytes()).map_err(|it| it.to_string()),
        None => Ok(Project::default()),
    }
}

/// Reads files of other programs; the notes say what could not be taken over.
pub(super) fn import(paths: &[PathBuf]) -> Result<(Box<Project>, Vec<String>), String> {
    let request = import::Request {
        files: paths,
        read: &|path| project::read_file(path, import::MAX_FILE_BYTES),
        // A project must not depend on the shell this window was started from.
        variables: &BTreeMap::new(),
    };
    let format = importer_of(paths).ok_or("nothing can be imported by this Meshboard")?;
    let imported = (format.import)(&request).map_err(|it| it.to_string())?;
    let mut project = imported.project;
    let view = &project.view;
    let placed = layout::place_missing(&project.model, &view.positions, view);
    project.view.positions.extend(placed);
    Ok((Box::new(project), imported.notes))
}

/// The format that files of these names usually have, or the most common one.
fn importer_of(paths: &[PathBuf]) -> Option<&'static Importer> {
    let is_usual = |path: &Path, importer: &Importer| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        importer.file_names.iter().any(|it| *it == name)
    };
    let mut all = import::ALL.iter().copied();
    let usual = all
        .clone()
        .find(|it| paths.iter().any(|path| is_usual(path, it)));
    usual.or_else(|| all.next())
}

/// Where a layout puts all services, or only the chosen ones.
pub(super) fn arrange(
    project: &Project,
    chosen: Option<&BTreeSet<ServiceId>>,
) -> Vec<(ServiceId, Position)> {
    let request = layout::Request {
        only: chosen.cloned(),
        ..layout::Request::default()
    };
    let positions = &project.view.positions;
    layout::arrange(&project.model, positions, &request)
        .into_iter()
        .filter(|(id, it)| positions.get(id) != Some(it))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{ALL, project};

    #[test]
    fn every_template_can_be_opened_and_says_where_its_services_are() {
        for template in ALL {
            let project = project(template.name).unwrap();
            let services = project.model.services.len();
            assert_eq!(project.view.positions.len(), services, "{}", template.name);
        }
    }
}
