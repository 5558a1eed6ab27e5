//! Containers as Docker and Podman tell of them: `docker inspect`, `GET
//! /containers/json`, and the state of one health check.
//!
//! A container that runs and has no health check counts as up, and the word says so.
//! The shapes are those of moby/moby, `api/swagger.yaml`; Podman sends an empty status
//! where there is no check.

use serde_json::{Map, Value};

use super::{
    Format, Input,
    reading::Body,
    telling::Gathered,
    words::{health_word, text},
};
use crate::monitor::Health;

pub(super) const FORMAT: Format = Format {
    id: "docker",
    title: "Docker containers",
    looks_like: r#"[{"Names":["/shop-orders-1"],"State":"running","Status":"Up 2 minutes (healthy)"}]; inspect"#,
    tested_against: "written after moby's API description",
    read,
};

/// Labels that name the service of a container, the most telling first.
const LABELS: [&str; 4] = [
    "com.docker.compose.service",
    "com.docker.swarm.service.name",
    "io.kubernetes.container.name",
    "app.kubernetes.io/name",
];

fn read(input: &Input<'_>) -> Option<Body> {
    if let Some(check) = input.object().filter(|it| is_check(it)) {
        let status = text(check, "Status")?;
        return Some(Body::of_word(status));
    }
    let mut gathered = Gathered::default();
    let mut add = |it: &Value| {
        let container = it.as_object()?;
        add_listed(&mut gathered, container).or_else(|| add_inspected(&mut gathered, container))
    };
    match input.list() {
        Some(list) => {
            list.first().map_or(Some(()), &mut add)?;
            for container in list.iter().skip(1) {
                add(container);
            }
        }
        None => add(input.json?)?,
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

/// The state of a health check alone.
fn is_check(object: &Map<String, Value>) -> bool {
    object.contains_key("FailingStreak") && object.contains_key("Log")
}

/// One element of `GET /containers/json`.
fn add_listed(gathered: &mut Gathered, container: &Map<String, Value>) -> Option<()> {
    let name = container.get("Names")?.as_array()?.first()?.as_str()?;
    let state = text(container, "State")?;
    let status = text(container, "Status").unwrap_or_default();
    let newer = container.get("Health").and_then(Value::as_object);
    let health = newer.and_then(|it| text(it, "Status"));
    let health = health
        .filter(|it| !it.is_empty())
        .unwrap_or_else(|| check_in(status));
    let (verdict, raw) = verdict(state, health, exit_code(status));
    let name = name.trim_start_matches('/');
    let labels = container.get("Labels").and_then(Value::as_object);
    gathered.add_instance(service(labels, name), name, (verdict, &raw));
    Some(())
}

/// One element of `docker inspect`.
fn add_inspected(gathered: &mut Gathered, container: &Map<String, Value>) -> Option<()> {
    let state = container.get("State")?.as_object()?;
    let status = text(state, "Status")?;
    state.get("Running")?;
    let check = state.get("Health").and_then(Value::as_object);
    let health = check.and_then(|it| text(it, "Status")).unwrap_or_default();
    let exit_code = state.get("ExitCode").and_then(Value::as_i64);
    let (verdict, raw) = verdict(status, health, exit_code);
    let name = text(container, "Name")
        .unwrap_or_default()
        .trim_start_matches('/');
    let config = container.get("Config").and_then(Value::as_object);
    let labels = config.and_then(|it| it.get("Labels")?.as_object());
    gathered.add_instance(service(labels, name), name, (verdict, &raw));
    Some(())
}

/// The service of a container: what its labels say, or its own name.
pub(super) fn service<'a>(labels: Option<&'a Map<String, Value>>, name: &'a str) -> &'a str {
    let mut said = LABELS.iter().filter_map(|it| text(labels?, it));
    said.find(|it| !it.is_empty()).unwrap_or(name)
}

/// What a container's state, its health check and its exit code make of it.
pub(super) fn verdict(state: &str, health: &str, exit_code: Option<i64>) -> (Health, String) {
    let is_checked = !matches!(health, "" | "none");
    match state {
        "running" if is_checked => (health_word(health), health.to_owned()),
        "running" => (Health::Up, "running, no health check".to_owned()),
        "created" | "configured" | "initialized" => (Health::Starting, state.to_owned()),
        "paused" | "removing" => (Health::OutOfService, state.to_owned()),
        "exited" | "stopped" => match exit_code {
            // It ended by itself, or somebody stopped it.
            Some(0) => (Health::OutOfService, format!("{state} (0)")),
            Some(code) => (Health::Down, format!("{state} ({code})")),
            None => (Health::Down, state.to_owned()),
        },
        "restarting" | "dead" => (Health::Down, state.to_owned()),
        _ => (Health::Unknown, state.to_owned()),
    }
}

/// The health check in `Up 2 minutes (healthy)`, `(unhealthy)` and `(health: starting)`.
pub(super) fn check_in(status: &str) -> &str {
    let Some((_, inside)) = status.rsplit_once('(') else {
        return "";
    };
    let word = inside.trim_end_matches(')').trim_start_matches("health: ");
    match word {
        "healthy" | "unhealthy" | "starting" => word,
        _ => "",
    }
}

/// The exit code in `Exited (137) 2 minutes ago`.
pub(super) fn exit_code(status: &str) -> Option<i64> {
    let rest = status.strip_prefix("Exited (")?;
    rest.split(')').next()?.parse().ok()
}
