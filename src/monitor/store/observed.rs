//! What sources told, and what that makes of the services nobody asks directly.
//!
//! A service that is asked directly is judged by that alone; what a source says of it is
//! kept beside. Of several sources that tell of one service, the one of the lowest rank
//! counts, unless it has fallen silent and another has not. Each observation replaces the
//! one before it, unless it is partial: then what is missing in it stays as it was, is
//! unknown once that is too old to trust, and is gone after a quarter of an hour.

mod calls;

use std::collections::{BTreeMap, BTreeSet};

use super::{Moment, instance::STALE_MS, over_instances};
use crate::{
    model::{DependencyId, ServiceId},
    monitor::{
        Health, InstanceReading, InstanceState, Observation, Reach, SourceState, Traffic, Undrawn,
        fetch::Failure, plan::MonitorPlan, plan::SourcePlan,
    },
};

use calls::{Call, Calls};

/// What partial observations lack is forgotten after so many milliseconds.
const FORGOTTEN_MS: u64 = 900_000;

/// All sources of a plan.
#[derive(Debug)]
pub(super) struct Observed {
    sources: Vec<Record>,
}

#[derive(Debug, Default)]
struct Record {
    services: BTreeMap<ServiceId, BTreeMap<String, Told>>,
    calls: Calls,
    reach: Reach,
    note: Option<String>,
    last_answer: Option<Moment>,
    known: (usize, usize),
}

/// What a source told of one instance.
#[derive(Debug)]
struct Told {
    reading: InstanceReading,
    /// What is shown of it, which may wait for more evidence.
    health: Health,
    /// How often in a row it was told to be worse than shown.
    worse: u32,
    /// When it was told of last.
    at: Moment,
}

impl Observed {
    pub(super) fn new(plan: &MonitorPlan) -> Self {
        let sources = plan.sources.iter().map(|_| Record::default());
        Self {
            sources: sources.collect(),
        }
    }

    /// Takes what a source told; returns the services of which something may have changed.
    pub(super) fn take(
        &mut self,
        plan: &MonitorPlan,
        number: usize,
        result: &Result<Observation, Failure>,
        now: Moment,
    ) -> BTreeSet<ServiceId> {
        let (Some(source), Some(record)) = (plan.sources.get(number), self.sources.get_mut(number))
        else {
            return BTreeSet::new();
        };
        match result {
            Ok(observation) => record.take(plan, source, observation, now),
            Err(failure) => {
                record.reach = failure.reach;
                record.note = Some(failure.message.clone());
                BTreeSet::new()
            }
        }
    }

    /// What the source that counts says of a service.
    pub(super) fn health(&self, plan: &MonitorPlan, id: &ServiceId, now: Moment) -> Option<Health> {
        let (_, told) = self.telling(plan, id, now)?;
        Some(over_instances(told.values().map(|it| it.health)))
    }

    /// Why it is so: the word of the first instance that is not well.
    pub(super) fn cause(&self, plan: &MonitorPlan, id: &ServiceId, now: Moment) -> String {
        let Some((number, told)) = self.telling(plan, id, now) else {
            return UNTOLD.to_owned();
        };
        let unwell = told.values().find(|it| it.health != Health::Up);
        let source = plan.sources.get(number).map_or("", |it| it.name.as_str());
        match unwell.or_else(|| told.values().next()) {
            Some(it) => format!(
                "{source} says {} for {}",
                it.reading.raw, it.reading.address
            ),
            None => String::new(),
        }
    }

    /// A service's instances as the source that counts tells of them, and whether that
    /// is too old to trust.
    pub(super) fn instances(
        &self,
        plan: &MonitorPlan,
        id: &ServiceId,
        now: Moment,
    ) -> Option<(Vec<InstanceState>, bool)> {
        let (number, told) = self.telling(plan, id, now)?;
        let source = plan.sources.get(number)?;
        let is_stale = self.is_stale(plan, number, now);
        let instances = told.values().map(|it| it.state(source));
        Some((instances.collect(), is_stale))
    }

