//! What all probes share: who asks, how many at once, and whose connections are kept.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::monitor::{
    fetch::Fetcher,
    plan::{MonitorPlan, Probe},
    poller::schedule::Steps,
    resolving::Seats,
    stream::Streams,
};

/// Instances that are asked at once; crowding would falsify latencies.
pub(in crate::monitor) const MAX_AT_ONCE: usize = 16;

/// The same for one host.
const MAX_PER_HOST: usize = 2;

/// Instances that take longer than a second and are waited for beside the others, so that
/// some that never answer cannot hold up those that do.
const MAX_SLOW: usize = 32;

/// Connections that are kept at most; each costs a descriptor and some kilobytes.
const MOST_KEPT: usize = 2000;

/// What every system lets a process have open.
const FEWEST_DESCRIPTORS: u64 = 256;

/// What all probes share.
#[derive(Debug)]
pub(in crate::monitor) struct Limits {
    fetchers: Vec<Arc<Fetcher>>,
    /// The same without kept connections, made when the first is needed.
    anew: Vec<OnceLock<Arc<Fetcher>>>,
    /// The probes whose connection is kept.
    kept: HashSet<usize>,
    /// When polls begin.
    pub(in crate::monitor) steps: Steps,
    all: Semaphore,
    pub(super) slow: Semaphore,
    by_slot: HashMap<String, Semaphore>,
    /// The paths that turned out to be streams.
    pub(in crate::monitor) streams: Streams,
    /// Who asks which address of a name.
    pub(in crate::monitor) seats: Seats,
}

impl Limits {
    pub(in crate::monitor) fn new(plan: &MonitorPlan) -> Self {
        let slot = |it: &Probe| (it.slot.clone(), Semaphore::new(MAX_PER_HOST));
        let fetchers = plan.ways.iter().map(Fetcher::through).map(Arc::new);
        Self {
            fetchers: fetchers.collect(),
            anew: plan.ways.iter().map(|_| OnceLock::new()).collect(),
            kept: kept(plan, most_kept()),
            steps: Steps::from_now(),
            all: Semaphore::new(MAX_AT_ONCE),
            slow: Semaphore::new(MAX_SLOW),
            by_slot: plan.probes.iter().map(slot).collect(),
            streams: Streams::new(plan),
            seats: Seats::default(),
        }
    }

    /// Who asks along this way of the plan.
    pub(in crate::monitor) fn fetcher(&self, way: usize) -> &Fetcher {
        &self.fetchers[way]
    }

    /// Who asks for this probe of the plan; `None` if it has no address.
    pub(in crate::monitor) fn fetcher_of(
        &self,
        plan: &MonitorPlan,
        number: usize,
    ) -> Option<Arc<Fetcher>> {
        let probe = plan.probes.get(number)?;
        if probe.group.is_some() {
            return self.seats.fetcher(number);
        }
        if self.kept.contains(&number) {
            return self.fetchers.get(probe.way).map(Arc::clone);
        }
        let (anew, way) = (self.anew.get(probe.way)?, plan.ways.get(probe.way)?);
        Some(Arc::clone(
            anew.get_or_init(|| Arc::new(Fetcher::anew(way))),
        ))
    }

    /// Room to ask an instance, held for as long as it is asked.
    pub(in crate::monitor) async fn room(
        &self,
        probe: &Probe,
    ) -> Option<(SemaphorePermit<'_>, SemaphorePermit<'_>)> {
        // Waiting for a crowded host must not take up a place that others could use.
        // The semaphores are never closed.
        let host = self.by_slot.get(&probe.slot)?.acquire().await.ok()?;
        Some((host, self.all.acquire().await.ok()?))
    }
}

/// How many connections may be kept: less than what this process may have open in all,
/// which is raised first where that can be.
fn most_kept() -> usize {
    let allowed = rlimit::increase_nofile_limit(2 * MOST_KEPT as u64);
    let allowed = usize::try_from(allowed.unwrap_or(FEWEST_DESCRIPTORS)).unwrap_or(usize::MAX);
    (allowed / 2).min(MOST_KEPT)
}

/// The probes whose connections are kept: those asked most often, and of these those that
/// would have to encrypt a new one.
fn kept(plan: &MonitorPlan, most: usize) -> HashSet<usize> {
    // The addresses of a name have connections of their own.
    let probes = plan.probes.iter().enumerate();
    let mut by_use: Vec<_> = probes.filter(|(_, it)| it.group.is_none()).collect();
    by_use.sort_by_key(|(_, it)| {
        let is_plain = it.paths.iter().all(|it| it.url.scheme() == "http");
        (it.interval, is_plain)
    });
    by_use.into_iter().take(most).map(|(it, _)| it).collect()
}
