//! Where a file of a bundle lies on disk, and that it lies inside the folder.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
};

use super::WriteError;

/// The largest file that is compared; nothing we write comes near.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// The place of a relative path in a folder, links resolved, never outside of it.
pub(super) fn of(folder: &Path, path: &str) -> Result<PathBuf, WriteError> {
    let outside = || WriteError::Outside {
        path: path.to_owned(),
    };
    if !is_inside(path) {
        return Err(outside());
    }
    // A folder that is not there yet has no links in it.
    let Ok(root) = fs::canonicalize(folder) else {
        return Ok(folder.join(path));
    };
    let mut place = root.clone();
    for part in path.split('/') {
        place.push(part);
        match fs::symlink_metadata(&place) {
            Ok(found) if found.file_type().is_symlink() => {
                place = fs::canonicalize(&place).map_err(|_| outside())?;
                if !place.starts_with(&root) {
                    return Err(outside());
                }
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                place.pop();
                return Err(WriteError::InTheWay {
                    what: "a file",
                    path: place,
                });
            }
            Err(error) => return Err(WriteError::unreadable(&place, error)),
        }
    }
    Ok(place)
}

/// What is where a file should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No file.
    Nothing,
    /// Exactly what should be there.
    Wanted,
    /// Something else.
    Other(Vec<u8>),
}

/// Reads many files of one folder, and looks at each folder in it only once.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    folder: &'a Path,
    /// Folders by their relative path; `None` if there is no such folder.
    known: HashMap<String, Option<Listed>>,
    /// What was read last. One for all files, because most are only compared.
    buffer: Vec<u8>,
}

/// A folder and what is in it. A name that is in neither set may still be there: it is a
/// link, or the file system takes other letters for the same.
#[derive(Debug)]
struct Listed {
    place: PathBuf,
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl Listed {
    fn of(place: PathBuf) -> Self {
        let (mut files, mut folders) = (HashSet::new(), HashSet::new());
        for entry in fs::read_dir(&place).into_iter().flatten().flatten() {
            let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
                continue;
            };
            if kind.is_file() {
                files.insert(name);
            } else if kind.is_dir() {
                folders.insert(name);
            }
        }
        Self {
            place,
            files,
            folders,
        }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            known: HashMap::new(),
            buffer: Vec::new(),
        }
    }

    /// Where a folder lies; `None` if there is none.
    pub(super) fn folder_at(&mut self, path: &str) -> Result<Option<PathBuf>, WriteError> {
        check_inside(path)?;
        Ok(self.listed(path)?.map(|it| it.place.clone()))
    }

    /// Compares a file with what it should be.
    pub(super) fn compare(&mut self, path: &str, wanted: &str) -> Result<Found, WriteError> {
        check_inside(path)?;
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(above) = self.listed(above)? else {
            return Ok(Found::Nothing);
        };
        let place = above.place.join(name);
        if !above.files.contains(name) {
            match fs::symlink_metadata(&place) {
                Ok(found) if found.is_file() => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Found::Nothing);
                }
                Ok(_) | Err(_) => {
                    let found = contents(&of(self.folder, path)?)?;
                    return Ok(found.map_or(Found::Nothing, |it| other_than(wanted, it)));
                }
            }
        }
        match has_only(&place, wanted.as_bytes(), &mut self.buffer) {
            Ok(true) => Ok(Found::Wanted),
            // It may have gone since the folder was looked at.
            Ok(false) | Err(_) => {
                Ok(contents(&place)?.map_or(Found::Nothing, |it| other_than(wanted, it)))
            }
        }
    }

    fn listed(&mut self, path: &str) -> Result<Option<&Listed>, WriteError> {
        if !self.known.contains_key(path) {
            let listed = self.place_of(path)?.map(Listed::of);
            self.known.insert(path.to_owned(), listed);
        }
        Ok(self.known.get(path).and_then(Option::as_ref))
    }

    fn place_of(&mut self, path: &str) -> Result<Option<PathBuf>, WriteError> {
        if path.is_empty() {
            return Ok(fs::canonicalize(self.folder).ok());
        }
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(above) = self.listed(above)? else {
            return Ok(None);
        };
        if above.folders.contains(name) {
            return Ok(Some(above.place.join(name)));
        }
        let place = of(self.folder, path)?;
        Ok(fs::metadata(&place).is_ok().then_some(place))
    }
}

fn other_than(wanted: &str, found: Vec<u8>) -> Found {
    if found == wanted.as_bytes() {
        Found::Wanted
    } else {
        Found::Other(found)
    }
}

/// Whether a file has these bytes in it and no more.
fn has_only(place: &Path, wanted: &[u8], buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut file = fs::File::open(place)?;
    // One more, to see whether it goes on.
    let room = wanted.len() + 1;
    if buffer.len() < room {
        buffer.resize(room, 0);
    }
    let mut filled = 0;
    while filled < room {
        match file.read(&mut buffer[filled..room]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(buffer[..filled] == *wanted)
}

fn check_inside(path: &str) -> Result<(), WriteError> {
    if is_inside(path) {
        return Ok(());
    }
    Err(WriteError::Outside {
        path: path.to_owned(),
    })
}

/// Whether a path of a bundle can only lead into its folder, on every system.
pub(super) fn is_inside(path: &str) -> bool {
    let only_names = Path::new(path)
        .components()
        .all(|it| matches!(it, Component::Normal(_)));
    only_names
        && path.split('/').all(|it| !matches!(it, "" | "." | ".."))
        && !path.contains(['\\', ':'])
        && !path.contains(char::is_control)
}

/// What a file has in it; `None` if there is none.
pub(super) fn contents(place: &Path) -> Result<Option<Vec<u8>>, WriteError> {
    match fs::symlink_metadata(place) {
        Ok(found) if found.is_file() => read(place, found.len()).map(Some),
        Ok(found) => {
            let what = if found.is_dir() {
                "a folder"
            } else {
                "something that is no file"
            };
            Err(WriteError::InTheWay {
                what,
                path: place.to_owned(),
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(WriteError::unreadable(place, error)),
    }
}

fn read(place: &Path, length: u64) -> Result<Vec<u8>, WriteError> {
    let file = fs::File::open(place).map_err(|it| WriteError::unreadable(place, it))?;
    // Room for all of it, so that it is read at once.
    let room = length.min(MAX_FILE_BYTES) as usize + 32;
    let mut bytes = Vec::with_capacity(room);
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|it| WriteError::unreadable(place, it))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(WriteError::InTheWay {
            what: "a file of more than 16 MiB",
            path: place.to_owned(),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::is_inside;

    #[test]
    fn a_path_that_could_lead_elsewhere_is_not_inside() {
        for good in ["compose.yaml", ".env.example", "services/a--b/Dockerfile"] {
            assert!(is_inside(good), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "./a",
            "a/",
            "C:\\x",
            "C:x",
            "a\\..\\b",
            "a\0",
            "a\nb",
        ] {
            assert!(!is_inside(bad), "{bad:?}");
        }
    }
}
