//! What happens to a request on its way: once for all routes, per route, per service.

use std::collections::BTreeSet;

use super::{breaker, service::Target};
use crate::{
    export::{
        bundle::{self, Checked, Passage},
        yaml::{Map, Value},
    },
    model::{Dependency, Method},
};

/// Security headers and the like, on every answer.
pub(super) const HEADERS: &str = "entry_headers";
/// Smaller answers.
pub(super) const COMPRESS: &str = "entry_compress";
/// Takes a request id off that is none.
pub(super) const NO_REQUEST_ID: &str = "entry_no-request-id";
/// Answers 401.
pub(super) const NO_CREDENTIALS: &str = "refuse_credentials";
/// Answers 405.
pub(super) const NO_METHOD: &str = "refuse_method";

/// No client has this address: a list with nothing else lets nobody pass.
const NOBODY: &str = "255.255.255.255/32";

/// Statuses of an attempt after which another one is made.
const TRY_AGAIN: [&str; 2] = ["502", "504"];
/// Bytes of a body that are kept for another attempt where no route limits it.
const KEPT_BODY_BYTES: i64 = 1024 * 1024;

/// `GET, HEAD`; every method where none is said.
fn method_list(methods: &[Method]) -> Vec<&'static str> {
    let all = if methods.is_empty() {
        &Method::ALL
    } else {
        methods
    };
    all.iter().map(|it| it.as_str()).collect()
}

