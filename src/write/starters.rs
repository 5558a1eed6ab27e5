//! Folders that are only started: from the moment a person has something of their own
//! in one, it is theirs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::{
    Change, WriteError,
    manifest::{self, Manifest},
    place,
    plan::Seen,
};

/// What editors, builds and package managers leave behind.
const DROPPINGS: &[&str] = &[
    "__pycache__",
    "node_modules",
    "venv",
    "target",
    "coverage",
    "Cargo.lock",
    "go.sum",
    "package-lock.json",
    "Thumbs.db",
];
/// Entries of a folder after which it is a person's, whatever they are.
const MOST_ENTRIES: usize = 50_000;

/// The folders that are started, by what is wanted and by what was.
pub(super) fn all(
    wanted: &BTreeMap<String, BTreeSet<String>>,
    manifest: &Manifest,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = wanted.clone();
    for (folder, paths) in &manifest.starters {
        let known = all.entry(folder.clone()).or_default();
        if known != paths {
            known.extend(paths.iter().cloned());
        }
    }
    all
}

/// Whether a started folder is a person's by now: they edited or removed a file that
/// started it, or have a file of their own in it. `changes` are those of the wanted
/// files, sorted.
pub(super) fn is_a_persons(
    (folder, place): (&Path, Option<PathBuf>),
    (started, paths): (&str, &BTreeSet<String>),
    changes: &[Change],
    manifest: &Manifest,
) -> Result<bool, WriteError> {
    let below = format!("{started}/");
    let changes = &changes[changes.partition_point(|it| it.path < below)..];
    let changes = &changes[..changes.partition_point(|it| it.path.starts_with(&below))];
    let change_of = |path: &str| find(changes, path);
    let ours = |path: &String| manifest.files.get(path);
    for path in paths {
        let is_ours = match change_of(path).map(|it| &it.seen) {
            Some(Seen::Wanted) => true,
            Some(Seen::Nothing) => ours(path).is_none(),
            Some(Seen::Hash(hash)) => ours(path) == Some(hash),
            None => match ours(path) {
                Some(ours) => place::contents(&place::of(folder, path)?)?
                    .is_some_and(|it| manifest::hash(&it) == *ours),
                None => true,
            },
        };
        if !is_ours {
            return Ok(true);
        }
    }
    let Some(place) = place else {
        return Ok(false);
    };
    has_others(place, started, &|path| {
        change_of(path).is_some() || manifest.files.contains_key(path)
    })
}

/// The change of a file among changes that are sorted by path.
pub(super) fn find<'a>(changes: &'a [Change], path: &str) -> Option<&'a Change> {
    let at = changes.binary_search_by(|it| it.path.as_str().cmp(path));
    at.ok().map(|it| &changes[it])
}

/// Whether a started folder, which lies there, holds a file that is not known, at any depth.
pub(super) fn has_others(
    place: PathBuf,
    started: &str,
    is_known: &dyn Fn(&str) -> bool,
) -> Result<bool, WriteError> {
    let mut open = vec![(place, started.to_owned())];
    let mut seen = 0;
    while let Some((place, path)) = open.pop() {
        let entries = match fs::read_dir(&place) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(WriteError::unreadable(&place, error)),
        };
        for entry in entries {
            let entry = entry.map_err(|it| WriteError::unreadable(&place, it))?;
            seen += 1;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if is_dropping(&name) {
                continue;
            }
            let path = format!("{path}/{name}");
            let kind = entry
                .file_type()
                .map_err(|it| WriteError::unreadable(&place, it))?;
            // A link is a person's, and nobody knows where it leads.
            if kind.is_dir() {
                open.push((entry.path(), path));
            } else if !is_known(&path) || seen > MOST_ENTRIES {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn is_dropping(name: &str) -> bool {
    // Hidden files of tools such as `.venv` and `.DS_Store`; a name that says more,
    // as `.env` does, is a person's.
    const HIDDEN: &[&str] = &[
        ".venv",
        ".git",
        ".idea",
        ".vscode",
        ".gradle",
        ".settings",
        ".classpath",
        ".project",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".coverage",
        ".DS_Store",
    ];
    DROPPINGS.contains(&name)
        || HIDDEN.contains(&name)
        || name.ends_with('~')
        || name.starts_with(".#")
        || name.starts_with(".meshboard-")
        || [".pyc", ".swp", ".swo", ".egg-info"]
            .iter()
            .any(|it| name.ends_with(it))
}

#[cfg(test)]
mod tests {
    use super::is_dropping;

    #[test]
    fn what_tools_leave_behind_is_told_from_what_a_person_writes() {
        for name in [
            "__pycache__",
            "node_modules",
            ".venv",
            "a.pyc",
            "main.go~",
            ".main.rs.swp",
        ] {
            assert!(is_dropping(name), "{name}");
        }
        for name in ["main.go", ".env", ".golangci.yml", "targets", "src"] {
            assert!(!is_dropping(name), "{name}");
        }
    }
}
