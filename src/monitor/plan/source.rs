//! A source of an environment, and how it is asked.

use std::{path::PathBuf, time::Duration};

use url::Url;

use super::{
    MAX_INTERVAL, MAX_TIMEOUT, MIN_INTERVAL, MIN_LOOPBACK_INTERVAL, PlanError, Shared, is_insecure,
};
use crate::{
    monitor::{
        Reach,
        address::{is_loopback, join, parse_address},
        fetch::{Failure, Secret},
        source::{self, Kind},
    },
    project::Source,
};

/// Five minutes: long enough for a rate over the scrapes of a usual Prometheus.
const DEFAULT_WINDOW_SECONDS: u64 = 300;

/// A day: with real storage, traces are added up once a day.
const DEFAULT_TRACES_WINDOW_SECONDS: u64 = 86_400;

/// One source and how it is asked.
#[derive(Debug, Clone)]
pub(in crate::monitor) struct SourcePlan {
    /// The name it has in the environment.
    pub name: String,
    pub kind: &'static Kind,
    /// As it stands in the file.
    pub address: String,
    /// `None` where the kind finds it by itself.
    pub base: Option<Url>,
    pub namespace: String,
    pub interval: Duration,
    pub timeout: Duration,
    /// Seconds over which rates are taken.
    pub window_seconds: u64,
    /// Position in [`MonitorPlan::ways`](super::MonitorPlan).
    pub way: usize,
    pub is_insecure: bool,
    pub secret: Option<Secret>,
    /// Something wrong that does not stop asking.
    pub note: Option<String>,
}

impl SourcePlan {
    /// The address of a path, with its query, below the source's own.
    pub(in crate::monitor) fn url(&self, path: &str) -> Result<Url, Failure> {
        let wrong = |why: &str| Failure::new(Reach::Unparseable, why);
        let base = self.base.as_ref();
        let base = base.ok_or_else(|| wrong("the source has no address"))?;
        if path.is_empty() {
            return Ok(base.clone());
        }
        join(base, path).map_err(|error| wrong(&error.to_string()))
    }
}

/// A source with everything that is needed to ask it.
pub(super) fn planned(
    name: &str,
    source: &Source,
    shared: &mut Shared,
) -> Result<SourcePlan, PlanError> {
    let wrong = |reason: String| PlanError::Source {
        name: name.to_owned(),
        reason,
    };
    let kind = source::find(&source.kind).ok_or_else(|| {
        let known: Vec<_> = source::ALL.iter().map(|it| it.id).collect();
        wrong(format!(
            "there is no kind {:?}; choose from {}",
            source.kind,
            known.join(", ")
        ))
    })?;
    let address = source.address.trim();
    let mut not_found = None;
    let (base, socket) = match (address.strip_prefix("unix://"), kind.address) {
        (Some(path), source::Address::HttpOrSocket) if path.starts_with('/') => {
            // The host of a socket is this machine.
            let base = parse_address("http://localhost");
            (base.ok(), Some(PathBuf::from(path)))
        }
        (Some(_), _) => return Err(wrong(format!("{address} is no socket it can be asked at"))),
        (None, source::Address::Found(find)) if address.is_empty() => {
            // The rest can be watched all the same.
            let base = find().map_err(|reason| not_found = Some(reason));
            (base.ok(), None)
        }
        (None, _) => {
            let base = parse_address(address).map_err(|error| wrong(error.to_string()))?;
            (Some(base), None)
        }
    };
    let is_local = base.as_ref().is_none_or(is_loopback);
    let said = source.interval_ms.map(Duration::from_millis);
    let shortest = if is_local {
        MIN_LOOPBACK_INTERVAL
    } else {
        MIN_INTERVAL
    };
    let interval = said.unwrap_or(kind.default_interval);
    let interval = interval.clamp(shortest, MAX_INTERVAL);
    let (secret, note) = shared.secrets.find(source.credential.as_ref());
    let tls = source.tls.as_ref();
    let way = shared.way(base.as_ref(), tls, &source.proxy, socket);
    let window = match kind.id {
        "jaeger" | "zipkin" => DEFAULT_TRACES_WINDOW_SECONDS,
        _ => DEFAULT_WINDOW_SECONDS,
    };
    Ok(SourcePlan {
        name: name.to_owned(),
        kind,
        address: address.to_owned(),
        base,
        namespace: source.namespace.clone(),
        interval,
        timeout: MAX_TIMEOUT,
        window_seconds: source.window_seconds.unwrap_or(window).max(1),
        way,
        is_insecure: is_insecure(tls),
        secret,
        note: not_found.or(note),
    })
}
