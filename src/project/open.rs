//! Reads a project file: finds its format, migrates, parses, checks references.
//!
//! A file is hostile until it is parsed: its size and depth are bounded, and an
//! error says line, column, path and what was expected. The file is never changed.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value;

use super::{DiskState, Project, depth, file, migrate};
use crate::model::ReferenceError;

/// The largest file that is read. A project of 20,000 services with 40,000
/// dependencies has about half of this.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// The longest text of an error that is shown; a hostile file must not fill the screen.
const MAX_REASON_CHARS: usize = 300;

/// A project, and what its file looked like when it was read.
#[derive(Debug)]
pub struct Opened {
    /// What the file says.
    pub project: Project,
    /// To notice later that somebody else changed the file.
    pub disk_state: DiskState,
}

/// Why a project could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file could not be read.
    #[error("cannot read the project file: {reason}\n  {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: io::Error,
    },
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error(
        "the file has {} MiB, a project file has {} MiB at most: is it another kind of file?\n  {}",
        bytes / 1024 / 1024, MAX_FILE_BYTES / 1024 / 1024, path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// What the file says is no project.
    #[error("{reason}\n  {}", path.display())]
    NoProject {
        /// The file.
        path: PathBuf,
        /// What is wrong with its contents.
        reason: ParseError,
    },
}

/// Why a text is no project.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// It is not UTF-8.
    #[error("the file is no text in UTF-8: byte {0} cannot be read")]
    NotText(usize),
    /// It is not JSON, or a value is of another kind than expected.
    #[error("line {line}, column {column}{}: {reason}", place(path))]
    Shape {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// Inside the document, such as `services.orders.ports[0].number`; may be empty.
        path: String,
        /// What was found and what was expected.
        reason: String,
    },
    /// It has no version.
    #[error(
        "this is JSON, but no Meshboard project: the key \"meshboard\" with the format's version is missing"
    )]
    NoVersion,
    /// A newer Meshboard wrote it.
    #[error(
        "the file has format {found}, this Meshboard reads up to format {}: use a newer Meshboard",
        file::FORMAT
    )]
    Newer {
        /// The file's format.
        found: u64,
    },
    /// A reference leads nowhere.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
}

fn place(path: &str) -> String {
    match path {
        "" | "." => String::new(),
        _ => format!(", at {path}"),
    }
}

/// Opens a project file.
pub fn open(path: &Path) -> Result<Opened, OpenError> {
    let unreadable = |reason| OpenError::Unreadable {
        path: path.to_owned(),
        reason,
    };
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(io::Error::new(
            io::ErrorKind::IsADirectory,
            "this is a folder; name the project file in it",
        )));
    }
    let too_large = |bytes| OpenError::TooLarge {
        path: path.to_owned(),
        bytes,
    };
    let stated = metadata.len();
    if stated > MAX_FILE_BYTES {
        return Err(too_large(stated));
    }
    // With room from the start, because growing would need the file's size twice more.
    let mut bytes = Vec::with_capacity(stated as usize + 1);
    // A pipe says it has no bytes, so the limit holds while reading, too.
    let limit = MAX_FILE_BYTES + 1;
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 == limit {
        return Err(too_large(limit));
    }
    let no_project = |reason| OpenError::NoProject {
        path: path.to_owned(),
        reason,
    };
    let project = parse(&bytes).map_err(no_project)?;
    let disk_state = DiskState::of_bytes(&bytes);
    Ok(Opened {
        project,
        disk_state,
    })
}

