//! `meshboard targets`: what a design can be exported to.

use std::io::Write;

use serde_json::json;

use super::{Failure, Format, Verdict};
use crate::export;

const AFTER_HELP: &str = "\
JSON: {version, targets:[{id, title, purpose, checked_by:[…]}]}";

/// List what a design can be exported to.
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
            }
        }
        Format::Json => {
            let targets: Vec<_> = export::ALL
                .iter()
                .map(|it| {
                    json!({
                        "id": it.id,
                        "title": it.title,
                        "purpose": it.purpose,
                        "checked_by": it.checked_by,
                    })
                })
                .collect();
            writeln!(out, "{:#}", json!({ "version": 1, "targets": targets }))?;
        }
    }
    Ok(Verdict::Fine)
}
