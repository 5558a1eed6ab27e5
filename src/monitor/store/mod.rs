//! The newest state of everything, from one sample after the other.
//!
//! Pure: time is handed in, nothing is asked. Health is damped, because one lost
//! answer is no outage; breakers are not, because they are damped at their source.
//! Nothing that changed is lost between two snapshots.

mod breakers;
mod diagnosis;
mod inference;
mod instance;
mod observed;
mod offline;
mod pace;
mod seating;
mod shown;
mod streamed;
mod told;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use jiff::Timestamp;

use crate::model::ServiceId;

use super::{
    Change, Health, Reach, Snapshot, Transition, fetch::Failure, format::Reading,
    incident_log::IncidentLog, plan::MonitorPlan,
};

use breakers::Breakers;
use instance::Instance;
use observed::Observed;
use offline::Gate;
use seating::Seating;
use shown::Shown;

pub(super) use pace::Pace;
pub(super) use seating::Seated;
pub(super) use streamed::Streamed;

/// Transitions that are kept.
pub(super) const MAX_TRANSITIONS: usize = 4096;

/// Answers a second are counted over so many seconds.
const RATE_SECONDS: usize = 10;

/// The same instant twice: for durations, and for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Milliseconds of a clock that never jumps.
    pub millis: u64,
    pub wall: Timestamp,
}

/// What came of asking one path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PathResult {
    pub path: String,
    pub result: Result<PathReading, Failure>,
}

/// An answer that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PathReading {
    pub status: u16,
    pub latency_ms: f64,
    pub retry_after_ms: Option<u64>,
    pub reading: Reading,
}

/// What came of asking one instance.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    /// Position in [`MonitorPlan::probes`].
    pub probe: usize,
    pub health: PathResult,
    pub more: Vec<PathResult>,
}

/// The newest state of everything.
#[derive(Debug)]
pub(super) struct Store {
    plan: Arc<MonitorPlan>,
    started: Timestamp,
    instances: Vec<Instance>,
    services: Vec<ServiceRecord>,
    /// For each probe the position of its service.
    service_of: Vec<usize>,
    breakers: Breakers,
    seating: Seating,
    observed: Observed,
    /// What is wrong with a stream, by its probe and the position of its path.
    stream_notes: BTreeMap<(usize, usize), String>,
    gate: Gate,
    incidents: IncidentLog,
    impacted_by: BTreeMap<ServiceId, ServiceId>,
    transitions: VecDeque<Transition>,
    transition_count: u64,
    shown_transitions: Arc<Vec<Transition>>,
    shown_count: u64,
    /// Second and answers in it.
    answers: VecDeque<(u64, u32)>,
    is_diagnosis_old: bool,
    shown: Shown,
}

#[derive(Debug)]
struct ServiceRecord {
    id: ServiceId,
    probes: Vec<usize>,
    health: Health,
    since: Timestamp,
    is_known: bool,
}

impl Store {
    pub(super) fn new(plan: Arc<MonitorPlan>, now: Moment) -> Self {
        let mut services: Vec<_> = plan
            .services
            .iter()
            .map(|id| ServiceRecord {
                id: id.clone(),
                probes: Vec::new(),
                health: Health::Unknown,
                since: now.wall,
                is_known: false,
            })
            .collect();
        let mut service_of = Vec::with_capacity(plan.probes.len());
        for (number, probe) in plan.probes.iter().enumerate() {
            // The plan lists a service for every probe, sorted.
            let found = services.binary_search_by(|it| it.id.cmp(&probe.service));
            let position = found.unwrap_or_default();
            let service = services.get_mut(position);
            if let Some(service) = service.filter(|_| plan.is_listed_at_first(number)) {
                service.probes.push(number);
            }
            service_of.push(position);
        }
        Self {
            started: now.wall,
            instances: plan.probes.iter().map(|_| Instance::default()).collect(),
            services,
            service_of,
            breakers: Breakers::default(),
            seating: Seating::default(),
            observed: Observed::new(&plan),
            stream_notes: BTreeMap::new(),
            gate: Gate::new(&plan),
            incidents: IncidentLog::default(),
            impacted_by: BTreeMap::new(),
            transitions: VecDeque::new(),
            transition_count: 0,
            shown_transitions: Arc::default(),
            shown_count: 0,
            answers: VecDeque::new(),
            is_diagnosis_old: false,
            shown: Shown::default(),
            plan,
        }
    }

    /// Takes what came of asking one instance, and says when to ask again.
    pub(super) fn ingest(&mut self, sample: Sample, now: Moment) -> Pace {
        let plan = Arc::clone(&self.plan);
        let Some(probe) = plan.probes.get(sample.probe) else {
            return Pace::default();
        };
        let number = sample.probe;
        let is_answer = sample.health.result.is_ok();
        self.count_answer(is_answer, now);
        let reach = match &sample.health.result {
            Ok(_) => Reach::Ok,
            Err(failure) => failure.reach,
        };
        self.gate.note(number, reach, now.millis);
        let verdict = instance::judge(&sample);
        let is_frozen = verdict.is_silence && self.gate.is_offline();
        if is_frozen {
            return Pace::regular(probe);
        }
        let hold = verdict.is_silence && self.gate.must_wait(number, now.millis);
        let Some(instance) = self.instances.get_mut(number) else {
            return Pace::default();
        };
        self.shown.forget(self.service_of[number]);
        let before = instance.reach();
        let has_changed = instance.take(&verdict, &sample, hold, now);
        // The sentence about an incident tells the reason.
        self.is_diagnosis_old |= instance.reach() != before;
        let pace = pace::next(probe, instance, &sample);
        instance.expect_next_within(pace.at_most_ms);
        if has_changed {
            let cause = self.cause(number, &verdict.cause);
            self.refresh_service(number, cause, now);
        }
        let found = breakers::merged(&sample);
        if !found.is_empty() {
            self.take_breakers(number, &probe.service, found, now);
        }
        self.take_told_beside(&sample, &probe.service, now);
        pace
    }

