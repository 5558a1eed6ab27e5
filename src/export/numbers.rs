//! Every number of a design is found again, in the unit of the dialect, or in a note.

use saphyr::{LoadableYamlNode as _, Yaml};

use super::{Bundle, export_all, nginx::reading};
use crate::model::{Model, RateLimit, testing::model};

fn design() -> Model {
    let mut model = model(
        "x(g:gateway{published=8099}, a{technology=fastapi port=5011 replicas=7}, b{technology=go port=5012}, e:external); \
         g/a -> a{timeout=1237 body=129}; g -> a{timeout=1001 retries=3 bulkhead=77}; \
         a -> b{timeout=733 retries=4 backoff=41 breaker bulkhead=19}; a -> e{timeout=17}",
    );
    let mut route = model.routes["g-a"].as_ref().clone();
    route.rate_limit = Some(RateLimit {
        requests_per_second: 23,
        burst: Some(29),
    });
    *model.routes.get_mut("g-a").unwrap() = route.into();
    let mut a = model.services["a"].as_ref().clone();
    a.resources.cpu_millis = Some(1307);
    a.resources.memory_mib = Some(313);
    let health = a.health.get_or_insert_default();
    health.interval_ms = Some(7_300);
    health.timeout_ms = Some(1_700);
    health.retries = Some(11);
    health.start_period_ms = Some(61_000);
    *model.services.get_mut("a").unwrap() = a.into();
    let id = model
        .dependencies
        .keys()
        .find(|it| it.as_str() == "a-b")
        .unwrap()
        .clone();
    let mut call = model.dependencies[&id].as_ref().clone();
    let breaker = call.breaker.get_or_insert_default();
    breaker.failure_rate_percent = Some(37.5);
    breaker.consecutive_failures = Some(6);
    breaker.window_calls = Some(47);
    breaker.window_ms = Some(9_001);
    breaker.minimum_calls = Some(13);
    breaker.slow_call_ms = Some(523);
    breaker.slow_call_rate_percent = Some(61.25);
    breaker.open_ms = Some(8_123);
    breaker.half_open_calls = Some(2);
    let retries = call.retries.get_or_insert_default();
    retries.max_backoff_ms = Some(977);
    retries.jitter = Some(true);
    model.dependencies.insert(id, call.into());
    model
}

fn bundle() -> Bundle {
    export_all(&design(), &[]).unwrap()
}

#[test]
fn nginx_says_the_numbers_of_routes_in_its_units() {
    let bundle = bundle();
    let read = reading::read(&bundle.files["gateway/nginx.conf"]);
    let lines: Vec<_> = read.all().into_iter().map(reading::Read::line).collect();
    for line in [
        "proxy_next_upstream_timeout 1237ms",
        "proxy_connect_timeout 1000ms",
        "client_max_body_size 129k",
        "limit_req_zone $binary_remote_addr zone=route_g-a:2m rate=23r/s",
        "limit_req zone=route_g-a burst=29 nodelay",
        "proxy_next_upstream_tries 4",
        "server a:5011 max_fails=3 fail_timeout=10s max_conns=77",
        "listen 8099 default_server",
    ] {
        assert!(lines.contains(&line.to_owned()), "{line}: {lines:#?}");
    }
}

#[test]
fn compose_says_the_numbers_of_services_in_its_units() {
    let bundle = bundle();
    let documents = Yaml::load_from_str(&bundle.files["compose.yaml"]).unwrap();
    let a = &documents[0]["services"]["a"];
    let limits = &a["deploy"]["resources"]["limits"];
    assert_eq!(limits["cpus"].as_str(), Some("1.307"));
    assert_eq!(limits["memory"].as_str(), Some("313M"));
    assert_eq!(a["deploy"]["replicas"].as_integer(), Some(7));
    let health = &a["healthcheck"];
    assert_eq!(health["interval"].as_str(), Some("7300ms"));
    assert_eq!(health["timeout"].as_str(), Some("1700ms"));
    assert_eq!(health["retries"].as_integer(), Some(11));
    assert_eq!(health["start_period"].as_str(), Some("61s"));
    let environment = &a["environment"];
    for (name, value) in [
        ("PORT", "5011"),
        ("B_URL", "http://b:5012"),
        ("B_TIMEOUT_MS", "733"),
        ("B_RETRIES", "4"),
        ("B_RETRY_BACKOFF_MS", "41"),
        ("B_RETRY_MAX_BACKOFF_MS", "977"),
        ("B_RETRY_JITTER", "true"),
        ("B_BULKHEAD", "19"),
        ("B_BREAKER_FAILURE_RATE", "37.5"),
        ("B_BREAKER_CONSECUTIVE_FAILURES", "6"),
        ("B_BREAKER_WINDOW_CALLS", "47"),
        ("B_BREAKER_WINDOW_MS", "9001"),
        ("B_BREAKER_MINIMUM_CALLS", "13"),
        ("B_BREAKER_SLOW_CALL_MS", "523"),
        ("B_BREAKER_SLOW_CALL_RATE", "61.25"),
        ("B_BREAKER_OPEN_MS", "8123"),
        ("B_BREAKER_HALF_OPEN_CALLS", "2"),
        ("E_TIMEOUT_MS", "17"),
    ] {
        assert_eq!(environment[name].as_str(), Some(value), "{name}");
    }
    let port = &documents[0]["services"]["g"]["ports"][0];
    assert_eq!(port["published"].as_str(), Some("8099"));
}

#[test]
fn dockerfiles_say_port_and_health_in_dockers_units() {
    let bundle = bundle();
    let text = &bundle.files["services/a/Dockerfile"];
    for part in [
        "EXPOSE 5011\n",
        "\"--port\", \"5011\"",
        "--interval=7.3s --timeout=1.7s --start-period=61s --retries=11",
        "http://127.0.0.1:5011/health', timeout=1.7)",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_number_beyond_what_nginx_counts_is_left_out_with_a_note() {
    let mut model = design();
    let mut route = model.routes["g-a"].as_ref().clone();
    route.timeout_ms = Some(u64::MAX);
    route.body_limit_kib = Some(0);
    route.rate_limit = Some(RateLimit {
        requests_per_second: 0,
        burst: None,
    });
    *model.routes.get_mut("g-a").unwrap() = route.into();
    let bundle = export_all(&model, &["nginx"]).unwrap();
    let notes = bundle.parts[0].1.notes.join("\n");
    for part in [
        "timeout in ms of route g-a",
        "body limit in KiB of route g-a",
        "rate limit in requests per second of route g-a",
    ] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
    assert!(!bundle.files["gateway/nginx.conf"].contains(&u64::MAX.to_string()));
}
