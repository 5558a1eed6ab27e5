//! Names each of whose addresses is an instance: looked up again and again, with a seat
//! for each address as long as the name leads there.
//!
//! One lost look-up takes nobody away: if it fails, those known before stay, and an
//! address goes only when it is missing twice in a row.

mod members;

use std::{
    collections::BTreeMap,
    fmt,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep, timeout_at},
};

use super::{
    fetch::{Failure, Fetcher, look_up},
    plan::{Group, MAX_ADDRESSES, MonitorPlan, Probe},
    poller::{Report, ask_for_ever},
    probing::Limits,
    store::{PathResult, Sample, Seated},
};

use members::{Members, chosen};

/// Names that are looked up at once.
const MAX_AT_ONCE: usize = 16;

/// What comes of looking a name up.
type Found = Pin<Box<dyn Future<Output = Result<Vec<IpAddr>, Failure>> + Send>>;

/// What looks names up.
#[derive(Clone)]
pub(super) struct Names(Arc<dyn Fn(String) -> Found + Send + Sync>);

impl Default for Names {
    fn default() -> Self {
        Self(Arc::new(|name| Box::pin(look_up(name))))
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Names")
    }
}

/// Who asks which address of a name, by the number of the probe.
#[derive(Debug)]
pub(super) struct Seats {
    fetchers: Mutex<BTreeMap<usize, Arc<Fetcher>>>,
    look_ups: Semaphore,
}

impl Default for Seats {
    fn default() -> Self {
        Self {
            fetchers: Mutex::default(),
            look_ups: Semaphore::new(MAX_AT_ONCE),
        }
    }
}

impl Seats {
    /// `None` if nobody sits there.
    pub(super) fn fetcher(&self, number: usize) -> Option<Arc<Fetcher>> {
        let fetchers = self.fetchers.lock();
        let fetchers = fetchers.unwrap_or_else(PoisonError::into_inner);
        fetchers.get(&number).cloned()
    }

    fn put(&self, number: usize, fetcher: Option<Fetcher>) {
        let fetchers = self.fetchers.lock();
        let mut fetchers = fetchers.unwrap_or_else(PoisonError::into_inner);
        match fetcher {
            Some(fetcher) => fetchers.insert(number, Arc::new(fetcher)),
            None => fetchers.remove(&number),
        };
    }
}

/// What a look-up makes of a name.
#[derive(Debug, PartialEq)]
enum Told {
    /// Somebody is behind it.
    Seated(Seated),
    /// It never led anywhere; this stands for its only instance.
    Silence(Sample),
}

/// Who came and who went, by the numbers of their probes.
#[derive(Debug, Default, PartialEq)]
struct Change {
    gone: Vec<usize>,
    new: Vec<(usize, IpAddr)>,
}

/// One name, and who is known to be behind it.
struct Resolver {
    plan: Arc<MonitorPlan>,
    limits: Arc<Limits>,
    number: usize,
    members: Members,
}

impl Resolver {
    fn new(plan: &Arc<MonitorPlan>, limits: &Arc<Limits>, number: usize) -> Self {
        Self {
            plan: Arc::clone(plan),
            limits: Arc::clone(limits),
            number,
            members: Members::default(),
        }
    }

    /// The name, and the first of its probes.
    fn group(&self) -> Option<(&Group, &Probe)> {
        let group = self.plan.groups.get(self.number)?;
        Some((group, self.plan.probes.get(group.first)?))
    }

    async fn look_up(&self) -> Option<Result<Vec<IpAddr>, Failure>> {
        let (group, _) = self.group()?;
        // The semaphore is never closed.
        let _turn = self.limits.seats.look_ups.acquire().await.ok()?;
        Some((self.plan.names.0)(group.name.clone()).await)
    }

    /// Takes what was found; those known before stay if that is nothing.
    fn take(&mut self, found: Result<Vec<IpAddr>, Failure>) -> Option<(Told, Change)> {
        let (group, probe) = self.group()?;
        let (first, name) = (group.first, group.name.clone());
        let path = probe.paths.first().map(|it| it.path.clone());
        let (change, note) = match found {
            Ok(found) => {
                let found = chosen(found);
                let count = found.len();
                let (gone, new) = self.members.take(&found);
                let change = Change {
                    gone: gone.into_iter().map(|it| first + it).collect(),
                    new: new.into_iter().map(|(it, ip)| (first + it, ip)).collect(),
                };
                let note =
                    format!("{name} has {count} addresses; {MAX_ADDRESSES} of them are asked");
                (change, (count > MAX_ADDRESSES).then_some(note))
            }
            Err(failure) if self.members.is_empty() => {
                let sample = Sample {
                    probe: first,
                    health: PathResult {
                        path: path.unwrap_or_default(),
                        result: Err(failure),
                    },
                    more: Vec::new(),
                };
                return Some((Told::Silence(sample), Change::default()));
            }
            Err(failure) => {
                let note = format!("{failure}; its addresses known before are asked");
                (Change::default(), Some(note))
            }
        };
        let seats = self.members.all().map(|(it, ip)| (first + it, ip));
        let seated = Seated {
            group: self.number,
            seats: seats.collect(),
            note,
        };
        Some((Told::Seated(seated), change))
    }

