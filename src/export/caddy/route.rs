//! One path of a site: who may pass, within which limits, to whom.

use super::{
    line::{Line, block, line, snippet as snippet_block},
    upstream::{self, Calls},
};
use crate::{
    export::bundle::{self, Passage},
    model::Method,
};

/// The name of the snippet for a path's routes.
pub(super) fn name_of(passages: &[Passage<'_>]) -> String {
    let first = passages.first().map_or("", |it| it.id.as_str());
    format!("route_{first}")
}

/// The snippet for a path's routes, which differ in their methods.
pub(super) fn snippet(prefix: &str, passages: &[Passage<'_>], calls: &Calls<'_>) -> Line {
    let name = name_of(passages);
    let mut inside = Vec::new();
    for passage in passages.iter().filter(|it| !it.origins.is_empty()) {
        inside.extend(preflight(passage));
    }
    match passages {
        [only] => {
            if !only.methods.is_empty() {
                let other = format!("@{}_methods", only.id);
                let mut matcher = line([&other, "not", "method"]);
                for method in &only.methods {
                    matcher = matcher.word(method.as_str());
                }
                inside.push(matcher);
                inside.push(line([
                    "header",
                    &other,
                    "Allow",
                    &method_list(&only.methods),
                ]));
                inside.push(line(["error", &other, "405"]));
            }
            inside.extend(pass(only, calls));
        }
        several => inside.extend(by_method(several, calls)),
    }
    // `/orders` is for `/orders` and what is below it, not for `/orders-archive`.
    let all = if prefix.is_empty() {
        vec![block(["route"], inside)]
    } else {
        let matcher = format!("@{name}");
        let pattern = format!("^{}(/|$)", bundle::regex_escaped(prefix));
        vec![
            line([&matcher, "path_regexp", &pattern]),
            block(["route", &matcher], inside),
        ]
    };
    let routes: Vec<_> = passages.iter().map(|it| it.id.as_str()).collect();
    snippet_block(&name, all).with_comment(format!("Route {}", routes.join(", ")))
}

/// Several routes of one path: the method decides which.
fn by_method(passages: &[Passage<'_>], calls: &Calls<'_>) -> Vec<Line> {
    let mut all = Vec::new();
    for passage in passages.iter().filter(|it| !it.methods.is_empty()) {
        let matcher = format!("@{}_methods", passage.id);
        let mut methods = line([&matcher, "method"]);
        for method in &passage.methods {
            methods = methods.word(method.as_str());
        }
        all.push(methods);
        all.push(block(["route", &matcher], pass(passage, calls)));
    }
    if let Some(rest) = passages.iter().find(|it| it.methods.is_empty()) {
        all.extend(pass(rest, calls));
    } else {
        let methods = passages.iter().flat_map(|it| it.methods.iter().copied());
        let methods = method_list(&methods.collect::<Vec<_>>());
        all.push(line(["header", "Allow", &methods]));
        all.push(line(["error", "405"]));
    }
    all
}

/// `GET, HEAD`; every method where none is said.
fn method_list(methods: &[Method]) -> String {
    let all = if methods.is_empty() {
        &Method::ALL
    } else {
        methods
    };
    let names: Vec<_> = all.iter().map(|it| it.as_str()).collect();
    names.join(", ")
}

/// What a request goes through once its method is known to be the route's.
fn pass(passage: &Passage<'_>, calls: &Calls<'_>) -> Vec<Line> {
    let id = passage.id;
    let mut all = Vec::new();
    if !passage.origins.is_empty() {
        let matcher = format!("@{id}_origin");
        all.extend(origin_matcher(passage, &matcher));
        all.extend(origin_headers(passage, &matcher));
    }
    if let Some(header) = bundle::credentials_header(passage) {
        let matcher = format!("@{id}_credentials");
        all.push(line([&matcher, "not", "header_regexp", header, "."]));
        all.push(line(["error", &matcher, "401"]));
    }
    if let Some(kib) = passage.body_limit_kib {
        let size = format!("{kib}KiB");
        all.push(block(["request_body"], vec![line(["max_size", &size])]));
    }
    if passage.route.strip_prefix && !passage.prefix.is_empty() {
        all.push(line(["uri", "strip_prefix", &passage.prefix]));
    }
    all.push(upstream::reverse_proxy(passage, calls));
    all
}

/// Which pages of other origins are let in; no matcher where every one is.
fn origin_matcher(passage: &Passage<'_>, name: &str) -> Option<Line> {
    let origins = named_origins(passage)?;
    let headers = origins.iter().map(|it| line(["header", "Origin", it]));
    Some(block([name], headers.collect()))
}

fn named_origins<'a>(passage: &'a Passage<'_>) -> Option<&'a [String]> {
    let is_any = passage.origins.iter().any(|it| it == "*");
    (!is_any).then_some(&passage.origins)
}

fn origin_headers(passage: &Passage<'_>, matcher: &str) -> Vec<Line> {
    if named_origins(passage).is_none() {
        return vec![line(["header", "Access-Control-Allow-Origin", "*"])];
    }
    let mut all = vec![
        line(["header", "+Vary", "Origin"]),
        line(["header", matcher, "Access-Control-Allow-Origin"]).raw("{header.Origin}"),
    ];
    if bundle::lets_cookies(passage) {
        all.push(line([
            "header",
            matcher,
            "Access-Control-Allow-Credentials",
            "true",
        ]));
    }
    all
}

/// A browser asks ahead whether a page of another origin may call with a method.
fn preflight(passage: &Passage<'_>) -> Vec<Line> {
    let methods = if passage.methods.is_empty() {
        "^[A-Z]+$".to_owned()
    } else {
        let names: Vec<_> = passage.methods.iter().map(|it| it.as_str()).collect();
        format!("^({})$", names.join("|"))
    };
    let matcher = format!("@{}_preflight", passage.id);
    let origin = format!("@{}_preflight_origin", passage.id);
    let mut inside: Vec<Line> = origin_matcher(passage, &origin).into_iter().collect();
    inside.extend(origin_headers(passage, &origin));
    let age = bundle::CROSS_ORIGIN_SECONDS.to_string();
    let headers = bundle::CROSS_ORIGIN_HEADERS.join(", ");
    for (name, value) in [
        ("Methods", method_list(&passage.methods)),
        ("Headers", headers),
    ] {
        let header = format!("Access-Control-Allow-{name}");
        inside.push(line(["header", &header, &value]));
    }
    inside.push(line(["header", "Access-Control-Max-Age", &age]));
    inside.push(line(["respond", "204"]));
    vec![
        block(
            [&matcher],
            vec![
                line(["method", "OPTIONS"]),
                line(["header", "Origin", "*"]),
                line(["header_regexp", "Access-Control-Request-Method", &methods]),
            ],
        ),
        block(["route", &matcher], inside),
    ]
}
