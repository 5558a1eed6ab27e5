//! One path of a server: who may pass, within which limits, to whom.

use super::{
    directive::{Directive, block, simple},
    http,
};
use crate::{
    export::bundle::{self, Passage},
    model::{Authentication, Method, Model, ServiceId},
};

/// Statuses that nothing sends; each leads to the route of one set of methods.
const FIRST_INNER_STATUS: usize = 470;
/// The largest body where a route says none, as nginx counts by itself.
const DEFAULT_BODY_KIB: u64 = 1024;

/// The locations of the routes of one path, which differ in their methods.
pub(super) fn all(
    model: &Model,
    gateway: &ServiceId,
    prefix: &str,
    passages: &[Passage<'_>],
) -> Vec<Directive> {
    let (inside, named) = match passages {
        [only] => (guarded(model, gateway, only, LookedAt::Nothing), Vec::new()),
        several => by_method(model, gateway, several),
    };
    let routes: Vec<_> = passages.iter().map(|it| it.id.as_str()).collect();
    let comment = format!("Route {}", routes.join(", "));
    // `/orders` is for `/orders` and what is below it, not for `/orders-archive`.
    let below = format!("{prefix}/");
    let mut all = Vec::new();
    if !prefix.is_empty() {
        all.push(block(["location", "=", prefix], inside.clone()).with_comment(comment.clone()));
    }
    let below = block(["location", &below], inside);
    all.push(if prefix.is_empty() {
        below.with_comment(comment)
    } else {
        below.close()
    });
    all.extend(named);
    all
}

/// Several routes of one path: the method decides which.
fn by_method(
    model: &Model,
    gateway: &ServiceId,
    passages: &[Passage<'_>],
) -> (Vec<Directive>, Vec<Directive>) {
    // Or else an error of the chosen route would not lead to its page.
    let mut choose = vec![simple(["recursive_error_pages", "on"])];
    let mut named = Vec::new();
    let mut passages: Vec<_> = passages.iter().collect();
    // The one for every other method comes last.
    passages.sort_by_key(|it| it.methods.is_empty());
    for (number, passage) in passages.iter().enumerate() {
        let status = (FIRST_INNER_STATUS + number).to_string();
        let name = format!("@route_{}", passage.id);
        choose.push(simple(["error_page", &status, "=", &name]));
        let inside = guarded(model, gateway, passage, LookedAt::Method);
        named.push(block(["location", &name], inside));
    }
    choose.extend(error_pages());
    choose.extend(largest_body(&passages));
    for (number, passage) in passages.iter().enumerate() {
        let status = (FIRST_INNER_STATUS + number).to_string();
        let turn = simple(["return", &status]);
        if passage.methods.is_empty() {
            choose.push(turn);
        } else {
            let mut methods = passage.methods.clone();
            if !passage.origins.is_empty() {
                methods.push(Method::Options);
            }
            choose.push(if_method("~", &methods, turn));
        }
    }
    if passages.iter().all(|it| !it.methods.is_empty()) {
        let methods: Vec<_> = passages.iter().flat_map(|it| it.methods.clone()).collect();
        choose.push(simple([
            "set",
            "$allowed_methods",
            &http::method_list(&methods),
        ]));
        choose.push(simple(["return", "405"]));
    }
    (choose, named)
}

/// Where a request is answered that nginx cannot read.
pub(super) const UNREAD: &str = "/@error";

/// The pages of errors that nginx answers itself. A request that cannot be read may have
/// no path, without which nginx goes to no named location and answers 500 instead.
pub(super) fn error_pages() -> [Directive; 3] {
    const EARLY: [&str; 3] = ["400", "414", "505"];
    let own = bundle::OWN_ERRORS.iter().map(|it| it.0);
    let mut late: Vec<_> = own
        .filter(|it| !EARLY.contains(it))
        .chain(["501"])
        .collect();
    late.sort_unstable();
    let pages = late
        .into_iter()
        .fold(simple(["error_page"]), Directive::word);
    let early = EARLY
        .iter()
        .fold(simple(["error_page"]), |it, status| it.word(*status));
    [
        pages.word("@error"),
        early.word(UNREAD),
        // nginx's own number for headers that are too large.
        simple(["error_page", "494", "=431", UNREAD]),
    ]
}

/// A body's size is looked at before the method is: the largest of them all may come in.
fn largest_body(passages: &[&Passage<'_>]) -> Option<Directive> {
    let limits = passages.iter().filter_map(|it| it.body_limit_kib);
    let largest = limits.max().filter(|it| *it > DEFAULT_BODY_KIB)?;
    Some(simple(["client_max_body_size", &format!("{largest}k")]))
}

fn if_method(operator: &str, methods: &[Method], then: Directive) -> Directive {
    let names: Vec<_> = methods.iter().map(|it| it.as_str()).collect();
    let pattern = format!("^({})$)", names.join("|"));
    block(["if", "($request_method", operator, &pattern], vec![then]).close()
}

/// What a location in front of this one has looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LookedAt {
    Nothing,
    Method,
}

fn guarded(
    model: &Model,
    gateway: &ServiceId,
    passage: &Passage<'_>,
    looked_at: LookedAt,
) -> Vec<Directive> {
    let mut inside = Vec::new();
    let allowed = http::method_list(&passage.methods);
    let is_limited = !passage.methods.is_empty();
    if is_limited || !passage.origins.is_empty() {
        inside.push(simple(["set", "$allowed_methods", &allowed]));
    }
    if !passage.origins.is_empty() {
        let origin = format!("${}", passage.variable("origin"));
        inside.push(simple(["set", "$cors_origin", &origin]));
        inside.push(simple(["set", "$cors_vary", "Origin"]));
        let credentials = passage.route.cors.as_ref().is_some_and(|it| it.credentials);
        if credentials && !passage.origins.iter().any(|it| it == "*") {
            inside.push(simple(["set", "$cors_credentials", "true"]));
        }
        inside.push(block(["if", "($is_preflight)"], vec![simple(["return", "204"])]).close());
    }
    if is_limited && looked_at == LookedAt::Nothing {
        inside.push(if_method("!~", &passage.methods, simple(["return", "405"])));
    }
    let credentials = match passage.route.authentication {
        Some(Authentication::Jwt) => Some(("($http_authorization", "Bearer")),
        Some(Authentication::ApiKey) => Some(("($http_x_api_key", "ApiKey")),
        Some(Authentication::None | Authentication::ForwardAuth) | None => None,
    };
    if let Some((header, scheme)) = credentials {
        inside.push(simple(["set", "$credentials", scheme]));
        let missing = ["if", header, "=", "'')"];
        inside.push(Directive::raw_condition(missing, simple(["return", "401"])));
    }
    if let Some((_, burst)) = passage.rate {
        let mut limit = simple(["limit_req"]).word(format!("zone=route_{}", passage.id));
        if burst > 0 {
            limit = limit.word(format!("burst={burst}")).word("nodelay");
        }
        inside.push(limit);
    }
    if let Some(kib) = passage.body_limit_kib {
        inside.push(simple(["client_max_body_size", &format!("{kib}k")]));
    }
    inside.extend(times(model, gateway, passage));
    if passage.route.strip_prefix && !passage.prefix.is_empty() {
        let pattern = format!("^{}/?(.*)$", escaped(&passage.prefix));
        inside.push(simple(["rewrite", &pattern, "/$1", "break"]));
    }
    inside.push(simple([
        "proxy_pass",
        &format!("http://{}", passage.upstream),
    ]));
    inside
}

fn times(model: &Model, gateway: &ServiceId, passage: &Passage<'_>) -> Vec<Directive> {
    let mut all = Vec::new();
    let call = bundle::call(model, gateway, passage.service.0);
    let of_call = call.and_then(|it| it.timeout_ms).filter(|it| *it > 0);
    if let Some(ms) = passage.timeout_ms.or(of_call) {
        // The route's time is for all attempts, the call's for each.
        let each = ms.min(of_call.unwrap_or(ms));
        let limit = format!("{each}ms");
        let connect = format!("{}ms", each.min(bundle::MAX_CONNECT_MS));
        all.push(simple(["proxy_connect_timeout", &connect]));
        all.push(simple(["proxy_send_timeout", &limit]));
        all.push(simple(["proxy_read_timeout", &limit]));
        let all_ms = format!("{ms}ms");
        all.push(simple(["proxy_next_upstream_timeout", &all_ms]));
    }
    if let Some(call) = call.filter(|it| it.retries.is_some()) {
        if call.attempts() > 1 {
            let tries = call.attempts().to_string();
            all.push(simple([
                "proxy_next_upstream",
                "error",
                "timeout",
                "http_502",
                "http_503",
            ]));
            all.push(simple(["proxy_next_upstream_tries", &tries]));
        } else {
            all.push(simple(["proxy_next_upstream", "off"]));
        }
    }
    all
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

/// Whether a path is asked for its health by the gateway's own container.
pub(super) fn health(model: &Model, gateway: &ServiceId) -> Directive {
    let path = bundle::gateway_health_path(model, gateway);
    block(
        ["location", "=", &path],
        vec![
            simple(["access_log", "off"]),
            simple(["default_type", "text/plain"]),
            simple(["return", "200", "ok\n"]),
        ],
    )
}
