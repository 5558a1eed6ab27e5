//! What a gateway's Caddyfile says, read back.

use super::{
    EXPORTER,
    reading::{Read, read},
};
use crate::{
    export::{
        Export, export_one,
        hostile::{self, HARMLESS, HOSTILE},
    },
    model::{Authentication, Cors, Method, Model, Route, testing::model},
};

fn export(model: &Model) -> Export {
    export_one(&EXPORTER, model).unwrap()
}

fn gateway(notation: &str) -> Model {
    model(&notation.replace("g:gateway", "g:gateway{technology=caddy}"))
}

fn configuration(model: &Model) -> Read {
    read(&export(model).files["caddy/Caddyfile"])
}

/// The lines below the line with these words.
fn below(read: &Read, words: &str) -> Vec<String> {
    let all = read.all();
    let found = all.iter().find(|it| it.line() == words);
    let found = found.unwrap_or_else(|| panic!("there is no {words}"));
    found.all().into_iter().map(Read::line).collect()
}

fn change(model: &mut Model, id: &str, change: impl Fn(&mut Route)) {
    let mut route = model.routes[id].as_ref().clone();
    change(&mut route);
    *model.routes.get_mut(id).unwrap() = route.into();
}

#[test]
fn a_route_reaches_its_service_within_its_limits() {
    let read = configuration(&gateway(
        "x(g:gateway, a{port=5000}); g/orders -> a{timeout=1750 body=64}",
    ));
    let route = below(&read, "(route_g-orders)");
    for line in [
        "@route_g-orders path_regexp ^/orders(/|$)",
        "max_size 64KiB",
        "reverse_proxy a:5000",
        "dial_timeout 1s",
        "response_header_timeout 1750ms",
    ] {
        assert!(route.contains(&line.to_owned()), "{line}: {route:#?}");
    }
}

#[test]
fn grpc_is_spoken_over_http_2_and_no_connection_is_kept_longer_than_at_a_service() {
    let grpc = configuration(&gateway(
        "x(g:gateway, a{grpc=5000}, b); g/a -> a; g/b -> b",
    ));
    for (route, is_grpc) in [("(route_g-a)", true), ("(route_g-b)", false)] {
        let route = below(&grpc, route);
        assert!(route.contains(&"keepalive 4s".to_owned()), "{route:#?}");
        assert_eq!(route.contains(&"versions h2c".to_owned()), is_grpc);
    }
    assert!(below(&grpc, "").contains(&"protocols h1 h2c".to_owned()));
    let plain = configuration(&gateway("x(g:gateway, b); g/b -> b"));
    assert!(below(&plain, "").contains(&"protocols h1".to_owned()));
}

#[test]
fn a_log_line_names_the_client_as_every_other_gateway_does() {
    let read = configuration(&gateway("x(g:gateway, a); g/a -> a"));
    let request = below(&read, "(request)");
    let client = "log_append client.ip {remote_host}";
    assert!(request.contains(&client.to_owned()), "{request:#?}");
}

#[test]
fn caddy_listens_on_the_drawn_port_in_plain_http_and_has_no_admin() {
    let read = configuration(&model("x(g:gateway{technology=caddy port=8123})"));
    assert!(below(&read, "http://:8123").contains(&"error 404".to_owned()));
    let global = below(&read, "");
    for line in ["admin off", "auto_https off", "persist_config off"] {
        assert!(global.contains(&line.to_owned()), "{line}: {global:#?}");
    }
}

#[test]
fn unknown_hosts_are_closed_once_every_route_names_one() {
    let named = configuration(&gateway("x(g:gateway, a); g/a -> a{host=shop.example.com}"));
    assert!(below(&named, "http://:8080").contains(&"abort".to_owned()));
    let site = below(&named, "http://shop.example.com:8080");
    assert!(
        site.contains(&"import route_g-a-shop-example-com".to_owned()),
        "{site:?}"
    );
    let open = export(&gateway("x(g:gateway, a); g/a -> a"));
    assert!(open.notes.iter().any(|it| it.contains("answers to any")));
}

