//! `meshboard export`: what a design becomes, planned, shown and written.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::PathBuf,
};

use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use super::{Failure, Format, Verdict, note};
use crate::{
    export::{self, Bundle, Export, Exporter},
    project,
    write::{self, Change, Choice, Chosen, Kind, Plan, Written},
};

const AFTER_HELP: &str = "\
A file that a person changed since it was written stays as it is, unless --merge, \
--conflict-markers or --force says otherwise. What stands between the comments \
`meshboard:keep NAME` and `meshboard:end` is a person's, and always stays. A folder that is \
only started (code to begin with) is left alone once there is anything of a person's in it.
Exits with 1 if a person's changes keep the new export out of a file, or conflicts are left; \
with --merge, changes that the new export has nothing to add to are fine.
JSON: {version, folder, files:[{path, target, state, added, removed, conflicts, result, diff}], \
counts:{STATE: number}, notes:[{target, text}]}. `state` is create, update, unchanged, edited by \
you, merge (a person's changes and the new export fit together), conflict, yours (in a folder of \
a person's) or orphan; `conflicts` is absent where nothing can be merged; `result` (written, \
merged, removed, kept, unchanged) is absent in a dry run, `diff` without --diff.
`meshboard targets` lists the targets.";

/// Write the files of a design into a folder.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
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
    /// Put a person's changes and the new export together where they do not conflict.
    #[arg(long)]
    merge: bool,
    /// The same, and write conflicts between marks.
    #[arg(long)]
    conflict_markers: bool,
    /// Overwrite files that a person changed, too.
    #[arg(long, conflicts_with_all = ["merge", "conflict_markers"])]
    force: bool,
    /// Remove files that an earlier export wrote and this design no longer has.
    #[arg(long)]
    remove_orphans: bool,
    /// How to write what is done.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Args {
    /// What becomes of a file that a person changed.
    fn choice(&self) -> Choice {
        if self.force {
            Choice::New
        } else if self.conflict_markers {
            Choice::Marked
        } else if self.merge {
            Choice::Merged
        } else {
            Choice::Mine
        }
    }

    fn has_target(&self, id: &str) -> bool {
        self.target.is_empty() || self.target.iter().any(|it| it == id)
    }

    /// Whether a file is among what was asked for.
    fn selects(&self, bundle: &Bundle, path: &str) -> bool {
        match bundle.target_of(path) {
            Some(target) => self.has_target(target.id),
            // An orphan, or what is left of one.
            None => self.target.is_empty(),
        }
    }
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let project = project::open(&args.file)?.project;
    // The whole bundle even for one target: what a plan does not have is an orphan.
    let bundle = export::export_all(&project.model, &[])?;
    let plan = write::plan((&bundle).into(), &args.to, &write::quietly)?;
    let selected: Vec<&Change> = plan
        .changes
        .iter()
        .filter(|it| args.selects(&bundle, &it.path))
        .collect();
    let notes: Vec<_> = bundle
        .parts
        .iter()
        .filter(|(exporter, _)| args.has_target(exporter.id))
        .collect();
    if args.format == Format::Text {
        for change in &selected {
            show(args, change, out)?;
        }
        for (exporter, export) in &notes {
            for text in &export.notes {
                note(&format!("note: {}: {text}", exporter.title));
            }
        }
        out.flush()?;
    }
    let done = if args.dry_run {
        None
    } else {
        Some(apply(args, &plan, &selected)?)
    };
    if args.format == Format::Json {
        let all = as_json(args, &bundle, &selected, &notes, done.as_ref());
        writeln!(out, "{all:#}")?;
    }
    Ok(if selected.iter().any(|it| is_open(args, it)) {
        Verdict::Found
    } else {
        Verdict::Fine
    })
}

/// Whether a person still has to look at a file.
fn is_open(args: &Args, change: &Change) -> bool {
    match args.choice() {
        _ if !change.kind.is_edited() => false,
        Choice::New => false,
        Choice::Mine => true,
        Choice::Merged | Choice::Marked => change.kind != Kind::Merge && !change.is_settled(),
    }
}