    /// Takes seats back and gives them to those who are new.
    async fn seat(&self, change: &Change) {
        for &number in &change.gone {
            self.limits.streams.remove(number);
            self.limits.seats.put(number, None);
        }
        let Some((group, probe)) = self.group().filter(|_| !change.new.is_empty()) else {
            return;
        };
        let (limits, way) = (Arc::clone(&self.limits), probe.way);
        let (name, new) = (group.name.clone(), change.new.clone());
        // Preparing a client reads certificates.
        let prepared = tokio::task::spawn_blocking(move || {
            for (number, address) in new {
                let fetcher = limits.fetcher(way).to_address(&name, address);
                limits.seats.put(number, Some(fetcher));
            }
        });
        // It is cut off only while the program ends.
        prepared.await.ok();
        for (number, _) in &change.new {
            self.limits.streams.add_known(*number, probe);
        }
    }

    /// Time to the next look-up; `random` is from 0 to 1.
    fn wait(&self, random: f64) -> Duration {
        let wait = self.group().map(|(group, probe)| {
            if self.members.is_empty() {
                probe.interval
            } else {
                group.refresh
            }
        });
        wait.unwrap_or_default().mul_f64(0.95 + random / 10.0)
    }
}

/// Looks a name up for ever, and asks those who are behind it at the time.
pub(super) async fn keep_resolving(
    (plan, limits): (Arc<MonitorPlan>, Arc<Limits>),
    number: usize,
    reports: mpsc::Sender<Report>,
    mut restarts: watch::Receiver<()>,
) {
    let mut resolver = Resolver::new(&plan, &limits, number);
    let mut asking = JoinSet::new();
    let mut tasks: BTreeMap<usize, AbortHandle> = BTreeMap::new();
    loop {
        let found = tokio::select! {
            found = resolver.look_up() => found,
            // Whatever was under way before the machine slept means nothing now.
            Ok(()) = restarts.changed() => continue,
        };
        let Some((told, change)) = found.and_then(|it| resolver.take(it)) else {
            return;
        };
        for task in change.gone.iter().filter_map(|it| tasks.remove(it)) {
            task.abort();
            // Nothing is reported of it from here on.
            asking.join_next().await;
        }
        resolver.seat(&change).await;
        let report = match told {
            Told::Seated(seated) => Report::Seated(seated),
            Told::Silence(sample) => {
                let (pace, _) = oneshot::channel();
                Report::Sample {
                    sample,
                    late: Duration::ZERO,
                    pace,
                }
            }
        };
        if reports.send(report).await.is_err() {
            return;
        }
        for (number, _) in change.new {
            let shared = (Arc::clone(&plan), Arc::clone(&limits));
            let (reports, restarts) = (reports.clone(), restarts.clone());
            let task = asking.spawn(ask_for_ever(shared, number, reports, restarts));
            tasks.insert(number, task);
        }
        tokio::select! {
            () = sleep(resolver.wait(fastrand::f64())) => {}
            Ok(()) = restarts.changed() => {}
        }
    }
}

/// Looks every name up once; gives who is behind them, and what stands for those that
/// lead nowhere.
pub(super) async fn look_up_all(
    plan: &Arc<MonitorPlan>,
    limits: &Arc<Limits>,
    deadline: Instant,
) -> (Vec<Seated>, Vec<Sample>) {
    let mut looking = JoinSet::new();
    for number in 0..plan.groups.len() {
        let mut resolver = Resolver::new(plan, limits, number);
        looking.spawn(async move {
            let found = resolver.look_up().await?;
            let (told, change) = resolver.take(found)?;
            resolver.seat(&change).await;
            Some(told)
        });
    }
    let (mut seated, mut silent) = (Vec::new(), Vec::new());
    while let Ok(Some(told)) = timeout_at(deadline, looking.join_next()).await {
        match told {
            Ok(Some(Told::Seated(it))) => seated.push(it),
            Ok(Some(Told::Silence(it))) => silent.push(it),
            Ok(None) | Err(_) => {}
        }
    }
    (seated, silent)
}

#[cfg(test)]
mod tests;
