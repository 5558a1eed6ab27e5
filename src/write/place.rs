//! Where a file of a bundle lies on disk, and that it lies inside the folder.

use std::{
    collections::HashMap,
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

/// Reads many files of one folder, and looks at each folder in it only once.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    folder: &'a Path,
    /// Folders by their relative path; `None` if there is no such folder.
    known: HashMap<String, Option<PathBuf>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            known: HashMap::new(),
        }
    }

    /// What a file has in it; `None` if there is none.
    pub(super) fn contents(&mut self, path: &str) -> Result<Option<Vec<u8>>, WriteError> {
        let Some((above, name)) = path.rsplit_once('/') else {
            return contents(&of(self.folder, path)?);
        };
        if !is_inside(path) {
            return Err(WriteError::Outside {
                path: path.to_owned(),
            });
        }
        if !self.known.contains_key(above) {
            let place = of(self.folder, above)?;
            let found = fs::metadata(&place).ok();
            let there = found.map(|_| place);
            self.known.insert(above.to_owned(), there);
        }
        let Some(Some(above)) = self.known.get(above) else {
            return Ok(None);
        };
        let place = above.join(name);
        match fs::symlink_metadata(&place) {
            Ok(found) if found.is_file() => read(&place, found.len()).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Ok(_) | Err(_) => contents(&of(self.folder, path)?),
        }
    }
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
