//! Consul's lists of checks: `/v1/health/state/any`, `/v1/health/checks/NAME`,
//! `/v1/agent/checks`, and the instances of `/v1/health/service/NAME`.
//!
//! An instance is as well as the worst of its own checks and of those of its node, whose
//! service id is empty. A check for maintenance counts as critical, but an operator made
//! it. What checks put out may hold secrets and is not kept. The shapes are those of
//! hashicorp/consul, `website/content/api-docs/health.mdx`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    CheckReading, Format, Input,
    reading::Body,
    telling::{Gathered, worst},
    words::{push_check, text},
};
use crate::monitor::Health;

pub(super) const FORMAT: Format = Format {
    id: "consul",
    title: "Consul health",
    looks_like: r#"[{"Node":"n1","CheckID":"service:orders","Status":"passing","ServiceName":"orders"}]"#,
    tested_against: "Consul 1.22, running; recorded answers in its documentation",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let mut gathered = Gathered::default();
    if let Some(list) = input.list() {
        let first = list.first().and_then(Value::as_object);
        let has = |key: &str| first.is_some_and(|it| it.contains_key(key));
        let objects = list.iter().filter_map(Value::as_object);
        if has("Service") && has("Checks") {
            objects.for_each(|it| add_entry(&mut gathered, it));
        } else if has("CheckID") || list.is_empty() {
            add_checks(&mut gathered, objects);
        } else {
            return None;
        }
    } else {
        let by_id = input.object()?;
        by_id.values().next()?.get("CheckID")?;
        add_checks(&mut gathered, by_id.values().filter_map(Value::as_object));
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

/// Some checks and the word of the worst.
#[derive(Default)]
struct Checks<'a> {
    readings: Vec<CheckReading>,
    healths: Vec<(Health, &'a str)>,
}

impl<'a> Checks<'a> {
    fn add(&mut self, check: &'a Map<String, Value>) {
        let Some(status) = text(check, "Status") else {
            return;
        };
        let id = text(check, "CheckID").unwrap_or_default();
        let name = text(check, "Name").filter(|it| !it.is_empty());
        let mut reading = CheckReading::new(name.unwrap_or(id), status);
        let is_maintenance = id == "_node_maintenance" || id.starts_with("_service_maintenance:");
        let word = if is_maintenance {
            "maintenance"
        } else {
            status
        };
        if is_maintenance {
            reading.health = Health::OutOfService;
        }
        self.healths.push((reading.health, word));
        push_check(&mut self.readings, reading);
    }

    /// The worst of these and those; what nobody checks counts as passing.
    fn verdict(&self, others: Option<&Self>) -> (Health, &'a str) {
        let others = others.into_iter().flat_map(|it| &it.healths);
        let all: Vec<_> = self.healths.iter().chain(others).copied().collect();
        let Some(health) = worst(all.iter().map(|it| it.0)) else {
            return (Health::Up, "registered, no checks");
        };
        let word = all.iter().find(|it| it.0 == health);
        (health, word.map_or("", |it| it.1))
    }
}

/// Checks of instances, and beside them those of nodes.
fn add_checks<'a>(gathered: &mut Gathered, checks: impl Iterator<Item = &'a Map<String, Value>>) {
    let mut nodes: BTreeMap<&str, Checks<'_>> = BTreeMap::new();
    let mut instances: BTreeMap<(&str, &str, &str), Checks<'_>> = BTreeMap::new();
    for check in checks {
        let part = |key: &str| text(check, key).unwrap_or_default();
        let (node, id) = (part("Node"), part("ServiceID"));
        if id.is_empty() {
            nodes.entry(node).or_default().add(check);
        } else {
            let instance = instances.entry((part("ServiceName"), node, id));
            instance.or_default().add(check);
        }
    }
    for ((service, node, id), checks) in instances {
        let node_checks = nodes.get(node);
        let verdict = checks.verdict(node_checks);
        let mut readings = checks.readings;
        for reading in node_checks.into_iter().flat_map(|it| &it.readings) {
            push_check(&mut readings, reading.clone());
        }
        let address = format!("{id} on {node}");
        gathered.add_checked(service, &address, verdict, readings);
    }
}

/// One instance with all of its checks.
fn add_entry(gathered: &mut Gathered, entry: &Map<String, Value>) {
    let Some(service) = entry.get("Service").and_then(Value::as_object) else {
        return;
    };
    let mut checks = Checks::default();
    let list = entry.get("Checks").and_then(Value::as_array);
    for check in list.into_iter().flatten().filter_map(Value::as_object) {
        checks.add(check);
    }
    let node = entry.get("Node").and_then(Value::as_object);
    let host = text(service, "Address").filter(|it| !it.is_empty());
    let host = host.or_else(|| text(node?, "Address")).unwrap_or_default();
    let port = service.get("Port").and_then(Value::as_u64).unwrap_or(0);
    let id = text(service, "ID").unwrap_or_default();
    let address = match (host, port) {
        ("", _) => id.to_owned(),
        (host, 0) => host.to_owned(),
        (host, port) => format!("{host}:{port}"),
    };
    let name = text(service, "Service").unwrap_or_default();
    let verdict = checks.verdict(None);
    gathered.add_checked(name, &address, verdict, checks.readings);
}
