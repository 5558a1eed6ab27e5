//! The manifest: which files in a folder are ours, and what we wrote into them.
//!
//! It comes from a disk, so its paths are trusted no more than any other.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{WriteError, place};

/// Where it lies, relative to the folder.
pub const MANIFEST_PATH: &str = ".meshboard/manifest.json";

/// What was written into a folder, and when a later version must not touch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The version of this format.
    version: u32,
    /// Relative path to the SHA-256 of what was written, in lower-case hex.
    pub(super) files: BTreeMap<String, String>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            version: 1,
            files: BTreeMap::new(),
        }
    }
}

impl Manifest {
    /// The manifest of a folder. One that is missing or broken knows no file, so that
    /// everything there counts as a person's own.
    pub(super) fn of(folder: &Path) -> Result<Self, WriteError> {
        let place = place::of(folder, MANIFEST_PATH)?;
        let bytes = place::contents(&place)?.unwrap_or_default();
        let manifest: Self = serde_json::from_slice(&bytes).unwrap_or_default();
        if manifest.version != Self::default().version {
            return Ok(Self::default());
        }
        Ok(Self {
            files: manifest
                .files
                .into_iter()
                .filter(|(path, _)| place::is_inside(path) && path != MANIFEST_PATH)
                .collect(),
            ..manifest
        })
    }

    /// The text of the manifest's file.
    pub(super) fn to_json(&self) -> String {
        // Every key is a string, so there is no error to report.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// The SHA-256 of these bytes, in lower-case hex.
pub(super) fn hash(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let mut text = String::with_capacity(64);
    for byte in hash {
        text.extend(char::from_digit(u32::from(byte >> 4), 16));
        text.extend(char::from_digit(u32::from(byte & 15), 16));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn the_hash_is_the_one_other_programs_print() {
        assert_eq!(
            hash(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
