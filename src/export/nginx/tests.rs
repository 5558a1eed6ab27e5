//! What a gateway's configuration says, read back.

use super::{
    EXPORTER,
    reading::{Read, read},
};
use crate::{
    export::{Export, export_one},
    model::{Authentication, Cors, Method, Model, testing::model},
};

fn export(model: &Model) -> Export {
    export_one(&EXPORTER, model).unwrap()
}

fn configuration(model: &Model) -> Read {
    read(&export(model).files["gateway/nginx.conf"])
}

/// The directives of the location with these words.
fn location(read: &Read, words: &str) -> Vec<String> {
    let wanted = format!("location {words}");
    let all = read.all();
    let found = all.iter().find(|it| it.line() == wanted);
    let found = found.unwrap_or_else(|| panic!("there is no {wanted}"));
    found.inside.iter().map(Read::line).collect()
}

fn lines(read: &Read, first: &str) -> Vec<String> {
    let all = read.all().into_iter();
    all.filter(|it| it.words.first().is_some_and(|it| it == first))
        .map(Read::line)
        .collect()
}

#[test]
fn a_route_reaches_its_service_within_its_limits() {
    let read = configuration(&model(
        "x(g:gateway, a{port=5000}); g/orders -> a{timeout=750 body=64 rate=20}",
    ));
    let orders = location(&read, "/orders/");
    for line in [
        "limit_req zone=route_g-orders burst=20 nodelay",
        "client_max_body_size 64k",
        "proxy_connect_timeout 750ms",
        "proxy_read_timeout 750ms",
        "proxy_pass http://a",
    ] {
        assert!(orders.contains(&line.to_owned()), "{line}: {orders:#?}");
    }
    assert_eq!(location(&read, "= /orders"), orders);
    assert_eq!(
        lines(&read, "limit_req_zone"),
        ["limit_req_zone $binary_remote_addr zone=route_g-orders:2m rate=20r/s"]
    );
    assert_eq!(
        lines(&read, "server")[0],
        "server a:5000 max_fails=3 fail_timeout=10s"
    );
}

#[test]
fn unknown_hosts_are_closed_once_every_route_names_one() {
    let named = configuration(&model("x(g:gateway, a); g/a -> a{host=shop.example.com}"));
    assert_eq!(location(&named, "/"), ["return 444"]);
    assert_eq!(
        lines(&named, "server_name"),
        ["server_name _", "server_name shop.example.com"]
    );
    let open = export(&model("x(g:gateway, a); g/a -> a"));
    assert!(
        open.notes.iter().any(|it| it.contains("answers to any")),
        "{:?}",
        open.notes
    );
}

#[test]
fn a_route_of_any_host_is_there_for_named_hosts_too_unless_they_have_their_own() {
    let read = configuration(&model(
        "x(g:gateway, a, b, c); g/a -> a; g/b -> b; g/b -> c{host=x.test}",
    ));
    let passes = lines(&read, "proxy_pass");
    let count = |name: &str| passes.iter().filter(|it| it.ends_with(name)).count();
    assert_eq!((count("/a"), count("/b"), count("/c")), (4, 2, 2));
}

#[test]
fn methods_decide_between_routes_of_one_path() {
    let mut model = model("x(g:gateway, a, b); g/o -> a; g/o -> b");
    for (id, methods) in [("g-o", vec![Method::Get]), ("g-o-2", vec![Method::Post])] {
        let mut route = model.routes[id].as_ref().clone();
        route.methods = methods;
        *model.routes.get_mut(id).unwrap() = route.into();
    }
    let read = configuration(&model);
    let chosen = location(&read, "/o/");
    assert!(
        chosen.contains(&"error_page 471 = @route_g-o-2".to_owned()),
        "{chosen:?}"
    );
    assert_eq!(chosen.last().unwrap(), "return 405");
    assert!(location(&read, "@route_g-o-2").contains(&"proxy_pass http://b".to_owned()));
}

