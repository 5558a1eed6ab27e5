//! Real answers of real programs, each read as it should be.
//!
//! The samples belong to others and are no part of this repository; they are checked
//! where they lie beside it. The formats' own tests use answers written for them.

use std::{fs, path::Path};

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::Value;

use meshboard::monitor::format::{Reading, detect};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/payloads");

/// File, HTTP status, content type, and what is read: format, health, breakers, and of
/// others instances, breakers and calls.
const EXPECTED: &[(&str, u16, &str, &str)] = &[
    ("aspnet_plain_healthy.txt", 200, "text/plain", "aspnet Up"),
    (
        "consul_catalog_services.json",
        200,
        JSON,
        "consul-catalog Up",
    ),
    (
        "consul_health_service.json",
        200,
        JSON,
        "consul Up test@1.1.1.1:3341=Up",
    ),
    (
        "consul_health_state_any.json",
        200,
        JSON,
        "consul Up redis@redis on foobar=Up",
    ),
    (
        "consul_service_topology_template.txt",
        200,
        JSON,
        "consul-topology Up service-12@service-12=Degraded",
    ),
    (
        "docker_compose_ps.ndjson.txt",
        200,
        "text/plain",
        "compose-ps Up bar@example-bar-1=OutOfService foo@example-foo-1=Up",
    ),
    (
        "envoy_clusters.json",
        200,
        JSON,
        "envoy-clusters Up fake_cluster@1.2.3.4:80=Down >fake_cluster:Open",
    ),
    (
        "envoy_clusters.txt",
        200,
        "text/plain",
        "envoy-clusters Up fake_cluster@1.2.3.4:80=Down >fake_cluster:Open",
    ),
    (
        "envoy_stats_prometheus_contour.txt",
        200,
        "text/plain",
        "prometheus - >projectcontour_envoy-admin_9001:Closed",
    ),
    (
        "go_alexliesenfeld_health_down.json",
        503,
        JSON,
        "health-go Down",
    ),
    (
        "go_hellofresh_partially_available.json",
        200,
        JSON,
        "health-go Degraded",
    ),
    (
        "haproxy_stats.csv.txt",
        200,
        "text/plain",
        "haproxy-csv Up orders@o1=Up orders@o2=Down orders@o3=Down orders@o4=Down orders@o5=OutOfService orders@o6=Unknown payments@p1=Down",
    ),
    (
        "hystrix_stream_cinematch.txt",
        200,
        "text/event-stream",
        "hystrix - CinematchGetPredictions:Closed",
    ),
    (
        "hystrix_stream_readme.txt",
        200,
        "text/event-stream",
        "hystrix - CryptexDecrypt:Closed IdentityCookieAuthSwitchProfile:Closed",
    ),
    (
        "hystrix_stream_two_commands.txt",
        200,
        "text/event-stream",
        "hystrix - CinematchGetPredictions:Closed SubscriberGetAccount:Closed",
    ),
    ("hystrix_threadpool.json", 200, JSON, "hystrix -"),
    (
        "ietf_health_json.json",
        200,
        "application/health+json",
        "ietf-health Up",
    ),
    (
        "jaeger_api_dependencies.json",
        200,
        JSON,
        "jaeger-dependencies Up killer->queen",
    ),
    (
        "k8s_healthz_verbose_failed.txt",
        500,
        "text/plain",
        "kubernetes Down",
    ),
    (
        "k8s_healthz_verbose_ok.txt",
        200,
        "text/plain",
        "kubernetes Up",
    ),
    (
        "kiali_graph_versioned_app.json",
        200,
        JSON,
        "kiali-graph Up ingressgateway->productpage ingressgateway->tcp productpage->details productpage->reviews productpage->tcp reviews->deposit reviews->pricing reviews->ratings",
    ),
    (
        "linkerd_viz_edges.json",
        200,
        JSON,
        "linkerd-viz Up linkerd-identity->linkerd-prometheus vote-bot->web web->emoji web->voting",
    ),
    ("linkerd_viz_stat.json", 200, JSON, "linkerd-viz Up"),
    (
        "microprofile_health_down.json",
        503,
        JSON,
        "microprofile Down",
    ),
    ("microprofile_health_up.json", 200, JSON, "microprofile Up"),
    (
        "nginx_plus_http_upstreams.yaml.txt",
        200,
        JSON,
        "nginx-plus Up hg-backend@10.0.0.1:8088=Up hg-backend@10.0.0.1:8089=Down trac-backend@10.0.0.1:8088=Up trac-backend@10.0.0.1:8089=Down >hg-backend:Closed >trac-backend:Closed",
    ),
    (
        "nginx_stub_status.txt",
        200,
        "text/plain",
        "nginx-stub-status Up",
    ),
    ("node_terminus_ok.json", 200, JSON, "terminus Up"),
    (
        "openmetrics_stateset.txt",
        200,
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        "prometheus - payments:Open",
    ),
    (
        "opossum_prometheus.txt",
        200,
        "text/plain; version=0.0.4",
        "prometheus - orders->inventory:Closed orders->payments:NotClosed orders->shipping:NotClosed",
    ),
    (
        "prometheus_api_query_up.json",
        200,
        JSON,
        "prometheus-api Up prometheus@localhost:9090=Up node@localhost:9100=Down",
    ),
    (
        "prometheus_api_targets.json",
        200,
        JSON,
        "prometheus-api Up prometheus@127.0.0.1:9090=Up",
    ),
    (
        "spring_actuator_health_docs.json",
        200,
        JSON,
        "spring-boot Up",
    ),
    (
        "tempo_servicegraph_metrics.txt",
        200,
        "text/plain",
        "prometheus -",
    ),
    (
        "traefik_http_service_one.json",
        200,
        JSON,
        "traefik Up bar@http://127.0.0.1=Up",
    ),
    (
        "traefik_http_services.json",
        200,
        JSON,
        "traefik Up bar@http://127.0.0.1=Up baz@http://127.0.0.2=Up",
    ),
    (
        "zipkin_dependencies.json",
        200,
        JSON,
        "zipkin-dependencies Up app->db web->app",
    ),
];

