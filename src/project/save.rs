//! Writes a project file: to a temporary file beside it, then renamed over it.
//!
//! Either the old or the new contents are there, whatever happens; the contents
//! before the save are kept as a backup; and a file that somebody else changed
//! since it was read is not overwritten unless the caller says so.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{Project, to_json};

/// What a file's contents were, to notice that they changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskState {
    hash: [u8; 32],
}

impl DiskState {
    /// The state of a file with these contents.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self {
            hash: Sha256::digest(bytes).into(),
        }
    }

    /// When the file was last written, as far as the system says: a change of it is a
    /// reason to look closer.
    pub fn time_of_file(path: &Path) -> Option<std::time::SystemTime> {
        fs::metadata(path).ok()?.modified().ok()
    }

    /// The state of the file now; `None` if there is none.
    pub fn of_file(path: &Path) -> io::Result<Option<Self>> {
        match fs::read(path) {
            Ok(bytes) => Ok(Some(Self::of_bytes(&bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Why a project could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else changed the file since it was read.
    #[error("the file changed on disk since it was opened: reload it, or save anyway\n  {}", path.display())]
    ChangedOnDisk {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be written; the old one is untouched.
    #[error("cannot save, the file on disk is as it was: {reason}\n  {}", path.display())]
    NotWritten {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        reason: io::Error,
    },
}

/// Saves a project, keeping the previous contents beside it as `….bak`.
///
/// With `expected`, refuses if the file is not as it was then; `None` overwrites.
pub fn save(
    project: &Project,
    path: &Path,
    expected: Option<DiskState>,
) -> Result<DiskState, SaveError> {
    let not_written = |reason| SaveError::NotWritten {
        path: path.to_owned(),
        reason,
    };
    // A link keeps pointing at the file that is saved.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let previous = match fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(not_written(error)),
    };
    if let (Some(expected), Some(previous)) = (expected, &previous)
        && DiskState::of_bytes(previous) != expected
    {
        return Err(SaveError::ChangedOnDisk {
            path: path.to_owned(),
        });
    }
    let text = to_json(project);
    let state = DiskState::of_bytes(text.as_bytes());
    if let Some(previous) = previous {
        if previous == text.as_bytes() {
            return Ok(state);
        }
        replace(&backup_of(path), &previous, None).map_err(not_written)?;
    }
    let permissions = fs::metadata(path).ok().map(|it| it.permissions());
    replace(path, text.as_bytes(), permissions).map_err(not_written)?;
    Ok(state)
}

fn backup_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".bak");
    path.with_file_name(name)
}

/// Puts contents in the place of a file in one step.
pub(super) fn replace(
    path: &Path,
    contents: &[u8],
    permissions: Option<fs::Permissions>,
) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".meshboard-");
    allow_as_new_file(&mut builder);
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(contents)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|it| it.error)?;
    // The rename itself is durable once the folder is; not every system can say so.
    if let Ok(folder) = fs::File::open(folder) {
        folder.sync_all().ok();
    }
    Ok(())
}

/// Asks for the permissions of any new file; a temporary one would be private.
fn allow_as_new_file(builder: &mut tempfile::Builder<'_, '_>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The process's mask still applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _: &mut tempfile::Builder<'_, '_> = builder;
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{DiskState, SaveError, backup_of, save};
    use crate::project::{Project, open, to_json};

    fn named(name: &str) -> Project {
        let mut project = Project::default();
        project.model.name = name.to_owned();
        project
    }

    #[test]
    fn saving_keeps_the_previous_contents_as_a_backup() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.meshboard.json");
        let state = save(&named("one"), &path, None).unwrap();
        save(&named("two"), &path, Some(state)).unwrap();
        assert_eq!(open(&path).unwrap().project, named("two"));
        let backup = fs::read_to_string(backup_of(&path)).unwrap();
        assert_eq!(backup, to_json(&named("one")));
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 2, "nothing temporary is left behind");
    }

    #[test]
    fn a_file_that_somebody_else_changed_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.meshboard.json");
        let state = save(&named("mine"), &path, None).unwrap();
        save(&named("theirs"), &path, None).unwrap();
        let refused = save(&named("mine again"), &path, Some(state));
        assert!(matches!(refused, Err(SaveError::ChangedOnDisk { .. })));
        assert_eq!(open(&path).unwrap().project, named("theirs"));
    }

    #[test]
    fn a_folder_that_does_not_exist_is_a_clear_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("x.meshboard.json");
        let text = save(&named("x"), &path, None).unwrap_err().to_string();
        assert!(text.starts_with("cannot save"), "{text}");
    }

    #[test]
    fn the_state_of_a_missing_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(DiskState::of_file(&folder.path().join("x")).unwrap(), None);
    }
}
