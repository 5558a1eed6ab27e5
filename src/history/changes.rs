//! What of a snapshot is not in the file yet.
//!
//! A state is written when it changes, not with every poll. Numbers and texts that may
//! change with every poll are written once in a while only.

use std::collections::BTreeMap;

use super::{
    packed::Raw,
    rows::{BreakerRow, Change, InstanceRow, Row, ServiceRow, SourceRow, WholeRow},
};
use crate::{
    model::{DependencyId, ServiceId},
    monitor::{InstanceState, Reach, Snapshot, Traffic},
};

/// Numbers of a breaker, or of a source, are written so often, in milliseconds.
const NUMBERS_EVERY: i64 = 10_000;
/// Texts, and what is known of the whole, are written so often.
const TEXTS_EVERY: i64 = 60_000;

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    Whole,
    Service(ServiceId),
    /// Its service and its address.
    Instance(ServiceId, String),
    /// Its caller and its name.
    Breaker(ServiceId, String),
    Dependency(DependencyId),
    Source(String),
}

/// One row of the table `state` to be written; without a row it is there no more.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StateChange {
    pub key: Key,
    pub row: Option<Row>,
}

/// Everything of a snapshot that is not in the file yet.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Changes {
    /// The snapshot's time, in milliseconds.
    pub at: i64,
    pub states: Vec<StateChange>,
    pub traffic: Vec<(DependencyId, Traffic)>,
    /// What sources told of instances that nobody asks.
    pub told: Vec<(ServiceId, String, Raw)>,
}

/// What the file says now.
#[derive(Debug, Default)]
pub(super) struct Written {
    states: BTreeMap<Key, (Row, i64)>,
    traffic: BTreeMap<DependencyId, i64>,
    told: BTreeMap<(ServiceId, String), i64>,
}

impl Written {
    /// What is new in a snapshot.
    pub(super) fn changes(&self, snapshot: &Snapshot) -> Changes {
        let mut changes = Changes {
            at: snapshot.at.as_millisecond(),
            ..Changes::default()
        };
        let rows = rows(snapshot);
        for key in self.states.keys().filter(|it| !rows.contains_key(it)) {
            let (key, row) = (key.clone(), None);
            changes.states.push(StateChange { key, row });
        }
        for (key, row) in rows {
            if self.is_news(&key, &row, changes.at) {
                let row = Some(row);
                changes.states.push(StateChange { key, row });
            }
        }
        for (id, traffic) in &snapshot.traffic {
            let is_known = self.traffic.get(id) == Some(&traffic.at.as_millisecond());
            if !is_known {
                changes.traffic.push((id.clone(), traffic.clone()));
            }
        }
        for (id, service) in &snapshot.services {
            let told = service.instances.iter().filter_map(told);
            for (address, raw) in told {
                let key = (id.clone(), address.to_owned());
                if self.told.get(&key) != Some(&raw.at) {
                    changes.told.push((key.0, key.1, raw));
                }
            }
        }
        changes
    }

    /// Takes note that changes are in the file.
    pub(super) fn accept(&mut self, changes: Changes) {
        for StateChange { key, row } in changes.states {
            match row {
                Some(row) => self.states.insert(key, (row, changes.at)),
                None => self.states.remove(&key),
            };
        }
        for (id, traffic) in changes.traffic {
            self.traffic.insert(id, traffic.at.as_millisecond());
        }
        for (service, address, raw) in changes.told {
            self.told.insert((service, address), raw.at);
        }
    }

    fn is_news(&self, key: &Key, row: &Row, at: i64) -> bool {
        let Some((before, written)) = self.states.get(key) else {
            return true;
        };
        let pause = match key {
            Key::Breaker(..) | Key::Source(_) => NUMBERS_EVERY,
            Key::Whole | Key::Service(_) | Key::Instance(..) | Key::Dependency(_) => TEXTS_EVERY,
        };
        match row.change(before) {
            Change::None => false,
            Change::Detail => at - written >= pause,
            Change::State => true,
        }
    }
}

