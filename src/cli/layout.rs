//! `meshboard layout`: arranges a design and writes the positions.

use std::path::PathBuf;

use imbl::OrdMap;

use super::{Failure, Verdict, note};
use crate::{
    layout::{self, Request},
    project,
};

/// Arrange a design and write the positions into its file.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The project.
    file: PathBuf,
    /// Only place what has no position yet; nothing else moves.
    #[arg(long)]
    missing: bool,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    let opened = project::open(&args.file)?;
    let mut project = opened.project;
    let before = project.view.positions.clone();
    if args.missing {
        let placed = layout::place_missing(&project.model, &before, &project.view);
        project.view.positions.extend(placed);
    } else {
        project.view.positions = layout::arrange(&project.model, &before, &Request::default());
    }
    project::save(&project, &args.file, Some(opened.disk_state))?;
    note(&moved(&before, &project.view.positions));
    Ok(Verdict::Fine)
}

fn moved<K: Ord + Clone, V: PartialEq + Clone>(
    before: &OrdMap<K, V>,
    now: &OrdMap<K, V>,
) -> String {
    let moved = now.iter().filter(|(id, it)| before.get(*id) != Some(it));
    format!("{} of {} services moved", moved.count(), now.len())
}
