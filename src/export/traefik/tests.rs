//! What a gateway's two files say, read back.

use serde_json::Value;

use super::EXPORTER;
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
    model(&notation.replace("g:gateway", "g:gateway{technology=traefik}"))
}

fn file(export: &Export, name: &str) -> Value {
    json(&export.files[&format!("traefik/{name}")])
}

/// YAML as JSON, so that a test can point into it.
fn json(text: &str) -> Value {
    use saphyr::{LoadableYamlNode as _, Yaml};
    fn value(yaml: &Yaml<'_>) -> Value {
        if let Some(map) = yaml.as_mapping() {
            let pairs = map.iter();
            return pairs
                .map(|(key, it)| (key.as_str().unwrap().to_owned(), value(it)))
                .collect();
        }
        if let Some(list) = yaml.as_sequence() {
            return list.iter().map(value).collect();
        }
        let text = yaml.as_str().map(Value::from);
        text.or_else(|| yaml.as_integer().map(Value::from))
            .or_else(|| yaml.as_bool().map(Value::from))
            .unwrap_or_else(|| panic!("{yaml:?}"))
    }
    value(&Yaml::load_from_str(text).unwrap()[0])
}

fn dynamic(model: &Model) -> Value {
    file(&export(model), "dynamic.yaml")["http"].take()
}

fn change(model: &mut Model, id: &str, change: impl Fn(&mut Route)) {
    let mut route = model.routes[id].as_ref().clone();
    change(&mut route);
    *model.routes.get_mut(id).unwrap() = route.into();
}

#[test]
fn a_route_reaches_its_service_within_its_limits() {
    let http = dynamic(&gateway(
        "x(g:gateway, a{port=5000}); g/orders -> a{timeout=1750 body=64 rate=20}",
    ));
    let router = &http["routers"]["g-orders"];
    assert_eq!(
        router["rule"],
        "(Path(`/orders`) || PathPrefix(`/orders/`))"
    );
    assert_eq!(router["service"], "a");
    let names = ["g-orders_rate", "g-orders_body"];
    assert_eq!(router["middlewares"], Value::from(names.to_vec()));
    let middlewares = &http["middlewares"];
    assert_eq!(middlewares["g-orders_rate"]["rateLimit"]["average"], 20);
    assert_eq!(
        middlewares["g-orders_body"]["buffering"]["maxRequestBodyBytes"],
        65_536
    );
    let balancer = &http["services"]["a"]["loadBalancer"];
    assert_eq!(balancer["servers"][0]["url"], "http://a:5000");
    let transport = balancer["serversTransport"].as_str().unwrap();
    let forwarding = &http["serversTransports"][transport]["forwardingTimeouts"];
    assert_eq!(forwarding["responseHeaderTimeout"], "1750ms");
    assert_eq!(forwarding["dialTimeout"], "1s");
}

#[test]
fn grpc_is_spoken_over_http_2_and_no_connection_is_kept_longer_than_at_a_service() {
    let http = dynamic(&gateway(
        "x(g:gateway, a{grpc=5000}, b); g/a -> a; g/b -> b",
    ));
    let url = |id: &str| http["services"][id]["loadBalancer"]["servers"][0]["url"].clone();
    assert_eq!(url("a"), "h2c://a:5000");
    assert_eq!(url("b"), "http://b:8080");
    let mut transports = http["serversTransports"].as_object().unwrap().values();
    assert!(transports.all(|it| it["forwardingTimeouts"]["idleConnTimeout"] == "4s"));
}

#[test]
fn traefik_listens_on_the_drawn_port_and_tells_nobody_outside() {
    let export = export(&model("x(g:gateway{technology=traefik port=8123})"));
    let startup = file(&export, "traefik.yaml");
    assert_eq!(startup["entryPoints"]["web"]["address"], ":8123");
    assert_eq!(startup["global"]["sendAnonymousUsage"], false);
    assert_eq!(startup["global"]["checkNewVersion"], false);
    assert!(startup.get("api").is_none());
    let http = file(&export, "dynamic.yaml")["http"].take();
    let routers = http["routers"].as_object().unwrap();
    assert_eq!(routers.keys().collect::<Vec<_>>(), ["entry_health"]);
    assert_eq!(
        startup["providers"]["file"]["filename"],
        "/etc/traefik/dynamic.yaml"
    );
}

