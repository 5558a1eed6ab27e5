//! Does what a plan says: each file whole or not at all.
//!
//! Everything is first written beside its place, so that a full disk or a folder that
//! cannot be written is found before anything has changed; then renamed over.

use std::{
    collections::BTreeSet,
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{
    Change, Kind, Plan, WriteError,
    manifest::{self, MANIFEST_PATH, Manifest},
    place,
};

/// What becomes of files that a person changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edited {
    /// They stay as they are.
    Keep,
    /// They are overwritten, or removed if the design no longer has them.
    Overwrite,
}

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

/// Writes the selected files of a plan and removes the selected orphans.
///
/// Nothing is written if the folder is not as it was planned.
pub fn apply(
    plan: &Plan,
    selected: &BTreeSet<String>,
    edited: Edited,
) -> Result<Written, WriteError> {
    let chosen: Vec<_> = plan
        .changes
        .iter()
        .filter(|it| selected.contains(&it.path))
        .collect();
    check_unchanged(plan, &chosen)?;
    let mut done = Written::default();
    let mut manifest = plan.manifest.clone();
    let mut staged = Vec::new();
    let mut removals = Vec::new();
    for change in &chosen {
        if change.is_edited && edited == Edited::Keep {
            done.kept.push(change.path.clone());
            continue;
        }
        match (&change.new, change.kind) {
            (Some(new), Kind::Unchanged) => {
                manifest
                    .files
                    .insert(change.path.clone(), manifest::hash(new.as_bytes()));
            }
            (Some(new), _) => {
                manifest
                    .files
                    .insert(change.path.clone(), manifest::hash(new.as_bytes()));
                staged.push((&change.path, new));
            }
            (None, _) => removals.push(&change.path),
        }
    }
    for path in &removals {
        manifest.files.remove(*path);
    }
    forget_missing(plan, &mut manifest);
    write_all(plan, &staged, &manifest, &mut done)?;
    remove_all(plan, &removals, &mut done)?;
    Ok(done)
}

fn check_unchanged(plan: &Plan, chosen: &[&Change]) -> Result<(), WriteError> {
    let changed = |path: &str| WriteError::Changed {
        path: path.to_owned(),
    };
    if Manifest::of(&plan.folder)? != plan.manifest {
        return Err(changed(MANIFEST_PATH));
    }
    for change in chosen {
        let now = place::contents(&place::of(&plan.folder, &change.path)?)?;
        if now.as_deref().map(manifest::hash) != change.old_hash {
            return Err(changed(&change.path));
        }
    }
    Ok(())
}

/// What we wrote once and somebody removed since is nobody's concern any more.
fn forget_missing(plan: &Plan, manifest: &mut Manifest) {
    manifest
        .files
        .retain(|path, _| plan.changes.iter().any(|it| it.path == *path));
}

fn write_all(
    plan: &Plan,
    staged: &[(&String, &String)],
    manifest: &Manifest,
    done: &mut Written,
) -> Result<(), WriteError> {
    let text = manifest.to_json();
    let manifest_path = MANIFEST_PATH.to_owned();
    let mut all = staged.to_vec();
    if *manifest != plan.manifest {
        // Last, so that it never speaks of a file that is not there.
        all.push((&manifest_path, &text));
    }
    let failed = |path: &Path, reason, written: &[String]| WriteError::NotWritten {
        path: path.to_owned(),
        reason,
        written: written.to_vec(),
        of: staged.len(),
    };
    let mut ready = Vec::with_capacity(all.len());
    if !all.is_empty() {
        fs::create_dir_all(&plan.folder).map_err(|it| failed(&plan.folder, it, &[]))?;
    }
    for (path, text) in all {
        let place = place::of(&plan.folder, path)?;
        let file = stage(&place, text).map_err(|it| failed(&place, it, &[]))?;
        ready.push((path, place, file));
    }
    for (path, place, file) in ready {
        file.persist(&place)
            .map_err(|it| failed(&place, it.error, &done.written))?;
        if *path != manifest_path {
            done.written.push(path.clone());
        }
    }
    Ok(())
}

/// Writes a text beside its place, with the rights the file there has.
fn stage(place: &Path, text: &str) -> io::Result<NamedTempFile> {
    let folder = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".meshboard-");
    match fs::metadata(place) {
        Ok(found) => builder.permissions(found.permissions()),
        Err(_) => allow_others_to_read(&mut builder),
    };
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A temporary file would be private otherwise; the process's mask still applies.
#[cfg(unix)]
fn allow_others_to_read<'a, 'b, 'c>(
    builder: &'c mut tempfile::Builder<'a, 'b>,
) -> &'c mut tempfile::Builder<'a, 'b> {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn allow_others_to_read<'a, 'b, 'c>(
    builder: &'c mut tempfile::Builder<'a, 'b>,
) -> &'c mut tempfile::Builder<'a, 'b> {
    builder
}

fn remove_all(plan: &Plan, removals: &[&String], done: &mut Written) -> Result<(), WriteError> {
    for path in removals {
        let place = place::of(&plan.folder, path)?;
        fs::remove_file(&place).map_err(|reason| WriteError::NotWritten {
            path: place.clone(),
            reason,
            written: done.written.clone(),
            of: done.written.len() + removals.len(),
        })?;
        done.removed.push((*path).clone());
        remove_empty_folders(&plan.folder, &place);
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