/// The name of what a path without other methods says of those it has.
pub(super) fn allow_name(passages: &[Passage<'_>]) -> String {
    let first = passages.first().map_or("", |it| it.id.as_str());
    format!("{first}_allow")
}

/// What every route shares.
pub(super) fn shared(checked: &Checked<'_>) -> Map {
    let mut all = Map::default();
    let gone: Map = ["Server", "X-Powered-By"]
        .into_iter()
        .map(|it| (it, ""))
        .collect();
    let headers = Map::from([
        ("contentTypeNosniff", true.into()),
        ("frameDeny", true.into()),
        ("referrerPolicy", "no-referrer".into()),
        ("stsSeconds", Value::Int(63_072_000)),
        ("stsIncludeSubdomains", true.into()),
        ("customResponseHeaders", gone.into()),
    ]);
    all.set_with_comment(
        HEADERS,
        Map::from([("headers", headers.into())]),
        "These replace what a service says, so which content a page may load is left to it.",
    );
    let compress = Map::from([
        ("minResponseBodyBytes", Value::Int(1024)),
        (
            "includedContentTypes",
            ["application/json", "text/plain"].into(),
        ),
    ]);
    all.set(COMPRESS, Map::from([("compress", compress.into())]));
    let none = Map::from([("X-Request-ID", "".into())]);
    let none = Map::from([("customRequestHeaders", none.into())]);
    all.set(NO_REQUEST_ID, Map::from([("headers", none.into())]));
    let asks = |it: &Passage<'_>| bundle::credentials_header(it).is_some();
    if checked.all().any(asks) {
        all.set_with_comment(
            NO_CREDENTIALS,
            refusal(401),
            "Traefik answers a status of its own only where it lets nobody in.",
        );
    }
    let mut paths = checked.hosts.values().flat_map(|it| it.values());
    if paths.any(|it| it.iter().all(|it| !it.methods.is_empty())) {
        all.set(NO_METHOD, refusal(405));
    }
    all
}

fn refusal(status: i64) -> Map {
    let list = Map::from([
        ("sourceRange", [NOBODY].into()),
        ("rejectStatusCode", Value::Int(status)),
    ]);
    Map::from([("ipAllowList", list.into())])
}

/// What single routes need.
pub(super) fn of_routes(checked: &Checked<'_>) -> Map {
    let mut all = Map::default();
    for passages in checked.hosts.values().flat_map(|it| it.values()) {
        for passage in passages {
            of_route(&mut all, passage);
        }
        if passages.iter().all(|it| !it.methods.is_empty()) {
            let methods = passages.iter().flat_map(|it| it.methods.iter().copied());
            let methods = method_list(&methods.collect::<Vec<_>>()).join(", ");
            let allow = Map::from([("Allow", methods.into())]);
            let allow = Map::from([("customResponseHeaders", allow.into())]);
            all.set(allow_name(passages), Map::from([("headers", allow.into())]));
        }
    }
    all
}

fn of_route(all: &mut Map, passage: &Passage<'_>) {
    let mut set = |what: &str, kind: &str, settings: Map, comment: &str| {
        all.set_with_comment(
            format!("{}_{what}", passage.id),
            Map::from([(kind, settings.into())]),
            comment,
        );
    };
    if !passage.origins.is_empty() {
        let origins: Vec<_> = passage.origins.iter().map(String::as_str).collect();
        let mut cors = Map::from([
            ("accessControlAllowOriginList", origins.into()),
            (
                "accessControlAllowMethods",
                method_list(&passage.methods).into(),
            ),
            (
                "accessControlAllowHeaders",
                bundle::CROSS_ORIGIN_HEADERS.to_vec().into(),
            ),
            ("accessControlMaxAge", bundle::CROSS_ORIGIN_SECONDS.into()),
            ("addVaryHeader", true.into()),
        ]);
        if bundle::lets_cookies(passage) {
            cors.set("accessControlAllowCredentials", true);
        }
        set("cors", "headers", cors, "");
    }
    if let Some((rate, burst)) = passage.rate {
        let limit = Map::from([
            ("average", rate.into()),
            ("period", "1s".into()),
            ("burst", (burst + 1).into()),
        ]);
        set(
            "rate",
            "rateLimit",
            limit,
            "For each client; the burst counts the request it is on top of.",
        );
    }
    if let Some(kib) = passage.body_limit_kib {
        let bytes = i64::try_from(kib.saturating_mul(1024)).unwrap_or(i64::MAX);
        let limit = Map::from([("maxRequestBodyBytes", Value::Int(bytes))]);
        set(
            "body",
            "buffering",
            limit,
            "A body is read whole before it is passed on, an answer before it goes back.",
        );
    }
    if passage.route.strip_prefix && !passage.prefix.is_empty() {
        let strip = Map::from([("prefixes", [passage.prefix.as_str()].into())]);
        set("strip", "stripPrefix", strip, "");
    }
}

/// The middlewares of a route in their order.
pub(super) fn names_for(passage: &Passage<'_>) -> Vec<String> {
    let parts = [
        ("cors", !passage.origins.is_empty()),
        ("rate", passage.rate.is_some()),
        ("body", passage.body_limit_kib.is_some()),
        (
            "strip",
            passage.route.strip_prefix && !passage.prefix.is_empty(),
        ),
    ];
    let set = parts.into_iter().filter(|it| it.1);
    set.map(|(what, _)| format!("{}_{what}", passage.id))
        .collect()
}

/// What protects the calls of the gateway, by service.
pub(super) fn of_services(targets: &[Target<'_>]) -> Map {
    let mut all = Map::default();
    let mut seen = BTreeSet::new();
    for target in targets {
        let Some(call) = target.call.filter(|it| seen.insert(&it.to)) else {
            continue;
        };
        for (what, kind, settings) in protection(call) {
            let inside = Map::from([(kind, settings.into())]);
            all.set(format!("{}_{what}", call.to), inside);
        }
    }
    all
}

/// The middlewares of a service in their order.
pub(super) fn names_of(target: &Target<'_>) -> Vec<String> {
    let Some(call) = target.call else {
        return Vec::new();
    };
    let all = protection(call).into_iter();
    all.map(|(what, ..)| format!("{}_{what}", call.to))
        .collect()
}

fn protection(call: &Dependency) -> Vec<(&'static str, &'static str, Map)> {
    let mut all = Vec::new();
    if let Some(retry) = retry(call) {
        all.push(("retry", "retry", retry));
    }
    if let Some(drawn) = &call.breaker {
        all.push(("breaker", "circuitBreaker", breaker::settings(drawn)));
    }
    if let Some(most) = call.bulkhead.filter(|it| *it > 0) {
        let mut limit = Map::from([("amount", most.into())]);
        let header = Map::from([("requestHeaderName", "X-Forwarded-Server".into())]);
        limit.set_with_comment(
            "sourceCriterion",
            header,
            "Traefik sets this header to its own name, so all clients count together.",
        );
        all.push(("bulkhead", "inFlightReq", limit));
    }
    all
}

fn retry(call: &Dependency) -> Option<Map> {
    let retries = call.retries.as_ref().filter(|it| it.count > 0)?;
    let mut retry = Map::default();
    retry.set_with_comment("attempts", call.attempts(), "With the first one.");
    let counted = 1..=bundle::USUAL_LIMITS.timeout_ms;
    if let Some(ms) = retries.backoff_ms.filter(|it| counted.contains(it)) {
        retry.set("initialInterval", bundle::duration(ms));
    }
    retry.set_with_comment(
        "status",
        Value::from(TRY_AGAIN),
        "Not for POST and PATCH, of which only those are repeated that never left.",
    );
    retry.set("maxRequestBodyBytes", Value::Int(KEPT_BODY_BYTES));
    Some(retry)
}
