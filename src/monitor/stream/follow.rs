//! One stream, followed for as long as somebody watches.

use std::{pin::pin, time::Duration};

use futures_util::stream::StreamExt as _;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout_at},
};

use super::{
    Id, Shared,
    events::{events, paced, pieces},
    has_only_news,
    hearing::Hearing,
};
use crate::monitor::{
    Reach,
    fetch::{Failure, Opened},
    format::{BreakerReading, by_code, detect},
    plan::{Probe, ProbePath},
    poller::Report,
    store::Streamed,
};

/// What does not change is told this often, so that it does not grow old.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// The most changes that are told at once in that time; more wait for its end.
const MOST_AT_ONCE: u32 = 50;

/// Within so long the headers must come: hystrix-go sends them with its first event.
const OPEN_LIMIT: Duration = Duration::from_secs(5);

/// Within so long every known stream tells of all its breakers.
const ONCE_AROUND: Duration = Duration::from_secs(2);

/// The first and the longest wait before a stream that ended is opened again.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How long one is left alone that refuses whoever asks.
const REFUSED_WAIT: Duration = Duration::from_mins(1);

/// The longest wait that a service may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_mins(5);

/// Follows one stream.
pub(super) struct Follower {
    shared: Shared,
    id: Id,
    hearing: Hearing,
}

/// Why a stream is not heard any more.
#[derive(Debug)]
struct End {
    failure: Failure,
    /// How long it should be left alone, where that is not ours to choose.
    wait: Option<Duration>,
    /// Whether anything was heard before.
    has_heard: bool,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            wait: None,
            has_heard: false,
        }
    }
}

impl Follower {
    pub(super) fn new(shared: Shared, id: Id) -> Self {
        let path = shared.0.probes.get(id.0).and_then(|it| it.paths.get(id.1));
        let has_only_news = path.is_some_and(|it| has_only_news(it.url.path()));
        Self {
            shared,
            id,
            hearing: Hearing::new(has_only_news),
        }
    }

    /// Listens again and again, and tells what is heard until nobody wants to know.
    pub(super) async fn follow(
        mut self,
        reports: mpsc::Sender<Report>,
        mut restarts: watch::Receiver<()>,
    ) {
        let mut failures = 0;
        loop {
            let end = tokio::select! {
                end = self.listen(&reports) => end,
                // The connection did not survive that the machine slept.
                Ok(()) = restarts.changed() => {
                    failures = 0;
                    continue;
                }
            };
            failures = if end.has_heard { 1 } else { failures + 1 };
            let told = self.streamed(Err(end.failure));
            if reports.send(Report::Streamed(told)).await.is_err() {
                return;
            }
            let wait = wait_after(failures, end.wait, fastrand::f64());
            tokio::select! {
                () = sleep(wait) => {}
                Ok(()) = restarts.changed() => failures = 0,
            }
        }
    }

    /// Listens until every breaker was heard of once, at most as long as the instance may
    /// take for an answer, or as a stream needs to come around.
    pub(super) async fn listen_once(mut self) -> Streamed {
        let limit = self.probe().map_or(ONCE_AROUND, |it| it.timeout);
        let deadline = Instant::now() + limit.max(ONCE_AROUND);
        let result = self.hear_all(deadline).await;
        let result = result.map(|()| self.hearing.news());
        self.streamed(result)
    }

    async fn hear_all(&mut self, deadline: Instant) -> Result<(), Failure> {
        let silent = |_| Failure::new(Reach::TimedOut, "nothing was heard in time");
        let opened = timeout_at(deadline, self.open()).await.map_err(silent)?;
        let answer = opened.map_err(|end| end.failure)?;
        if let Some(breakers) = self.ask_beside().await {
            self.hearing.start_with(breakers);
            return Ok(());
        }
        let mut events = pin!(events(paced(pieces(answer))));
        while let Ok(Some(event)) = timeout_at(deadline, events.next()).await {
            let taken = self.hearing.take(&event?.data, Instant::now());
            if taken.is_repeated {
                break;
            }
        }
        Ok(())
    }

