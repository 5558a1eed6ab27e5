//! Whether what services name exists, and whether start orders run in circles.

use std::collections::BTreeMap;

use super::{
    merge::normalised,
    node::{Entries, Node, Place, Problem},
    volumes,
};

/// Checks every reference of every service; the first broken one is the problem.
pub(super) fn check(tree: &Node) -> Result<(), Problem> {
    let empty = Entries::new();
    let section = |name: &str| tree.get(name).and_then(Node::entries).unwrap_or(&empty);
    let services = section("services");
    for (name, service) in services {
        let Some(entries) = service.entries() else {
            continue;
        };
        let has = |key: &str| entries.get(key).is_some_and(|it| it.as_text() != Some(""));
        if !has("image") && !has("build") && !has("provider") {
            return Err(Problem::at(
                service.place,
                format!("service {name:?} has neither an image nor a build"),
                "say which image it runs, or what it is built from",
            ));
        }
        if has("network_mode") && has("networks") {
            return Err(Problem::at(
                service.place,
                format!("service {name:?} has both network_mode and networks"),
                "keep one of them",
            ));
        }
        for (other, place) in started_before(name, entries) {
            if !services.contains_key(&other) {
                return Err(missing(place, name, "service", &other, "services"));
            }
        }
        for (network, place) in networks(service) {
            if network != "default" && !section("networks").contains_key(&network) {
                return Err(missing(place, name, "network", &network, "networks"));
            }
        }
        for mount in items(entries, "volumes") {
            let Some(mount) = volumes::read(mount, name)?.map(|it| (it, mount.place)) else {
                continue;
            };
            if let Some(volume) = mount.0.volume_name()
                && !section("volumes").contains_key(volume)
            {
                return Err(missing(mount.1, name, "volume", volume, "volumes"));
            }
        }
        for (key, kind) in [("secrets", "secret"), ("configs", "config")] {
            for node in items(entries, key) {
                let source = node.scalar().or_else(|| node.get("source")?.scalar());
                let source = source.unwrap_or_default();
                if !section(key).contains_key(&source) {
                    return Err(missing(node.place, name, kind, &source, key));
                }
            }
        }
    }
    container_names(services)?;
    no_circle(services)
}

/// A container's name is unique on its host, so it allows one replica only.
fn container_names(services: &Entries) -> Result<(), Problem> {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (name, service) in services {
        let Some((node, container)) = service
            .get("container_name")
            .and_then(|it| Some((it, it.scalar()?)))
        else {
            continue;
        };
        let replicas = service.get("deploy").and_then(|it| it.get("replicas"));
        let replicas = replicas.or_else(|| service.get("scale"));
        let replicas = replicas
            .and_then(Node::scalar)
            .and_then(|it| it.parse().ok());
        if replicas.is_some_and(|it: u32| it > 1) {
            return Err(Problem::at(
                node.place,
                format!("service {name:?} has a container_name but more than one replica"),
                "remove the container_name, or run one replica",
            ));
        }
        if let Some(other) = taken.insert(container.clone(), name) {
            return Err(Problem::at(
                node.place,
                format!("services {other:?} and {name:?} both name their container {container:?}"),
                "give one of them another name",
            ));
        }
    }
    Ok(())
}

fn missing(place: Place, service: &str, kind: &str, name: &str, section: &str) -> Problem {
    Problem::at(
        place,
        format!("service {service:?} names the {kind} {name:?}, which does not exist"),
        format!("add it under {section}, or remove it here"),
    )
}

fn items<'a>(entries: &'a Entries, key: &str) -> &'a [Node] {
    entries.get(key).and_then(Node::items).unwrap_or_default()
}

/// The networks a service says it is on, with the place where it says so.
pub(super) fn networks(service: &Node) -> Vec<(String, Place)> {
    let Some(node) = service.get("networks") else {
        return Vec::new();
    };
    named(node)
}

/// The names in a list, or the keys of a mapping.
fn named(node: &Node) -> Vec<(String, Place)> {
    match (node.items(), node.entries()) {
        (Some(items), _) => items
            .iter()
            .filter_map(|it| it.scalar().map(|name| (name, it.place)))
            .collect(),
        (_, Some(entries)) => entries
            .iter()
            .map(|(name, it)| (name.clone(), it.place))
            .collect(),
        _ => Vec::new(),
    }
}

