//! Asking one instance: its paths one after the other, within the limits of all.

pub(super) mod limits;

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};

use super::{
    Reach,
    fetch::{Answer, Fetcher},
    format::{Reading, detect_as, detect_with},
    grpc,
    plan::{Manner, MonitorPlan, Probe, ProbePath, Role},
    store::{PathReading, PathResult, Sample},
};

pub(super) use limits::Limits;

/// After so long whoever is asked does not crowd others, because little comes.
const SLOW_AFTER: Duration = Duration::from_secs(1);

/// How long a path that told of no breakers is left alone at first, and at most: each time
/// twice as long, because most services have none, and never will.
const CANDIDATE_PAUSE: Duration = Duration::from_mins(1);
const MAX_CANDIDATE_PAUSE: Duration = Duration::from_mins(15);

/// Reading more bytes than this would hold up other tasks.
const MAX_INLINE_BYTES: usize = 64 * 1024;

/// Asks one instance again and again, and remembers which paths are not worth it.
#[derive(Debug)]
pub(super) struct Prober {
    plan: Arc<MonitorPlan>,
    limits: Arc<Limits>,
    number: usize,
    /// When it was asked last: once there was room for it.
    asked_at: Instant,
    /// For how long each path is left alone.
    pauses: Vec<Pause>,
}

/// For how long a path is left alone.
#[derive(Debug, Clone, Copy, Default)]
struct Pause {
    until: Option<Instant>,
    /// How long the last one was.
    length: Duration,
}

impl Pause {
    fn is_over(self) -> bool {
        self.until.is_none_or(|until| until <= Instant::now())
    }

    fn next(self) -> Self {
        let length = (2 * self.length).clamp(CANDIDATE_PAUSE, MAX_CANDIDATE_PAUSE);
        Self {
            until: Some(Instant::now() + length),
            length,
        }
    }
}

impl Prober {
    pub(super) fn new(plan: &Arc<MonitorPlan>, limits: &Arc<Limits>, number: usize) -> Self {
        let paths = plan.probes.get(number).map_or(0, |it| it.paths.len());
        Self {
            plan: Arc::clone(plan),
            limits: Arc::clone(limits),
            number,
            asked_at: Instant::now(),
            pauses: vec![Pause::default(); paths],
        }
    }

    /// When it was asked last.
    pub(super) fn asked_at(&self) -> Instant {
        self.asked_at
    }

    /// Asks once; `None` if there is nothing to ask.
    pub(super) async fn sample(&mut self) -> Option<Sample> {
        let plan = Arc::clone(&self.plan);
        let probe = plan.probes.get(self.number)?;
        let limits = Arc::clone(&self.limits);
        // A keyring may wait for a person, and nobody else shall wait for that.
        if let Some(secret) = &probe.secret {
            secret.known().await.ok();
        }
        let (_host, place) = limits.room(probe).await?;
        self.asked_at = Instant::now();
        let mut asking = pin!(self.ask_all(probe, &limits));
        if let Ok(sample) = timeout(SLOW_AFTER, &mut asking).await {
            return sample;
        }
        let Ok(_slow) = limits.slow.try_acquire() else {
            return asking.await;
        };
        drop(place);
        asking.await
    }

    async fn ask_all(&mut self, probe: &Probe, limits: &Limits) -> Option<Sample> {
        let fetcher = &*limits.fetcher_of(&self.plan, self.number)?;
        let (health, others) = probe.paths.split_first()?;
        let (health, is_stream) = ask(fetcher, probe, health).await;
        if is_stream {
            limits.streams.add(self.number, 0);
        }
        let is_silent = matches!(&health.result, Err(it) if it.reach.is_network_error());
        if is_silent {
            // What comes back may be another version.
            self.pauses.fill(Pause::default());
        }
        let mut more = Vec::new();
        for (position, path) in others.iter().enumerate() {
            let pause = self.pauses.get_mut(position + 1)?;
            if is_silent || !pause.is_over() || limits.streams.has(self.number, position + 1) {
                continue;
            }
            let (result, is_stream) = ask(fetcher, probe, path).await;
            if is_stream {
                limits.streams.add(self.number, position + 1);
                continue;
            }
            if path.role == Role::Candidate && !tells_of_breakers(&result) {
                *pause = pause.next();
                continue;
            }
            more.push(result);
        }
        Some(Sample {
            probe: self.number,
            health,
            more,
        })
    }
}

fn tells_of_breakers(it: &PathResult) -> bool {
    let read = it.result.as_ref();
    read.is_ok_and(|it| !it.reading.breakers.is_empty())
}

