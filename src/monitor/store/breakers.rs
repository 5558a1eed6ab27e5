//! Every breaker that was seen, over all instances of its caller.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use super::{Moment, Sample, inference::Inference, instance::STALE_MS, instance::source};
use crate::{
    model::{DependencyId, ServiceId},
    monitor::{
        BreakerState, Change, Circuit, Confidence, format::BreakerReading, plan::MonitorPlan,
    },
};

/// So many changes within this many milliseconds are flapping.
const FLAPPING: (usize, u64) = (4, 300_000);

/// The most breakers of one caller; a service that makes up new names fills no memory.
const MAX_PER_CALLER: usize = 1000;

/// What one sample says of a breaker, and where.
pub(super) type Found = (String, BreakerReading);

/// The breakers of a sample, each once: what was reported counts more than what was
/// inferred, and what is known more than what is not. Later paths fill in the details.
pub(super) fn merged(sample: &Sample) -> Vec<Found> {
    let mut by_name: BTreeMap<&str, Found> = BTreeMap::new();
    let results = std::iter::once(&sample.health).chain(&sample.more);
    for (path, read) in results.filter_map(|it| Some((&it.path, it.result.as_ref().ok()?))) {
        for reading in &read.reading.breakers {
            let worth = |it: &BreakerReading| {
                (
                    it.circuit != Circuit::Unknown,
                    it.confidence == Confidence::Reported,
                )
            };
            let Some((from, known)) = by_name.get_mut(reading.name.as_str()) else {
                let found = (source(path, read), reading.clone());
                by_name.insert(reading.name.as_str(), found);
                continue;
            };
            let (better, other) = if worth(reading) > worth(known) {
                *from = source(path, read);
                (reading, &*known)
            } else {
                (&*known, reading)
            };
            let rate = better.failure_rate_percent.or(other.failure_rate_percent);
            *known = BreakerReading {
                failure_rate_percent: rate,
                buffered_calls: better.buffered_calls.or(other.buffered_calls),
                not_permitted_calls: better.not_permitted_calls.or(other.not_permitted_calls),
                ..better.clone()
            };
        }
    }
    by_name.into_values().collect()
}

/// Every breaker by its caller and its name.
#[derive(Debug, Default)]
pub(super) struct Breakers(BTreeMap<ServiceId, BTreeMap<String, Record>>);

#[derive(Debug)]
struct Record {
    dependency: Option<DependencyId>,
    circuit: Circuit,
    /// Whether its state was ever known.
    is_known: bool,
    since: Timestamp,
    /// When it changed lately, in milliseconds.
    changes_ms: VecDeque<u64>,
    seen: BTreeMap<usize, Seen>,
}

#[derive(Debug)]
struct Seen {
    at_ms: u64,
    source: String,
    reading: BreakerReading,
    inference: Inference,
}

impl Breakers {
    /// Takes what an instance of the caller, or a source, told of its breakers; returns
    /// what changed, each with its cause.
    pub(super) fn take(
        &mut self,
        plan: &MonitorPlan,
        teller: usize,
        caller: &ServiceId,
        found: Vec<Found>,
        now: Moment,
    ) -> Vec<(Change, String)> {
        let records = self.0.entry(caller.clone()).or_default();
        let mut changes = Vec::new();
        for (source, reading) in found {
            if records.len() >= MAX_PER_CALLER && !records.contains_key(&reading.name) {
                continue;
            }
            let name = reading.name.clone();
            let record = records.entry(name.clone()).or_insert_with(|| Record {
                dependency: plan.placing.place(caller, &name).cloned(),
                circuit: Circuit::Unknown,
                is_known: false,
                since: now.wall,
                changes_ms: VecDeque::new(),
                seen: BTreeMap::new(),
            });
            let cause = record.take(teller, source, reading, now);
            let circuit = record.worst(plan, now.millis);
            if circuit == record.circuit {
                continue;
            }
            let from = std::mem::replace(&mut record.circuit, circuit);
            record.since = now.wall;
            let was_known = std::mem::replace(&mut record.is_known, true);
            // That a breaker is closed from the start is no news.
            if !was_known && circuit == Circuit::Closed {
                continue;
            }
            if was_known {
                record.note_change(now.millis);
            }
            let change = Change::Circuit {
                from_service: caller.clone(),
                dependency: record.dependency.clone(),
                name,
                from,
                to: circuit,
            };
            changes.push((change, cause));
        }
        changes
    }

