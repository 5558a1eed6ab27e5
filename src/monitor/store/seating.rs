//! Who has which seat of a name, and what becomes of a service when somebody comes or goes.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use super::{Instance, Moment, Store};
use crate::monitor::{InstanceState, plan::Group};

/// Who is behind a name now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::monitor) struct Seated {
    /// Position in [`MonitorPlan::groups`](crate::monitor::MonitorPlan).
    pub group: usize,
    /// Everybody, with the number of the probe.
    pub seats: Vec<(usize, IpAddr)>,
    /// What people should know of the look-up.
    pub note: Option<String>,
}

/// All seats that are taken.
#[derive(Debug, Default)]
pub(super) struct Seating {
    /// By the number of the probe, with the address as it is shown.
    seats: BTreeMap<usize, (IpAddr, String)>,
    /// By the number of the first probe.
    notes: BTreeMap<usize, String>,
}

impl Store {
    /// Takes who is behind a name now.
    pub(in crate::monitor) fn ingest_seated(&mut self, told: Seated, now: Moment) {
        let plan = Arc::clone(&self.plan);
        let Some(group) = plan.groups.get(told.group) else {
            return;
        };
        self.shown.forget(self.service_of[group.first]);
        match told.note {
            Some(note) => self.seating.notes.insert(group.first, note),
            None => self.seating.notes.remove(&group.first),
        };
        let wanted: BTreeMap<_, _> = told.seats.into_iter().collect();
        let sits = |seating: &Seating, it| seating.seats.get(&it).map(|it| it.0);
        let is_other = |it: &usize| sits(&self.seating, *it) != wanted.get(it).copied();
        let changed: Vec<_> = group.probes().filter(is_other).collect();
        if changed.is_empty() || wanted.is_empty() {
            return;
        }
        for number in changed {
            self.leave(number);
            if let Some(ip) = wanted.get(&number) {
                self.seating.seats.insert(number, (*ip, group.address(*ip)));
            }
        }
        self.list(group);
        self.is_diagnosis_old = true;
        // Whoever is new was not asked yet, and tells nothing of the service.
        let mut seats = wanted.keys().filter_map(|it| self.instances.get(*it));
        if seats.any(Instance::is_judged) {
            let cause = format!("{} has other addresses now", group.name);
            self.refresh_service(group.first, cause, now);
        }
    }

    /// Forgets who had a seat.
    fn leave(&mut self, number: usize) {
        self.seating.seats.remove(&number);
        self.gate.forget(number);
        self.breakers.forget(number);
        self.stream_notes.retain(|key, _| key.0 != number);
        if let Some(instance) = self.instances.get_mut(number) {
            *instance = Instance::default();
        }
    }

    /// Lists those who have a seat where the name stands, by their addresses.
    fn list(&mut self, group: &Group) {
        let position = self.service_of.get(group.first);
        let Some(record) = position.and_then(|it| self.services.get_mut(*it)) else {
            return;
        };
        let seats = &self.seating.seats;
        record.probes.retain(|it| !group.probes().contains(it));
        record
            .probes
            .extend(seats.range(group.probes()).map(|it| *it.0));
        let groups = &self.plan.groups;
        let first = |it: usize| {
            let number = self.plan.probes.get(it).and_then(|it| it.group);
            number
                .and_then(|it| groups.get(it))
                .map_or(it, |it| it.first)
        };
        let place = |it: &usize| (first(*it), seats.get(it).map(|it| it.0));
        record.probes.sort_by_key(place);
    }

    /// Whether a probe asks somebody, or is about to.
    pub(super) fn is_listed(&self, number: usize) -> bool {
        let has_seat = self.seating.seats.contains_key(&number);
        has_seat || self.plan.is_listed_at_first(number)
    }

    /// The address of a probe as people see it.
    pub(in crate::monitor) fn address(&self, number: usize) -> &str {
        let seat = self.seating.seats.get(&number).map(|it| it.1.as_str());
        let own = || self.plan.probes.get(number).map(|it| it.address.as_str());
        seat.or_else(own).unwrap_or_default()
    }

    pub(super) fn instance_state(&self, number: usize) -> InstanceState {
        let state = self.instances[number].state(&self.plan.probes[number]);
        match self.seating.seats.get(&number) {
            Some((_, address)) => InstanceState {
                address: address.clone(),
                ..state
            },
            None => state,
        }
    }

    /// What people should know of the look-ups of these probes' names.
    pub(super) fn seat_note(&self, probes: &[usize]) -> Option<String> {
        let group = |it: &usize| self.plan.groups.get(self.plan.probes.get(*it)?.group?);
        let noted = |it: &usize| self.seating.notes.get(&group(it)?.first);
        probes.iter().find_map(noted).cloned()
    }

    /// Why an instance changed, with its address where there are several.
    pub(super) fn cause(&self, probe: usize, cause: &str) -> String {
        let siblings = self.services.get(self.service_of[probe]);
        if siblings.is_some_and(|it| it.probes.len() > 1) {
            format!("{}: {cause}", self.address(probe))
        } else {
            cause.to_owned()
        }
    }
}
