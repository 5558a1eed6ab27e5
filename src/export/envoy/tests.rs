//! What a gateway's configuration says, read back.

use saphyr::{LoadableYamlNode as _, Yaml};

use super::EXPORTER;
use crate::{
    export::{
        Export, export_one,
        hostile::{HARMLESS, HOSTILE, design_behind, keys, yaml},
    },
    model::{Authentication, Cors, Method, Model, testing::model},
};

fn export(model: &Model) -> Export {
    export_one(&EXPORTER, model).unwrap()
}

/// Looks at the configuration of a design.
fn looked(model: &Model, look: impl FnOnce(&Yaml<'_>)) {
    let export = export(model);
    let text = &export.files["envoy/envoy.yaml"];
    let documents = Yaml::load_from_str(text).unwrap_or_else(|it| panic!("{it}\n{text}"));
    look(&documents[0]);
}

fn manager<'a, 'b>(file: &'a Yaml<'b>) -> &'a Yaml<'b> {
    let listener = &file["static_resources"]["listeners"][0];
    &listener["filter_chains"][0]["filters"][0]["typed_config"]
}

fn text(yaml: &Yaml<'_>) -> String {
    yaml.as_str().unwrap_or_default().to_owned()
}

/// `name path status-or-cluster` of the routes of a host, in their order.
fn routes(file: &Yaml<'_>, host: &str) -> Vec<String> {
    let hosts = &manager(file)["route_config"]["virtual_hosts"];
    let mut hosts = hosts.as_sequence().unwrap().iter();
    let host = hosts.find(|it| text(&it["name"]) == host).unwrap();
    let line = |it: &Yaml<'_>| {
        let at = &it["match"];
        let path = at
            .as_mapping_get("path_separated_prefix")
            .unwrap_or_else(|| &at["prefix"]);
        let to = match it.as_mapping_get("route") {
            Some(route) => text(&route["cluster"]),
            None => it["direct_response"]["status"]
                .as_integer()
                .unwrap()
                .to_string(),
        };
        format!("{} {} {to}", text(&it["name"]), text(path))
    };
    host["routes"]
        .as_sequence()
        .unwrap()
        .iter()
        .map(line)
        .collect()
}

fn route<'a, 'b>(file: &'a Yaml<'b>, name: &str) -> &'a Yaml<'b> {
    let hosts = &manager(file)["route_config"]["virtual_hosts"];
    let hosts = hosts.as_sequence().unwrap().iter();
    let mut routes = hosts.flat_map(|it| it["routes"].as_sequence().unwrap());
    routes.find(|it| text(&it["name"]) == name).unwrap()
}

fn cluster<'a, 'b>(file: &'a Yaml<'b>, name: &str) -> &'a Yaml<'b> {
    let clusters = &file["static_resources"]["clusters"];
    let mut clusters = clusters.as_sequence().unwrap().iter();
    clusters.find(|it| text(&it["name"]) == name).unwrap()
}

const ENVOY: &str = "g:gateway{technology=envoy}";

#[test]
fn grpc_is_spoken_over_http_2_and_no_connection_is_kept_longer_than_at_a_service() {
    let design = model(
        "x(g:gateway{technology=envoy}, a{grpc=5000 health=/health}, b{health=/health}); g/a -> a; g/b -> b",
    );
    looked(&design, |file| {
        let clusters = file["static_resources"]["clusters"].as_sequence().unwrap();
        for (cluster, version) in clusters.iter().zip(["http2", "http"]) {
            let options = &cluster["typed_extension_protocol_options"];
            let options = &options["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"];
            let kept = &options["common_http_protocol_options"]["idle_timeout"];
            assert_eq!(kept.as_str(), Some("4s"));
            let spoken = format!("{version}_protocol_options");
            let said = options["explicit_http_config"].as_mapping_get(&spoken);
            assert!(said.is_some(), "{spoken}");
            // Otherwise a service that only speaks HTTP/2 would never be well.
            let check = &cluster["health_checks"][0]["http_health_check"];
            let asked = check.as_mapping_get("codec_client_type");
            assert_eq!(asked.is_some(), version == "http2");
        }
        assert_eq!(clusters.len(), 2);
    });
}

