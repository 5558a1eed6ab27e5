//! Who is answered, and which route a request takes.
//!
//! The longest path comes first, and of one path the most exact host, so that no route
//! hides another; the first that fits is taken and no other is asked.

use super::{
    Edge,
    line::{Line, Section, line},
    route, settings,
};
use crate::{
    export::bundle::{self, Passage},
    model::Method,
};

/// Routes that share a host and a path and differ in their methods.
struct Slot<'a> {
    host: Option<&'a str>,
    prefix: &'a str,
    passages: &'a [Passage<'a>],
}

/// The gateway's only frontend.
pub(super) fn section(edge: &Edge<'_>) -> Section {
    let slots = slots(edge);
    let (choices, rules, uses) = (choices(&slots), route::rules(edge), route::uses(edge));
    // gRPC comes over HTTP/2, and says so with its first bytes.
    let is_grpc = edge.passages().any(Passage::speaks_grpc);
    let one_version = (!is_grpc).then(|| line("option disable-h2-upgrade"));
    Section::new(format!("frontend {}", edge.gateway.id))
        .with([line("bind").word(format!(":{}", edge.gateway.port()))])
        .with(one_version)
        .with(settings::log(edge.gateway.id.as_str()))
        .with(request())
        .with(own_health(edge))
        .with(hosts(edge))
        .with(choices)
        .with(rules)
        .with(forwarded())
        .with(route::answers(edge))
        .with(uses)
}

/// What is remembered of every request.
fn request() -> Vec<Line> {
    let trace = "%[req.fhdr(traceparent),field(2,-)]";
    vec![
        line("http-request set-var(txn.start) date(0,ms)").apart(),
        line("http-request set-var-fmt(txn.time)").word(settings::NOW),
        line("http-request set-var(txn.agent) req.fhdr(User-Agent)"),
        line("http-request set-var(txn.host) req.fhdr(Host),host_only,lower"),
        line("http-request set-var(txn.path) path,url_dec"),
        line("http-request set-var-fmt(txn.ecs)").word("\"ecs.version\":\"8.11.0\""),
        line("http-request set-var-fmt(txn.ecs)")
            .word(format!(
                "\"ecs.version\":\"8.11.0\",\"trace.id\":\"{trace}\""
            ))
            .words("if { req.fhdr(traceparent) -m reg")
            .word("^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
            .words("}"),
        line("http-request set-var(txn.request_id) req.fhdr(X-Request-ID)")
            .with_comment("A well-formed request id of the caller is kept, any other replaced."),
        line("http-request set-var(txn.request_id) unique-id unless { var(txn.request_id) -m reg")
            .word("^[A-Za-z0-9._-]{8,128}$")
            .words("}"),
    ]
}

fn own_health(edge: &Edge<'_>) -> Vec<Line> {
    let path = bundle::gateway_health_path(edge.model, edge.gateway.id);
    let asked = |it: Line| it.words("if { path -m str --").word(&path).words("}");
    vec![
        asked(line("http-request set-log-level silent"))
            .with_comment("Whether the gateway itself is well, whatever the host."),
        asked(line("http-request return status 200 content-type text/plain string").word("ok\n")),
    ]
}

/// Whoever asks for a host that no route names is not answered.
fn hosts(edge: &Edge<'_>) -> Vec<Line> {
    let is_any = edge.checked.hosts.contains_key(&None) || edge.checked.hosts.is_empty();
    let mut lines = Vec::new();
    for host in edge.checked.hosts.keys().flatten() {
        lines.push(match host.strip_prefix('*') {
            Some(end) => line("acl")
                .word(host_name(host))
                .words("var(txn.host) -m end --")
                .word(end),
            None => line("acl")
                .word(host_name(host))
                .words("var(txn.host) -m str --")
                .word(host),
        });
    }
    if !is_any {
        let known: Vec<_> = lines.clone();
        lines.extend(known.into_iter().map(|it| it.renamed("known_host")));
        lines.push(line("http-request set-log-level silent unless known_host"));
        lines.push(line("http-request reject unless known_host"));
    }
    let comment = if is_any {
        "Any host is answered, because a route names none."
    } else {
        "Whoever asks for a host that no route names is not answered."
    };
    if let Some(first) = lines.first_mut() {
        *first = first.clone().with_comment(comment);
    }
    let reason = "A path that means another one once it is decoded could slip past its route.";
    lines.push(
        line("http-request deny deny_status 400 if { var(txn.path) -m reg")
            .word("(^|/)\\.\\.?(/|$)")
            .words("} or { path -i -m reg %(2f|5c|00) }")
            .with_comment(reason),
    );
    lines
}

/// The name of the condition that a host is asked for.
fn host_name(host: &str) -> String {
    host.strip_prefix("*.")
        .map_or_else(|| format!("host.{host}"), |below| format!("below.{below}"))
}

fn slots<'a>(edge: &Edge<'a>) -> Vec<Slot<'a>> {
    let mut slots = Vec::new();
    for (host, paths) in &edge.checked.hosts {
        for (prefix, passages) in paths {
            slots.push(Slot {
                host: host.as_deref(),
                prefix,
                passages,
            });
        }
    }
    // An exact host before one with a star, the longer of two stars first, any host last.
    let rank = |host: Option<&str>| match host {
        Some(host) if !host.starts_with('*') => (0, 0),
        Some(host) => (1, usize::MAX - host.len()),
        None => (2, 0),
    };
    slots.sort_by(|a, b| {
        let paths = b.prefix.len().cmp(&a.prefix.len());
        paths
            .then_with(|| a.prefix.cmp(b.prefix))
            .then_with(|| rank(a.host).cmp(&rank(b.host)))
    });
    slots
}

