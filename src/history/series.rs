//! One subject through time, in stretches of equal length.
//!
//! Long stretches are read from hours, short ones from minutes or from single polls;
//! where the finer is gone the coarser stands in, and where the coarser is not worked
//! out yet the finer does.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::{
    Point, Subject,
    changes::Key,
    packed::MINUTE,
    rollup::{HOUR, Rollup, floor},
    rows::{BreakerRow, time},
    samples,
    subjects::{all, find},
    words::circuit_of_word,
};
use crate::model::EnvironmentId;

/// The most stretches that are given.
const MOST_POINTS: usize = 4_000;

/// Stretches between two times. Long ones are whole minutes or hours, and begin where
/// such a one does, because that is what is kept.
#[derive(Debug, Clone, Copy)]
struct Stretches {
    from: i64,
    to: i64,
    /// Milliseconds of one.
    length: i64,
}

impl Stretches {
    fn new((from, to): (i64, i64), points: usize) -> Option<Self> {
        let count = points.clamp(1, MOST_POINTS).cast_signed() as i64;
        let length = |from: i64| (to.saturating_sub(from) + count - 1) / count;
        let unit = match length(from) {
            HOUR.. => HOUR,
            MINUTE.. => MINUTE,
            _ => 1,
        };
        let from = floor(from, unit);
        let length = floor(length(from) + unit - 1, unit).max(1);
        (to > from).then_some(Self { from, to, length })
    }

    /// Which one a time lies in.
    fn of(self, at: i64) -> i64 {
        (at.max(self.from) - self.from) / self.length
    }

    fn start(self, number: i64) -> i64 {
        self.from + number * self.length
    }
}

/// What was seen of a subject.
pub(super) fn read(
    connection: &Connection,
    environment: &EnvironmentId,
    subject: &Subject,
    span: (i64, i64),
    points: usize,
) -> rusqlite::Result<Vec<Point>> {
    let Some(stretches) = Stretches::new(span, points) else {
        return Ok(Vec::new());
    };
    let key = match subject {
        Subject::Service(id) => Key::Service(id.clone()),
        Subject::Dependency(id) => Key::Dependency(id.clone()),
        Subject::Breaker { from, name } => Key::Breaker(from.clone(), name.clone()),
    };
    let Some(number) = find(connection, environment, &key)? else {
        return Ok(Vec::new());
    };
    match subject {
        Subject::Breaker { .. } => of_breaker(connection, environment, number, stretches),
        Subject::Dependency(_) => {
            let found = rollups(connection, (number, &[]), stretches)?;
            let points = found.into_iter();
            Ok(points
                .map(|(at, it)| of_dependency(stretches.start(at), &it))
                .collect())
        }
        Subject::Service(id) => {
            let all = all(connection, environment)?.into_iter();
            let instances: Vec<_> = all
                .filter(|(_, key)| matches!(key, Key::Instance(service, _) if service == id))
                .map(|(number, _)| number)
                .collect();
            let found = rollups(connection, (number, &instances), stretches)?;
            let points = found.into_iter();
            Ok(points
                .map(|(at, it)| of_service(stretches.start(at), &it))
                .collect())
        }
    }
}

/// What was told in each stretch; of a service by its number and its instances', of a
/// dependency by its number alone.
fn rollups(
    connection: &Connection,
    (subject, instances): (i64, &[i64]),
    stretches: Stretches,
) -> rusqlite::Result<BTreeMap<i64, Rollup>> {
    let mut found: BTreeMap<i64, Rollup> = BTreeMap::new();
    let (hours, minutes) = borders(connection, stretches)?;
    let ends = [stretches.from, hours, minutes, stretches.to];
    for (query, length, from, to) in [
        (
            "SELECT count, failures, latencies, rate, errors FROM hour
             WHERE at = ?1 AND subject = ?2",
            HOUR,
            ends[0],
            ends[1],
        ),
        (
            "SELECT count, failures, latencies, rate, errors FROM minute
             WHERE at = ?1 AND subject = ?2",
            MINUTE,
            ends[1],
            ends[2],
        ),
    ] {
        if from >= to {
            continue;
        }
        let mut statement = connection.prepare_cached(query)?;
        let mut at = floor(from, length);
        while at < to {
            let mut rows = statement.query([at, subject])?;
            if let Some(row) = rows.next()? {
                let rollup = found.entry(stretches.of(at)).or_default();
                rollup.merge(&Rollup::of_row(row, 0)?);
            }
            at += length;
        }
    }
    let raw = (ends[2], ends[3]);
    if instances.is_empty() {
        let query = "SELECT at, rate_per_second, error_share, p95_ms FROM traffic
                     WHERE at >= ?1 AND at < ?2 AND subject = ?3";
        let mut statement = connection.prepare_cached(query)?;
        let mut rows = statement.query(params![raw.0, raw.1, subject])?;
        while let Some(row) = rows.next()? {
            let rollup = found.entry(stretches.of(row.get(0)?)).or_default();
            rollup.add_traffic(row.get(1)?, row.get(2)?, row.get(3)?);
        }
    } else {
        samples::of_some(connection, instances, raw, |it| {
            let rollup = found.entry(stretches.of(it.at)).or_default();
            rollup.add_poll(it);
        })?;
    }
    found.retain(|_, it| it.count > 0);
    Ok(found)
}

