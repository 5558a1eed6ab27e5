//! Does what a plan says: each file whole or not at all.
//!
//! Everything is first written beside its place (see `stage`), so that a full disk or a
//! folder that cannot be written is found before anything has changed; then renamed over.

mod stage;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use self::stage::{Fill, Stage};
use super::{
    Change, Kind, Plan, Progress, WriteError,
    manifest::{self, MANIFEST_PATH, Manifest, base_path},
    place,
    plan::Seen,
    starters,
};

/// What becomes of a file that is selected. It matters only where a person's edits are
/// at stake; every other file is written, or removed if it is an orphan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Choice {
    /// A person's edits stay, and the file is as it is.
    #[default]
    Mine,
    /// The new export, or its removal; the edits go.
    New,
    /// Both together, if there is no conflict; otherwise the file is as it is.
    Merged,
    /// Both together, conflicts between marks.
    Marked,
}

/// The selected files, and what becomes of each.
pub type Chosen = BTreeMap<String, Choice>;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that were created or updated.
    pub written: Vec<String>,
    /// Orphans that were removed.
    pub removed: Vec<String>,
    /// Selected files that a person changed and that stayed as they were.
    pub kept: Vec<String>,
}

/// What is done with the selected files.
#[derive(Debug, Default)]
struct Todo<'a> {
    /// Path and text.
    texts: Vec<(&'a str, &'a str)>,
    /// What they were exported as, where that is not known yet.
    bases: Vec<(&'a str, &'a str)>,
    removals: Vec<&'a str>,
    /// Paths that are nobody's concern any more.
    forgotten: Vec<String>,
}

/// Writes the selected files of a plan and removes the selected orphans.
///
/// Nothing is written if the folder is not as it was planned, or if it is stopped.
pub fn apply(plan: &Plan, chosen: &Chosen, progress: Progress<'_>) -> Result<Written, WriteError> {
    apply_with(plan, chosen, progress, stage::fill)
}

/// The same, with what puts bytes into a file.
pub(super) fn apply_with(
    plan: &Plan,
    chosen: &Chosen,
    progress: Progress<'_>,
    fill: Fill,
) -> Result<Written, WriteError> {
    let changes: Vec<_> = plan
        .changes
        .iter()
        .filter_map(|it| Some((it, *chosen.get(&it.path)?)))
        .collect();
    check_unchanged(plan, &changes)?;
    let mut done = Written::default();
    let mut manifest = plan.manifest.clone();
    let todo = sort_out(plan, &changes, &mut manifest, &mut done)?;
    write_all(plan, &todo, &manifest, &mut done, (progress, fill))?;
    remove_all(plan, &todo, &mut done)?;
    Ok(done)
}

/// What is to be done, and the manifest as it is afterwards.
fn sort_out<'a>(
    plan: &'a Plan,
    changes: &[(&'a Change, Choice)],
    manifest: &mut Manifest,
    done: &mut Written,
) -> Result<Todo<'a>, WriteError> {
    let mut todo = Todo::default();
    for (change, choice) in changes {
        if change.kind == Kind::LeftAlone {
            continue;
        }
        let Some(text) = outcome(change, *choice) else {
            done.kept.push(change.path.clone());
            continue;
        };
        let Some(new) = &change.new else {
            todo.removals.push(&change.path);
            todo.forgotten.push(change.path.clone());
            continue;
        };
        let exported = change.exported.as_ref().unwrap_or(new);
        let hash = manifest::hash(exported.as_bytes());
        let before = manifest.files.insert(change.path.clone(), hash.clone());
        if before != Some(hash) || !has_base(plan, &change.path)? {
            todo.bases.push((&change.path, exported));
        }
        if change.kind != Kind::Unchanged {
            todo.texts.push((&change.path, text));
        }
    }
    for (started, paths) in &plan.starters {
        let ours = paths.iter().filter(|it| manifest.files.contains_key(*it));
        let ours: BTreeSet<_> = ours.cloned().collect();
        if !ours.is_empty() {
            manifest.starters.insert(started.clone(), ours);
        }
    }
    // What we wrote once and somebody removed since is nobody's concern any more, unless
    // that removal is what makes a folder theirs.
    for path in manifest.files.keys() {
        if starters::find(&plan.changes, path).is_none() && !plan.is_in_theirs(path) {
            todo.forgotten.push(path.clone());
        }
    }
    for path in &todo.forgotten {
        manifest.files.remove(path);
    }
    manifest.starters.retain(|_, paths| {
        paths.retain(|it| manifest.files.contains_key(it));
        !paths.is_empty()
    });
    Ok(todo)
}