/// Which route it is.
fn choices(slots: &[Slot<'_>]) -> Vec<Line> {
    let mut lines = vec![
        line("acl routed var(txn.route) -m found").with_comment(
            "The first route that fits is taken: the longest path, then the most exact host.",
        ),
        line("acl preflight var(txn.asks_ahead) -m found"),
        line(
            "http-request set-var(txn.asks_ahead) req.fhdr(Access-Control-Request-Method) if METH_OPTIONS { req.fhdr(Origin) -m found }",
        ),
    ];
    for slot in slots {
        lines.extend(choice(slot));
    }
    lines.push(line("http-request deny deny_status 404 unless routed").apart());
    lines
}

fn choice(slot: &Slot<'_>) -> Vec<Line> {
    let Some(first) = slot.passages.first() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let mut where_it_is = "if !routed".to_owned();
    if let Some(host) = slot.host {
        where_it_is.push(' ');
        where_it_is.push_str(&host_name(host));
    }
    if !slot.prefix.is_empty() {
        let at = format!("at.{}", first.id);
        lines.extend(below(&at, slot.prefix));
        where_it_is.push(' ');
        where_it_is.push_str(&at);
    }
    let mut passages: Vec<_> = slot.passages.iter().collect();
    // The one for every other method comes last.
    passages.sort_by_key(|it| it.methods.is_empty());
    for passage in &passages {
        let take = line("http-request set-var(txn.route)")
            .word(format!("str({})", passage.id))
            .words(&where_it_is);
        if passage.methods.is_empty() {
            lines.push(take);
        } else {
            let allows = format!("allows.{}", passage.id);
            let methods: Vec<_> = passage.methods.iter().map(|it| it.as_str()).collect();
            let methods = methods.join(" ");
            lines.push(line("acl").word(&allows).words("method").words(&methods));
            if !passage.origins.is_empty() {
                lines.push(
                    line("acl")
                        .word(&allows)
                        .words("var(txn.asks_ahead) -m str --")
                        .words(&methods),
                );
            }
            lines.push(take.word(allows));
        }
    }
    if passages.iter().all(|it| !it.methods.is_empty()) {
        let methods: Vec<_> = passages.iter().flat_map(|it| it.methods.clone()).collect();
        lines.push(
            line("http-request set-var-fmt(txn.allow)")
                .word(method_list(&methods))
                .words(&where_it_is),
        );
        lines.push(line("http-request deny deny_status 405").words(&where_it_is));
    }
    let routes: Vec<_> = slot.passages.iter().map(|it| it.id.as_str()).collect();
    if let Some(first) = lines.first_mut() {
        *first = first
            .clone()
            .with_comment(format!("Route {}", routes.join(", ")));
    }
    lines
}

/// The condition that a path is this one or below it: `/orders` is not for
/// `/orders-archive`.
fn below(name: &str, prefix: &str) -> [Line; 2] {
    let path = |how: &str, path: String| {
        line("acl")
            .word(name)
            .words("var(txn.path) -m")
            .words(how)
            .words("--")
            .word(path)
    };
    [
        path("str", prefix.to_owned()),
        path("beg", format!("{prefix}/")),
    ]
}

/// `GET, HEAD`; every method where none is said.
pub(super) fn method_list(methods: &[Method]) -> String {
    let all = if methods.is_empty() {
        &Method::ALL
    } else {
        methods
    };
    let names: Vec<_> = all.iter().map(|it| it.as_str()).collect();
    names.join(", ")
}

/// What services are told of the caller.
fn forwarded() -> Vec<Line> {
    let header = |name: &str, value: &str| line("http-request set-header").word(name).word(value);
    vec![
        header("X-Request-ID", "%[var(txn.request_id)]")
            .with_comment("What services are told; what a caller says of these is not passed on."),
        header("X-Real-IP", "%[src]"),
        header("X-Forwarded-For", "%[src]"),
        header("X-Forwarded-Host", "%[req.hdr(Host)]"),
        line("http-request set-header X-Forwarded-Proto http"),
        line("http-request set-header X-Forwarded-Proto https if { ssl_fc }"),
    ]
}
