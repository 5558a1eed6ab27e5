//! How many pods there are, and how many may go at once.

use super::{Pods, list, resource, selector, workload::Controller};
use crate::{
    export::{
        bundle::{self, Origin},
        yaml::{Map, Value},
    },
    model::{Model, ServiceKind},
};

/// Percent of the processors asked for from which on there are more pods.
const BUSY_PERCENT: u32 = 70;

/// The pods a design says; one where it says nothing.
pub(super) fn replicas(pods: &Pods<'_>) -> u32 {
    pods.service.replicas.unwrap_or(1)
}

/// Whether the cluster may add pods: our own code that runs more than once anyway.
pub(super) fn is_scaled(pods: &Pods<'_>) -> bool {
    let is_code = matches!(
        bundle::origin(pods.service),
        Origin::Ours(_) | Origin::Foreign
    );
    is_code && pods.service.kind == ServiceKind::Service && replicas(pods) > 1
}

/// What scales the pods and what keeps some of them.
pub(super) fn all(model: &Model, pods: &Pods<'_>, controller: Controller) -> Vec<Map> {
    let mut all = Vec::new();
    let labels = pods.labels(model);
    if replicas(pods) > 1 {
        let mut budget = resource(
            "policy/v1",
            "PodDisruptionBudget",
            &pods.name,
            labels.clone(),
        );
        let matching = Value::from([("matchLabels", selector(&pods.name).into())]);
        budget.set(
            "spec",
            Value::from([("maxUnavailable", 1_u32.into()), ("selector", matching)]),
        );
        all.push(budget);
    }
    if controller == Controller::Deployment && is_scaled(pods) {
        let mut scaler = resource(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            &pods.name,
            labels,
        );
        let count = replicas(pods);
        let target = Value::from([
            ("type", "Utilization".into()),
            ("averageUtilization", BUSY_PERCENT.into()),
        ]);
        let processors = Value::from([("name", "cpu".into()), ("target", target)]);
        let metric = Map::from([("type", "Resource".into()), ("resource", processors)]);
        let mut spec = Map::from([
            (
                "scaleTargetRef",
                Value::from([
                    ("apiVersion", "apps/v1".into()),
                    ("kind", "Deployment".into()),
                    ("name", pods.name.as_str().into()),
                ]),
            ),
            ("minReplicas", count.into()),
        ]);
        spec.set_with_comment(
            "maxReplicas",
            count.saturating_mul(3),
            "Three times what is drawn; what it calls has to bear that.",
        );
        spec.set("metrics", list([metric]));
        scaler.set("spec", spec);
        all.push(scaler);
    }
    all
}
