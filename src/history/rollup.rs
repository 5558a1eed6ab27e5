//! Minutes and hours: what polls and sources told, added up.
//!
//! A minute is worked out when it is over, in one transaction: its polls are packed,
//! and counted for their service. An hour is worked out from its minutes, a part of
//! the subjects at a time. Both can be done again with the same result.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::{
    packed::{MINUTE, Raw, pack, unpack},
    sketch::Sketch,
};

/// Milliseconds of an hour.
pub(super) const HOUR: i64 = 60 * MINUTE;

/// Answers that are still being written when a minute is over come within this.
const MINUTE_SETTLES: i64 = 5_000;
/// The same for the minutes of an hour.
const HOUR_SETTLES: i64 = 2 * MINUTE;

/// Subjects of which an hour is worked out at once.
const SUBJECTS_AT_ONCE: i64 = 2_000;

/// What was told in a stretch of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rollup {
    /// Polls that told something, or how often a source told.
    pub count: u64,
    /// Those that found it down or got no answer.
    pub failures: u64,
    /// Of a service its latencies, of a dependency what its source told as p95.
    pub latencies: Sketch,
    /// Calls a second, added up over `rated`; and failed calls a second.
    rates: f64,
    errors: f64,
    rated: u64,
}

impl Rollup {
    /// Counts a poll. One that says nothing, such as 401, counts neither way.
    pub(super) fn add_poll(&mut self, poll: Raw) {
        let health = poll.health();
        if health == crate::monitor::Health::Unknown {
            return;
        }
        self.count += 1;
        self.failures += u64::from(health.is_failing());
        if let Some(latency) = poll.latency_ms() {
            self.latencies.add(latency);
        }
    }

    /// Counts what a source told once.
    pub(super) fn add_traffic(&mut self, rate: Option<f64>, errors: Option<f64>, p95: Option<f64>) {
        self.count += 1;
        if let Some(rate) = rate {
            self.rates += rate;
            self.errors += rate * errors.unwrap_or_default();
            self.rated += 1;
        }
        if let Some(p95) = p95 {
            self.latencies.add(p95);
        }
    }

    /// Counts all that another one did.
    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.failures += other.failures;
        self.latencies.merge(&other.latencies);
        self.rates += other.rates;
        self.errors += other.errors;
        self.rated += other.rated;
    }

    /// Mean calls a second, and the share of them that failed.
    pub(super) fn rate(&self) -> (Option<f64>, Option<f64>) {
        if self.rated == 0 {
            return (None, None);
        }
        let share = (self.rates > 0.0).then(|| self.errors / self.rates);
        (Some(self.rates / self.rated as f64), share)
    }

    /// Reads `count, failures, latencies, rate, errors`, from this column on.
    pub(super) fn of_row(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let count: i64 = row.get(first)?;
        let failures: i64 = row.get(first + 1)?;
        let rate: Option<f64> = row.get(first + 3)?;
        let errors: Option<f64> = row.get(first + 4)?;
        let latencies = Sketch::of_bytes(row.get_ref(first + 2)?.as_blob()?);
        let count = count.max(0) as u64;
        // Every row weighs as much as it counts.
        let rated = if rate.is_some() { count } else { 0 };
        Ok(Self {
            count,
            failures: failures.max(0) as u64,
            latencies,
            rates: rate.unwrap_or_default() * rated as f64,
            errors: errors.unwrap_or_default() * rated as f64,
            rated,
        })
    }

    fn write(
        &self,
        to: &Transaction<'_>,
        query: &str,
        at: i64,
        subject: i64,
    ) -> rusqlite::Result<()> {
        let mean = |sum: f64| (self.rated > 0).then(|| sum / self.rated as f64);
        to.prepare_cached(query)?.execute(params![
            at,
            subject,
            self.count.cast_signed(),
            self.failures.cast_signed(),
            self.latencies.to_bytes(),
            mean(self.rates),
            mean(self.errors)
        ])?;
        Ok(())
    }
}