    /// Opens the stream and tells what is heard until it ends.
    async fn listen(&mut self, reports: &mpsc::Sender<Report>) -> End {
        let answer = match self.open().await {
            Ok(answer) => answer,
            Err(end) => return end,
        };
        self.hearing.begin_again();
        // Whatever changes from here on waits in the stream.
        if let Some(breakers) = self.ask_beside().await {
            self.hearing.start_with(breakers);
        }
        let mut has_heard = false;
        let mut told_at_once = 0;
        let mut ticks = interval(TELL_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut events = pin!(events(paced(pieces(answer))));
        let failure = loop {
            let news = tokio::select! {
                event = events.next() => match event {
                    Some(Ok(event)) => {
                        has_heard = true;
                        let taken = self.hearing.take(&event.data, Instant::now());
                        if !taken.has_changed || told_at_once >= MOST_AT_ONCE {
                            continue;
                        }
                        told_at_once += 1;
                        self.hearing.news()
                    }
                    Some(Err(failure)) => break failure,
                    None => break Failure::new(Reach::Reset, "the stream has ended"),
                },
                _ = ticks.tick() => {
                    told_at_once = 0;
                    self.hearing.standing()
                }
            };
            let told = self.streamed(Ok(news));
            if reports.send(Report::Streamed(told)).await.is_err() {
                break Failure::new(Reach::Reset, "nobody listens any more");
            }
        };
        End {
            has_heard,
            ..failure.into()
        }
    }

    /// Asks for the stream and judges its headers.
    async fn open(&self) -> Result<Opened, End> {
        let (Some(probe), Some(path)) = (self.probe(), self.path()) else {
            return Err(Failure::new(Reach::Unparseable, "there is no such path").into());
        };
        let (_, limits) = &self.shared;
        let _room = limits.room(probe).await;
        let secret = probe.secret.as_ref().filter(|_| path.is_own);
        let fetcher = limits.fetcher_of(&self.shared.0, self.id.0);
        let fetcher = fetcher
            .ok_or_else(|| Failure::new(Reach::NameUnknown, "it has no address any more"))?;
        let answer = fetcher.open(&path.url, secret, OPEN_LIMIT).await?;
        if answer.status() == 200 && answer.is_event_stream() {
            return Ok(answer);
        }
        Err(refusal(&answer, path))
    }

    /// The breakers as they are now, where the stream tells of changes alone.
    async fn ask_beside(&self) -> Option<Vec<BreakerReading>> {
        let (probe, path) = (self.probe()?, self.path()?);
        let start = path.url.path();
        let cut = ["/streamcircuit", "/hystrixstreamcircuit"];
        let cut = cut.iter().find_map(|it| start.find(it))?;
        let mut url = path.url.clone();
        url.set_path(&format!("{}/circuitbreakers", &start[..cut]));
        url.set_query(None);
        let (_, limits) = &self.shared;
        let secret = probe.secret.as_ref().filter(|_| path.is_own);
        let fetcher = limits.fetcher_of(&self.shared.0, self.id.0)?;
        let answer = fetcher.get(&url, secret, probe.timeout, path.role.max_bytes());
        let answer = answer.await.ok()?;
        let reading = detect(answer.status, &answer.content_type, &answer.body);
        (!reading.breakers.is_empty()).then_some(reading.breakers)
    }

    fn probe(&self) -> Option<&Probe> {
        self.shared.0.probes.get(self.id.0)
    }

    fn path(&self) -> Option<&ProbePath> {
        self.probe()?.paths.get(self.id.1)
    }

    fn streamed(&self, result: Result<Vec<BreakerReading>, Failure>) -> Streamed {
        Streamed {
            probe: self.id.0,
            path: self.id.1,
            title: self.hearing.title,
            result,
        }
    }
}

/// What an answer that is no stream means.
fn refusal(answer: &Opened, path: &ProbePath) -> End {
    let status = answer.status();
    let is_hystrix = path.url.path().contains("hystrix.stream");
    let asked = answer.retry_after().map(|it| it.min(MAX_RETRY_AFTER));
    let (failure, wait) = match status {
        200..300 => {
            let content_type = answer.content_type();
            let message = format!("this is no event stream, but {content_type:?}");
            (Failure::new(Reach::Unparseable, message), REFUSED_WAIT)
        }
        503 if is_hystrix => {
            let message = "HTTP 503: Hystrix has as many clients as it serves, five by default; \
                           asked again in a minute";
            (Failure::new(Reach::Blocked, message), REFUSED_WAIT)
        }
        401 | 403 | 404 => {
            let (_, reach) = by_code(status);
            let message = format!("HTTP {status}: {}", reach.label());
            (Failure::new(reach, message), REFUSED_WAIT)
        }
        _ => {
            let failure = Failure::new(Reach::Unparseable, format!("HTTP {status}"));
            return End {
                wait: asked,
                ..failure.into()
            };
        }
    };
    End {
        wait: Some(asked.unwrap_or(wait)),
        ..failure.into()
    }
}

/// How long to wait after so many failures in a row; `random` is from 0 to 1 and spreads
/// the waits by a quarter to both sides.
fn wait_after(failures: u32, asked: Option<Duration>, random: f64) -> Duration {
    let doubled = FIRST_WAIT * 2_u32.saturating_pow(failures.saturating_sub(1).min(8));
    let wait = asked.unwrap_or(doubled.min(LONGEST_WAIT)).max(FIRST_WAIT);
    wait.mul_f64(0.75 + random / 2.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::wait_after;

    #[test]
    fn a_stream_that_fails_is_opened_less_and_less_often() {
        let wait = |failures| wait_after(failures, None, 0.5).as_secs();
        let waits: Vec<_> = (1..9).map(wait).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        let asked = |seconds| wait_after(1, Some(Duration::from_secs(seconds)), 0.5);
        assert_eq!(asked(60), Duration::from_mins(1));
        assert_eq!(asked(0), Duration::from_secs(1), "never without a pause");
        assert_eq!(wait_after(6, None, 0.0), Duration::from_millis(22_500));
        assert_eq!(wait_after(6, None, 1.0), Duration::from_millis(37_500));
    }
}