    /// What the sources say of a service that is judged by its own answers, if that is
    /// something else: `consul says critical`.
    pub(super) fn objection(
        &self,
        plan: &MonitorPlan,
        id: &ServiceId,
        shown: Health,
        now: Moment,
    ) -> Option<String> {
        let (number, _) = self.telling(plan, id, now)?;
        let is_old = self.is_stale(plan, number, now);
        let said = self.health(plan, id, now)?;
        let differs = said.is_failing() != shown.is_failing() && said != Health::Unknown;
        (differs && shown != Health::Unknown && !is_old).then(|| self.cause(plan, id, now))
    }

    /// Every source, as people see it.
    pub(super) fn states(&self, plan: &MonitorPlan, now: Moment) -> Vec<SourceState> {
        let both = plan.sources.iter().zip(&self.sources);
        let states = both.map(|(source, record)| SourceState {
            name: source.name.clone(),
            title: source.kind.title.to_owned(),
            address: source.address.clone(),
            reach: record.reach,
            note: record.note.clone().or_else(|| source.note.clone()),
            last_answer: record.last_answer.map(|it| it.wall),
            known: record.known,
            is_stale: record.is_stale(source, now),
            is_insecure: source.is_insecure,
        });
        states.collect()
    }

    /// What is known of the calls along each dependency; of several sources the one that
    /// knows a rate, then the one of the lowest rank.
    pub(super) fn traffic(
        &self,
        plan: &MonitorPlan,
        now: Moment,
    ) -> BTreeMap<DependencyId, Traffic> {
        let mut best: BTreeMap<DependencyId, ((bool, u8), Traffic)> = BTreeMap::new();
        for (source, record) in plan.sources.iter().zip(&self.sources) {
            for (id, call) in &record.calls.drawn {
                let is_rateless = call.reading.rate_per_second.is_none();
                let traffic = traffic(source, call, now);
                let worth = (is_rateless || traffic.is_stale, source.kind.rank);
                if best.get(id).is_none_or(|(known, _)| worth < *known) {
                    best.insert(id.clone(), (worth, traffic));
                }
            }
        }
        best.into_iter().map(|(id, (_, it))| (id, it)).collect()
    }

    /// The calls that nobody drew.
    pub(super) fn undrawn(&self, plan: &MonitorPlan, now: Moment) -> Vec<Undrawn> {
        let both = plan.sources.iter().zip(&self.sources);
        let mut all: Vec<_> = both
            .flat_map(|(source, record)| {
                record.calls.undrawn.iter().map(move |it| Undrawn {
                    from: it.call.reading.from.clone(),
                    to: it.call.reading.to.clone(),
                    from_service: it.from.clone(),
                    to_service: it.to.clone(),
                    traffic: traffic(source, &it.call, now),
                })
            })
            .collect();
        all.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
        all
    }

    /// The source that counts for a service.
    fn telling<'a>(
        &'a self,
        plan: &MonitorPlan,
        id: &ServiceId,
        now: Moment,
    ) -> Option<(usize, &'a BTreeMap<String, Told>)> {
        let sources = self.sources.iter().enumerate();
        let telling = sources.filter_map(|(number, it)| Some((number, it.services.get(id)?)));
        telling.min_by_key(|(number, _)| {
            let rank = plan.sources.get(*number).map(|it| it.kind.rank);
            (self.is_stale(plan, *number, now), rank)
        })
    }

    /// Of which sources what they told is too old to trust.
    pub(super) fn stale(&self, plan: &MonitorPlan, now: Moment) -> Vec<bool> {
        let sources = 0..self.sources.len();
        sources.map(|it| self.is_stale(plan, it, now)).collect()
    }

    fn is_stale(&self, plan: &MonitorPlan, number: usize, now: Moment) -> bool {
        let both = plan.sources.get(number).zip(self.sources.get(number));
        both.is_some_and(|(source, record)| record.is_stale(source, now))
    }
}

