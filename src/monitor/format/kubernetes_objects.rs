//! Objects of the Kubernetes API, one or a list: pods, endpoint slices, deployments,
//! stateful sets and daemon sets.
//!
//! Counts that are zero are left out. Where a list mixes kinds, pods tell the most, then
//! endpoint slices, and what counts pods only counts where there is neither. A pod that
//! was never ready since it began is starting. The shapes are those of the Kubernetes API
//! reference, v1, apps/v1 and discovery.k8s.io/v1.

use serde_json::{Map, Value};

use super::{
    Format, Input,
    reading::Body,
    telling::{Gathered, share},
    words::{count, display_text, text},
};
use crate::monitor::Health;

pub(super) const FORMAT: Format = Format {
    id: "kubernetes-objects",
    title: "Kubernetes objects",
    looks_like: r#"{"kind":"PodList","items":[{"metadata":{…},"status":{"phase":"Running",…}}]}"#,
    tested_against: "written after the Kubernetes API reference",
    read,
};

type Object = Map<String, Value>;

/// Kinds that are read, the most telling first.
const KINDS: [&str; 6] = [
    "Pod",
    "EndpointSlice",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
];

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let kind = text(object, "kind")?;
    text(object, "apiVersion")?;
    if kind == "Status" {
        let message = text(object, "message").unwrap_or_default();
        return Some(Body {
            note: Some(display_text(&format!("Kubernetes says: {message}"))),
            ..Body::of_code(input.status)
        });
    }
    let mut gathered = Gathered::default();
    match object.get("items").and_then(Value::as_array) {
        Some(items) => {
            // The elements of a typed list do not repeat its kind.
            let of_list = kind.strip_suffix("List").unwrap_or_default();
            let kind_of = |it: &Object| {
                let kind = text(it, "kind").unwrap_or(of_list);
                KINDS.iter().position(|known| *known == kind)
            };
            let objects = || items.iter().filter_map(Value::as_object);
            let best = objects().filter_map(kind_of).min();
            if best.is_none() && !KINDS.contains(&of_list) {
                return None;
            }
            // All kinds that only count pods are as good as one another.
            let is_telling = |it: &Object| {
                let kind = kind_of(it);
                kind.is_some() && kind.min(Some(2)) == best.min(Some(2))
            };
            for item in objects().filter(|it| is_telling(it)) {
                let kind = text(item, "kind").unwrap_or(of_list);
                add(&mut gathered, kind, item);
            }
        }
        None if KINDS.contains(&kind) => {
            add(&mut gathered, kind, object);
        }
        None => return None,
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

/// Nothing is added of an object that lacks what every object has.
fn add(gathered: &mut Gathered, kind: &str, object: &Object) -> Option<()> {
    let metadata = object.get("metadata")?.as_object()?;
    match kind {
        "Pod" => add_pod(gathered, metadata, object.get("status")?.as_object()?),
        "EndpointSlice" => add_endpoints(gathered, metadata, object.get("endpoints")?),
        _ => add_workload(gathered, kind, metadata, object),
    }
}

/// The service that labels name.
fn labelled(metadata: &Object) -> Option<&str> {
    let labels = metadata.get("labels")?.as_object()?;
    let names = ["app.kubernetes.io/name", "app", "k8s-app"];
    names.iter().find_map(|it| text(labels, it))
}

fn add_pod(gathered: &mut Gathered, metadata: &Object, status: &Object) -> Option<()> {
    let name = text(metadata, "name")?;
    // A pod that ended well was a job.
    let phase = text(status, "phase").filter(|it| *it != "Succeeded")?;
    let statuses = status.get("containerStatuses").and_then(Value::as_array);
    let containers = statuses.into_iter().flatten().filter_map(Value::as_object);
    let containers: Vec<&Object> = containers.collect();
    let restarts = containers
        .iter()
        .filter_map(|it| count(it.get("restartCount")));
    let restarts: u64 = restarts.fold(0, u64::saturating_add);
    let mut reasons = containers
        .iter()
        .filter_map(|it| text(it.get("state")?.get("waiting")?.as_object()?, "reason"));
    let waiting = reasons.find(|it| !matches!(*it, "ContainerCreating" | "PodInitializing"));
    let ready = condition(status, "Ready");
    let is_ready = ready.is_some_and(|it| text(it, "status") == Some("True"));
    let changed = ready.and_then(|it| text(it, "lastTransitionTime"));
    let is_new = restarts == 0 && changed == text(status, "startTime");
    let (health, word) = if metadata.contains_key("deletionTimestamp") {
        (Health::OutOfService, "terminating")
    } else if phase == "Failed" {
        (Health::Down, text(status, "reason").unwrap_or("failed"))
    } else if let Some(reason) = waiting {
        (Health::Down, reason)
    } else if phase == "Unknown" {
        (Health::Unknown, "its node does not answer")
    } else if is_ready {
        (Health::Up, "ready")
    } else if phase == "Pending" || is_new {
        (Health::Starting, "not ready yet")
    } else {
        (Health::Down, "not ready")
    };
    let raw = match restarts {
        0 => word.to_owned(),
        1 => format!("{word}, 1 restart"),
        some => format!("{word}, {some} restarts"),
    };
    let service = labelled(metadata).unwrap_or(name);
    gathered.add_instance(service, name, (health, &raw));
    Some(())
}

fn condition<'a>(status: &'a Object, kind: &str) -> Option<&'a Object> {
    let conditions = status.get("conditions")?.as_array()?.iter();
    let mut objects = conditions.filter_map(Value::as_object);
    objects.find(|it| text(it, "type") == Some(kind))
}

