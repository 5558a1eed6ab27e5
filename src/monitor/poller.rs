//! The poller: one task for each instance, and one that collects what they find.
//!
//! An instance is never asked twice at once, and never before its time. All state is
//! in the collecting task; readers get the newest snapshot, four times a second at
//! most. Dropping the [`Monitor`] ends every task.

pub(super) mod schedule;

use std::{sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    sync::{broadcast, mpsc, oneshot, watch},
    task::{AbortHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout_at},
};

use crate::model::ServiceId;

use super::{
    Health, Notices, Observation, Snapshot,
    clock::{Clock, has_slept},
    fetch::Failure,
    plan::{MonitorPlan, Probe},
    polls::{Poll, Polls, feed_for},
    probing::{Limits, Prober},
    readers::{Published, Snapshots, Transitions},
    resolving,
    roster::{Numbers, Roster},
    source::{self, Feed},
    store::{Moment, Pace, Sample, Seated, Store, Streamed},
    stream,
};

use schedule::{Steps, next_poll, stagger};

/// At most so often a snapshot is published.
const PUBLISH_EVERY: Duration = Duration::from_millis(250);

/// At least so often, because ages grow without any news.
const TICKS_TO_REFRESH: u32 = 8;

/// Polls until it is dropped.
#[derive(Debug)]
pub struct Monitor {
    roster: Roster,
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
        let roster = Roster::new(&plan);
        let numbers = Numbers::new(roster.clone());
        let collector = Collector::new(plan, publish, polls.clone(), numbers);
        let task = runtime.spawn(collector.run(wake)).abort_handle();
        Self {
            roster,
            published,
            polls,
            task,
        }
    }

    /// The service and the address of each instance that is asked itself.
    pub fn instances(&self) -> Vec<(ServiceId, String)> {
        self.roster.after(0)
    }

    /// The same for whoever stays: more are added while names are looked up.
    pub fn roster(&self) -> Roster {
        self.roster.clone()
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
    let ask = |polls: &mut JoinSet<_>, number| {
        let mut prober = Prober::new(&plan, &limits, number);
        polls.spawn(async move { prober.sample().await });
    };
    for number in by_themselves(&plan) {
        ask(&mut polls, number);
    }
    let mut questions = JoinSet::new();
    for number in 0..plan.sources.len() {
        let feed = Feed::new(&plan, &limits, number);
        questions.spawn(async move { (number, source::ask_once(&feed).await) });
    }
    let streams = stream::Once::start(&plan, &limits);
    let deadline = Instant::now() + limit;
    let (seated, silent) = resolving::look_up_all(&plan, &limits, deadline).await;
    for sample in silent {
        store.ingest(sample, clock.now());
    }
    for it in seated {
        for (number, _) in &it.seats {
            ask(&mut polls, *number);
        }
        store.ingest_seated(it, clock.now());
    }
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
    /// By who looks a name up.
    Seated(Seated),
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
    numbers: Numbers,
}

impl Collector {
    fn new(
        plan: Arc<MonitorPlan>,
        publish: watch::Sender<Published>,
        polls: broadcast::Sender<Poll>,
        numbers: Numbers,
    ) -> Self {
        let clock = Clock::start();
        Self {
            store: Store::new(Arc::clone(&plan), clock.now()),
            plan,
            publish,
            polls,
            clock,
            numbers,
        }
    }

    async fn run(mut self, wake: impl Fn()) {
        let limits = Arc::new(Limits::new(&self.plan));
        // Few, so that a slow collector slows polling down instead of filling memory.
        let (reports, mut inbox) = mpsc::channel(64);
        let (restart, _) = watch::channel(());
        let mut tasks = JoinSet::new();
        let shared = || (Arc::clone(&self.plan), Arc::clone(&limits));
        for number in by_themselves(&self.plan) {
            let (reports, restarts) = (reports.clone(), restart.subscribe());
            tasks.spawn(ask_for_ever(shared(), number, reports, restarts));
        }
        for number in 0..self.plan.groups.len() {
            let (reports, restarts) = (reports.clone(), restart.subscribe());
            let resolving = resolving::keep_resolving(shared(), number, reports, restarts);
            tasks.spawn(resolving);
        }
        for number in 0..self.plan.sources.len() {
            let feed = Feed::new(&self.plan, &limits, number);
            tasks.spawn(source::follow(feed, reports.clone(), restart.subscribe()));
        }
        tasks.spawn(stream::follow_all(
            shared(),
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
                poll.instance = self.numbers.of(sample.probe);
                let next = self.store.ingest(sample, now);
                if self.store.is_offline() && poll.reach.is_network_error() {
                    poll.health = Health::Unknown;
                }
                // Often nobody wants to know.
                self.polls.send(poll).ok();
                // The probe is gone only if this task is about to end.
                pace.send(next).ok();
            }
            Report::Seated(told) => self.seat(told, now),
            Report::Streamed(told) => self.store.ingest_streamed(told, now),
            Report::Observation { source, result } => {
                self.store.ingest_observation(source, result, now);
            }
        }
    }

    fn seat(&mut self, told: Seated, now: Moment) {
        let numbers: Vec<_> = told.seats.iter().map(|(number, _)| *number).collect();
        self.store.ingest_seated(told, now);
        for number in numbers {
            if let Some(probe) = self.plan.probes.get(number) {
                let address = self.store.address(number);
                self.numbers.seat(number, &probe.service, address);
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

/// The probes of all instances but those that stand for the addresses of a name.
fn by_themselves(plan: &MonitorPlan) -> impl Iterator<Item = usize> {
    let probes = plan.probes.iter().enumerate();
    let by_themselves = probes.filter(|(_, it)| it.group.is_none());
    by_themselves.map(|(number, _)| number)
}

/// Asks the instance of a probe at its pace, for ever.
pub(super) async fn ask_for_ever(
    (plan, limits): (Arc<MonitorPlan>, Arc<Limits>),
    number: usize,
    reports: mpsc::Sender<Report>,
    restarts: watch::Receiver<()>,
) {
    let prober = Prober::new(&plan, &limits, number);
    if let Some(probe) = plan.probes.get(number) {
        keep_asking((probe, prober), limits.steps, reports, restarts).await;
    }
}

/// Asks an instance at its pace, for ever.
async fn keep_asking(
    (probe, mut prober): (&Probe, Prober),
    steps: Steps,
    reports: mpsc::Sender<Report>,
    mut restarts: watch::Receiver<()>,
) {
    let mut phase = Instant::now() + stagger(probe);
    let mut next = steps.at_or_after(phase);
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
                next = steps.at_or_after(phase);
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
        next = steps.at_or_after(next_poll(probe, pace, phase, began, fastrand::f64()));
    }
}

#[cfg(test)]
mod tests;