/// What came of one path, and whether it is a stream that should be followed instead.
async fn ask(fetcher: &Fetcher, probe: &Probe, path: &ProbePath) -> (PathResult, bool) {
    let secret = probe.secret.as_ref().filter(|_| path.is_own);
    let (url, limit) = (&path.url, probe.timeout);
    let mut is_stream = false;
    let result = match &path.manner {
        Manner::GrpcHealth(service) => grpc::check(fetcher, url, service, secret, limit).await,
        Manner::Page | Manner::Stream => {
            match fetcher.get(url, secret, limit, path.role.max_bytes()).await {
                Ok(answer) => {
                    is_stream = answer.is_stream;
                    Ok(read(answer, probe, path.role).await)
                }
                Err(failure) => Err(failure),
            }
        }
    };
    let result = result.map(|mut read| {
        if let Some(secret) = secret {
            let reading = &mut read.reading;
            reading.for_each_text(&mut |it| secret.hide(it));
            reading.note = secret.problem().or(reading.note.take());
        }
        read
    });
    let path = path.path.clone();
    (PathResult { path, result }, is_stream)
}

async fn read(answer: Answer, probe: &Probe, role: Role) -> PathReading {
    let format = match role {
        Role::Health => probe.format.clone(),
        Role::More | Role::Candidate => String::new(),
    };
    let (status, latency_ms) = (answer.status, answer.latency_ms);
    let retry_after = answer.retry_after.map(|it| it.as_millis() as u64);
    let is_long = answer.body.len() > MAX_INLINE_BYTES;
    let gauges = probe.gauges.clone();
    let detect = move || {
        let (content_type, body) = (&answer.content_type, &answer.body);
        detect_with(&gauges, &format, status, content_type, body)
    };
    let reading = if is_long {
        let read = tokio::task::spawn_blocking(detect).await;
        read.unwrap_or_else(|_| unreadable(status))
    } else {
        detect()
    };
    PathReading {
        status,
        latency_ms,
        retry_after_ms: retry_after,
        reading,
    }
}

/// Reading was cut off, which happens only while the program ends.
fn unreadable(status: u16) -> Reading {
    Reading {
        reach: Reach::Unparseable,
        ..detect_as("", status, "", &[])
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::{Limits, Prober};
    use crate::{
        model::testing::model,
        monitor::{
            MonitorPlan, Placing,
            address::parse_address,
            fetch::{Secret, Way},
            format::GaugeStates,
            plan::{Manner, Probe, ProbePath, Role},
            resolving::Names,
        },
    };

    /// A program that answers with the request it got, as a text.
    async fn echo() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                let has_secret = request[..length].windows(3).any(|it| it == b"top");
                let body = format!(r#"{{"status":"secret seen: {has_secret}"}}"#);
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).await.ok();
            }
        });
        format!("http://{address}/x")
    }

    #[tokio::test]
    async fn a_secret_is_sent_to_its_own_origin_alone() {
        let mut paths = Vec::new();
        for (role, is_own) in [(Role::Health, true), (Role::More, false)] {
            let url = parse_address(&echo().await).unwrap();
            paths.push(ProbePath {
                path: "/x".to_owned(),
                url,
                role,
                manner: Manner::Page,
                is_own,
            });
        }
        let service = crate::model::ServiceId::new("a").unwrap();
        let plan = Arc::new(MonitorPlan {
            model: model("x(a)"),
            placing: Arc::new(Placing::default()),
            naming: Arc::default(),
            services: vec![service.clone()],
            sources: Vec::new(),
            webhook: None,
            between: std::collections::BTreeMap::new(),
            ways: vec![Way::default()],
            probes: vec![Probe {
                service,
                address: String::new(),
                host: None,
                slot: String::new(),
                interval: Duration::from_secs(10),
                timeout: Duration::from_secs(5),
                paths,
                way: 0,
                is_insecure: false,
                secret: Secret::new("Bearer top"),
                format: String::new(),
                gauges: GaugeStates::default(),
                note: None,
                group: None,
            }],
            groups: Vec::new(),
            names: Names::default(),
        });
        let limits = Arc::new(Limits::new(&plan));
        let sample = Prober::new(&plan, &limits, 0).sample().await.unwrap();
        let raw = |it: &super::PathResult| it.result.as_ref().unwrap().reading.raw.clone();
        assert_eq!(raw(&sample.health), "secret seen: true");
        assert_eq!(raw(&sample.more[0]), "secret seen: false");
    }
}
