//! What an export would do to a folder, and the doing of it.
//!
//! The one place of the window that knows how files are planned and written.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use crate::write::Kind as FileFate;
use crate::{
    export::{self, Exporter, FileSet},
    project::Project,
    write::{self, Edited},
};

/// A file of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// Relative to the folder, with `/` between its parts.
    pub path: String,
    /// What would happen to it.
    pub fate: FileFate,
    /// What it says on disk, if it is there.
    pub before: Option<String>,
    /// What it would say.
    pub after: String,
}

/// What one target would do.
#[derive(Debug)]
pub struct TargetPlan {
    /// The target.
    pub exporter: &'static Exporter,
    /// Its files, or why there are none.
    pub files: Result<Vec<PlannedFile>, String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// What an export to a folder would do.
#[derive(Debug)]
pub struct ExportPlan {
    /// The project it was worked out for.
    pub project: Arc<Project>,
    /// The folder.
    pub folder: PathBuf,
    /// Every target.
    pub targets: Vec<TargetPlan>,
    /// Files that no target writes any more.
    pub orphans: Vec<PlannedFile>,
    /// What is done when files are written.
    plan: write::Plan,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The folder.
    pub folder: PathBuf,
    /// The files.
    pub paths: Vec<String>,
}

/// What a person chose about an export.
#[derive(Debug, Default)]
pub struct Exports {
    /// The folder, once one was chosen.
    pub folder: Option<PathBuf>,
    /// What an export would do; worked out again after each change.
    pub plan: Option<Arc<ExportPlan>>,
    /// Whether it is being worked out or written.
    pub is_busy: bool,
    /// Targets that are not written.
    pub left_out: BTreeSet<&'static str>,
    /// Files that are written over although a person edited them.
    pub overwritten: BTreeSet<String>,
    /// The file whose difference is shown.
    pub shown: Option<String>,
}

impl ExportPlan {
    /// Every file with its target.
    pub fn files(&self) -> impl Iterator<Item = (Option<&TargetPlan>, &PlannedFile)> {
        let targets = self.targets.iter().flat_map(|target| {
            let files = target.files.as_deref().unwrap_or_default();
            files.iter().map(move |it| (Some(target), it))
        });
        targets.chain(self.orphans.iter().map(|it| (None, it)))
    }

    /// The files that would be written as things are chosen.
    pub fn to_write<'a>(&'a self, chosen: &'a Exports) -> impl Iterator<Item = &'a PlannedFile> {
        self.files()
            .filter(|(target, _)| {
                target.is_some_and(|it| !chosen.left_out.contains(it.exporter.id))
            })
            .map(|(_, file)| file)
            .filter(|file| match file.fate {
                FileFate::Create | FileFate::Update => true,
                FileFate::EditedByYou => chosen.overwritten.contains(&file.path),
                FileFate::Unchanged | FileFate::Orphan => false,
            })
    }

    /// How many files share a fate.
    pub fn count(&self, fate: FileFate) -> usize {
        self.files().filter(|(_, it)| it.fate == fate).count()
    }
}

/// Works out what an export would do. Reads the folder, changes nothing.
///
/// A target that the design gives no occasion for says why; the others go on.
pub(super) fn plan(project: Arc<Project>, folder: &Path) -> Result<ExportPlan, String> {
    let mut files = FileSet::new();
    let mut parts = Vec::new();
    for exporter in export::ALL.iter().copied() {
        let export = export::export_one(exporter, &project.model).map_err(|it| it.to_string());
        if let Ok(export) = &export {
            // A path belongs to the first target that writes it.
            for (path, text) in &export.files {
                files.entry(path.clone()).or_insert_with(|| text.clone());
            }
        }
        parts.push((exporter, export));
    }
    let plan = write::plan(&files, folder).map_err(|it| it.to_string())?;
    let mut changes: Vec<Option<PlannedFile>> =
        plan.changes.iter().map(|it| Some(planned(it))).collect();
    let mut take = |is_its: &dyn Fn(&str) -> bool| -> Vec<PlannedFile> {
        let its = changes
            .iter_mut()
            .filter(|it| it.as_ref().is_some_and(|it| is_its(&it.path)));
        its.filter_map(Option::take).collect()
    };
    let mut targets = Vec::new();
    for (exporter, export) in parts {
        let (files, notes) = match export {
            Ok(export) => (
                Ok(take(&|path| export.files.contains_key(path))),
                export.notes,
            ),
            Err(reason) => (Err(reason), Vec::new()),
        };
        targets.push(TargetPlan {
            exporter,
            files,
            notes,
        });
    }
    Ok(ExportPlan {
        folder: folder.to_owned(),
        targets,
        orphans: take(&|_| true),
        project,
        plan,
    })
}

fn planned(change: &write::Change) -> PlannedFile {
    PlannedFile {
        path: change.path.clone(),
        fate: change.kind,
        before: change.old.clone(),
        after: change.new.clone().unwrap_or_default(),
    }
}

/// Writes files of a plan. What a person edited is among them only if it was chosen.
pub(super) fn write(plan: &ExportPlan, paths: &BTreeSet<String>) -> Result<Written, String> {
    let written =
        write::apply(&plan.plan, paths, Edited::Overwrite).map_err(|it| it.to_string())?;
    Ok(Written {
        folder: plan.folder.clone(),
        paths: written.written,
    })
}
