//! What `docker compose ps --format json` and `docker ps --format json` print: one JSON
//! object a line, or one list, as older Compose did.

use serde_json::{Map, Value};

use super::{
    Format, Input,
    docker::{check_in, exit_code, verdict},
    pages::json_lines,
    reading::Body,
    telling::Gathered,
    words::text,
};

pub(super) const FORMAT: Format = Format {
    id: "compose-ps",
    title: "Compose services",
    looks_like: r#"{"Name":"shop-orders-1","Service":"orders","State":"running","Health":"healthy"}, one a line"#,
    tested_against: "recorded answers in Docker Compose's documentation",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let lines;
    let containers: &[Value] = match input.json {
        Some(Value::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
        None => {
            lines = json_lines(input)?;
            &lines
        }
    };
    let first = containers.first()?.as_object()?;
    if !is_container(first) {
        return None;
    }
    let mut gathered = Gathered::default();
    for container in containers.iter().filter_map(Value::as_object) {
        add(&mut gathered, container);
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

/// Names are texts here, and lists in Docker's own API.
fn is_container(object: &Map<String, Value>) -> bool {
    let is_text = |key: &str| text(object, key).is_some();
    let is_compose = is_text("Service") && is_text("Name") && object.contains_key("Project");
    is_text("State") && (is_compose || (is_text("Names") && is_text("Image")))
}

fn add(gathered: &mut Gathered, container: &Map<String, Value>) {
    let of = |key: &str| text(container, key).unwrap_or_default();
    let name = text(container, "Name").unwrap_or_else(|| of("Names"));
    let health = text(container, "Health").unwrap_or_else(|| check_in(of("Status")));
    let code = container.get("ExitCode").and_then(Value::as_i64);
    let code = code.or_else(|| exit_code(of("Status")));
    let (health, raw) = verdict(of("State"), health, code);
    let service = text(container, "Service").unwrap_or_else(|| labelled(of("Labels"), name));
    gathered.add_instance(service, name, (health, &raw));
}

/// The service in labels that `docker ps` writes as `a=b,c=d`.
fn labelled<'a>(labels: &'a str, name: &'a str) -> &'a str {
    let mut services = labels
        .split(',')
        .filter_map(|it| it.strip_prefix("com.docker.compose.service="));
    services.next().unwrap_or(name)
}
