//! What files a design becomes.
//!
//! One folder a target. An exporter is a pure function from the model to files; only
//! `write` touches the disk. All targets read the same numbers from the same places
//! (see `bundle.rs`), so that ports, names, health paths and log formats agree.

use std::collections::BTreeMap;

use crate::model::Model;

/// Relative path, with `/` between its parts, to contents.
pub type FileSet = BTreeMap<String, String>;

/// A target: what is written for one program.
#[derive(Debug)]
pub struct Exporter {
    /// As it stands on the command line: `compose`.
    pub id: &'static str,
    /// As people write it: `Docker Compose`.
    pub title: &'static str,
    /// What it is for, in a few words: `containers`.
    pub purpose: &'static str,
    /// The programs its output is checked with.
    pub checked_by: &'static [&'static str],
    /// Turns a design into files.
    pub export: fn(&Model) -> Result<Export, ExportError>,
}

/// The files of one target, and what a reader should know about them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// The files.
    pub files: FileSet,
    /// What the dialect cannot say or does otherwise than drawn, in sentences.
    pub notes: Vec<String>,
}

/// Why a design cannot be exported to a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The design lacks something the target cannot do without.
    #[error("{target} needs {what}")]
    Missing {
        /// The target's title.
        target: &'static str,
        /// What is missing, where, and what to do.
        what: String,
    },
}

/// Every target, in the order people read them.
pub const ALL: &[&Exporter] = &[];
