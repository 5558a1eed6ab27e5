//! Incidents in the file: each has one row, from its first sign to its end.
//!
//! A monitor numbers incidents anew in every run, and an incident may get another cause
//! when more is seen. What began at the same time is the same.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::rows::time;
use crate::{
    model::{EnvironmentId, RouteId, ServiceId},
    monitor::{Incident, format::display_text},
};

/// An incident and its row.
pub(super) type Known = (i64, Incident);

/// The columns that [`incident`] reads.
pub(super) const COLUMNS: &str =
    "id, since, until, causes, impacted, routes, summary, path, at_risk";

/// Reads a row; ids that are none are left out.
pub(super) fn incident(row: &Row<'_>) -> rusqlite::Result<Known> {
    let until: Option<i64> = row.get(2)?;
    let causes: String = row.get(3)?;
    let impacted: String = row.get(4)?;
    let routes: String = row.get(5)?;
    let summary: String = row.get(6)?;
    let path: String = row.get(7)?;
    let at_risk: String = row.get(8)?;
    let id: i64 = row.get(0)?;
    let services = |text: &str| {
        let ids = text.split_whitespace();
        ids.filter_map(|it| ServiceId::new(it).ok()).collect()
    };
    let routes = routes.split_whitespace();
    let incident = Incident {
        id: u64::try_from(id).unwrap_or_default(),
        causes: services(&causes),
        impacted: services(&impacted),
        path: services(&path),
        at_risk: services(&at_risk),
        routes: routes.filter_map(|it| RouteId::new(it).ok()).collect(),
        since: time(row.get(1)?),
        until: until.map(time),
        summary: display_text(&summary),
    };
    Ok((id, incident))
}

/// What an earlier run left: what the same monitor told of goes on, the rest ended
/// when that run did.
pub(super) fn adopt(
    connection: &Connection,
    environment: &EnvironmentId,
    started: Timestamp,
) -> rusqlite::Result<Vec<Known>> {
    let started = started.as_millisecond();
    connection
        .prepare_cached(
            "UPDATE incident SET until = max(since, coalesce(
                 (SELECT run.until FROM run WHERE run.id = incident.run), since))
             WHERE environment = ?1 AND until IS NULL AND since < ?2",
        )?
        .execute(params![environment.as_str(), started])?;
    let query = format!(
        "SELECT {COLUMNS} FROM incident WHERE environment = ?1 AND since >= ?2 ORDER BY since"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let rows = statement.query_map(params![environment.as_str(), started], incident)?;
    rows.collect()
}

/// Brings the rows up to what a monitor tells, and gives what is known then.
pub(super) fn bring_up_to(
    connection: &Connection,
    (environment, run): (&EnvironmentId, i64),
    known: &[Known],
    told: &[Incident],
) -> rusqlite::Result<Vec<Known>> {
    let mut left: Vec<&Known> = known.iter().collect();
    let mut after = Vec::with_capacity(told.len());
    let mut new = Vec::new();
    for incident in told {
        let is_it = |it: &Known| has_same_start(&it.1, incident) && it.1.causes == incident.causes;
        match left.iter().position(|it| is_it(it)) {
            Some(at) => after.push((left.swap_remove(at), incident)),
            None => new.push(incident),
        }
    }
    let mut rows = Vec::with_capacity(told.len());
    for (before, incident) in after {
        if before.1 != *incident {
            update(connection, before.0, incident)?;
        }
        rows.push((before.0, incident.clone()));
    }
    for incident in new {
        let is_it = |it: &Known| has_same_start(&it.1, incident) && it.1.until.is_none();
        let id = match left.iter().position(|it| is_it(it)) {
            Some(at) => {
                let (id, _) = left.swap_remove(at);
                update(connection, *id, incident)?;
                *id
            }
            None => insert(connection, environment, run, incident)?,
        };
        rows.push((id, incident.clone()));
    }
    // What lasted and is told of no more went on in another one.
    for (id, _) in left.into_iter().filter(|it| it.1.until.is_none()) {
        connection
            .prepare_cached("DELETE FROM incident WHERE id = ?1")?
            .execute([id])?;
    }
    Ok(rows)
}

/// The file keeps milliseconds.
fn has_same_start(one: &Incident, other: &Incident) -> bool {
    one.since.as_millisecond() == other.since.as_millisecond()
}

fn update(connection: &Connection, id: i64, it: &Incident) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE incident SET until = ?2, causes = ?3, impacted = ?4, routes = ?5, summary = ?6,
                 path = ?7, at_risk = ?8
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            it.until.map(Timestamp::as_millisecond),
            joined(&it.causes),
            joined(&it.impacted),
            joined(&it.routes),
            it.summary,
            joined(&it.path),
            joined(&it.at_risk)
        ])?;
    Ok(())
}

fn insert(
    connection: &Connection,
    environment: &EnvironmentId,
    run: i64,
    it: &Incident,
) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO incident
                 (environment, run, since, until, causes, impacted, routes, summary, path, at_risk)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .insert(params![
            environment.as_str(),
            run,
            it.since.as_millisecond(),
            it.until.map(Timestamp::as_millisecond),
            joined(&it.causes),
            joined(&it.impacted),
            joined(&it.routes),
            it.summary,
            joined(&it.path),
            joined(&it.at_risk)
        ])
}

/// Ids with a space between them.
pub(super) fn joined<Id: std::fmt::Display>(ids: &[Id]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    ids.join(" ")
}
