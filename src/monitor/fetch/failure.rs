//! Why nothing usable came back: errors of the client, sorted into our kinds by what
//! caused them, and put into words.

use std::{error::Error, io, iter};

use url::Url;

use super::{
    Way,
    client::CONNECT_TIMEOUT,
    names::{NameUnknown, NotAllowed},
};
use crate::monitor::{Reach, format::display_text};

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
    pub(in crate::monitor) fn new(reach: Reach, message: impl AsRef<str>) -> Self {
        Self {
            reach,
            message: display_text(message.as_ref()),
        }
    }
}

/// What came of asking over a connection.
#[derive(Debug)]
pub(super) enum Broken {
    /// The other side speaks nothing older than HTTP/2.
    OnlyHttp2,
    /// Nothing usable came back.
    For(Failure),
}

impl Broken {
    /// Sorts an error of the client.
    pub(super) fn new(error: &reqwest::Error, way: &Way, url: &Url) -> Self {
        let is_only_http2 = causes(error).any(|it| it.to_string().ends_with(NO_COMMON_PROTOCOL));
        if is_only_http2 && url.scheme() == "https" {
            return Self::OnlyHttp2;
        }
        let failure = failure(error, url);
        if way.proxy.is_empty() || !error.is_connect() {
            return Self::For(failure);
        }
        let message = format!("through the proxy {}: {}", way.proxy, failure.message);
        Self::For(Failure::new(failure.reach, message))
    }

    pub(super) fn into_failure(self) -> Failure {
        match self {
            Self::For(failure) => failure,
            Self::OnlyHttp2 => Failure::new(Reach::TlsFailed, "it speaks no HTTP that we speak"),
        }
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self::For(failure)
    }
}

/// What a server says that was offered no protocol it speaks (RFC 7301, section 3.2).
const NO_COMMON_PROTOCOL: &str = "received fatal alert: NoApplicationProtocol";

/// An error and what caused it, from the outside in.
pub(super) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |it| {
        let it: &'a (dyn Error + 'static) = *it;
        // An I/O error that wraps another leaves that one out of its sources.
        let wrapped = it.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => it.source(),
        }
    })
}

fn failure(error: &reqwest::Error, url: &Url) -> Failure {
    let mut deepest = String::new();
    for it in causes(error) {
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
    }
    if error.is_timeout() {
        let message = format!("no connection within {} ms", CONNECT_TIMEOUT.as_millis());
        return Failure::new(Reach::TimedOut, message);
    }
    if let Some(reason) = encryption(&deepest, url) {
        let message = format!("{}: {reason}", Reach::TlsFailed.label());
        return Failure::new(Reach::TlsFailed, message);
    }
    let has = |words: &[&str]| words.iter().any(|it| deepest.contains(it));
    let reach = if error.is_connect() && url.scheme() == "https" {
        Reach::TlsFailed
    } else if error.is_connect() || has(&["closed", "canceled", "end of file", "EOF"]) {
        Reach::Reset
    } else if has(&["too large"]) {
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
        | ErrorKind::NotConnected
        | ErrorKind::UnexpectedEof => Some(Reach::Reset),
        // No route is no answer: nobody there has refused.
        ErrorKind::TimedOut
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown => Some(Reach::TimedOut),
        _ => None,
    }
}

/// What is wrong with an encrypted connection, by the words of the library that checks
/// it; `None` if the error is another one.
fn encryption(text: &str, url: &Url) -> Option<String> {
    if let Some(alert) = text.strip_prefix("received fatal alert: ") {
        return Some(match alert {
            "CertificateRequired" => {
                "it wants a certificate from who asks: certificate_file and key_file name one"
                    .to_owned()
            }
            "UnrecognisedName" | "UnrecognizedName" => {
                format!(
                    "it does not go by the name {}",
                    url.host_str().unwrap_or_default()
                )
            }
            _ => format!("it refused ({alert})"),
        });
    }
    if text.starts_with("received corrupt message of type InvalidContentType") {
        return Some("it does not speak TLS; is http:// meant?".to_owned());
    }
    let certificate = text.strip_prefix("invalid peer certificate: ")?;
    let is = |start: &str| certificate.starts_with(start);
    Some(if is("certificate expired") || certificate == "Expired" {
        "its certificate has expired".to_owned()
    } else if is("certificate not valid yet") || certificate == "NotValidYet" {
        "its certificate is not valid yet".to_owned()
    } else if certificate == "UnknownIssuer" {
        "its certificate is signed by nobody who is trusted; ca_file can name who signed it"
            .to_owned()
    } else if is("CaUsedAsEndEntity") || certificate.contains("CaUsedAsEndEntity") {
        "its certificate is one of an authority, not one of a server".to_owned()
    } else if is("certificate not valid for name") {
        let only = certificate.split("; certificate ").nth(1);
        format!(
            "its certificate is not for {}, it {}",
            url.host_str().unwrap_or_default(),
            only.unwrap_or("is for another name")
        )
    } else {
        format!("its certificate cannot be trusted ({certificate})")
    })
}