#[test]
fn a_route_reaches_its_service_within_its_limits() {
    let design =
        format!("x({ENVOY}, a{{port=5000}}); g/orders -> a{{timeout=750 body=64 rate=20}}");
    looked(&model(&design), |file| {
        assert_eq!(routes(file, "any_host"), ["g-orders /orders a"]);
        let route = route(file, "g-orders");
        assert_eq!(text(&route["route"]["timeout"]), "0.75s");
        let limits = &route["typed_per_filter_config"];
        let body = &limits["envoy.filters.http.buffer"]["buffer"];
        assert_eq!(body["max_request_bytes"].as_integer(), Some(65_536));
        let rate = &limits["envoy.filters.http.local_ratelimit"];
        let bucket = &rate["descriptors"][0]["token_bucket"];
        assert_eq!(bucket["tokens_per_fill"].as_integer(), Some(20));
        assert_eq!(bucket["max_tokens"].as_integer(), Some(21));
        let address = &cluster(file, "a")["load_assignment"]["endpoints"][0]["lb_endpoints"][0];
        let address = &address["endpoint"]["address"]["socket_address"];
        assert_eq!(address["port_value"].as_integer(), Some(5000));
    });
}

#[test]
fn the_longest_path_stands_first_and_own_routes_of_a_host_win() {
    let design = format!(
        "x({ENVOY}, a, b, c); g/ -> a; g/a -> a; g/a/b -> b; g/ab -> c; g/a -> c{{host=x.test}}"
    );
    looked(&model(&design), |file| {
        let order = |host| {
            let routes = routes(file, host).into_iter();
            let routes = routes.map(|it| it.split_once(' ').unwrap().1.to_owned());
            routes.collect::<Vec<_>>()
        };
        assert_eq!(order("any_host"), ["/ab c", "/a/b b", "/a a", "/ a"]);
        assert_eq!(order("x.test"), ["/ab c", "/a/b b", "/a c", "/ a"]);
    });
}

#[test]
fn methods_decide_between_routes_of_one_path_and_others_are_refused() {
    let mut model = model(&format!("x({ENVOY}, a, b); g/o -> a; g/o -> b"));
    for (id, methods) in [("g-o", vec![Method::Get]), ("g-o-2", vec![Method::Post])] {
        let mut route = model.routes[id].as_ref().clone();
        route.methods = methods;
        *model.routes.get_mut(id).unwrap() = route.into();
    }
    looked(&model, |file| {
        assert_eq!(
            routes(file, "any_host"),
            ["g-o /o a", "g-o-2 /o b", "g-o_other_methods /o 405"]
        );
        let allow = &route(file, "g-o_other_methods")["response_headers_to_add"][0]["header"];
        assert_eq!(text(&allow["value"]), "GET, HEAD, POST");
    });
}

#[test]
fn credentials_and_other_origins_are_looked_at_before_a_route() {
    let mut model = model(&format!(
        "x({ENVOY}, a{{port=80}}); g/größe.x -> a{{port=81}}"
    ));
    let id = model.routes.keys().next().unwrap().clone();
    let mut drawn = model.routes[&id].as_ref().clone();
    drawn.strip_prefix = true;
    drawn.authentication = Some(Authentication::Jwt);
    drawn.cors = Some(Cors {
        origins: vec!["https://a.test".to_owned()],
        credentials: true,
    });
    model.routes.insert(id.clone(), drawn.into());
    looked(&model, |file| {
        let path = "/gr%C3%B6%C3%9Fe.x";
        assert_eq!(
            routes(file, "any_host"),
            [
                format!("{id}_preflight {path} a_81"),
                format!("{id}_unauthorized {path} 401"),
                format!("{id} {path} a_81"),
            ]
        );
        let rewrite = &route(file, id.as_str())["route"]["regex_rewrite"];
        assert_eq!(
            text(&rewrite["pattern"]["regex"]),
            "^/gr\\%C3\\%B6\\%C3\\%9Fe\\.x/?(.*)$"
        );
    });
}