#[test]
fn nothing_shadows_a_longer_path_a_named_host_or_a_named_method() {
    let mut model = gateway(
        "x(g:gateway, a); g/ -> a{host=x.test}; g/o -> a; g/o -> a{host=*.test}; \
         g/o -> a{host=x.test}; g/o/p -> a; g/o/p -> a{host=x.test}",
    );
    let ids: Vec<_> = model.routes.keys().map(ToString::to_string).collect();
    let narrow = ids.iter().find(|it| {
        let route = &model.routes[it.as_str()];
        route.host == "x.test" && route.path_prefix == "/o/p"
    });
    change(&mut model, narrow.unwrap(), |it| {
        it.methods = vec![Method::Post];
    });
    let http = dynamic(&model);
    let priority = |host: &str, prefix: &str| {
        let mut routes = model.routes.iter();
        let found = routes.find(|(_, it)| it.host == host && it.path_prefix == prefix);
        let id = found.unwrap().0.as_str();
        http["routers"][id]["priority"].as_i64().unwrap()
    };
    let order = [
        priority("x.test", "/o/p"),
        priority("", "/o/p"),
        priority("x.test", "/o"),
        priority("*.test", "/o"),
        priority("", "/o"),
        priority("x.test", "/"),
    ];
    assert!(order.is_sorted_by(|a, b| a > b), "{order:?}");
    let refusing = format!("{}_methods", narrow.unwrap());
    let refusing = http["routers"][&refusing]["priority"].as_i64().unwrap();
    assert!(order[0] > refusing && refusing > order[1], "{refusing}");
}

#[test]
fn a_starred_host_leaves_alone_whoever_is_named_more_exactly() {
    let http = dynamic(&gateway(
        "x(g:gateway, a); g/o -> a{host=*.x.test}; g/o -> a{host=y.x.test}; g/o -> a{host=z.test}",
    ));
    assert_eq!(
        http["routers"]["g-o-x-test"]["rule"],
        "HostRegexp(`^.+\\.x\\.test$`) && !Host(`y.x.test`) && (Path(`/o`) || PathPrefix(`/o/`))"
    );
}

#[test]
fn other_methods_and_missing_credentials_are_refused() {
    let mut model = gateway("x(g:gateway, a); g/o -> a");
    change(&mut model, "g-o", |it| {
        it.methods = vec![Method::Get];
        it.authentication = Some(Authentication::Jwt);
    });
    let http = dynamic(&model);
    let routers = &http["routers"];
    let priority = |name: &str| routers[name]["priority"].as_i64().unwrap();
    assert!(priority("g-o") > priority("g-o_credentials"));
    assert!(priority("g-o_credentials") > priority("g-o_methods"));
    let status = |router: &str| {
        let names = routers[router]["middlewares"].as_array().unwrap();
        let last = names.last().unwrap().as_str().unwrap();
        http["middlewares"][last]["ipAllowList"]["rejectStatusCode"].clone()
    };
    assert_eq!(status("g-o_credentials"), 401);
    assert_eq!(status("g-o_methods"), 405);
    assert_eq!(
        http["middlewares"]["g-o_allow"]["headers"]["customResponseHeaders"]["Allow"],
        "GET, HEAD"
    );
    let rule = routers["g-o"]["rule"].as_str().unwrap();
    assert!(
        rule.ends_with("&& HeaderRegexp(`Authorization`, `.+`)"),
        "{rule}"
    );
}

#[test]
fn a_browser_may_ask_ahead_without_credentials() {
    let mut model = gateway("x(g:gateway, a); g/o -> a");
    change(&mut model, "g-o", |it| {
        it.methods = vec![Method::Post];
        it.authentication = Some(Authentication::ApiKey);
        it.cors = Some(Cors {
            origins: vec!["https://a.test".to_owned()],
            credentials: true,
        });
    });
    let http = dynamic(&model);
    let rule = http["routers"]["g-o_preflight"]["rule"].as_str().unwrap();
    assert!(rule.ends_with("HeaderRegexp(`Access-Control-Request-Method`, `^(POST)$`)"));
    assert!(!rule.contains("X-API-Key"), "{rule}");
    let cors = &http["middlewares"]["g-o_cors"]["headers"];
    assert_eq!(cors["accessControlAllowOriginList"][0], "https://a.test");
    assert_eq!(cors["accessControlAllowCredentials"], true);
}

