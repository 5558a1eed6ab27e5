//! What the window is to open with.

use std::path::PathBuf;

use crate::demo::Cluster;

/// What the window is to open with.
#[derive(Debug, Default)]
pub struct Start {
    /// The project to open.
    pub file: Option<PathBuf>,
    /// The running demo to watch, which must live as long as the window.
    pub cluster: Option<Cluster>,
}

impl Start {
    pub(super) fn of_file(file: Option<PathBuf>) -> Self {
        Self {
            file,
            cluster: None,
        }
    }
}