/// What receives calls; that a condition is missing means that it holds.
fn add_endpoints(gathered: &mut Gathered, metadata: &Object, endpoints: &Value) -> Option<()> {
    let labels = metadata.get("labels")?.as_object()?;
    let service = text(labels, "kubernetes.io/service-name")?;
    let objects = endpoints.as_array()?.iter().filter_map(Value::as_object);
    for endpoint in objects {
        let holds = |condition: &str| {
            let all = endpoint.get("conditions");
            all.and_then(|it| it.get(condition)?.as_bool())
        };
        let verdict = match (holds("ready"), holds("terminating")) {
            (Some(true) | None, _) => (Health::Up, "ready"),
            (_, Some(true)) => (Health::OutOfService, "terminating"),
            (Some(false), _) => (Health::Down, "not ready"),
        };
        let target = endpoint.get("targetRef").and_then(Value::as_object);
        let addresses = endpoint.get("addresses").and_then(Value::as_array);
        let address = addresses.and_then(|it| it.first()?.as_str());
        let name = target.and_then(|it| text(it, "name")).or(address);
        gathered.add_instance(service, name.unwrap_or_default(), verdict);
    }
    Some(())
}

/// So many pods of so many: one entry for all of them.
fn add_workload(
    gathered: &mut Gathered,
    kind: &str,
    metadata: &Object,
    object: &Object,
) -> Option<()> {
    let name = text(metadata, "name")?;
    let status = object.get("status")?.as_object()?;
    let of = |key: &str| count(status.get(key)).unwrap_or(0);
    let asked = object.get("spec").and_then(|it| it.get("replicas"));
    let (well, desired) = match kind {
        "DaemonSet" => (of("numberAvailable"), of("desiredNumberScheduled")),
        "StatefulSet" => (of("readyReplicas"), count(asked).unwrap_or(1)),
        _ => (of("availableReplicas"), count(asked).unwrap_or(1)),
    };
    let progress = condition(status, "Progressing").and_then(|it| text(it, "reason"));
    let is_new = matches!(progress, Some("NewReplicaSetCreated" | "ReplicaSetUpdated"));
    let health = match (well, desired) {
        (_, 0) => Health::OutOfService,
        (0, _) if is_new => Health::Starting,
        (well, desired) => share(well, desired),
    };
    let seen = count(status.get("observedGeneration"));
    let is_behind = seen < count(metadata.get("generation")) && seen.is_some();
    let raw = match (desired, is_behind) {
        (0, _) => "scaled to zero".to_owned(),
        (_, true) => format!("{well} of {desired} pods available, change not yet acted on"),
        (_, false) => format!("{well} of {desired} pods available"),
    };
    gathered.add_instance(labelled(metadata).unwrap_or(name), name, (health, &raw));
    Some(())
}