#[test]
fn a_drawn_call_protects_every_route_to_its_service() {
    let export = export(&gateway(
        "x(g:gateway, a); g/a -> a; g/b -> a; g -> a{breaker timeout=900 retries=2 backoff=5 bulkhead=7}",
    ));
    let http = file(&export, "dynamic.yaml")["http"].take();
    assert_eq!(http["routers"]["g-a"]["service"], "a");
    assert_eq!(http["routers"]["g-b"]["service"], "a");
    let names = ["a_retry", "a_breaker", "a_bulkhead"];
    assert_eq!(
        http["services"]["a"]["middlewares"],
        Value::from(names.to_vec())
    );
    let middlewares = &http["middlewares"];
    assert_eq!(middlewares["a_retry"]["retry"]["attempts"], 3);
    assert_eq!(middlewares["a_retry"]["retry"]["initialInterval"], "5ms");
    assert_eq!(middlewares["a_bulkhead"]["inFlightReq"]["amount"], 7);
    let breaker = &middlewares["a_breaker"]["circuitBreaker"];
    assert_eq!(breaker["fallbackDuration"], "30s");
    let notes = export.notes.join("\n");
    for part in [
        "Breaker half open calls",
        "last ten seconds",
        "429, not 503",
    ] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
}

#[test]
fn routes_with_times_of_their_own_have_services_of_their_own() {
    let export = export(&gateway(
        "x(g:gateway, a); g/a -> a{timeout=100}; g/b -> a{timeout=200}; g -> a{breaker}",
    ));
    let http = file(&export, "dynamic.yaml")["http"].take();
    assert_eq!(http["routers"]["g-a"]["service"], "a_within-100ms");
    assert_eq!(http["routers"]["g-b"]["service"], "a_within-200ms");
    let said = "counts for breaker and bulkhead 2 times";
    assert!(export.notes.iter().any(|it| it.contains(said)));
}

#[test]
fn other_gateways_are_left_to_other_targets() {
    let export = export(&model("x(g:gateway{technology=envoy}, a); g/a -> a"));
    assert!(export.files.is_empty());
    assert_eq!(
        export.notes,
        ["No gateway of this design is Traefik: its technology says which program it is."]
    );
}

#[test]
fn no_text_of_a_design_becomes_a_rule_or_a_key() {
    // Where a health path is empty, the usual one is asked.
    let known = [HARMLESS, ""].map(|it| (it, export(&hostile::design_behind("traefik", it)).files));
    let keys = |files: &crate::export::FileSet, text: &str, name: &str| {
        let keys = hostile::keys(&hostile::yaml(files, name, text)).into_iter();
        // A text that happens to be a path becomes a route and nothing else.
        keys.filter(|it| !it.contains("/p")).collect::<Vec<_>>()
    };
    for text in HOSTILE.iter().filter(|it| !it.is_empty()) {
        let files = export(&hostile::design_behind("traefik", text)).files;
        for name in ["traefik/traefik.yaml", "traefik/dynamic.yaml"] {
            let wanted = known
                .each_ref()
                .map(|(text, files)| keys(files, text, name));
            let wanted = wanted.concat();
            let found = keys(&files, text, name);
            let odd: Vec<_> = found.iter().filter(|it| !wanted.contains(it)).collect();
            let is_path = text.starts_with('/');
            assert!(odd.is_empty() || is_path, "{text:?} in {name}: {odd:?}");
        }
        let http = json(&files["traefik/dynamic.yaml"]);
        for router in http["http"]["routers"].as_object().unwrap().values() {
            let rule = router["rule"].as_str().unwrap();
            assert_eq!(rule.matches('`').count() % 2, 0, "{text:?}: {rule}");
            let is_plain = ["#", "\\"].contains(text);
            assert!(is_plain || !rule.contains(text), "{text:?} is in {rule}");
        }
    }
}
