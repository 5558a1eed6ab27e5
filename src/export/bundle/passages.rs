//! What of a gateway's routes a proxy can say, and what has to be left out with a note.
//!
//! Routes come in as drawn and leave as [`Passage`]s: host, path and numbers that are
//! known to be plain and within the proxy's own limits. Every gateway target starts
//! from these, so that they agree on which routes there are.

use std::collections::BTreeMap;

use super::{Gateway, is_container, port};
use crate::model::{Method, Model, Route, RouteId, Service, ServiceId};

/// Up to where a proxy counts.
#[derive(Debug, Clone, Copy)]
pub(in crate::export) struct Limits {
    /// The largest timeout, in milliseconds.
    pub(in crate::export) timeout_ms: u64,
    /// The largest body that can be limited, in kibibytes.
    pub(in crate::export) body_kib: u64,
    /// The largest rate, in requests per second.
    pub(in crate::export) requests_per_second: u32,
}

/// What every proxy we write for counts for certain: about 24 days, a tebibyte, and a
/// million requests a second.
pub(in crate::export) const USUAL_LIMITS: Limits = Limits {
    timeout_ms: i32::MAX as u64,
    body_kib: 1024 * 1024 * 1024,
    requests_per_second: 1_000_000,
};

/// A route of which every word is safe.
#[derive(Debug, Clone)]
pub(in crate::export) struct Passage<'a> {
    /// The route's id.
    pub(in crate::export) id: &'a RouteId,
    /// The route as drawn, for what needs no check.
    pub(in crate::export) route: &'a Route,
    /// The host asked for; `None` means any.
    pub(in crate::export) host: Option<String>,
    /// The start of the path without a slash at its end; empty means every path.
    pub(in crate::export) prefix: String,
    /// The methods let through, `HEAD` with `GET`; none means every one.
    pub(in crate::export) methods: Vec<Method>,
    /// The name of the upstream.
    pub(in crate::export) upstream: String,
    /// The service that answers.
    pub(in crate::export) service: (&'a ServiceId, &'a Service),
    /// Milliseconds after which the gateway gives up.
    pub(in crate::export) timeout_ms: Option<u64>,
    /// The largest body, in kibibytes.
    pub(in crate::export) body_limit_kib: Option<u64>,
    /// Requests a second, and how many may come at once on top.
    pub(in crate::export) rate: Option<(u32, u32)>,
    /// Origins of web pages that may ask.
    pub(in crate::export) origins: Vec<String>,
}

impl Passage<'_> {
    /// The port at the service.
    pub(in crate::export) fn port(&self) -> u16 {
        self.route
            .port
            .filter(|it| *it != 0)
            .unwrap_or_else(|| port(self.service.1))
    }

    /// Whether that port speaks gRPC, which is nothing over HTTP/1.1.
    pub(in crate::export) fn speaks_grpc(&self) -> bool {
        super::speaks_grpc(self.service.1, self.port())
    }

    /// The route's id as part of a variable's name; ids have no underscore, so no two meet.
    pub(in crate::export) fn variable(&self, what: &str) -> String {
        format!("{what}_{}", self.id.as_str().replace('-', "_"))
    }
}

/// The passages of a gateway by host and path, and what had to be left out.
#[derive(Debug, Default)]
pub(in crate::export) struct Checked<'a> {
    /// By host (`None`, any, first), then by prefix; more than one where methods differ.
    pub(in crate::export) hosts: BTreeMap<Option<String>, BTreeMap<String, Vec<Passage<'a>>>>,
    /// What had to be left out or is different from what is drawn.
    pub(in crate::export) notes: Vec<String>,
}

/// Checks every route of a gateway.
pub(in crate::export) fn passages<'a>(
    model: &'a Model,
    gateway: &Gateway<'a>,
    limits: Limits,
) -> Checked<'a> {
    let mut checked = Checked::default();
    for (id, route) in model.routes_of(gateway.id) {
        let Some((service_id, service)) = model.services.get_key_value(&route.service) else {
            continue;
        };
        let target = (service_id, service.as_ref());
        match passage(gateway, (id, route), target, limits, &mut checked.notes) {
            Ok(passage) => checked.add(passage),
            Err(reason) => checked
                .notes
                .push(format!("Route {id} is left out: {reason}.")),
        }
    }
    checked
}

impl<'a> Checked<'a> {
    /// Whether a route lets pages of other origins in.
    pub(in crate::export) fn has_crossing(&self) -> bool {
        let mut passages = self.hosts.values().flat_map(|it| it.values().flatten());
        passages.any(|it| !it.origins.is_empty())
    }

    /// Whether a route is passed with credentials only.
    pub(in crate::export) fn asks_credentials(&self) -> bool {
        let mut passages = self.hosts.values().flat_map(|it| it.values().flatten());
        passages.any(|it| super::credentials_header(it).is_some())
    }

    fn add(&mut self, passage: Passage<'a>) {
        let paths = self.hosts.entry(passage.host.clone()).or_default();
        let same = paths.entry(passage.prefix.clone()).or_default();
        let overlaps = |other: &Passage<'_>| {
            let both_any = passage.methods.is_empty() && other.methods.is_empty();
            both_any || passage.methods.iter().any(|it| other.methods.contains(it))
        };
        if let Some(other) = same.iter().find(|it| overlaps(it)) {
            let note = format!(
                "Route {} is left out: route {} has the same host, path and methods.",
                passage.id, other.id
            );
            self.notes.push(note);
            return;
        }
        same.push(passage);
    }
}

