//! Kiali's graph of an Istio mesh: who calls whom, how often, and with which flags.
//!
//! All numbers are texts. `hasCB` says that a breaker is configured, not that it is open;
//! Kiali itself takes one for open when answers carry the flags `UO` (overflow) or `UH`
//! (no healthy host), and so do we. Answers 4xx are no errors here, because who called
//! made them. Times are the 95th percentile unless the address asks for another one. The
//! names are those of kiali/kiali, `graph/config/common/common.go`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    BreakerReading, Format, Input,
    reading::Body,
    telling::{Gathered, share},
    words::{count, number, text},
};
use crate::monitor::{CallReading, Circuit, Confidence, Health};

pub(super) const FORMAT: Format = Format {
    id: "kiali-graph",
    title: "Kiali graph",
    looks_like: r#"{"graphType":"app","duration":600,"elements":{"nodes":[…],"edges":[…]}}"#,
    tested_against: "recorded answers in Kiali's own tests; flags after its source",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    object.get("graphType")?;
    let elements = object.get("elements")?.as_object()?;
    let nodes = nodes(data_of(elements.get("nodes")?));
    let window_seconds = count(object.get("duration")).unwrap_or(0);
    let mut gathered = Gathered::default();
    for node in nodes.values() {
        node.tell_health(&mut gathered);
    }
    let mut breakers = BTreeMap::new();
    for edge in elements.get("edges").into_iter().flat_map(data_of) {
        let end = |key: &str| nodes.get(text(edge, key)?);
        let Some((from, to)) = end("source").zip(end("target")) else {
            continue;
        };
        let traffic = edge.get("traffic").and_then(Value::as_object);
        gathered.add_call(CallReading {
            p95_ms: number(edge.get("responseTime")),
            window_seconds,
            ..calls(from.name, to.name, traffic)
        });
        let flag = traffic.and_then(tripped);
        if from.name != to.name && (flag.is_some() || to.has_breaker) {
            let known = breakers.entry((from.name, to.name)).or_insert(flag);
            *known = known.or(flag);
        }
    }
    for ((from, to), flag) in breakers {
        gathered.add_breaker(from, breaker(to, flag));
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

/// The `data` of a list of nodes or edges.
fn data_of(list: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let elements = list.as_array().into_iter().flatten();
    elements.filter_map(|it| it.get("data")?.as_object())
}

struct Node<'a> {
    name: &'a str,
    has_breaker: bool,
    data: &'a Map<String, Value>,
}

/// Nodes by id; boxes hold others, and what is unknown has no name.
fn nodes<'a>(all: impl Iterator<Item = &'a Map<String, Value>>) -> BTreeMap<&'a str, Node<'a>> {
    let named = all.filter_map(|data| {
        let kind = text(data, "nodeType").unwrap_or_default();
        if matches!(kind, "box" | "unknown") {
            return None;
        }
        let names = ["app", "service", "workload"];
        let name = names
            .iter()
            .filter_map(|it| text(data, it))
            .find(|it| !matches!(*it, "" | "unknown"))?;
        let has_breaker = data.get("hasCB").and_then(Value::as_bool) == Some(true);
        let node = Node {
            name,
            has_breaker,
            data,
        };
        Some((text(data, "id")?, node))
    });
    named.collect()
}

impl Node<'_> {
    /// Pods of each workload, and whether there are any at all.
    fn tell_health(&self, gathered: &mut Gathered) {
        let data = self.data;
        let workload = text(data, "workload").unwrap_or(self.name);
        if data.get("isDead").and_then(Value::as_bool) == Some(true) {
            gathered.add_instance(self.name, workload, (Health::Down, "no pods"));
            return;
        }
        let Some(health) = data.get("healthData").and_then(Value::as_object) else {
            return;
        };
        let several = health.get("workloadStatuses").and_then(Value::as_array);
        let one = health.get("workloadStatus").into_iter();
        let statuses = several.into_iter().flatten().chain(one);
        for status in statuses.filter_map(Value::as_object) {
            let available = count(status.get("availableReplicas")).unwrap_or(0);
            let Some(desired) = count(status.get("desiredReplicas")) else {
                continue;
            };
            let verdict = match desired {
                0 => Health::OutOfService,
                desired => share(available, desired),
            };
            let raw = format!("{available} of {desired} pods available");
            let name = text(status, "name").unwrap_or(workload);
            gathered.add_instance(self.name, name, (verdict, &raw));
        }
    }
}

/// Calls a second and errors; TCP is told in bytes, so its rate is not known.
fn calls(from: &str, to: &str, traffic: Option<&Map<String, Value>>) -> CallReading {
    let protocol = traffic
        .and_then(|it| text(it, "protocol"))
        .unwrap_or_default();
    let rates = traffic.and_then(|it| it.get("rates")?.as_object());
    let rate = |key: &str| number(rates?.get(&format!("{protocol}{key}")));
    let has_calls = matches!(protocol, "http" | "grpc");
    let total = rate("").filter(|_| has_calls);
    let kinds = ["5xx", "4xx", "3xx", "Err", "NoResponse"];
    let is_split = kinds.iter().any(|it| rate(it).is_some());
    let failed = match protocol {
        "grpc" => rate("Err"),
        _ => rate("5xx"),
    };
    let failed = failed.unwrap_or(0.0) + rate("NoResponse").unwrap_or(0.0);
    let whole = rate("PercentErr").unwrap_or(0.0) / 100.0;
    let error_share = total.filter(|it| *it > 0.0).map(|total| {
        let share = if is_split { failed / total } else { whole };
        share.clamp(0.0, 1.0)
    });
    CallReading {
        from: from.to_owned(),
        to: to.to_owned(),
        rate_per_second: total,
        error_share,
        ..CallReading::default()
    }
}

/// The flag of answers that a tripped breaker gave.
fn tripped(traffic: &Map<String, Value>) -> Option<&'static str> {
    let responses = traffic.get("responses")?.as_object()?;
    let flags = || {
        let all = responses
            .values()
            .filter_map(|it| it.get("flags")?.as_object());
        all.flat_map(Map::keys)
    };
    let is_set = |flag: &str| flags().any(|it| it.split(',').any(|it| it == flag));
    ["UO", "UH"].into_iter().find(|it| is_set(it))
}

fn breaker(to: &str, flag: Option<&'static str>) -> BreakerReading {
    let (circuit, detail) = match flag {
        Some("UO") => (Circuit::Open, "answers say UO: a limit is reached"),
        Some(_) => (Circuit::Open, "answers say UH: no healthy host"),
        None => (Circuit::Closed, ""),
    };
    BreakerReading {
        confidence: Confidence::Inferred,
        detail: detail.to_owned(),
        ..BreakerReading::new(to, circuit)
    }
}
