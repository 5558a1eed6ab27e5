//! `meshboard targets`: what a design can be exported to.

use std::io::Write;

use serde_json::{Value, json};

use super::{Failure, Verdict};
use crate::export::{
    self,
    fields::{self, Carried, Field, NOWHERE},
};

const AFTER_HELP: &str = "\
JSON: {version, targets:[{id, title, purpose, checked_by:[…], fields:[{field, as} or {field, not}]}], \
nowhere:[{field, why}]}";

/// How the list is written.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    /// For people: each target with its fields.
    #[default]
    Text,
    /// For programs.
    Json,
    /// A table of fields and targets, as the README has it.
    Markdown,
}

/// List what a design can be exported to, and which field of it reaches which target.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// How to write the list.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    match args.format {
        Format::Text => {
            for target in export::ALL {
                writeln!(
                    out,
                    "{:<20} {:<28} {}",
                    target.id, target.title, target.purpose
                )?;
                if !target.checked_by.is_empty() {
                    let programs = target.checked_by.join(", ");
                    writeln!(out, "{:<20} checked with {programs}", "")?;
                }
                for field in target.fields {
                    let (mark, words) = match field.carried {
                        Carried::As(words) => ("", words),
                        Carried::Not(why) => ("not: ", why),
                    };
                    writeln!(out, "{:<20} {:<42} {mark}{words}", "", field.path)?;
                }
            }
        }
        Format::Markdown => write!(out, "{}", fields::table())?,
        Format::Json => {
            let targets: Vec<_> = export::ALL
                .iter()
                .map(|it| {
                    json!({
                        "id": it.id,
                        "title": it.title,
                        "purpose": it.purpose,
                        "checked_by": it.checked_by,
                        "fields": it.fields.iter().map(field).collect::<Vec<_>>(),
                    })
                })
                .collect();
            let nowhere = NOWHERE.iter();
            let nowhere: Vec<_> = nowhere
                .map(|(field, why)| json!({ "field": field, "why": why }))
                .collect();
            let all = json!({ "version": 1, "targets": targets, "nowhere": nowhere });
            writeln!(out, "{all:#}")?;
        }
    }
    Ok(Verdict::Fine)
}

fn field(field: &Field) -> Value {
    match field.carried {
        Carried::As(words) => json!({ "field": field.path, "as": words }),
        Carried::Not(why) => json!({ "field": field.path, "not": why }),
    }
}
