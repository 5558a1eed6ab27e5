//! Which request takes which way.
//!
//! Two routers stand in front of all others and do nothing but look at the request id:
//! one that is well-formed is kept, any other taken off. Every route hangs below both.

use std::collections::BTreeMap;

use super::{
    middleware,
    service::{self, Target},
    startup::ENTRY_POINT,
};
use crate::{
    export::{
        bundle::{self, Checked, Gateway, Passage},
        yaml::{Map, Value},
    },
    model::{Method, Model, RouteId},
};

/// The routers in front.
const PARENTS: [&str; 2] = ["entry_kept-request-id", "entry_no-request-id"];

/// What answers where a middleware has refused or answered already.
const NOTHING: &str = "noop@internal";

/// Every router.
pub(super) fn all(
    model: &Model,
    gateway: &Gateway<'_>,
    checked: &Checked<'_>,
    targets: &[Target<'_>],
) -> Map {
    let mut all = Map::from([("entry_health", health(model, gateway).into())]);
    if targets.is_empty() {
        return all;
    }
    all.merge(entries());
    let names = service::names(targets);
    for (host, paths) in checked.hosts.iter().rev() {
        let host = HostRule::new(host.as_deref(), checked);
        for (prefix, passages) in paths.iter().rev() {
            of_path(&mut all, &host, prefix, passages, &names);
        }
    }
    all
}

/// The gateway's own health, whatever the host.
fn health(model: &Model, gateway: &Gateway<'_>) -> Map {
    let path = bundle::gateway_health_path(model, gateway.id);
    let quiet = Map::from([("accessLogs", false.into())]);
    Map::from([
        ("entryPoints", [ENTRY_POINT].into()),
        ("rule", call("Path", &[&path]).into()),
        ("priority", Value::Int(3)),
        ("service", "ping@internal".into()),
        ("observability", quiet.into()),
    ])
}

/// The routers that requests meet first.
fn entries() -> Map {
    let mut all = Map::default();
    let entry = |rule: String, priority: i64, middlewares: Vec<&str>| {
        Map::from([
            ("entryPoints", [ENTRY_POINT].into()),
            ("rule", rule.into()),
            ("priority", Value::Int(priority)),
            ("middlewares", middlewares.into()),
        ])
    };
    let [kept, none] = PARENTS;
    let shared = [middleware::HEADERS, middleware::COMPRESS];
    all.set_with_comment(
        kept,
        entry(
            call("HeaderRegexp", &["X-Request-ID", bundle::REQUEST_ID]),
            2,
            shared.to_vec(),
        ),
        "A well-formed request id of the caller is kept.",
    );
    all.set_with_comment(
        none,
        entry(
            call("PathPrefix", &["/"]),
            1,
            [[middleware::NO_REQUEST_ID].as_slice(), &shared].concat(),
        ),
        "Any other is taken off: Traefik cannot make one, services make their own.",
    );
    all
}

/// The routers of one path of a host.
fn of_path(
    all: &mut Map,
    host: &HostRule,
    prefix: &str,
    passages: &[Passage<'_>],
    names: &BTreeMap<&RouteId, &str>,
) {
    let place = [host.rule.clone(), path_rule(prefix)];
    let place: Vec<_> = place.into_iter().filter(|it| !it.is_empty()).collect();
    let base = 30 * i64::try_from(prefix.len()).unwrap_or(0) + host.rank;
    let rule = |more: &[String]| [place.as_slice(), more].concat().join(" && ");
    for passage in passages {
        let id = passage.id;
        // The route for every other method comes last.
        let below = if passage.methods.is_empty() { 0 } else { 3 };
        let mut conditions = Vec::new();
        if !passage.methods.is_empty() {
            conditions.push(any("Method", passage.methods.iter().map(|it| it.as_str())));
        }
        if !passage.origins.is_empty() {
            all.set(
                format!("{id}_preflight"),
                router(
                    rule(&preflight(&passage.methods)),
                    base + 8,
                    vec![format!("{id}_cors")],
                    NOTHING,
                ),
            );
        }
        let target = names.get(id).copied().unwrap_or_default();
        let open = conditions.clone();
        if let Some(header) = bundle::credentials_header(passage) {
            conditions.push(call("HeaderRegexp", &[header, ".+"]));
        }
        all.set_with_comment(
            id.as_str(),
            router(
                rule(&conditions),
                base + below + 3,
                middleware::names_for(passage),
                target,
            ),
            format!("Route {id}"),
        );
        if conditions.len() > open.len() {
            let mut names = vec![middleware::NO_CREDENTIALS.to_owned()];
            if !passage.origins.is_empty() {
                names.insert(0, format!("{id}_cors"));
            }
            all.set(
                format!("{id}_credentials"),
                router(rule(&open), base + below + 2, names, NOTHING),
            );
        }
    }
    if passages.iter().all(|it| !it.methods.is_empty()) {
        let first = passages.first().map_or("", |it| it.id.as_str());
        let names = vec![
            middleware::allow_name(passages),
            middleware::NO_METHOD.to_owned(),
        ];
        all.set(
            format!("{first}_methods"),
            router(rule(&[]), base + 1, names, NOTHING),
        );
    }
}

fn router(rule: String, priority: i64, middlewares: Vec<String>, service: &str) -> Map {
    let mut router = Map::from([
        ("parentRefs", PARENTS.into()),
        ("rule", rule.into()),
        ("priority", Value::Int(priority)),
    ]);
    if !middlewares.is_empty() {
        let names: Vec<Value> = middlewares.into_iter().map(Value::from).collect();
        router.set("middlewares", names);
    }
    router.set("service", service);
    router
}

/// A browser asks ahead whether a page of another origin may call with a method.
fn preflight(methods: &[Method]) -> Vec<String> {
    let methods = if methods.is_empty() {
        "^[A-Z]+$".to_owned()
    } else {
        let names: Vec<_> = methods.iter().map(|it| it.as_str()).collect();
        format!("^({})$", names.join("|"))
    };
    vec![
        call("Method", &["OPTIONS"]),
        call("HeaderRegexp", &["Origin", ".+"]),
        call("HeaderRegexp", &["Access-Control-Request-Method", &methods]),
    ]
}

/// `/orders` is for `/orders` and what is below it, not for `/orders-archive`.
fn path_rule(prefix: &str) -> String {
    if prefix.is_empty() {
        return call("PathPrefix", &["/"]);
    }
    let below = format!("{prefix}/");
    format!(
        "({} || {})",
        call("Path", &[prefix]),
        call("PathPrefix", &[&below])
    )
}

/// Which hosts a route is for, and how they rank.
struct HostRule {
    rule: String,
    rank: i64,
}

impl HostRule {
    fn new(host: Option<&str>, checked: &Checked<'_>) -> Self {
        let Some(host) = host else {
            return Self {
                rule: String::new(),
                rank: 0,
            };
        };
        if !host.starts_with('*') {
            return Self {
                rule: host_rule(host),
                rank: 20,
            };
        }
        // Whoever names a host more exactly has it for all paths.
        let end = &host[1..];
        let named = checked.hosts.keys().flatten();
        let nearer = named.filter(|it| *it != host && it.ends_with(end));
        let rules = nearer.map(|it| format!(" && !{}", host_rule(it)));
        Self {
            rule: host_rule(host) + &rules.collect::<String>(),
            rank: 10,
        }
    }
}

fn host_rule(host: &str) -> String {
    match host.strip_prefix('*') {
        Some(end) => {
            let pattern = format!("^.+{}$", bundle::regex_escaped(end));
            call("HostRegexp", &[&pattern])
        }
        None => call("Host", &[host]),
    }
}

/// `(Method(`GET`) || Method(`HEAD`))`
fn any<'a>(matcher: &str, values: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<_> = values.map(|it| call(matcher, &[it])).collect();
    match all.as_slice() {
        [only] => only.clone(),
        several => format!("({})", several.join(" || ")),
    }
}

/// `Path(`/orders`)`: between backticks everything is text, and none is in a word.
fn call(matcher: &str, words: &[&str]) -> String {
    let words: Vec<_> = words
        .iter()
        .map(|it| format!("`{}`", it.replace('`', "")))
        .collect();
    format!("{matcher}({})", words.join(", "))
}
