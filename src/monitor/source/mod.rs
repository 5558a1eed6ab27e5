//! Programs that tell of many services at once: Consul, Prometheus, Envoy, Docker.
//!
//! One file for each kind. A kind asks, and what comes back is one complete
//! [`Observation`]; asking again, backing off and telling the store is done here for all
//! of them. A source that fails says nothing of the services it told of: what it said
//! last stays, and grows old.

mod consul;
mod docker;
mod envoy;
mod jaeger;
mod kubernetes;
mod page;
mod prometheus;
mod traces;
mod zipkin;

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use url::Url;

use super::{
    Reach,
    fetch::{Answer, Failure},
    observation::Observation,
    plan::{MonitorPlan, SourcePlan},
    poller::Report,
    probing::Limits,
};

/// The longest wait before a source that fails is asked again.
const MAX_BACKOFF: Duration = Duration::from_mins(1);

/// Sources are larger than a health answer.
pub(super) const MAX_SOURCE_BYTES: usize = 8 * 1024 * 1024;

/// A kind of source.
pub struct Kind {
    /// As it stands in a design.
    pub id: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// What it tells, in a few words.
    pub tells: &'static str,
    /// What it was tested against.
    pub tested_against: &'static str,
    /// Time between two questions where nobody says one.
    pub default_interval: Duration,
    /// Which word counts where several sources tell of the same service: the lowest.
    pub rank: u8,
    /// How many times in a row it must call an instance worse before that is shown: one
    /// for sources that damp by themselves.
    pub fall: u32,
    /// What of an address is needed.
    pub address: Address,
    /// Makes what asks.
    start: fn() -> Box<dyn Ask>,
}

impl fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id)
    }
}

/// What of an address a kind of source needs.
#[derive(Debug, Clone, Copy)]
pub enum Address {
    /// `http://` or `https://`.
    Http,
    /// The same, or `unix:///path/to/socket`.
    HttpOrSocket,
    /// None: this finds the start of it, or says why it cannot, unless one is given.
    /// Its host needs consent like any other.
    Found(fn() -> Result<Url, String>),
}

/// Every kind, in the order in which people read them.
pub const ALL: &[&Kind] = &[
    &consul::KIND,
    &prometheus::KIND,
    &kubernetes::KIND,
    &docker::KIND,
    &envoy::KIND,
    &page::KIND,
    &jaeger::KIND,
    &zipkin::KIND,
];

/// Finds a kind by its id.
pub fn find(id: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|it| it.id == id)
}

/// What comes of asking a source once.
pub(super) type Asked<'a> = Pin<Box<dyn Future<Output = Result<Observation, Failure>> + Send + 'a>>;

/// Asks a source again and again, and may remember what it needs for that.
pub(super) trait Ask: Send {
    /// Asks once. A source that can wait for news does so here, but answers at once the
    /// first time.
    fn ask<'a>(&'a mut self, feed: &'a Feed) -> Asked<'a>;

    /// Whether the last answer was waited for, so that the next question follows at once.
    fn has_waited(&self) -> bool {
        false
    }

    /// The wait before it is asked again after a first failure; it doubles with each more.
    fn retry(&self, source: &SourcePlan) -> Duration {
        source.interval
    }
}

/// A source and the ways to reach it.
#[derive(Debug)]
pub(super) struct Feed {
    plan: Arc<MonitorPlan>,
    limits: Arc<Limits>,
    number: usize,
}

impl Feed {
    pub(super) fn new(plan: &Arc<MonitorPlan>, limits: &Arc<Limits>, number: usize) -> Self {
        Self {
            plan: Arc::clone(plan),
            limits: Arc::clone(limits),
            number,
        }
    }

    /// What is said of the source.
    pub(super) fn source(&self) -> &SourcePlan {
        &self.plan.sources[self.number]
    }

    /// The plan it belongs to.
    pub(super) fn plan(&self) -> &MonitorPlan {
        &self.plan
    }

    /// What was told, without the secret, and with what is wrong with that.
    fn told(&self, result: Result<Observation, Failure>) -> Result<Observation, Failure> {
        let Some(secret) = &self.source().secret else {
            return result;
        };
        match result {
            Ok(mut observation) => {
                observation.for_each_text(&mut |it| secret.hide(it));
                observation.note = secret.problem().or(observation.note);
                Ok(observation)
            }
            Err(failure) => Err(match secret.problem() {
                Some(problem) => {
                    Failure::new(failure.reach, format!("{}; {problem}", failure.message))
                }
                None => failure,
            }),
        }
    }

    /// Asks for a path below the source's address, such as `/v1/health/state/any?wait=55s`.
    pub(super) async fn get(&self, path: &str, limit: Duration) -> Result<Answer, Failure> {
        let source = self.source();
        let url = source.url(path)?;
        let fetcher = self.limits.fetcher(source.way);
        fetcher
            .get(&url, source.secret.as_ref(), limit, MAX_SOURCE_BYTES)
            .await
    }

    /// The same, and refuses what is no answer of 200: who asks is told why.
    pub(super) async fn get_ok(&self, path: &str, limit: Duration) -> Result<Answer, Failure> {
        let answer = self.get(path, limit).await?;
        match answer.status {
            200..=299 => Ok(answer),
            401 | 403 => Err(Failure::new(
                Reach::AuthDenied,
                format!(
                    "HTTP {} at {path}: who asks is not allowed to",
                    answer.status
                ),
            )),
            404 => Err(Failure::new(
                Reach::NotFound,
                format!("HTTP 404: there is nothing at {path}"),
            )),
            status => Err(Failure::new(
                Reach::Unparseable,
                format!("HTTP {status} at {path}"),
            )),
        }
    }
}

/// Asks a source for ever, and reports every answer.
pub(super) async fn follow(
    feed: Feed,
    reports: mpsc::Sender<Report>,
    mut restarts: watch::Receiver<()>,
) {
    let source = feed.source();
    let mut asker = (source.kind.start)();
    let mut failures = 0_u32;
    loop {
        let began = Instant::now();
        let result = tokio::select! {
            result = asker.ask(&feed) => feed.told(result),
            // Whatever was under way before the machine slept means nothing now.
            Ok(()) = restarts.changed() => {
                asker = (source.kind.start)();
                continue;
            }
        };
        failures = match &result {
            Ok(_) => 0,
            Err(_) => failures.saturating_add(1),
        };
        let has_waited = result.is_ok() && asker.has_waited();
        let report = Report::Observation {
            source: feed.number,
            result,
        };
        if reports.send(report).await.is_err() {
            return;
        }
        if has_waited {
            continue;
        }
        let wait = match failures {
            0 => source.interval,
            _ => asker.retry(source) * 2_u32.saturating_pow((failures - 1).min(8)),
        };
        let next = began + wait.min(MAX_BACKOFF.max(source.interval));
        tokio::select! {
            () = sleep_until(next) => {}
            Ok(()) = restarts.changed() => asker = (source.kind.start)(),
        }
    }
}

/// Asks a source once.
pub(super) async fn ask_once(feed: &Feed) -> Result<Observation, Failure> {
    feed.told((feed.source().kind.start)().ask(feed).await)
}

#[cfg(test)]
mod tests;
