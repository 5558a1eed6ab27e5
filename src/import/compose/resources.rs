//! How many replicas run and what each may use: `deploy`, `scale`, `cpus`, `mem_limit`.

use serde_json::{Map, Value as Json};

use super::{
    node::{Entries, Node, Problem, Value},
    service::Parts,
    units,
};
use crate::model::Service;

const MIB: u64 = 1 << 20;

/// Takes the settings out; two ways to say the same must agree, as Compose demands.
pub(super) fn take(parts: &mut Parts<'_>, service: &mut Service) -> Result<(), Problem> {
    let deploy = parts.take("deploy");
    let mut deploy = deploy.map_or_else(Entries::new, into_entries);
    let mut resources = deploy
        .remove("resources")
        .map_or_else(Entries::new, into_entries);
    let mut limits = resources
        .remove("limits")
        .map_or_else(Entries::new, into_entries);

    let replicas = deploy.remove("replicas");
    let scale = parts.take("scale");
    one_of(
        parts.name,
        ("scale", scale.as_ref()),
        ("deploy.replicas", replicas.as_ref()),
        |it| it.parse().ok(),
    )?;
    for node in scale.iter().chain(&replicas) {
        service.replicas = Some(count(parts.name, node)?);
    }
    take_limits(parts, service, &mut limits)?;
    let mut rest = written(&deploy);
    let mut more = written(&resources);
    if !limits.is_empty() {
        more.insert("limits".to_owned(), Json::Object(written(&limits)));
    }
    if !more.is_empty() {
        rest.insert("resources".to_owned(), Json::Object(more));
    }
    parts.keep("deploy", Json::Object(rest));
    Ok(())
}

fn take_limits(
    parts: &mut Parts<'_>,
    service: &mut Service,
    limits: &mut Entries,
) -> Result<(), Problem> {
    let (limit, plain) = (limits.remove("cpus"), parts.take("cpus"));
    one_of(
        parts.name,
        ("cpus", plain.as_ref()),
        ("deploy.resources.limits.cpus", limit.as_ref()),
        |it| units::cpu_millis(it).map(u64::from),
    )?;
    for node in limit.iter().chain(&plain) {
        let text = node.scalar().unwrap_or_default();
        let millis = units::cpu_millis(&text).ok_or_else(|| {
            let what = format!("{}: {text:?} is no number of processors", parts.name);
            Problem::at(node.place, what, "write a number such as 0.5")
        })?;
        service.resources.cpu_millis = Some(millis).filter(|it| *it > 0);
    }
    let (limit, plain) = (limits.remove("memory"), parts.take("mem_limit"));
    one_of(
        parts.name,
        ("mem_limit", plain.as_ref()),
        ("deploy.resources.limits.memory", limit.as_ref()),
        units::bytes,
    )?;
    for node in limit.iter().chain(&plain) {
        let bytes = size(parts.name, node)?;
        service.resources.memory_mib = u32::try_from(bytes / MIB).ok().filter(|it| *it > 0);
        // The model counts whole mebibytes, so anything finer is kept beside it.
        if !bytes.is_multiple_of(MIB) {
            limits.insert("memory".to_owned(), node.clone());
        }
    }
    Ok(())
}

fn into_entries(node: Node) -> Entries {
    match node.value {
        Value::Map(entries) => entries,
        _ => Entries::new(),
    }
}

fn written(entries: &Entries) -> Map<String, Json> {
    entries
        .iter()
        .map(|(key, it)| (key.clone(), it.as_written()))
        .collect()
}

/// Refuses two settings that say different things about the same.
fn one_of(
    service: &str,
    (key, node): (&str, Option<&Node>),
    (other_key, other): (&str, Option<&Node>),
    meaning: fn(&str) -> Option<u64>,
) -> Result<(), Problem> {
    let meant = |it: &Node| it.scalar().as_deref().and_then(meaning);
    match (node, other) {
        (Some(node), Some(other)) if meant(node) != meant(other) => Err(Problem::at(
            node.place,
            format!("{service}: {key} and {other_key} say different things"),
            "keep one of them",
        )),
        _ => Ok(()),
    }
}

fn count(service: &str, node: &Node) -> Result<u32, Problem> {
    let text = node.scalar().unwrap_or_default();
    text.parse().map_err(|_| {
        let what = format!("{service}: {text:?} is no number of replicas");
        Problem::at(node.place, what, "write a whole number")
    })
}

fn size(service: &str, node: &Node) -> Result<u64, Problem> {
    let text = node.scalar().unwrap_or_default();
    units::bytes(&text).ok_or_else(|| {
        let what = format!("{service}: {text:?} is no amount of memory");
        Problem::at(node.place, what, "write it as 512m or 2g")
    })
}
