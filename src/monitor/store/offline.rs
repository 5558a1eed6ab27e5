//! Whether it is this machine that is offline, and not everybody else.
//!
//! If at least three hosts were asked and four of five stay silent, nothing is judged
//! any more. A refused connection is no silence: somebody was there to refuse. This
//! machine's own services do not count, since they need no network.

use std::collections::{BTreeSet, HashMap};

use crate::monitor::{Reach, plan::MonitorPlan};

const MIN_HOSTS: usize = 3;
const MIN_SILENT_PERCENT: usize = 80;

/// The evidence, probe by probe.
#[derive(Debug)]
pub(super) struct Gate {
    probes: Vec<Option<Evidence>>,
    hosts: usize,
    is_offline: bool,
}

#[derive(Debug)]
struct Evidence {
    /// Number of its host.
    host: usize,
    interval_ms: u64,
    asked_at_ms: Option<u64>,
    silent_since_ms: Option<u64>,
}

impl Gate {
    pub(super) fn new(plan: &MonitorPlan) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let probes = plan.probes.iter().map(|probe| {
            let next = numbers.len();
            let host = *numbers.entry(probe.host.as_deref()?).or_insert(next);
            Some(Evidence {
                host,
                interval_ms: probe.interval.as_millis() as u64,
                asked_at_ms: None,
                silent_since_ms: None,
            })
        });
        let probes = probes.collect();
        Self {
            probes,
            hosts: numbers.len(),
            is_offline: false,
        }
    }

    pub(super) fn is_offline(&self) -> bool {
        self.is_offline
    }

    /// Forgets all evidence.
    pub(super) fn reset(&mut self) {
        self.is_offline = false;
        for evidence in self.probes.iter_mut().flatten() {
            (evidence.asked_at_ms, evidence.silent_since_ms) = (None, None);
        }
    }

    /// Notes what came of asking a probe.
    pub(super) fn note(&mut self, probe: usize, reach: Reach, now_ms: u64) {
        let Some(Some(evidence)) = self.probes.get_mut(probe) else {
            return;
        };
        let is_silent = matches!(reach, Reach::NameUnknown | Reach::TimedOut);
        evidence.asked_at_ms = Some(now_ms);
        if is_silent {
            evidence.silent_since_ms.get_or_insert(now_ms);
        } else {
            evidence.silent_since_ms = None;
            if self.is_offline {
                self.is_offline = self.looks_offline(0) == Some(true);
            }
        }
    }

    /// Whether the silence of a probe must not be judged yet: this machine is offline,
    /// or too few others were asked since that silence began.
    pub(super) fn must_wait(&mut self, probe: usize, now_ms: u64) -> bool {
        let Some(Some(evidence)) = self.probes.get(probe) else {
            return false;
        };
        let Some(since) = evidence.silent_since_ms.filter(|_| self.hosts >= MIN_HOSTS) else {
            return false;
        };
        let patience = evidence.interval_ms + evidence.interval_ms / 2;
        match self.looks_offline(since) {
            Some(is_offline) => {
                self.is_offline |= is_offline;
                is_offline
            }
            None => now_ms.saturating_sub(since) < patience,
        }
    }

    /// By those asked since then; `None` if they are too few to tell.
    fn looks_offline(&self, since_ms: u64) -> Option<bool> {
        let mut hosts = BTreeSet::new();
        let (mut asked, mut silent) = (0_usize, 0_usize);
        let recent = self
            .probes
            .iter()
            .flatten()
            .filter(|it| it.asked_at_ms.is_some_and(|at| at >= since_ms));
        for evidence in recent {
            hosts.insert(evidence.host);
            asked += 1;
            silent += usize::from(evidence.silent_since_ms.is_some());
        }
        (hosts.len() >= MIN_HOSTS).then_some(silent * 100 >= asked * MIN_SILENT_PERCENT)
    }
}
