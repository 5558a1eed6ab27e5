//! Compares the files of a bundle with a folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Choice, Merge, Progress, WriteError, apply, decide, diff,
    manifest::{self, Manifest},
    place, quietly, starters, together,
};
use crate::export::{Bundle, SharedFiles};

/// What would happen to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// It is not there yet.
    Create,
    /// It is as we left it, and changes.
    Update,
    /// It is already what it should be.
    Unchanged,
    /// A person changed it and the new export adds nothing, or it never was ours.
    EditedByYou,
    /// A person changed it, and so does the new export, in other places.
    Merge,
    /// A person changed it, and so does the new export, in the same places.
    Conflict,
    /// It starts a folder that is a person's by now.
    LeftAlone,
    /// We wrote it once, and the design no longer has it.
    Orphan,
}

impl Kind {
    /// Every kind, in the order people ask about them.
    pub const ALL: [Self; 8] = [
        Self::Create,
        Self::Update,
        Self::Merge,
        Self::Conflict,
        Self::EditedByYou,
        Self::LeftAlone,
        Self::Orphan,
        Self::Unchanged,
    ];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
            Self::EditedByYou => "edited by you",
            Self::Merge => "merge",
            Self::Conflict => "conflict",
            Self::LeftAlone => "yours",
            Self::Orphan => "orphan",
        }
    }

    /// Whether somebody has to say what becomes of a person's edits.
    pub fn is_edited(self) -> bool {
        matches!(self, Self::EditedByYou | Self::Merge | Self::Conflict)
    }
}

/// What was on disk when it was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// No file.
    Nothing,
    /// Exactly what it should be.
    Wanted,
    /// Something with this hash.
    Hash(String),
}

/// What would happen to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Relative to the folder, with `/` between its parts.
    pub path: String,
    /// What would happen.
    pub kind: Kind,
    /// What is on disk; `None` if nothing is. Bytes that are no text are shown as `�`.
    pub old: Option<Arc<str>>,
    /// What it should be, with the parts a person marked as theirs; `None` for an orphan.
    pub new: Option<Arc<str>>,
    /// What was exported last, if a person edited it since.
    pub base: Option<String>,
    /// A person's edits and what it should be, together; only if it was edited and what
    /// was exported last is known.
    pub merged: Option<Merge>,
    pub(super) seen: Seen,
    /// What it should be without the parts a person marked, if that is something else.
    pub(super) exported: Option<Arc<str>>,
    /// Whether a person's edits would be lost by writing or removing it.
    pub(super) is_edited: bool,
}

impl Change {
    /// Lines added and removed.
    pub fn line_counts(&self) -> (usize, usize) {
        diff::line_counts(self)
    }

    /// What it says once that is chosen (nothing if it is removed); `None` if it stays as
    /// it is.
    pub fn outcome(&self, choice: Choice) -> Option<&str> {
        apply::outcome(self, choice)
    }

    /// Whether it is an orphan that is not as we left it.
    pub fn is_edited_orphan(&self) -> bool {
        self.kind == Kind::Orphan && self.is_edited
    }

    /// Whether a person's edits are in it and the new export has nothing to add.
    pub fn is_settled(&self) -> bool {
        let merged = self.merged.as_ref();
        self.kind == Kind::EditedByYou
            && merged.is_some_and(|it| Some(it.text.as_str()) == self.old.as_deref())
    }
}

/// What a folder is to hold.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Every file.
    pub files: &'a SharedFiles,
    /// Folders that are only started: each with the files that start it.
    pub starters: &'a BTreeMap<String, BTreeSet<String>>,
}

impl<'a> From<&'a Bundle> for Wanted<'a> {
    fn from(bundle: &'a Bundle) -> Self {
        Self {
            files: &bundle.files,
            starters: &bundle.starters,
        }
    }
}

/// What would happen to a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The folder.
    pub folder: PathBuf,
    /// What would happen to each file, sorted by path.
    pub changes: Vec<Change>,
    pub(super) manifest: Manifest,
    /// The folders that are only started, wanted now or before.
    pub(super) starters: BTreeMap<String, BTreeSet<String>>,
    /// Those of them that are a person's by now.
    pub(super) theirs: BTreeSet<String>,
}

