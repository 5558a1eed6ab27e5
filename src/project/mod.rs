//! A project: a design, where it runs and how it is drawn; and its file.
//!
//! `Project` is what a document edits and what a file holds. The file
//! `NAME.meshboard.json` is versioned, sorted and written one value a line, so that
//! two people's edits merge; opening and saving gives the very same bytes.

mod depth;
mod environment;
mod file;
mod migrate;
mod open;
mod recovery;
mod save;
mod view;

use std::sync::Arc;

use imbl::OrdMap;

use crate::model::{EnvironmentId, Model, Unknown};

pub use environment::{Credential, Environment, Reference, Source, Target, Tls};
pub use file::{FORMAT, schema, to_json};
pub use open::{MAX_FILE_BYTES, OpenError, Opened, open, parse, read_file};
pub use recovery::{Recovered, Recovery};
pub use save::{DiskState, SaveError, save};
pub use view::{Camera, Position, View};

/// What the names of project files end with.
pub const FILE_SUFFIX: &str = ".meshboard.json";

/// A design, where it runs and how it is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Project {
    /// What the topology is.
    pub model: Model,
    /// Where it runs and how it is observed there.
    pub environments: OrdMap<EnvironmentId, Arc<Environment>>,
    /// How it is drawn.
    pub view: View,
    /// Top-level keys of the file that this version does not know.
    pub unknown: Unknown,
}
