//! Opening a stream of events: up to its headers, and then piece by piece.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, RETRY_AFTER},
};
use tokio::time::timeout;
use url::Url;

use super::{Broken, Failure, Fetcher, Secret, Way, answer::wait, check_literal};
use crate::monitor::Reach;

/// An answer of which only the headers came.
#[derive(Debug)]
pub(in crate::monitor) struct Opened {
    response: Response,
    way: Way,
    url: Url,
    secret: Option<Secret>,
}

impl Fetcher {
    /// Asks for a stream of events; `limit` is for its headers alone.
    pub(in crate::monitor) async fn open(
        &self,
        url: &Url,
        secret: Option<&Secret>,
        limit: Duration,
    ) -> Result<Opened, Failure> {
        let client = self.client.as_ref().map_err(Clone::clone)?;
        check_literal(url)?;
        let url = self.way.named(url).into_owned();
        let mut request = client.get(url.clone()).header(ACCEPT, "text/event-stream");
        if let Some(secret) = secret
            && let Ok(known) = secret.known().await
        {
            request = request.header(AUTHORIZATION, known.header());
        }
        let response = timeout(limit, request.send()).await.map_err(|_| {
            let limit = limit.as_millis();
            Failure::new(Reach::TimedOut, format!("no answer within {limit} ms"))
        })?;
        Ok(Opened {
            response: response.map_err(|it| Broken::new(&it, &self.way, &url).into_failure())?,
            way: self.way.clone(),
            url,
            secret: secret.cloned(),
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
        let piece = piece.map_err(|it| Broken::new(&it, &self.way, &self.url).into_failure())?;
        let Some(secret) = &self.secret else {
            return Ok(piece);
        };
        Ok(piece.map(|it| secret.hide_in_piece(it)))
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
