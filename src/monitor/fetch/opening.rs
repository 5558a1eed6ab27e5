//! Opening a stream of events: up to its headers, and then piece by piece.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::{
    Client, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, RETRY_AFTER},
};
use tokio::time::timeout;
use url::Url;

use super::{Failure, Fetcher, Secret, check_literal, failure};
use crate::monitor::Reach;

/// An answer of which only the headers came.
#[derive(Debug)]
pub(in crate::monitor) struct Opened {
    response: Response,
    url: Url,
}

impl Fetcher {
    /// Asks for a stream of events; `limit` is for its headers alone.
    pub(in crate::monitor) async fn open(
        &self,
        url: &Url,
        secret: Option<&Secret>,
        limit: Duration,
    ) -> Result<Opened, Failure> {
        let client = usable(&self.client)?;
        check_literal(url)?;
        let mut request = client.get(url.clone()).header(ACCEPT, "text/event-stream");
        if let Some(Secret(value)) = secret {
            request = request.header(AUTHORIZATION, value.clone());
        }
        let response = timeout(limit, request.send()).await.map_err(|_| {
            let limit = limit.as_millis();
            Failure::new(Reach::TimedOut, format!("no answer within {limit} ms"))
        })?;
        Ok(Opened {
            response: response.map_err(|it| failure(&it, url))?,
            url: url.clone(),
        })
    }
}

impl Opened {
    /// HTTP status.
    pub(in crate::monitor) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Value of `Content-Type`; empty if there is none.
    pub(in crate::monitor) fn content_type(&self) -> String {
        self.header(&CONTENT_TYPE).unwrap_or_default()
    }

    /// Whether events follow.
    pub(in crate::monitor) fn is_event_stream(&self) -> bool {
        is_event_stream(&self.content_type())
    }

    /// How long the service wants to be left alone.
    pub(in crate::monitor) fn retry_after(&self) -> Option<Duration> {
        self.header(&RETRY_AFTER).and_then(|it| wait(&it))
    }

    /// The next piece of the body; `None` at its end.
    pub(in crate::monitor) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let piece = self.response.chunk().await;
        piece.map_err(|it| failure(&it, &self.url))
    }

    fn header(&self, name: &HeaderName) -> Option<String> {
        let value = self.response.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}

/// Whether the content type says that events follow one another without end.
pub(super) fn is_event_stream(content_type: &str) -> bool {
    let start = content_type.get(..17).unwrap_or_default();
    start.eq_ignore_ascii_case("text/event-stream")
}

/// The client, or what is wrong with its way.
pub(super) fn usable(client: &Result<Client, String>) -> Result<&Client, Failure> {
    let wrong = |error: &String| Failure::new(Reach::TlsFailed, error);
    client.as_ref().map_err(wrong)
}

/// `Retry-After` in seconds or as a date.
pub(super) fn wait(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let until = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    until.duration_since(Timestamp::now()).try_into().ok()
}
