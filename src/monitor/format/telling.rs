//! Gathering what a page tells of others, within bounds.
//!
//! Names are made safe to show here, once for every format. A service of which a page
//! gives names alone, and no word on how it is, is left to sources that know more.

use std::collections::{BTreeMap, BTreeSet};

use super::{BreakerReading, CheckReading, words::display_text};
use crate::monitor::{
    Health,
    observation::{CallReading, CallerBreaker, InstanceReading, MAX_ENTRIES, Observation},
};

/// What was found so far.
#[derive(Default)]
pub(super) struct Gathered {
    instances: Vec<InstanceReading>,
    breakers: Vec<CallerBreaker>,
    calls: BTreeMap<(String, String), CallReading>,
    note: Option<String>,
    is_partial: bool,
}

impl Gathered {
    /// An instance of a service: its address, how well it is, and the source's own word.
    pub(super) fn add_instance(&mut self, service: &str, address: &str, verdict: (Health, &str)) {
        self.add_checked(service, address, verdict, Vec::new());
    }

    /// The same, with the parts that the verdict is made of.
    pub(super) fn add_checked(
        &mut self,
        service: &str,
        address: &str,
        (health, raw): (Health, &str),
        checks: Vec<CheckReading>,
    ) {
        let service = display_text(service);
        if service.is_empty() || !self.has_room(self.instances.len()) {
            return;
        }
        self.instances.push(InstanceReading {
            service,
            address: display_text(address),
            health,
            raw: display_text(raw),
            checks,
        });
    }

    /// A breaker and its caller; an empty caller is whoever gave the answer.
    pub(super) fn add_breaker(&mut self, caller: &str, reading: BreakerReading) {
        if !reading.name.is_empty() && self.has_room(self.breakers.len()) {
            self.breakers.push(CallerBreaker {
                caller: display_text(caller),
                reading,
            });
        }
    }

    /// Calls between two services; those between the same two are added up, and those of
    /// a service to itself are no dependency.
    pub(super) fn add_call(&mut self, call: CallReading) {
        let names = (display_text(&call.from), display_text(&call.to));
        if names.0 == names.1 || names.0.is_empty() || names.1.is_empty() {
            return;
        }
        if let Some(known) = self.calls.get_mut(&names) {
            add_up(known, &call);
        } else if self.has_room(self.calls.len()) {
            let (from, to) = names.clone();
            self.calls.insert(names, CallReading { from, to, ..call });
        }
    }

    /// Something that whoever reads it should know.
    pub(super) fn note(&mut self, note: &str) {
        self.note = Some(display_text(note));
    }

    /// There is more than the page shows, so that what is missing is not gone.
    pub(super) fn mark_partial(&mut self) {
        self.is_partial = true;
    }

    pub(super) fn finish(mut self) -> Observation {
        let said = self
            .instances
            .iter()
            .filter(|it| it.health != Health::Unknown);
        let known: BTreeSet<String> = said.map(|it| it.service.clone()).collect();
        self.instances.retain(|it| known.contains(&it.service));
        Observation {
            instances: self.instances,
            breakers: self.breakers,
            calls: self.calls.into_values().collect(),
            note: self.note,
            is_partial: self.is_partial,
        }
    }

    fn has_room(&mut self, length: usize) -> bool {
        let has_room = length < MAX_ENTRIES;
        if !has_room {
            self.is_partial = true;
            self.note = Some(format!("only the first {MAX_ENTRIES} entries are read"));
        }
        has_room
    }
}

/// Rates add up, shares of errors are weighed by them, and of two times within which 95
/// of 100 were answered the longer one is sure.
fn add_up(known: &mut CallReading, other: &CallReading) {
    let rates = known.rate_per_second.zip(other.rate_per_second);
    let shares = known.error_share.zip(other.error_share);
    known.error_share = match (shares, rates) {
        (Some((one, two)), Some((rate, more))) if rate + more > 0.0 => {
            Some((one * rate + two * more) / (rate + more))
        }
        (Some((one, two)), _) => Some(one.max(two)),
        (None, _) => known.error_share.or(other.error_share),
    };
    let total = rates.map(|(rate, more)| rate + more);
    known.rate_per_second = total.or(known.rate_per_second).or(other.rate_per_second);
    let longer = known
        .p95_ms
        .zip(other.p95_ms)
        .map(|(one, two)| one.max(two));
    known.p95_ms = longer.or(known.p95_ms).or(other.p95_ms);
}

/// The worst of several, where being taken out by an operator explains the rest.
pub(super) fn worst(all: impl IntoIterator<Item = Health>) -> Option<Health> {
    all.into_iter().max_by_key(|it| match it {
        Health::Up => 0,
        Health::Unknown => 1,
        Health::Starting => 2,
        Health::Degraded => 3,
        Health::Down => 4,
        Health::OutOfService => 5,
    })
}

/// How a service is of which so many of so many instances are well.
pub(super) fn share(well: u64, of: u64) -> Health {
    match well {
        0 => Health::Down,
        some if some < of => Health::Degraded,
        _ => Health::Up,
    }
}
