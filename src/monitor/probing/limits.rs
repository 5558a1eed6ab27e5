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
        Self::keeping(plan, most_kept())
    }

    /// Keeps at most so many connections.
    fn keeping(plan: &MonitorPlan, most: usize) -> Self {
        let slot = |it: &Probe| (it.slot.clone(), Semaphore::new(MAX_PER_HOST));
        let fetchers = plan.ways.iter().map(Fetcher::through).map(Arc::new);
        Self {
            fetchers: fetchers.collect(),
            anew: plan.ways.iter().map(|_| OnceLock::new()).collect(),
            kept: kept(plan, most),
            steps: Steps::of(plan.probes.len()),
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

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
    };

    use super::{Limits, kept};
    use crate::{
        model::{EnvironmentId, ServiceId, testing::model},
        monitor::{Consent, MonitorPlan, fetch::MAX_HEALTH_BYTES},
        project::{Environment, Project, Target},
    };

    fn plan(targets: &[(&str, &str, u64)]) -> MonitorPlan {
        let target = |(service, address, interval_ms): &(&str, &str, u64)| {
            let target = Target {
                instances: vec![(*address).to_owned()],
                interval_ms: Some(*interval_ms),
                ..Target::default()
            };
            (ServiceId::new(*service).unwrap(), target)
        };
        let environment = Environment {
            targets: targets.iter().map(target).collect::<BTreeMap<_, _>>(),
            ..Environment::default()
        };
        let id = EnvironmentId::new("here").unwrap();
        let project = Project {
            model: model("x(a, b, c, d)"),
            environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
            ..Project::default()
        };
        MonitorPlan::new(&project, &id, &Consent::default()).unwrap()
    }

    #[test]
    fn of_too_many_those_asked_most_often_and_those_encrypted_keep_their_connections() {
        let plan = plan(&[
            ("a", "http://127.0.0.1:1", 5_000),
            ("b", "https://127.0.0.1:2", 5_000),
            ("c", "http://127.0.0.1:3", 1_000),
            ("d", "https://127.0.0.1:4", 60_000),
        ]);
        assert_eq!(kept(&plan, 2), [2, 1].into());
        assert_eq!(kept(&plan, 3), [2, 1, 0].into());
        assert_eq!(kept(&plan, 0), [].into());
    }

    /// Answers as often as it is asked, and counts who connects.
    async fn serve(connections: Arc<AtomicUsize>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(stream));
            }
        });
        format!("http://{address}")
    }

    async fn answer(mut stream: TcpStream) {
        let mut request = [0; 2048];
        while let Ok(1..) = stream.read(&mut request).await {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            stream.write_all(answer).await.ok();
        }
    }

    #[tokio::test]
    async fn whose_connection_is_not_kept_gets_another_each_time() {
        let counts: [Arc<AtomicUsize>; 2] = Default::default();
        let a = serve(Arc::clone(&counts[0])).await;
        let b = serve(Arc::clone(&counts[1])).await;
        let plan = plan(&[("a", &a, 1_000), ("b", &b, 2_000)]);
        let limits = Limits::keeping(&plan, 1);
        for _ in 0..3 {
            for number in [0, 1] {
                let fetcher = limits.fetcher_of(&plan, number).unwrap();
                let url = &plan.probes[number].paths[0].url;
                let limit = Duration::from_secs(20);
                fetcher
                    .get(url, None, limit, MAX_HEALTH_BYTES)
                    .await
                    .unwrap();
            }
        }
        let counts = counts.map(|it| it.load(Ordering::SeqCst));
        assert_eq!(counts, [1, 3]);
    }
}
