//! What the design says in numbers, as series of their own.

use std::collections::BTreeMap;

use super::{
    labels,
    numbers::{decimal, seconds},
};
use crate::{
    export::bundle::{self, Measured, Metrics},
    model::{Dependency, Model, ServiceId},
};

/// A breaker of the design that its service tells the state of.
#[derive(Debug, Clone)]
pub(in crate::export) struct Breaker<'a> {
    /// Who calls.
    pub(in crate::export) from: &'a ServiceId,
    /// Who is called.
    pub(in crate::export) to: &'a ServiceId,
    /// What it is called in the numbers.
    pub(in crate::export) name: String,
}

/// Every breaker of the design whose state is told.
pub(in crate::export) fn breakers<'a>(
    model: &'a Model,
    measured: &[Measured<'a>],
) -> Vec<Breaker<'a>> {
    let mut all = Vec::new();
    for caller in measured {
        if !matches!(caller.names, Metrics::Ours | Metrics::Micrometer) {
            continue;
        }
        let named = bundle::named(model, caller.id).into_iter();
        all.extend(named.filter_map(|it| {
            Some(Breaker {
                from: caller.id,
                to: &it.dependency.to,
                name: it.breaker?,
            })
        }));
    }
    all
}

/// A series that the design itself says: its name, its labels, its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) name: &'static str,
    pub(super) labels: Vec<(&'static str, String)>,
    pub(super) value: String,
}

/// Errors that an SLO allows, as a share of requests.
pub(in crate::export) const ALLOWED: &str = "service:drawn_errors_allowed:ratio";
/// How fast a service answers 99 of 100 calls, as its callers expect it.
pub(super) const EXPECTED: &str = "service:drawn_p99:seconds";
/// After how long the least patient caller of a service gives up.
pub(super) const PATIENCE: &str = "service:drawn_timeout:seconds";
/// What one replica may use.
pub(in crate::export) const MEMORY: &str = "service:drawn_memory_limit:bytes";
pub(in crate::export) const PROCESSORS: &str = "service:drawn_cpu_limit:cores";
/// How many replicas there are to be.
pub(super) const REPLICAS: &str = "service:drawn_replicas:count";
/// A breaker there is to be.
pub(super) const BREAKER: &str = "service:drawn_breaker:info";

/// Every number of the design that alerts compare with.
pub(super) fn all(model: &Model, measured: &[Measured<'_>], breakers: &[Breaker<'_>]) -> Vec<Said> {
    let mut all = Vec::new();
    let mut callers: BTreeMap<&ServiceId, Vec<&Dependency>> = BTreeMap::new();
    for call in model.dependencies.values() {
        callers.entry(&call.to).or_default().push(call);
    }
    for it in measured {
        let mut add = |name, value: Option<String>| {
            all.extend(value.map(|value| Said {
                name,
                labels: labels(model, it.id),
                value,
            }));
        };
        let positive = |it: Option<u32>| it.filter(|it| *it > 0);
        let allowed = it.service.slo_percent.map(|it| (100.0 - it) / 100.0);
        // Nothing at all allowed is no budget that could be burnt.
        let allowed = allowed.filter(|it| it.is_finite() && *it > 0.0 && *it < 1.0);
        add(ALLOWED, allowed.map(decimal));
        let calls = callers.get(it.id).map_or(&[][..], Vec::as_slice);
        let least =
            |said: fn(&Dependency) -> Option<u64>| calls.iter().filter_map(|it| said(it)).min();
        add(EXPECTED, least(|it| it.p99_ms).map(seconds));
        add(PATIENCE, least(|it| it.timeout_ms).map(seconds));
        let resources = &it.service.resources;
        let bytes = positive(resources.memory_mib).map(|it| u64::from(it) * 1024 * 1024);
        add(MEMORY, bytes.map(|it| it.to_string()));
        let millis = positive(resources.cpu_millis);
        add(PROCESSORS, millis.map(|it| seconds(it.into())));
        let replicas = positive(it.service.replicas).filter(|it| *it > 1);
        add(REPLICAS, replicas.map(|it| it.to_string()));
    }
    for breaker in breakers {
        let mut labels = labels(model, breaker.from);
        labels.push(("name", breaker.name.clone()));
        labels.push(("target", breaker.to.to_string()));
        all.push(Said {
            name: BREAKER,
            labels,
            value: "1".to_owned(),
        });
    }
    all
}