#[test]
fn a_breaker_ejects_as_drawn_and_nobody_is_called_once_all_are_ejected() {
    let design = format!(
        "x({ENVOY}, a{{replicas=3}}); g/a -> a{{timeout=900}}; g -> a{{timeout=300 breaker retries=2 backoff=5 bulkhead=7}}"
    );
    looked(&model(&design), |file| {
        let cluster = cluster(file, "a");
        let panic = &cluster["common_lb_config"]["healthy_panic_threshold"]["value"];
        assert_eq!(panic.as_integer(), Some(0));
        let outliers = &cluster["outlier_detection"];
        let number = |key: &str| outliers[key].as_integer();
        assert_eq!(number("failure_percentage_threshold"), Some(50));
        assert_eq!(number("failure_percentage_request_volume"), Some(10));
        assert_eq!(number("failure_percentage_minimum_hosts"), Some(1));
        assert_eq!(number("enforcing_failure_percentage"), Some(100));
        assert_eq!(number("enforcing_consecutive_5xx"), Some(0));
        assert_eq!(number("max_ejection_percent"), Some(100));
        assert_eq!(text(&outliers["base_ejection_time"]), "30s");
        assert_eq!(text(&outliers["max_ejection_time"]), "30s");
        let limits = &cluster["circuit_breakers"]["thresholds"][0];
        for key in ["max_connections", "max_requests", "max_pending_requests"] {
            assert_eq!(limits[key].as_integer(), Some(7), "{key}");
        }
        let policy = &route(file, "g-a")["route"]["retry_policy"];
        assert_eq!(policy["num_retries"].as_integer(), Some(2));
        assert_eq!(text(&policy["per_try_timeout"]), "0.3s");
        assert_eq!(text(&policy["retry_back_off"]["base_interval"]), "0.005s");
        let methods = &policy["retriable_request_headers"][0]["string_match"]["safe_regex"];
        assert!(!text(&methods["regex"]).contains("POST"));
    });
    let notes = export(&model(&design)).notes.join("\n");
    for part in ["no half-open state", "one by one", "are retries"] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
}

#[test]
fn a_breaker_on_failures_in_a_row_counts_no_rate() {
    let mut model = model(&format!("x({ENVOY}, a); g/a -> a; g -> a{{breaker}}"));
    let id = model.dependencies.keys().next().unwrap().clone();
    let mut call = model.dependencies[&id].as_ref().clone();
    let breaker = call.breaker.as_mut().unwrap();
    breaker.failure_rate_percent = None;
    breaker.consecutive_failures = Some(4);
    model.dependencies.insert(id, call.into());
    looked(&model, |file| {
        let outliers = &cluster(file, "a")["outlier_detection"];
        assert_eq!(outliers["consecutive_5xx"].as_integer(), Some(4));
        assert!(
            outliers
                .as_mapping_get("failure_percentage_threshold")
                .is_none()
        );
    });
}

#[test]
fn a_body_beyond_32_bits_is_left_out_with_a_note() {
    let design = format!("x({ENVOY}, a); g/a -> a{{body=4194304}}");
    let notes = export(&model(&design)).notes.join("\n");
    assert!(notes.contains("body limit in KiB of route g-a"), "{notes}");
}

#[test]
fn the_admin_pages_are_on_loopback_and_leave_the_gateways_port_alone() {
    looked(
        &model("x(g:gateway{technology=envoy port=9901}, a); g/a -> a"),
        |file| {
            let admin = &file["admin"]["address"]["socket_address"];
            assert_eq!(text(&admin["address"]), "127.0.0.1");
            assert_eq!(admin["port_value"].as_integer(), Some(9902));
        },
    );
}

#[test]
fn texts_of_a_design_change_no_structure_and_no_format() {
    let files = |text: &str| export(&design_behind("envoy", text)).files;
    let path = "envoy/envoy.yaml";
    let harmless = files(HARMLESS);
    let expected = keys(&yaml(&harmless, path, HARMLESS));
    let texts = HOSTILE.iter().copied().chain(["%REQ(X)%", "%CEL(1)%"]);
    for text in texts {
        let files = files(text);
        let file = yaml(&files, path, text);
        // A text that happens to be a path or a host becomes a route and nothing else.
        let found: Vec<_> = keys(&file);
        // A health path that is none is that of the technology, or nothing.
        let is_new = |it: &&String| !expected.contains(it) && !it.contains("/health_check");
        let new: Vec<_> = found.iter().filter(is_new).collect();
        assert!(
            new.iter().all(|it| it.contains("/virtual_hosts")),
            "{text:?}: {new:?}"
        );
        assert!(
            !files[path]
                .lines()
                .any(|it| !it.trim_start().starts_with('#') && it.contains("%REQ(X)%"))
        );
    }
}

#[test]
fn other_gateways_are_left_to_other_targets() {
    let export = export(&model("x(g:gateway, a); g/a -> a"));
    assert!(export.files.is_empty());
    assert_eq!(
        export.notes,
        ["No gateway of this design is Envoy: its technology says which program it is."]
    );
}
