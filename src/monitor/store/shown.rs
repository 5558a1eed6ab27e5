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
    /// By the position of a service, whether it was too old to trust.
    is_stale: Vec<bool>,
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
        let mut changed = std::mem::take(&mut shown.changed);
        if !is_all_known {
            shown.is_stale = vec![false; self.services.len()];
            changed.extend(0..self.services.len());
        }
        // By the time alone that passes a state grows old.
        let grown = self.services.iter().zip(&shown.is_stale).enumerate();
        let grown = grown.filter(|(_, (record, was))| self.is_stale(record, now, **was) != **was);
        changed.extend(grown.map(|(position, _)| position));
        for position in changed {
            let record = &self.services[position];
            let state = self.service_state(record, now);
            shown.is_stale[position] = state.as_ref().is_some_and(|it| it.is_stale);
            match state {
                Some(state) => shown.services.insert(record.id.clone(), Arc::new(state)),
                None => shown.services.remove(&record.id),
            };
        }
        shown.is_all_known = true;
        shown.stale_sources = stale_sources;
        self.shown = shown;
        self.shown.services.clone()
    }

    /// Whether what is known of a service is too old to trust by now.
    fn is_stale(&self, record: &ServiceRecord, now: Moment, was: bool) -> bool {
        if record.probes.is_empty() {
            // That is so when its source is, which is seen there.
            return was;
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
