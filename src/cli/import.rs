//! `meshboard import`: starts a project from files of another program.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use clap::builder::PossibleValuesParser;

use super::{Failure, Verdict, new::refuse_existing, note};
use crate::{
    import::{self, Importer, MAX_FILE_BYTES, Request},
    layout, project,
};

const AFTER_HELP: &str = "\
Several Compose files are merged as Docker Compose merges them. A folder stands for the file in it.
What was left out or guessed is said on standard error.";

/// Start a project from files of another program.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// What the files are.
    #[arg(value_parser = PossibleValuesParser::new(import::ALL.iter().map(|it| it.id)))]
    kind: String,
    /// The files, or the folder they are in.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The project file to write; by custom its name ends with .meshboard.json.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Overwrite the file if it exists; what it held is kept beside it as .bak.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    let Some(kind) = import::find(&args.kind) else {
        return Err(Failure::new(format!("{} cannot be imported", args.kind)));
    };
    refuse_existing(&args.output, args.force)?;
    let files = args
        .paths
        .iter()
        .map(|it| file_at(kind, it))
        .collect::<Result<Vec<_>, _>>()?;
    let imported = (kind.import)(&Request {
        files: &files,
        read: &read,
        variables: &variables(),
    })?;
    let mut project = imported.project;
    let placed = layout::place_missing(&project.model, &project.view.positions, &project.view);
    project.view.positions.extend(placed);
    project::save(&project, &args.output, None)?;
    for text in &imported.notes {
        note(&format!("note: {text}"));
    }
    note(&format!(
        "wrote {}: {} services, {} dependencies",
        args.output.display(),
        project.model.services.len(),
        project.model.dependencies.len()
    ));
    Ok(Verdict::Fine)
}

/// The file itself, or the one in the folder that is called as such files are.
fn file_at(importer: &Importer, path: &Path) -> Result<PathBuf, Failure> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let candidates = importer.file_names.iter().map(|it| path.join(it));
    candidates
        .into_iter()
        .find(|it| it.is_file())
        .ok_or_else(|| {
            Failure::new(format!(
                "there is none of {} in this folder: name the file\n  {}",
                importer.file_names.join(", "),
                path.display()
            ))
        })
}

/// Reads a file, and not more of it than an importer looks at.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = MAX_FILE_BYTES as u64 + 1;
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The environment of the shell, as far as it is text.
fn variables() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
