//! Single polls, from the packed minutes and from the journal.

use rusqlite::{Connection, params};

use super::{
    packed::{MINUTE, Raw, unpack},
    rollup::floor,
};

/// Every poll of the minutes from one time up to another, minute by minute and not
/// sorted within; `visit` may stop it by giving false.
pub(super) fn of_all(
    connection: &Connection,
    (from, to): (i64, i64),
    mut visit: impl FnMut(Vec<(i64, Raw)>) -> bool,
) -> rusqlite::Result<()> {
    let mut next = from;
    while let Some(minute) = next_minute(connection, next)?.filter(|it| *it < to) {
        let mut polls = Vec::new();
        let query = "SELECT subject, polls FROM packed WHERE at = ?1";
        let mut statement = connection.prepare_cached(query)?;
        let mut rows = statement.query([minute])?;
        while let Some(row) = rows.next()? {
            let subject: i64 = row.get(0)?;
            let unpacked = unpack(minute, row.get_ref(1)?.as_blob()?);
            polls.extend(unpacked.into_iter().map(|it| (subject, it)));
        }
        let query = "SELECT subject, at, code, latency FROM journal WHERE at >= ?1 AND at < ?2";
        let mut statement = connection.prepare_cached(query)?;
        let mut rows = statement.query([minute, minute + MINUTE])?;
        while let Some(row) = rows.next()? {
            polls.push((row.get(0)?, journal_row(row)?));
        }
        polls.retain(|(_, it)| (from..to).contains(&it.at));
        if !visit(polls) {
            break;
        }
        next = minute + MINUTE;
    }
    Ok(())
}

/// The first minute from a time on that has polls.
fn next_minute(connection: &Connection, from: i64) -> rusqlite::Result<Option<i64>> {
    let from_minute = floor(from, MINUTE);
    let packed: Option<i64> = connection
        .prepare_cached("SELECT min(at) FROM packed WHERE at >= ?1")?
        .query_row([from_minute], |row| row.get(0))?;
    let journal: Option<i64> = connection
        .prepare_cached("SELECT min(at) FROM journal WHERE at >= ?1")?
        .query_row([from_minute], |row| row.get(0))?;
    let journal = journal.map(|it| floor(it, MINUTE));
    Ok([packed, journal].into_iter().flatten().min())
}

/// Every poll of some instances between two times, of each instance in order.
pub(super) fn of_some(
    connection: &Connection,
    instances: &[i64],
    (from, to): (i64, i64),
    mut visit: impl FnMut(Raw),
) -> rusqlite::Result<()> {
    let bounds = "SELECT min(at), max(at) FROM packed WHERE at >= ?1 AND at < ?2";
    let (first, last): (Option<i64>, Option<i64>) = connection
        .prepare_cached(bounds)?
        .query_row([floor(from, MINUTE), to], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut one =
        connection.prepare_cached("SELECT polls FROM packed WHERE at = ?1 AND subject = ?2")?;
    let mut minute = first.unwrap_or(1);
    while minute <= last.unwrap_or(0) {
        for instance in instances {
            let mut rows = one.query([minute, *instance])?;
            if let Some(row) = rows.next()? {
                let polls = unpack(minute, row.get_ref(0)?.as_blob()?);
                let inside = polls.into_iter().filter(|it| (from..to).contains(&it.at));
                inside.for_each(&mut visit);
            }
        }
        minute += MINUTE;
    }
    let query = "SELECT subject, at, code, latency FROM journal WHERE at >= ?1 AND at < ?2";
    let mut journal = connection.prepare_cached(query)?;
    let mut rows = journal.query(params![from, to])?;
    while let Some(row) = rows.next()? {
        if instances.contains(&row.get(0)?) {
            visit(journal_row(row)?);
        }
    }
    Ok(())
}

/// Reads `at, code, latency` from the second column on.
fn journal_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        at: row.get(1)?,
        code: row.get::<_, i64>(2)? as u8,
        latency: row.get::<_, i64>(3)? as u32,
    })
}
