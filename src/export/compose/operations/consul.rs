//! The Consul of a design whose calls find services at run time.
//!
//! One server that nobody joins: only its names can be asked from outside, because
//! whoever reaches the rest of it may change it.

use super::{
    container::{after, bind, container, health, read_only, volume},
    networks_of,
    programs::Own,
};
use crate::{
    export::{bundle, compose::Writing, yaml::Value},
    model::technology,
};

/// Where its container finds the exported folder.
const DEFINITIONS: &str = "/consul/definitions";
/// The user of its image.
const USER: &str = "100:1000";

/// The agent, and what tells it how services may call each other.
pub(super) fn own(writing: &Writing<'_>) -> Vec<Own> {
    let model = writing.model;
    let is_used = model
        .dependencies
        .values()
        .any(|it| it.dynamic_discovery == Some(true));
    let known = technology::ALL.iter().find(|it| it.id == "consul");
    let Some(image) = known.and_then(|it| it.image).filter(|_| is_used) else {
        return Vec::new();
    };
    if bundle::drawn(model, "consul").is_some() {
        return Vec::new();
    }
    vec![agent(writing, image), preparation(image)]
}

fn agent(writing: &Writing<'_>, image: &str) -> Own {
    let networks = networks_of(writing, writing.model.services.keys());
    let mut map = container(image, "256M", &networks);
    map.set("user", USER);
    read_only(&mut map);
    map.set("entrypoint", ["/bin/consul"]);
    map.set(
        "command",
        [
            "agent",
            "-config-dir=/consul/definitions",
            "-bind=127.0.0.1",
            "-client=127.0.0.1",
            "-hcl=addresses { dns = \"0.0.0.0\" }",
        ],
    );
    map.set(
        "volumes",
        vec![
            bind("./consul", DEFINITIONS),
            volume("operations_consul", "/consul/data"),
        ],
    );
    let asked = "wget -q -O - http://127.0.0.1:8500/v1/status/leader | grep -q :";
    map.set("healthcheck", health(&["CMD-SHELL", asked], "15s"));
    ("consul", map, Vec::new())
}

/// Runs once, where the agent alone is reached.
fn preparation(image: &str) -> Own {
    let mut map = container(image, "128M", &[]);
    map.set("network_mode", "service:consul");
    map.set("user", USER);
    read_only(&mut map);
    map.set("entrypoint", ["/bin/sh", "-c"]);
    let script = [
        "set -eu",
        "for kind in defaults resolver intentions; do",
        "  for entry in /consul/definitions/config/*.$$kind.json; do",
        "    [ ! -e \"$$entry\" ] || consul config write \"$$entry\"",
        "  done",
        "done",
    ];
    let script = format!("{}\n", script.join("\n"));
    map.set("command", Value::List(vec![Value::Block(script)]));
    map.set("restart", "on-failure:5");
    map.set("volumes", vec![bind("./consul", DEFINITIONS)]);
    map.set("depends_on", after(&[("consul", "service_healthy")]));
    ("consul-preparation", map, Vec::new())
}