/// Everything that has a state.
fn rows(snapshot: &Snapshot) -> BTreeMap<Key, Row> {
    let mut rows = BTreeMap::new();
    rows.insert(Key::Whole, Row::Whole(WholeRow::of(snapshot)));
    for (id, service) in &snapshot.services {
        let row = Row::Service(ServiceRow::of(service));
        rows.insert(Key::Service(id.clone()), row);
        for (place, instance) in service.instances.iter().enumerate() {
            let key = Key::Instance(id.clone(), instance.address.clone());
            rows.insert(key, Row::Instance(InstanceRow::of(instance, place)));
        }
    }
    for breaker in &snapshot.breakers {
        let key = Key::Breaker(breaker.from.clone(), breaker.name.clone());
        rows.insert(key, Row::Breaker(BreakerRow::of(breaker)));
    }
    for source in &snapshot.sources {
        let key = Key::Source(source.name.clone());
        rows.insert(key, Row::Source(SourceRow::of(source)));
    }
    rows
}

/// What a source told of an instance that is not asked itself.
fn told(instance: &InstanceState) -> Option<(&str, Raw)> {
    instance.source.as_ref()?;
    let at = instance.last_answer?.as_millisecond();
    let raw = Raw::new(at, instance.health, Reach::Ok, instance.latency_ms);
    Some((&instance.address, raw))
}

#[cfg(test)]
mod tests {
    use super::{Changes, Key, Written};
    use crate::{
        history::testing::{at, breaker, instance, snapshot},
        monitor::{Circuit, Health, Snapshot},
    };

    /// What is new, by key; `-` before what is gone.
    fn news(changes: &Changes) -> String {
        let words = changes.states.iter().map(|it| {
            let gone = if it.row.is_none() { "-" } else { "" };
            let key = match &it.key {
                Key::Whole => "whole".to_owned(),
                Key::Service(id) => id.to_string(),
                Key::Instance(id, address) => format!("{id}@{address}"),
                Key::Breaker(from, name) => format!("{from}→{name}"),
                Key::Dependency(id) => id.to_string(),
                Key::Source(name) => name.clone(),
            };
            format!("{gone}{key}")
        });
        words.collect::<Vec<_>>().join(" ")
    }

    fn step(written: &mut Written, snapshot: &Snapshot) -> String {
        let changes = written.changes(snapshot);
        let news = news(&changes);
        written.accept(changes);
        news
    }

    #[test]
    fn a_state_is_written_once_and_again_when_it_changes() {
        let mut written = Written::default();
        let mut now = snapshot(0, &[("a", Health::Up)]);
        assert_eq!(step(&mut written, &now), "whole a a@http://a");
        now.at = at(1);
        assert_eq!(step(&mut written, &now), "");
        let mut down = snapshot(2, &[("a", Health::Down)]);
        down.started = now.started;
        assert_eq!(step(&mut written, &down), "a a@http://a");
    }

    #[test]
    fn a_text_that_changes_with_every_poll_is_written_once_a_minute() {
        let mut written = Written::default();
        let mut now = snapshot(0, &[("a", Health::Up)]);
        step(&mut written, &now);
        for second in 1..=60 {
            now.at = at(second);
            instance(&mut now, "a").raw = format!("UP for {second} s");
            let wanted = if second == 60 { "a@http://a" } else { "" };
            assert_eq!(step(&mut written, &now), wanted, "second {second}");
        }
    }

    #[test]
    fn a_breaker_that_opens_is_written_at_once_and_its_numbers_now_and_then() {
        let mut written = Written::default();
        let mut now = snapshot(0, &[("a", Health::Up)]);
        now.breakers = vec![breaker("a", "bank", Circuit::Closed, 0)];
        step(&mut written, &now);
        now.at = at(1);
        now.breakers[0].failure_rate_percent = Some(12.0);
        assert_eq!(step(&mut written, &now), "");
        now.breakers[0].circuit = Circuit::Open;
        assert_eq!(step(&mut written, &now), "a→bank");
        now.breakers.clear();
        assert_eq!(step(&mut written, &now), "-a→bank");
    }

    #[test]
    fn what_a_source_tells_of_an_instance_is_a_sample_once() {
        let mut written = Written::default();
        let mut now = snapshot(0, &[("a", Health::Up)]);
        instance(&mut now, "a").source = Some("consul".to_owned());
        instance(&mut now, "a").last_answer = Some(at(0));
        let told = |it: &Changes| it.told.len();
        let first = written.changes(&now);
        assert_eq!(told(&first), 1);
        written.accept(first);
        now.at = at(1);
        assert_eq!(told(&written.changes(&now)), 0);
        instance(&mut now, "a").last_answer = Some(at(10));
        assert_eq!(told(&written.changes(&now)), 1);
    }
}
