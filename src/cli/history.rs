//! `meshboard history`: what was recorded, as a table for other programs.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use jiff::{Span, SpanRelativeTo, Timestamp};
use serde_json::{Map, Value};

use super::{Failure, Verdict, note};
use crate::{
    history::{Cell, History, Selection, Table},
    model::{EnvironmentId, ServiceId},
    project,
};

const AFTER_HELP: &str = "\
One row after the other in order of time, whatever the length; times are in UTC (RFC 3339).
Columns, with the unit in their names (ms: milliseconds; shares are from 0 to 1; what is not known is empty):
  samples      at, service, instance, health, reach, latency_ms
  minutes      at, kind (service, dependency), id, count, failures, availability (a share),
               p50_ms, p95_ms, p99_ms, rate_per_second, error_share
  hours        the same
  transitions  at, kind (health, breaker), service, breaker, dependency, from_state, to_state, cause
  incidents    since, until, causes, impacted, routes, summary (ids are separated by spaces)
Samples are kept for a day, minutes for a month, all else for a year.
In CSV, a text that a spreadsheet would take for a formula begins with an apostrophe.
JSON: {version, what, rows:[{column: value}]}, a value that is not known is null.";

/// How rows are written.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Comma-separated values with a header (RFC 4180).
    Csv,
    /// One JSON document.
    Json,
}

/// Which rows.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// Every poll.
    Samples,
    /// Services and dependencies by minute.
    Minutes,
    /// Services and dependencies by hour.
    Hours,
    /// What changed.
    Transitions,
    /// Incidents.
    Incidents,
}

/// Write what was recorded of a design, for a spreadsheet or a program.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// The project; its history lies beside it as NAME.history.sqlite.
    file: PathBuf,
    /// The environment; needed if there are several.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// From when on: 2026-11-23T09:00:00Z, or so long ago: 90m, 24h, 7d.
    #[arg(long, value_name = "T")]
    from: Option<String>,
    /// Until when, likewise.
    #[arg(long, value_name = "T")]
    to: Option<String>,
    /// Of this service only.
    #[arg(long, value_name = "ID")]
    service: Option<String>,
    /// Which rows.
    #[arg(long, value_enum, default_value = "samples")]
    what: What,
    /// How to write them.
    #[arg(long, value_enum)]
    format: Format,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let project = project::open(&args.file)?.project;
    let environment = super::watch::environment(args.env.as_deref(), &project)?;
    let history = History::open_recorded(&args.file)?;
    let selection = selection(args, environment, Timestamp::now())?;
    let (table, name) = match args.what {
        What::Samples => (Table::Samples, "samples"),
        What::Minutes => (Table::Minutes, "minutes"),
        What::Hours => (Table::Hours, "hours"),
        What::Transitions => (Table::Transitions, "transitions"),
        What::Incidents => (Table::Incidents, "incidents"),
    };
    let rows = match args.format {
        Format::Csv => write_csv(&history, table, &selection, out)?,
        Format::Json => write_json(&history, (table, name), &selection, out)?,
    };
    if rows == 0 {
        let environment = &selection.environment;
        match history.span(environment) {
            Some((from, to)) => note(&format!(
                "no {name} there; {environment} was recorded from {from:.0} to {to:.0}"
            )),
            None => note(&format!("nothing was recorded of {environment}")),
        }
    }
    Ok(Verdict::Fine)
}

fn selection(
    args: &Args,
    environment: EnvironmentId,
    now: Timestamp,
) -> Result<Selection, Failure> {
    let time = |option: &str, text: &Option<String>, otherwise| {
        text.as_ref()
            .map_or(Ok(otherwise), |it| time_of(option, it, now))
    };
    let service = args.service.as_ref().map(ServiceId::new).transpose();
    let service = service.map_err(|it| Failure::new(format!("--service: {it}")))?;
    Ok(Selection {
        environment,
        from: time("--from", &args.from, Timestamp::MIN)?,
        to: time("--to", &args.to, Timestamp::MAX)?,
        service,
    })
}

/// `2026-11-23T09:00:00Z`, or `24h` before now.
fn time_of(option: &str, text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let ago = text.parse::<Span>().ok();
    let ago = ago.and_then(|it| it.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    ago.and_then(|it| now.checked_sub(it.abs()).ok())
        .ok_or_else(|| {
            Failure::new(format!(
                "{option} {text:?} is no time: write 2026-11-23T09:00:00Z, or 90m, 24h, 7d for so long ago"
            ))
        })
}

fn write_csv(
    history: &History,
    table: Table,
    selection: &Selection,
    out: &mut dyn Write,
) -> Result<u64, Failure> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(table.columns()).map_err(of_csv)?;
    let rows = each_row(history, table, selection, |cells| {
        let record = cells.iter().map(as_csv);
        csv.write_record(record)
            .map_err(|it| io::Error::other(it.to_string()))
    });
    csv.flush()?;
    rows
}

/// What the reader of a pipe did is no fault of the table.
fn of_csv(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => Failure::new(format!("cannot write the table: {other:?}")),
    }
}

fn write_json(
    history: &History,
    (table, name): (Table, &str),
    selection: &Selection,
    out: &mut dyn Write,
) -> Result<u64, Failure> {
    write!(out, "{{\"version\":1,\"what\":\"{name}\",\"rows\":[")?;
    let mut separator = "\n";
    let rows = each_row(history, table, selection, |cells| {
        let names = table.columns().iter().map(|it| (*it).to_owned());
        let row: Map<_, _> = names.zip(cells.iter().map(as_json)).collect();
        write!(out, "{separator}{}", Value::Object(row))?;
        separator = ",\n";
        Ok(())
    })?;
    writeln!(out, "\n]}}")?;
    Ok(rows)
}

/// Does something with every row, until it fails; gives how many there were.
fn each_row(
    history: &History,
    table: Table,
    selection: &Selection,
    mut write: impl FnMut(&[Cell]) -> io::Result<()>,
) -> Result<u64, Failure> {
    let mut rows = 0;
    let mut outcome = Ok(());
    history.list(table, selection, &mut |cells| {
        rows += 1;
        outcome = write(&cells);
        outcome.is_ok()
    })?;
    outcome?;
    Ok(rows)
}

fn as_csv(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Time(time) => format!("{time:.3}"),
        Cell::Text(text) if text.starts_with(['=', '+', '-', '@']) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::Number(number) => rounded(*number).to_string(),
    }
}

fn as_json(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Time(time) => format!("{time:.3}").into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Count(count) => (*count).into(),
        Cell::Number(number) => rounded(*number).into(),
    }
}

/// To four places: the rest is noise of the arithmetic.
fn rounded(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{as_csv, time_of};
    use crate::history::Cell;

    #[test]
    fn a_time_is_written_out_or_so_long_ago() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        for (text, wanted) in [
            ("2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"),
            ("90m", "2026-11-23T10:30:00Z"),
            ("24h", "2026-11-22T12:00:00Z"),
            ("7d", "2026-11-16T12:00:00Z"),
        ] {
            let time = time_of("--from", text, now).unwrap();
            assert_eq!(time.to_string(), wanted, "{text}");
        }
        assert!(time_of("--from", "yesterday", now).is_err());
    }

    #[test]
    fn no_cause_becomes_a_formula_in_a_spreadsheet() {
        let cell = Cell::Text("=HYPERLINK(\"http://evil\")".to_owned());
        assert!(as_csv(&cell).starts_with("'="));
        assert_eq!(as_csv(&Cell::Number(-1.5)), "-1.5");
    }
}
