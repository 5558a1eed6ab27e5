//! One container: image, limits, hardening, and how it is reached.

use std::net::IpAddr;

use super::{
    REGISTRY, TAG, Writing, environment, hardening, health, imported, program, volumes, words,
};
use crate::{
    export::{
        bundle::{self, Origin},
        yaml::{Map, Value},
    },
    model::{Model, Port, PortProtocol, Service, ServiceId, ServiceKind, StartCondition},
};

/// Processes and threads one container may have.
const MAX_PROCESSES: u32 = 512;
/// Thousandths of a processor where the design does not say.
pub(super) const DEFAULT_CPU_MILLIS: u32 = 500;
/// Mebibytes of memory where neither design nor program says.
const DEFAULT_MEMORY_MIB: u32 = 256;

/// What stands above a service: its name and who answers for it.
pub(super) fn comment(model: &Model, id: &ServiceId, service: &Service) -> String {
    let mut parts = Vec::new();
    if !service.name.is_empty() && service.name != id.as_str() {
        parts.push(service.name.clone());
    }
    if let Some(boundary) = &service.boundary {
        parts.push(model.boundary_name(boundary).to_owned());
    }
    if let Some(team) = model.team_of(id) {
        parts.push(bundle::team_words(team));
    }
    parts.join(", ").lines().collect::<Vec<_>>().join(" ")
}

/// The container of a service.
pub(super) fn write(writing: &mut Writing<'_>, id: &ServiceId, service: &Service) -> Map {
    let mut map = Map::default();
    image(writing.model, &mut map, id, service);
    host_name(&mut map, id, service);
    let told = environment::of(
        writing.model,
        (id, service),
        &mut writing.secrets,
        &mut writing.asked,
        &mut writing.notes,
    );
    let is_imported = bundle::is_imported(service);
    if !is_imported {
        hardening::harden(&mut map, service, &mut writing.notes, id);
    }
    set_unless_empty(&mut map, "environment", told.environment());
    if !told.secrets.is_empty() {
        map.set("secrets", told.secrets);
    }
    ports(&mut map, id, service, &mut writing.notes);
    volumes::mount_all(writing, &mut map, id, service);
    let networks = writing.networks.of_service(id);
    if !is_imported && !networks.is_empty() {
        map.set("networks", joined(id, &networks));
    }
    start_order(writing, &mut map, id);
    match health::check(writing.model, id, service) {
        Some(check) => map.set("healthcheck", check),
        None if is_imported || service.kind == ServiceKind::Job => {}
        None => writing.notes.push(format!(
            "Nothing says how to ask {id} for its health: give it a health path or command."
        )),
    }
    lifetime(&mut map, service);
    resources(&mut map, id, service, &mut writing.notes);
    imported::merge(&mut map, service);
    map
}

/// A container's own name is another one each time it is made: `RabbitMQ`, which finds its
/// data by that name, gets one that stays.
fn host_name(map: &mut Map, id: &ServiceId, service: &Service) {
    let is_rabbit = matches!(bundle::origin(service), Origin::Program(it) if it.id == "rabbitmq");
    if is_rabbit && service.replicas.is_none_or(|it| it < 2) && !bundle::is_imported(service) {
        map.set("hostname", bundle::host(id));
    }
}

/// The networks of a service, and the name it has there if that is not its id.
fn joined(id: &ServiceId, networks: &[&str]) -> Value {
    let host = bundle::host(id);
    if host == id.as_str() {
        return Value::List(networks.iter().map(|it| Value::from(*it)).collect());
    }
    let settings = Value::from([("aliases", [host.as_str()].into())]);
    let named: Map = networks.iter().map(|it| (*it, settings.clone())).collect();
    named.into()
}

fn set_unless_empty(map: &mut Map, key: &str, value: Map) {
    if !value.is_empty() {
        map.set(key, value);
    }
}

