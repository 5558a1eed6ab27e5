//! Docker Compose files.
//!
//! In four steps: `load` makes one tree of all files, `schema` and `references` refuse
//! what Compose refuses, `service` turns each service into one of the model, and
//! `dependencies` and `boundaries` read what lies between them. What the model cannot
//! say is kept as it was written: for a service see `service`, for the file as a whole
//! `extra.compose` of the model holds every top-level key but `services`.

mod boundaries;
mod budget;
mod dependencies;
mod dotenv;
mod environment;
mod health;
mod hosts;
mod interpolate;
mod keys;
mod kind;
mod load;
mod merge;
mod node;
mod notes;
mod other_files;
mod ports;
mod references;
mod resources;
mod scalar;
mod schema;
mod service;
mod unique_ids;
mod units;
mod volumes;
mod yaml;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use serde_json::{Map, Value as Json};

use self::{
    dependencies::Caller,
    environment::Variable,
    load::{DotEnv, Loader},
    node::{Node, Problem},
    service::{EXTRA, SOURCE, convert},
    unique_ids::UniqueIds,
};
use super::{ImportError, Imported, Importer, Request};
use crate::{
    model::{Model, Service, ServiceId, ServiceKind, StartCondition},
    project::Project,
};

/// Compose files, as `docker compose` reads them.
pub(super) const COMPOSE: Importer = Importer {
    id: "compose",
    title: "Docker Compose",
    reads: "compose files, merged in the order given, with .env beside the first",
    file_names: &[
        "compose.yaml",
        "compose.yml",
        "docker-compose.yaml",
        "docker-compose.yml",
    ],
    import,
};

/// Far beyond any system that runs by Compose.
const MAX_SERVICES: usize = 5000;

fn import(request: &Request<'_>) -> Result<Imported, ImportError> {
    let mut loader = Loader::new(request);
    read(&mut loader).map_err(|problem| {
        let place = problem.place;
        let file = place
            .and_then(|it| loader.files.get(it.file))
            .or(request.files.first());
        ImportError {
            file: file.map_or_else(String::new, |it| it.display().to_string()),
            line: place.map(|it| it.line).filter(|it| *it > 0),
            what: problem.what,
            remedy: problem.remedy,
        }
    })
}

/// A service on its way into the model.
struct Member {
    id: ServiceId,
    name: String,
    node: Node,
    environment: Vec<Variable>,
}

fn read(loader: &mut Loader<'_>) -> Result<Imported, Problem> {
    let (tree, dot_env) = loader.project()?;
    schema::check(&tree)?;
    references::check(&tree)?;
    let mut model = Model {
        name: system_name(&tree, &loader.files),
        extra: top_level(&tree),
        ..Model::default()
    };
    let members = members(&tree, loader, &dot_env, &mut model)?;
    let callers: Vec<_> = members
        .iter()
        .map(|it| Caller {
            id: &it.id,
            name: &it.name,
            node: &it.node,
            environment: &it.environment,
        })
        .collect();
    dependencies::add(&mut model, &callers, &loader.files);
    mark_jobs(&mut model, &members);
    let nodes: Vec<_> = members.iter().map(|it| (&it.id, &it.node)).collect();
    boundaries::add(&mut model, &nodes);
    loader.notes.extend(notes::about(&model, &nodes));
    let project = Project {
        model,
        ..Project::default()
    };
    Ok(Imported {
        project,
        notes: std::mem::take(&mut loader.notes),
    })
}

/// The name the file gives, or that of its folder, as Compose does.
fn system_name(tree: &Node, files: &[PathBuf]) -> String {
    if let Some(name) = tree.get("name").and_then(Node::scalar)
        && !name.is_empty()
    {
        return name;
    }
    // A `.env` is read first, but it lies in the same folder.
    let folder = files.first().and_then(|it| it.parent());
    folder
        .and_then(|it| it.file_name())
        .map(|it| it.to_string_lossy().into_owned())
        .filter(|it| !it.is_empty())
        .unwrap_or_else(|| "Imported system".to_owned())
}

