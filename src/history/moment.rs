//! Everything as it was at a moment, as one snapshot.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use rusqlite::{Connection, params};
use serde::de::DeserializeOwned;

use super::{
    changes::Key,
    lanes::{incidents, runs},
    packed::{MINUTE, Raw},
    rows::{BreakerRow, InstanceRow, ServiceRow, SourceRow, WholeRow, time},
    samples, subjects, transitions,
};
use crate::{
    model::{DependencyId, EnvironmentId, ServiceId},
    monitor::{InstanceState, Reach, Snapshot, Traffic, format::display_text},
};

/// Transitions before the moment that come along.
const TRANSITIONS: i64 = 500;

/// What a source told longer ago than this does not count any more.
const TRAFFIC_LASTS: i64 = 15 * MINUTE;

/// Latencies before the moment are looked for in so many minutes, with many instances
/// in one.
const MINUTES_OF_LATENCIES: i64 = 5;
const MANY_INSTANCES: usize = 2_000;

/// Latencies that an instance shows.
const LATENCIES: usize = 60;

/// How long ago an instance's incident may have ended to come along.
const ENDED_LATELY: i64 = 24 * 60 * MINUTE;

/// Instances while the snapshot is put together: number, place in the list, state.
type Instances = BTreeMap<ServiceId, Vec<(i64, usize, InstanceState)>>;

/// Everything at a moment; `None` if nobody recorded then.
pub(super) fn read(
    connection: &Connection,
    environment: &EnvironmentId,
    moment: i64,
) -> rusqlite::Result<Option<Snapshot>> {
    let runs = runs(connection, environment, (moment, moment))?;
    let Some((since, _)) = runs.last().copied() else {
        return Ok(None);
    };
    let mut snapshot = Snapshot {
        at: time(moment),
        started: time(since),
        ..Snapshot::default()
    };
    let mut instances = Instances::new();
    let mut dependencies = HashMap::new();
    for (number, key) in subjects::all(connection, environment)? {
        if let Key::Dependency(id) = key {
            dependencies.insert(number, id);
            continue;
        }
        if let Some(value) = state(connection, number, (since, moment))? {
            add(&mut snapshot, &mut instances, (number, key), &value);
        }
    }
    if snapshot.services.is_empty() && snapshot.sources.is_empty() {
        return Ok(None);
    }
    add_latencies(connection, &mut instances, moment)?;
    for (id, mut instances) in instances {
        instances.sort_by_key(|it| it.1);
        if let Some(service) = snapshot.services.get_mut(&id) {
            let service = Arc::make_mut(service);
            service.instances = instances.into_iter().map(|it| it.2).collect();
        }
    }
    snapshot.breakers.sort_by(|one, other| {
        let order = one.from.cmp(&other.from);
        order.then_with(|| one.name.cmp(&other.name))
    });
    snapshot
        .sources
        .sort_by(|one, other| one.name.cmp(&other.name));
    snapshot.traffic = traffic(connection, &dependencies, moment)?;
    add_incidents(connection, environment, &mut snapshot, moment)?;
    let newest = transitions::newest(connection, environment, moment, TRANSITIONS)?;
    snapshot.transitions = Arc::new(newest);
    Ok(Some(snapshot))
}

/// What held of a subject at a moment, as far as this run has seen it.
fn state(
    connection: &Connection,
    subject: i64,
    (since, moment): (i64, i64),
) -> rusqlite::Result<Option<String>> {
    let query = "SELECT value FROM state WHERE subject = ?1 AND at >= ?2 AND at <= ?3
                 ORDER BY at DESC LIMIT 1";
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query([subject, since, moment])?;
    rows.next()?.map_or(Ok(None), |row| row.get(0))
}