const PUT_MINUTE: &str = "INSERT OR REPLACE INTO minute
    (at, subject, count, failures, latencies, rate, errors) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const PUT_HOUR: &str = "INSERT OR REPLACE INTO hour
    (at, subject, count, failures, latencies, rate, errors) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Where the minute or the hour of a time begins.
pub(super) fn floor(at: i64, length: i64) -> i64 {
    at.div_euclid(length) * length
}

/// Until when minutes, or hours, are worked out.
pub(super) fn mark(connection: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT at FROM mark WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

fn set_mark(connection: &Connection, name: &str, at: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO mark (name, at) VALUES (?1, ?2)")?
        .execute(params![name, at])?;
    Ok(())
}

/// Works out the oldest minute that is over; false if there is none.
pub(super) fn roll_minute(connection: &mut Connection, now: i64) -> rusqlite::Result<bool> {
    let Some(minute) = open_minute(connection)? else {
        return Ok(false);
    };
    if minute + MINUTE + MINUTE_SETTLES > now {
        return Ok(false);
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let polls = polls_of_minute(&transaction, minute)?;
    let mut rollups = traffic_of_minute(&transaction, minute)?;
    let service_of = services_of_instances(&transaction)?;
    let put = "INSERT OR REPLACE INTO packed (at, subject, polls) VALUES (?1, ?2, ?3)";
    for (instance, mut polls) in polls {
        polls.sort_unstable();
        polls.dedup();
        let bytes = pack(minute, &polls);
        transaction
            .prepare_cached(put)?
            .execute(params![minute, instance, bytes])?;
        if let Some(service) = service_of.get(&instance) {
            let rollup = rollups.entry(*service).or_default();
            for poll in polls {
                rollup.add_poll(poll);
            }
        }
    }
    for (subject, rollup) in rollups {
        rollup.write(&transaction, PUT_MINUTE, minute, subject)?;
    }
    transaction
        .prepare_cached("DELETE FROM journal WHERE at >= ?1 AND at < ?2")?
        .execute([minute, minute + MINUTE])?;
    let done = mark(&transaction, "minute")?.unwrap_or(i64::MIN);
    set_mark(&transaction, "minute", done.max(minute + MINUTE))?;
    // What came late changes its hour.
    if let Some(hours) = mark(&transaction, "hour")?
        && minute < hours
    {
        set_mark(&transaction, "hour", floor(minute, HOUR))?;
    }
    transaction.commit()?;
    Ok(true)
}

/// The oldest minute of which something is not worked out yet.
fn open_minute(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let done = mark(connection, "minute")?.unwrap_or(i64::MIN);
    let polls: Option<i64> = connection
        .prepare_cached("SELECT min(at) FROM journal")?
        .query_row([], |row| row.get(0))?;
    let traffic: Option<i64> = connection
        .prepare_cached("SELECT min(at) FROM traffic WHERE at >= ?1")?
        .query_row([done], |row| row.get(0))?;
    let oldest = [polls, traffic].into_iter().flatten().min();
    Ok(oldest.map(|it| floor(it, MINUTE)))
}

/// Each instance's polls, with those that were packed before if this comes late.
fn polls_of_minute(
    transaction: &Transaction<'_>,
    minute: i64,
) -> rusqlite::Result<BTreeMap<i64, Vec<Raw>>> {
    let mut polls: BTreeMap<i64, Vec<Raw>> = BTreeMap::new();
    let query = "SELECT subject, polls FROM packed WHERE at = ?1";
    let mut packed = transaction.prepare_cached(query)?;
    let mut rows = packed.query([minute])?;
    while let Some(row) = rows.next()? {
        let before = unpack(minute, row.get_ref(1)?.as_blob()?);
        polls.insert(row.get(0)?, before);
    }
    let query = "SELECT subject, at, code, latency FROM journal WHERE at >= ?1 AND at < ?2";
    let mut journal = transaction.prepare_cached(query)?;
    let mut rows = journal.query([minute, minute + MINUTE])?;
    while let Some(row) = rows.next()? {
        let raw = Raw {
            at: row.get(1)?,
            code: row.get::<_, i64>(2)? as u8,
            latency: row.get::<_, i64>(3)? as u32,
        };
        polls.entry(row.get(0)?).or_default().push(raw);
    }
    Ok(polls)
}

fn traffic_of_minute(
    transaction: &Transaction<'_>,
    minute: i64,
) -> rusqlite::Result<BTreeMap<i64, Rollup>> {
    let mut rollups: BTreeMap<i64, Rollup> = BTreeMap::new();
    let query = "SELECT subject, rate_per_second, error_share, p95_ms FROM traffic
                 WHERE at >= ?1 AND at < ?2";
    let mut statement = transaction.prepare_cached(query)?;
    let mut rows = statement.query([minute, minute + MINUTE])?;
    while let Some(row) = rows.next()? {
        let rollup = rollups.entry(row.get(0)?).or_default();
        rollup.add_traffic(row.get(1)?, row.get(2)?, row.get(3)?);
    }
    Ok(rollups)
}

/// The number of each instance's service.
fn services_of_instances(connection: &Connection) -> rusqlite::Result<HashMap<i64, i64>> {
    let query = "SELECT instance.id, service.id FROM subject AS instance
                 JOIN subject AS service ON service.environment = instance.environment
                     AND service.kind = 'service' AND service.owner = ''
                     AND service.name = instance.owner
                 WHERE instance.kind = 'instance'";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// The hour that is being worked out, and the last subject that is done.
#[derive(Debug, Default)]
pub(super) struct HourInWork {
    hour: i64,
    after: i64,
}

/// Works out a part of the oldest hour that is over; false if there is none.
pub(super) fn roll_hour(
    connection: &mut Connection,
    work: &mut HourInWork,
    now: i64,
) -> rusqlite::Result<bool> {
    let Some(hour) = open_hour(connection)? else {
        return Ok(false);
    };
    let end = hour + HOUR;
    let is_waiting = open_minute(connection)?.is_some_and(|it| it < end);
    if end + HOUR_SETTLES > now || is_waiting {
        return Ok(false);
    }
    if work.hour != hour {
        *work = HourInWork { hour, after: 0 };
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let query = "SELECT max(id) FROM (SELECT id FROM subject WHERE id > ?1 ORDER BY id LIMIT ?2)";
    let last: Option<i64> = transaction
        .prepare_cached(query)?
        .query_row([work.after, SUBJECTS_AT_ONCE], |row| row.get(0))?;
    if let Some(last) = last {
        for (subject, rollup) in rollups_of_hour(&transaction, hour, (work.after, last))? {
            rollup.write(&transaction, PUT_HOUR, hour, subject)?;
        }
        work.after = last;
    } else {
        set_mark(&transaction, "hour", end)?;
    }
    transaction.commit()?;
    Ok(true)
}

fn open_hour(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let done = mark(connection, "hour")?.unwrap_or(i64::MIN);
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT min(at) FROM minute WHERE at >= ?1")?
        .query_row([done], |row| row.get(0))?;
    Ok(oldest.map(|it| floor(it, HOUR)))
}

/// What the minutes of an hour tell of the subjects after one and up to another.
fn rollups_of_hour(
    transaction: &Transaction<'_>,
    hour: i64,
    (after, last): (i64, i64),
) -> rusqlite::Result<BTreeMap<i64, Rollup>> {
    let query = "SELECT subject, count, failures, latencies, rate, errors FROM minute
                 WHERE at = ?1 AND subject > ?2 AND subject <= ?3";
    let mut statement = transaction.prepare_cached(query)?;
    let mut rollups: BTreeMap<i64, Rollup> = BTreeMap::new();
    for minute in (hour..hour + HOUR).step_by(MINUTE as usize) {
        let mut rows = statement.query([minute, after, last])?;
        while let Some(row) = rows.next()? {
            let rollup = rollups.entry(row.get(0)?).or_default();
            rollup.merge(&Rollup::of_row(row, 1)?);
        }
    }
    Ok(rollups)
}
