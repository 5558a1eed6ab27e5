//! Files written beside their places, to be renamed over them all at once.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use crate::write::{WriteError, place};

/// Puts bytes into a file.
pub(in crate::write) type Fill = fn(&mut fs::File, &[u8]) -> io::Result<()>;

/// As files are filled outside of tests.
pub(super) fn fill(file: &mut fs::File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)
}

/// What is ready to be put in place. Dropped before that, it leaves nothing behind.
pub(super) struct Stage<'a> {
    folder: &'a Path,
    /// How many files are to be written, for errors.
    of: usize,
    fill: Fill,
    ready: Vec<Ready>,
    /// Folders that were made, the outer ones first.
    made: Vec<PathBuf>,
}

struct Ready {
    path: String,
    place: PathBuf,
    /// Closed by now: a large bundle has more files than a process may have open.
    file: TempPath,
    /// Whether it is a file of the bundle, and not one of our own.
    is_file: bool,
}

impl<'a> Stage<'a> {
    pub(super) fn new(folder: &'a Path, of: usize, fill: Fill) -> Self {
        Self {
            folder,
            of,
            fill,
            ready: Vec::new(),
            made: Vec::new(),
        }
    }

    /// Makes a file ready.
    pub(super) fn put(&mut self, path: &str, text: &str, is_file: bool) -> Result<(), WriteError> {
        let failed = |place: &Path, of| {
            let place = place.to_owned();
            move |reason| WriteError::NotWritten {
                path: place,
                reason,
                written: Vec::new(),
                of,
            }
        };
        let folder = self.folder;
        self.make(folder).map_err(failed(folder, self.of))?;
        let place = place::of(folder, path)?;
        let file = self.write(&place, text, is_file);
        let file = file.map_err(failed(&place, self.of))?;
        self.ready.push(Ready {
            path: path.to_owned(),
            place,
            file,
            is_file,
        });
        Ok(())
    }

    /// Writes a text beside its place, with the rights the file there has.
    fn write(&mut self, place: &Path, text: &str, is_file: bool) -> io::Result<TempPath> {
        let folder = place.parent().unwrap_or(Path::new("."));
        self.make(folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".meshboard-");
        let before = fs::metadata(place);
        match &before {
            Ok(found) => builder.permissions(found.permissions()),
            Err(_) => allow_others_to_read(&mut builder),
        };
        let mut file = builder.tempfile_in(folder)?;
        (self.fill)(file.as_file_mut(), text.as_bytes())?;
        if is_file && before.is_ok() {
            // What takes the place of another must not be lost with it. A new file is
            // exported again, and our own are checked when they are read.
            file.as_file().sync_all()?;
        }
        Ok(file.into_temp_path())
    }

    /// Makes a folder and those above it.
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        let missing = folder
            .ancestors()
            .take_while(|it| !it.as_os_str().is_empty() && fs::symlink_metadata(it).is_err());
        let mut missing: Vec<_> = missing.map(Path::to_owned).collect();
        fs::create_dir_all(folder)?;
        missing.reverse();
        self.made.extend(missing);
        Ok(())
    }

    /// Puts everything in place, in order, and says which files of the bundle were.
    pub(super) fn finish(mut self, written: &mut Vec<String>) -> Result<(), WriteError> {
        for it in std::mem::take(&mut self.ready) {
            let persisted = it.file.persist(&it.place);
            persisted.map_err(|error| WriteError::NotWritten {
                path: it.place.clone(),
                reason: error.error,
                written: written.clone(),
                of: self.of,
            })?;
            if it.is_file {
                written.push(it.path);
            }
        }
        Ok(())
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        // Files first, or the folders are not empty.
        self.ready.clear();
        for folder in self.made.iter().rev() {
            // One that holds something by now is used, and stays.
            fs::remove_dir(folder).ok();
        }
    }
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
