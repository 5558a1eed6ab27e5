//! What the containers of the operations have in common.

use crate::export::yaml::{Map, Value};

/// What every container of ours has.
pub(super) fn container(image: &str, memory: &str, networks: &[&str]) -> Map {
    let mut map = Map::from([
        ("image", image.into()),
        ("init", true.into()),
        ("cap_drop", ["ALL"].into()),
        (
            "security_opt",
            Value::List(vec!["no-new-privileges:true".into()]),
        ),
        ("restart", "unless-stopped".into()),
        (
            "deploy",
            [(
                "resources",
                [(
                    "limits",
                    [
                        ("cpus", "1.00".into()),
                        ("memory", memory.into()),
                        ("pids", 1024_u32.into()),
                    ]
                    .into(),
                )]
                .into(),
            )]
            .into(),
        ),
        (
            "logging",
            [
                ("driver", "json-file".into()),
                (
                    "options",
                    [
                        ("max-size", "10m".into()),
                        ("max-file", "3".into()),
                        (
                            "labels",
                            "com.docker.compose.project,com.docker.compose.service".into(),
                        ),
                    ]
                    .into(),
                ),
            ]
            .into(),
        ),
    ]);
    if !networks.is_empty() {
        map.set("networks", networks.to_vec());
    }
    map
}

/// Nothing may be written but below `/tmp`.
pub(super) fn read_only(map: &mut Map) {
    map.set("read_only", true);
    let tmp = "/tmp:rw,noexec,nosuid,size=64m,mode=1777";
    map.set("tmpfs", Value::List(vec![tmp.into()]));
}

/// A file or a folder of the bundle, to be read.
pub(super) fn bind(source: &str, target: &str) -> Value {
    [
        ("type", "bind".into()),
        ("source", source.into()),
        ("target", target.into()),
        ("read_only", true.into()),
    ]
    .into()
}

/// What outlives the container.
pub(super) fn volume(source: &str, target: &str) -> Value {
    [
        ("type", "volume".into()),
        ("source", source.into()),
        ("target", target.into()),
    ]
    .into()
}

/// A secret at a path of its own.
pub(super) fn secret(source: &str, target: &str) -> Value {
    [("source", source.into()), ("target", target.into())].into()
}

/// A port for people, on this machine only.
pub(super) fn published(variable: &str, port: u16) -> Value {
    let port = Map::from([
        ("target", port.into()),
        ("published", format!("${{{variable}:-{port}}}").into()),
        ("host_ip", "127.0.0.1".into()),
        ("protocol", "tcp".into()),
    ]);
    vec![port].into()
}

/// How it is asked whether it is well.
pub(super) fn health(words: &[&str], start: &str) -> Value {
    [
        (
            "test",
            Value::List(words.iter().map(|it| (*it).into()).collect()),
        ),
        ("interval", "15s".into()),
        ("timeout", "10s".into()),
        ("retries", 5_u32.into()),
        ("start_period", start.into()),
    ]
    .into()
}

/// What must be how far before.
pub(super) fn after(services: &[(&str, &str)]) -> Value {
    let condition = |it: &str| Value::from([("condition", it.into())]);
    let map: Map = services.iter().map(|it| (it.0, condition(it.1))).collect();
    map.into()
}
