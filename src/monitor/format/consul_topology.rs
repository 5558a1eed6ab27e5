//! What Consul's window shows around one service:
//! `/v1/internal/ui/service-topology/NAME`.
//!
//! Its upstreams are registered or permitted, never observed, so they are no calls here.
//! Beside each stand its checks. The shape is that of hashicorp/consul,
//! `agent/ui_endpoint.go`.

use serde_json::{Map, Value};

use super::{
    Format, Input,
    reading::Body,
    telling::Gathered,
    words::{count, text},
};
use crate::monitor::Health;

pub(super) const FORMAT: Format = Format {
    id: "consul-topology",
    title: "Consul topology",
    looks_like: r#"{"Upstreams":[{"Name":"orders","ChecksPassing":3,"ChecksCritical":0}],"Downstreams":[]}"#,
    tested_against: "Consul 1.22, running, without a mesh; a template in its user interface",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let lists = [object.get("Upstreams")?, object.get("Downstreams")?];
    let mut gathered = Gathered::default();
    for list in lists.iter().filter_map(|it| it.as_array()) {
        for service in list.iter().filter_map(Value::as_object) {
            add(&mut gathered, service);
        }
    }
    if object.get("FilteredByACLs").and_then(Value::as_bool) == Some(true) {
        gathered.mark_partial();
        gathered.note("filtered by ACLs: what is missing may only be hidden");
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

fn add(gathered: &mut Gathered, service: &Map<String, Value>) {
    let of = |key: &str| count(service.get(key)).unwrap_or(0);
    let (passing, warning, critical) = (
        of("ChecksPassing"),
        of("ChecksWarning"),
        of("ChecksCritical"),
    );
    let health = match (passing, warning, critical) {
        (0, 0, 0) => Health::Unknown,
        (_, 0, 0) => Health::Up,
        (0, 0, _) => Health::Down,
        _ => Health::Degraded,
    };
    let name = text(service, "Name").unwrap_or_default();
    let raw = format!("checks: {passing} passing, {warning} warning, {critical} critical");
    gathered.add_instance(name, name, (health, &raw));
}
