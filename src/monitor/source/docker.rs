//! Docker Engine, or Podman's API of the same shape: every container and its health.
//!
//! `GET /_ping` says which version the engine speaks and whether it is Podman, then one
//! list of all containers is asked for at each interval. Nothing but GET is ever sent:
//! the same socket starts and removes containers. Health is what `docker ps` shows.
//! Podman's list says nothing of health, but takes it as a filter, so it is asked for
//! those of each health beside.
//!
//! A container is named by its Compose or Swarm service, where the design knows that, or
//! else by its own name; `namespace` is the Compose project or Swarm stack. Containers
//! of `docker compose run` are left out: they do not serve.

use std::{collections::HashMap, time::Duration};

use serde_json::{Map, Value, json};
use url::form_urlencoded::byte_serialize;

use super::{Address, Ask, Asked, Feed, Kind};
use crate::monitor::{
    Observation, Reach,
    fetch::Failure,
    format::{detect, display_text},
    observation::MAX_ENTRIES,
};

const SERVICE: &str = "com.docker.compose.service";
const PROJECT: &str = "com.docker.compose.project";
const ONE_OFF: &str = "com.docker.compose.oneoff";
const SWARM_SERVICE: &str = "com.docker.swarm.service.name";
const STACK: &str = "com.docker.stack.namespace";

pub(super) const KIND: Kind = Kind {
    id: "docker",
    title: "Docker Engine",
    tells: "every container: whether it runs, and what its health check says",
    tested_against: "Podman 4.3 as Docker Engine; Docker Engine by recorded answers",
    default_interval: Duration::from_secs(5),
    rank: 30,
    fall: 1,
    address: Address::HttpOrSocket,
    start: || Box::new(Docker { engine: None }),
};

struct Docker {
    /// Not known before the first answer.
    engine: Option<Engine>,
}

/// What an engine says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Engine {
    /// Start of every path: `/v1.41`, or empty where it does not say.
    prefix: String,
    is_podman: bool,
}

impl Ask for Docker {
    fn ask<'a>(&'a mut self, feed: &'a Feed) -> Asked<'a> {
        Box::pin(self.containers(feed))
    }
}

impl Docker {
    async fn containers(&mut self, feed: &Feed) -> Result<Observation, Failure> {
        // After a failure it is asked anew: another version may answer next.
        let engine = match self.engine.take() {
            Some(known) => known,
            None => greeted(feed).await?,
        };
        let mut containers = list(feed, &engine, "").await?;
        if engine.is_podman {
            for health in ["unhealthy", "starting", "healthy"] {
                let filter = format!("{{\"health\":[\"{health}\"]}}");
                let those = list(feed, &engine, &filter).await?;
                say_health(&mut containers, &those, health);
            }
        }
        self.engine = Some(engine);
        let namespace = feed.source().namespace.trim();
        containers.retain(|it| is_wanted(it, namespace));
        let naming = &feed.plan().naming;
        observed(containers, |it| naming.service(it).is_some())
    }
}

/// Asks which version it speaks and whether it is Podman.
async fn greeted(feed: &Feed) -> Result<Engine, Failure> {
    let answer = feed.get_ok("/_ping", feed.source().timeout).await?;
    let version = answer.headers.get("Api-Version");
    Ok(Engine {
        prefix: version_prefix(version.and_then(|it| it.to_str().ok())),
        is_podman: answer.headers.contains_key("Libpod-Api-Version"),
    })
}

/// `1.41` → `/v1.41`. Only fields that every version has are read, so the engine's own
/// newest version is asked for: an engine refuses those it finds too old.
fn version_prefix(version: Option<&str>) -> String {
    let is_version = |it: &&str| {
        it.len() <= 8
            && it.starts_with(|it: char| it.is_ascii_digit())
            && it.bytes().all(|it| it.is_ascii_digit() || it == b'.')
    };
    let version = version.filter(is_version);
    version.map(|it| format!("/v{it}")).unwrap_or_default()
}

/// All containers, or those that a filter lets through.
async fn list(feed: &Feed, engine: &Engine, filter: &str) -> Result<Vec<Value>, Failure> {
    let filters: String = byte_serialize(filter.as_bytes()).collect();
    let filters = match filters.as_str() {
        "" => String::new(),
        some => format!("&filters={some}"),
    };
    let path = format!("{}/containers/json?all=1{filters}", engine.prefix);
    let answer = feed.get_ok(&path, feed.source().timeout).await?;
    serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::new(Reach::Unparseable, "the answer is no list of containers"))
}

