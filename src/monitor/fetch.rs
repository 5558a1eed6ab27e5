//! One GET: within a time, within a size, to an allowed address, and nothing else.
//!
//! There is no way to send any other method from here, because management endpoints
//! change things on POST; the one exception is gRPC's own health check, which knows one
//! path and no other. Redirects and proxies are off. A name is looked up, its
//! addresses are judged, and the connection goes to the address that was judged.

mod calling;
mod opening;

use std::{
    error::Error,
    fmt, io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Client, ClientBuilder, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER},
    redirect,
};
use tokio::time::{Instant, timeout};
use url::Url;

use crate::project::Tls;

pub(super) use calling::failure_of;
pub(super) use opening::Opened;
use opening::{is_event_stream, usable, wait};

use super::{
    Reach,
    address::{is_forbidden, is_local_name, literal},
    format::{display_text, is_metrics_type},
};

/// The longest answer about health that is read, in bytes after decompression.
pub const MAX_HEALTH_BYTES: usize = 256 * 1024;

/// The longest list of breakers that is read: some thousand of them. Sixteen answers
/// are read at once, and parsed JSON takes many times its text.
pub const MAX_LIST_BYTES: usize = 1024 * 1024;

/// The longest metrics page that is read.
pub const MAX_METRICS_BYTES: usize = 16 * 1024 * 1024;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Longer than the usual interval, so that connections live from poll to poll.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// JSON where there is a choice, and metrics in the older form, which all understand.
const ACCEPTED: &str = "application/json, application/health+json, \
    text/plain;version=0.0.4;q=0.9, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1";

/// What proves who asks. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(HeaderValue);

impl Secret {
    /// From the value of an `Authorization` header; `None` if it cannot be one.
    pub fn new(authorization: &str) -> Option<Self> {
        let mut value = HeaderValue::from_str(authorization).ok()?;
        value.set_sensitive(true);
        Some(Self(value))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

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

/// Why nothing usable came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind of failure.
    pub reach: Reach,
    /// In words, safe to show.
    pub message: String,
}

impl Failure {
    pub(super) fn new(reach: Reach, message: impl AsRef<str>) -> Self {
        Self {
            reach,
            message: display_text(message.as_ref()),
        }
    }
}

/// How somebody is reached, beside the address; those reached alike share connections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// How an encrypted connection is checked.
    pub tls: Option<Tls>,
    /// The proxy that stands between; empty for none.
    pub proxy: String,
    /// The Unix socket to which everything goes, instead of a host.
    pub socket: Option<PathBuf>,
}

/// The client that all polls of one way share.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: Result<Client, String>,
    way: Way,
    /// Speaks HTTP/2 alone; made for the first gRPC server.
    calling: Arc<OnceLock<Result<Client, String>>>,
}

impl Fetcher {
    /// Prepares a client. On a machine without root certificates plain HTTP still works.
    pub fn new() -> Self {
        Self::through(&Way::default())
    }

    /// Prepares a client for a way; what is wrong with it is what asking answers.
    pub fn through(way: &Way) -> Self {
        Self {
            client: client(way, |it| it),
            way: way.clone(),
            calling: Arc::default(),
        }
    }

    /// Asks once; `limit` is for all of it, and `max_bytes` for anything but metrics.
    pub async fn get(
        &self,
        url: &Url,
        secret: Option<&Secret>,
        limit: Duration,
        max_bytes: usize,
    ) -> Result<Answer, Failure> {
        let client = usable(&self.client)?;
        check_literal(url)?;
        let started = Instant::now();
        let mut request = client.get(url.clone()).header(ACCEPT, ACCEPTED);
        if let Some(Secret(value)) = secret {
            request = request.header(AUTHORIZATION, value.clone());
        }
        let whole = async {
            let response = request.send().await.map_err(|it| failure(&it, url))?;
            read(response, url, max_bytes).await
        };
        match timeout(limit, whole).await {
            Ok(answer) => answer.map(|answer| Answer {
                latency_ms: started.elapsed().as_secs_f64() * 1000.0,
                ..answer
            }),
            Err(_) => Err(Failure::new(
                Reach::TimedOut,
                format!("no complete answer within {} ms", limit.as_millis()),
            )),
        }
    }
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new()
    }
}

/// A client for a way, with something more to be said of it.
fn client(way: &Way, refined: fn(ClientBuilder) -> ClientBuilder) -> Result<Client, String> {
    let builder = || match &way.socket {
        Some(path) => refined(builder().unix_socket(path.clone())),
        None => refined(builder()),
    };
    builder()
        .build()
        .or_else(|_| builder().tls_certs_only([]).build())
        .map_err(|error| error.to_string())
}

/// A client that asks no proxy, follows nobody and judges every address it looks up.
pub(super) fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("meshboard/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(1)
        .dns_resolver(Arc::new(GuardedNames))
}

