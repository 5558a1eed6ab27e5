//! Between two writes: minutes and hours are worked out, and what is too old goes.
//!
//! A little at a time, so that writing never waits for long. The file does not shrink,
//! but what was freed is used again.

use rusqlite::Connection;

use jiff::{SignedDuration, Timestamp};

use super::{
    packed::MINUTE,
    rollup::{HOUR, HourInWork, roll_hour, roll_minute},
};

/// How long what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Each poll, and each answer of a source.
    pub raw: SignedDuration,
    /// Minutes, and the states from which any moment is shown.
    pub minutes: SignedDuration,
    /// Hours, transitions and incidents.
    pub hours: SignedDuration,
    /// The most that is stored, in bytes: beyond it polls go before their time, the
    /// oldest first, and then minutes.
    pub bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            raw: SignedDuration::from_hours(24),
            minutes: SignedDuration::from_hours(24 * 30),
            hours: SignedDuration::from_hours(24 * 365),
            bytes: 4 << 30,
        }
    }
}

/// States are looked through so often, in milliseconds.
const STATES_EVERY: i64 = MINUTE;

/// Rows, or subjects, that are looked at at once.
const ROWS_AT_ONCE: i64 = 2_000;

/// At most so many minutes or hours of one table are thrown away at once.
const STRETCHES_AT_ONCE: usize = 4;

/// What is done beside writing, and how far it is.
#[derive(Debug)]
pub(super) struct Upkeep {
    retention: Retention,
    hour: HourInWork,
    states_at: i64,
    states_after: i64,
}

impl Upkeep {
    pub(super) fn new(retention: Retention) -> Self {
        Self {
            retention,
            hour: HourInWork::default(),
            states_at: i64::MIN,
            states_after: 0,
        }
    }

    /// Does a little of everything that is due.
    pub(super) fn step(
        &mut self,
        connection: &mut Connection,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let millis = now.as_millisecond();
        if !roll_minute(connection, millis)? {
            roll_hour(connection, &mut self.hour, millis)?;
        }
        self.throw_away(connection, millis)
    }

    fn throw_away(&mut self, connection: &Connection, now: i64) -> rusqlite::Result<()> {
        let before = |kept: SignedDuration| {
            let kept = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
            now.saturating_sub(kept)
        };
        let (raw, minutes, hours) = (
            before(self.retention.raw),
            before(self.retention.minutes),
            before(self.retention.hours),
        );
        throw_stretches(connection, "packed", MINUTE, raw)?;
        throw_stretches(connection, "traffic", MINUTE, raw)?;
        throw_stretches(connection, "minute", MINUTE, minutes)?;
        throw_stretches(connection, "hour", HOUR, hours)?;
        if now.saturating_sub(self.states_at) >= STATES_EVERY || now < self.states_at {
            self.states_at = now;
            self.states_after = throw_states(connection, self.states_after, minutes)?;
            throw_events(connection, hours)?;
            self.make_room(connection)?;
        }
        Ok(())
    }

    /// Throws the oldest away while there is more than was asked for.
    fn make_room(&self, connection: &Connection) -> rusqlite::Result<()> {
        for table in ["packed", "minute"] {
            // An hour of polls, so that a file that grew too fast gets there at all.
            for _ in 0..60 {
                if used_bytes(connection)? <= self.retention.bytes {
                    return Ok(());
                }
                throw_stretches(connection, table, MINUTE, i64::MAX)?;
            }
        }
        Ok(())
    }
}

/// Bytes of the file in which something is stored.
fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = number("page_count")? - number("freelist_count")?;
    Ok((pages.max(0) as u64).saturating_mul(number("page_size")?.max(0) as u64))
}

/// Throws the oldest minutes or hours away that lie before a time.
fn throw_stretches(
    connection: &Connection,
    table: &str,
    length: i64,
    before: i64,
) -> rusqlite::Result<()> {
    let oldest = format!("SELECT min(at) FROM {table}");
    let throw = format!("DELETE FROM {table} WHERE at < ?1");
    for _ in 0..STRETCHES_AT_ONCE {
        let mut statement = connection.prepare_cached(&oldest)?;
        let oldest: Option<i64> = statement.query_row([], |row| row.get(0))?;
        let Some(oldest) = oldest.filter(|it| it.saturating_add(length) <= before) else {
            break;
        };
        let end = oldest.saturating_add(length);
        connection.prepare_cached(&throw)?.execute([end])?;
    }
    Ok(())
}

/// Throws states of some subjects away that were followed by another before a time:
/// the last one is what held then. Gives the subject after which to go on.
fn throw_states(connection: &Connection, after: i64, before: i64) -> rusqlite::Result<i64> {
    let query = "SELECT max(id) FROM (SELECT id FROM subject WHERE id > ?1 ORDER BY id LIMIT ?2)";
    let last: Option<i64> = connection
        .prepare_cached(query)?
        .query_row([after, ROWS_AT_ONCE], |row| row.get(0))?;
    let Some(last) = last else {
        return Ok(0);
    };
    connection
        .prepare_cached(
            "DELETE FROM state WHERE subject > ?1 AND subject <= ?2 AND at < ?3 AND EXISTS (
                 SELECT 1 FROM state AS next WHERE next.subject = state.subject
                     AND next.at > state.at AND next.at <= ?3)",
        )?
        .execute([after, last, before])?;
    Ok(last)
}

/// Looks at the oldest only, which come first.
fn throw_events(connection: &Connection, before: i64) -> rusqlite::Result<()> {
    for (table, end) in [
        ("transition", "at"),
        ("incident", "until"),
        ("run", "until"),
    ] {
        let query = format!(
            "DELETE FROM {table} WHERE id IN (SELECT id FROM
                 (SELECT id, {end} AS ended FROM {table} ORDER BY id LIMIT ?2) WHERE ended < ?1)"
        );
        connection
            .prepare_cached(&query)?
            .execute([before, ROWS_AT_ONCE])?;
    }
    Ok(())
}
