//! Tables for other programs: every row of a stretch of time, one after the other.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{
    changes::Key,
    incident_rows::{self, COLUMNS, joined},
    rollup::Rollup,
    rows::time,
    samples,
    subjects::all,
    transitions,
    words::{circuit_word, health_word, reach_word},
};
use crate::{
    model::{EnvironmentId, ServiceId},
    monitor::{Change, Transition, format::display_text},
};

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Every poll, while it is kept.
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

/// Which rows.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The environment.
    pub environment: EnvironmentId,
    /// From this time on.
    pub from: Timestamp,
    /// Before this time.
    pub to: Timestamp,
    /// Of this service only: its instances, its breakers, incidents it had a part in.
    pub service: Option<ServiceId>,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing is known.
    Empty,
    /// A time.
    Time(Timestamp),
    /// A word or a text.
    Text(String),
    /// How many.
    Count(u64),
    /// A number in the column's unit.
    Number(f64),
}

const ROLLUP_COLUMNS: &[&str] = &[
    "at",
    "kind",
    "id",
    "count",
    "failures",
    "availability",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "rate_per_second",
    "error_share",
];

impl Table {
    /// Its columns; a unit is part of a name.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Samples => &["at", "service", "instance", "health", "reach", "latency_ms"],
            Self::Minutes | Self::Hours => ROLLUP_COLUMNS,
            Self::Transitions => &[
                "at",
                "kind",
                "service",
                "breaker",
                "dependency",
                "from_state",
                "to_state",
                "cause",
            ],
            Self::Incidents => &["since", "until", "causes", "impacted", "routes", "summary"],
        }
    }
}

/// Gives every row of a table in order of time, until `visit` gives false.
pub(super) fn visit(
    connection: &Connection,
    table: Table,
    selection: &Selection,
    visit: &mut dyn FnMut(Vec<Cell>) -> bool,
) -> rusqlite::Result<()> {
    match table {
        Table::Samples => visit_samples(connection, selection, visit),
        Table::Minutes => visit_rollups(connection, "minute", selection, visit),
        Table::Hours => visit_rollups(connection, "hour", selection, visit),
        Table::Transitions => transitions::visit(
            connection,
            &selection.environment,
            millis(selection),
            |it| !is_selected(&it, selection) || visit(cells_of(it)),
        ),
        Table::Incidents => visit_incidents(connection, selection, visit),
    }
}

fn millis(selection: &Selection) -> (i64, i64) {
    let (from, to) = (&selection.from, &selection.to);
    (from.as_millisecond(), to.as_millisecond())
}

fn number(value: Option<f64>) -> Cell {
    value.map_or(Cell::Empty, Cell::Number)
}

fn text(value: &str) -> Cell {
    Cell::Text(display_text(value))
}

fn visit_samples(
    connection: &Connection,
    selection: &Selection,
    visit: &mut dyn FnMut(Vec<Cell>) -> bool,
) -> rusqlite::Result<()> {
    let instances: HashMap<i64, (ServiceId, String)> = all(connection, &selection.environment)?
        .into_iter()
        .filter_map(|(number, key)| match key {
            Key::Instance(service, address) => {
                let wanted = selection.service.as_ref();
                let is_wanted = wanted.is_none_or(|it| *it == service);
                is_wanted.then_some((number, (service, address)))
            }
            _ => None,
        })
        .collect();
    samples::of_all(connection, millis(selection), |polls| {
        let mut known: Vec<_> = polls
            .into_iter()
            .filter_map(|(number, it)| Some((it, instances.get(&number)?)))
            .collect();
        known.sort_unstable_by(|one, other| (one.0.at, one.1).cmp(&(other.0.at, other.1)));
        known.into_iter().all(|(poll, (service, address))| {
            visit(vec![
                Cell::Time(time(poll.at)),
                text(service.as_str()),
                text(address),
                text(health_word(poll.health())),
                text(reach_word(poll.reach())),
                number(poll.latency_ms()),
            ])
        })
    })
}

