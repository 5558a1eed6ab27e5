//! What a route asks of a request, and what it says with every answer.

use super::{
    Edge, frontend,
    line::{Line, Section, line},
    settings,
};
use crate::{export::bundle::Passage, model::Authentication};

/// Headers a web page may send along.
const ALLOWED_HEADERS: &str =
    "Authorization, Content-Type, If-Match, If-None-Match, X-API-Key, X-Request-ID";
/// Segments of a path that are taken off, then the rest of it.
const REST: &str = "/\\2";

/// The rules of every route, in the order of their ids.
pub(super) fn rules(edge: &Edge<'_>) -> Vec<Line> {
    sorted(edge).into_iter().flat_map(of_route).collect()
}

/// Which backend answers.
pub(super) fn uses(edge: &Edge<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    for passage in sorted(edge) {
        lines.push(
            line("use_backend")
                .word(&passage.upstream)
                .words("if")
                .word(condition(passage)),
        );
    }
    if let Some(first) = lines.first_mut() {
        *first = first.clone().apart();
    }
    lines
}

fn sorted<'a>(edge: &Edge<'a>) -> Vec<&'a Passage<'a>> {
    let mut passages: Vec<_> = edge.passages().collect();
    passages.sort_unstable_by_key(|it| it.id);
    passages
}

fn condition(passage: &Passage<'_>) -> String {
    format!("route.{}", passage.id)
}

fn table(passage: &Passage<'_>) -> String {
    format!("rate.{}", passage.id)
}

fn of_route(passage: &Passage<'_>) -> Vec<Line> {
    let condition = condition(passage);
    let only = |it: Line| it.words("if").word(&condition);
    let mut lines = vec![
        line("acl")
            .word(&condition)
            .words("var(txn.route) -m str --")
            .word(passage.id.as_str())
            .with_comment(format!("What route {} asks for", passage.id)),
    ];
    lines.extend(origins(passage, &condition));
    let header = match passage.route.authentication {
        Some(Authentication::Jwt) => Some("Authorization"),
        Some(Authentication::ApiKey) => Some("X-API-Key"),
        Some(Authentication::None | Authentication::ForwardAuth) | None => None,
    };
    if let Some(header) = header {
        let missing = format!("!{{ req.fhdr({header}) -m len gt 0 }}");
        lines.push(only(line("http-request deny deny_status 401")).words(&missing));
    }
    if let Some(rate) = passage.rate {
        let most = Window::of(rate).most;
        let track = line("http-request track-sc0 src table").word(table(passage));
        lines.push(only(track));
        let full = format!("{{ sc_gpc0_rate(0) ge {most} }}");
        lines.push(only(line("http-request deny deny_status 429")).words(&full));
        lines.push(only(line("http-request sc-inc-gpc0(0)")));
    }
    if let Some(kib) = passage.body_limit_kib {
        let unknown = line("http-request return status 411 content-type application/json")
            .words("lf-string")
            .word(settings::error_body("411", "the length is missing"));
        lines.push(only(unknown).words("{ req.fhdr(Transfer-Encoding) -m found }"));
        let large = format!("{{ req.body_size gt {} }}", kib.saturating_mul(1024));
        lines.push(only(line("http-request deny deny_status 413")).words(&large));
    }
    if passage.route.strip_prefix && !passage.prefix.is_empty() {
        let segments = passage.prefix.matches('/').count();
        let replace = line("http-request replace-path")
            .word(format!("^(/[^/]*){{{segments}}}/?(.*)$"))
            .word(REST);
        lines.push(only(replace));
    }
    lines
}

