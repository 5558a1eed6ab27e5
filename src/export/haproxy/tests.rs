//! What a gateway's configuration says, read back.

use super::{
    EXPORTER,
    reading::{Read, read},
};
use crate::{
    export::{Export, export_one, hostile},
    model::{Authentication, Cors, Method, Model, testing::model},
};

fn export(model: &Model) -> Export {
    export_one(&EXPORTER, model).unwrap()
}

fn configuration(model: &Model) -> Vec<Read> {
    read(&export(model).files["haproxy/haproxy.cfg"])
}

/// A design behind HAProxy: the gateway is `g`.
fn behind(rest: &str) -> Model {
    model(&rest.replace("g:gateway", "g:gateway{technology=haproxy}"))
}

fn section(read: &[Read], head: &str) -> Vec<String> {
    let mut sections = read.iter();
    let found = sections.find(|it| it.head == head);
    found
        .unwrap_or_else(|| panic!("there is no {head}"))
        .joined()
}

fn place(lines: &[String], wanted: &str) -> usize {
    let mut all = lines.iter();
    all.position(|it| it == wanted)
        .unwrap_or_else(|| panic!("there is no {wanted}: {lines:#?}"))
}

#[test]
fn a_route_reaches_its_service_within_its_limits() {
    let read = configuration(&behind(
        "x(g:gateway, a{port=5000}); g/orders -> a{timeout=750 body=64 rate=20}",
    ));
    let front = section(&read, "frontend g");
    for line in [
        "acl at.g-orders var(txn.path) -m str -- /orders",
        "acl at.g-orders var(txn.path) -m beg -- /orders/",
        "http-request set-var(txn.route) str(g-orders) if !routed at.g-orders",
        "http-request deny deny_status 413 if route.g-orders { req.body_size gt 65536 }",
        "http-request deny deny_status 429 if route.g-orders { sc_gpc0_rate(0) ge 40 }",
        "use_backend a if route.g-orders",
    ] {
        place(&front, line);
    }
    assert_eq!(
        section(&read, "backend rate.g-orders"),
        ["stick-table type ipv6 size 100k expire 2000ms store gpc0_rate(2000ms)"]
    );
    let back = section(&read, "backend a");
    place(&back, "timeout connect 750ms");
    place(
        &back,
        "http-request set-timeout server 750ms if { var(txn.route) -m str -- g-orders }",
    );
    assert!(back.last().unwrap().starts_with("server a a:5000 check "));
}

#[test]
fn grpc_is_spoken_over_http_2() {
    let read = configuration(&behind("x(g:gateway, a{grpc=5000}, b); g/a -> a; g/b -> b"));
    let server = |id: &str| section(&read, &format!("backend {id}")).pop().unwrap();
    assert!(server("a").starts_with("server a a:5000 proto h2 check "));
    assert!(!server("b").contains("proto"));
    let is_refused = |read: &[Read]| {
        let front = section(read, "frontend g");
        front.contains(&"option disable-h2-upgrade".to_owned())
    };
    assert!(!is_refused(&read));
    assert!(is_refused(&configuration(&behind(
        "x(g:gateway, b); g/b -> b"
    ))));
}

#[test]
fn unknown_hosts_are_closed_once_every_route_names_one() {
    let named = behind("x(g:gateway, a); g/a -> a{host=shop.example.com}");
    let front = section(&configuration(&named), "frontend g");
    place(&front, "http-request reject unless known_host");
    place(
        &front,
        "acl known_host var(txn.host) -m str -- shop.example.com",
    );
    let open = export(&behind("x(g:gateway, a); g/a -> a"));
    assert!(
        open.notes.iter().any(|it| it.contains("answers to any")),
        "{:?}",
        open.notes
    );
    assert!(!open.files["haproxy/haproxy.cfg"].contains("reject"));
}

#[test]
fn no_route_hides_another() {
    let drawn = "x(g:gateway, a, b, c, d); g/ -> a; g/o -> b; g/o/p -> c; g/o -> d{host=*.x.test}; \
                 g/o -> c{host=y.x.test}";
    let front = section(&configuration(&behind(drawn)), "frontend g");
    let chosen: Vec<_> = front
        .iter()
        .filter(|it| it.starts_with("http-request set-var(txn.route)"))
        .map(|it| it.split(['(', ')']).nth(3).unwrap())
        .collect();
    assert_eq!(
        chosen,
        ["g-o-p", "g-o-y-x-test", "g-o-x-test", "g-o", "g"],
        "{front:#?}"
    );
    place(&front, "acl below.x.test var(txn.host) -m end -- .x.test");
}

#[test]
fn methods_decide_between_routes_of_one_path() {
    let mut model = behind("x(g:gateway, a, b); g/o -> a; g/o -> b");
    for (id, methods) in [("g-o", vec![Method::Get]), ("g-o-2", vec![Method::Post])] {
        let mut route = model.routes[id].as_ref().clone();
        route.methods = methods;
        *model.routes.get_mut(id).unwrap() = route.into();
    }
    let front = section(&configuration(&model), "frontend g");
    let first = place(
        &front,
        "http-request set-var(txn.route) str(g-o) if !routed at.g-o allows.g-o",
    );
    let second = place(
        &front,
        "http-request set-var(txn.route) str(g-o-2) if !routed at.g-o allows.g-o-2",
    );
    let refused = place(
        &front,
        "http-request deny deny_status 405 if !routed at.g-o",
    );
    assert!(first < second && second < refused);
    place(
        &front,
        "http-request set-var-fmt(txn.allow) GET, HEAD, POST if !routed at.g-o",
    );
}

