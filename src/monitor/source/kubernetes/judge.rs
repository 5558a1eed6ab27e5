//! From pods, deployments and endpoint slices to instances of services.
//!
//! An instance is a pod that is not on its way out. It belongs to the service that its
//! labels `app.kubernetes.io/name`, `app` or `k8s-app` name, or the Services it stands
//! behind, or the workload that made it: the first of these that the design knows. What
//! a Deployment wants and could not make is an instance that is down, and so are
//! endpoints of Services without a selector where they are not ready.

use std::collections::{BTreeMap, BTreeSet};

use super::objects::{Condition, ContainerStatus, Deployment, EndpointSlice, Meta, Pod};
use crate::monitor::{
    Health, InstanceReading, Observation, format::CheckReading, format::display_text,
    observation::MAX_ENTRIES,
};

/// The most missing pods of one deployment that are listed.
const MAX_MISSING: u32 = 50;

const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// What was read of a cluster.
#[derive(Debug, Default)]
pub(super) struct Objects {
    pub pods: Vec<Pod>,
    pub deployments: Vec<Deployment>,
    pub slices: Vec<EndpointSlice>,
    /// Whether they are of several namespaces.
    pub is_wide: bool,
}

/// Namespace and name.
type Key<'a> = (&'a str, &'a str);

/// What the objects tell of services; `is_known` says which names the design has.
pub(super) fn observe(objects: &Objects, is_known: &dyn Fn(&str) -> bool) -> Observation {
    let judging = Judging::new(objects, is_known);
    let pods = objects.pods.iter().filter_map(|it| judging.pod(it));
    let missing = objects.deployments.iter();
    let missing = missing.flat_map(|it| judging.missing(it));
    let slices = objects.slices.iter();
    let outside = slices.flat_map(|it| judging.outside(it));
    let mut instances: Vec<_> = pods.chain(missing).chain(outside).collect();
    let is_partial = instances.len() > MAX_ENTRIES;
    instances.truncate(MAX_ENTRIES);
    Observation {
        instances,
        is_partial,
        ..Observation::default()
    }
}

struct Judging<'a> {
    is_known: &'a dyn Fn(&str) -> bool,
    is_wide: bool,
    /// Pod → the Services it stands behind.
    behind: BTreeMap<Key<'a>, BTreeSet<&'a str>>,
    /// Deployment → what its first pod's service is called.
    named: BTreeMap<(String, String), String>,
    /// Deployments whose pods did not get ready in time.
    overdue: BTreeSet<Key<'a>>,
}

impl<'a> Judging<'a> {
    fn new(objects: &'a Objects, is_known: &'a dyn Fn(&str) -> bool) -> Self {
        let mut judging = Self {
            is_known,
            is_wide: objects.is_wide,
            behind: BTreeMap::new(),
            named: BTreeMap::new(),
            overdue: BTreeSet::new(),
        };
        for slice in &objects.slices {
            let Some(service) = slice.metadata.label(SERVICE_NAME) else {
                continue;
            };
            let endpoints = slice.endpoints.iter().flatten();
            for pod in endpoints.filter_map(|it| it.target_ref.as_ref()) {
                let key = (slice.metadata.namespace.as_str(), pod.name.as_str());
                judging.behind.entry(key).or_default().insert(service);
            }
        }
        for pod in &objects.pods {
            if let Some(deployment) = deployment_of(&pod.metadata) {
                let key = (pod.metadata.namespace.clone(), deployment.to_owned());
                let name = judging.service(&pod.metadata, deployment);
                judging.named.entry(key).or_insert(name);
            }
        }
        for it in &objects.deployments {
            let progressing = condition(&it.status.conditions, "Progressing");
            if progressing.is_some_and(|it| it.reason == "ProgressDeadlineExceeded") {
                let key = (it.metadata.namespace.as_str(), it.metadata.name.as_str());
                judging.overdue.insert(key);
            }
        }
        judging
    }

