//! Streams of server-sent events: paths that do not end, such as Hystrix' and Turbine's,
//! and the events of Resilience4j. They are not polled but followed, each by a task of
//! its own, and what is heard is told at once.
//!
//! A path is a stream if its name is known to be one, or if it answers with
//! `text/event-stream`. The format of events is that of the HTML standard, "Server-sent
//! events".

mod events;
mod follow;
mod hearing;
mod resilience4j;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tokio::{
    sync::{mpsc, watch},
    task::{AbortHandle, JoinSet},
    time::{Instant, timeout_at},
};

use super::{
    plan::{Manner, MonitorPlan, Probe},
    poller::Report,
    probing::Limits,
    store::Streamed,
};

use follow::Follower;

/// A probe and the position of one of its paths.
type Id = (usize, usize);

/// What a plan and its limits are handed on as.
type Shared = (Arc<MonitorPlan>, Arc<Limits>);

/// Whether a path is known to be a stream. Asking for it would take one of the few places
/// that Hystrix has for clients, so it is followed from the start.
pub(super) fn is_known(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    path.ends_with("/hystrix.stream") || path.ends_with("/turbine.stream") || has_only_news(path)
}

/// Whether a path is Resilience4j's, which tells of what changes and not of what is.
fn has_only_news(path: &str) -> bool {
    path.contains("/streamcircuitbreakerevents")
        || path.contains("/hystrixstreamcircuitbreakerevents")
}

/// The paths that are streams: those known before, and those that turned out to be.
#[derive(Debug)]
pub(super) struct Streams(watch::Sender<Known>);

/// Each stream with the number of the addition that brought it: one that went and came
/// back is another one.
#[derive(Debug, Default)]
struct Known {
    all: BTreeMap<Id, u64>,
    additions: u64,
}

impl Known {
    /// False if it is known already.
    fn add(&mut self, id: Id) -> bool {
        if self.all.contains_key(&id) {
            return false;
        }
        self.additions += 1;
        self.all.insert(id, self.additions);
        true
    }
}

impl Streams {
    pub(super) fn new(plan: &MonitorPlan) -> Self {
        let streams = Self(watch::Sender::new(Known::default()));
        let probes = plan.probes.iter().enumerate();
        for (number, probe) in probes.filter(|(_, it)| it.group.is_none()) {
            streams.add_known(number, probe);
        }
        streams
    }

    /// Those of a probe that are known before it is asked.
    pub(super) fn add_known(&self, number: usize, probe: &Probe) {
        let paths = probe.paths.iter().enumerate();
        for (position, _) in paths.filter(|(_, it)| it.manner == Manner::Stream) {
            self.add(number, position);
        }
    }

    pub(super) fn has(&self, probe: usize, path: usize) -> bool {
        self.0.borrow().all.contains_key(&(probe, path))
    }

    pub(super) fn add(&self, probe: usize, path: usize) {
        self.0.send_if_modified(|it| it.add((probe, path)));
    }

    /// Forgets all streams of a probe.
    pub(super) fn remove(&self, probe: usize) {
        self.0.send_if_modified(|it| {
            let before = it.all.len();
            it.all.retain(|id, _| id.0 != probe);
            it.all.len() != before
        });
    }

    fn all(&self) -> BTreeSet<Id> {
        self.0.borrow().all.keys().copied().collect()
    }
}

/// Follows every stream there is or comes to be, for ever.
pub(super) async fn follow_all(
    (plan, limits): Shared,
    reports: mpsc::Sender<Report>,
    restarts: watch::Receiver<()>,
) {
    let mut known = limits.streams.0.subscribe();
    let mut started: BTreeMap<Id, (u64, AbortHandle)> = BTreeMap::new();
    let mut tasks = JoinSet::new();
    loop {
        let wanted = known.borrow_and_update().all.clone();
        started.retain(|id, (addition, task)| {
            let is_wanted = wanted.get(id) == Some(addition);
            if !is_wanted {
                task.abort();
            }
            is_wanted
        });
        for (id, addition) in wanted {
            started.entry(id).or_insert_with(|| {
                let shared = (Arc::clone(&plan), Arc::clone(&limits));
                let follower = Follower::new(shared, id);
                let task = tasks.spawn(follower.follow(reports.clone(), restarts.clone()));
                (addition, task)
            });
        }
        // Those that were ended leave nothing behind.
        while tasks.try_join_next().is_some() {}
        if known.changed().await.is_err() {
            return;
        }
    }
}

/// Hears every stream once.
pub(super) struct Once {
    shared: Shared,
    started: BTreeSet<Id>,
    tasks: JoinSet<Streamed>,
}

impl Once {
    /// Begins with those that are known before anybody is asked.
    pub(super) fn start(plan: &Arc<MonitorPlan>, limits: &Arc<Limits>) -> Self {
        let mut once = Self {
            shared: (Arc::clone(plan), Arc::clone(limits)),
            started: BTreeSet::new(),
            tasks: JoinSet::new(),
        };
        once.start_new();
        once
    }

    /// What was heard, also on those that were found since.
    pub(super) async fn finish(mut self, deadline: Instant) -> Vec<Streamed> {
        self.start_new();
        let mut heard = Vec::new();
        while let Ok(Some(told)) = timeout_at(deadline, self.tasks.join_next()).await {
            heard.extend(told);
        }
        heard
    }

    fn start_new(&mut self) {
        for id in self.shared.1.streams.all() {
            if self.started.insert(id) {
                let (plan, limits) = &self.shared;
                let shared = (Arc::clone(plan), Arc::clone(limits));
                self.tasks.spawn(Follower::new(shared, id).listen_once());
            }
        }
    }
}

#[cfg(test)]
mod tests;