fn show(args: &Args, change: &Change, out: &mut dyn Write) -> Result<(), Failure> {
    let (added, removed) = change.line_counts();
    let lines = match change.kind {
        Kind::Unchanged | Kind::LeftAlone => String::new(),
        Kind::Create | Kind::Update | Kind::Orphan => format!("  +{added} -{removed}"),
        Kind::EditedByYou | Kind::Merge | Kind::Conflict => {
            format!("  +{added} -{removed}{}", merging(change))
        }
    };
    writeln!(out, "{:<14} {}{lines}", change.kind.label(), change.path)?;
    if args.diff && !matches!(change.kind, Kind::Unchanged | Kind::LeftAlone) {
        write!(out, "{}", write::unified(change, args.choice()))?;
    }
    Ok(())
}

/// How a person's changes and the new export go together.
fn merging(change: &Change) -> String {
    match &change.merged {
        None => "  (the export before is not known, so nothing can be merged)".to_owned(),
        Some(_) if change.is_settled() => "  (the new export adds nothing)".to_owned(),
        Some(it) if it.conflicts == 0 => "  (merges with your changes)".to_owned(),
        Some(it) if it.conflicts == 1 => "  (1 conflict with your changes)".to_owned(),
        Some(it) => format!("  ({} conflicts with your changes)", it.conflicts),
    }
}

fn apply(args: &Args, plan: &Plan, selected: &[&Change]) -> Result<Written, Failure> {
    let choice = args.choice();
    let (orphans, files): (Vec<&Change>, Vec<&Change>) =
        selected.iter().partition(|it| it.kind == Kind::Orphan);
    let mut chosen: Chosen = files.iter().map(|it| (it.path.clone(), choice)).collect();
    if args.remove_orphans {
        chosen.extend(orphans.iter().map(|it| (it.path.clone(), choice)));
    }
    let done = write::apply(plan, &chosen, &write::quietly)?;
    note(&format!(
        "{} files written, {} removed in {}",
        done.written.len(),
        done.removed.len(),
        args.to.display()
    ));
    for path in &done.kept {
        let is_settled = files.iter().any(|it| it.path == *path && it.is_settled());
        if !(is_settled && choice != Choice::Mine) {
            note(&format!(
                "note: {path} is as you changed it: look at it with --diff, then merge it with \
                 --merge, mark its conflicts with --conflict-markers or overwrite it with --force"
            ));
        }
    }
    if !orphans.is_empty() && !args.remove_orphans {
        note(&format!(
            "note: {} files of an earlier export are left over: remove them with --remove-orphans",
            orphans.len()
        ));
    }
    Ok(done)
}

fn as_json(
    args: &Args,
    bundle: &Bundle,
    selected: &[&Change],
    notes: &[&(&'static Exporter, Export)],
    done: Option<&Written>,
) -> Value {
    let mut counts: BTreeMap<&str, usize> = Kind::ALL.iter().map(|it| (it.label(), 0)).collect();
    for change in selected {
        *counts.entry(change.kind.label()).or_default() += 1;
    }
    let done = done.map(|it| {
        let set = |paths: &[String]| paths.iter().cloned().collect::<BTreeSet<_>>();
        (set(&it.written), set(&it.removed))
    });
    let files = selected.iter().map(|change| {
        let (added, removed) = change.line_counts();
        let mut file = json!({
            "path": change.path,
            "target": bundle.target_of(&change.path).map(|it| it.id),
            "state": change.kind.label(),
            "added": added,
            "removed": removed,
        });
        if let Some(merged) = &change.merged {
            file["conflicts"] = json!(merged.conflicts);
        }
        if let Some((written, removed)) = &done {
            let path = &change.path;
            let done = (written.contains(path), removed.contains(path));
            file["result"] = json!(result(args, change, done));
        }
        if args.diff {
            file["diff"] = json!(write::unified(change, args.choice()));
        }
        file
    });
    let notes = notes.iter().flat_map(|(exporter, export)| {
        let texts = export.notes.iter();
        texts.map(|it| json!({ "target": exporter.id, "text": it }))
    });
    json!({
        "version": 1,
        "folder": args.to,
        "files": files.collect::<Vec<_>>(),
        "counts": counts,
        "notes": notes.collect::<Vec<_>>(),
    })
}

/// What was done with a file, in a word.
fn result(args: &Args, change: &Change, (is_written, is_removed): (bool, bool)) -> &'static str {
    if is_written {
        let is_merged = change.kind.is_edited() && args.choice() != Choice::New;
        if is_merged { "merged" } else { "written" }
    } else if is_removed {
        "removed"
    } else if change.kind == Kind::Unchanged {
        "unchanged"
    } else {
        "kept"
    }
}