async fn read(mut response: Response, url: &Url, max_bytes: usize) -> Result<Answer, Failure> {
    let status = response.status().as_u16();
    let header = |map: &HeaderMap, name| {
        let value: Option<&HeaderValue> = map.get(name);
        value.map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned())
    };
    if matches!(status, 301 | 302 | 303 | 307 | 308) {
        let to = header(response.headers(), LOCATION).unwrap_or_else(|| "nowhere".to_owned());
        let to = match to.as_str() {
            "nowhere" => to,
            _ => url.join(&to).map_or(to, |it| it.to_string()),
        };
        let itself = if to == url.as_str() { "itself, " } else { "" };
        return Err(Failure::new(
            Reach::Blocked,
            format!("redirects to {itself}{to}; redirects are not followed"),
        ));
    }
    let content_type = header(response.headers(), CONTENT_TYPE).unwrap_or_default();
    let retry_after = header(response.headers(), RETRY_AFTER).and_then(|it| wait(&it));
    let limit = if is_metrics_type(&content_type) {
        MAX_METRICS_BYTES
    } else {
        max_bytes
    };
    let headers = response.headers().clone();
    let length = response.content_length();
    let is_stream = status == 200 && length.is_none() && is_event_stream(&content_type);
    let announced = length.unwrap_or(0);
    let mut body = Vec::new();
    if announced > limit as u64 {
        return Err(too_large(limit));
    }
    while !is_stream && let Some(chunk) = response.chunk().await.map_err(|it| failure(&it, url))? {
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        content_type,
        headers,
        body,
        is_stream,
        latency_ms: 0.0,
        retry_after,
    })
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

/// An address that stands in the URL itself is not looked up, so it is judged here.
pub(super) fn check_literal(url: &Url) -> Result<(), Failure> {
    match literal(url).filter(|it| is_forbidden(*it)) {
        Some(ip) => Err(Failure::new(
            Reach::Blocked,
            NotAllowed(ip.to_string()).to_string(),
        )),
        None => Ok(()),
    }
}

/// Every address a name leads to is one that is never asked.
#[derive(Debug, thiserror::Error)]
#[error("{0} is a link-local or metadata address, which is never asked")]
struct NotAllowed(String);

/// A name leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("the name {0} is unknown")]
struct NameUnknown(String);

/// Looks names up and leaves out the addresses that are never asked.
struct GuardedNames;

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().to_owned();
            if is_local_name(&name) {
                let both = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
                let addresses = both.map(|ip| SocketAddr::new(ip, 0));
                return Ok(Box::new(addresses.into_iter()) as Addrs);
            }
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let all: Vec<_> = found.map_err(|_| NameUnknown(name.clone()))?.collect();
            let allowed = allowed(&name, all)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn allowed(
    name: &str,
    all: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
    let Some(first) = all.first().map(SocketAddr::ip) else {
        return Err(NameUnknown(name.to_owned()).into());
    };
    let allowed: Vec<_> = all
        .into_iter()
        .filter(|it| !is_forbidden(it.ip()))
        .collect();
    if allowed.is_empty() {
        return Err(NotAllowed(format!("{name} ({first})")).into());
    }
    Ok(allowed)
}

/// Sorts an error of the client into our kinds, by what caused it.
fn failure(error: &reqwest::Error, url: &Url) -> Failure {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    let mut deepest = String::new();
    while let Some(it) = cause {
        if let Some(known) = it.downcast_ref::<NotAllowed>() {
            return Failure::new(Reach::Blocked, known.to_string());
        }
        if let Some(known) = it.downcast_ref::<NameUnknown>() {
            return Failure::new(Reach::NameUnknown, known.to_string());
        }
        if let Some(reach) = it.downcast_ref::<io::Error>().and_then(by_io) {
            let message = match reach {
                Reach::Refused | Reach::Reset => reach.label().to_owned(),
                _ => it.to_string(),
            };
            return Failure::new(reach, message);
        }
        deepest = it.to_string();
        cause = it.source();
    }
    if error.is_timeout() {
        let message = format!("no connection within {} ms", CONNECT_TIMEOUT.as_millis());
        return Failure::new(Reach::TimedOut, message);
    }
    let broke_off = ["closed", "canceled", "end of file", "EOF"]
        .iter()
        .any(|it| deepest.contains(it));
    let reach = if error.is_connect() && url.scheme() == "https" {
        Reach::TlsFailed
    } else if broke_off || error.is_connect() {
        Reach::Reset
    } else if deepest.contains("too large") {
        Reach::TooLarge
    } else {
        Reach::Unparseable
    };
    Failure::new(reach, format!("{}: {deepest}", reach.label()))
}

fn by_io(error: &io::Error) -> Option<Reach> {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => Some(Reach::Refused),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected => Some(Reach::Reset),
        // No route is no answer: nobody there has refused.
        ErrorKind::TimedOut
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown => Some(Reach::TimedOut),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
