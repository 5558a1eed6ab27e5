//! Lines and what they are about, in files as they are exported.

use super::{element_at, elements};
use crate::{
    export::export_all,
    model::{ElementId, Model, testing::model},
};

const SHOP: &str = "ordering(orders{technology=fastapi port=5000}, payments{technology=fastapi port=5001}, \
    orders-db:database{technology=postgres}, events:broker{technology=rabbitmq}); \
    edge(gateway:gateway{technology=nginx port=8080}); \
    orders -> payments{timeout=800 breaker}; orders -> orders-db{sql timeout=500}; \
    orders => events; gateway/orders -> orders{rate=50 timeout=3000}; gateway -> orders";

fn named(element: &ElementId) -> String {
    format!("{} {}", element.kind(), element.as_str())
}

/// What the first line that has this in it is about, most special first.
fn about(model: &Model, path: &str, text: &str, part: &str) -> Vec<String> {
    let spots = elements(model, path, text);
    let at = text.lines().position(|it| it.contains(part));
    let at = at.unwrap_or_else(|| panic!("no {part} in {path}:\n{text}"));
    let mut those: Vec<_> = spots.iter().filter(|it| it.0.contains(&at)).collect();
    those.sort_by_key(|it| it.0.len());
    those.iter().map(|it| named(&it.1)).collect()
}

/// The most special of them.
fn first(model: &Model, path: &str, text: &str, part: &str) -> String {
    let spots = elements(model, path, text);
    let at = text.lines().position(|it| it.contains(part)).unwrap();
    element_at(&spots, at).map_or_else(String::new, named)
}

/// The text of the longest spot of an element.
fn block<'a>(model: &Model, path: &str, text: &'a str, element: &str) -> Vec<&'a str> {
    let spots = elements(model, path, text);
    let its = spots.iter().filter(|it| named(&it.1) == element);
    let longest = its.max_by_key(|it| it.0.len()).expect("a spot");
    text.lines().collect::<Vec<_>>()[longest.0.clone()].to_vec()
}

fn file(model: &Model, path: &str) -> String {
    export_all(model, &[]).unwrap().files[path].to_string()
}

#[test]
fn a_service_of_compose_is_its_whole_block() {
    let shop = model(SHOP);
    let path = "compose.yaml";
    let text = file(&shop, path);
    let lines = block(&shop, path, &text, "service orders");
    assert!(lines.contains(&"  orders:"), "{lines:?}");
    assert!(lines.iter().any(|it| it.contains("PORT: \"5000\"")));
    assert!(
        !lines
            .iter()
            .any(|it| *it == "  payments:" || *it == "  orders-db:")
    );
    assert_eq!(
        first(&shop, path, &text, "PORT: \"5000\""),
        "service orders"
    );
    assert_eq!(
        first(&shop, path, &text, "PAYMENTS_TIMEOUT_MS"),
        "dependency orders-payments"
    );
    assert_eq!(
        first(&shop, path, &text, "ORDERS_DB_TIMEOUT_MS"),
        "dependency orders-orders-db",
        "not orders"
    );
}

#[test]
fn what_a_service_waits_for_is_its_dependency() {
    let shop = model(SHOP);
    let text = "services:\n  orders:\n    depends_on:\n      orders-db:\n        condition: service_healthy\n    networks: [ordering, ordering_data]\n";
    let path = "compose.yaml";
    assert_eq!(
        first(&shop, path, text, "condition:"),
        "dependency orders-orders-db"
    );
    assert_eq!(first(&shop, path, text, "networks:"), "boundary ordering");
    assert!(about(&shop, path, text, "depends_on").contains(&"boundary ordering".to_owned()));
}

#[test]
fn nginx_has_its_upstreams_and_routes() {
    let shop = model(SHOP);
    let path = "gateway/nginx.conf";
    let text = file(&shop, path);
    let upstream = block(&shop, path, &text, "service orders");
    assert_eq!(
        upstream.first().map(|it| it.trim()),
        Some("upstream orders {")
    );
    assert_eq!(upstream.last().map(|it| it.trim()), Some("}"));
    let route = shop.routes.keys().next().unwrap();
    let lines = block(&shop, path, &text, &format!("route {route}"));
    assert!(lines.iter().any(|it| it.contains("location")), "{lines:?}");
    assert!(
        lines
            .iter()
            .any(|it| it.contains("proxy_pass http://orders"))
    );
    assert!(about(&shop, path, &text, "limit_req_zone").contains(&format!("route {route}")));
    assert_eq!(
        first(&shop, path, &text, "events {"),
        "service gateway",
        "a word of nginx's own is no service"
    );
    assert_eq!(
        first(&shop, path, &text, "proxy_pass"),
        "dependency gateway-orders"
    );
}