#[test]
fn the_second_of_two_equal_routes_is_left_out_with_a_note() {
    let export = export(&model("x(g:gateway, a, b); g/o -> a; g/o -> b"));
    let note = "Route g-o-2 is left out: route g-o has the same host, path and methods.";
    assert!(
        export.notes.iter().any(|it| it == note),
        "{:?}",
        export.notes
    );
}

#[test]
fn a_prefix_is_taken_off_and_a_port_has_its_own_upstream() {
    let mut model = model("x(g:gateway, a{port=80}); g/o.x -> a{port=81}");
    let id = model.routes.keys().next().unwrap().clone();
    let mut route = model.routes[&id].as_ref().clone();
    route.strip_prefix = true;
    model.routes.insert(id, route.into());
    let read = configuration(&model);
    let inside = location(&read, "/o.x/");
    assert!(
        inside.contains(&"rewrite ^/o\\.x/?(.*)$ /$1 break".to_owned()),
        "{inside:?}"
    );
    assert!(
        inside.contains(&"proxy_pass http://a_81".to_owned()),
        "{inside:?}"
    );
}

#[test]
fn no_location_adds_a_header_because_that_would_drop_the_others() {
    let mut model = model("x(g:gateway, a); g/o -> a");
    let mut route = model.routes["g-o"].as_ref().clone();
    route.cors = Some(Cors {
        origins: vec!["https://a.test".to_owned()],
        credentials: true,
    });
    route.authentication = Some(Authentication::Jwt);
    *model.routes.get_mut("g-o").unwrap() = route.into();
    let read = configuration(&model);
    for found in read.all() {
        if found.words.first().is_some_and(|it| it == "location") {
            assert!(
                found.all().iter().all(|it| it.words[0] != "add_header"),
                "{found:?}"
            );
        }
    }
    let inside = location(&read, "/o/");
    assert!(
        inside.contains(&"set $cors_origin $origin_g_o".to_owned()),
        "{inside:?}"
    );
    assert!(
        inside.contains(&"if ($http_authorization =  )".to_owned()),
        "{inside:?}"
    );
}

#[test]
fn a_breaker_becomes_passive_health_and_the_rest_is_said() {
    let export = export(&model(
        "x(g:gateway, a{replicas=3}); g/a -> a{timeout=900}; g -> a{breaker retries=2 backoff=5}",
    ));
    let read = read(&export.files["gateway/nginx.conf"]);
    assert_eq!(
        lines(&read, "server")[0],
        "server a:8080 max_fails=3 fail_timeout=30s"
    );
    assert!(location(&read, "/a/").contains(&"proxy_next_upstream_tries 3".to_owned()));
    let notes = export.notes.join("\n");
    for part in [
        "no half-open state",
        "Breaker failure rate (%)",
        "waits for nothing",
        "between two reads",
    ] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
}

#[test]
fn other_gateways_are_left_to_other_targets() {
    let export = export(&model("x(g:gateway{technology=envoy}, a); g/a -> a"));
    assert!(export.files.is_empty());
    assert_eq!(
        export.notes,
        ["No gateway of this design is nginx: its technology says which program it is."]
    );
}

#[test]
fn a_request_that_cannot_be_read_gets_its_own_status_and_not_500() {
    let read = configuration(&model("x(g:gateway, a); g/a -> a"));
    // Such a request may have no path, and nginx takes one to no named location.
    let pages = lines(&read, "error_page");
    let of = |status: &str| {
        let mut found = pages
            .iter()
            .filter(|it| it.split(' ').any(|it| it == status));
        found
            .next()
            .and_then(|it| it.rsplit(' ').next())
            .unwrap_or_default()
    };
    for status in ["400", "414", "494", "505"] {
        assert_eq!(of(status), "/@error", "{status}: {pages:#?}");
    }
    assert_eq!(of("404"), "@error");
    assert_eq!(location(&read, "= /@error")[0], "internal");
    let closed = configuration(&model("x(g:gateway, a); g/a -> a{host=shop.example.com}"));
    assert_eq!(
        lines(&closed, "error_page")[0],
        "error_page 400 405 414 494 501 505 /"
    );
}