/// Until when hours are read, and from there until when minutes.
fn borders(connection: &Connection, stretches: Stretches) -> rusqlite::Result<(i64, i64)> {
    let border = |query: &str| -> rusqlite::Result<Option<i64>> {
        connection
            .prepare_cached(query)?
            .query_row([], |row| row.get(0))
    };
    let Stretches { from, to, length } = stretches;
    // Before these, the finer is gone.
    let first_minute = border("SELECT min(at) FROM minute")?;
    let first_poll = border("SELECT min(at) FROM packed")?;
    let first_told = border("SELECT min(at) FROM traffic")?;
    let first_raw = [first_poll, first_told].into_iter().flatten().min();
    // After these, the coarser is not worked out yet.
    let hours_done = border("SELECT max(at) FROM mark WHERE name = 'hour'")?.unwrap_or(from);
    let minutes_done = border("SELECT max(at) FROM mark WHERE name = 'minute'")?.unwrap_or(from);

    // A stretch of which only a part is left is read from the coarser one whole.
    let ceiling = |at: i64, length| floor(at + length - 1, length);
    let first_minute = first_minute.map_or(from, |it| ceiling(it, HOUR));
    let first_raw = first_raw.map_or(to, |it| ceiling(it, MINUTE));
    let wanted = if length >= HOUR { to } else { first_minute };
    let hours = wanted.min(hours_done).clamp(from, to);
    let wanted = if length >= MINUTE { to } else { first_raw };
    let minutes = wanted.min(minutes_done).clamp(hours, to);
    Ok((hours, minutes))
}

fn of_service(at: i64, rollup: &Rollup) -> Point {
    let (count, failures) = (rollup.count, rollup.failures);
    Point {
        at: time(at),
        count,
        failures,
        availability: Some(1.0 - failures as f64 / count.max(1) as f64),
        p50_ms: rollup.latencies.percentile(0.50),
        p95_ms: rollup.latencies.percentile(0.95),
        p99_ms: rollup.latencies.percentile(0.99),
        rate_per_second: None,
        error_share: None,
    }
}

fn of_dependency(at: i64, rollup: &Rollup) -> Point {
    let (rate_per_second, error_share) = rollup.rate();
    Point {
        at: time(at),
        count: rollup.count,
        failures: 0,
        availability: None,
        p50_ms: None,
        // The middle of those that were told.
        p95_ms: rollup.latencies.percentile(0.50),
        p99_ms: None,
        rate_per_second,
        error_share,
    }
}

/// A breaker's stretch while it is added up.
#[derive(Debug, Default)]
struct BreakerTime {
    changes: u64,
    /// Milliseconds in which its state was known, and in which it let calls pass.
    known: i64,
    passing: i64,
    failure_rate_percent: Option<f64>,
}

fn of_breaker(
    connection: &Connection,
    environment: &EnvironmentId,
    number: i64,
    stretches: Stretches,
) -> rusqlite::Result<Vec<Point>> {
    let mut found: BTreeMap<i64, BreakerTime> = BTreeMap::new();
    for (since, until) in
        super::lanes::runs(connection, environment, (stretches.from, stretches.to))?
    {
        let steps = breaker_steps(connection, number, (since, until))?;
        for (index, (at, row)) in steps.iter().enumerate() {
            let Some(row) = row else { continue };
            let end = steps.get(index + 1).map_or(until, |it| it.0);
            let (start, end) = ((*at).max(stretches.from), end.min(stretches.to));
            if start >= end {
                continue;
            }
            found.entry(stretches.of(start)).or_default().changes += u64::from(start == *at);
            let is_passing = !circuit_of_word(&row.circuit).is_tripped();
            for number in stretches.of(start)..=stretches.of(end - 1) {
                let part = found.entry(number).or_default();
                let length =
                    end.min(stretches.start(number + 1)) - start.max(stretches.start(number));
                part.known += length;
                part.passing += if is_passing { length } else { 0 };
                part.failure_rate_percent = row.failure_rate_percent.or(part.failure_rate_percent);
            }
        }
    }
    let points = found.into_iter().filter(|(_, it)| it.known > 0);
    Ok(points
        .map(|(number, it)| Point {
            at: time(stretches.start(number)),
            count: it.changes,
            failures: 0,
            availability: Some(it.passing as f64 / it.known as f64),
            p50_ms: None,
            p95_ms: None,
            p99_ms: None,
            rate_per_second: None,
            error_share: it.failure_rate_percent.map(|it| it / 100.0),
        })
        .collect())
}

/// How a breaker was from when on, in one run.
fn breaker_steps(
    connection: &Connection,
    number: i64,
    (since, until): (i64, i64),
) -> rusqlite::Result<Vec<(i64, Option<BreakerRow>)>> {
    let query =
        "SELECT at, value FROM state WHERE subject = ?1 AND at >= ?2 AND at <= ?3 ORDER BY at";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([number, since, until], |row| {
        let value: Option<String> = row.get(1)?;
        let row_of = value.and_then(|it| serde_json::from_str(&it).ok());
        Ok((row.get(0)?, row_of))
    })?;
    rows.collect()
}
