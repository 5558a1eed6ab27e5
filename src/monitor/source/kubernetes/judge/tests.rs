//! Which pods count, whose they are, and how well they are said to be.

use serde_json::{Value, json};

use super::{Objects, observe};
use crate::monitor::{Health, InstanceReading};

/// A pod of the deployment `workload`.
fn pod(workload: &str, number: u32, labels: Value, status: Value) -> Value {
    json!({
        "metadata": {
            "name": format!("{workload}-7d4b9-{number}"),
            "namespace": "shop",
            "labels": labels,
            "ownerReferences": [{"kind": "ReplicaSet", "name": format!("{workload}-7d4b9")}],
        },
        "status": status,
    })
}

fn ready() -> Value {
    json!({
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": "main", "ready": true, "restartCount": 0}],
    })
}

/// Not ready, with one container in this state.
fn unready(phase: &str, state: Value, restarts: u32) -> Value {
    json!({
        "phase": phase,
        "conditions": [
            {"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T10:00:00Z"},
        ],
        "containerStatuses": [{
            "name": "main", "ready": false, "restartCount": restarts, "state": state,
        }],
    })
}

fn objects(pods: &[Value], deployments: &[Value], slices: &[Value]) -> Objects {
    Objects {
        pods: serde_json::from_value(json!(pods)).unwrap(),
        deployments: serde_json::from_value(json!(deployments)).unwrap(),
        slices: serde_json::from_value(json!(slices)).unwrap(),
        is_wide: false,
    }
}

fn told(objects: &Objects) -> Vec<InstanceReading> {
    let known = ["orders", "stock", "mailer"];
    observe(objects, &|it| known.contains(&it)).instances
}

fn lines(pods: &[Value]) -> Vec<String> {
    let told = told(&objects(pods, &[], &[]));
    let lines = told
        .iter()
        .map(|it| format!("{} {:?} {}", it.service, it.health, it.raw));
    lines.collect()
}

#[test]
fn a_pod_is_as_well_as_it_is_ready() {
    let waiting = |reason: &str| json!({"waiting": {"reason": reason}});
    let statuses = [
        ready(),
        unready("Running", waiting("CrashLoopBackOff"), 5),
        unready("Pending", waiting("ImagePullBackOff"), 0),
        unready("Pending", waiting("ContainerCreating"), 0),
        unready(
            "Running",
            json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}}),
            1,
        ),
    ];
    let numbered = statuses.into_iter().zip(0..);
    let pods: Vec<_> = numbered
        .map(|(status, number)| pod("orders", number, Value::Null, status))
        .collect();
    assert_eq!(
        lines(&pods),
        [
            "orders Up ready",
            "orders Down CrashLoopBackOff, 5 restarts",
            "orders Down ImagePullBackOff",
            "orders Starting ContainerCreating",
            "orders Down OOMKilled, 1 restart",
        ]
    );
}

#[test]
fn a_pod_that_was_ready_once_is_not_starting() {
    let began = |at: &str| json!({"running": {"startedAt": at}});
    let pods = [
        pod(
            "orders",
            1,
            Value::Null,
            unready("Running", began("2026-01-01T10:00:05Z"), 0),
        ),
        pod(
            "orders",
            2,
            Value::Null,
            unready("Running", began("2026-01-01T09:00:00Z"), 0),
        ),
    ];
    assert_eq!(
        lines(&pods),
        ["orders Starting not ready yet", "orders Down not ready"]
    );
}

#[test]
fn a_rollout_that_took_too_long_is_no_start() {
    let state = json!({"running": {"startedAt": "2026-01-01T10:00:05Z"}});
    let deployment = json!({
        "metadata": {"name": "orders", "namespace": "shop"},
        "status": {
            "replicas": 1,
            "conditions": [
                {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"},
            ],
        },
    });
    let pods = [pod("orders", 1, Value::Null, unready("Running", state, 0))];
    let told = told(&objects(&pods, &[deployment], &[]));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].health, Health::Down);
}

#[test]
fn a_pod_without_a_node_says_why() {
    let status = json!({
        "phase": "Pending",
        "conditions": [{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
            "message": "0/3 nodes are available: 3 Insufficient memory.",
        }],
    });
    assert_eq!(
        lines(&[pod("orders", 1, Value::Null, status)]),
        ["orders Down Unschedulable: 0/3 nodes are available: 3 Insufficient memory."]
    );
}