impl Plan {
    /// How many files have this in store.
    pub fn count(&self, kind: Kind) -> usize {
        self.changes.iter().filter(|it| it.kind == kind).count()
    }

    /// Whether a file starts a folder that is a person's by now.
    pub(super) fn is_in_theirs(&self, path: &str) -> bool {
        let mut theirs = self.theirs.iter();
        theirs.any(|it| self.starters.get(it).is_some_and(|it| it.contains(path)))
    }
}

/// Compares the files of a whole bundle with a folder, which need not exist yet.
pub fn plan(wanted: Wanted<'_>, folder: &Path, progress: Progress<'_>) -> Result<Plan, WriteError> {
    match fs::metadata(folder) {
        Ok(found) if !found.is_dir() => {
            return Err(WriteError::InTheWay {
                what: "a file",
                path: folder.to_owned(),
            });
        }
        Ok(_) | Err(_) => {}
    }
    let manifest = Manifest::of(folder)?;
    let mut changes = compare(wanted.files, folder, &manifest, progress)?;
    let starters = starters::all(wanted.starters, &manifest);
    let theirs = persons_own(wanted, folder, &starters, &changes, &manifest)?;
    let mut plan = Plan {
        folder: folder.to_owned(),
        changes: Vec::new(),
        manifest,
        starters,
        theirs,
    };
    let left_alone: BTreeSet<&String> = plan
        .theirs
        .iter()
        .filter_map(|it| plan.starters.get(it))
        .flatten()
        .collect();
    for change in &mut changes {
        if left_alone.contains(&change.path) {
            change.kind = Kind::LeftAlone;
            change.merged = None;
        }
    }
    // Both are sorted, so that each is walked once.
    let mut still_wanted = wanted.files.keys().peekable();
    for (path, ours) in &plan.manifest.files {
        while still_wanted.next_if(|it| *it < path).is_some() {}
        if still_wanted.peek() == Some(&path) || left_alone.contains(path) {
            continue;
        }
        changes.extend(orphan(folder, path, ours)?);
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    plan.changes = changes;
    Ok(plan)
}

fn compare(
    files: &SharedFiles,
    folder: &Path,
    manifest: &Manifest,
    progress: Progress<'_>,
) -> Result<Vec<Change>, WriteError> {
    let files: Vec<_> = files.iter().collect();
    let reader = || place::Reader::new(folder);
    together::map(&files, progress, reader, |reader, (path, new)| {
        if manifest::is_own(path) {
            return Err(WriteError::Outside {
                path: (*path).clone(),
            });
        }
        let found = reader.compare(path, new)?;
        Ok(decide::change(folder, path, found, new, manifest))
    })
}

/// The started folders that are a person's by now.
fn persons_own(
    wanted: Wanted<'_>,
    folder: &Path,
    starters: &BTreeMap<String, BTreeSet<String>>,
    changes: &[Change],
    manifest: &Manifest,
) -> Result<BTreeSet<String>, WriteError> {
    let all: Vec<_> = starters.iter().collect();
    let reader = || place::Reader::new(folder);
    let theirs = together::map(&all, &quietly, reader, |reader, (started, paths)| {
        let is_wanted = wanted.starters.contains_key(*started);
        let place = reader.folder_at(started)?;
        if place.is_none() && !is_wanted {
            return Ok(false);
        }
        starters::is_a_persons((folder, place), (started, paths), changes, manifest)
    })?;
    let of_a_person = all.iter().zip(theirs).filter(|(_, is_theirs)| *is_theirs);
    Ok(of_a_person
        .map(|((started, _), _)| (*started).clone())
        .collect())
}

/// What we wrote once and is not wanted any more, if it is still there.
fn orphan(folder: &Path, path: &str, ours: &str) -> Result<Option<Change>, WriteError> {
    let Some(old) = place::contents(&place::of(folder, path)?)? else {
        return Ok(None);
    };
    let hash = manifest::hash(&old);
    Ok(Some(Change {
        path: path.to_owned(),
        kind: Kind::Orphan,
        old: Some(String::from_utf8_lossy(&old).into()),
        new: None,
        base: None,
        merged: None,
        is_edited: hash != ours,
        seen: Seen::Hash(hash),
        exported: None,
    }))
}
