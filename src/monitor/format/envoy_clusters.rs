//! Envoy's `/clusters`, as JSON and as text: the hosts of every cluster, and which of
//! them outlier detection has taken out.
//!
//! In the JSON, values that are zero or false are left out. The words are those of
//! envoyproxy/envoy, `source/common/upstream/host_utility.cc`. Envoy's breaker is the
//! ejection of single hosts; where all are ejected the edge is as good as open.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    BreakerReading, Format, Input,
    reading::Body,
    telling::Gathered,
    words::{display_text, text},
};
use crate::monitor::{Circuit, Confidence, Health};

pub(super) const FORMAT: Format = Format {
    id: "envoy-clusters",
    title: "Envoy clusters",
    looks_like: r#"{"cluster_statuses":[{"name":"orders","host_statuses":[…]}]}, orders::10.0.0.1:80::health_flags::healthy"#,
    tested_against: "Envoy 1.40, running; recorded answers in its own tests",
    read,
};

/// A flag in the text, its name in the JSON, and what it makes of a host.
const FLAGS: [(&str, &str, Health); 11] = [
    (
        "failed_active_hc",
        "failed_active_health_check",
        Health::Down,
    ),
    ("failed_outlier_check", "failed_outlier_check", Health::Down),
    ("failed_eds_health", "", Health::Down),
    ("active_hc_timeout", "active_hc_timeout", Health::Down),
    (
        "excluded_via_immediate_hc_fail",
        "excluded_via_immediate_hc_fail",
        Health::Down,
    ),
    ("eds_status_draining", "", Health::OutOfService),
    (
        "degraded_active_hc",
        "failed_active_degraded_check",
        Health::Degraded,
    ),
    ("degraded_eds_health", "", Health::Degraded),
    (
        "degraded_outlier_detection",
        "failed_degraded_outlier_detection",
        Health::Degraded,
    ),
    // Calls still go there.
    (
        "pending_dynamic_removal",
        "pending_dynamic_removal",
        Health::Up,
    ),
    ("pending_active_hc", "pending_active_hc", Health::Starting),
];

const EJECTED: &str = "failed_outlier_check";
const PENDING: &str = "pending_active_hc";

fn read(input: &Input<'_>) -> Option<Body> {
    let clusters = match input.json {
        Some(json) => of_json(json.get("cluster_statuses")?.as_array()?),
        None => of_text(input.text)?,
    };
    let mut gathered = Gathered::default();
    for (cluster, hosts) in clusters {
        let is_ejected = |it: &&Host<'_>| it.flags.contains(&EJECTED);
        let ejected = hosts.iter().filter(is_ejected).count() as u64;
        if !hosts.is_empty() {
            let breaker = breaker(cluster, ejected, hosts.len() as u64, &[]);
            gathered.add_breaker("", breaker);
        }
        for host in hosts {
            let raw = if host.flags.is_empty() {
                "healthy".to_owned()
            } else {
                host.flags.join(", ")
            };
            gathered.add_instance(cluster, &host.address, (host.health(), &raw));
        }
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

/// What a cluster's hosts and limits make of the edge to it: `full` are the limits that
/// are reached.
pub(super) fn breaker(cluster: &str, ejected: u64, of: u64, full: &[&str]) -> BreakerReading {
    let few = |it: u64| u32::try_from(it).unwrap_or(u32::MAX);
    let circuit = match (ejected, full) {
        (0, []) => Circuit::Closed,
        (0, _) => Circuit::Overflow,
        (count, _) if count >= of => Circuit::Open,
        (count, _) => Circuit::Ejected {
            count: few(count),
            of: few(of),
        },
    };
    let out = (ejected > 0).then(|| format!("{ejected} of {of} hosts ejected"));
    let limits = (!full.is_empty()).then(|| format!("limits reached: {}", full.join(", ")));
    let details: Vec<String> = out.into_iter().chain(limits).collect();
    BreakerReading {
        confidence: match circuit {
            Circuit::Open => Confidence::Inferred,
            _ => Confidence::Reported,
        },
        detail: display_text(&details.join("; ")),
        ..BreakerReading::new(cluster, circuit)
    }
}

struct Host<'a> {
    address: String,
    flags: Vec<&'a str>,
}

impl Host<'_> {
    fn health(&self) -> Health {
        // Before its first check a host counts as failed, too.
        if self.flags.contains(&PENDING) {
            return Health::Starting;
        }
        let known = FLAGS.iter().filter(|it| self.flags.contains(&it.0));
        known.map(|it| it.2).next().unwrap_or(Health::Up)
    }
}

type Clusters<'a> = BTreeMap<&'a str, Vec<Host<'a>>>;

fn of_json(statuses: &[Value]) -> Clusters<'_> {
    let mut clusters = Clusters::new();
    for status in statuses.iter().filter_map(Value::as_object) {
        let Some(name) = text(status, "name") else {
            continue;
        };
        let hosts = status.get("host_statuses").and_then(Value::as_array);
        let hosts = hosts.into_iter().flatten().filter_map(Value::as_object);
        let found = hosts.map(|it| Host {
            address: address(it),
            flags: flags_of_json(it),
        });
        clusters.entry(name).or_default().extend(found);
    }
    clusters
}

fn address(host: &Map<String, Value>) -> String {
    let address = host.get("address");
    let inside = |key: &str| {
        address
            .and_then(|it| it.get(key))
            .and_then(Value::as_object)
    };
    if let Some(socket) = inside("socket_address") {
        let port = socket.get("port_value").and_then(Value::as_u64);
        let ip = text(socket, "address").unwrap_or_default();
        return port.map_or_else(|| ip.to_owned(), |port| format!("{ip}:{port}"));
    }
    let pipe = inside("pipe").and_then(|it| text(it, "path"));
    pipe.or_else(|| text(host, "hostname"))
        .unwrap_or_default()
        .to_owned()
}

fn flags_of_json(host: &Map<String, Value>) -> Vec<&'static str> {
    let Some(status) = host.get("health_status").and_then(Value::as_object) else {
        return Vec::new();
    };
    let is_set = |key: &str| status.get(key).and_then(Value::as_bool) == Some(true);
    let set = FLAGS.iter().filter(|it| is_set(it.1)).map(|it| it.0);
    let by_discovery = match text(status, "eds_health_status") {
        Some("UNHEALTHY" | "TIMEOUT") => Some("failed_eds_health"),
        Some("DRAINING") => Some("eds_status_draining"),
        Some("DEGRADED") => Some("degraded_eds_health"),
        Some(_) | None => None,
    };
    set.chain(by_discovery).collect()
}

/// Lines of `cluster::address::key::value`; `None` if the first is none.
fn of_text(text: &str) -> Option<Clusters<'_>> {
    let first = text.trim_start().lines().next()?;
    let is_page = first.split("::").count() >= 3 && !first.contains([' ', '"']);
    if !is_page || !text.contains("::added_via_api::") {
        return None;
    }
    let mut clusters = Clusters::new();
    for line in text.lines() {
        let Some((rest, flags)) = line.rsplit_once("::health_flags::") else {
            continue;
        };
        // An IPv6 address holds the separator itself.
        let split = rest.find("::[").map(|at| (&rest[..at], &rest[at + 2..]));
        let Some((cluster, address)) = split.or_else(|| rest.rsplit_once("::")) else {
            continue;
        };
        let flags = flags.trim().split('/');
        let host = Host {
            address: address.to_owned(),
            flags: flags.filter(|it| !matches!(*it, "" | "healthy")).collect(),
        };
        clusters.entry(cluster).or_default().push(host);
    }
    Some(clusters)
}
