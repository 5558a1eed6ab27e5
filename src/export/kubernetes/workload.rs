//! What a service becomes: pods under a controller, a name, and what they are told.

use super::{
    Pods, list, names,
    network::{self, Callers},
    pod, resource, scaling, selector, storage,
};
use crate::{
    export::{
        bundle,
        yaml::{Map, Value},
    },
    model::{Model, PortProtocol, ServiceKind},
};

/// What keeps a service running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Controller {
    Deployment,
    StatefulSet,
    Job,
}

impl Controller {
    /// The controller of a service: whoever keeps data has a place of its own.
    pub(super) fn of(pods: &Pods<'_>) -> Self {
        if pods.service.kind == ServiceKind::Job {
            Self::Job
        } else if storage::claims(pods).is_empty() {
            Self::Deployment
        } else {
            Self::StatefulSet
        }
    }

    /// As Kubernetes calls it.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::Job => "Job",
        }
    }
}

/// Every resource of a service.
pub(super) fn all(model: &Model, pods: &Pods<'_>, callers: &Callers<'_>) -> Vec<Map> {
    let labels = pods.labels(model);
    let mut account = resource("v1", "ServiceAccount", &pods.name, labels.clone());
    account.set("automountServiceAccountToken", false);
    let mut all = vec![account];
    if !pods.container.environment.is_empty() {
        let mut told = resource("v1", "ConfigMap", &pods.name, labels.clone());
        let data: Map = pods
            .container
            .environment
            .iter()
            .map(|(name, text)| (name.as_str(), Value::from(text.as_str())))
            .collect();
        told.set("data", data);
        all.push(told);
    }
    let controller = Controller::of(pods);
    all.push(controlled(model, pods, controller));
    if controller != Controller::Job {
        all.push(service(pods, labels));
        all.extend(scaling::all(model, pods, controller));
    }
    all.push(network::policy(model, pods, callers));
    all
}

fn controlled(model: &Model, pods: &Pods<'_>, controller: Controller) -> Map {
    let labels = pods.labels(model);
    let mut metadata = Map::from([("labels", labels.clone().into())]);
    if !pods.container.environment.is_empty() {
        let hash = names::hash(&format!("{:?}", pods.container.environment));
        metadata.set_with_comment(
            "annotations",
            Value::from([("checksum/config", hash.into())]),
            "Another one with every change of the ConfigMap, so that pods are replaced.",
        );
    }
    let template = Value::from([
        ("metadata", metadata.into()),
        ("spec", pod::spec(model, pods, controller).into()),
    ]);
    let matching = Value::from([("matchLabels", selector(&pods.name).into())]);
    let mut spec = Map::default();
    let (version, name) = match controller {
        Controller::Deployment => {
            // Where something scales it, a number here would be fought over.
            if !scaling::is_scaled(pods) {
                spec.set("replicas", scaling::replicas(pods));
            }
            spec.set("revisionHistoryLimit", 5_u32);
            spec.set("selector", matching);
            let rolling = [("maxUnavailable", 0_u32.into()), ("maxSurge", 1_u32.into())];
            spec.set(
                "strategy",
                Value::from([
                    ("type", "RollingUpdate".into()),
                    ("rollingUpdate", rolling.into()),
                ]),
            );
            ("apps/v1", pods.name.clone())
        }
        Controller::StatefulSet => {
            spec.set("replicas", scaling::replicas(pods));
            spec.set("serviceName", pods.name.as_str());
            spec.set("selector", matching);
            ("apps/v1", names::workload(&pods.name))
        }
        Controller::Job => {
            spec.set("backoffLimit", 3_u32);
            spec.set("ttlSecondsAfterFinished", 86_400_u32);
            ("batch/v1", names::workload(&pods.name))
        }
    };
    spec.set("template", template);
    if controller == Controller::StatefulSet {
        spec.set("volumeClaimTemplates", list(storage::claims(pods)));
    }
    let mut map = resource(version, controller.kind(), &name, labels);
    map.set("spec", spec);
    map
}

/// Each port once, with its name: the first is `main`.
pub(super) fn ports(pods: &Pods<'_>) -> Vec<(String, u16, PortProtocol)> {
    let drawn = pods.service.ports.iter().filter(|it| it.number != 0);
    let mut all = Vec::new();
    for port in drawn {
        let is_udp = port.protocol == PortProtocol::Udp;
        let is_known = |it: &(String, u16, PortProtocol)| {
            it.1 == port.number && (it.2 == PortProtocol::Udp) == is_udp
        };
        if all.iter().any(is_known) {
            continue;
        }
        let name = match (all.is_empty(), is_udp) {
            (true, _) => "main".to_owned(),
            (false, true) => format!("udp-{}", port.number),
            (false, false) => format!("tcp-{}", port.number),
        };
        all.push((name, port.number, port.protocol));
    }
    if all.is_empty() {
        all.push((
            "main".to_owned(),
            bundle::port(pods.service),
            PortProtocol::default(),
        ));
    }
    let routed = pods.routed.iter();
    all.extend(routed.map(|it| (format!("tcp-{it}"), *it, PortProtocol::default())));
    all
}

/// `TCP` or `UDP`.
pub(super) fn transport(protocol: PortProtocol) -> &'static str {
    match protocol {
        PortProtocol::Udp => "UDP",
        PortProtocol::Http | PortProtocol::Grpc | PortProtocol::Tcp => "TCP",
    }
}

fn service(pods: &Pods<'_>, labels: Map) -> Map {
    let mut map = resource("v1", "Service", &pods.name, labels);
    let ports = ports(pods).into_iter().map(|(name, number, protocol)| {
        let mut port = Map::from([
            ("name", name.as_str().into()),
            ("port", number.into()),
            ("targetPort", name.as_str().into()),
            ("protocol", transport(protocol).into()),
        ]);
        match protocol {
            PortProtocol::Http => port.set("appProtocol", "http"),
            PortProtocol::Grpc => port.set("appProtocol", "kubernetes.io/h2c"),
            PortProtocol::Tcp | PortProtocol::Udp => {}
        }
        port
    });
    let mut spec = Map::from([
        ("type", "ClusterIP".into()),
        ("selector", selector(&pods.name).into()),
        ("ports", list(ports)),
    ]);
    if Controller::of(pods) == Controller::StatefulSet && scaling::replicas(pods) > 1 {
        // Peers find one another by name, which needs an address for each.
        spec.set("publishNotReadyAddresses", true);
    }
    map.set("spec", spec);
    map
}

/// What a reader should know of one service.
pub(super) fn notes(pods: &Pods<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let id = pods.id;
    if pods.name != id.as_str() {
        notes.push(format!(
            "{id} is called {} in the cluster: a Service has to start with a letter.",
            pods.name
        ));
    }
    let from_host = pods.service.volumes.iter();
    if from_host
        .clone()
        .any(|it| it.source.starts_with(['.', '/', '~']))
    {
        notes.push(format!(
            "{id} mounts a folder of its host: in a cluster there is none, so it is left out."
        ));
    }
    if pods.container.health.is_empty() && pods.service.kind != ServiceKind::Job {
        notes.push(format!(
            "Nothing says how to ask {id} for its health: it has no probes."
        ));
    }
    if !pods.container.asked.is_empty() {
        let names: Vec<_> = pods.container.asked.iter().map(String::as_str).collect();
        notes.push(format!(
            "{id} needs {}: set it in the overlay, the address is not drawn.",
            names.join(", ")
        ));
    }
    notes
}
