//! Which host, path and method leads where. Envoy takes the first route that matches,
//! so the longest path stands first.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{
    DEFAULT_TIMEOUT_MS, limits, retry,
    typed::{Append, header, regex, seconds},
};
use crate::{
    export::{
        bundle::{Checked, Passage},
        yaml::{Map, Value},
    },
    model::{Authentication, Dependency, Method, ServiceId},
};

/// The drawn calls of a gateway, by who is called.
pub(super) type Calls<'a> = BTreeMap<&'a ServiceId, &'a Dependency>;

/// The routes of a gateway.
pub(super) fn configuration(checked: &Checked<'_>, calls: &Calls<'_>) -> Map {
    let mut configuration = Map::from([("name", "routes".into())]);
    let hosts: Vec<Map> = checked
        .hosts
        .keys()
        .map(|host| virtual_host(checked, calls, host.as_ref()))
        .collect();
    let comment = if checked.hosts.contains_key(&None) {
        "Any host is answered, because a route names none."
    } else {
        "Whoever asks for a host that no route names gets 404."
    };
    configuration.set_with_comment("virtual_hosts", hosts, comment);
    let add = |name: &str, value: &str| header(name, value, Append::Replace);
    configuration.set(
        "request_headers_to_add",
        vec![
            add("x-forwarded-host", "%REQ(:AUTHORITY)%"),
            add("x-real-ip", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"),
        ],
    );
    configuration
}

fn virtual_host(checked: &Checked<'_>, calls: &Calls<'_>, host: Option<&String>) -> Map {
    let own = checked.hosts.get(&host.cloned());
    let any = checked.hosts.get(&None).filter(|_| host.is_some());
    let mut paths: BTreeMap<&str, &[Passage<'_>]> = BTreeMap::new();
    for (prefix, passages) in any.into_iter().chain(own).flatten() {
        paths.insert(prefix, passages);
    }
    // Sorted downwards, no path stands before a longer one that starts with it.
    let routes = paths.into_iter().rev();
    let routes: Vec<Map> = routes
        .flat_map(|(prefix, passages)| of_path(prefix, passages, calls))
        .collect();
    Map::from([
        ("name", host.map_or("any_host", String::as_str).into()),
        ("domains", vec![host.map_or("*", String::as_str)].into()),
        ("routes", routes.into()),
    ])
}

/// The routes of one path, which differ in their methods.
fn of_path(prefix: &str, passages: &[Passage<'_>], calls: &Calls<'_>) -> Vec<Map> {
    let mut passages: Vec<_> = passages.iter().collect();
    // The one for every other method comes last.
    passages.sort_by_key(|it| it.methods.is_empty());
    let mut routes = Vec::new();
    for passage in &passages {
        let call = calls.get(passage.service.0).copied();
        routes.extend(preflight(prefix, passage, call));
        routes.extend(unauthorized(prefix, passage));
        routes.push(passed(prefix, passage, call));
    }
    if let Some(first) = passages.first()
        && passages.iter().all(|it| !it.methods.is_empty())
    {
        let methods: BTreeSet<Method> = passages.iter().flat_map(|it| it.methods.clone()).collect();
        let methods: Vec<_> = methods.into_iter().collect();
        let mut route = named(&format!("{}_other_methods", first.id), prefix, Vec::new());
        route.set("direct_response", Map::from([("status", 405_u32.into())]));
        let allow = header("allow", &limits::method_list(&methods), Append::Replace);
        route.set("response_headers_to_add", vec![allow]);
        routes.push(route);
    }
    routes
}

fn named(name: &str, prefix: &str, headers: Vec<Map>) -> Map {
    let mut at = if prefix.is_empty() {
        Map::from([("prefix", "/".into())])
    } else {
        // `/orders` is for `/orders` and what is below it, not for `/orders-archive`.
        Map::from([("path_separated_prefix", on_the_wire(prefix).into())])
    };
    if !headers.is_empty() {
        at.set("headers", headers);
    }
    Map::from([("name", name.into()), ("match", at.into())])
}

/// A browser that asks ahead whether a page of another origin may call.
fn preflight(prefix: &str, passage: &Passage<'_>, call: Option<&Dependency>) -> Option<Map> {
    if passage.origins.is_empty() {
        return None;
    }
    let asked = if passage.methods.is_empty() {
        present("access-control-request-method")
    } else {
        is_one_of("access-control-request-method", &passage.methods)
    };
    let ahead = vec![
        is_one_of(":method", &[Method::Options]),
        present("origin"),
        asked,
    ];
    let mut route = named(&format!("{}_preflight", passage.id), prefix, ahead);
    // Answered by the filter, which wants a route to somewhere all the same.
    route.set("route", action(passage, call));
    route.set("typed_per_filter_config", limits::cross_origin(passage));
    Some(route)
}

fn unauthorized(prefix: &str, passage: &Passage<'_>) -> Option<Map> {
    let (name, scheme) = match passage.route.authentication {
        Some(Authentication::Jwt) => ("authorization", "Bearer"),
        Some(Authentication::ApiKey) => ("x-api-key", "ApiKey"),
        Some(Authentication::None | Authentication::ForwardAuth) | None => return None,
    };
    let mut headers = by_method(passage);
    headers.push(Map::from([
        ("name", name.into()),
        ("treat_missing_header_as_empty", true.into()),
        ("string_match", [("exact", "".into())].into()),
    ]));
    let mut route = named(&format!("{}_unauthorized", passage.id), prefix, headers);
    route.set("direct_response", Map::from([("status", 401_u32.into())]));
    route.set(
        "response_headers_to_add",
        vec![header("www-authenticate", scheme, Append::Replace)],
    );
    Some(route)
}

fn passed(prefix: &str, passage: &Passage<'_>, call: Option<&Dependency>) -> Map {
    let mut route = named(passage.id.as_str(), prefix, by_method(passage));
    route.set("route", action(passage, call));
    let limits = limits::of(passage);
    if !limits.is_empty() {
        route.set("typed_per_filter_config", limits);
    }
    if !passage.origins.is_empty() {
        let vary = header("vary", "Origin", Append::Add);
        route.set("response_headers_to_add", vec![vary]);
    }
    route
}

fn action(passage: &Passage<'_>, call: Option<&Dependency>) -> Map {
    let times = retry::times(passage.timeout_ms, call);
    let mut action = Map::from([
        ("cluster", passage.upstream.as_str().into()),
        (
            "timeout",
            seconds(times.all_ms.unwrap_or(DEFAULT_TIMEOUT_MS)),
        ),
    ]);
    if passage.route.strip_prefix && !passage.prefix.is_empty() {
        let pattern = format!("^{}/?(.*)$", escaped(&on_the_wire(&passage.prefix)));
        action.set(
            "regex_rewrite",
            Map::from([
                ("pattern", Value::from([("regex", pattern.into())])),
                ("substitution", "/\\1".into()),
            ]),
        );
    }
    if let Some(policy) = retry::policy(call, times) {
        action.set("retry_policy", policy);
    }
    action
}

fn by_method(passage: &Passage<'_>) -> Vec<Map> {
    if passage.methods.is_empty() {
        return Vec::new();
    }
    vec![is_one_of(":method", &passage.methods)]
}

fn is_one_of(name: &str, methods: &[Method]) -> Map {
    let string_match = if let [only] = methods {
        [("exact", only.as_str().into())].into()
    } else {
        let names: Vec<_> = methods.iter().map(|it| it.as_str()).collect();
        regex(&names.join("|"))
    };
    Map::from([("name", name.into()), ("string_match", string_match)])
}

fn present(name: &str) -> Map {
    Map::from([("name", name.into()), ("present_match", true.into())])
}

/// A path as it comes in: Envoy does not decode what callers have encoded.
fn on_the_wire(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii() {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap_or_default();
        }
    }
    out
}

/// A path as part of a regular expression.
fn escaped(path: &str) -> String {
    let mut out = String::new();
    for character in path.chars() {
        if character.is_ascii_punctuation() && character != '/' {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// The longest time of a route, in milliseconds.
pub(super) fn longest_ms(passages: &[&Passage<'_>], calls: &Calls<'_>) -> u64 {
    let times = passages.iter().map(|it| {
        let call = calls.get(it.service.0).copied();
        let times = retry::times(it.timeout_ms, call);
        times.all_ms.unwrap_or(DEFAULT_TIMEOUT_MS)
    });
    times.max().unwrap_or(DEFAULT_TIMEOUT_MS)
}
