//! States of breakers that a store has collected: those whose state is a label, and what
//! Envoy counts of its clusters.
//!
//! * `resilience4j_circuitbreaker_state{name,state}` and `circuit_breaker_state{name,state}`
//!   are 1 for the state a breaker is in; a number alone is never a state.
//! * `envoy_cluster_circuit_breakers_*_open` is 1 while a limit of concurrent calls is
//!   reached; `envoy_cluster_outlier_detection_ejections_active` counts hosts that are taken
//!   out, of `envoy_cluster_membership_total`.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Feed, Part, Scope, Series,
    api::{OWNER, query},
};
use crate::monitor::{
    CallerBreaker, Circuit, Confidence, Placing,
    format::{BreakerReading, circuit_word},
    naming::Naming,
    observation::MAX_ENTRIES,
};

const STATES: &str = r#"__name__=~"resilience4j_circuitbreaker_state|circuit_breaker_state""#;

const FAILURE_RATE: &str = "resilience4j_circuitbreaker_failure_rate";

const ENVOY: &str = concat!(
    r#"__name__=~"envoy_cluster_circuit_breakers_(default|high)_(cx|cx_pool|rq_pending|rq|rq_retry)_open"#,
    r#"|envoy_cluster_outlier_detection_ejections_active|envoy_cluster_membership_total""#
);

/// Envoy's own clusters, which protect nobody.
const ENVOYS_OWN: [&str; 6] = [
    "xds",
    "sds",
    "prometheus_stats",
    "agent",
    "BlackHoleCluster",
    "PassthroughCluster",
];

/// What was answered.
#[derive(Debug, Default)]
pub(super) struct Breakers {
    pub states: Vec<Series>,
    pub envoy: Vec<Series>,
}

pub(super) async fn ask(feed: &Feed, scope: &Scope) -> Part<Breakers> {
    let mut part: Part<Breakers> = Part::empty();
    // The series of rates have no label `state`, so `or` drops none of them.
    let states = format!(
        "{} == 1 or {} >= 0",
        scope.select("", STATES),
        scope.select(FAILURE_RATE, "")
    );
    let answer = query(feed, &states).await;
    part.found.states = part.take("states of breakers", answer);
    let answer = query(feed, &scope.select("", ENVOY)).await;
    part.found.envoy = part.take("Envoy's breakers", answer);
    part
}

/// Every breaker with its caller.
pub(super) fn breakers(found: &Breakers, naming: &Naming, placing: &Placing) -> Vec<CallerBreaker> {
    let mut all = by_label(&found.states, naming);
    all.extend(by_cluster(&found.envoy, naming, placing));
    all.truncate(MAX_ENTRIES);
    all
}

/// Caller and breaker.
type Key = (String, String);

#[derive(Default)]
struct Instances {
    circuits: Vec<Circuit>,
    failure_rate_percent: Option<f64>,
}

fn by_label(series: &[Series], naming: &Naming) -> Vec<CallerBreaker> {
    let mut found: BTreeMap<Key, Instances> = BTreeMap::new();
    for it in series {
        let (name, state) = (it.label("name"), it.label("state"));
        let caller = it.name(&OWNER, naming).filter(|_| !name.is_empty());
        let Some(caller) = caller else { continue };
        let instances = found.entry((caller, name.to_owned())).or_default();
        if it.label("__name__") == FAILURE_RATE {
            let rate = Some(it.value).filter(|it| (0.0..=100.0).contains(it));
            let both = [instances.failure_rate_percent, rate];
            instances.failure_rate_percent = both.into_iter().flatten().reduce(f64::max);
        } else if let Some(circuit) = circuit_word(state) {
            instances.circuits.push(circuit);
        }
    }
    let readings = found.into_iter().filter_map(|((caller, name), it)| {
        let circuit = it.circuits.iter().max_by_key(|it| it.severity())?;
        let same = it.circuits.iter().filter(|it| *it == circuit).count();
        let all = it.circuits.len();
        let reading = BreakerReading {
            failure_rate_percent: it.failure_rate_percent,
            detail: if same < all {
                format!("{} in {same} of {all} instances", circuit.label())
            } else {
                String::new()
            },
            ..BreakerReading::new(&name, *circuit)
        };
        Some(CallerBreaker { caller, reading })
    });
    readings.collect()
}

#[derive(Default)]
struct Cluster {
    limits: BTreeSet<String>,
    ejected: f64,
    total: f64,
    is_gauge: bool,
}

fn by_cluster(series: &[Series], naming: &Naming, placing: &Placing) -> Vec<CallerBreaker> {
    let mut found: BTreeMap<Key, Cluster> = BTreeMap::new();
    for it in series.iter().filter(|it| it.value.is_finite()) {
        let cluster = it.label("envoy_cluster_name");
        let is_own = cluster.is_empty() || ENVOYS_OWN.iter().any(|own| cluster.starts_with(own));
        let caller = it.name(&OWNER, naming).filter(|_| !is_own);
        let Some(caller) = caller else { continue };
        let cluster = found.entry((caller, cluster.to_owned())).or_default();
        let metric = it.label("__name__");
        match metric.strip_prefix("envoy_cluster_").unwrap_or(metric) {
            // Each proxy counts for itself: the one that took most out speaks for all.
            "outlier_detection_ejections_active" => {
                cluster.ejected = cluster.ejected.max(it.value);
            }
            "membership_total" => cluster.total = cluster.total.max(it.value),
            gauge => {
                cluster.is_gauge = true;
                if it.value > 0.0 {
                    cluster.limits.insert(limit(gauge));
                }
            }
        }
    }
    let readings = found.into_iter().filter_map(|((caller, name), cluster)| {
        let reading = cluster.reading(&name)?;
        // A cluster that protects nothing drawn is only told of when it matters.
        let is_placed = || placing.place(naming.service(&caller)?, &name);
        let is_worth = reading.circuit.is_tripped() || is_placed().is_some();
        is_worth.then_some(CallerBreaker { caller, reading })
    });
    readings.collect()
}

/// `circuit_breakers_high_rq_pending_open` → `pending requests of high priority`.
fn limit(gauge: &str) -> String {
    let rest = gauge.strip_prefix("circuit_breakers_").unwrap_or(gauge);
    let rest = rest.strip_suffix("_open").unwrap_or(rest);
    let (priority, which) = rest.split_once('_').unwrap_or(("default", rest));
    let which = match which {
        "cx" => "connections",
        "cx_pool" => "connection pools",
        "rq_pending" => "pending requests",
        "rq_retry" => "retries",
        _ => "requests",
    };
    match priority {
        "high" => format!("{which} of high priority"),
        _ => which.to_owned(),
    }
}

impl Cluster {
    fn reading(&self, name: &str) -> Option<BreakerReading> {
        let (count, of) = (self.ejected as u32, self.total as u32);
        let limits: Vec<_> = self.limits.iter().cloned().collect();
        let reading = if count > 0 && count >= of && of > 0 {
            BreakerReading {
                confidence: Confidence::Inferred,
                detail: format!("all {of} hosts are ejected"),
                ..BreakerReading::new(name, Circuit::Open)
            }
        } else if count > 0 {
            let circuit = Circuit::Ejected {
                count,
                of: of.max(count),
            };
            BreakerReading::new(name, circuit)
        } else if !limits.is_empty() {
            BreakerReading {
                detail: format!("limit of {} reached", limits.join(", ")),
                ..BreakerReading::new(name, Circuit::Overflow)
            }
        } else if self.is_gauge {
            BreakerReading::new(name, Circuit::Closed)
        } else {
            return None;
        };
        Some(reading)
    }
}
