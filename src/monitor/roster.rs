//! The instances that polls are told of, by number: whoever comes while it is polled is
//! added, and keeps the number after leaving.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::plan::MonitorPlan;
use crate::model::ServiceId;

/// The most instances that are added; polls of more have no number.
const MOST_ADDED: usize = 10_000;

/// An instance: its service and its address.
type Instance = (ServiceId, String);

/// Every instance that was ever polled, in the order of its number.
#[derive(Debug, Clone)]
pub struct Roster(Arc<Mutex<Vec<Instance>>>);

impl Roster {
    pub(super) fn new(plan: &MonitorPlan) -> Self {
        let probes = plan.probes.iter();
        let all = probes.map(|it| (it.service.clone(), it.address.clone()));
        Self(Arc::new(Mutex::new(all.collect())))
    }

    /// All but the first so many.
    pub fn after(&self, known: usize) -> Vec<Instance> {
        let all = self.all();
        all.get(known..).map(<[_]>::to_vec).unwrap_or_default()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Instance>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives numbers to instances.
#[derive(Debug)]
pub(super) struct Numbers {
    roster: Roster,
    /// Of those that were added.
    added: HashMap<Instance, usize>,
    /// Of those that have a seat now, by the number of the probe.
    now: BTreeMap<usize, usize>,
}

impl Numbers {
    pub(super) fn new(roster: Roster) -> Self {
        Self {
            roster,
            added: HashMap::new(),
            now: BTreeMap::new(),
        }
    }

    /// The number of whom a probe asks now.
    pub(super) fn of(&self, probe: usize) -> usize {
        self.now.get(&probe).copied().unwrap_or(probe)
    }

    /// From now on a probe asks this instance.
    pub(super) fn seat(&mut self, probe: usize, service: &ServiceId, address: &str) {
        let instance = (service.clone(), address.to_owned());
        let number = if let Some(number) = self.added.get(&instance) {
            *number
        } else if self.added.len() >= MOST_ADDED {
            usize::MAX
        } else {
            let mut all = self.roster.all();
            let number = all.len();
            all.push(instance.clone());
            self.added.insert(instance, number);
            number
        };
        self.now.insert(probe, number);
    }
}