    /// What the service of a pod is called; `workload` is what made it.
    fn service(&self, pod: &Meta, workload: &str) -> String {
        let labels = ["app.kubernetes.io/name", "app", "k8s-app"];
        let labels = labels.iter().filter_map(|it| pod.label(it));
        let key = (pod.namespace.as_str(), pod.name.as_str());
        let services = self.behind.get(&key).into_iter().flatten().copied();
        let names: Vec<_> = labels.chain(services).chain([workload]).collect();
        let known = names.iter().find(|it| (self.is_known)(it));
        display_text(known.or(names.first()).copied().unwrap_or_default())
    }

    /// What tells an instance from its siblings.
    fn address(&self, meta: &Meta, name: &str) -> String {
        if self.is_wide {
            display_text(&format!("{}/{name}", meta.namespace))
        } else {
            display_text(name)
        }
    }

    fn pod(&self, pod: &Pod) -> Option<InstanceReading> {
        let meta = &pod.metadata;
        let deployment = deployment_of(meta);
        let is_overdue =
            deployment.is_some_and(|it| self.overdue.contains(&(meta.namespace.as_str(), it)));
        let (health, raw) = judged(pod, is_overdue)?;
        let owner = meta.owner_references.first();
        let workload = deployment.or(owner.map(|it| it.name.as_str()));
        let containers = pod.status.container_statuses.iter();
        Some(InstanceReading {
            service: self.service(meta, workload.unwrap_or(&meta.name)),
            address: self.address(meta, &meta.name),
            health,
            raw: display_text(&raw),
            checks: containers.take(50).map(check).collect(),
        })
    }

    /// The pods a deployment wants and does not have.
    fn missing(&self, it: &Deployment) -> Vec<InstanceReading> {
        let wanted = it.spec.replicas.unwrap_or(1);
        let missing = wanted.saturating_sub(it.status.replicas);
        let meta = &it.metadata;
        let key = (meta.namespace.clone(), meta.name.clone());
        let name = || match self.named.get(&key) {
            Some(known) => known.clone(),
            None => self.service(&it.spec.template.metadata, &meta.name),
        };
        let reading = |address: String, health, raw: &str| InstanceReading {
            service: name(),
            address: self.address(meta, &address),
            health,
            raw: display_text(raw),
            checks: Vec::new(),
        };
        if wanted == 0 {
            let address = format!("{} (none)", meta.name);
            return vec![reading(address, Health::OutOfService, "scaled to 0")];
        }
        if it.status.observed_generation < meta.generation {
            // What is wanted is too new to have been tried.
            return Vec::new();
        }
        let failure = condition(&it.status.conditions, "ReplicaFailure");
        let failure = failure.filter(|it| it.status == "True");
        let reason = failure.map_or("", |it| it.message.as_str());
        let raw = match reason {
            "" => format!("{missing} of {wanted} pods are not there"),
            reason => format!("{missing} of {wanted} pods are not there: {reason}"),
        };
        let numbers = 1..=missing.min(MAX_MISSING);
        numbers
            .map(|number| {
                reading(
                    format!("{} (missing {number})", meta.name),
                    Health::Down,
                    &raw,
                )
            })
            .collect()
    }

    /// Endpoints that are no pods: programs outside the cluster.
    fn outside(&self, slice: &EndpointSlice) -> Vec<InstanceReading> {
        let Some(service) = slice.metadata.label(SERVICE_NAME) else {
            return Vec::new();
        };
        let port = slice.ports.iter().flatten().find_map(|it| it.port);
        let port = port.map(|it| format!(":{it}")).unwrap_or_default();
        let endpoints = slice.endpoints.iter().flatten();
        let outside =
            endpoints.filter(|it| it.target_ref.as_ref().is_none_or(|it| it.kind != "Pod"));
        let readings = outside.filter_map(|it| {
            let (health, raw) = match (it.conditions.terminating, it.conditions.ready) {
                (Some(true), _) => (Health::OutOfService, "terminating"),
                (_, Some(false)) => (Health::Down, "not ready"),
                (_, None | Some(true)) => (Health::Up, "ready"),
            };
            let address = format!("{}{port}", it.addresses.first()?);
            Some(InstanceReading {
                service: display_text(service),
                address: self.address(&slice.metadata, &address),
                health,
                raw: raw.to_owned(),
                checks: Vec::new(),
            })
        });
        readings.collect()
    }
}

