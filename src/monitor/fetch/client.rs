//! How somebody is reached beside the address: certificates, proxy, socket.

use std::{borrow::Cow, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use reqwest::{
    Client, ClientBuilder, Proxy,
    header::{CONNECTION, HeaderValue},
    redirect,
};
use url::{Host, Url};

use super::{Failure, files, names::GuardedNames};
use crate::{
    monitor::{
        Reach,
        address::{is_forbidden, literal, parse_address},
    },
    project::Tls,
};

pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Longer than the usual interval, so that connections live from poll to poll.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// How somebody is reached, beside the address; those reached alike share connections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// How an encrypted connection is checked.
    pub tls: Option<Tls>,
    /// The host that is asked under another name ([`Tls::server_name`]); else empty. Each
    /// has a way of its own, because connections are shared by name.
    pub host: String,
    /// The proxy that stands between; empty for none. It looks names up by itself, so the
    /// addresses behind them are judged by it alone; an address that stands in a URL is
    /// still judged here.
    pub proxy: String,
    /// A host of which this one address alone is asked, whatever its name leads to.
    pub only: Option<(String, IpAddr)>,
    /// The Unix socket to which everything goes, instead of a host.
    pub socket: Option<PathBuf>,
    /// Where relative paths of files start.
    pub folder: PathBuf,
}

/// What a client speaks.
///
/// An HTTP/2 connection works on in the background, and one that is kept can be flooded
/// between two polls; HTTP/1 has nothing to say unasked. So the newer is spoken only to
/// those who know no other, and such connections are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaks {
    Http1,
    /// HTTP/1 over a connection that is made anew each time.
    Http1Anew,
    Http2,
    /// HTTP/2 whose bodies are compressed in gRPC's own way, if at all.
    Grpc,
}

impl Way {
    /// The address under the name that is asked for there.
    pub(super) fn named<'a>(&self, url: &'a Url) -> Cow<'a, Url> {
        let name = self.tls.as_ref().map_or("", |it| it.server_name.as_str());
        let is_meant = url.scheme() == "https" && url.host_str() == Some(self.host.as_str());
        if name.is_empty() || !is_meant {
            return Cow::Borrowed(url);
        }
        let mut named = url.clone();
        match named.set_host(Some(name)) {
            Ok(()) => Cow::Owned(named),
            Err(_) => Cow::Borrowed(url),
        }
    }

    /// Makes the client.
    pub(super) fn client(&self, speaks: Speaks) -> Result<Client, Failure> {
        self.check_name()?;
        let proxy = self.proxy()?;
        let plain = || {
            let builder = builder(speaks).dns_resolver(Arc::new(self.names()));
            let builder = match &self.socket {
                Some(path) => builder.unix_socket(path.clone()),
                None => builder,
            };
            match &proxy {
                Some(proxy) => builder.proxy(proxy.clone()),
                None => builder,
            }
        };
        let wrong = |message: String| Failure::new(Reach::TlsFailed, message);
        let Some(tls) = &self.tls else {
            let client = plain().build();
            let client = client.or_else(|_| plain().tls_certs_only([]).build());
            return client.map_err(|error| wrong(error.to_string()));
        };
        let mut builder = plain().tls_danger_accept_invalid_certs(tls.is_insecure);
        if let Some(authorities) = files::authorities(tls, &self.folder).map_err(wrong)? {
            builder = builder.tls_certs_only(authorities);
        }
        if let Some(identity) = files::identity(tls, &self.folder).map_err(wrong)? {
            builder = builder.identity(identity);
        }
        let client = builder.build();
        client.map_err(|error| wrong(files::unusable(&error, tls)))
    }

    fn names(&self) -> GuardedNames {
        let name = self.tls.as_ref().map_or("", |it| it.server_name.as_str());
        let is_named = !name.is_empty() && !self.host.is_empty();
        GuardedNames {
            instead: is_named.then(|| (name.to_owned(), self.host.clone())),
            only: self.only.clone(),
        }
    }

    /// A name that were an address would be gone to.
    fn check_name(&self) -> Result<(), Failure> {
        let name = self.tls.as_ref().map_or("", |it| it.server_name.as_str());
        let wrong = |what: &str| {
            let message = format!("server_name {name}: {what}");
            Err(Failure::new(Reach::TlsFailed, message))
        };
        match Host::parse(name) {
            _ if name.is_empty() => Ok(()),
            Ok(Host::Domain(_)) if !self.proxy.is_empty() => {
                wrong("it cannot be asked for through a proxy")
            }
            Ok(Host::Domain(_)) => Ok(()),
            _ => wrong("it is no host name"),
        }
    }

    fn proxy(&self) -> Result<Option<Proxy>, Failure> {
        if self.proxy.is_empty() {
            return Ok(None);
        }
        let said = &self.proxy;
        let wrong = |what: &str| Failure::new(Reach::Blocked, format!("the proxy {said}: {what}"));
        let url = parse_address(said).map_err(|error| {
            // What is wrong may be that a password stands in it.
            let message = format!("the proxy's address cannot be used: {error}");
            Failure::new(Reach::Blocked, message)
        })?;
        if literal(&url).is_some_and(is_forbidden) {
            return Err(wrong("a link-local or metadata address is never asked"));
        }
        let proxy = Proxy::all(url);
        let proxy = proxy.map_err(|it| wrong(&it.to_string()))?;
        Ok(Some(proxy))
    }
}

fn builder(speaks: Speaks) -> ClientBuilder {
    let builder = Client::builder()
        .user_agent(concat!("meshboard/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT);
    match speaks {
        Speaks::Http1 => builder.http1_only().pool_max_idle_per_host(1),
        Speaks::Http1Anew => builder
            .http1_only()
            .default_headers(
                [(CONNECTION, HeaderValue::from_static("close"))]
                    .into_iter()
                    .collect(),
            )
            .pool_max_idle_per_host(0),
        Speaks::Grpc => builder
            .http2_prior_knowledge()
            .http2_max_header_list_size(64 * 1024)
            .no_gzip()
            .pool_max_idle_per_host(1),
        Speaks::Http2 => builder
            .http2_prior_knowledge()
            .http2_max_header_list_size(64 * 1024)
            .pool_max_idle_per_host(0),
    }
}