    /// Forgets what was under way before the machine slept.
    pub(super) fn resume(&mut self) {
        self.gate.reset();
        self.shown.forget_all();
        for instance in &mut self.instances {
            instance.forget_progress();
        }
    }

    /// Judges what was held back in the hope of more evidence, when no more will come.
    pub(super) fn settle(&mut self, now: Moment) {
        if self.gate.is_offline() {
            return;
        }
        for number in 0..self.instances.len() {
            if let Some(cause) = self.instances[number].settle() {
                self.shown.forget(self.service_of[number]);
                let cause = self.cause(number, &cause);
                self.refresh_service(number, cause, now);
            }
        }
    }

    /// Whether this machine itself seems to be offline.
    pub(super) fn is_offline(&self) -> bool {
        self.gate.is_offline()
    }

    /// How many transitions there ever were.
    pub(super) fn transition_count(&self) -> u64 {
        self.transition_count
    }

    pub(super) fn snapshot(&mut self, now: Moment) -> Snapshot {
        if self.is_diagnosis_old || self.incidents.is_lingering() {
            self.diagnose(now);
        }
        if self.shown_count != self.transition_count {
            self.shown_count = self.transition_count;
            self.shown_transitions = Arc::new(self.transitions.iter().cloned().collect());
        }
        Snapshot {
            at: now.wall,
            started: self.started,
            services: self.shown_services(now),
            sources: self.observed.states(&self.plan, now),
            traffic: self.observed.traffic(&self.plan, now),
            undrawn: self.observed.undrawn(&self.plan, now),
            breakers: self.breakers.states(&self.plan, now.millis),
            incidents: self.incidents.all(),
            transitions: Arc::clone(&self.shown_transitions),
            is_offline: self.gate.is_offline(),
            polls_per_second: self.rate(now),
        }
    }

    /// Works out a service's health after one of its instances changed.
    fn refresh_service(&mut self, probe: usize, cause: String, now: Moment) {
        let position = self.service_of[probe];
        let Some(record) = self.services.get(position) else {
            return;
        };
        let healths = record.probes.iter().map(|&it| self.instances[it].health());
        let health = over_instances(healths);
        self.show(position, health, cause, now);
    }

    fn show(&mut self, position: usize, health: Health, cause: String, now: Moment) {
        let Some(record) = self.services.get_mut(position) else {
            return;
        };
        self.shown.forget(position);
        let is_first = !std::mem::replace(&mut record.is_known, true);
        if record.health == health {
            return;
        }
        let change = Change::Health {
            service: record.id.clone(),
            from: record.health,
            to: health,
        };
        record.health = health;
        record.since = now.wall;
        self.is_diagnosis_old = true;
        // That something is well from the start is no news.
        if !(is_first && health == Health::Up) {
            self.push(change, cause, now);
        }
    }

    fn push(&mut self, change: Change, cause: String, now: Moment) {
        if self.transitions.len() == MAX_TRANSITIONS {
            self.transitions.pop_front();
        }
        self.transition_count += 1;
        self.transitions.push_back(Transition {
            at: now.wall,
            change,
            cause,
        });
    }

    fn count_answer(&mut self, is_answer: bool, now: Moment) {
        let second = now.millis / 1000;
        if self.answers.back().is_none_or(|(it, _)| *it != second) {
            self.answers.push_back((second, 0));
        }
        if let Some((_, count)) = self.answers.back_mut() {
            *count += u32::from(is_answer);
        }
        while self.answers.len() > RATE_SECONDS + 1 {
            self.answers.pop_front();
        }
    }

    fn rate(&self, now: Moment) -> f64 {
        let first = (now.millis / 1000).saturating_sub(RATE_SECONDS as u64 - 1);
        let recent = self.answers.iter().filter(|(second, _)| *second >= first);
        let answers: u32 = recent.map(|(_, count)| count).sum();
        f64::from(answers) / RATE_SECONDS as f64
    }
}

/// A service's health by that of its instances; those not asked yet do not count.
fn over_instances(healths: impl Iterator<Item = Health>) -> Health {
    let known: Vec<_> = healths.filter(|it| *it != Health::Unknown).collect();
    let all = |health| known.iter().all(|it| *it == health);
    let any = |health| known.contains(&health);
    if known.is_empty() {
        Health::Unknown
    } else if all(Health::Starting) {
        Health::Starting
    } else if all(Health::OutOfService) {
        Health::OutOfService
    } else if !any(Health::Up) && !any(Health::Degraded) {
        Health::Down
    } else if any(Health::Degraded) || known.iter().any(|it| it.is_failing()) {
        Health::Degraded
    } else {
        Health::Up
    }
}

#[cfg(test)]
mod tests;
