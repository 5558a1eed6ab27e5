//! The poller: one task for each instance, and one that collects what they find.
//!
//! An instance is never asked twice at once, and never before its time. All state is
//! in the collecting task; readers get the newest snapshot, four times a second at
//! most. Dropping the [`Monitor`] ends every task.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    runtime::Handle,
    sync::{broadcast, mpsc, oneshot, watch},
    task::{AbortHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout_at},
};

use crate::model::ServiceId;

use super::{
    Health, Notices, Observation, Snapshot,
    fetch::Failure,
    plan::{MonitorPlan, Probe},
    polls::{Poll, Polls, feed_for},
    probing::{Limits, Prober},
    readers::{Published, Snapshots, Transitions},
    source::{self, Feed},
    store::{Moment, Pace, Sample, Store, Streamed},
    stream,
};

/// At most so often a snapshot is published.
const PUBLISH_EVERY: Duration = Duration::from_millis(250);

/// At least so often, because ages grow without any news.
const TICKS_TO_REFRESH: u32 = 8;

/// First polls are spread over this time, or over the interval if it is shorter.
const MAX_STAGGER: Duration = Duration::from_secs(5);

/// The wall clock runs ahead of ours by this much only if the machine slept.
const SLEPT: Duration = Duration::from_secs(10);

/// Polls until it is dropped.
#[derive(Debug)]
pub struct Monitor {
    plan: Arc<MonitorPlan>,
    published: watch::Receiver<Published>,
    polls: broadcast::Sender<Poll>,
    task: AbortHandle,
}

impl Monitor {
    /// Starts polling on a runtime; `wake` is called after each snapshot.
    pub fn start(
        plan: MonitorPlan,
        runtime: &Handle,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let plan = Arc::new(plan);
        let (publish, published) = watch::channel(Published::default());
        let polls = feed_for(&plan);
        let collector = Collector::new(Arc::clone(&plan), publish, polls.clone());
        let task = runtime.spawn(collector.run(wake)).abort_handle();
        Self {
            plan,
            published,
            polls,
            task,
        }
    }

    /// The service and the address of each instance that is asked itself.
    pub fn instances(&self) -> Vec<(ServiceId, String)> {
        let probes = self.plan.probes.iter();
        probes
            .map(|it| (it.service.clone(), it.address.clone()))
            .collect()
    }

    /// Every poll from now on.
    pub fn polls(&self) -> Polls {
        Polls::new(self.polls.subscribe())
    }

