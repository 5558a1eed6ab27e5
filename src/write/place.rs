//! Where a file of a bundle lies on disk, and that it lies inside the folder.

use std::{
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
    let file = match fs::symlink_metadata(place) {
        Ok(found) if found.is_file() => fs::File::open(place),
        Ok(found) => {
            let what = if found.is_dir() {
                "a folder"
            } else {
                "something that is no file"
            };
            return Err(WriteError::InTheWay {
                what,
                path: place.to_owned(),
            });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => Err(error),
    };
    let file = file.map_err(|it| WriteError::unreadable(place, it))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|it| WriteError::unreadable(place, it))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(WriteError::InTheWay {
            what: "a file of more than 16 MiB",
            path: place.to_owned(),
        });
    }
    Ok(Some(bytes))
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
