//! Who may call whom: what the drawing says, and nobody else.

use std::collections::{BTreeMap, BTreeSet};

use super::{BASE, Pods, documents, list, names, resource, selector, workload};
use crate::{
    export::{
        bundle,
        yaml::{Map, Value},
    },
    model::{Model, Service, ServiceId},
};

/// Addresses that are nobody's outside.
const INSIDE: [&str; 5] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
];
/// The namespace from which metrics are asked for.
const MONITORING: &str = "monitoring";

/// Who calls each service, on which of its ports.
#[derive(Debug, Default)]
pub(super) struct Callers<'a> {
    /// Target → callers that run as pods.
    pods: BTreeMap<&'a ServiceId, BTreeSet<&'a ServiceId>>,
    /// Target → gateways that pass something on to it, each with the port.
    gateways: BTreeMap<&'a ServiceId, BTreeSet<(&'a ServiceId, u16)>>,
}

impl<'a> Callers<'a> {
    /// The callers of a design.
    pub(super) fn of(model: &'a Model) -> Self {
        let mut callers = Self::default();
        let is_gateway = |id: &ServiceId| {
            let service = model.services.get(id);
            service.is_some_and(|it| bundle::gateway_program(it).is_some())
        };
        for dependency in model.dependencies.values() {
            if !is_gateway(&dependency.from) {
                let of = callers.pods.entry(&dependency.to).or_default();
                of.insert(&dependency.from);
            }
        }
        for route in model.routes.values() {
            let Some(target) = model.services.get(&route.service) else {
                continue;
            };
            if is_gateway(&route.gateway) {
                let port = route.port.filter(|it| *it != 0);
                let port = port.unwrap_or_else(|| bundle::port(target));
                let of = callers.gateways.entry(&route.service).or_default();
                of.insert((&route.gateway, port));
            } else {
                let of = callers.pods.entry(&route.service).or_default();
                of.insert(&route.gateway);
            }
        }
        callers
    }

    /// Ports of a service that a route asks for and its drawing does not have.
    pub(super) fn routed_ports(&self, id: &ServiceId, service: &Service) -> Vec<u16> {
        let routed = self.gateways.get(id).into_iter().flatten();
        let mut ports: Vec<_> = routed.map(|(_, port)| *port).collect();
        ports.retain(|it| {
            let is_drawn = service.ports.iter().any(|port| port.number == *it);
            !is_drawn && *it != bundle::port(service)
        });
        ports.sort_unstable();
        ports.dedup();
        ports
    }
}

