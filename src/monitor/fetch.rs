//! One GET: within a time, within a size, to an allowed address, and nothing else.
//!
//! There is no way to send any other method from here, because management endpoints
//! change things on POST; the exceptions are gRPC's own health check, which knows one
//! path and no other, and a webhook, which a person named. Redirects are off, and so are proxies unless the design names
//! one. A name is looked up, its addresses are judged, and the connection goes to the
//! address that was judged. What comes back does not hold the secret that was sent.

mod answer;
mod calling;
mod client;
mod failure;
mod files;
mod names;
mod opening;
mod secret;

use std::{net::IpAddr, sync::OnceLock, time::Duration};

use reqwest::{
    Client,
    header::{ACCEPT, AUTHORIZATION},
};
use tokio::time::{Instant, timeout};
use url::Url;

pub use answer::Answer;
pub use client::Way;
pub use failure::Failure;
pub use secret::Secret;

pub(super) use calling::failure_of;
pub(super) use names::{check as check_literal, look_up};
pub(super) use opening::Opened;
pub(super) use secret::{Known, SHORTEST_HIDDEN};

use self::{client::Speaks, failure::Broken};
use super::Reach;

/// The longest answer about health that is read, in bytes after decompression.
pub const MAX_HEALTH_BYTES: usize = 256 * 1024;

/// The longest list of breakers that is read: some thousand of them. Sixteen answers
/// are read at once, and parsed JSON takes many times its text.
pub const MAX_LIST_BYTES: usize = 1024 * 1024;

/// The longest metrics page that is read.
pub const MAX_METRICS_BYTES: usize = 16 * 1024 * 1024;

/// JSON where there is a choice, and metrics in the older form, which all understand.
const ACCEPTED: &str = "application/json, application/health+json, \
    text/plain;version=0.0.4;q=0.9, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1";

/// The client that all polls of one way share.
#[derive(Debug)]
pub struct Fetcher {
    way: Way,
    client: Result<Client, Failure>,
    /// For those who speak nothing but HTTP/2; made when the first is met.
    newer: OnceLock<Result<Client, Failure>>,
    /// For gRPC; made for the first such server.
    calling: OnceLock<Result<Client, Failure>>,
}

impl Fetcher {
    /// Prepares a client. On a machine without root certificates plain HTTP still works.
    pub fn new() -> Self {
        Self::through(&Way::default())
    }

    /// Prepares a client for a way; what is wrong with it is what asking answers. Files
    /// of certificates are read here.
    pub fn through(way: &Way) -> Self {
        Self::speaking(way, Speaks::Http1)
    }

    /// The same with a new connection for each question, for those of whom there are too
    /// many to keep one for each.
    pub fn anew(way: &Way) -> Self {
        Self::speaking(way, Speaks::Http1Anew)
    }

    fn speaking(way: &Way, speaks: Speaks) -> Self {
        Self {
            way: way.clone(),
            client: way.client(speaks),
            newer: OnceLock::new(),
            calling: OnceLock::new(),
        }
    }

    /// The same, but of a host this one address alone is asked.
    pub(super) fn to_address(&self, host: &str, address: IpAddr) -> Self {
        Self::through(&Way {
            only: Some((host.to_owned(), address)),
            ..self.way.clone()
        })
    }

    /// Asks once; `limit` is for all of it, and `max_bytes` for anything but metrics.
    /// A secret that a keyring keeps is waited for before that.
    pub async fn get(
        &self,
        url: &Url,
        secret: Option<&Secret>,
        limit: Duration,
        max_bytes: usize,
    ) -> Result<Answer, Failure> {
        let known = match secret {
            Some(secret) => secret.known().await.ok(),
            None => None,
        };
        let request = Request {
            url,
            known,
            max_bytes,
        };
        let started = Instant::now();
        let answer = match timeout(limit, self.ask(&request)).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::new(
                Reach::TimedOut,
                format!("no complete answer within {} ms", limit.as_millis()),
            )),
        };
        answer.map(|answer| Answer {
            latency_ms: started.elapsed().as_secs_f64() * 1000.0,
            ..answer
        })
    }

    async fn ask(&self, request: &Request<'_>) -> Result<Answer, Failure> {
        let client = self.client.as_ref().map_err(Clone::clone)?;
        names::check(request.url)?;
        match request.send(client, &self.way).await {
            Err(Broken::OnlyHttp2) => {}
            Err(Broken::For(failure)) => return Err(failure),
            Ok(answer) => return Ok(answer),
        }
        let newer = self.newer.get_or_init(|| self.way.client(Speaks::Http2));
        let client = newer.as_ref().map_err(Clone::clone)?;
        let answer = request.send(client, &self.way).await;
        answer.map_err(Broken::into_failure)
    }
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new()
    }
}

/// A client that goes by no proxy, follows nobody and judges every address it looks up.
pub(super) fn plain_client() -> Result<Client, Failure> {
    Way::default().client(Speaks::Http1)
}

/// One question.
struct Request<'a> {
    url: &'a Url,
    known: Option<&'a Known>,
    max_bytes: usize,
}

impl Request<'_> {
    async fn send(&self, client: &Client, way: &Way) -> Result<Answer, Broken> {
        let url = way.named(self.url);
        let mut request = client.get(url.as_ref().clone()).header(ACCEPT, ACCEPTED);
        if let Some(known) = self.known {
            request = request.header(AUTHORIZATION, known.header());
        }
        let sent = request.send().await;
        let response = sent.map_err(|it| Broken::new(&it, way, &url))?;
        answer::read(response, way, &url, self).await
    }
}

#[cfg(test)]
mod tests;