#[test]
fn a_body_is_as_large_as_the_route_of_its_method_allows() {
    let mut model = model("x(g:gateway, a); g/o -> a; g/o -> a{body=5000}");
    for (id, methods) in [("g-o", vec![Method::Get]), ("g-o-2", vec![Method::Post])] {
        let mut route = model.routes[id].as_ref().clone();
        route.methods = methods;
        *model.routes.get_mut(id).unwrap() = route.into();
    }
    let limit = "client_max_body_size 5000k".to_owned();
    let read = configuration(&model);
    assert!(
        location(&read, "/o/").contains(&limit),
        "or else 413 comes first"
    );
    assert!(location(&read, "@route_g-o-2").contains(&limit));
}

#[test]
fn each_attempt_has_the_time_of_the_call_and_all_of_them_that_of_the_route() {
    let read = configuration(&model(
        "x(g:gateway, a{replicas=2}); g/a -> a{timeout=900}; g -> a{timeout=300 retries=1}",
    ));
    let inside = location(&read, "/a/");
    for line in [
        "proxy_read_timeout 300ms",
        "proxy_next_upstream_timeout 900ms",
    ] {
        assert!(inside.contains(&line.to_owned()), "{line}: {inside:#?}");
    }
}

#[test]
fn nothing_but_web_socket_is_upgraded_to() {
    let read = configuration(&model("x(g:gateway, a); g/a -> a"));
    let all = read.all();
    let map = all
        .iter()
        .find(|it| it.line() == "map $http_upgrade $upgrade");
    let values: Vec<_> = map.unwrap().inside.iter().map(Read::line).collect();
    assert_eq!(values, ["default ", "~*^websocket$ websocket"]);
    let headers = lines(&read, "proxy_set_header");
    assert!(headers.contains(&"proxy_set_header Upgrade $upgrade".to_owned()));
}

#[test]
fn what_a_caller_says_of_where_it_comes_from_is_not_passed_on() {
    let read = configuration(&model("x(g:gateway, a); g/a -> a"));
    let headers = lines(&read, "proxy_set_header");
    for line in [
        "Forwarded ",
        "X-Forwarded-Prefix ",
        "X-Forwarded-For $remote_addr",
    ] {
        let line = format!("proxy_set_header {line}");
        assert!(headers.contains(&line), "{line}: {headers:#?}");
    }
}

#[test]
fn who_is_sent_away_for_want_of_credentials_is_told_which() {
    let mut model = model("x(g:gateway, a); g/o -> a");
    assert!(!export(&model).files["gateway/nginx.conf"].contains("WWW-Authenticate"));
    let mut route = model.routes["g-o"].as_ref().clone();
    route.authentication = Some(Authentication::Jwt);
    *model.routes.get_mut("g-o").unwrap() = route.into();
    let read = configuration(&model);
    assert!(location(&read, "/o/").contains(&"set $credentials Bearer".to_owned()));
    let headers = lines(&read, "add_header");
    let wanted = "add_header WWW-Authenticate $challenge always".to_owned();
    assert!(headers.contains(&wanted), "{headers:#?}");
}

#[test]
fn a_gateway_fits_its_container() {
    let mut model = model("x(g:gateway, a); g/a -> a");
    let workers = |model: &Model| lines(&configuration(model), "worker_processes").join("");
    assert_eq!(workers(&model), "worker_processes 1");
    let mut gateway = model.services["g"].as_ref().clone();
    gateway.resources.cpu_millis = Some(2500);
    *model.services.get_mut("g").unwrap() = gateway.into();
    assert_eq!(workers(&model), "worker_processes 3");
    // What it writes is memory.
    let spilled = lines(&configuration(&model), "proxy_max_temp_file_size");
    assert_eq!(spilled, ["proxy_max_temp_file_size 0"]);
}

#[test]
fn the_log_says_the_path_that_was_asked_for() {
    let export = export(&model("x(g:gateway, a); g/a -> a"));
    let text = &export.files["gateway/nginx.conf"];
    assert!(
        text.contains("\"url.path\":\"$path\"") && !text.contains("$uri"),
        "{text}"
    );
}