#[test]
fn a_prefix_is_taken_off_by_its_segments_and_a_port_has_its_own_backend() {
    let mut model = behind("x(g:gateway, a{port=80}); g/ö/x'y -> a{port=81}");
    let id = model.routes.keys().next().unwrap().clone();
    let mut route = model.routes[&id].as_ref().clone();
    route.strip_prefix = true;
    model.routes.insert(id.clone(), route.into());
    let read = configuration(&model);
    let front = section(&read, "frontend g");
    place(
        &front,
        &format!("http-request replace-path ^(/[^/]*){{2}}/?(.*)$ /\\2 if route.{id}"),
    );
    place(
        &front,
        &format!("acl at.{id} var(txn.path) -m beg -- /ö/x'y/"),
    );
    let server = section(&read, "backend a_81").pop().unwrap();
    assert!(server.contains(" a:81 ") && server.contains(" port 80 "));
}

#[test]
fn a_page_of_another_origin_is_let_in_before_it_shows_credentials() {
    let mut model = behind("x(g:gateway, a); g/o -> a");
    let mut route = model.routes["g-o"].as_ref().clone();
    route.cors = Some(Cors {
        origins: vec!["https://a.test".to_owned()],
        credentials: true,
    });
    route.authentication = Some(Authentication::Jwt);
    *model.routes.get_mut("g-o").unwrap() = route.into();
    let front = section(&configuration(&model), "frontend g");
    let ahead = front.iter().position(|it| it.contains("return status 204"));
    let refused = place(
        &front,
        "http-request deny deny_status 401 if route.g-o !{ req.fhdr(Authorization) -m len gt 0 }",
    );
    assert!(ahead.unwrap() < refused);
    place(
        &front,
        "acl origin.g-o var(txn.origin) -m str -- https://a.test",
    );
}

#[test]
fn a_breaker_takes_a_replica_out_for_at_least_its_time_and_the_rest_is_said() {
    let export = export(&behind(
        "x(g:gateway, a{replicas=3}); g/a -> a{timeout=900}; g -> a{breaker retries=2 backoff=5 bulkhead=9}",
    ));
    let back = section(&read(&export.files["haproxy/haproxy.cfg"]), "backend a");
    let server = back.last().unwrap();
    for part in [
        "server-template a 3 a:8080 ",
        " rise 4 ",
        " maxconn 9 ",
        " observe layer7 error-limit 10 on-error mark-down ",
    ] {
        assert!(server.contains(part), "{part}: {server}");
    }
    place(&back, "retries 2");
    place(
        &back,
        "http-request disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE }",
    );
    place(
        &back,
        "http-request deny deny_status 503 if { be_conn gt 9 }",
    );
    let notes = export.notes.join("\n");
    for part in [
        "30000 to 40000 ms later, not after 30000 ms",
        "no half-open state",
        "Breaker failure rate (%)",
        "tries again at once",
    ] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
}

#[test]
fn a_service_nobody_protects_is_called_once_and_not_taken_out_by_its_answers() {
    let read = configuration(&behind("x(g:gateway, a); g/a -> a"));
    let back = section(&read, "backend a").join("\n");
    assert!(back.contains("retry-on conn-failure\n"), "{back}");
    assert!(
        !back.contains("observe") && !back.contains("be_conn"),
        "{back}"
    );
}

#[test]
fn other_gateways_are_left_to_other_targets() {
    let export = export(&model("x(g:gateway{technology=envoy}, a); g/a -> a"));
    assert!(export.files.is_empty());
    assert_eq!(
        export.notes,
        ["No gateway of this design is HAProxy: its technology says which program it is."]
    );
}

#[test]
fn no_line_and_no_word_of_a_design_gets_in() {
    let lines = |text: &str| -> Vec<String> {
        let read = configuration(&hostile::design_behind("haproxy", text));
        let of = |it: &Read| {
            let mut lines = it.joined();
            lines.insert(0, it.head.clone());
            lines
        };
        read.iter().flat_map(of).collect()
    };
    let mut known = lines(hostile::HARMLESS);
    // Without a text of its own, a service is asked where its technology answers.
    known.extend(lines(""));
    for text in hostile::HOSTILE {
        for line in lines(text) {
            // A text that happens to be a path or a host becomes a route and nothing else.
            let is_route = ["p", "h"].iter().any(|id| {
                let names = [
                    format!("at.{id}"),
                    format!("route.{id}"),
                    format!("str({id})"),
                ];
                names.iter().any(|it| line.contains(it.as_str()))
            });
            assert!(known.contains(&line) || is_route, "{text:?} made {line:?}");
        }
    }
}

#[test]
fn ids_that_are_words_of_the_dialect_are_names_all_the_same() {
    let ids = [
        "default", "defaults", "global", "no", "if", "or", "rate", "5019", "server",
    ];
    let services: Vec<_> = ids.iter().map(|it| format!(", {it}")).collect();
    let routes: Vec<_> = ids.iter().map(|it| format!("; g/{it} -> {it}")).collect();
    let drawn = format!("x(g:gateway{}){}", services.concat(), routes.concat());
    let read = configuration(&behind(&drawn));
    for id in ids {
        let server = section(&read, &format!("backend {id}")).pop().unwrap();
        assert!(server.starts_with(&format!("server {id} ")), "{server}");
    }
}
