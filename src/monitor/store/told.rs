//! Taking what is told of others: by sources, and by answers that tell of more than
//! whoever gave them.

use std::{collections::BTreeMap, sync::Arc};

use super::{Moment, Sample, Store, breakers, instance};
use crate::{
    model::ServiceId,
    monitor::{CallerBreaker, Observation, Reach, fetch::Failure, format::BreakerReading},
};

impl Store {
    /// Takes what a source told.
    pub(in crate::monitor) fn ingest_observation(
        &mut self,
        source: usize,
        result: Result<Observation, Failure>,
        now: Moment,
    ) {
        let plan = Arc::clone(&self.plan);
        self.shown.forget_all();
        let reach = result.as_ref().map_or_else(|it| it.reach, |_| Reach::Ok);
        self.gate.note_source(source, reach, now.millis);
        for id in self.observed.take(&plan, source, &result, now) {
            self.refresh_told(&id, now);
        }
        let Ok(observation) = result else { return };
        let from = plan.sources.get(source).map_or("", |it| it.name.as_str());
        for (caller, found) in by_caller(&observation.breakers) {
            if let Some(caller) = plan.naming.service(caller) {
                let found = found.into_iter().map(|it| (from.to_owned(), it.clone()));
                let found = found.collect();
                self.take_breakers(plan.probes.len() + source, caller, found, now);
            }
        }
    }

    /// Takes the breakers that an answer about others tells of: those of whoever answered,
    /// and those of callers it names.
    pub(super) fn take_told_beside(&mut self, sample: &Sample, own: &ServiceId, now: Moment) {
        let plan = Arc::clone(&self.plan);
        let results = std::iter::once(&sample.health).chain(&sample.more);
        for (it, read) in results.filter_map(|it| Some((it, it.result.as_ref().ok()?))) {
            let Some(observation) = &read.reading.observation else {
                continue;
            };
            let from = instance::source(&it.path, read);
            for (caller, found) in by_caller(&observation.breakers) {
                let caller = if caller.is_empty() {
                    Some(own)
                } else {
                    plan.naming.service(caller)
                };
                if let Some(caller) = caller {
                    let found = found.into_iter().map(|it| (from.clone(), it.clone()));
                    let found = found.collect();
                    self.take_breakers(sample.probe, caller, found, now);
                }
            }
        }
    }

    pub(super) fn take_breakers(
        &mut self,
        teller: usize,
        caller: &ServiceId,
        found: Vec<breakers::Found>,
        now: Moment,
    ) {
        let plan = Arc::clone(&self.plan);
        let changes = self.breakers.take(&plan, teller, caller, found, now);
        self.is_diagnosis_old |= !changes.is_empty();
        for (change, cause) in changes {
            self.push(change, cause, now);
        }
    }

    /// Works out the health of a service that only sources tell of.
    fn refresh_told(&mut self, id: &ServiceId, now: Moment) {
        let Ok(position) = self.services.binary_search_by(|it| it.id.cmp(id)) else {
            return;
        };
        if self.services[position].probes.is_empty() {
            let health = self.observed.health(&self.plan, id, now);
            let health = health.unwrap_or_default();
            let cause = self.observed.cause(&self.plan, id, now);
            self.show(position, health, cause, now);
        }
    }
}

/// Breakers by whom the source calls their caller.
fn by_caller(breakers: &[CallerBreaker]) -> BTreeMap<&str, Vec<&BreakerReading>> {
    let mut found: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for it in breakers {
        found.entry(&it.caller).or_default().push(&it.reading);
    }
    found
}