/// Adds what a row says; one that cannot be read is left out.
fn add(snapshot: &mut Snapshot, instances: &mut Instances, (number, key): (i64, Key), value: &str) {
    match key {
        Key::Whole => {
            if let Some(row) = parsed::<WholeRow>(value) {
                row.fill(snapshot);
            }
        }
        Key::Service(id) => {
            if let Some(row) = parsed::<ServiceRow>(value) {
                snapshot.services.insert(id, Arc::new(row.state()));
            }
        }
        Key::Instance(id, address) => {
            if let Some(row) = parsed::<InstanceRow>(value) {
                let place = row.place;
                let instance = (number, place, row.state(&address));
                instances.entry(id).or_default().push(instance);
            }
        }
        Key::Breaker(from, name) => {
            if let Some(row) = parsed::<BreakerRow>(value) {
                snapshot.breakers.push(row.state(from, &name));
            }
        }
        Key::Source(name) => {
            if let Some(row) = parsed::<SourceRow>(value) {
                snapshot.sources.push(row.state(&name));
            }
        }
        Key::Dependency(_) => {}
    }
}

fn parsed<T: DeserializeOwned>(value: &str) -> Option<T> {
    serde_json::from_str(value).ok()
}

/// The last latencies, and when an answer last came.
fn add_latencies(
    connection: &Connection,
    instances: &mut Instances,
    moment: i64,
) -> rusqlite::Result<()> {
    let count: usize = instances.values().map(Vec::len).sum();
    let minutes = if count > MANY_INSTANCES {
        1
    } else {
        MINUTES_OF_LATENCIES
    };
    let mut polls: HashMap<i64, Vec<Raw>> = HashMap::with_capacity(count);
    let span = (moment - minutes * MINUTE, moment + 1);
    samples::of_all(connection, span, |all| {
        for (subject, raw) in all {
            polls.entry(subject).or_default().push(raw);
        }
        true
    })?;
    for (number, _, instance) in instances.values_mut().flatten() {
        let Some(polls) = polls.get_mut(number) else {
            continue;
        };
        polls.sort_unstable();
        let mut answered = polls.iter().filter(|it| it.reach() == Reach::Ok);
        if let Some(last) = answered.next_back() {
            let last = Some(time(last.at));
            instance.last_answer = instance.last_answer.max(last);
        }
        instance.latency_ms = polls.last().and_then(|it| it.latency_ms());
        let latencies: Vec<f32> = polls
            .iter()
            .filter_map(|it| Some(it.latency_ms()? as f32))
            .collect();
        let first = latencies.len().saturating_sub(LATENCIES);
        instance.recent_latencies_ms = latencies[first..].to_vec();
    }
    Ok(())
}

/// What sources had told last.
fn traffic(
    connection: &Connection,
    dependencies: &HashMap<i64, DependencyId>,
    moment: i64,
) -> rusqlite::Result<BTreeMap<DependencyId, Traffic>> {
    let query = "SELECT subject, at, rate_per_second, error_share, p95_ms, window_seconds, source
                 FROM traffic WHERE at > ?1 AND at <= ?2 ORDER BY at";
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(params![moment - TRAFFIC_LASTS, moment])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let Some(id) = dependencies.get(&row.get(0)?) else {
            continue;
        };
        let (at, window): (i64, i64) = (row.get(1)?, row.get(5)?);
        let source: String = row.get(6)?;
        let traffic = Traffic {
            rate_per_second: row.get(2)?,
            error_share: row.get(3)?,
            p95_ms: row.get(4)?,
            window_seconds: window.max(0) as u64,
            source: display_text(&source),
            at: time(at),
            is_stale: moment - at > window.saturating_mul(2_000).max(MINUTE),
        };
        found.insert(id.clone(), traffic);
    }
    Ok(found)
}

/// Those that lasted, then those that had ended lately; the newest first.
fn add_incidents(
    connection: &Connection,
    environment: &EnvironmentId,
    snapshot: &mut Snapshot,
    moment: i64,
) -> rusqlite::Result<()> {
    let lately = (moment - ENDED_LATELY, moment);
    let mut found = incidents(connection, environment, lately)?;
    for incident in &mut found {
        // Nobody knew then when it would end.
        incident.until = incident.until.filter(|it| *it <= snapshot.at);
    }
    found.sort_by_key(|it| it.until.is_some());
    snapshot.incidents = found;
    Ok(())
}
