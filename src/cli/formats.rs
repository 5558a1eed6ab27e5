//! `meshboard formats`: which answers of services are understood, and how one of them is.

use std::{
    fs::File,
    io::{self, Read as _, Write},
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{Failure, Format, Verdict, reading_json};
use crate::monitor::{fetch::MAX_METRICS_BYTES, format};

const AFTER_HELP: &str = "\
JSON: {version, formats:[{id, title, looks_like, tested_against, dialects:[…]}]}
With --read, JSON alone is written:
  {version, format, title, health, raw, note, checks:[{name, health, raw}],
   breakers:[{name, state, confidence, detail, …}],
   others:{instances:[{service, address, health, raw}], breakers:[…], calls:[…], partial, note},
   metrics:{samples, lines_left_out, first_left_out:[LINE…], ends_with_eof}}
where others and metrics stand only where there are some. An answer is what `curl` writes:
  curl -s http://127.0.0.1:8080/metrics | meshboard formats --read -";

/// List the formats of health and breakers that are understood, or read an answer.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// How to write the list.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Say what this answer would be read as; - for standard input.
    #[arg(long, value_name = "FILE")]
    read: Option<PathBuf>,
    /// The content type that the answer came with.
    #[arg(
        long = "type",
        value_name = "CONTENT_TYPE",
        default_value = "",
        requires = "read"
    )]
    content_type: String,
    /// The HTTP status that it came with.
    #[arg(
        long,
        default_value_t = 200,
        value_parser = clap::value_parser!(u16).range(100..600),
        requires = "read"
    )]
    status: u16,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    if let Some(file) = &args.read {
        let body = answer(file)?;
        let json = reading_json::as_json(args.status, &args.content_type, &body);
        writeln!(out, "{json:#}")?;
        return Ok(Verdict::Fine);
    }
    match args.format {
        Format::Text => write!(out, "{}", format::reference())?,
        Format::Json => writeln!(out, "{:#}", listed())?,
    }
    Ok(Verdict::Fine)
}

/// Every format; that of metrics with its dialects.
fn listed() -> serde_json::Value {
    let dialects: Vec<_> = format::DIALECTS
        .iter()
        .map(|it| {
            json!({
                "title": it.title,
                "looks_like": it.looks_like,
                "tested_against": it.tested_against,
            })
        })
        .collect();
    let formats: Vec<_> = format::ALL
        .iter()
        .map(|it| {
            let mut listed = json!({
                "id": it.id,
                "title": it.title,
                "looks_like": it.looks_like,
                "tested_against": it.tested_against,
            });
            if it.id == format::METRICS {
                listed["dialects"] = json!(dialects);
            }
            listed
        })
        .collect();
    json!({ "version": 1, "formats": formats })
}

/// The body of an answer, which may be as long as the longest that is polled.
fn answer(file: &Path) -> Result<Vec<u8>, Failure> {
    let is_input = file.as_os_str() == "-";
    let mut body = Vec::new();
    let limit = MAX_METRICS_BYTES as u64 + 1;
    let read = if is_input {
        io::stdin().lock().take(limit).read_to_end(&mut body)
    } else {
        File::open(file).and_then(|it| it.take(limit).read_to_end(&mut body))
    };
    read.map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display())))?;
    if body.len() > MAX_METRICS_BYTES {
        return Err(Failure::new(format!(
            "{} is longer than {} MiB, the longest answer that is read",
            file.display(),
            MAX_METRICS_BYTES / 1024 / 1024
        )));
    }
    Ok(body)
}
