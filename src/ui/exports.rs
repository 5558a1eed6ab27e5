//! What an export would do to a folder, and the doing of it.
//!
//! The one place of the window that knows how files are planned and written.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

pub use crate::write::{Choice, Kind as FileFate, Trio, WhoseLine, three_ways};
use crate::{
    export::{self, Exporter, SharedFiles},
    project::Project,
    write::{self, Change, Chosen, Wanted},
};

/// A file of a plan, and what would happen to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// Relative to the folder, with `/` between its parts.
    pub path: String,
    /// What would happen to it.
    pub fate: FileFate,
    /// What it says on disk, if it is there.
    pub before: Option<Arc<str>>,
    /// What it would say.
    pub after: Arc<str>,
    /// Everything else.
    pub change: Change,
}

impl PlannedFile {
    /// What it says once that is chosen; what it should say if it stays as it is.
    pub fn outcome(&self, choice: Choice) -> &str {
        self.change.outcome(choice).unwrap_or(&self.after)
    }

    /// Conflicts between a person's edits and the new export, if that can be said.
    pub fn conflicts(&self) -> Option<usize> {
        self.change.merged.as_ref().map(|it| it.conflicts)
    }

    /// Whether something would happen to it, or somebody has to decide.
    pub fn is_changing(&self) -> bool {
        !matches!(self.fate, FileFate::Unchanged | FileFate::LeftAlone)
    }
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
    /// Files of an earlier export that went.
    pub removed: Vec<String>,
}

/// How a file is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// What goes and what comes, one below the other.
    #[default]
    Changes,
    /// What is on disk at the left, what would be at the right.
    SideBySide,
    /// The last export, what a person made of it, and the new export.
    ThreeWays,
}

