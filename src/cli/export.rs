//! `meshboard export`: what a design becomes, planned, shown and written.

use std::{collections::BTreeSet, io::Write, path::PathBuf};

use clap::builder::PossibleValuesParser;

use super::{Failure, Verdict, note};
use crate::{
    export::{self, Bundle},
    project,
    write::{self, Change, Edited, Kind, Plan},
};

const AFTER_HELP: &str = "\
A file that a person changed since it was written is left alone, unless --force is given; \
then the exit code is 1.
`meshboard targets` lists the targets.";

/// Write the files of a design into a folder.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// The project.
    file: PathBuf,
    /// The folder to write into.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Only this target; can be repeated.
    #[arg(long, value_name = "ID")]
    #[arg(value_parser = PossibleValuesParser::new(export::ALL.iter().map(|it| it.id)))]
    target: Vec<String>,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Show the difference of each file.
    #[arg(long)]
    diff: bool,
    /// Overwrite files that a person changed, too.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let project = project::open(&args.file)?.project;
    // The whole bundle even for one target: what a plan does not have is an orphan.
    let bundle = export::export_all(&project.model, &[])?;
    let plan = write::plan(&bundle.files, &args.to)?;
    let selected: Vec<&Change> = plan
        .changes
        .iter()
        .filter(|it| is_selected(args, &bundle, &it.path))
        .collect();
    for change in &selected {
        show(args, change, out)?;
    }
    for (exporter, export) in &bundle.parts {
        if args.target.is_empty() || args.target.iter().any(|it| it == exporter.id) {
            for text in &export.notes {
                note(&format!("note: {}: {text}", exporter.title));
            }
        }
    }
    if !args.dry_run {
        out.flush()?;
        apply(args, &plan, &selected)?;
    }
    let is_edited = |it: &&Change| it.kind == Kind::EditedByYou;
    Ok(if selected.iter().any(is_edited) && !args.force {
        Verdict::Found
    } else {
        Verdict::Fine
    })
}

fn is_selected(args: &Args, bundle: &Bundle, path: &str) -> bool {
    let target = bundle.target_of(path);
    args.target.is_empty() || target.is_some_and(|it| args.target.iter().any(|id| id == it.id))
}

fn show(args: &Args, change: &Change, out: &mut dyn Write) -> Result<(), Failure> {
    let (added, removed) = change.line_counts();
    let lines = match change.kind {
        Kind::Unchanged => String::new(),
        Kind::Create | Kind::Update | Kind::EditedByYou | Kind::Orphan => {
            format!("  +{added} -{removed}")
        }
    };
    writeln!(out, "{:<14} {}{lines}", change.kind.label(), change.path)?;
    if args.diff && change.kind != Kind::Unchanged {
        write!(out, "{}", write::unified(change))?;
    }
    Ok(())
}

fn apply(args: &Args, plan: &Plan, selected: &[&Change]) -> Result<(), Failure> {
    let paths: BTreeSet<_> = selected.iter().map(|it| it.path.clone()).collect();
    let edited = if args.force {
        Edited::Overwrite
    } else {
        Edited::Keep
    };
    let done = write::apply(plan, &paths, edited)?;
    note(&format!(
        "{} files written, {} removed in {}",
        done.written.len(),
        done.removed.len(),
        args.to.display()
    ));
    for path in &done.kept {
        note(&format!(
            "note: {path} is as you changed it: look at it with --diff, overwrite it with --force"
        ));
    }
    Ok(())
}
