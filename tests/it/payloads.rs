//! Real answers of real programs, each read as it should be.
//!
//! The samples belong to others and are no part of this repository; they are checked
//! where they lie beside it. The formats' own tests use answers written for them.

use std::{fs, path::Path};

use meshboard::monitor::format::{Reading, detect};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/payloads");

/// File, HTTP status, content type, and what is read: format, health, breakers.
const EXPECTED: &[(&str, u16, &str, &str)] = &[
    ("aspnet_plain_healthy.txt", 200, "text/plain", "aspnet Up"),
    ("consul_catalog_services.json", 200, JSON, "http-status Up"),
    ("consul_health_service.json", 200, JSON, "other Up"),
    ("consul_health_state_any.json", 200, JSON, "other Up"),
    (
        "consul_service_topology_template.txt",
        200,
        JSON,
        "http-status Up",
    ),
    (
        "docker_compose_ps.ndjson.txt",
        200,
        "text/plain",
        "http-status Up",
    ),
    ("envoy_clusters.json", 200, JSON, "other Up"),
    ("envoy_clusters.txt", 200, "text/plain", "http-status Up"),
    (
        "envoy_stats_prometheus_contour.txt",
        200,
        "text/plain",
        "prometheus -",
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
    ("haproxy_stats.csv.txt", 200, "text/plain", "other Up"),
    (
        "hystrix_stream_cinematch.txt",
        200,
        "text/event-stream",
        "other Up",
    ),
    (
        "hystrix_stream_readme.txt",
        200,
        "text/event-stream",
        "other Up",
    ),
    (
        "hystrix_stream_two_commands.txt",
        200,
        "text/event-stream",
        "other Up",
    ),
    ("hystrix_threadpool.json", 200, JSON, "http-status Up"),
    (
        "ietf_health_json.json",
        200,
        "application/health+json",
        "ietf-health Up",
    ),
    ("jaeger_api_dependencies.json", 200, JSON, "other Up"),
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
    ("kiali_graph_versioned_app.json", 200, JSON, "other Up"),
    ("linkerd_viz_edges.json", 200, JSON, "http-status Up"),
    ("linkerd_viz_stat.json", 200, JSON, "http-status Up"),
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
        "text/plain",
        "http-status Up",
    ),
    ("nginx_stub_status.txt", 200, "text/plain", "other Up"),
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
    ("prometheus_api_query_up.json", 200, JSON, "other Up"),
    ("prometheus_api_targets.json", 200, JSON, "other Up"),
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
    ("traefik_http_service_one.json", 200, JSON, "other Up"),
    ("traefik_http_services.json", 200, JSON, "other Up"),
    ("zipkin_dependencies.json", 200, JSON, "other Up"),
];

const JSON: &str = "application/json";

fn told(reading: &Reading) -> String {
    let health = reading
        .health
        .map_or("-".to_owned(), |it| format!("{it:?}"));
    let mut words = vec![reading.format.to_owned(), health];
    let breakers = reading.breakers.iter();
    words.extend(breakers.map(|it| format!("{}:{:?}", it.name, it.circuit)));
    words.join(" ")
}

#[test]
fn every_sample_is_read_as_it_should_be() {
    if !Path::new(FOLDER).is_dir() {
        eprintln!("{FOLDER} is not here, so its samples are not checked");
        return;
    }
    let mut wrong = Vec::new();
    for (file, status, content_type, expected) in EXPECTED {
        let body = fs::read(Path::new(FOLDER).join(file)).unwrap();
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
        let Ok(body) = fs::read(Path::new(FOLDER).join(file)) else {
            continue;
        };
        // Every byte of the short ones, some hundred places of the long ones.
        let step = body.len().div_ceil(500).max(1);
        for end in (0..body.len()).step_by(step) {
            detect(*status, content_type, &body[..end]);
        }
    }
}