fn image(model: &Model, map: &mut Map, id: &ServiceId, service: &Service) {
    let ours = format!(
        "${{REGISTRY:-{REGISTRY}}}/{}-{id}:${{TAG:-{TAG}}}",
        bundle::system(model)
    );
    let is_imported = bundle::is_imported(service);
    if !service.image.is_empty() {
        let written = imported::written(service, "image", &service.image);
        map.set(
            "image",
            written.unwrap_or_else(|| words::literal(&service.image)),
        );
    } else if let Origin::Program(known) = bundle::origin(service) {
        map.set("image", known.image.unwrap_or_default());
    } else if !is_imported {
        map.set("image", ours);
    }
    if let Some(said) = &service.build {
        let mut build = Map::from([("context", words::literal(&said.context).into())]);
        for (key, value) in [("dockerfile", &said.dockerfile), ("target", &said.target)] {
            if !value.is_empty() {
                build.set(key, words::literal(value));
            }
        }
        let arguments = said.arguments.iter();
        let arguments: Map = arguments
            .map(|(name, value)| (name.as_str(), Value::from(words::literal(value))))
            .collect();
        set_unless_empty(&mut build, "args", arguments);
        map.set("build", build);
    } else if service.image.is_empty()
        && !is_imported
        && !matches!(bundle::origin(service), Origin::Program(_))
    {
        let context = format!("./{}", bundle::source_folder(id));
        map.set("build", Map::from([("context", context.into())]));
    }
    let command = command(id, service);
    if !command.is_empty() {
        // Our own Dockerfiles say an entry point, which a command would only be put behind.
        let key = match bundle::origin(service) {
            Origin::Ours(_) => "entrypoint",
            Origin::Program(_) | Origin::Foreign => "command",
        };
        map.set(key, command);
    }
}

/// What replaces the image's command, as Compose writes it; empty where nothing does.
pub(super) fn command(id: &ServiceId, service: &Service) -> Vec<String> {
    if !service.command.is_empty() {
        let said = service.command.iter();
        return said.map(|it| words::literal(it)).collect();
    }
    match bundle::origin(service) {
        Origin::Program(known) if super::secrets::open_login(service).is_some() => {
            let Some(program) = program::find(known.id) else {
                return Vec::new();
            };
            let filled = |it: &&str| super::secrets::filled(it, id, service, program);
            program.command.iter().map(filled).collect()
        }
        Origin::Program(known) if known.id == "redis" && service.kind == ServiceKind::Cache => {
            // A full cache forgets instead of being killed; a third is left for its copies.
            let most = format!("{}mb", (memory_mib(service) * 2 / 3).max(1));
            let words = [
                "redis-server",
                "--maxmemory",
                &most,
                "--maxmemory-policy",
                "allkeys-lru",
            ];
            words.map(str::to_owned).to_vec()
        }
        Origin::Program(_) | Origin::Ours(_) | Origin::Foreign => Vec::new(),
    }
}

fn ports(map: &mut Map, id: &ServiceId, service: &Service, notes: &mut Vec<String>) {
    let is_imported = bundle::is_imported(service);
    let main = bundle::port(service);
    let mut published: Vec<Value> = Vec::new();
    let mut inside: Vec<Value> = Vec::new();
    for port in service.ports.iter().filter(|it| it.number != 0) {
        match port.published {
            Some(_) if service.kind.is_store() && !is_imported => {
                notes.push(format!(
                    "Port {} of {id} stays inside: a store is not published.",
                    port.number
                ));
                inside.push(port.number.to_string().into());
            }
            Some(outside) => published.push(publish(port, outside, is_imported).into()),
            None if port.protocol == PortProtocol::Udp => {
                inside.push(format!("{}/udp", port.number).into());
            }
            None => inside.push(port.number.to_string().into()),
        }
    }
    if !is_imported && service.kind == ServiceKind::Gateway && published.is_empty() {
        let port = Port {
            number: main,
            ..Port::default()
        };
        published.push(publish(&port, main, is_imported).into());
        inside.retain(|it| *it != Value::from(main.to_string()));
        notes.push(format!(
            "{id} publishes no port in the design: {main} is published on 127.0.0.1."
        ));
    }
    if !is_imported
        && service.ports.is_empty()
        && published.is_empty()
        && service.kind != ServiceKind::Job
    {
        inside.push(main.to_string().into());
    }
    if !published.is_empty() {
        map.set("ports", published);
    }
    if !inside.is_empty() {
        map.set("expose", inside);
    }
}