fn passage<'a>(
    gateway: &Gateway<'_>,
    (id, route): (&'a RouteId, &'a Route),
    service: (&'a ServiceId, &'a Service),
    limits: Limits,
    notes: &mut Vec<String>,
) -> Result<Passage<'a>, String> {
    if !is_container(service.1) {
        return Err(format!("the address of {} is not known", service.0));
    }
    let mut limit = |what: &str, value: Option<u64>, most: u64| {
        let value = value?;
        if (1..=most).contains(&value) {
            return Some(value);
        }
        notes.push(format!(
            "The {what} of route {id} is left out: {} takes 1 to {most}, not {value}.",
            gateway.program.title
        ));
        None
    };
    let timeout_ms = limit("timeout in ms", route.timeout_ms, limits.timeout_ms);
    let body_limit_kib = limit("body limit in KiB", route.body_limit_kib, limits.body_kib);
    let said = route.rate_limit.as_ref();
    let requests = said.map(|it| u64::from(it.requests_per_second));
    let rate = limit(
        "rate limit in requests per second",
        requests,
        limits.requests_per_second.into(),
    );
    // Without a burst a proxy would refuse two calls in the same moment.
    let burst = said
        .and_then(|it| it.burst)
        .unwrap_or(rate.unwrap_or(0) as u32);
    let mut methods = route.methods.clone();
    if methods.contains(&Method::Get) {
        methods.push(Method::Head);
    }
    methods.sort_unstable_by_key(|it| Method::ALL.iter().position(|other| other == it));
    methods.dedup();
    let mut passage = Passage {
        id,
        route,
        host: host(&route.host)?,
        prefix: prefix(&route.path_prefix)?,
        methods,
        upstream: String::new(),
        service,
        timeout_ms,
        body_limit_kib,
        rate: rate.map(|it| (it as u32, burst.min(limits.requests_per_second))),
        origins: origins(id, route, notes),
    };
    let asked = passage.port();
    passage.upstream = if asked == port(service.1) {
        service.0.to_string()
    } else {
        format!("{}_{asked}", service.0)
    };
    Ok(passage)
}

/// A host name in lower case, with `*.` in front or not; `None` means any.
fn host(text: &str) -> Result<Option<String>, String> {
    let host = text.to_ascii_lowercase();
    if host.is_empty() || host == "*" {
        return Ok(None);
    }
    let name = host.strip_prefix("*.").unwrap_or(&host);
    let is_label = |it: &str| {
        !it.is_empty()
            && it.len() <= 63
            && it
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
    };
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(format!("{text:?} is no host name"));
    }
    Ok(Some(host))
}

/// The start of a path without a slash at its end.
fn prefix(text: &str) -> Result<String, String> {
    let refuse = |why: &str| Err(format!("a gateway cannot match the path {text:?}, {why}"));
    if !text.starts_with('/') {
        return refuse("it does not start with a slash");
    }
    let is_sign = |it: char| "-._~!&'()*+,=:@/".contains(it);
    if let Some(odd) = text
        .chars()
        .find(|it| !it.is_alphanumeric() && !is_sign(*it))
    {
        return refuse(&format!("{odd:?} cannot be part of one"));
    }
    let path = text.strip_suffix('/').unwrap_or(text);
    if path
        .split('/')
        .skip(1)
        .any(|it| matches!(it, "" | "." | ".."))
    {
        return refuse("a part of it is empty or only dots");
    }
    Ok(path.to_owned())
}

/// The origins that are ones; `*` alone means every one.
fn origins(id: &RouteId, route: &Route, notes: &mut Vec<String>) -> Vec<String> {
    let mut origins = Vec::new();
    for origin in route.cors.iter().flat_map(|it| &it.origins) {
        let rest = ["http://", "https://"]
            .iter()
            .find_map(|it| origin.strip_prefix(it));
        let is_origin = rest.is_some_and(|rest| {
            let (name, port) = rest.split_once(':').unwrap_or((rest, "1"));
            matches!(host(name), Ok(Some(_))) && port.parse::<u16>().is_ok()
        });
        if is_origin || origin == "*" {
            origins.push(origin.to_ascii_lowercase());
        } else {
            notes.push(format!(
                "Route {id} leaves out {origin:?}: it is no origin."
            ));
        }
    }
    origins.sort_unstable();
    origins.dedup();
    origins
}

#[cfg(test)]
mod tests {
    use super::{host, prefix};

    #[test]
    fn a_path_that_could_be_syntax_is_refused() {
        assert_eq!(prefix("/"), Ok(String::new()));
        assert_eq!(prefix("/orders/"), Ok("/orders".to_owned()));
        assert_eq!(prefix("/größe"), Ok("/größe".to_owned()));
        for text in [
            "", "orders", "/a b", "/a;b", "/a{id}", "/$x", "/a\nb", "/..", "//", "/%2e", "/a#",
            "/\"", "/a?b", "/a\0",
        ] {
            assert!(prefix(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn only_host_names_are_hosts() {
        assert_eq!(host(""), Ok(None));
        assert_eq!(
            host("Api.Example.COM"),
            Ok(Some("api.example.com".to_owned()))
        );
        assert_eq!(host("*.example.com"), Ok(Some("*.example.com".to_owned())));
        for text in [
            "a b", "a;", "~^x$", "a..b", ".a", "a:80", "$host", "\"", "a\n",
        ] {
            assert!(host(text).is_err(), "{text:?}");
        }
    }
}
