//! Which containers count, what they are called, and what Podman leaves out.

use serde_json::{Value, json};

use super::{is_wanted, names, say_health, version_prefix};

fn container(name: &str, labels: Value) -> Value {
    json!({
        "Id": format!("{name:0<64}"),
        "Names": [format!("/{name}")],
        "Labels": labels,
        "State": "running",
        "Status": "Up 4 seconds",
    })
}

fn compose(name: &str, project: &str, service: &str) -> Value {
    let labels = json!({
        "com.docker.compose.project": project,
        "com.docker.compose.service": service,
    });
    container(name, labels)
}

#[test]
fn the_engine_is_asked_in_its_own_version() {
    assert_eq!(version_prefix(Some("1.41")), "/v1.41");
    for odd in ["", "x", "1.41/../../x", "1.4111111111"] {
        assert_eq!(version_prefix(Some(odd)), "", "{odd}");
    }
    assert_eq!(version_prefix(None), "");
}

#[test]
fn a_namespace_is_a_compose_project_or_a_stack() {
    let stack = container("s", json!({ "com.docker.stack.namespace": "shop" }));
    assert!(is_wanted(&compose("a", "shop", "orders"), "shop"));
    assert!(is_wanted(&stack, "shop"));
    assert!(!is_wanted(&compose("a", "other", "orders"), "shop"));
    assert!(!is_wanted(&container("plain", Value::Null), "shop"));
    assert!(is_wanted(&container("plain", Value::Null), ""));
}

#[test]
fn a_container_that_was_run_once_does_not_serve() {
    let mut once = compose("shop-orders-run-1", "shop", "orders");
    once["Labels"]["com.docker.compose.oneoff"] = json!("True");
    assert!(!is_wanted(&once, "shop"));
    once["Labels"]["com.docker.compose.oneoff"] = json!("False");
    assert!(is_wanted(&once, "shop"));
}

#[test]
fn labels_name_the_service_unless_only_the_container_is_known() {
    let swarm = json!({
        "com.docker.stack.namespace": "shop",
        "com.docker.swarm.service.name": "shop_stock",
    });
    let containers = [
        compose("shop-orders-1", "shop", "orders"),
        compose("till", "shop", "pay"),
        container("shop_stock.1.x", swarm),
        container("cart", Value::Null),
    ];
    let names = names(&containers, |it| matches!(it, "orders" | "till"));
    let service = |name: &str| names[name].0.as_str();
    assert_eq!(service("shop-orders-1"), "orders");
    assert_eq!(
        service("shop-orders-"),
        "orders",
        "twelve characters of the id"
    );
    assert_eq!(service("till"), "till");
    assert_eq!(service("shop_stock.1.x"), "stock");
    assert_eq!(service("cart"), "cart");
}

#[test]
fn health_that_podman_leaves_out_is_said_as_newer_engines_say_it() {
    let mut containers = [
        container("well", Value::Null),
        container("unwell", Value::Null),
    ];
    let those = [container("unwell", Value::Null)];
    say_health(&mut containers, &those, "unhealthy");
    assert_eq!(containers[0].get("Health"), None);
    assert_eq!(containers[1]["Health"]["Status"], "unhealthy");
    assert_eq!(containers[1]["Status"], "Up 4 seconds (unhealthy)");
}
