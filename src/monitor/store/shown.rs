//! The services as readers get them: worked out again only where something changed.

use std::{collections::BTreeSet, sync::Arc};

use imbl::OrdMap;

use super::{Moment, ServiceRecord, Store, instance::Instance, observed};
use crate::{
    model::ServiceId,
    monitor::{Health, Reach, ServiceState},
};

/// What was shown last, and of what that is out of date.
#[derive(Debug, Default)]
pub(super) struct Shown {
    services: OrdMap<ServiceId, Arc<ServiceState>>,
    /// Positions of services of which something changed.
    changed: BTreeSet<usize>,
    is_all_known: bool,
    /// Which sources were too old to trust.
    stale_sources: Vec<bool>,
}

impl Shown {
    /// Something changed of the service at this position.
    pub(super) fn forget(&mut self, position: usize) {
        self.changed.insert(position);
    }

    /// Something changed that may be seen at any service.
    pub(super) fn forget_all(&mut self) {
        self.is_all_known = false;
    }
}

impl Store {
    /// Every service as it is now.
    pub(super) fn shown_services(&mut self, now: Moment) -> OrdMap<ServiceId, Arc<ServiceState>> {
        let mut shown = std::mem::take(&mut self.shown);
        let stale_sources = self.observed.stale(&self.plan, now);
        let is_all_known = shown.is_all_known && shown.stale_sources == stale_sources;
        for (position, record) in self.services.iter().enumerate() {
            let is_known = is_all_known && !shown.changed.contains(&position);
            let known = shown.services.get(&record.id).filter(|_| is_known);
            // Alone by the time that passes a state grows old.
            if known.is_some_and(|it| it.is_stale == self.is_stale(record, it, now)) {
                continue;
            }
            match self.service_state(record, now) {
                Some(state) => shown.services.insert(record.id.clone(), Arc::new(state)),
                None => shown.services.remove(&record.id),
            };
        }
        shown.changed.clear();
        shown.is_all_known = true;
        shown.stale_sources = stale_sources;
        self.shown = shown;
        self.shown.services.clone()
    }

    /// Whether what is shown of a service is too old to trust by now.
    fn is_stale(&self, record: &ServiceRecord, shown: &ServiceState, now: Moment) -> bool {
        if record.probes.is_empty() {
            // That is so when its source is, which is seen there.
            return shown.is_stale;
        }
        let is_stale = |&it: &usize| self.instances[it].is_stale(&self.plan.probes[it], now.millis);
        record.probes.iter().all(is_stale)
    }

    /// `None` for a service of which nobody was asked and nobody told.
    fn service_state(&self, record: &ServiceRecord, now: Moment) -> Option<ServiceState> {
        if record.probes.is_empty() {
            let told = self.observed.instances(&self.plan, &record.id, now);
            // A service that was told of stays, so that people see that it is gone.
            let is_gone = told.is_none() && record.is_known;
            let (instances, is_stale) = told.or_else(|| is_gone.then(Default::default))?;
            return Some(ServiceState {
                health: record.health,
                reach: Reach::Ok,
                instances,
                since: record.since,
                is_stale,
                impacted_by: self.impacted_by.get(&record.id).cloned(),
                note: is_gone.then(|| observed::UNTOLD.to_owned()),
            });
        }
        let listed = record.probes.iter();
        let probes = || {
            record
                .probes
                .iter()
                .map(|&it| (&self.plan.probes[it], &self.instances[it]))
        };
        let unwell = probes().find(|(_, it)| it.health() != Health::Up);
        let note = probes().find_map(|(probe, it)| it.note().or_else(|| probe.note.clone()));
        let objection = || {
            self.observed
                .objection(&self.plan, &record.id, record.health, now)
        };
        let is_stale = |(probe, it): (_, &Instance)| it.is_stale(probe, now.millis);
        Some(ServiceState {
            health: record.health,
            reach: unwell.map_or(Reach::Ok, |(_, it)| it.reach()),
            instances: listed.map(|it| self.instance_state(*it)).collect(),
            since: record.since,
            is_stale: probes().all(is_stale),
            impacted_by: self.impacted_by.get(&record.id).cloned(),
            note: note
                .or_else(|| self.seat_note(&record.probes))
                .or_else(|| self.stream_note(&record.probes))
                .or_else(objection),
        })
    }
}
