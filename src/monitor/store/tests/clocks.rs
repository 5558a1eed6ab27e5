//! The clock on the wall is set while something is watched: ages, order and durations.

use jiff::{SignedDuration, Timestamp};

use super::{Moment, Sample, Store, Watch, path};
use crate::monitor::{Change, Health, Snapshot};

const HOUR: i64 = 3_600_000;

/// Ours, and how far the one on the wall is from where it would be without being set.
fn moment(millis: u64, set_by: i64) -> Moment {
    let wall = 1_700_000_000_000 + millis.cast_signed() + set_by;
    Moment {
        millis,
        wall: Timestamp::from_millisecond(wall).unwrap(),
    }
}

fn take(store: &mut Store, answer: &str, now: Moment) -> Snapshot {
    let sample = Sample {
        probe: 0,
        health: path("/health", answer),
        more: Vec::new(),
    };
    store.ingest(sample, now);
    store.snapshot(now)
}

fn store() -> Store {
    Watch::new("x(a)", "a=127.0.0.1:1").store
}

fn is_stale(snapshot: &Snapshot) -> bool {
    snapshot.services.values().any(|it| it.is_stale)
}

#[test]
fn nothing_grows_old_because_the_clock_is_set() {
    for set_by in [-HOUR, HOUR, -1000 * HOUR, 1000 * HOUR] {
        let mut store = store();
        take(&mut store, "up", moment(0, 0));
        let snapshot = store.snapshot(moment(1000, set_by));
        assert!(!is_stale(&snapshot), "{set_by}");
        assert!((snapshot.polls_per_second - 0.1).abs() < 1e-9);
        let snapshot = take(&mut store, "up", moment(10_000, set_by));
        let service = snapshot.services.values().next().unwrap();
        let answered = service.instances[0].last_answer;
        assert_eq!(answered, Some(moment(10_000, set_by).wall));
        let snapshot = store.snapshot(moment(41_000, set_by));
        assert!(is_stale(&snapshot), "but it does for being silent");
    }
}

#[test]
fn what_changed_stays_in_the_order_in_which_it_was_seen() {
    let mut store = store();
    take(&mut store, "refused", moment(0, 0));
    take(&mut store, "up", moment(1000, -HOUR));
    let snapshot = take(&mut store, "up", moment(2000, -HOUR));
    let changes: Vec<_> = snapshot
        .transitions
        .iter()
        .map(|it| match &it.change {
            Change::Health { to, .. } => *to,
            Change::Circuit { .. } => Health::Unknown,
        })
        .collect();
    assert_eq!(changes, [Health::Down, Health::Up]);
}

#[test]
fn an_incident_lasts_as_long_as_it_did_though_the_clock_was_set_back() {
    let mut store = store();
    take(&mut store, "refused", moment(0, 0));
    take(&mut store, "up", moment(60_000, -HOUR));
    let snapshot = take(&mut store, "up", moment(61_000, -HOUR));
    let incident = &snapshot.incidents[0];
    let until = incident.until.unwrap();
    let lasted = until.duration_since(incident.since);
    assert_eq!(lasted, SignedDuration::from_secs(61));
}

#[test]
fn an_incident_that_lasted_while_the_machine_slept_ends_when_it_is_seen_to() {
    let mut store = store();
    take(&mut store, "refused", moment(0, 0));
    store.resume();
    take(&mut store, "up", moment(1000, HOUR));
    let snapshot = take(&mut store, "up", moment(2000, HOUR));
    let until = snapshot.incidents[0].until;
    assert_eq!(until, Some(moment(2000, HOUR).wall));
}
