//! Puts exported files on disk: plan, show, apply.
//!
//! A plan compares the files of a bundle with a folder and changes nothing. What is
//! shown is what is applied: [`apply()`] refuses if the folder is not as it was planned.
//! A manifest in the folder says which files are ours and what we wrote, so that a file
//! a person changed is never overwritten unless that person says so. What was exported
//! last is kept beside it: edits that a new export leaves room for are merged with it.
//!
//! Three things of a person's survive by themselves: edits (see `merge`), marked parts
//! of a file (see `keep`), and folders that were only started (see `starters`).
//!
//! Plan the whole bundle even to write a part of it, and select the part: what a plan
//! does not have is an orphan.

mod apply;
mod decide;
mod diff;
mod keep;
mod manifest;
mod merge;
mod place;
mod plan;
mod starters;
mod together;

#[cfg(test)]
mod tests;

use std::{
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

pub use apply::{Choice, Chosen, Written, apply};
pub use diff::{Row, Side, Trio, WhoseLine, side_by_side, three_ways, unified};
pub use manifest::MANIFEST_PATH;
pub use merge::Merge;
pub use plan::{Change, Kind, Plan, Wanted, plan};

/// Told how many of how many files are done; may ask to stop.
pub type Progress<'a> = &'a dyn Fn(usize, usize) -> ControlFlow<()>;

/// Goes on to the end, and tells nobody.
pub fn quietly(_done: usize, _total: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Why a folder cannot be planned or written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A path leads out of the folder.
    #[error("{path:?} would be written outside the folder: nothing was written")]
    Outside {
        /// The path, as the bundle or the disk has it.
        path: String,
    },
    /// Something stands where a file or a folder should be.
    #[error("{what} is in the way: move it, then export again\n  {}", path.display())]
    InTheWay {
        /// What is there.
        what: &'static str,
        /// Where.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("cannot read what is there: {reason}\n  {}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        reason: io::Error,
    },
    /// The folder is not as it was planned.
    #[error("{path} changed since the difference was shown: nothing was written, look at it again")]
    Changed {
        /// The file, relative to the folder.
        path: String,
    },
    /// Somebody asked to stop.
    #[error("stopped: nothing was written")]
    Stopped,
    /// A file could not be written.
    #[error(
        "cannot write: {reason}; {} of {of} files were written, each of them whole\n  {}",
        written.len(), path.display()
    )]
    NotWritten {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        reason: io::Error,
        /// What was written before, relative to the folder.
        written: Vec<String>,
        /// How many files were to be written.
        of: usize,
    },
}

impl WriteError {
    fn unreadable(path: &Path, reason: io::Error) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            reason,
        }
    }
}
