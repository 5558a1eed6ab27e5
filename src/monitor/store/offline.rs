//! Whether it is this machine that is offline, and not everybody else.
//!
//! If at least three hosts were asked and four of five stay silent, nothing is judged
//! any more. A refused connection is no silence: somebody was there to refuse. This
//! machine's own services do not count, since they need no network. Sources are evidence
//! like instances, and one that answers is proof of the contrary: who tells of many is
//! reached over the network that the silent would be reached over.

use std::collections::{BTreeSet, HashMap};

use crate::monitor::{
    Reach,
    address::{host_of, is_loopback},
    plan::MonitorPlan,
};

const MIN_HOSTS: usize = 3;
const MIN_SILENT_PERCENT: usize = 80;

/// The evidence, probe by probe, and then source by source.
#[derive(Debug)]
pub(super) struct Gate {
    tellers: Vec<Option<Evidence>>,
    /// The first source in it.
    first_source: usize,
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
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let probes = plan.probes.iter().map(|it| (it.host.clone(), it.interval));
        let sources = plan.sources.iter().map(|it| {
            let far = it.base.as_ref().filter(|it| !is_loopback(it));
            (far.map(host_of), it.interval)
        });
        let tellers = probes.chain(sources).map(|(host, interval)| {
            let next = numbers.len();
            Some(Evidence {
                host: *numbers.entry(host?).or_insert(next),
                interval_ms: interval.as_millis() as u64,
                asked_at_ms: None,
                silent_since_ms: None,
            })
        });
        Self {
            tellers: tellers.collect(),
            first_source: plan.probes.len(),
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
        for evidence in self.tellers.iter_mut().flatten() {
            (evidence.asked_at_ms, evidence.silent_since_ms) = (None, None);
        }
    }

    /// Forgets the evidence of a probe that asks somebody else from now on.
    pub(super) fn forget(&mut self, probe: usize) {
        if let Some(Some(evidence)) = self.tellers.get_mut(probe) {
            (evidence.asked_at_ms, evidence.silent_since_ms) = (None, None);
        }
    }

    /// Notes what came of asking a source.
    pub(super) fn note_source(&mut self, source: usize, reach: Reach, now_ms: u64) {
        let teller = self.first_source + source;
        self.note(teller, reach, now_ms);
        let evidence = self.tellers.get(teller).and_then(Option::as_ref);
        if evidence.is_some_and(|it| it.silent_since_ms.is_none()) {
            self.is_offline = false;
        } else {
            self.must_wait(teller, now_ms);
        }
    }

    /// Notes what came of asking a probe.
    pub(super) fn note(&mut self, probe: usize, reach: Reach, now_ms: u64) {
        let Some(Some(evidence)) = self.tellers.get_mut(probe) else {
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
        let Some(Some(evidence)) = self.tellers.get(probe) else {
            return false;
        };
        let Some(since) = evidence.silent_since_ms.filter(|_| self.hosts >= MIN_HOSTS) else {
            return false;
        };
        let patience = evidence.interval_ms + evidence.interval_ms / 2;
        match self.looks_offline(since) {
            Some(is_offline) => {
                let is_offline = is_offline && !self.has_source_answered(since);
                self.is_offline |= is_offline;
                is_offline
            }
            None => now_ms.saturating_sub(since) < patience,
        }
    }

    /// Whether a source, which is asked less often than others, fell silent shortly before
    /// and no other has answered meanwhile.
    fn fell_silent_before(&self, source: &Evidence, since_ms: u64) -> bool {
        let patience = source.interval_ms + source.interval_ms / 2;
        let is_recent = |at: u64| at.saturating_add(patience) >= since_ms;
        let silent_since = source.silent_since_ms.filter(|at| is_recent(*at));
        silent_since.is_some_and(|at| !self.has_source_answered(at))
    }

    fn has_source_answered(&self, since_ms: u64) -> bool {
        let sources = self.tellers.iter().skip(self.first_source).flatten();
        let mut answering = sources.filter(|it| it.silent_since_ms.is_none());
        answering.any(|it| it.asked_at_ms.is_some_and(|at| at >= since_ms))
    }

    /// By those asked since then; `None` if they are too few to tell.
    fn looks_offline(&self, since_ms: u64) -> Option<bool> {
        let mut hosts = BTreeSet::new();
        let (mut asked, mut silent) = (0_usize, 0_usize);
        let tellers = self.tellers.iter().enumerate();
        let tellers = tellers.filter_map(|(number, it)| Some((number, it.as_ref()?)));
        for (number, evidence) in tellers {
            let is_asked = evidence.asked_at_ms.is_some_and(|at| at >= since_ms);
            let is_source = number >= self.first_source;
            if is_asked || is_source && self.fell_silent_before(evidence, since_ms) {
                hosts.insert(evidence.host);
                asked += 1;
                silent += usize::from(evidence.silent_since_ms.is_some());
            }
        }
        (hosts.len() >= MIN_HOSTS).then_some(silent * 100 >= asked * MIN_SILENT_PERCENT)
    }
}