    /// The newest snapshot; empty until the first was published.
    pub fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(&self.published.borrow().snapshot)
    }

    /// Every transition from the start of polling on.
    pub fn subscribe(&self) -> Transitions {
        Transitions::new(self.published.clone())
    }

    /// What people are told of incidents, from the start of polling on.
    pub fn notices(&self) -> Notices {
        Notices::new(self.snapshots())
    }

    /// The snapshots themselves, newest only: `changed` waits for the next.
    pub fn snapshots(&self) -> Snapshots {
        Snapshots::new(self.published.clone())
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Asks every instance once, sixteen at a time, and gives up after a time; those that
/// were not asked by then are unknown.
pub async fn poll_once(plan: MonitorPlan, limit: Duration) -> Snapshot {
    let plan = Arc::new(plan);
    let limits = Arc::new(Limits::new(&plan));
    let clock = Clock::start();
    let mut store = Store::new(Arc::clone(&plan), clock.now());
    let mut polls = JoinSet::new();
    for number in 0..plan.probes.len() {
        let mut prober = Prober::new(&plan, &limits, number);
        polls.spawn(async move { prober.sample().await });
    }
    let mut questions = JoinSet::new();
    for number in 0..plan.sources.len() {
        let feed = Feed::new(&plan, &limits, number);
        questions.spawn(async move { (number, source::ask_once(&feed).await) });
    }
    let streams = stream::Once::start(&plan, &limits);
    let deadline = Instant::now() + limit;
    while let Ok(Some(sample)) = timeout_at(deadline, polls.join_next()).await {
        if let Ok(Some(sample)) = sample {
            store.ingest(sample, clock.now());
        }
    }
    for told in streams.finish(deadline).await {
        store.ingest_streamed(told, clock.now());
    }
    while let Ok(Some(asked)) = timeout_at(deadline, questions.join_next()).await {
        if let Ok((number, result)) = asked {
            store.ingest_observation(number, result, clock.now());
        }
    }
    store.settle(clock.now());
    store.snapshot(clock.now())
}

/// What was found.
pub(super) enum Report {
    /// By a probe, and whom to tell when to ask again.
    Sample {
        sample: Sample,
        /// How long after its time it was asked.
        late: Duration,
        pace: oneshot::Sender<Pace>,
    },
    /// By who follows a stream.
    Streamed(Streamed),
    /// By a source.
    Observation {
        source: usize,
        result: Result<Observation, Failure>,
    },
}

struct Collector {
    plan: Arc<MonitorPlan>,
    publish: watch::Sender<Published>,
    polls: broadcast::Sender<Poll>,
    clock: Clock,
    store: Store,
}

impl Collector {
    fn new(
        plan: Arc<MonitorPlan>,
        publish: watch::Sender<Published>,
        polls: broadcast::Sender<Poll>,
    ) -> Self {
        let clock = Clock::start();
        Self {
            store: Store::new(Arc::clone(&plan), clock.now()),
            plan,
            publish,
            polls,
            clock,
        }
    }

    async fn run(mut self, wake: impl Fn()) {
        let limits = Arc::new(Limits::new(&self.plan));
        // Few, so that a slow collector slows polling down instead of filling memory.
        let (reports, mut inbox) = mpsc::channel(64);
        let (restart, _) = watch::channel(());
        let mut tasks = JoinSet::new();
        for number in 0..self.plan.probes.len() {
            let prober = Prober::new(&self.plan, &limits, number);
            let plan = Arc::clone(&self.plan);
            let (reports, restarts) = (reports.clone(), restart.subscribe());
            tasks.spawn(async move {
                if let Some(probe) = plan.probes.get(number) {
                    keep_asking(probe, prober, reports, restarts).await;
                }
            });
        }
        for number in 0..self.plan.sources.len() {
            let feed = Feed::new(&self.plan, &limits, number);
            tasks.spawn(source::follow(feed, reports.clone(), restart.subscribe()));
        }
        let following = (Arc::clone(&self.plan), Arc::clone(&limits));
        tasks.spawn(stream::follow_all(
            following,
            reports.clone(),
            restart.subscribe(),
        ));
        let mut ticks = interval(PUBLISH_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut last = self.clock.now();
        let mut quiet_ticks = TICKS_TO_REFRESH;
        loop {
            tokio::select! {
                // This task holds a sender itself, so the channel stays open.
                Some(report) = inbox.recv() => {
                    self.take(report);
                    quiet_ticks = TICKS_TO_REFRESH;
                }
                _ = ticks.tick() => {
                    let now = self.clock.now();
                    if has_slept(last, now) {
                        self.store.resume();
                        restart.send_replace(());
                    }
                    last = now;
                    quiet_ticks += 1;
                    if quiet_ticks > TICKS_TO_REFRESH {
                        quiet_ticks = 0;
                        self.publish(now);
                        wake();
                    }
                }
            }
        }
    }

    fn take(&mut self, report: Report) {
        let now = self.clock.now();
        match report {
            Report::Sample { sample, late, pace } => {
                let mut poll = Poll::new(&sample, late, now);
                let next = self.store.ingest(sample, now);
                if self.store.is_offline() && poll.reach.is_network_error() {
                    poll.health = Health::Unknown;
                }
                // Often nobody wants to know.
                self.polls.send(poll).ok();
                // The probe is gone only if this task is about to end.
                pace.send(next).ok();
            }
            Report::Streamed(told) => self.store.ingest_streamed(told, now),
            Report::Observation { source, result } => {
                self.store.ingest_observation(source, result, now);
            }
        }
    }

    fn publish(&mut self, now: Moment) {
        self.publish.send_replace(Published {
            snapshot: Arc::new(self.store.snapshot(now)),
            transition_count: self.store.transition_count(),
        });
    }
}

/// Asks an instance at its pace, for ever.
async fn keep_asking(
    probe: &Probe,
    mut prober: Prober,
    reports: mpsc::Sender<Report>,
    mut restarts: watch::Receiver<()>,
) {
    let mut phase = Instant::now() + stagger(probe);
    let mut next = phase;
    loop {
        let round = async {
            sleep_until(next).await;
            // Boxed, because asking takes kilobytes, and of ten thousand most are waiting.
            (Instant::now(), Box::pin(prober.sample()).await)
        };
        let (began, sample) = tokio::select! {
            found = round => found,
            // Whatever was under way before the machine slept means nothing now.
            Ok(()) = restarts.changed() => {
                phase = Instant::now() + stagger(probe);
                next = phase;
                continue;
            }
        };
        let Some(sample) = sample else { return };
        let (answer, pace) = oneshot::channel();
        let report = Report::Sample {
            sample,
            late: prober.asked_at().saturating_duration_since(next),
            pace: answer,
        };
        if reports.send(report).await.is_err() {
            return;
        }
        let Ok(pace) = pace.await else { return };
        next = next_poll(probe, pace, phase, began, fastrand::f64());
    }
}

/// When to ask again; `random` is from 0 to 1.
fn next_poll(probe: &Probe, pace: Pace, phase: Instant, began: Instant, random: f64) -> Instant {
    let span = pace.at_most_ms.saturating_sub(pace.at_least_ms) as f64;
    let jittered = Duration::from_millis(pace.at_least_ms + (span * random) as u64);
    if !pace.is_regular {
        return began + jittered;
    }
    // The usual polls keep their phase: those missed are left out, and jitter does not
    // add up. Half an interval of slack, because the last one may have come early.
    let interval = probe.interval;
    let elapsed = (began + interval / 2).saturating_duration_since(phase);
    let rounds = (elapsed.as_nanos() / interval.as_nanos().max(1)) as u32;
    let due = phase + interval * (rounds + 1);
    (due + jittered).checked_sub(interval).unwrap_or(due)
}

/// Where in the first seconds an instance is asked first: always the same place.
fn stagger(probe: &Probe) -> Duration {
    let mut hasher = DefaultHasher::new();
    (probe.service.as_str(), &probe.address).hash(&mut hasher);
    let span = probe.interval.min(MAX_STAGGER).as_millis() as u64;
    Duration::from_millis(hasher.finish() % span.max(1))
}

/// Two clocks that started together.
struct Clock {
    started: Instant,
}

impl Clock {
    fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    fn now(&self) -> Moment {
        Moment {
            millis: self.started.elapsed().as_millis() as u64,
            wall: Timestamp::now(),
        }
    }
}

/// Whether the machine slept in between: ours stands still then, the wall clock not.
fn has_slept(last: Moment, now: Moment) -> bool {
    let ours = Duration::from_millis(now.millis.saturating_sub(last.millis));
    let wall = now.wall.duration_since(last.wall);
    Duration::try_from(wall).is_ok_and(|wall| wall > ours + SLEPT)
}

#[cfg(test)]
mod tests;
