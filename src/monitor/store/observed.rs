//! What sources told, and what that makes of the services nobody asks directly.
//!
//! A service that is asked directly is judged by that alone; what a source says of it is
//! kept beside. Of several sources that tell of one service, the one of the lowest rank
//! counts. Each observation replaces the one before it, unless it is partial: then what
//! is missing in it is not gone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Moment, instance::STALE_MS, over_instances};
use crate::{
    model::{DependencyId, ServiceId},
    monitor::{
        CallReading, Health, InstanceReading, InstanceState, Observation, Reach, SourceState,
        Traffic, Undrawn, fetch::Failure, plan::MonitorPlan, plan::SourcePlan,
    },
};

/// The most undrawn calls that are kept of one source.
const MAX_UNDRAWN: usize = 2000;

/// All sources of a plan.
#[derive(Debug)]
pub(super) struct Observed {
    sources: Vec<Record>,
}

#[derive(Debug, Default)]
struct Record {
    services: BTreeMap<ServiceId, BTreeMap<String, Told>>,
    calls: BTreeMap<DependencyId, CallReading>,
    undrawn: Vec<(CallReading, Option<ServiceId>, Option<ServiceId>)>,
    reach: Reach,
    note: Option<String>,
    last_answer: Option<(u64, Timestamp)>,
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

    /// What the source that counts says of a service, and whether that is stale.
    pub(super) fn health(&self, plan: &MonitorPlan, id: &ServiceId) -> Option<Health> {
        let (_, told) = self.telling(plan, id)?;
        Some(over_instances(told.values().map(|it| it.health)))
    }

    /// Why it is so: the word of the first instance that is not well.
    pub(super) fn cause(&self, plan: &MonitorPlan, id: &ServiceId) -> String {
        let Some((number, told)) = self.telling(plan, id) else {
            return String::new();
        };
        let unwell = told.values().find(|it| it.health != Health::Up);
        let source = plan.sources.get(number).map_or("", |it| it.name.as_str());
        match unwell.or_else(|| told.values().next()) {
            Some(it) => format!("{source} says {} of {}", it.reading.raw, it.reading.address),
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
        let (number, told) = self.telling(plan, id)?;
        let source = plan.sources.get(number)?;
        let record = self.sources.get(number)?;
        let instances = told.values().map(|it| it.state(source, record));
        Some((instances.collect(), record.is_stale(source, now)))
    }

    /// What the sources say of a service that is judged by its own answers, if that is
    /// something else: `consul says critical`.
    pub(super) fn objection(
        &self,
        plan: &MonitorPlan,
        id: &ServiceId,
        shown: Health,
    ) -> Option<String> {
        let said = self.health(plan, id)?;
        let differs = said.is_failing() != shown.is_failing() && said != Health::Unknown;
        (differs && shown != Health::Unknown).then(|| self.cause(plan, id))
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
            last_answer: record.last_answer.map(|(_, at)| at),
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
            for (id, call) in &record.calls {
                let worth = (call.rate_per_second.is_none(), source.kind.rank);
                if best.get(id).is_none_or(|(known, _)| worth < *known) {
                    let traffic = record.traffic(source, call, now);
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
                record.undrawn.iter().map(move |(call, from, to)| Undrawn {
                    from: call.from.clone(),
                    to: call.to.clone(),
                    from_service: from.clone(),
                    to_service: to.clone(),
                    traffic: record.traffic(source, call, now),
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
    ) -> Option<(usize, &'a BTreeMap<String, Told>)> {
        let sources = self.sources.iter().enumerate();
        let telling = sources.filter_map(|(number, it)| Some((number, it.services.get(id)?)));
        telling.min_by_key(|(number, _)| plan.sources.get(*number).map(|it| it.kind.rank))
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
            let told = Told::after(old, reading.clone(), source.kind.fall);
            let instances = self.services.entry(id.clone()).or_default();
            instances.insert(reading.address.clone(), told);
        }
        if observation.is_partial {
            for (id, instances) in before {
                let kept = self.services.entry(id).or_default();
                for (address, told) in instances {
                    kept.entry(address).or_insert(told);
                }
            }
            self.services.retain(|_, it| !it.is_empty());
        }
        touched.extend(self.services.keys().cloned());
        known += self.take_calls(plan, &observation.calls);
        self.known = (known, observation.instances.len() + observation.calls.len());
        self.reach = Reach::Ok;
        self.note.clone_from(&observation.note);
        self.last_answer = Some((now.millis, now.wall));
        touched
    }

    /// Finds the dependency of each call; returns how many were found.
    fn take_calls(&mut self, plan: &MonitorPlan, calls: &[CallReading]) -> usize {
        self.calls.clear();
        self.undrawn.clear();
        for call in calls {
            let from = plan.naming.service(&call.from);
            let to = plan.naming.service(&call.to);
            let between = from.zip(to).filter(|(from, to)| from != to);
            let drawn = between.and_then(|(from, to)| plan.dependency_between(from, to));
            match drawn {
                Some(id) => {
                    self.calls.insert(id.clone(), call.clone());
                }
                None if self.undrawn.len() < MAX_UNDRAWN => {
                    let names = (from.cloned(), to.cloned());
                    self.undrawn.push((call.clone(), names.0, names.1));
                }
                None => {}
            }
        }
        self.calls.len()
    }

    fn traffic(&self, source: &SourcePlan, call: &CallReading, now: Moment) -> Traffic {
        let finite = |it: Option<f64>| it.filter(|it| it.is_finite() && *it >= 0.0);
        Traffic {
            rate_per_second: finite(call.rate_per_second),
            error_share: finite(call.error_share).map(|it| it.min(1.0)),
            p95_ms: finite(call.p95_ms),
            window_seconds: call.window_seconds,
            source: source.name.clone(),
            at: self.last_answer.map_or(now.wall, |(_, at)| at),
            is_stale: self.is_stale(source, now),
        }
    }

    fn is_stale(&self, source: &SourcePlan, now: Moment) -> bool {
        let limit = (3 * source.interval.as_millis() as u64).max(STALE_MS);
        self.last_answer
            .is_some_and(|(at, _)| now.millis.saturating_sub(at) > limit)
    }
}

impl Told {
    fn after(old: Option<Self>, reading: InstanceReading, fall: u32) -> Self {
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
        }
    }

    fn state(&self, source: &SourcePlan, record: &Record) -> InstanceState {
        InstanceState {
            address: self.reading.address.clone(),
            health: self.health,
            reach: Reach::Ok,
            raw: self.reading.raw.clone(),
            read_from: vec![format!("{} · {}", source.name, source.kind.title)],
            latency_ms: None,
            recent_latencies_ms: Vec::new(),
            last_answer: record.last_answer.map(|(_, at)| at),
            going_down: (self.worse > 0).then_some((self.worse, source.kind.fall)),
            source: Some(source.name.clone()),
            is_insecure: source.is_insecure,
        }
    }
}