const JSON: &str = "application/json";

fn told(reading: &Reading) -> String {
    let health = reading
        .health
        .map_or("-".to_owned(), |it| format!("{it:?}"));
    let mut words = vec![reading.format.to_owned(), health];
    let breakers = reading.breakers.iter();
    words.extend(breakers.map(|it| format!("{}:{:?}", it.name, it.circuit)));
    if let Some(others) = &reading.observation {
        let instances = others.instances.iter();
        words.extend(instances.map(|it| format!("{}@{}={:?}", it.service, it.address, it.health)));
        words.extend(others.breakers.iter().map(|it| {
            let circuit = it.reading.circuit;
            format!("{}>{}:{circuit:?}", it.caller, it.reading.name)
        }));
        let calls = others.calls.iter();
        words.extend(calls.map(|it| format!("{}->{}", it.from, it.to)));
    }
    words.join(" ")
}

/// A sample as its program sends it: one is written down as YAML in its documentation.
fn sample(file: &str) -> Option<Vec<u8>> {
    let body = fs::read(Path::new(FOLDER).join(file)).ok()?;
    if !file.contains(".yaml") {
        return Some(body);
    }
    let documents = Yaml::load_from_str(str::from_utf8(&body).unwrap()).unwrap();
    Some(as_json(&documents[0]).to_string().into_bytes())
}

fn as_json(yaml: &Yaml<'_>) -> Value {
    if let Some(map) = yaml.as_mapping() {
        let entries = map.iter().map(|(key, value)| {
            let key = as_json(key);
            let name = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            (name, as_json(value))
        });
        Value::Object(entries.collect())
    } else if let Some(list) = yaml.as_vec() {
        list.iter().map(as_json).collect()
    } else {
        let number = yaml.as_integer().map(Value::from);
        let is = yaml.as_bool().map(Value::from);
        let text = yaml.as_str().map(Value::from);
        number.or(is).or(text).unwrap_or(Value::Null)
    }
}

#[test]
fn every_sample_is_read_as_it_should_be() {
    if !Path::new(FOLDER).is_dir() {
        eprintln!("{FOLDER} is not here, so its samples are not checked");
        return;
    }
    let mut wrong = Vec::new();
    for (file, status, content_type, expected) in EXPECTED {
        let body = sample(file).unwrap();
        let read = told(&detect(*status, content_type, &body));
        if read != *expected {
            wrong.push(format!("{file}: expected {expected}, read {read}"));
        }
        // The content alone must do, because content types are often wrong.
        let bare = told(&detect(*status, "", &body));
        if bare != *expected {
            wrong.push(format!("{file} without content type: read {bare}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_sample_was_forgotten() {
    let Ok(folder) = fs::read_dir(FOLDER) else {
        return;
    };
    let known = |name: &str| EXPECTED.iter().any(|(file, ..)| *file == name);
    let names = folder.map(|it| it.unwrap().file_name().into_string().unwrap());
    let forgotten: Vec<_> = names
        .filter(|it| !known(it) && it != "SOURCES.md")
        .collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

#[test]
fn a_sample_cut_at_any_byte_is_read_without_failing() {
    for (file, status, content_type, _) in EXPECTED {
        let Some(body) = sample(file) else {
            continue;
        };
        // Every byte of the short ones, some hundred places of the long ones.
        let step = body.len().div_ceil(500).max(1);
        for end in (0..body.len()).step_by(step) {
            detect(*status, content_type, &body[..end]);
        }
    }
}
