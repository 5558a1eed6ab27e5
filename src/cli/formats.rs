//! `meshboard formats`: which answers of services are understood.

use std::io::Write;

use serde_json::json;

use super::{Failure, Format, Verdict};
use crate::monitor::format;

const AFTER_HELP: &str = "\
JSON: {version, formats:[{id, title, looks_like, tested_against}]}";

/// List the formats of health and breakers that are understood.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// How to write the list.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    match args.format {
        Format::Text => write!(out, "{}", format::reference())?,
        Format::Json => {
            let formats: Vec<_> = format::ALL
                .iter()
                .map(|it| {
                    json!({
                        "id": it.id,
                        "title": it.title,
                        "looks_like": it.looks_like,
                        "tested_against": it.tested_against,
                    })
                })
                .collect();
            writeln!(out, "{:#}", json!({ "version": 1, "formats": formats }))?;
        }
    }
    Ok(Verdict::Fine)
}