/// Says of containers what newer engines say by themselves: their health.
fn say_health(containers: &mut [Value], those: &[Value], health: &str) {
    let unwell: Vec<_> = those.iter().filter_map(|it| it.get("Id")).collect();
    for container in containers {
        let is_meant = container.get("Id").is_some_and(|it| unwell.contains(&it));
        if let Some(fields) = container.as_object_mut().filter(|_| is_meant) {
            fields.insert("Health".to_owned(), json!({ "Status": health }));
            let status = fields.get("Status").and_then(Value::as_str);
            let status = format!("{} ({health})", status.unwrap_or_default());
            fields.insert("Status".to_owned(), Value::String(status));
        }
    }
}

fn labels(container: &Value) -> Option<&Map<String, Value>> {
    container.get("Labels")?.as_object()
}

fn label<'a>(container: &'a Value, name: &str) -> Option<&'a str> {
    let value = labels(container)?.get(name)?.as_str();
    value.filter(|it| !it.is_empty())
}

/// Whether it belongs to the project that is asked about, and serves.
fn is_wanted(container: &Value, namespace: &str) -> bool {
    let is_once = label(container, ONE_OFF).is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let mut homes = [PROJECT, STACK].into_iter();
    let is_here = namespace.is_empty() || homes.any(|it| label(container, it) == Some(namespace));
    is_here && !is_once
}

/// The name of a container: `/shop-orders-1` → `shop-orders-1`.
fn own_name(container: &Value) -> Option<&str> {
    let name = container.get("Names")?.as_array()?.first()?.as_str()?;
    Some(name.trim_start_matches('/'))
}

/// What Compose or Swarm calls its service.
fn service_name(container: &Value) -> Option<&str> {
    let swarm = || {
        let name = label(container, SWARM_SERVICE)?;
        let stack = label(container, STACK).unwrap_or_default();
        let rest = name.strip_prefix(stack).and_then(|it| it.strip_prefix('_'));
        Some(rest.unwrap_or(name))
    };
    label(container, SERVICE).or_else(swarm)
}

/// Reads the list as any list of containers is read, then names what is in it.
fn observed(
    containers: Vec<Value>,
    is_known: impl Fn(&str) -> bool,
) -> Result<Observation, Failure> {
    if containers.is_empty() {
        return Ok(Observation {
            note: Some("no container is there".to_owned()),
            ..Observation::default()
        });
    }
    let is_partial = containers.len() > MAX_ENTRIES;
    let names = names(&containers, is_known);
    let body = Value::Array(containers).to_string();
    let reading = detect(200, "application/json", body.as_bytes());
    let observation = reading.observation.map(|it| it.as_ref().clone());
    let mut observation = observation
        .ok_or_else(|| Failure::new(Reach::Unparseable, "the answer is no list of containers"))?;
    observation.is_partial |= is_partial;
    for instance in &mut observation.instances {
        let said = [instance.address.as_str(), instance.service.as_str()];
        let found = said
            .iter()
            .find_map(|it| names.get(it.trim_start_matches('/')));
        if let Some((service, container)) = found {
            instance.service.clone_from(service);
            instance.address.clone_from(container);
        }
    }
    Ok(observation)
}

/// Name or id of a container → what its service is called, and its name.
fn names(
    containers: &[Value],
    is_known: impl Fn(&str) -> bool,
) -> HashMap<String, (String, String)> {
    let mut names = HashMap::new();
    for container in containers {
        let Some(own) = own_name(container) else {
            continue;
        };
        let service = service_name(container);
        // A person may have given an alias to the container itself.
        let service = service.filter(|it| is_known(it) || !is_known(own));
        let both = (display_text(service.unwrap_or(own)), display_text(own));
        if let Some(id) = container.get("Id").and_then(Value::as_str) {
            // Lists show twelve characters of it.
            let short = id.get(..12).unwrap_or(id);
            names.insert(short.to_owned(), both.clone());
            names.insert(id.to_owned(), both.clone());
        }
        names.insert(own.to_owned(), both);
    }
    names
}

#[cfg(test)]
mod tests;
