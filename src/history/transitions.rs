//! Transitions, read back.

use rusqlite::{Connection, Row, params};

use super::{
    rows::time,
    words::{circuit_of_word, health_of_word},
};
use crate::{
    model::{DependencyId, EnvironmentId, ServiceId},
    monitor::{Change, Transition, format::display_text},
};

const COLUMNS: &str = "transition.at, kind, owner, name, dependency, from_state, to_state, cause";

/// Each transition between two times in order, until `visit` gives false.
pub(super) fn visit(
    connection: &Connection,
    environment: &EnvironmentId,
    (from, to): (i64, i64),
    mut visit: impl FnMut(Transition) -> bool,
) -> rusqlite::Result<()> {
    let query = format!(
        "SELECT {COLUMNS} FROM transition JOIN subject ON subject.id = transition.subject
         WHERE transition.environment = ?1 AND transition.at >= ?2 AND transition.at < ?3
         ORDER BY transition.at, transition.id"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(params![environment.as_str(), from, to])?;
    while let Some(row) = rows.next()? {
        if let Some(transition) = transition(row)?
            && !visit(transition)
        {
            break;
        }
    }
    Ok(())
}

/// The newest so many up to a time, the oldest of them first.
pub(super) fn newest(
    connection: &Connection,
    environment: &EnvironmentId,
    until: i64,
    count: i64,
) -> rusqlite::Result<Vec<Transition>> {
    let query = format!(
        "SELECT {COLUMNS} FROM transition JOIN subject ON subject.id = transition.subject
         WHERE transition.environment = ?1 AND transition.at <= ?2
         ORDER BY transition.at DESC, transition.id DESC LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let rows = statement.query_map(params![environment.as_str(), until, count], transition)?;
    let mut found: Vec<_> = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    found.reverse();
    Ok(found.into_iter().flatten().collect())
}

/// `None` for what is no transition of ours.
fn transition(row: &Row<'_>) -> rusqlite::Result<Option<Transition>> {
    let (kind, owner, name): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let dependency: Option<String> = row.get(4)?;
    let (from, to, cause): (String, String, String) = (row.get(5)?, row.get(6)?, row.get(7)?);
    let change = match kind.as_str() {
        "service" => ServiceId::new(name).ok().map(|service| Change::Health {
            service,
            from: health_of_word(&from),
            to: health_of_word(&to),
        }),
        "breaker" => ServiceId::new(owner)
            .ok()
            .map(|from_service| Change::Circuit {
                from_service,
                dependency: dependency.and_then(|it| DependencyId::new(it).ok()),
                name: display_text(&name),
                from: circuit_of_word(&from),
                to: circuit_of_word(&to),
            }),
        _ => None,
    };
    let at = time(row.get(0)?);
    let cause = display_text(&cause);
    Ok(change.map(|change| Transition { at, change, cause }))
}