/// The services that Compose starts before this one, for whatever reason.
fn started_before(name: &str, entries: &Entries) -> Vec<(String, Place)> {
    let mut others = entries.get("depends_on").map(named).unwrap_or_default();
    for link in items(entries, "links") {
        if let Some(text) = link.as_text() {
            let other = match text.split_once(':') {
                Some((other, alias)) if !alias.contains(':') => other,
                _ => text,
            };
            others.push((other.to_owned(), link.place));
        }
    }
    for from in items(entries, "volumes_from") {
        if let Some(text) = from.as_text()
            && !text.starts_with("container:")
        {
            let other = text.split(':').next().unwrap_or(text);
            others.push((other.to_owned(), from.place));
        }
    }
    for key in ["network_mode", "ipc", "pid", "uts"] {
        let mode = entries.get(key);
        if let Some(other) = mode
            .and_then(Node::as_text)
            .and_then(|it| it.strip_prefix("service:"))
        {
            let place = mode.map_or(Place::default(), |it| it.place);
            others.push((other.to_owned(), place));
        }
    }
    others.retain(|(other, _)| !other.is_empty() || name.is_empty());
    others
}

/// Walks depth first with its own stack, so that a long chain cannot overflow.
fn no_circle(services: &Entries) -> Result<(), Problem> {
    let order: BTreeMap<&str, Vec<(String, Place)>> = services
        .iter()
        .filter_map(|(name, it)| Some((name.as_str(), started_before(name, it.entries()?))))
        .collect();
    // True while on the current path, false once it is known to be harmless.
    let mut seen: BTreeMap<&str, bool> = BTreeMap::new();
    for start in order.keys() {
        let mut path: Vec<(&str, usize)> = Vec::new();
        if !seen.contains_key(start) {
            seen.insert(start, true);
            path.push((start, 0));
        }
        while let Some((name, next)) = path.last_mut() {
            let Some((other, place)) = order.get(name).and_then(|it| it.get(*next)) else {
                seen.insert(name, false);
                path.pop();
                continue;
            };
            *next += 1;
            match seen.get(other.as_str()) {
                Some(true) => {
                    let from = path.iter().position(|(it, _)| it == other).unwrap_or(0);
                    let mut names: Vec<_> = path[from..].iter().map(|(it, _)| *it).collect();
                    names.push(other);
                    return Err(Problem::at(
                        *place,
                        format!(
                            "services wait for each other in a circle: {}",
                            names.join(" → ")
                        ),
                        "remove one depends_on or link of the circle",
                    ));
                }
                Some(false) => {}
                None => {
                    seen.insert(other, true);
                    path.push((other, 0));
                }
            }
        }
    }
    Ok(())
}

/// The start order of a service with its conditions, in long form.
pub(super) fn start_order(service: &Node, name: &str) -> Option<Node> {
    let path = ["services", name, "depends_on"].map(str::to_owned);
    service
        .get("depends_on")
        .map(|it| normalised(it.clone(), &path))
}

#[cfg(test)]
mod tests {
    use crate::import::compose::{budget::Budget, yaml::documents};

    fn problem(text: &str) -> String {
        let tree = documents(text, 0, &mut Budget::default())
            .unwrap()
            .remove(0);
        super::check(&tree).map_or_else(|it| it.what, |()| "fine".to_owned())
    }

    #[test]
    fn what_does_not_exist_is_named() {
        for (service, what) in [
            ("{image: x, depends_on: [b]}", "the service \"b\""),
            ("{image: x, links: ['b:c']}", "the service \"b\""),
            ("{image: x, network_mode: 'service:b'}", "the service \"b\""),
            ("{image: x, networks: [n]}", "the network \"n\""),
            ("{image: x, volumes: ['data:/x']}", "the volume \"data\""),
            ("{image: x, secrets: [s]}", "the secret \"s\""),
            ("{image: x, configs: [{source: c}]}", "the config \"c\""),
        ] {
            let found = problem(&format!("services: {{a: {service}}}"));
            assert_eq!(
                found,
                format!("service \"a\" names {what}, which does not exist")
            );
        }
        assert_eq!(
            problem("services: {a: {image: ''}}"),
            "service \"a\" has neither an image nor a build"
        );
    }

    #[test]
    fn a_circle_is_told_in_order() {
        assert_eq!(
            problem(
                "services: {a: {image: x, depends_on: [b]}, b: {image: x, links: [c]}, c: {image: x, depends_on: [b]}}"
            ),
            "services wait for each other in a circle: b → c → b"
        );
        assert_eq!(
            problem(
                "services: {a: {image: x, depends_on: [b, c]}, b: {image: x, depends_on: [c]}, c: {image: x}}"
            ),
            "fine"
        );
    }
}