/// Reads any file, but at most one byte more than `most_bytes`, so that the reader
/// notices that it is too long.
pub fn read_file(path: &Path, most_bytes: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = (most_bytes as u64).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the contents of a project file.
pub fn parse(bytes: &[u8]) -> Result<Project, ParseError> {
    let text = std::str::from_utf8(bytes).map_err(|it| ParseError::NotText(it.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some((line, column)) = depth::first_too_deep(text) {
        return Err(ParseError::Shape {
            line,
            column,
            path: String::new(),
            reason: format!("nested deeper than {} levels", depth::MOST_LEVELS),
        });
    }
    let project: Project = match format_of(text)? {
        file::FORMAT => shaped::<file::ProjectFile>(text)?.into(),
        older => {
            let document = migrate::to_newest(shaped::<Value>(text)?, older);
            // Positions of a migrated document are those of no file, so only the path helps.
            serde_path_to_error::deserialize::<_, file::ProjectFile>(document)
                .map_err(|it| ParseError::Shape {
                    line: 1,
                    column: 1,
                    path: it.path().to_string(),
                    reason: shortened(&it.inner().to_string()),
                })?
                .into()
        }
    };
    project.model.check_references()?;
    Ok(project)
}

fn format_of(text: &str) -> Result<u32, ParseError> {
    #[derive(Deserialize)]
    struct Version {
        meshboard: Option<u64>,
    }
    match shaped::<Version>(text)?.meshboard {
        None | Some(0) => Err(ParseError::NoVersion),
        Some(found) if found > u64::from(file::FORMAT) => Err(ParseError::Newer { found }),
        Some(found) => Ok(found as u32),
    }
}

fn shaped<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, ParseError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        shape_error(path, error.inner())
    })?;
    deserializer
        .end()
        .map_err(|error| shape_error(String::new(), &error))?;
    Ok(value)
}

fn shape_error(path: String, error: &serde_json::Error) -> ParseError {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text);
    ParseError::Shape {
        line: error.line(),
        column: error.column(),
        path: shortened(&path),
        reason: shortened(reason),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_REASON_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::project::to_json;

    fn error(text: &str) -> String {
        parse(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn an_error_says_line_column_path_and_what_was_expected() {
        let text =
            "{\n  \"meshboard\": 1,\n  \"services\": {\n    \"a\": {\"replicas\": \"two\"}\n  }\n}";
        assert_eq!(
            error(text),
            "line 4, column 27, at services.a.replicas: invalid type: string \"two\", expected u32"
        );
    }

    #[test]
    fn a_file_cut_in_half_says_where_it_ends() {
        let text = "{\"meshboard\": 1, \"services\": {\"a\": {\"na";
        assert!(error(text).contains("EOF while parsing"), "{}", error(text));
    }

    #[test]
    fn endless_brackets_are_refused_without_overflowing_the_stack() {
        let text = "[".repeat(1_000_000);
        assert_eq!(
            error(&text),
            "line 1, column 128: nested deeper than 127 levels"
        );
        let text = format!("{{\"meshboard\":1,\"future\":{}", "[".repeat(1_000_000));
        assert_eq!(
            error(&text),
            "line 1, column 151: nested deeper than 127 levels"
        );
    }

    #[test]
    fn a_newer_format_is_refused_by_name() {
        assert_eq!(
            error("{\"meshboard\": 7}"),
            "the file has format 7, this Meshboard reads up to format 1: use a newer Meshboard"
        );
    }

    #[test]
    fn another_json_file_is_told_apart() {
        assert!(error("{\"version\": \"3\"}").contains("no Meshboard project"));
        assert!(error("{\"meshboard\": 0}").contains("no Meshboard project"));
    }

    #[test]
    fn an_id_that_is_no_dns_label_is_named() {
        let text = "{\"meshboard\": 1, \"services\": {\"Orders\": {}}}";
        assert!(
            error(text).contains("\"Orders\" is no id"),
            "{}",
            error(text)
        );
    }

    #[test]
    fn unknown_keys_survive_at_every_level() {
        let text = concat!(
            "{\n  \"meshboard\": 1,\n  \"name\": \"x\",\n  \"services\": {\n    \"a\": {\n",
            "      \"kind\": \"service\",\n      \"future\": {\n        \"deep\": [\n          1.5\n        ]\n      }\n",
            "    }\n  },\n  \"later\": true,\n  \"view\": {\n    \"tilt\": 3\n  }\n}\n"
        );
        assert_eq!(to_json(&parse(text.as_bytes()).unwrap()), text);
    }
}
