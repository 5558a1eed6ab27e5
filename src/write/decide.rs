//! What would happen to one file, from what is there, what was exported last and what
//! it should be.

use std::{path::Path, sync::Arc};

use super::{
    Change, Kind, Merge, keep,
    manifest::{self, Manifest},
    merge,
    place::Found,
    plan::Seen,
};

/// Decides about a file of the bundle.
pub(super) fn change(
    folder: &Path,
    path: &str,
    found: Found,
    new: &Arc<str>,
    manifest: &Manifest,
) -> Change {
    let disk = match found {
        Found::Nothing => return of(path, Kind::Create, None, new, Seen::Nothing),
        Found::Wanted => {
            let old = Some(Arc::clone(new));
            return of(path, Kind::Unchanged, old, new, Seen::Wanted);
        }
        Found::Other(disk) => disk,
    };
    let hash = manifest::hash(&disk);
    let is_as_written = manifest.files.get(path) == Some(&hash);
    let seen = Seen::Hash(hash);
    match String::from_utf8(disk) {
        Ok(disk) if is_as_written => of(path, Kind::Update, Some(disk.into()), new, seen),
        Ok(disk) => edited(folder, path, disk, new, seen, manifest),
        // No text, so there are no lines to put together.
        Err(error) => {
            let shown = String::from_utf8_lossy(error.as_bytes()).into();
            let change = of(path, Kind::EditedByYou, Some(shown), new, seen);
            Change {
                is_edited: true,
                ..change
            }
        }
    }
}

fn of(path: &str, kind: Kind, old: Option<Arc<str>>, new: &Arc<str>, seen: Seen) -> Change {
    Change {
        path: path.to_owned(),
        kind,
        old,
        new: Some(Arc::clone(new)),
        base: None,
        merged: None,
        seen,
        exported: None,
        is_edited: false,
    }
}

/// A file that is not as it was exported.
fn edited(
    folder: &Path,
    path: &str,
    disk: String,
    new: &Arc<str>,
    seen: Seen,
    manifest: &Manifest,
) -> Change {
    let base = manifest.base(folder, path);
    let change = of(path, Kind::EditedByYou, None, new, seen);
    if !keep::has_parts(path, &disk) {
        let merged = base.as_deref().map(|it| merge::merge(it, &disk, new));
        return settled(change, disk, base, merged);
    }
    let wanted = keep::place(path, &disk, new);
    let before = base.as_deref().map(|it| keep::place(path, &disk, it).text);
    let exported = Some(Arc::clone(new));
    let change = Change {
        new: Some(wanted.text.as_str().into()),
        exported,
        ..change
    };
    // A part without a place may still find one as an edit among others.
    let merged = before.map(|before| merge::merge(&before, &disk, &wanted.text));
    let mut merged = merged;
    let mut change = change;
    if !wanted.homeless.is_empty() {
        let has_all = |it: &Merge| wanted.homeless.iter().all(|part| it.text.contains(part));
        change.is_edited = true;
        match &mut merged {
            Some(merged) if has_all(merged) => {}
            Some(merged) => merged.conflicts = merged.conflicts.max(1),
            None => {}
        }
    }
    settled(change, disk, base, merged)
}

/// Says what an edited file comes to.
fn settled(change: Change, disk: String, base: Option<String>, merged: Option<Merge>) -> Change {
    let new = change.new.as_deref().unwrap_or_default();
    let (kind, is_edited) = match &merged {
        // All that a person did is kept by what is to be written anyway.
        _ if disk == new => (Kind::Unchanged, false),
        Some(it) if it.conflicts > 0 => (Kind::Conflict, true),
        Some(it) if it.text == disk => (Kind::EditedByYou, true),
        Some(it) if it.text == new && !change.is_edited => (Kind::Update, false),
        Some(_) => (Kind::Merge, true),
        None => (Kind::EditedByYou, true),
    };
    Change {
        kind,
        is_edited,
        base,
        merged: merged.filter(|_| is_edited),
        old: Some(disk.into()),
        ..change
    }
}