#[test]
fn pods_that_are_done_or_on_their_way_out_do_not_count() {
    let mut leaving = pod("orders", 1, Value::Null, ready());
    leaving["metadata"]["deletionTimestamp"] = json!("2026-01-01T10:00:00Z");
    let done = pod("orders", 2, Value::Null, json!({"phase": "Succeeded"}));
    let evicted = json!({"phase": "Failed", "reason": "Evicted"});
    let replaced = pod("orders", 3, Value::Null, evicted.clone());
    let mut alone = pod("orders", 4, Value::Null, evicted);
    alone["metadata"]["ownerReferences"] = json!([]);
    alone["metadata"]["labels"] = json!({"app": "orders"});
    assert_eq!(
        lines(&[leaving, done, replaced, alone]),
        ["orders Down Evicted"]
    );
}

#[test]
fn the_first_name_that_the_design_knows_is_the_services() {
    let helm = json!({"app.kubernetes.io/name": "postgresql", "app": "stock"});
    let slice = json!({
        "metadata": {"namespace": "shop", "labels": {"kubernetes.io/service-name": "mailer"}},
        "endpoints": [{
            "addresses": ["10.0.0.1"],
            "targetRef": {"kind": "Pod", "name": "smtp-7d4b9-1"},
        }],
    });
    let pods = [
        pod("db", 1, helm, ready()),
        pod("smtp", 1, json!({"app": "shop"}), ready()),
        pod("orders", 1, json!({"app": "shop"}), ready()),
        pod("other", 1, json!({"app": "shop"}), ready()),
    ];
    let told = told(&objects(&pods, &[], &[slice]));
    let services: Vec<_> = told.iter().map(|it| it.service.as_str()).collect();
    assert_eq!(services, ["stock", "mailer", "orders", "shop"]);
}

#[test]
fn pods_that_a_deployment_could_not_make_are_missing() {
    let failure = json!([{
        "type": "ReplicaFailure", "status": "True", "message": "exceeded quota: pods",
    }]);
    let deployment = |name: &str, wanted: u32, made: u32, observed: u32| {
        json!({
            "metadata": {"name": name, "namespace": "shop", "generation": 2},
            "spec": {"replicas": wanted},
            "status": {"replicas": made, "observedGeneration": observed, "conditions": failure},
        })
    };
    let deployments = [
        deployment("orders", 3, 2, 2),
        deployment("stock", 2, 0, 1),
        deployment("mailer", 0, 0, 2),
    ];
    let told = told(&objects(&[], &deployments, &[]));
    let lines: Vec<_> = told
        .iter()
        .map(|it| format!("{} {:?} {} {}", it.service, it.health, it.address, it.raw))
        .collect();
    assert_eq!(
        lines,
        [
            "orders Down orders (missing 1) 1 of 3 pods are not there: exceeded quota: pods",
            "mailer OutOfService mailer (none) scaled to 0",
        ]
    );
}

#[test]
fn endpoints_outside_the_cluster_are_instances_too() {
    let slice = json!({
        "metadata": {"namespace": "shop", "labels": {"kubernetes.io/service-name": "stock"}},
        "ports": [{"port": 5432}],
        "endpoints": [
            {"addresses": ["192.0.2.1"]},
            {"addresses": ["192.0.2.2"], "conditions": {"ready": false}},
            {"addresses": []},
        ],
    });
    let told = told(&objects(&[], &[], &[slice]));
    let lines: Vec<_> = told
        .iter()
        .map(|it| (it.address.as_str(), it.health))
        .collect();
    assert_eq!(
        lines,
        [
            ("192.0.2.1:5432", Health::Up),
            ("192.0.2.2:5432", Health::Down)
        ]
    );
}

#[test]
fn across_namespaces_pods_are_told_apart() {
    let mut objects = objects(&[pod("orders", 1, Value::Null, ready())], &[], &[]);
    objects.is_wide = true;
    assert_eq!(told(&objects)[0].address, "shop/orders-7d4b9-1");
}
