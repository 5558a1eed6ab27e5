//! Work that was not saved, kept aside so that a crash does not lose it.
//!
//! One recovery file a document, in a folder of the program's own. It is removed
//! when its document is saved or closed; what is still there at the next start was
//! lost otherwise, and is offered.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Project, open, save, to_json};

/// The folder of recovery files.
#[derive(Debug, Clone)]
pub struct Recovery {
    folder: PathBuf,
}

/// Unsaved work of an earlier run.
#[derive(Debug)]
pub struct Recovered {
    /// The file it was opened from, or `None` if it never had one.
    pub original: Option<PathBuf>,
    /// The work.
    pub project: Project,
    /// Its recovery file.
    pub file: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct RecoveryFile {
    original: Option<PathBuf>,
    process: u32,
    project: String,
}

impl Recovery {
    /// Recovery files in this folder, which is made when first needed.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Keeps the work of a document aside.
    pub fn keep(&self, original: Option<&Path>, project: &Project) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let contents = RecoveryFile {
            original: original.map(Path::to_owned),
            process: std::process::id(),
            project: to_json(project),
        };
        let contents = serde_json::to_vec(&contents)?;
        save::replace(&self.file_of(original), &contents, None)
    }

    /// Drops what was kept of a document: it is saved, or given up.
    pub fn forget(&self, original: Option<&Path>) {
        // Nothing kept is as good as removed.
        fs::remove_file(self.file_of(original)).ok();
    }

    /// Drops one recovered work.
    pub fn discard(&self, recovered: &Recovered) {
        fs::remove_file(&recovered.file).ok();
    }

    /// What earlier runs left that did not end by themselves. A file that cannot be
    /// read is left alone.
    pub fn left_behind(&self) -> Vec<Recovered> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut files: Vec<_> = entries.flatten().map(|it| it.path()).collect();
        files.sort_unstable();
        files
            .into_iter()
            .filter_map(|file| {
                let bytes = fs::read(&file).ok()?;
                let kept: RecoveryFile = serde_json::from_slice(&bytes).ok()?;
                if kept.process == std::process::id() || is_running(kept.process) {
                    return None;
                }
                let project = open::parse(kept.project.as_bytes()).ok()?;
                Some(Recovered {
                    original: kept.original,
                    project,
                    file,
                })
            })
            .collect()
    }

    fn file_of(&self, original: Option<&Path>) -> PathBuf {
        let key = original.map_or_else(
            || format!("untitled {}", std::process::id()),
            |it| it.to_string_lossy().into_owned(),
        );
        let hash = Sha256::digest(key.as_bytes());
        let name = hash
            .iter()
            .take(8)
            .fold(0_u64, |name, byte| name << 8 | u64::from(*byte));
        self.folder.join(format!("{name:016x}.recovery.json"))
    }
}

/// Whether another Meshboard with this process id runs, as far as the system says.
fn is_running(process: u32) -> bool {
    let command = PathBuf::from(format!("/proc/{process}/comm"));
    fs::read_to_string(command).is_ok_and(|it| it.trim() == "meshboard")
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{Recovery, RecoveryFile};
    use crate::project::Project;

    #[test]
    fn what_a_dead_process_left_is_found_and_can_be_discarded() {
        let folder = tempfile::tempdir().unwrap();
        let recovery = Recovery::new(folder.path().join("recovery"));
        let original = Path::new("/somewhere/x.meshboard.json");
        let mut project = Project::default();
        project.model.name = "unsaved".to_owned();
        recovery.keep(Some(original), &project).unwrap();
        assert!(recovery.left_behind().is_empty(), "this process still runs");

        let file = recovery.file_of(Some(original));
        let mut kept: RecoveryFile = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        kept.process = u32::MAX;
        super::save::replace(&file, &serde_json::to_vec(&kept).unwrap(), None).unwrap();
        let found = recovery.left_behind();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].original.as_deref(), Some(original));
        assert_eq!(found[0].project, project);

        recovery.discard(&found[0]);
        assert!(recovery.left_behind().is_empty());
    }
}