    /// Forgets what was told by whoever is gone, but for what nobody else tells of.
    pub(super) fn forget(&mut self, teller: usize) {
        let records = self.0.values_mut().flat_map(BTreeMap::values_mut);
        for record in records.filter(|it| it.seen.len() > 1) {
            record.seen.remove(&teller);
        }
    }

    /// The dependencies whose breaker has tripped.
    pub(super) fn tripped(&self) -> BTreeSet<DependencyId> {
        let records = self.0.values().flat_map(BTreeMap::values);
        records
            .filter(|it| it.circuit.is_tripped())
            .filter_map(|it| it.dependency.clone())
            .collect()
    }

    /// Every breaker, sorted by caller and name.
    pub(super) fn states(&self, plan: &MonitorPlan, now_ms: u64) -> Vec<BreakerState> {
        let records = self.0.iter().flat_map(|(caller, records)| {
            let record = move |(name, it): (&String, &Record)| it.state(plan, caller, name, now_ms);
            records.iter().map(record)
        });
        records.collect()
    }
}

impl Record {
    /// Takes what one instance, or a source, told; returns how it is known.
    fn take(
        &mut self,
        teller: usize,
        source: String,
        mut reading: BreakerReading,
        now: Moment,
    ) -> String {
        let before = self.seen.get(&teller);
        let mut inference = before.map(|it| it.inference).unwrap_or_default();
        let mut cause = format!("told by {source}");
        if let Some(evidence) = reading.evidence {
            reading.circuit = inference.judge(evidence);
            reading.confidence = Confidence::Inferred;
            cause = format!("follows from what {source} counts");
        }
        let seen = Seen {
            at_ms: now.millis,
            source,
            reading,
            inference,
        };
        self.seen.insert(teller, seen);
        cause
    }

    /// What instances told lately, or all of it if that is long ago.
    fn current<'a>(&'a self, plan: &MonitorPlan, now_ms: u64) -> (Vec<&'a Seen>, bool) {
        let is_fresh = |(teller, seen): &(&usize, &Seen)| {
            let interval = plan.interval_of(**teller).as_millis() as u64;
            let limit = (3 * interval).max(STALE_MS);
            now_ms.saturating_sub(seen.at_ms) <= limit
        };
        let fresh: Vec<_> = self
            .seen
            .iter()
            .filter(is_fresh)
            .map(|(_, it)| it)
            .collect();
        if fresh.is_empty() {
            (self.seen.values().collect(), true)
        } else {
            (fresh, false)
        }
    }

    fn worst(&self, plan: &MonitorPlan, now_ms: u64) -> Circuit {
        let (current, _) = self.current(plan, now_ms);
        let circuits = current.iter().map(|it| it.reading.circuit);
        circuits.max_by_key(|it| it.severity()).unwrap_or_default()
    }

    fn note_change(&mut self, now_ms: u64) {
        self.changes_ms.push_back(now_ms);
        while self.changes_ms.len() > FLAPPING.0 {
            self.changes_ms.pop_front();
        }
    }

    fn is_flapping(&self, now_ms: u64) -> bool {
        let oldest = self.changes_ms.front().copied().unwrap_or_default();
        self.changes_ms.len() == FLAPPING.0 && now_ms.saturating_sub(oldest) <= FLAPPING.1
    }

    fn state(
        &self,
        plan: &MonitorPlan,
        caller: &ServiceId,
        name: &str,
        now_ms: u64,
    ) -> BreakerState {
        let (current, is_stale) = self.current(plan, now_ms);
        // The instance in the worst state speaks for all.
        let worst = current
            .iter()
            .max_by_key(|it| it.reading.circuit.severity());
        let reading = worst.map(|it| &it.reading);
        let tripped = |it: &&&Seen| it.reading.circuit.is_tripped();
        BreakerState {
            from: caller.clone(),
            name: name.to_owned(),
            dependency: self.dependency.clone(),
            circuit: self.circuit,
            instances_open: (current.iter().filter(tripped).count(), current.len()),
            since: self.since,
            confidence: reading.map(|it| it.confidence).unwrap_or_default(),
            failure_rate_percent: reading.and_then(|it| it.failure_rate_percent),
            buffered_calls: reading.and_then(|it| it.buffered_calls),
            not_permitted_calls: reading.and_then(|it| it.not_permitted_calls),
            detail: reading.map(|it| it.detail.clone()).unwrap_or_default(),
            source: worst.map(|it| it.source.clone()).unwrap_or_default(),
            is_flapping: self.is_flapping(now_ms),
            is_stale,
        }
    }
}
