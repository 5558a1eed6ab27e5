//! One service of a compose file as a service of the model.
//!
//! What the model can say is taken out; the rest stays, as it was written, in
//! `extra.compose` under Compose's own keys. Of `build`, `deploy` and `healthcheck`
//! that is the part of the mapping the model cannot hold; of `ports`, `expose` and
//! `volumes` it is every entry that says more than the model does, whole, beside the
//! shortened one in the model (they meet by port number and by target).
//!
//! `extra.compose_source` holds the service's name where that is no id, and every
//! modelled key in whose text there were variables, as it was written.

use serde_json::{Map, Value as Json, json};

use super::{
    environment::{self, Variable},
    health, kind,
    load::{DotEnv, Loader},
    merge::normalised,
    node::{Entries, Node, Problem, Value},
    ports::{self, PortEntry},
    resources, units, volumes,
};
use crate::model::{Build, Port, PortProtocol, Service, ServiceKind};

/// What Meshboard keeps of Compose's own settings.
pub(super) const EXTRA: &str = "compose";
/// How modelled settings were written.
pub(super) const SOURCE: &str = "compose_source";

/// A service and what the rest of the import wants to know of it.
pub(super) struct Converted {
    pub(super) service: Service,
    /// Every variable with its value and place, secrets included.
    pub(super) environment: Vec<Variable>,
    /// Variables whose value stayed outside.
    pub(super) secrets: usize,
}

/// Takes a service apart; settings that the model knows leave it.
pub(super) struct Parts<'a> {
    pub(super) name: &'a str,
    pub(super) rest: Entries,
    pub(super) kept: Map<String, Json>,
    written: Map<String, Json>,
}

impl Parts<'_> {
    /// Takes a setting out, in its long form.
    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        let node = self.rest.remove(key)?;
        if has_variables(&node) {
            self.written.insert(key.to_owned(), node.as_written());
        }
        let path = ["services", self.name, key].map(str::to_owned);
        Some(normalised(node, &path))
    }

    pub(super) fn text(&mut self, key: &str) -> String {
        self.take(key)
            .and_then(|it| it.scalar())
            .unwrap_or_default()
    }

    pub(super) fn keep(&mut self, key: &str, value: Json) {
        let is_empty = match &value {
            Json::Object(entries) => entries.is_empty(),
            Json::Array(items) => items.is_empty(),
            _ => false,
        };
        if !is_empty {
            self.kept.insert(key.to_owned(), value);
        }
    }
}

fn has_variables(node: &Node) -> bool {
    node.written.is_some()
        || match &node.value {
            Value::List(items) => items.iter().any(has_variables),
            Value::Map(entries) => entries.values().any(has_variables),
            _ => false,
        }
}

/// Converts a service without its links to others.
pub(super) fn convert(
    name: &str,
    node: &Node,
    loader: &mut Loader<'_>,
    dot_env: &DotEnv,
) -> Result<Converted, Problem> {
    let mut parts = Parts {
        name,
        rest: node.entries().cloned().unwrap_or_default(),
        kept: Map::new(),
        written: Map::new(),
    };
    // Who starts before is read from the tree, once every service has its id.
    let order = parts.take("depends_on");
    let mut service = Service {
        image: parts.text("image"),
        ..Service::default()
    };
    service.build = build(&mut parts, loader);
    service.command = command(&mut parts)?;
    let entries = port_entries(&mut parts)?;
    let is_published = entries.iter().any(|it| it.published.is_some());
    let is_job = node.get("deploy").is_some_and(kind::is_job_mode);
    let recognised = kind::recognise(name, &service.image, service.build.as_ref(), is_published);
    service.kind = if is_job {
        ServiceKind::Job
    } else {
        recognised.kind
    };
    service.technology = recognised.technology;
    service.ports = model_ports(entries, &service);
    resources::take(&mut parts, &mut service)?;
    let environment = environment::take(&mut parts, loader, dot_env)?;
    let secrets = environment::split(&environment, &mut service);
    secret_files(&mut parts, &mut service);
    mounts(&mut parts, &mut service, loader)?;
    service.health = health::take(&mut parts, &service)?;
    if let Some(order) = order {
        parts.keep("depends_on", order_options(&order));
    }
    finish(parts, &mut service);
    Ok(Converted {
        service,
        environment,
        secrets,
    })
}

fn finish(parts: Parts<'_>, service: &mut Service) {
    let mut kept = parts.kept;
    for (key, node) in &parts.rest {
        kept.insert(key.clone(), node.as_written());
    }
    if !kept.is_empty() {
        service.extra.insert(EXTRA.to_owned(), Json::Object(kept));
    }
    if !parts.written.is_empty() {
        let source = json!({ "keys": parts.written });
        service.extra.insert(SOURCE.to_owned(), source);
    }
}

/// What a start order says beyond its condition.
fn order_options(order: &Node) -> Json {
    let mut kept = Map::new();
    for (name, options) in order.entries().into_iter().flatten() {
        let Json::Object(mut more) = options.as_written() else {
            continue;
        };
        more.remove("condition");
        if !more.is_empty() {
            kept.insert(name.clone(), Json::Object(more));
        }
    }
    Json::Object(kept)
}