fn publish(port: &Port, outside: u16, is_imported: bool) -> Map {
    let mut map = Map::from([
        ("target", port.number.into()),
        ("published", outside.to_string().into()),
    ]);
    match port.host_ip.parse::<IpAddr>() {
        Ok(address) => map.set("host_ip", address.to_string()),
        Err(_) if is_imported && port.host_ip.is_empty() => {}
        Err(_) => map.set("host_ip", "127.0.0.1"),
    }
    let protocol = if port.protocol == PortProtocol::Udp {
        "udp"
    } else {
        "tcp"
    };
    map.set("protocol", protocol);
    map
}

fn start_order(writing: &Writing<'_>, map: &mut Map, id: &ServiceId) {
    let Some(after) = writing.order.get(id).filter(|it| !it.is_empty()) else {
        return;
    };
    let mut order = Map::default();
    for (other, condition) in after {
        let condition = match condition {
            StartCondition::Started => "service_started",
            StartCondition::Healthy => "service_healthy",
            StartCondition::Completed => "service_completed_successfully",
        };
        let name = match writing.model.services.get(other) {
            Some(service) => imported::name(other, service),
            None => other.as_str(),
        };
        let mut step = Map::from([("condition", condition.into())]);
        // It asks for addresses once, and would go on asking those that are gone.
        if is_resolved_once(writing.model, id, other) {
            step.set("restart", true);
        }
        order.set(name, step);
    }
    map.set("depends_on", order);
}

/// Whether a gateway passes calls on to a service whose address it never asks for again.
fn is_resolved_once(model: &Model, gateway: &ServiceId, service: &ServiceId) -> bool {
    let is_nginx = model
        .services
        .get(gateway)
        .is_some_and(|it| bundle::is_nginx(it) && !bundle::is_imported(it));
    is_nginx
        && model
            .routes_of(gateway)
            .any(|(_, it)| it.service == *service)
}

fn lifetime(map: &mut Map, service: &Service) {
    if bundle::is_imported(service) {
        return;
    }
    let restart = if service.kind == ServiceKind::Job {
        "on-failure:3"
    } else {
        "unless-stopped"
    };
    map.set("restart", restart);
    let seconds = if service.kind.is_store() || service.kind == ServiceKind::Broker {
        60
    } else {
        bundle::STOP_SECONDS
    };
    map.set("stop_grace_period", format!("{seconds}s"));
    map.set(
        "logging",
        Value::from([
            ("driver", "json-file".into()),
            (
                "options",
                [("max-size", "10m".into()), ("max-file", "3".into())].into(),
            ),
        ]),
    );
}

/// Mebibytes of memory where the design does not say.
pub(super) fn usual_memory_mib(service: &Service) -> u32 {
    match bundle::origin(service) {
        Origin::Ours(stack) => stack.memory_mib(),
        Origin::Program(known) => {
            program::find(known.id).map_or(DEFAULT_MEMORY_MIB, |it| it.memory_mib)
        }
        Origin::Foreign => DEFAULT_MEMORY_MIB,
    }
}

/// Mebibytes of memory it may use.
pub(super) fn memory_mib(service: &Service) -> u32 {
    let said = service.resources.memory_mib.filter(|it| *it > 0);
    said.unwrap_or_else(|| usual_memory_mib(service))
}

fn resources(map: &mut Map, id: &ServiceId, service: &Service, notes: &mut Vec<String>) {
    let is_imported = bundle::is_imported(service);
    let said = &service.resources;
    let positive = |value: Option<u32>| value.filter(|it| *it > 0);
    let default = |value: u32| (!is_imported).then_some(value);
    let mut limits = Map::default();
    if let Some(millis) = positive(said.cpu_millis).or_else(|| default(DEFAULT_CPU_MILLIS)) {
        limits.set("cpus", words::processors(millis));
    }
    if let Some(mib) = positive(said.memory_mib).or_else(|| default(usual_memory_mib(service))) {
        limits.set("memory", format!("{mib}M"));
    }
    if !is_imported {
        limits.set("pids", MAX_PROCESSES);
    }
    let mut deploy = Map::default();
    if let Some(count) = service.replicas {
        if count > 1 && service.is_exposed() && !is_imported {
            notes.push(format!(
                "{id} runs once instead of {count} times: one port of the machine cannot be published twice."
            ));
        } else {
            deploy.set("replicas", count);
        }
    }
    if !limits.is_empty() {
        deploy.set("resources", Map::from([("limits", limits.into())]));
    }
    set_unless_empty(map, "deploy", deploy);
}