/// The deployment that made a pod: the name of its `ReplicaSet` without the hash.
fn deployment_of(pod: &Meta) -> Option<&str> {
    let owner = pod
        .owner_references
        .iter()
        .find(|it| it.kind == "ReplicaSet")?;
    owner.name.rsplit_once('-').map(|(name, _)| name)
}

fn condition<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|it| it.kind == kind)
}

/// How well a pod is and why; `None` for one that is not, or no longer, meant to serve.
fn judged(pod: &Pod, is_overdue: bool) -> Option<(Health, String)> {
    let status = &pod.status;
    let is_replaced = !pod.metadata.owner_references.is_empty();
    let is_gone = pod.metadata.deletion_timestamp.is_some()
        || status.phase == "Succeeded"
        || (status.phase == "Failed" && is_replaced);
    if is_gone {
        return None;
    }
    let containers = &status.container_statuses;
    let restarts: u32 = containers.iter().map(|it| it.restart_count).sum();
    let with_restarts = |text: &str| match restarts {
        0 => text.to_owned(),
        1 => format!("{text}, 1 restart"),
        many => format!("{text}, {many} restarts"),
    };
    if status.phase == "Failed" {
        let reason = [status.reason.as_str(), "failed"];
        let reason = reason.into_iter().find(|it| !it.is_empty());
        return Some((Health::Down, with_restarts(reason.unwrap_or_default())));
    }
    let ready = condition(&status.conditions, "Ready");
    if ready.is_some_and(|it| it.status == "True") {
        return Some((Health::Up, with_restarts("ready")));
    }
    let all = status.init_container_statuses.iter().chain(containers);
    if let Some((health, reason)) = all
        .filter_map(stuck)
        .max_by_key(|(health, _)| *health == Health::Down)
    {
        return Some((health, with_restarts(reason)));
    }
    let scheduled = condition(&status.conditions, "PodScheduled");
    if let Some(it) = scheduled.filter(|it| it.status == "False") {
        return Some((Health::Down, format!("{}: {}", it.reason, it.message)));
    }
    if status.phase == "Unknown" || ready.is_some_and(|it| it.status == "Unknown") {
        return Some((Health::Unknown, "its node does not answer".to_owned()));
    }
    let is_starting = status.phase == "Pending"
        || containers.iter().any(|it| it.started == Some(false))
        || !was_ready(pod);
    if is_starting && !is_overdue {
        return Some((Health::Starting, with_restarts("not ready yet")));
    }
    Some((Health::Down, with_restarts("not ready")))
}

/// Why a container does not run, if it does not.
fn stuck(container: &ContainerStatus) -> Option<(Health, &str)> {
    if let Some(waiting) = &container.state.waiting {
        let health = match waiting.reason.as_str() {
            "" | "ContainerCreating" | "PodInitializing" => Health::Starting,
            _ => Health::Down,
        };
        return Some((health, &waiting.reason));
    }
    // An init container that has done its work ended well.
    let ended = container.state.terminated.as_ref();
    let ended = ended.filter(|it| it.exit_code != 0)?;
    Some((Health::Down, &ended.reason))
}

/// Whether a pod was ready since its containers began: then being unready changed later.
fn was_ready(pod: &Pod) -> bool {
    let ready = condition(&pod.status.conditions, "Ready");
    let Some(changed) = ready.and_then(|it| it.since.as_deref()) else {
        return false;
    };
    let containers = pod.status.container_statuses.iter();
    let began = containers.filter_map(|it| it.state.running.as_ref()?.started_at.as_deref());
    // Times of one form, in UTC and to the second, are in order as texts.
    began.max().is_some_and(|began| changed > began)
}

fn check(container: &ContainerStatus) -> CheckReading {
    let (health, word) = match (container.ready, stuck(container)) {
        (true, _) => (Health::Up, "ready"),
        (false, Some((health, reason))) => (health, reason),
        (false, None) => (Health::Down, "not ready"),
    };
    CheckReading {
        name: display_text(&container.name),
        health,
        raw: display_text(&format!("{word}, {} restarts", container.restart_count)),
    }
}

#[cfg(test)]
mod tests;