fn build(parts: &mut Parts<'_>, loader: &Loader<'_>) -> Option<Build> {
    let node = parts.take("build")?;
    let place = node.get("context").map_or(node.place, |it| it.place);
    let Value::Map(mut entries) = node.value else {
        return None;
    };
    let mut text = |key: &str| entries.remove(key).and_then(|it| it.scalar());
    let mut build = Build {
        context: loader
            .seen_from_project(place, &text("context").unwrap_or_else(|| ".".to_owned())),
        dockerfile: text("dockerfile").unwrap_or_default(),
        target: text("target").unwrap_or_default(),
        ..Build::default()
    };
    let mut rest = Map::new();
    if let Some(arguments) = entries.remove("args") {
        let mut kept = Map::new();
        let arguments = super::merge::assignments(arguments, '=');
        for (name, node) in arguments.entries().into_iter().flatten() {
            match node.scalar() {
                Some(value) => {
                    build.arguments.insert(name.clone(), value);
                }
                // Its value comes from whoever builds.
                None => {
                    kept.insert(name.clone(), Json::Null);
                }
            }
        }
        if !kept.is_empty() {
            rest.insert("args".to_owned(), Json::Object(kept));
        }
    }
    for (key, node) in &entries {
        rest.insert(key.clone(), node.as_written());
    }
    parts.keep("build", Json::Object(rest));
    Some(build)
}

fn command(parts: &mut Parts<'_>) -> Result<Vec<String>, Problem> {
    let Some(node) = parts.take("command") else {
        return Ok(Vec::new());
    };
    if let Some(items) = node.items() {
        return Ok(items.iter().filter_map(Node::scalar).collect());
    }
    let Some(text) = node.scalar() else {
        return Ok(Vec::new());
    };
    units::words(&text).ok_or_else(|| {
        Problem::at(
            node.place,
            format!("{}: the command has a quote that is not closed", parts.name),
            "close it, or write the command as a list of words",
        )
    })
}

fn port_entries(parts: &mut Parts<'_>) -> Result<Vec<PortEntry>, Problem> {
    let mut all: Vec<PortEntry> = Vec::new();
    let mut kept = Vec::new();
    let listed = parts.take("ports");
    for node in listed.as_ref().and_then(Node::items).unwrap_or_default() {
        let entries = ports::read(node, parts.name)?;
        if entries.is_shortened {
            kept.push(node.as_written());
        }
        for entry in entries.ports {
            if !all.contains(&entry) {
                all.push(entry);
            }
        }
    }
    parts.keep("ports", Json::Array(kept));
    let mut kept = Vec::new();
    let exposed = parts.take("expose");
    for node in exposed.as_ref().and_then(Node::items).unwrap_or_default() {
        let Some((numbers, transport)) = ports::exposed(node) else {
            kept.push(node.as_written());
            continue;
        };
        for number in numbers {
            if all
                .iter()
                .any(|it| it.number == number && it.transport == transport)
            {
                continue;
            }
            all.push(PortEntry {
                number,
                published: None,
                host_ip: String::new(),
                transport: transport.clone(),
                application: String::new(),
            });
        }
    }
    parts.keep("expose", Json::Array(kept));
    Ok(all)
}

/// The ports with what is spoken there, the technology's usual one first.
///
/// Compose says `tcp` for nearly everything; a store or a broker speaks its own
/// protocol there, anything else is taken to speak HTTP.
fn model_ports(entries: Vec<PortEntry>, service: &Service) -> Vec<Port> {
    let technology = service.known_technology();
    let speaks_http = !(service.kind.is_store() || service.kind == ServiceKind::Broker)
        || service.kind == ServiceKind::Search;
    let speaks_http = speaks_http && technology.is_none_or(|it| it.id != "zookeeper");
    let mut ports: Vec<_> = entries
        .into_iter()
        .map(|it| Port {
            number: it.number,
            protocol: match (it.transport.as_str(), it.application.as_str()) {
                ("udp", _) => PortProtocol::Udp,
                ("tcp", "grpc") => PortProtocol::Grpc,
                ("tcp", "http" | "http2" | "https") => PortProtocol::Http,
                ("tcp", "") if speaks_http => PortProtocol::Http,
                _ => PortProtocol::Tcp,
            },
            published: it.published,
            host_ip: it.host_ip,
        })
        .collect();
    if let Some(usual) = technology.and_then(|it| it.port)
        && let Some(position) = ports.iter().position(|it| it.number == usual)
    {
        ports[..=position].rotate_right(1);
    }
    ports
}

/// Secrets that Compose mounts as files.
fn secret_files(parts: &mut Parts<'_>, service: &mut Service) {
    let Some(node) = parts.take("secrets") else {
        return;
    };
    let mut kept = Vec::new();
    for item in node.items().unwrap_or_default() {
        let field = |key: &str| item.get(key).and_then(Node::scalar);
        let Some(source) = item.scalar().or_else(|| field("source")) else {
            continue;
        };
        let target = field("target").unwrap_or_else(|| source.clone());
        let path = if target.starts_with('/') {
            target
        } else {
            format!("/run/secrets/{target}")
        };
        service.secrets.insert(path, source);
        let says_more = item.entries().is_some_and(|it| {
            it.keys()
                .any(|key| !matches!(key.as_str(), "source" | "target"))
        });
        if says_more {
            kept.push(item.as_written());
        }
    }
    parts.keep("secrets", Json::Array(kept));
}

fn mounts(
    parts: &mut Parts<'_>,
    service: &mut Service,
    loader: &Loader<'_>,
) -> Result<(), Problem> {
    let Some(node) = parts.take("volumes") else {
        return Ok(());
    };
    let mut kept = Vec::new();
    for item in node.items().unwrap_or_default() {
        let mount = volumes::read(item, parts.name)?;
        if mount.as_ref().is_none_or(|it| it.is_shortened) {
            kept.push(item.as_written());
        }
        if let Some(mut mount) = mount {
            if mount.source.starts_with('.') {
                mount.source = loader.seen_from_project(item.place, &mount.source);
            }
            service.volumes.push(mount.into_volume());
        }
    }
    parts.keep("volumes", Json::Array(kept));
    Ok(())
}
