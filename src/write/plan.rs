//! Compares the files of a bundle with a folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    WriteError, diff,
    manifest::{self, Manifest},
    place,
};
use crate::export::FileSet;

/// What would happen to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It is not there yet.
    Create,
    /// It is as we left it, and changes.
    Update,
    /// It is already what it should be.
    Unchanged,
    /// A person changed it, or it never was ours.
    EditedByYou,
    /// We wrote it once, and the design no longer has it.
    Orphan,
}

impl Kind {
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

/// What would happen to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Relative to the folder, with `/` between its parts.
    pub path: String,
    /// What would happen.
    pub kind: Kind,
    /// What is on disk; `None` if nothing is. Bytes that are no text are shown as `�`.
    pub old: Option<String>,
    /// What it should be; `None` for an orphan.
    pub new: Option<String>,
    /// The hash of what is on disk.
    pub(super) old_hash: Option<String>,
    /// Whether an orphan is not as we left it.
    pub(super) is_edited: bool,
}

impl Change {
    /// Lines added and removed.
    pub fn line_counts(&self) -> (usize, usize) {
        diff::line_counts(self)
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
}

impl Plan {
    /// How many files have this in store.
    pub fn count(&self, kind: Kind) -> usize {
        self.changes.iter().filter(|it| it.kind == kind).count()
    }
}

/// Compares the files of a whole bundle with a folder, which need not exist yet.
pub fn plan(files: &FileSet, folder: &Path) -> Result<Plan, WriteError> {
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
    let mut changes = Vec::with_capacity(files.len());
    for (path, new) in files {
        if path == manifest::MANIFEST_PATH {
            return Err(WriteError::Outside { path: path.clone() });
        }
        let old = place::contents(&place::of(folder, path)?)?;
        changes.push(change(path, old, new, &manifest));
    }
    for (path, ours) in &manifest.files {
        if files.contains_key(path) {
            continue;
        }
        if let Some(old) = place::contents(&place::of(folder, path)?)? {
            let old_hash = manifest::hash(&old);
            changes.push(Change {
                path: path.clone(),
                kind: Kind::Orphan,
                old: Some(text_of(&old)),
                new: None,
                is_edited: old_hash != *ours,
                old_hash: Some(old_hash),
            });
        }
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Plan {
        folder: folder.to_owned(),
        changes,
        manifest,
    })
}

fn change(path: &str, old: Option<Vec<u8>>, new: &str, manifest: &Manifest) -> Change {
    let old_hash = old.as_deref().map(manifest::hash);
    let kind = match &old {
        None => Kind::Create,
        Some(old) if old == new.as_bytes() => Kind::Unchanged,
        Some(_) if old_hash.as_ref() == manifest.files.get(path) => Kind::Update,
        Some(_) => Kind::EditedByYou,
    };
    Change {
        path: path.to_owned(),
        kind,
        old: old.as_deref().map(text_of),
        new: Some(new.to_owned()),
        old_hash,
        is_edited: kind == Kind::EditedByYou,
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