/// What a file says afterwards (nothing if it is removed); `None` if it stays as it is.
pub(super) fn outcome(change: &Change, choice: Choice) -> Option<&str> {
    let new = change.new.as_deref().unwrap_or_default();
    if !change.is_edited {
        return Some(new);
    }
    let merged = change.merged.as_ref();
    match choice {
        Choice::Mine => None,
        Choice::New => Some(new),
        Choice::Merged => merged
            .filter(|it| it.conflicts == 0)
            .map(|it| it.text.as_str()),
        Choice::Marked => merged.map(|it| it.text.as_str()),
    }
}

fn has_base(plan: &Plan, path: &str) -> Result<bool, WriteError> {
    let place = place::of(&plan.folder, &base_path(path))?;
    Ok(fs::symlink_metadata(place).is_ok())
}

fn check_unchanged(plan: &Plan, chosen: &[(&Change, Choice)]) -> Result<(), WriteError> {
    let changed = |path: &str| WriteError::Changed {
        path: path.to_owned(),
    };
    if Manifest::of(&plan.folder)? != plan.manifest {
        return Err(changed(MANIFEST_PATH));
    }
    for (change, _) in chosen {
        let now = place::contents(&place::of(&plan.folder, &change.path)?)?;
        let is_same = match (&change.seen, &now) {
            (Seen::Nothing, now) => now.is_none(),
            (Seen::Wanted, Some(now)) => change.new.as_deref().map(str::as_bytes) == Some(now),
            (Seen::Hash(hash), Some(now)) => manifest::hash(now) == *hash,
            (Seen::Wanted | Seen::Hash(_), None) => false,
        };
        if !is_same {
            return Err(changed(&change.path));
        }
    }
    let is_known = |path: &str| {
        starters::find(&plan.changes, path).is_some() || plan.manifest.files.contains_key(path)
    };
    let to_write = chosen
        .iter()
        .filter(|(it, _)| matches!(it.kind, Kind::Create | Kind::Update));
    let to_write: BTreeSet<_> = to_write.map(|(it, _)| it.path.as_str()).collect();
    for (started, paths) in &plan.starters {
        let is_chosen = paths.iter().any(|it| to_write.contains(it.as_str()));
        if !is_chosen {
            continue;
        }
        let place = place::of(&plan.folder, started)?;
        if starters::has_others(place, started, &is_known)? {
            return Err(changed(started));
        }
    }
    Ok(())
}

fn write_all(
    plan: &Plan,
    todo: &Todo<'_>,
    manifest: &Manifest,
    done: &mut Written,
    (progress, fill): (Progress<'_>, Fill),
) -> Result<(), WriteError> {
    let of = todo.texts.len();
    let mut stage = Stage::new(&plan.folder, of, fill);
    let total = of + todo.bases.len();
    let texts = todo
        .texts
        .iter()
        .map(|(path, text)| ((*path).to_owned(), *text, true));
    let bases = todo
        .bases
        .iter()
        .map(|(path, text)| (base_path(path), *text, false));
    for (number, (path, text, is_file)) in texts.chain(bases).enumerate() {
        if progress(number, total).is_break() {
            return Err(WriteError::Stopped);
        }
        stage.put(&path, text, is_file)?;
    }
    if *manifest != plan.manifest {
        // Last, so that it never speaks of a file that is not there.
        stage.put(MANIFEST_PATH, &manifest.to_json(), false)?;
    }
    stage.finish(&mut done.written)
}

fn remove_all(plan: &Plan, todo: &Todo<'_>, done: &mut Written) -> Result<(), WriteError> {
    for path in &todo.removals {
        let place = place::of(&plan.folder, path)?;
        fs::remove_file(&place).map_err(|reason| WriteError::NotWritten {
            path: place.clone(),
            reason,
            written: done.written.clone(),
            of: done.written.len() + todo.removals.len(),
        })?;
        done.removed.push((*path).to_owned());
        remove_empty_folders(&plan.folder, &place);
    }
    for path in &todo.forgotten {
        // Without its line in the manifest a text means nothing, even if it stays.
        let Ok(place) = place::of(&plan.folder, &base_path(path)) else {
            continue;
        };
        if fs::remove_file(&place).is_ok() {
            remove_empty_folders(&plan.folder, &place);
        }
    }
    Ok(())
}

/// Takes away the folders that held nothing but what was removed.
fn remove_empty_folders(folder: &Path, place: &Path) {
    let Ok(root) = fs::canonicalize(folder) else {
        return;
    };
    let mut above: Option<PathBuf> = place.parent().map(Path::to_owned);
    while let Some(folder) = above.filter(|it| it.starts_with(&root) && *it != root) {
        // One that still holds something is not removed, and ends the walk.
        if fs::remove_dir(&folder).is_err() {
            return;
        }
        above = folder.parent().map(Path::to_owned);
    }
}
