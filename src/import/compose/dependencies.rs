//! Who calls whom, as far as the files show it, with the evidence.
//!
//! A start order alone is no call: many services that wait for another never talk to
//! it, and most that talk do not wait. What a caller does in a store cannot be seen in
//! a compose file, so the access stays the default `call`; towards a broker it is
//! `publish`, unless the variable speaks of consuming.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::Arc,
};

use super::{
    hosts::{self, Found},
    node::{Node, Place},
    unique_ids::UniqueIds,
};
use crate::model::{
    Access, Dependency, Evidence, Mode, Model, Protocol, Service, ServiceId, ServiceKind,
};

/// More places would not make a dependency more certain.
const MAX_EVIDENCE: usize = 20;

/// A service as the search sees it.
pub(super) struct Caller<'a> {
    pub(super) id: &'a ServiceId,
    /// Its name in Compose, which is its host name.
    pub(super) name: &'a str,
    pub(super) node: &'a Node,
    pub(super) environment: &'a [super::environment::Variable],
}

/// Adds every dependency that can be seen.
pub(super) fn add(model: &mut Model, callers: &[Caller<'_>], files: &[PathBuf]) {
    let hosts = host_names(callers);
    let mut all: BTreeMap<(ServiceId, ServiceId), Dependency> = BTreeMap::new();
    for caller in callers {
        let aliases = link_aliases(caller, &hosts);
        for (name, target, place) in links(caller, &hosts) {
            let found = Found {
                host: name.clone(),
                scheme: None,
                port: None,
            };
            let seen = Seen {
                found,
                place,
                text: format!("links: {name}"),
            };
            record(&mut all, model, caller.id, &target, &seen, files);
        }
        for seen in mentions(caller) {
            let target = aliases
                .get(&seen.found.host)
                .or_else(|| hosts.get(&seen.found.host));
            if let Some(target) = target {
                record(&mut all, model, caller.id, target, &seen, files);
            }
        }
    }
    for (proxy, target, place) in routed_by_labels(model, callers) {
        let seen = Seen {
            found: Found {
                host: String::new(),
                scheme: Some("http".to_owned()),
                port: None,
            },
            place,
            text: "labels: traefik".to_owned(),
        };
        record(&mut all, model, &proxy, &target, &seen, files);
    }
    let mut unique = UniqueIds::default();
    for ((from, to), dependency) in all {
        let id = unique.give(&format!("{from}-{to}"), "dependency");
        model.dependencies.insert(id, Arc::new(dependency));
    }
}

/// A host in a text, and where.
struct Seen {
    found: Found,
    place: Place,
    text: String,
}

/// Every name under which a service answers; a service's own name stands above the
/// names others give themselves.
fn host_names(callers: &[Caller<'_>]) -> HashMap<String, ServiceId> {
    let mut hosts = HashMap::new();
    for caller in callers {
        hosts.insert(caller.name.to_ascii_lowercase(), caller.id.clone());
    }
    for caller in callers {
        let given = ["container_name", "hostname"]
            .into_iter()
            .filter_map(|it| caller.node.get(it).and_then(Node::scalar));
        for name in given.chain(network_aliases(caller.node)) {
            hosts
                .entry(name.to_ascii_lowercase())
                .or_insert_with(|| caller.id.clone());
        }
    }
    hosts
}

fn network_aliases(service: &Node) -> Vec<String> {
    let networks = service.get("networks").and_then(Node::entries);
    networks
        .into_iter()
        .flat_map(BTreeMap::values)
        .flat_map(|it| it.get("aliases").and_then(Node::items).unwrap_or_default())
        .filter_map(Node::scalar)
        .collect()
}

/// The services a service links to, by the name it gives them.
fn links(
    caller: &Caller<'_>,
    hosts: &HashMap<String, ServiceId>,
) -> Vec<(String, ServiceId, Place)> {
    let links = caller.node.get("links").and_then(Node::items);
    links
        .unwrap_or_default()
        .iter()
        .filter_map(|it| {
            let text = it.as_text()?;
            let name = text.split(':').next().unwrap_or(text);
            let target = hosts.get(&name.to_ascii_lowercase())?;
            Some((text.to_owned(), target.clone(), it.place))
        })
        .collect()
}

fn link_aliases(
    caller: &Caller<'_>,
    hosts: &HashMap<String, ServiceId>,
) -> BTreeMap<String, ServiceId> {
    links(caller, hosts)
        .into_iter()
        .filter_map(|(text, target, _)| {
            let (_, alias) = text.split_once(':')?;
            Some((alias.to_ascii_lowercase(), target))
        })
        .collect()
}

/// Every host a service names, in its variables and on its command lines.
fn mentions(caller: &Caller<'_>) -> Vec<Seen> {
    let mut seen = Vec::new();
    for variable in caller.environment {
        let value = variable.value.as_deref().unwrap_or_default();
        for found in hosts::in_value(&variable.name, value) {
            seen.push(Seen {
                found,
                place: variable.place,
                text: variable.name.clone(),
            });
        }
    }
    for key in ["command", "entrypoint"] {
        let Some(node) = caller.node.get(key) else {
            continue;
        };
        let own = node.scalar();
        let items = node.items().unwrap_or_default();
        let words: Vec<_> = own
            .into_iter()
            .chain(items.iter().filter_map(Node::scalar))
            .collect();
        for found in hosts::in_command(words.iter().map(String::as_str)) {
            seen.push(Seen {
                found,
                place: node.place,
                text: key.to_owned(),
            });
        }
    }
    seen
}

/// The services Traefik passes calls to because their labels say so; only where there
/// is no doubt which Traefik is meant.
fn routed_by_labels(model: &Model, callers: &[Caller<'_>]) -> Vec<(ServiceId, ServiceId, Place)> {
    let mut proxies = model
        .services
        .iter()
        .filter(|(_, it)| it.technology == "traefik")
        .map(|(id, _)| id);
    let (Some(proxy), None) = (proxies.next(), proxies.next()) else {
        return Vec::new();
    };
    callers
        .iter()
        .filter_map(|caller| {
            let labels = caller.node.get("labels")?;
            let labels = super::merge::assignments(labels.clone(), '=');
            let entries = labels.entries()?;
            let is_off = entries
                .get("traefik.enable")
                .and_then(Node::scalar)
                .is_some_and(|it| it == "false");
            let place = entries
                .iter()
                .find(|(name, _)| name.starts_with("traefik."))
                .map(|(_, it)| it.place)?;
            (!is_off && caller.id != proxy).then(|| (proxy.clone(), caller.id.clone(), place))
        })
        .collect()
}

fn record(
    all: &mut BTreeMap<(ServiceId, ServiceId), Dependency>,
    model: &Model,
    from: &ServiceId,
    to: &ServiceId,
    seen: &Seen,
    files: &[PathBuf],
) {
    if from == to {
        return;
    }
    let dependency = all
        .entry((from.clone(), to.clone()))
        .or_insert_with(|| Dependency::new(from.clone(), to.clone()));
    if let Some(target) = model.services.get(to) {
        describe(dependency, target, seen);
    }
    let file = files
        .get(seen.place.file)
        .and_then(|it| it.file_name())
        .map(|it| it.to_string_lossy().into_owned())
        .unwrap_or_default();
    let evidence = Evidence {
        file,
        line: Some(seen.place.line).filter(|it| *it > 0),
        text: seen.text.clone(),
    };
    if dependency.evidence.len() < MAX_EVIDENCE && !dependency.evidence.contains(&evidence) {
        dependency.evidence.push(evidence);
    }
}

/// What is spoken, and whether the caller waits: by the scheme, else by the target.
fn describe(dependency: &mut Dependency, target: &Service, seen: &Seen) {
    let by_scheme = match seen.found.scheme.as_deref() {
        Some("http" | "https" | "ws" | "wss") => Some(Protocol::Http),
        Some("grpc" | "grpcs") => Some(Protocol::Grpc),
        Some("amqp" | "amqps") => Some(Protocol::Amqp),
        Some("nats") => Some(Protocol::Nats),
        Some("redis" | "rediss") => Some(Protocol::Redis),
        Some("postgres" | "postgresql" | "mysql" | "mariadb" | "mongodb" | "sqlserver") => {
            Some(Protocol::Sql)
        }
        _ => None,
    };
    let protocol = by_scheme.or_else(|| by_target(target));
    if dependency.protocol.is_none() {
        dependency.protocol = protocol;
    }
    let is_messaging = target.kind == ServiceKind::Broker && by_scheme != Some(Protocol::Http);
    if is_messaging {
        dependency.mode = Mode::Async;
        if dependency.access == Access::Call {
            dependency.access = if speaks_of_consuming(&seen.text) {
                Access::Consume
            } else {
                Access::Publish
            };
        }
    }
}

fn by_target(target: &Service) -> Option<Protocol> {
    match target.known_technology().map(|it| it.id) {
        Some("redis") => return Some(Protocol::Redis),
        Some("rabbitmq") => return Some(Protocol::Amqp),
        Some("kafka") => return Some(Protocol::Kafka),
        Some("nats") => return Some(Protocol::Nats),
        Some("elasticsearch" | "consul") => return Some(Protocol::Http),
        Some("memcached" | "zookeeper") => return Some(Protocol::Tcp),
        _ => {}
    }
    match target.kind {
        ServiceKind::Database => Some(Protocol::Sql),
        ServiceKind::Search => Some(Protocol::Http),
        _ => None,
    }
}

fn speaks_of_consuming(variable: &str) -> bool {
    let variable = variable.to_ascii_lowercase();
    ["consum", "subscri", "listener"]
        .iter()
        .any(|it| variable.contains(it))
}