#[test]
fn a_folder_of_a_service_is_all_about_it() {
    let shop = model(SHOP);
    let text = file(&shop, "services/orders/Dockerfile");
    assert_eq!(
        first(&shop, "services/orders/Dockerfile", &text, "FROM"),
        "service orders"
    );
    let code = "timeout = env(\"PAYMENTS_TIMEOUT_MS\")\n";
    assert_eq!(
        first(&shop, "services/orders/app/main.py", code, "timeout"),
        "dependency orders-payments"
    );
    assert_eq!(
        first(&shop, "consul/orders.json", "{\n}\n", "{"),
        "service orders"
    );
    assert_eq!(
        first(&shop, "orders.yaml", "a: 1\n", "a"),
        "",
        "no folder, no service"
    );
}

#[test]
fn a_workflow_names_services_by_their_folders() {
    let shop = model(SHOP);
    let path = ".github/workflows/ci.yml";
    let text = file(&shop, path);
    assert!(
        elements(&shop, path, &text)
            .iter()
            .any(|it| named(&it.1) == "service payments"),
        "{text}"
    );
}

#[test]
fn a_cluster_of_envoy_is_its_item_of_the_list() {
    let shop = model(SHOP);
    let text = "static_resources:\n  listeners:\n    - name: http\n      routes:\n        - match:\n            prefix: /orders\n          route:\n            cluster: orders\n  clusters:\n    - name: orders\n      connect_timeout: 1s\n    - connect_timeout: 2s\n      name: payments\n";
    let path = "gateway/envoy.yaml";
    assert_eq!(
        block(&shop, path, text, "service orders"),
        ["    - name: orders", "      connect_timeout: 1s"]
    );
    assert_eq!(
        block(&shop, path, text, "service payments"),
        ["    - connect_timeout: 2s", "      name: payments"]
    );
    assert_eq!(
        first(&shop, path, text, "cluster: orders"),
        "dependency gateway-orders"
    );
    assert_eq!(
        first(&shop, path, text, "prefix: /orders"),
        "service gateway"
    );
}

#[test]
fn json_and_jobs_have_blocks_too() {
    let shop = model(SHOP);
    let json = "{\n  \"services\": {\n    \"orders\": {\n      \"port\": 5000\n    },\n    \"payments\": {\n      \"port\": 5001\n    }\n  }\n}\n";
    assert_eq!(
        block(&shop, "all.json", json, "service orders"),
        ["    \"orders\": {", "      \"port\": 5000", "    },"]
    );
    let named_in = "{\n  \"service\": {\n    \"port\": 1,\n    \"name\": \"payments\"\n  }\n}\n";
    assert_eq!(
        block(&shop, "all.json", named_in, "service payments").len(),
        4
    );
    let jobs = "scrape_configs:\n  - job_name: orders\n    metrics_path: /metrics\n  - job_name: payments\n";
    assert_eq!(
        block(&shop, "prometheus/prometheus.yml", jobs, "service orders").len(),
        2
    );
    let document =
        "kind: Service\nmetadata:\n  name: orders\nspec: {}\n---\nmetadata:\n  name: payments\n";
    assert_eq!(
        block(&shop, "kubernetes/all.yaml", document, "service orders").len(),
        4
    );
}

#[test]
fn prose_and_parts_of_names_are_about_nothing() {
    let shop = model(SHOP);
    for line in [
        "description: Takes orders and sees them through",
        "image: ghcr.io/shop-orders:1",
        "path: /var/lib/orders/data",
        "# all about orders",
        "orders_total: 1",
    ] {
        assert_eq!(first(&shop, "x.yaml", line, line), "", "{line}");
    }
    assert_eq!(
        first(&shop, "x.yaml", "url: http://orders:5000/x", "url"),
        "service orders"
    );
}

#[test]
fn every_line_of_every_file_can_be_asked_about() {
    let shop = model(SHOP);
    for (path, text) in export_all(&shop, &[]).unwrap().files {
        let count = text.lines().count();
        for (lines, element) in elements(&shop, &path, &text) {
            assert!(
                lines.start < lines.end && lines.end <= count,
                "{path} {lines:?}"
            );
            assert!(shop.contains(&element), "{path} {element:?}");
        }
    }
    for odd in [
        "", "\n", "-", "- ", "\"", "é: ü", "  }\n}", "a:\n\tb", "--- #",
    ] {
        elements(&shop, "x/y.yaml", odd);
    }
}
