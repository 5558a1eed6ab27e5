//! `meshboard new`: a starting point.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{Failure, Verdict, note};
use crate::{
    demo,
    project::{self, FILE_SUFFIX, Project},
};

const EVENT_DRIVEN: &str = include_str!("../../examples/event-driven/event-driven.meshboard.json");
const FLAWED: &str = include_str!("../../examples/flawed/flawed.meshboard.json");

/// Write a new project from a template.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to start from.
    #[arg(long, value_enum, default_value_t)]
    template: Template,
    /// The file to write; by custom its name ends with .meshboard.json.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Overwrite the file if it exists; what it held is kept beside it as .bak.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Template {
    /// Nothing yet.
    #[default]
    Blank,
    /// A web shop with a gateway, payments and events; what `meshboard demo` runs.
    Shop,
    /// A bicycle rental whose services tell one another what happened.
    EventDriven,
    /// A travel agency with deliberate flaws, to try the rules on.
    Flawed,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    refuse_existing(&args.output, args.force)?;
    let project = match args.template {
        Template::Blank => blank(args),
        Template::Shop => project::parse(demo::SHOP.as_bytes())?,
        Template::EventDriven => project::parse(EVENT_DRIVEN.as_bytes())?,
        Template::Flawed => project::parse(FLAWED.as_bytes())?,
    };
    project::save(&project, &args.output, None)?;
    note(&format!("wrote {}", args.output.display()));
    Ok(Verdict::Fine)
}

/// Fails if there is such a file and nobody said that it may go.
pub(super) fn refuse_existing(path: &Path, force: bool) -> Result<(), Failure> {
    if path.exists() && !force {
        return Err(Failure::new(format!(
            "the file exists: choose another name, or add --force\n  {}",
            path.display()
        )));
    }
    Ok(())
}

/// A project without anything in it, named like its file.
fn blank(args: &Args) -> Project {
    let name = args.output.file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    let stem = name
        .strip_suffix(FILE_SUFFIX)
        .or_else(|| name.strip_suffix(".json"))
        .unwrap_or(&name);
    let mut project = Project::default();
    stem.clone_into(&mut project.model.name);
    project
}
