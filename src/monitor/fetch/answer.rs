//! What came back, read within its limits.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{
    Response,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER},
};
use url::Url;

use super::{Broken, Failure, MAX_METRICS_BYTES, Request, Way, opening::is_event_stream};
use crate::monitor::{Reach, format::is_metrics_type};

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Value of `Content-Type`; empty if there is none.
    pub content_type: String,
    /// All headers of the answer.
    pub headers: HeaderMap,
    /// The whole body, decompressed; empty for a stream.
    pub body: Vec<u8>,
    /// Whether it is a stream of events, which does not end.
    pub is_stream: bool,
    /// Milliseconds from asking to the last byte.
    pub latency_ms: f64,
    /// How long the service wants to be left alone.
    pub retry_after: Option<Duration>,
}

/// Reads an answer, and takes the secret out of it that was sent.
pub(super) async fn read(
    mut response: Response,
    way: &Way,
    url: &Url,
    request: &Request<'_>,
) -> Result<Answer, Broken> {
    let status = response.status().as_u16();
    let mut headers = response.headers().clone();
    if let Some(known) = request.known {
        known.hide_in_headers(&mut headers);
    }
    if matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Err(redirected(&headers, url).into());
    }
    let content_type = header(&headers, CONTENT_TYPE).unwrap_or_default();
    let limit = if is_metrics_type(&content_type) {
        MAX_METRICS_BYTES
    } else {
        request.max_bytes
    };
    let length = response.content_length();
    let is_stream = status == 200 && length.is_none() && is_event_stream(&content_type);
    let announced = length.unwrap_or(0);
    let mut body = Vec::new();
    if announced > limit as u64 {
        return Err(too_large(limit).into());
    }
    let mut is_over = is_stream;
    while !is_over {
        let chunk = response.chunk().await;
        let Some(chunk) = chunk.map_err(|it| Broken::new(&it, way, url))? else {
            is_over = true;
            continue;
        };
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit).into());
        }
        body.extend_from_slice(&chunk);
    }
    if let Some(known) = request.known {
        body = known.hide_in_body(body);
    }
    Ok(Answer {
        status,
        content_type,
        retry_after: header(&headers, RETRY_AFTER).and_then(|it| wait(&it)),
        headers,
        body,
        is_stream,
        latency_ms: 0.0,
    })
}

fn header(map: &HeaderMap, name: reqwest::header::HeaderName) -> Option<String> {
    let value: Option<&HeaderValue> = map.get(name);
    value.map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned())
}

fn redirected(headers: &HeaderMap, url: &Url) -> Failure {
    let to = header(headers, LOCATION).map_or("nowhere".to_owned(), |to| {
        url.join(&to).map_or(to, |it| it.to_string())
    });
    let itself = if to == url.as_str() { "itself, " } else { "" };
    Failure::new(
        Reach::Blocked,
        format!("redirects to {itself}{to}; redirects are not followed"),
    )
}

fn too_large(limit: usize) -> Failure {
    let limit = match limit / 1024 {
        kib @ ..1024 => format!("{kib} KiB"),
        kib => format!("{} MiB", kib / 1024),
    };
    Failure::new(
        Reach::TooLarge,
        format!("the answer is longer than {limit}, reading was stopped"),
    )
}

/// `Retry-After` in seconds or as a date.
pub(super) fn wait(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let until = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    until.duration_since(Timestamp::now()).try_into().ok()
}