/// The namespace, and the rule that nothing passes unless another rule says so.
pub(super) fn namespace(model: &Model, all: &[Pods<'_>]) -> String {
    let system = bundle::system(model);
    let is_restricted = all
        .iter()
        .all(|it| !it.container.user.is_empty() && it.container.rights.is_empty());
    let level = if is_restricted {
        "restricted"
    } else {
        "baseline"
    };
    let labels = Map::from([
        ("app.kubernetes.io/part-of", system.as_str().into()),
        ("pod-security.kubernetes.io/enforce", level.into()),
        ("pod-security.kubernetes.io/warn", "restricted".into()),
    ]);
    let space = resource("v1", "Namespace", &system, labels);
    let mut closed = resource(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "closed",
        Map::default(),
    );
    closed.set(
        "spec",
        Value::from([
            ("podSelector", Map::default().into()),
            ("policyTypes", ["Ingress", "Egress"].into()),
        ]),
    );
    documents(
        &format!(
            "Everything of {BASE} is in here, and nothing passes that no other policy allows."
        ),
        &[space, closed],
    )
}

fn port(number: u16, protocol: &str) -> Map {
    Map::from([("port", number.into()), ("protocol", protocol.into())])
}

/// What a service's pods may receive and send.
pub(super) fn policy(model: &Model, pods: &Pods<'_>, callers: &Callers<'_>) -> Map {
    let mut spec = Map::from([
        (
            "podSelector",
            Value::from([("matchLabels", selector(&pods.name).into())]),
        ),
        ("policyTypes", ["Ingress", "Egress"].into()),
    ]);
    let ingress = ingress(model, pods, callers);
    if !ingress.is_empty() {
        spec.set("ingress", list(ingress));
    }
    let egress = egress(model, pods);
    if !egress.is_empty() {
        spec.set("egress", list(egress));
    }
    let mut map = resource(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        &pods.name,
        pods.labels(model),
    );
    map.set("spec", spec);
    map
}

fn ingress(model: &Model, pods: &Pods<'_>, callers: &Callers<'_>) -> Vec<Map> {
    let mut rules = Vec::new();
    let own = workload::ports(pods).into_iter();
    let own: Vec<_> = own
        .map(|(_, number, protocol)| port(number, workload::transport(protocol)))
        .collect();
    let names = callers.pods.get(pods.id).into_iter().flatten();
    let names = names.filter(|it| {
        model
            .services
            .get::<ServiceId>(it)
            .is_some_and(|it| bundle::is_container(it))
    });
    let names: Vec<_> = names.map(|it| names::service(it)).collect();
    if !names.is_empty() {
        let from = names.iter().map(|it| peer(it));
        rules.push(Map::from([
            ("from", list(from)),
            ("ports", list(own.clone())),
        ]));
    }
    let mut by_port: BTreeMap<u16, Vec<&ServiceId>> = BTreeMap::new();
    for (gateway, number) in callers.gateways.get(pods.id).into_iter().flatten() {
        by_port.entry(*number).or_default().push(gateway);
    }
    for (number, gateways) in by_port {
        // The pods of a gateway carry its name, wherever the cluster runs them.
        let from = gateways.into_iter().map(|gateway| {
            let labels = Map::from([(
                "gateway.networking.k8s.io/gateway-name",
                names::service(gateway).into(),
            )]);
            Map::from([
                ("namespaceSelector", Map::default().into()),
                ("podSelector", Value::from([("matchLabels", labels.into())])),
            ])
        });
        rules.push(Map::from([
            ("from", list(from)),
            ("ports", list([port(number, "TCP")])),
        ]));
    }
    if !pods.service.metrics_path.is_empty() || is_measured(pods) {
        let labels = Map::from([("kubernetes.io/metadata.name", MONITORING.into())]);
        let from = Map::from([(
            "namespaceSelector",
            Value::from([("matchLabels", labels.into())]),
        )]);
        rules.push(Map::from([
            ("from", list([from])),
            ("ports", list([port(bundle::port(pods.service), "TCP")])),
        ]));
    }
    rules
}

fn is_measured(pods: &Pods<'_>) -> bool {
    let known = pods.service.known_technology();
    known.is_some_and(|it| it.metrics_path.is_some()) && pods.service.kind.is_our_code()
}

fn peer(name: &str) -> Map {
    Map::from([(
        "podSelector",
        Value::from([("matchLabels", selector(name).into())]),
    )])
}

fn egress(model: &Model, pods: &Pods<'_>) -> Vec<Map> {
    let mut targets: BTreeSet<&ServiceId> = BTreeSet::new();
    let mut leaves = false;
    for (_, dependency) in model.dependencies_of(pods.id) {
        match model.services.get(&dependency.to) {
            Some(target) if bundle::is_container(target) => {
                targets.insert(&dependency.to);
            }
            Some(_) => leaves = true,
            None => {}
        }
    }
    let mut rules: Vec<Map> = Vec::new();
    for id in targets {
        let Some(service) = model.services.get(id) else {
            continue;
        };
        let mut numbers: Vec<_> = service
            .ports
            .iter()
            .filter(|it| it.number != 0)
            .map(|it| (it.number, workload::transport(it.protocol)))
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.is_empty() {
            numbers.push((bundle::port(service), "TCP"));
        }
        let ports = numbers.into_iter().map(|(number, it)| port(number, it));
        rules.push(Map::from([
            ("to", list([peer(&names::service(id))])),
            ("ports", list(ports)),
        ]));
    }
    if leaves {
        let outside = Value::from([("cidr", "0.0.0.0/0".into()), ("except", INSIDE.into())]);
        rules.push(Map::from([(
            "to",
            list([Map::from([("ipBlock", outside)])]),
        )]));
    }
    if !rules.is_empty() {
        rules.push(names_of_others());
    }
    rules
}

/// Whoever calls anybody has to ask for addresses first.
fn names_of_others() -> Map {
    let space = Map::from([("kubernetes.io/metadata.name", "kube-system".into())]);
    let labels = Map::from([("k8s-app", "kube-dns".into())]);
    let to = Map::from([
        (
            "namespaceSelector",
            Value::from([("matchLabels", space.into())]),
        ),
        ("podSelector", Value::from([("matchLabels", labels.into())])),
    ]);
    Map::from([
        ("to", list([to])),
        ("ports", list([port(53, "UDP"), port(53, "TCP")])),
    ])
}
