//! What services and breakers went through, and incidents.
//!
//! States tell how everything was, once a second; transitions tell every change in
//! between and why. A lane has both, and says where nobody recorded.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::{
    Lane, LaneState, Step, Subject,
    changes::Key,
    incident_rows::{self, COLUMNS},
    rows::{BreakerRow, ServiceRow, time},
    subjects::all,
    words::{circuit_of_word, health_of_word},
};
use crate::{
    model::{DependencyId, EnvironmentId},
    monitor::{Circuit, Health, Incident, format::display_text},
};

/// The most that one reading gives.
const MOST_TRANSITIONS: i64 = 20_000;
const MOST_STATES: i64 = 100_000;
const MOST_INCIDENTS: i64 = 1_000;

/// A pause between two runs that is shown, in milliseconds.
const PAUSE: i64 = 5_000;

/// When somebody recorded, as far as it lies between two times, oldest first.
pub(super) fn runs(
    connection: &Connection,
    environment: &EnvironmentId,
    (from, to): (i64, i64),
) -> rusqlite::Result<Vec<(i64, i64)>> {
    let query = "SELECT since, until FROM run
                 WHERE environment = ?1 AND since <= ?3 AND until >= ?2 ORDER BY since";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map(params![environment.as_str(), from, to], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    rows.collect()
}

/// A lane while it is put together: when, what, why, and whether a change says so.
#[derive(Debug, Default)]
struct Steps {
    dependency: Option<DependencyId>,
    told: Vec<(i64, LaneState, String)>,
    seen: Vec<(i64, LaneState)>,
}

/// Everything that changed or was not well.
pub(super) fn read(
    connection: &Connection,
    environment: &EnvironmentId,
    span: (i64, i64),
) -> rusqlite::Result<Vec<Lane>> {
    let runs = runs(connection, environment, span)?;
    let mut lanes: BTreeMap<i64, Steps> = BTreeMap::new();
    let subjects: Vec<(i64, Subject)> = all(connection, environment)?
        .into_iter()
        .filter_map(|(number, key)| Some((number, subject(key)?)))
        .collect();
    add_transitions(connection, environment, span, &mut lanes)?;
    let mut left = MOST_STATES;
    for (number, subject) in &subjects {
        let is_breaker = matches!(subject, Subject::Breaker { .. });
        let steps = lanes.entry(*number).or_default();
        for run in &runs {
            left -= add_states(connection, (*number, is_breaker), (*run, span), steps)?;
        }
        if left <= 0 {
            break;
        }
    }
    let mut found: Vec<_> = subjects
        .into_iter()
        .filter_map(|(number, subject)| {
            let steps = lanes.remove(&number)?;
            let dependency = steps.dependency.clone();
            let steps = joined(steps, &runs, span);
            steps.iter().any(is_news).then_some(Lane {
                subject,
                dependency,
                steps,
            })
        })
        .collect();
    found.sort_by(|one, other| one.subject.cmp(&other.subject));
    Ok(found)
}

fn subject(key: Key) -> Option<Subject> {
    match key {
        Key::Service(id) => Some(Subject::Service(id)),
        Key::Breaker(from, name) => Some(Subject::Breaker {
            from,
            name: display_text(&name),
        }),
        Key::Whole | Key::Instance(..) | Key::Dependency(_) | Key::Source(_) => None,
    }
}

/// Whether a step says more than that all is well, or that nobody knows.
fn is_news(step: &Step) -> bool {
    !step.cause.is_empty()
        || !matches!(
            step.state,
            LaneState::NotRecorded
                | LaneState::Health(Health::Unknown | Health::Up)
                | LaneState::Circuit(Circuit::Unknown | Circuit::Closed)
        )
}

fn state_of_word(word: &str, is_breaker: bool) -> LaneState {
    if is_breaker {
        LaneState::Circuit(circuit_of_word(word))
    } else {
        LaneState::Health(health_of_word(word))
    }
}

