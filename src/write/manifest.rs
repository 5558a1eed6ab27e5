//! The manifest: which files in a folder are ours, and what was exported into them.
//!
//! Beside it lie the texts themselves, as they were exported last: what a person's
//! edits and a new export are both compared with. All of it comes from a disk, so its
//! paths are trusted no more than any other, and a text only if its hash is right.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{WriteError, place};

/// Where it lies, relative to the folder.
pub const MANIFEST_PATH: &str = ".meshboard/manifest.json";

/// The folder that holds the manifest and the texts; no file of a bundle lies in it.
const OWN_FOLDER: &str = ".meshboard";

/// What was written into a folder, and when a later version must not touch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The version of this format.
    version: u32,
    /// Relative path to the SHA-256 of what was exported, in lower-case hex. A file that
    /// was merged with a person's edits has other contents.
    pub(super) files: BTreeMap<String, String>,
    /// Folders that were only started, each with the files that started it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) starters: BTreeMap<String, BTreeSet<String>>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            version: 1,
            files: BTreeMap::new(),
            starters: BTreeMap::new(),
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
        let is_usable = |path: &str| place::is_inside(path) && !is_own(path);
        let mut manifest = manifest;
        manifest.files.retain(|path, _| is_usable(path));
        manifest.starters.retain(|folder, paths| {
            let below = format!("{folder}/");
            paths.retain(|it| is_usable(it) && it.starts_with(&below));
            is_usable(folder) && !paths.is_empty()
        });
        Ok(manifest)
    }

    /// The text of a file as it was exported last, if it is still known.
    pub(super) fn base(&self, folder: &Path, path: &str) -> Option<String> {
        let place = place::of(folder, &base_path(path)).ok()?;
        let bytes = place::contents(&place).ok()??;
        let is_right = self.files.get(path).is_some_and(|it| *it == hash(&bytes));
        is_right.then(|| String::from_utf8(bytes).ok()).flatten()
    }

    /// The text of the manifest's file.
    pub(super) fn to_json(&self) -> String {
        // Every key is a string, so there is no error to report.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// Where the text of a file lies as it was exported last, relative to the folder.
pub(super) fn base_path(path: &str) -> String {
    format!("{OWN_FOLDER}/base/{path}")
}

/// Whether a path leads to what we keep for ourselves, on any file system.
pub(super) fn is_own(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    first.eq_ignore_ascii_case(OWN_FOLDER)
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