/// Which pages of other origins a browser lets call (CORS).
fn origins(passage: &Passage<'_>, condition: &str) -> Vec<Line> {
    if passage.origins.is_empty() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let set = |what: &str| {
        line("http-request set-var(txn.origin)")
            .words(what)
            .words("if")
            .word(condition)
    };
    if passage.origins.iter().any(|it| it == "*") {
        lines.push(set("str(*)"));
    } else {
        let origin = format!("origin.{}", passage.id);
        for named in &passage.origins {
            let acl = line("acl").word(&origin);
            lines.push(acl.words("var(txn.origin) -m str --").word(named));
        }
        lines.push(set("req.fhdr(Origin)"));
        let refuse = line("http-request unset-var(txn.origin) if").word(condition);
        lines.push(refuse.word(format!("!{origin}")));
        lines.push(line("http-request set-var(txn.vary) bool(true) if").word(condition));
        if passage.route.cors.as_ref().is_some_and(|it| it.credentials) {
            let credentials = line("http-request set-var(txn.credentials) bool(true) if");
            lines.push(credentials.word(condition));
        }
    }
    let ahead = line("http-request return status 204 hdr Access-Control-Allow-Methods")
        .word(frontend::method_list(&passage.methods))
        .words("hdr Access-Control-Allow-Headers")
        .word(ALLOWED_HEADERS)
        .words("hdr Access-Control-Max-Age 600 if")
        .word(condition)
        .words("preflight");
    lines.push(ahead);
    lines
}

/// What every answer says, the gateway's own too.
pub(super) fn answers(edge: &Edge<'_>) -> Vec<Line> {
    let set = |name: &str, value: &str| {
        line("http-after-response set-header")
            .word(name)
            .word(value)
    };
    let unless_said = |name: &str, value: &str| {
        set(name, value).words(&format!("unless {{ res.fhdr({name}) -m found }}"))
    };
    let mut lines = vec![
        line("http-after-response set-var(txn.level) str(error) if { status ge 500 }")
            .with_comment("What every answer says; headers a service sets itself are left to it."),
        line("http-after-response del-header Server"),
        line("http-after-response del-header X-Powered-By"),
        set("X-Request-ID", "%[var(txn.request_id)]"),
        set("X-Content-Type-Options", "nosniff"),
        unless_said("X-Frame-Options", "DENY"),
        unless_said("Referrer-Policy", "no-referrer"),
        set(
            "Content-Security-Policy",
            "default-src 'none'; frame-ancestors 'none'",
        )
        .words("if !{ res.fhdr(Content-Security-Policy) -m found }")
        .words("!{ res.hdr(Content-Type) -i -m beg text/html }"),
        unless_said("Content-Security-Policy", "frame-ancestors 'none'"),
        line("http-after-response del-header Strict-Transport-Security"),
        set(
            "Strict-Transport-Security",
            "max-age=63072000; includeSubDomains",
        )
        .words("if { ssl_fc }"),
        line("http-after-response set-header Allow %[var(txn.allow)]")
            .words("if { status 405 } { var(txn.allow) -m found }"),
    ];
    if edge.checked.has_crossing() {
        let origin = "if { var(txn.origin) -m found } !said_by_service";
        let add = |words: &str| line("http-after-response").words(words).words(origin);
        lines.extend([
            line("acl said_by_service res.fhdr(Access-Control-Allow-Origin) -m found"),
            line("http-after-response add-header Vary Origin if { var(txn.vary) -m found }"),
            add("set-header Access-Control-Allow-Credentials true")
                .words("{ var(txn.credentials) -m found }"),
            add("set-header Access-Control-Allow-Origin %[var(txn.origin)]"),
        ]);
    }
    lines
}

/// How many requests of one client may come within which time.
struct Window {
    ms: u64,
    most: u64,
}

impl Window {
    /// A second's worth and the burst may come at once; the time is as long as so many
    /// take at the drawn rate, so that the rate holds on average.
    fn of((rate, burst): (u32, u32)) -> Self {
        let most = u64::from(rate) + u64::from(burst);
        Self {
            ms: (most * 1000).div_ceil(u64::from(rate.max(1))),
            most,
        }
    }
}

/// A table per route with a rate limit: who asked how often.
pub(super) fn rate_tables(edge: &Edge<'_>) -> Vec<Section> {
    let limited = sorted(edge)
        .into_iter()
        .filter_map(|it| Some((it, it.rate?)));
    limited
        .map(|(passage, (rate, burst))| {
            let Window { ms, most } = Window::of((rate, burst));
            let line_of_table = format!(
                "stick-table type ipv6 size 100k expire {ms}ms store gpc0_rate({ms}ms)"
            );
            Section::new(format!("backend {}", table(passage)))
                .with([line(&line_of_table)])
                .with_comment(format!(
                    "Route {}: {rate} requests a second and a burst of {burst} for each client,\nas {most} within {ms} ms; one that is refused does not count.",
                    passage.id
                ))
        })
        .collect()
}