fn add_transitions(
    connection: &Connection,
    environment: &EnvironmentId,
    (from, to): (i64, i64),
    lanes: &mut BTreeMap<i64, Steps>,
) -> rusqlite::Result<()> {
    // The newest, if there are too many.
    let query = "SELECT subject, at, dependency, to_state, cause, kind FROM
                     (SELECT transition.*, subject.kind FROM transition
                      JOIN subject ON subject.id = transition.subject
                      WHERE transition.environment = ?1 AND at >= ?2 AND at <= ?3
                      ORDER BY at DESC, transition.id DESC LIMIT ?4)
                 ORDER BY at, id";
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(params![environment.as_str(), from, to, MOST_TRANSITIONS])?;
    while let Some(row) = rows.next()? {
        let (dependency, word): (Option<String>, String) = (row.get(2)?, row.get(3)?);
        let (cause, kind): (String, String) = (row.get(4)?, row.get(5)?);
        let steps = lanes.entry(row.get(0)?).or_default();
        let dependency = dependency.and_then(|it| DependencyId::new(it).ok());
        steps.dependency = dependency.or(steps.dependency.take());
        let state = state_of_word(&word, kind == "breaker");
        steps.told.push((row.get(1)?, state, display_text(&cause)));
    }
    Ok(())
}

/// Adds how a subject was seen in a run: what held at the start, and what came later.
/// Gives how many rows there were.
fn add_states(
    connection: &Connection,
    (number, is_breaker): (i64, bool),
    (run, span): ((i64, i64), (i64, i64)),
    steps: &mut Steps,
) -> rusqlite::Result<i64> {
    let (since, until) = (run.0.max(span.0), run.1.min(span.1));
    let query = "SELECT at, value FROM state WHERE subject = ?1 AND at <= ?3 AND at >= coalesce(
                     (SELECT max(at) FROM state WHERE subject = ?1 AND at BETWEEN ?4 AND ?2), ?2)
                 ORDER BY at LIMIT ?5";
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(params![number, since, until, run.0, MOST_STATES])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        let at: i64 = row.get(0)?;
        let value: Option<String> = row.get(1)?;
        let state = match value.as_deref() {
            None => LaneState::NotRecorded,
            Some(value) if is_breaker => {
                let Ok(row) = serde_json::from_str::<BreakerRow>(value) else {
                    continue;
                };
                steps.dependency = row.dependency.or(steps.dependency.take());
                state_of_word(&row.circuit, true)
            }
            Some(value) => {
                let Ok(row) = serde_json::from_str::<ServiceRow>(value) else {
                    continue;
                };
                state_of_word(&row.health, false)
            }
        };
        steps.seen.push((at.max(since), state));
    }
    Ok(count)
}

/// One list: every change that was told, and what was seen where it says otherwise.
fn joined(steps: Steps, runs: &[(i64, i64)], span: (i64, i64)) -> Vec<Step> {
    let told = steps
        .told
        .into_iter()
        .map(|(at, state, cause)| (at, 0, state, cause));
    let seen = steps.seen.into_iter();
    let mut all: Vec<_> = told
        .chain(seen.map(|(at, state)| (at, 1, state, String::new())))
        .collect();
    for (index, (_, until)) in runs.iter().enumerate() {
        let next = runs.get(index + 1).map_or(span.1, |it| it.0);
        if next - until > PAUSE {
            all.push((*until, 2, LaneState::NotRecorded, String::new()));
        }
    }
    all.sort_by_key(|it| (it.0, it.1));
    let mut steps: Vec<Step> = Vec::new();
    for (at, _, state, cause) in all {
        let is_same = steps.last().is_some_and(|it| it.state == state);
        let is_empty = steps.is_empty() && state == LaneState::NotRecorded;
        if !is_same && !is_empty {
            let at = time(at);
            steps.push(Step { at, state, cause });
        }
    }
    steps
}

/// The incidents that lasted at some time in between, the newest first.
pub(super) fn incidents(
    connection: &Connection,
    environment: &EnvironmentId,
    (from, to): (i64, i64),
) -> rusqlite::Result<Vec<Incident>> {
    let query = format!(
        "SELECT {COLUMNS} FROM incident WHERE environment = ?1 AND since <= ?3
             AND (until IS NULL OR until >= ?2)
         ORDER BY since DESC, id DESC LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let rows = statement.query_map(
        params![environment.as_str(), from, to, MOST_INCIDENTS],
        |row| Ok(incident_rows::incident(row)?.1),
    )?;
    rows.collect()
}