fn visit_rollups(
    connection: &Connection,
    table: &str,
    selection: &Selection,
    visit: &mut dyn FnMut(Vec<Cell>) -> bool,
) -> rusqlite::Result<()> {
    let subjects: HashMap<i64, (&str, String)> = all(connection, &selection.environment)?
        .into_iter()
        .filter_map(|(number, key)| match (key, &selection.service) {
            (Key::Service(id), None) => Some((number, ("service", id.to_string()))),
            (Key::Service(id), Some(wanted)) if id == *wanted => {
                Some((number, ("service", id.to_string())))
            }
            (Key::Dependency(id), None) => Some((number, ("dependency", id.to_string()))),
            _ => None,
        })
        .collect();
    let query = format!(
        "SELECT at, subject, count, failures, latencies, rate, errors FROM {table}
         WHERE at >= ?1 AND at < ?2 ORDER BY at, subject"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let (from, to) = millis(selection);
    let mut rows = statement.query(params![from, to])?;
    let mut now = from;
    let mut same_time: Vec<(&(&str, String), Rollup)> = Vec::new();
    loop {
        let row = rows.next()?;
        let at: Option<i64> = row.map(|it| it.get(0)).transpose()?;
        if at != Some(now) {
            same_time.sort_by_key(|it| it.0);
            let mut lines = same_time.drain(..);
            if !lines.all(|(subject, it)| visit(rollup_cells(now, subject, &it))) {
                break;
            }
        }
        let (Some(row), Some(at)) = (row, at) else {
            break;
        };
        now = at;
        if let Some(subject) = subjects.get(&row.get(1)?) {
            same_time.push((subject, Rollup::of_row(row, 2)?));
        }
    }
    Ok(())
}

fn rollup_cells(at: i64, (kind, id): &(&str, String), rollup: &Rollup) -> Vec<Cell> {
    let is_service = *kind == "service";
    let share = 1.0 - rollup.failures as f64 / rollup.count.max(1) as f64;
    let (rate, errors) = rollup.rate();
    let latency = |share| number(rollup.latencies.percentile(share));
    let [p50, p95, p99] = if is_service {
        [latency(0.50), latency(0.95), latency(0.99)]
    } else {
        // Sources tell the 95th percentile: this is the middle of those.
        [Cell::Empty, latency(0.50), Cell::Empty]
    };
    vec![
        Cell::Time(time(at)),
        text(kind),
        text(id),
        Cell::Count(rollup.count),
        Cell::Count(rollup.failures),
        number((is_service && rollup.count > 0).then_some(share)),
        p50,
        p95,
        p99,
        number(rate),
        number(errors),
    ]
}

fn is_selected(transition: &Transition, selection: &Selection) -> bool {
    let service = match &transition.change {
        Change::Health { service, .. } => service,
        Change::Circuit { from_service, .. } => from_service,
    };
    let wanted = selection.service.as_ref();
    wanted.is_none_or(|it| it == service)
}

fn cells_of(transition: Transition) -> Vec<Cell> {
    let mut cells = vec![Cell::Time(transition.at)];
    match transition.change {
        Change::Health { service, from, to } => cells.extend([
            text("health"),
            text(service.as_str()),
            Cell::Empty,
            Cell::Empty,
            text(health_word(from)),
            text(health_word(to)),
        ]),
        Change::Circuit {
            from_service,
            dependency,
            name,
            from,
            to,
        } => cells.extend([
            text("breaker"),
            text(from_service.as_str()),
            text(&name),
            dependency.map_or(Cell::Empty, |it| text(it.as_str())),
            text(&circuit_word(from)),
            text(&circuit_word(to)),
        ]),
    }
    cells.push(text(&transition.cause));
    cells
}

fn visit_incidents(
    connection: &Connection,
    selection: &Selection,
    visit: &mut dyn FnMut(Vec<Cell>) -> bool,
) -> rusqlite::Result<()> {
    let query = format!(
        "SELECT {COLUMNS} FROM incident WHERE environment = ?1 AND since < ?3
             AND (until IS NULL OR until >= ?2)
         ORDER BY since, id"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let (from, to) = millis(selection);
    let mut rows = statement.query(params![selection.environment.as_str(), from, to])?;
    while let Some(row) = rows.next()? {
        let (_, it) = incident_rows::incident(row)?;
        let has_part = |id: &ServiceId| it.causes.contains(id) || it.impacted.contains(id);
        if !selection.service.as_ref().is_none_or(has_part) {
            continue;
        }
        let cells = vec![
            Cell::Time(it.since),
            it.until.map_or(Cell::Empty, Cell::Time),
            Cell::Text(joined(&it.causes)),
            Cell::Text(joined(&it.impacted)),
            Cell::Text(joined(&it.routes)),
            Cell::Text(it.summary),
        ];
        if !visit(cells) {
            break;
        }
    }
    Ok(())
}
