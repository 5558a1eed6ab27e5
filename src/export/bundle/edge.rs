//! What every gateway says in the same words, whatever its dialect.

use std::collections::BTreeMap;

use super::{Checked, Passage};
use crate::model::{Authentication, Dependency, Model, ServiceId};

/// The errors that a gateway answers itself, and their texts.
pub(in crate::export) const OWN_ERRORS: &[(&str, &str)] = &[
    ("400", "malformed request"),
    ("401", "credentials are missing"),
    ("403", "forbidden"),
    ("404", "no such route"),
    ("405", "method not allowed"),
    ("408", "request took too long"),
    ("413", "request body is too large"),
    ("414", "request line is too long"),
    ("429", "too many requests"),
    ("500", "gateway failed"),
    ("502", "service unavailable"),
    ("503", "service unavailable"),
    ("504", "service took too long"),
];

/// Headers that a web page of another origin may send along.
pub(in crate::export) const CROSS_ORIGIN_HEADERS: &[&str] = &[
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "X-API-Key",
    "X-Request-ID",
];

/// Seconds a browser may remember what another origin may do.
pub(in crate::export) const CROSS_ORIGIN_SECONDS: u32 = 600;

/// A request id of a caller that is kept, as a regular expression.
pub(in crate::export) const REQUEST_ID: &str = "^[A-Za-z0-9._-]{8,128}$";

/// How long a gateway keeps a connection to a service for its next request: less than the
/// five seconds after which Node.js and Uvicorn, the most impatient of all, close one by
/// themselves.
pub(in crate::export) const SERVICE_KEEPALIVE: &str = "4s";

/// The longest time a connection to a service may take, in milliseconds.
pub(in crate::export) const MAX_CONNECT_MS: u64 = 1_000;

/// The drawn dependency of a gateway on a service.
pub(in crate::export) fn call<'a>(
    model: &'a Model,
    gateway: &'a ServiceId,
    service: &ServiceId,
) -> Option<&'a Dependency> {
    let mut calls = model.dependencies_of(gateway);
    calls.find(|(_, it)| it.to == *service).map(|(_, it)| it)
}

/// The drawn dependencies of a gateway, by service; of several on one, the first.
pub(in crate::export) fn calls_of_gateway<'a>(
    model: &'a Model,
    gateway: &'a ServiceId,
) -> BTreeMap<&'a ServiceId, &'a Dependency> {
    let mut calls = BTreeMap::new();
    for (_, it) in model.dependencies_of(gateway) {
        calls.entry(&it.to).or_insert(it);
    }
    calls
}

/// The header without which a route is not passed.
pub(in crate::export) fn credentials_header(passage: &Passage<'_>) -> Option<&'static str> {
    match passage.route.authentication {
        Some(Authentication::Jwt) => Some("Authorization"),
        Some(Authentication::ApiKey) => Some("X-API-Key"),
        Some(Authentication::None | Authentication::ForwardAuth) | None => None,
    }
}

/// Whether pages of the named origins may send cookies; to all of them none may.
pub(in crate::export) fn lets_cookies(passage: &Passage<'_>) -> bool {
    let said = passage.route.cors.as_ref().is_some_and(|it| it.credentials);
    said && !passage.origins.iter().any(|it| it == "*")
}

/// A text as part of a regular expression.
pub(in crate::export) fn regex_escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character.is_ascii_punctuation() && !"/-_:".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// What a gateway does otherwise than drawn whatever its dialect: credentials it only
/// looks for, cookies that browsers refuse, hosts that nobody names.
pub(in crate::export) fn route_notes(gateway: &ServiceId, checked: &Checked<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if checked.hosts.is_empty() {
        notes.push(format!(
            "Gateway {gateway} has no route: every path answers 404."
        ));
    } else if checked.hosts.contains_key(&None) {
        notes.push(format!(
            "A route of {gateway} names no host, so {gateway} answers to any: name hosts to have unknown ones turned away."
        ));
    }
    for passage in checked.all() {
        let (id, service) = (passage.id, passage.service.0);
        match passage.route.authentication {
            Some(Authentication::Jwt | Authentication::ApiKey) => notes.push(format!(
                "Route {id} answers 401 without credentials; whether they are right, {service} has to check."
            )),
            Some(Authentication::ForwardAuth) => notes.push(format!(
                "Route {id} asks another service who may pass, and the design does not say which: {service} has to check."
            )),
            Some(Authentication::None) | None => {}
        }
        let credentials = passage.route.cors.as_ref().is_some_and(|it| it.credentials);
        if credentials && !lets_cookies(passage) {
            notes.push(format!(
                "Route {id} lets every origin ask, so browsers refuse to send cookies: name the origins."
            ));
        }
    }
    notes
}

/// Where a design says how often one client may ask, but not how often at once: the
/// requests of one second.
pub(in crate::export) fn burst_notes(checked: &Checked<'_>) -> Vec<String> {
    let unsaid = |it: &&Passage<'_>| {
        let limit = it.route.rate_limit.as_ref();
        it.rate.is_some() && limit.is_some_and(|it| it.burst.is_none())
    };
    let unsaid = checked.all().filter(unsaid);
    unsaid
        .filter_map(|it| Some((it.id, it.rate?.0)))
        .map(|(id, rate)| {
            format!(
                "Route {id} says no burst: {rate} requests may come at once, one second's worth."
            )
        })
        .collect()
}

impl<'a> Checked<'a> {
    /// Every passage, by host and path.
    pub(in crate::export) fn all(&self) -> impl Iterator<Item = &Passage<'a>> {
        self.hosts.values().flat_map(|it| it.values().flatten())
    }

    /// The paths under a host, the longest first: its own, and those of any host that it
    /// does not have itself.
    pub(in crate::export) fn paths_of(&self, host: Option<&str>) -> Vec<(&str, &[Passage<'a>])> {
        let own = self.hosts.get(&host.map(str::to_owned));
        let any = self.hosts.get(&None).filter(|_| host.is_some());
        let mut paths: Vec<(&str, &[Passage<'a>])> = Vec::new();
        for (prefix, passages) in own.into_iter().flatten() {
            paths.push((prefix, passages));
        }
        for (prefix, passages) in any.into_iter().flatten() {
            if own.is_none_or(|it| !it.contains_key(prefix)) {
                paths.push((prefix, passages));
            }
        }
        paths.sort_unstable_by(|a, b| b.0.cmp(a.0));
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::regex_escaped;

    #[test]
    fn a_text_in_a_regular_expression_means_itself() {
        assert_eq!(regex_escaped("/o.x/(a)+-größe"), "/o\\.x/\\(a\\)\\+-größe");
    }
}