/// Every top-level key but the services, as it was written.
fn top_level(tree: &Node) -> Map<String, Json> {
    let rest: Map<_, _> = tree
        .entries()
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != "services")
        .map(|(key, it)| (key.clone(), it.as_written()))
        .collect();
    let mut extra = Map::new();
    if !rest.is_empty() {
        extra.insert(EXTRA.to_owned(), Json::Object(rest));
    }
    extra
}

fn members(
    tree: &Node,
    loader: &mut Loader<'_>,
    dot_env: &DotEnv,
    model: &mut Model,
) -> Result<Vec<Member>, Problem> {
    let services = tree.get("services").and_then(Node::entries);
    let services: Vec<_> = services.into_iter().flatten().collect();
    if services.len() > MAX_SERVICES {
        return Err(Problem::at(
            tree.place,
            format!("there are more than {MAX_SERVICES} services"),
            "import the system in parts",
        ));
    }
    let ids = ids(services.iter().map(|(name, _)| name.as_str()));
    let mut members = Vec::with_capacity(services.len());
    let mut secrets = 0;
    for (name, node) in services {
        let mut converted = convert(name, node, loader, dot_env)?;
        secrets += converted.secrets;
        let Some(id) = ids.get(name.as_str()) else {
            continue;
        };
        if id.as_str() != name {
            name.clone_into(&mut converted.service.name);
            let source = converted.service.extra.entry(SOURCE);
            let source = source.or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(source) = source {
                source.insert("name".to_owned(), Json::String(name.clone()));
            }
        }
        converted.service.starts_after = starts_after(name, node, &ids)?;
        model
            .services
            .insert(id.clone(), Arc::new(converted.service));
        members.push(Member {
            id: id.clone(),
            name: name.clone(),
            node: node.clone(),
            environment: converted.environment,
        });
    }
    loader.notes.extend(notes::about_secrets(secrets));
    Ok(members)
}

/// An id for every name; names that already are ids keep theirs.
fn ids<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, ServiceId> {
    let mut unique = UniqueIds::default();
    let (fitting, others): (Vec<_>, Vec<_>) = names.partition(|it| ServiceId::new(it).is_ok());
    fitting
        .into_iter()
        .chain(others)
        .map(|name| (name, unique.give(name, "service")))
        .collect()
}

fn starts_after(
    name: &str,
    node: &Node,
    ids: &BTreeMap<&str, ServiceId>,
) -> Result<BTreeMap<ServiceId, StartCondition>, Problem> {
    let mut order = BTreeMap::new();
    let node = references::start_order(node, name);
    for (other, options) in node.as_ref().and_then(Node::entries).into_iter().flatten() {
        let condition = options.get("condition").and_then(Node::scalar);
        let condition = match condition.as_deref() {
            None | Some("service_started") => StartCondition::Started,
            Some("service_healthy") => StartCondition::Healthy,
            Some("service_completed_successfully") => StartCondition::Completed,
            Some(unknown) => {
                return Err(Problem::at(
                    options.place,
                    format!("{name}: {unknown:?} is no condition to start after {other}"),
                    "write service_started, service_healthy or service_completed_successfully",
                ));
            }
        };
        if let Some(id) = ids.get(other.as_str()) {
            order.insert(id.clone(), condition);
        }
    }
    Ok(order)
}

/// What others wait for to end is a job, and so is what never restarts, listens
/// nowhere and is called by nobody.
fn mark_jobs(model: &mut Model, members: &[Member]) {
    let mut awaited = std::collections::BTreeSet::new();
    let mut needed = std::collections::BTreeSet::new();
    for service in model.services.values() {
        for (other, condition) in &service.starts_after {
            needed.insert(other.clone());
            if *condition == StartCondition::Completed {
                awaited.insert(other.clone());
            }
        }
    }
    needed.extend(model.dependencies.values().map(|it| it.to.clone()));
    for member in members {
        let Some(service) = model.services.get_mut(&member.id) else {
            continue;
        };
        let never_restarts = member.node.get("restart").and_then(Node::as_text) == Some("no");
        let is_alone = |it: &Service| {
            it.ports.is_empty() && it.health.is_none() && !needed.contains(&member.id)
        };
        let is_job = awaited.contains(&member.id) || (never_restarts && is_alone(service));
        if is_job && service.kind == ServiceKind::Service {
            Arc::make_mut(service).kind = ServiceKind::Job;
        }
    }
}