/// Something a person chose about an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choosing {
    /// Whether files of this target are written.
    Target(&'static str, bool),
    /// Whether this file is written, or removed if it is an orphan.
    File(String, bool),
    /// Whether all orphans are removed.
    Orphans(bool),
    /// What becomes of a person's edits of a file.
    Edits(String, Choice),
    /// Whether the files of a target are listed.
    Listed(&'static str, bool),
    /// Whether only files are listed to which something happens.
    OnlyChanged(bool),
    /// How files are looked at.
    View(View),
    /// Stops what is being worked out or written.
    Stop,
}

/// What a person chose about an export, and how far it is.
#[derive(Debug, Default)]
pub struct Exports {
    /// The folder, once one was chosen.
    pub folder: Option<PathBuf>,
    /// What an export would do; worked out again after each change.
    pub plan: Option<Arc<ExportPlan>>,
    /// Whether it is being worked out or written.
    pub is_busy: bool,
    /// How many files of how many are done while it is written.
    pub progress: Option<(usize, usize)>,
    /// Set to stop what is being worked out or written.
    pub stop: Arc<AtomicBool>,
    /// Targets that are not written.
    pub left_out: BTreeSet<&'static str>,
    /// Files that are not written although their target is.
    pub left_out_files: BTreeSet<String>,
    /// Orphans that are removed.
    pub removed: BTreeSet<String>,
    /// What becomes of files that a person edited; they stay as they are unless said.
    pub choices: BTreeMap<String, Choice>,
    /// Targets whose files are not listed.
    pub folded: BTreeSet<&'static str>,
    /// Whether only files are listed to which something happens.
    pub only_changed: bool,
    /// How files are looked at.
    pub view: View,
    /// The file whose difference is shown.
    pub shown: Option<String>,
}

impl Exports {
    /// What becomes of a person's edits of a file.
    pub fn choice(&self, path: &str) -> Choice {
        self.choices.get(path).copied().unwrap_or_default()
    }

    /// Remembers what a person chose.
    pub(super) fn choose(&mut self, choosing: Choosing) {
        fn put<T: Ord>(set: &mut BTreeSet<T>, it: T, is_in: bool) {
            if is_in {
                set.insert(it);
            } else {
                set.remove(&it);
            }
        }
        let orphans = self.plan.as_ref().map(|it| it.orphans.as_slice());
        let orphans = orphans.unwrap_or_default();
        match choosing {
            Choosing::Target(id, is_written) => put(&mut self.left_out, id, !is_written),
            Choosing::File(path, is_chosen) if orphans.iter().any(|it| it.path == path) => {
                put(&mut self.removed, path, is_chosen);
            }
            Choosing::File(path, is_chosen) => put(&mut self.left_out_files, path, !is_chosen),
            Choosing::Orphans(is_chosen) => {
                self.removed = orphans
                    .iter()
                    .filter(|_| is_chosen)
                    .map(|it| it.path.clone())
                    .collect();
            }
            Choosing::Edits(path, choice) => {
                self.choices.insert(path, choice);
            }
            Choosing::Listed(id, is_listed) => put(&mut self.folded, id, !is_listed),
            Choosing::OnlyChanged(only_changed) => self.only_changed = only_changed,
            Choosing::View(view) => self.view = view,
            Choosing::Stop => self.stop.store(true, Ordering::Relaxed),
        }
    }
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

    /// The files that would be written or removed as things are chosen.
    pub fn to_write<'a>(&'a self, chosen: &'a Exports) -> impl Iterator<Item = &'a PlannedFile> {
        self.files()
            .filter(|(target, file)| match target {
                Some(target) => {
                    !chosen.left_out.contains(target.exporter.id)
                        && !chosen.left_out_files.contains(&file.path)
                }
                None => chosen.removed.contains(&file.path),
            })
            .map(|(_, file)| file)
            .filter(|file| match file.fate {
                FileFate::Create | FileFate::Update | FileFate::Orphan => true,
                FileFate::EditedByYou | FileFate::Merge | FileFate::Conflict => {
                    let outcome = file.change.outcome(chosen.choice(&file.path));
                    outcome.is_some() && outcome != file.before.as_deref()
                }
                FileFate::Unchanged | FileFate::LeftAlone => false,
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
pub(super) fn plan(
    project: Arc<Project>,
    folder: &Path,
    stop: &AtomicBool,
) -> Result<ExportPlan, String> {
    let mut files = SharedFiles::new();
    let mut starters: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut parts = Vec::new();
    for exporter in export::ALL.iter().copied() {
        let export = export::export_one(exporter, &project.model).map_err(|it| it.to_string());
        if let Ok(export) = &export {
            // A path belongs to the first target that writes it.
            for (path, text) in &export.files {
                files
                    .entry(path.clone())
                    .or_insert_with(|| text.as_str().into());
            }
            for folder in &export.starters {
                let started = starters.entry(folder.clone()).or_default();
                started.extend(export.started(folder).cloned());
            }
        }
        parts.push((exporter, export));
    }
    let wanted = Wanted {
        files: &files,
        starters: &starters,
    };
    let progress = |_, _| goes_on(stop);
    let plan = write::plan(wanted, folder, &progress).map_err(|it| it.to_string())?;
    let mut changes: BTreeMap<&str, &Change> = plan
        .changes
        .iter()
        .map(|it| (it.path.as_str(), it))
        .collect();
    let mut targets = Vec::new();
    for (exporter, export) in parts {
        let (files, notes) = match export {
            Ok(export) => {
                let its = export.files.keys();
                let its = its.filter_map(|it| changes.remove(it.as_str()));
                (Ok(its.map(planned).collect()), export.notes)
            }
            Err(reason) => (Err(reason), Vec::new()),
        };
        targets.push(TargetPlan {
            exporter,
            files,
            notes,
        });
    }
    let orphans = changes.into_values().map(planned).collect();
    Ok(ExportPlan {
        folder: folder.to_owned(),
        targets,
        orphans,
        project,
        plan,
    })
}

fn goes_on(stop: &AtomicBool) -> ControlFlow<()> {
    if stop.load(Ordering::Relaxed) {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

fn planned(change: &Change) -> PlannedFile {
    PlannedFile {
        path: change.path.clone(),
        fate: change.kind,
        before: change.old.clone(),
        after: change.new.clone().unwrap_or_default(),
        change: change.clone(),
    }
}

/// Writes files of a plan, each as it was chosen. An orphan among them is removed.
pub(super) fn write(
    plan: &ExportPlan,
    chosen: &Chosen,
    stop: &AtomicBool,
    report: &dyn Fn(usize, usize),
) -> Result<Written, String> {
    let progress = |done, total| {
        report(done, total);
        goes_on(stop)
    };
    let written = write::apply(&plan.plan, chosen, &progress).map_err(|it| it.to_string())?;
    Ok(Written {
        folder: plan.folder.clone(),
        paths: written.written,
        removed: written.removed,
    })
}
