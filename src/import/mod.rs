//! What a design can be started from: files of other programs.
//!
//! One folder a format. An importer is a pure function from files to a project: it
//! asks its caller for each file and for the environment, so nothing here touches
//! the disk, and a test is a handful of texts. Positions are left to the layout.
//! Every byte is hostile until parsed: no input may panic or grow without bound.

mod compose;

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
};

use crate::project::Project;

/// The largest file an importer looks at, in bytes; whoever reads need not read more
/// than one byte beyond.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Gives the contents of a file, whole.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

/// A format that a design can be started from.
#[derive(Debug)]
pub struct Importer {
    /// As it stands on the command line: `compose`.
    pub id: &'static str,
    /// As people write it: `Docker Compose`.
    pub title: &'static str,
    /// What it reads, in a few words.
    pub reads: &'static str,
    /// How its files are usually called, without their folder.
    pub file_names: &'static [&'static str],
    /// Turns files into a project without positions.
    pub import: fn(&Request<'_>) -> Result<Imported, ImportError>,
}

/// What is to be imported.
pub struct Request<'a> {
    /// The files, in the order in which later ones add to earlier ones.
    pub files: &'a [PathBuf],
    /// Reads those files, and the ones they name.
    pub read: ReadFile<'a>,
    /// Variables that stand above those of a `.env` file, such as the environment
    /// of a shell.
    pub variables: &'a BTreeMap<String, String>,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Variables may hold secrets, so they are not shown.
        formatter
            .debug_struct("Request")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

/// A project read from elsewhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    /// The design; services have no position yet.
    pub project: Project,
    /// What was left out, guessed or could not be seen, in sentences.
    pub notes: Vec<String>,
}

/// Why files cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {what}: {remedy}", line.map_or_else(String::new, |it| format!(":{it}")))]
pub struct ImportError {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, counted from 1, where one is known.
    pub line: Option<u32>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// Every format, in the order people read them.
pub const ALL: &[&Importer] = &[&compose::COMPOSE];

/// Finds a format by its id.
pub fn find(id: &str) -> Option<&'static Importer> {
    ALL.iter().copied().find(|it| it.id == id)
}

#[cfg(test)]
mod tests {
    use super::{ALL, ImportError, find};

    #[test]
    fn every_format_is_found_by_its_id() {
        for importer in ALL {
            assert_eq!(find(importer.id).map(|it| it.title), Some(importer.title));
        }
        assert!(find("spreadsheet").is_none());
    }

    #[test]
    fn an_error_reads_as_place_what_and_remedy() {
        let mut error = ImportError {
            file: "compose.yaml".to_owned(),
            line: Some(3),
            what: "service \"a\" has neither an image nor a build".to_owned(),
            remedy: "give it one".to_owned(),
        };
        assert_eq!(
            error.to_string(),
            "compose.yaml:3: service \"a\" has neither an image nor a build: give it one"
        );
        error.line = None;
        assert!(error.to_string().starts_with("compose.yaml: service"));
    }
}
