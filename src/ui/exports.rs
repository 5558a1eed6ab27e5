//! What an export would do to a folder, and the doing of it.
//!
//! The one place of the window that knows how files are planned and written.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    export::{self, Exporter},
    project::Project,
};

/// What would happen to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFate {
    /// There is none yet.
    Create,
    /// It says something else now.
    Update,
    /// It already says so.
    Unchanged,
    /// A person changed it since it was written.
    EditedByYou,
    /// It was written once and is no part of the export any more; it stays.
    Orphan,
}

impl FileFate {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
            Self::EditedByYou => "edited by you",
            Self::Orphan => "orphan",
        }
    }
}

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
pub(super) fn plan(project: Arc<Project>, folder: &Path) -> ExportPlan {
    let targets = export::ALL
        .iter()
        .map(|exporter| plan_target(exporter, &project, folder))
        .collect();
    ExportPlan {
        folder: folder.to_owned(),
        targets,
        orphans: Vec::new(),
        project,
    }
}

fn plan_target(exporter: &'static Exporter, project: &Project, _folder: &Path) -> TargetPlan {
    let (files, notes) = match (exporter.export)(&project.model) {
        Ok(export) => {
            let files = export.files.into_iter().map(|(path, after)| PlannedFile {
                path,
                fate: FileFate::Create,
                before: None,
                after,
            });
            (Ok(files.collect()), export.notes)
        }
        Err(error) => (Err(error.to_string()), Vec::new()),
    };
    TargetPlan {
        exporter,
        files,
        notes,
    }
}

/// Writes files of a plan.
pub(super) fn write(_plan: &ExportPlan, _paths: &BTreeSet<String>) -> Result<Written, String> {
    let _: BTreeMap<(), ()> = BTreeMap::new();
    Err("not yet".to_owned())
}
