//! Envoy's `/stats?format=json`: limits that are reached and hosts that are ejected.
//!
//! `…_open` is a limit of concurrent calls that is reached just now; it knows no
//! half-open and no time. The names are those of Envoy's documentation, "Cluster
//! statistics". A cluster's name may hold dots, so names are read from their end.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    BreakerReading, Format, Input,
    envoy_clusters::breaker,
    reading::Body,
    telling::{Gathered, share},
    words::{count, text},
};
use crate::monitor::{Circuit, Confidence};

pub(super) const FORMAT: Format = Format {
    id: "envoy-stats",
    title: "Envoy statistics",
    looks_like: r#"{"stats":[{"name":"cluster.orders.circuit_breakers.default.rq_open","value":0}]}"#,
    tested_against: "Envoy 1.40, running",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let stats = input.object()?.get("stats")?.as_array()?;
    let first = stats.first().and_then(Value::as_object);
    let is_stat = |it: &serde_json::Map<String, Value>| {
        (it.contains_key("name") && it.contains_key("value")) || it.contains_key("histograms")
    };
    if !first.map_or(input.is_named, is_stat) {
        return None;
    }
    let mut clusters: BTreeMap<&str, Cluster<'_>> = BTreeMap::new();
    for stat in stats.iter().filter_map(Value::as_object) {
        let name = text(stat, "name").and_then(|it| it.strip_prefix("cluster."));
        let value = count(stat.get("value"));
        if let Some((name, value)) = name.zip(value) {
            take(&mut clusters, name, value);
        }
    }
    let mut gathered = Gathered::default();
    for (name, cluster) in clusters {
        cluster.tell(name, &mut gathered);
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

/// What is known of one cluster.
#[derive(Default)]
struct Cluster<'a> {
    has_limits: bool,
    full: Vec<&'a str>,
    ejected: Option<u64>,
    healthy: Option<u64>,
    total: Option<u64>,
}

fn take<'a>(clusters: &mut BTreeMap<&'a str, Cluster<'a>>, name: &'a str, value: u64) {
    if let Some((cluster, limit)) = name.rsplit_once(".circuit_breakers.") {
        if limit.ends_with("_open") {
            let cluster = clusters.entry(cluster).or_default();
            cluster.has_limits = true;
            if value > 0 {
                cluster.full.push(limit);
            }
        }
    } else if let Some(cluster) = name.strip_suffix(".outlier_detection.ejections_active") {
        clusters.entry(cluster).or_default().ejected = Some(value);
    } else if let Some(cluster) = name.strip_suffix(".membership_healthy") {
        clusters.entry(cluster).or_default().healthy = Some(value);
    } else if let Some(cluster) = name.strip_suffix(".membership_total") {
        clusters.entry(cluster).or_default().total = Some(value);
    }
}

impl Cluster<'_> {
    fn tell(&self, name: &str, gathered: &mut Gathered) {
        let ejected = self.ejected.unwrap_or(0);
        if self.has_limits || self.ejected.is_some() {
            let reading = match self.total {
                // Without the number of members it is not known whether all are out.
                None if ejected > 0 => BreakerReading {
                    confidence: Confidence::Inferred,
                    detail: format!("{ejected} hosts ejected"),
                    ..BreakerReading::new(name, Circuit::NotClosed)
                },
                total => breaker(name, ejected, total.unwrap_or(0), &self.full),
            };
            gathered.add_breaker("", reading);
        }
        if let (Some(healthy), Some(total @ 1..)) = (self.healthy, self.total) {
            let raw = format!("{healthy} of {total} hosts healthy");
            gathered.add_instance(name, name, (share(healthy, total), &raw));
        }
    }
}
