//! Names, looked up here, so that the addresses behind them are judged before anybody is
//! asked.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::timeout;
use url::Url;

use super::Failure;
use crate::monitor::{
    Reach,
    address::{is_forbidden, is_forbidden_name, is_local_name, literal},
};

/// How long a name is looked up at most.
const LOOK_UP_LIMIT: Duration = Duration::from_secs(5);

/// Refuses an address that is never asked and that stands in the URL itself: it is not
/// looked up. The names of metadata services are refused too, because a proxy looks
/// names up by itself.
pub(in crate::monitor) fn check(url: &Url) -> Result<(), Failure> {
    let refused = |what: String| Failure::new(Reach::Blocked, NotAllowed(what).to_string());
    if let Some(ip) = literal(url).filter(|it| is_forbidden(*it)) {
        return Err(refused(ip.to_string()));
    }
    match url.domain().filter(|it| is_forbidden_name(it)) {
        Some(name) => Err(refused(name.to_owned())),
        None => Ok(()),
    }
}

/// Every address a name leads to is one that is never asked.
#[derive(Debug, thiserror::Error)]
#[error("{0} is a link-local or metadata address, which is never asked")]
pub(super) struct NotAllowed(String);

/// A name leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("the name {0} is unknown")]
pub(super) struct NameUnknown(String);

/// Looks names up and leaves out the addresses that are never asked.
#[derive(Debug, Default)]
pub(super) struct GuardedNames {
    /// A name that stands for a host which is asked under it.
    pub instead: Option<(String, String)>,
    /// A host of which one address alone is asked.
    pub only: Option<(String, IpAddr)>,
}

impl GuardedNames {
    /// The host that is really meant by a name.
    fn meant(&self, name: &str) -> String {
        let instead = self.instead.as_ref();
        let meant = instead.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        meant.map_or(name, |(_, host)| host).to_owned()
    }

    fn only(&self, host: &str) -> Option<IpAddr> {
        let only = self.only.as_ref();
        let only = only.filter(|(known, _)| known.eq_ignore_ascii_case(host));
        only.map(|(_, address)| *address)
    }
}

/// Looks a name up, for a while. Among what is found may be addresses that are never
/// asked: whoever asks them is refused.
pub(in crate::monitor) async fn look_up(name: String) -> Result<Vec<IpAddr>, Failure> {
    let unknown = |why: String| Failure::new(Reach::NameUnknown, why);
    let found = timeout(LOOK_UP_LIMIT, tokio::net::lookup_host((name.as_str(), 0))).await;
    let found = found.map_err(|_| {
        let limit = LOOK_UP_LIMIT.as_millis();
        unknown(format!("the name {name} was not found within {limit} ms"))
    })?;
    let found = found.map(|it| it.map(|it| it.ip()).collect::<Vec<_>>());
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(unknown(NameUnknown(name).to_string())),
    }
}

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let name = self.meant(name.as_str());
        let only = self.only(&name);
        Box::pin(async move {
            if let Some(ip) = only {
                let allowed = allowed(&name, vec![SocketAddr::new(ip, 0)])?;
                return Ok(Box::new(allowed.into_iter()) as Addrs);
            }
            if is_local_name(&name) {
                let both = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
                let addresses = both.map(|ip| SocketAddr::new(ip, 0));
                return Ok(Box::new(addresses.into_iter()) as Addrs);
            }
            let literal = name.trim_matches(['[', ']']).parse::<IpAddr>();
            let all = if let Ok(ip) = literal {
                vec![SocketAddr::new(ip, 0)]
            } else {
                let found = tokio::net::lookup_host((name.as_str(), 0)).await;
                found.map_err(|_| NameUnknown(name.clone()))?.collect()
            };
            let allowed = allowed(&name, all)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

pub(super) fn allowed(
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