#[test]
fn longer_paths_come_first_and_any_host_is_there_for_named_ones_too() {
    let read = configuration(&gateway(
        "x(g:gateway, a, b); g/a -> a; g/b -> b; g/b -> a{host=x.test}; g/a/c -> b; g/ -> a",
    ));
    let routes = |site: &str| -> Vec<String> {
        let lines = below(&read, site).into_iter();
        lines
            .filter_map(|it| it.strip_prefix("import route_").map(str::to_owned))
            .collect()
    };
    assert_eq!(routes("http://:8080"), ["g-b", "g-a-c", "g-a", "g"]);
    assert_eq!(
        routes("http://x.test:8080"),
        ["g-b-x-test", "g-a-c", "g-a", "g"]
    );
}

#[test]
fn methods_decide_between_routes_of_one_path() {
    let mut model = gateway("x(g:gateway, a, b); g/o -> a; g/o -> b");
    change(&mut model, "g-o", |it| it.methods = vec![Method::Get]);
    change(&mut model, "g-o-2", |it| it.methods = vec![Method::Post]);
    let route = below(&configuration(&model), "route @route_g-o");
    let at = |line: &str| {
        let place = route.iter().position(|it| it == line);
        place.unwrap_or_else(|| panic!("{line}: {route:#?}"))
    };
    assert!(at("@g-o_methods method GET HEAD") < at("reverse_proxy a:8080"));
    assert!(at("@g-o-2_methods method POST") < at("reverse_proxy b:8080"));
    assert_eq!(route.last().unwrap(), "error 405");
    assert!(at("header Allow GET, HEAD, POST") < route.len() - 1);
}

#[test]
fn missing_credentials_are_refused_and_a_browser_asks_ahead_without() {
    let mut model = gateway("x(g:gateway, a); g/o.x -> a");
    change(&mut model, "g-o-x", |it| {
        it.strip_prefix = true;
        it.authentication = Some(Authentication::Jwt);
        it.cors = Some(Cors {
            origins: vec!["https://a.test".to_owned()],
            credentials: true,
        });
    });
    let route = below(&configuration(&model), "(route_g-o-x)");
    let at = |line: &str| {
        let place = route.iter().position(|it| it == line);
        place.unwrap_or_else(|| panic!("{line}: {route:#?}"))
    };
    assert!(at("respond 204") < at("error @g-o-x_credentials 401"));
    assert!(at("error @g-o-x_credentials 401") < at("uri strip_prefix /o.x"));
    assert!(at("uri strip_prefix /o.x") < at("reverse_proxy a:8080"));
    at("@route_g-o-x path_regexp ^/o\\.x(/|$)");
    at("header Origin https://a.test");
    at("header @g-o-x_origin Access-Control-Allow-Credentials true");
}

#[test]
fn a_breaker_becomes_passive_health_and_the_rest_is_said() {
    let export = export(&gateway(
        "x(g:gateway, a); g/a -> a; g -> a{breaker timeout=900 retries=2 backoff=5 bulkhead=7}",
    ));
    let to = below(&read(&export.files["caddy/Caddyfile"]), "(to_a)");
    for line in [
        "lb_retries 2",
        "lb_try_interval 5ms",
        // Half of the ten calls from which on a share is taken.
        "max_fails 5",
        "fail_duration 30s",
        "unhealthy_status 5xx",
        "unhealthy_request_count 7",
    ] {
        assert!(to.contains(&line.to_owned()), "{line}: {to:#?}");
    }
    let notes = export.notes.join("\n");
    for part in [
        "no half-open state",
        "Breaker failure rate (%)",
        "remembers 5",
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
        ["No gateway of this design is Caddy: its technology says which program it is."]
    );
}

#[test]
fn no_text_of_a_design_becomes_a_line_or_a_word() {
    let lines = |text: &str| -> Vec<String> {
        let files = export(&hostile::design_behind("caddy", text)).files;
        let read = read(&files["caddy/Caddyfile"]);
        read.all().into_iter().map(Read::line).collect()
    };
    // Where a health path is empty, the usual one is asked.
    let known = [lines(HARMLESS), lines("")].concat();
    for text in HOSTILE.iter().filter(|it| !it.is_empty()) {
        for line in lines(text) {
            // A text that happens to be a path becomes a route and nothing else.
            let is_path = text.starts_with('/');
            assert!(known.contains(&line) || is_path, "{text:?} made {line:?}");
            let is_plain = ["#", "\\"].contains(text);
            assert!(is_plain || !line.contains(text), "{text:?} is in {line:?}");
        }
    }
}