impl Record {
    fn take(
        &mut self,
        plan: &MonitorPlan,
        source: &SourcePlan,
        observation: &Observation,
        now: Moment,
    ) -> BTreeSet<ServiceId> {
        let mut touched: BTreeSet<_> = self.services.keys().cloned().collect();
        let mut before = std::mem::take(&mut self.services);
        let mut known = 0;
        for reading in &observation.instances {
            let Some(id) = plan.naming.service(&reading.service) else {
                continue;
            };
            known += 1;
            let old = before
                .get_mut(id)
                .and_then(|it| it.remove(&reading.address));
            let told = Told::after(old, reading.clone(), source.kind.fall, now);
            let instances = self.services.entry(id.clone()).or_default();
            instances.insert(reading.address.clone(), told);
        }
        if observation.is_partial {
            self.keep_missing(before, stale_after_ms(source), now);
        }
        touched.extend(self.services.keys().cloned());
        let age = (now, stale_after_ms(source));
        known += self
            .calls
            .take(plan, &observation.calls, observation.is_partial, age);
        self.known = (known, observation.instances.len() + observation.calls.len());
        self.reach = Reach::Ok;
        self.note.clone_from(&observation.note);
        self.last_answer = Some(now);
        touched
    }

    /// Keeps what a partial observation lacks: it may only be hidden.
    fn keep_missing(
        &mut self,
        before: BTreeMap<ServiceId, BTreeMap<String, Told>>,
        stale_ms: u64,
        now: Moment,
    ) {
        for (id, instances) in before {
            for (address, mut told) in instances {
                let age = now.millis.saturating_sub(told.at.millis);
                if age > FORGOTTEN_MS {
                    continue;
                }
                if age > stale_ms {
                    told.health = Health::Unknown;
                    "not shown any more, which may only be hidden"
                        .clone_into(&mut told.reading.raw);
                }
                let kept = self.services.entry(id.clone()).or_default();
                kept.entry(address).or_insert(told);
            }
        }
    }

    fn is_stale(&self, source: &SourcePlan, now: Moment) -> bool {
        self.last_answer.is_some_and(|at| is_old(at, source, now))
    }
}

/// What is said of a service of which a source told, and none does any more.
pub(super) const UNTOLD: &str = "no source tells of it any more";

fn traffic(source: &SourcePlan, call: &Call, now: Moment) -> Traffic {
    let finite = |it: Option<f64>| it.filter(|it| it.is_finite() && *it >= 0.0);
    let reading = &call.reading;
    Traffic {
        rate_per_second: finite(reading.rate_per_second),
        error_share: finite(reading.error_share).map(|it| it.min(1.0)),
        p95_ms: finite(reading.p95_ms),
        window_seconds: reading.window_seconds,
        source: source.name.clone(),
        at: call.at.wall,
        is_stale: is_old(call.at, source, now),
    }
}

fn is_old(at: Moment, source: &SourcePlan, now: Moment) -> bool {
    now.millis.saturating_sub(at.millis) > stale_after_ms(source)
}

fn stale_after_ms(source: &SourcePlan) -> u64 {
    (3 * source.interval.as_millis() as u64).max(STALE_MS)
}

impl Told {
    fn after(old: Option<Self>, reading: InstanceReading, fall: u32, now: Moment) -> Self {
        let (shown, worse) = match &old {
            Some(old) => (old.health, old.worse),
            None => (reading.health, 0),
        };
        let is_worse = shown == Health::Up && reading.health != Health::Up;
        let worse = if is_worse { worse + 1 } else { 0 };
        let waits = is_worse && worse < fall;
        Self {
            health: if waits { shown } else { reading.health },
            worse: if waits { worse } else { 0 },
            reading,
            at: now,
        }
    }

    fn state(&self, source: &SourcePlan) -> InstanceState {
        InstanceState {
            address: self.reading.address.clone(),
            health: self.health,
            reach: Reach::Ok,
            raw: self.reading.raw.clone(),
            read_from: vec![format!("{} · {}", source.name, source.kind.title)],
            latency_ms: None,
            recent_latencies_ms: Vec::new(),
            last_answer: Some(self.at.wall),
            going_down: (self.worse > 0).then_some((self.worse, source.kind.fall)),
            source: Some(source.name.clone()),
            is_insecure: source.is_insecure,
        }
    }
}
