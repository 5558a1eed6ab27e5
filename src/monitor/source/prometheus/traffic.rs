//! Calls along each edge, as meshes, proxies and tracing count them.
//!
//! | counted by | calls | caller | callee | failed |
//! |--|--|--|--|--|
//! | Istio | `istio_requests_total` | `source_canonical_service`, `source_workload`, `source_app` | `destination_service_name`, `destination_canonical_service`, `destination_workload`, `destination_app` | `response_code` 5xx or 0, or a gRPC status other than 0 |
//! | Linkerd | `response_total{direction="outbound"}` | `deployment` and its like, `app`, `container`, `job` | `dst_service`, `dst_deployment` and its like, `authority` | `classification="failure"` |
//! | tracing | `traces_service_graph_request_total` | `client` | `server` | `…_request_failed_total` |
//! | Envoy | `envoy_cluster_upstream_rq_total` | who was scraped | `envoy_cluster_name` | 5xx |
//!
//! Of several that count the same edge the first of this table is taken, because each of
//! them counts every call. Istio's callers count (`reporter="source"`); where a caller has
//! no sidecar, its callee does. An edge without a call in the window has a rate of 0 and
//! neither a share of errors nor a 95th percentile.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Feed, Part, Scope, Series,
    api::{OWNER, query},
};
use crate::monitor::{CallReading, naming::Naming, observation::MAX_ENTRIES};

/// Who counts calls, and under which names.
#[derive(Debug)]
pub(super) struct Dialect {
    title: &'static str,
    /// Counter of all calls, and what its series have to have.
    calls: (&'static str, &'static str),
    /// Counters of those that failed.
    failed: &'static [(&'static str, &'static str)],
    /// Buckets of how long they took.
    time: (&'static str, &'static str),
    /// One of their units in milliseconds.
    milliseconds: f64,
    from: &'static [&'static str],
    to: &'static [&'static str],
    /// Labels that hold the namespace of either end; empty where there are none.
    namespaces: &'static [&'static str],
    /// Further labels that tell series of one edge apart.
    kept: &'static [&'static str],
    /// A series of 1 for each edge there is, for edges without calls.
    edges: &'static str,
}

const WORKLOADS: &[&str] = &[
    "deployment",
    "statefulset",
    "daemonset",
    "app",
    "app_kubernetes_io_name",
    "container",
    "job",
];

/// Those that know both ends best come first.
pub(super) const DIALECTS: [Dialect; 4] = [
    Dialect {
        title: "Istio",
        calls: ("istio_requests_total", ""),
        failed: &[
            ("istio_requests_total", r#"response_code=~"5..|0""#),
            (
                "istio_requests_total",
                r#"response_code!~"5..|0",grpc_response_status!~"|0""#,
            ),
        ],
        time: ("istio_request_duration_milliseconds_bucket", ""),
        milliseconds: 1.0,
        from: &["source_canonical_service", "source_workload", "source_app"],
        to: &[
            "destination_service_name",
            "destination_canonical_service",
            "destination_workload",
            "destination_app",
        ],
        namespaces: &["source_workload_namespace", "destination_service_namespace"],
        kept: &["reporter"],
        edges: "",
    },
    Dialect {
        title: "Linkerd",
        calls: ("response_total", r#"direction="outbound""#),
        failed: &[(
            "response_total",
            r#"direction="outbound",classification="failure""#,
        )],
        time: ("response_latency_ms_bucket", r#"direction="outbound""#),
        milliseconds: 1.0,
        from: WORKLOADS,
        to: &[
            "dst_service",
            "dst_deployment",
            "dst_statefulset",
            "dst_daemonset",
            "authority",
        ],
        namespaces: &["namespace", "dst_namespace"],
        kept: &[],
        edges: "",
    },
    Dialect {
        title: "tracing",
        calls: ("traces_service_graph_request_total", ""),
        failed: &[("traces_service_graph_request_failed_total", "")],
        time: ("traces_service_graph_request_server_seconds_bucket", ""),
        milliseconds: 1000.0,
        from: &["client"],
        to: &["server"],
        namespaces: &[""],
        kept: &["connection_type"],
        edges: "traces_service_graph_connection_info",
    },
    Dialect {
        title: "Envoy",
        calls: ("envoy_cluster_upstream_rq_total", ""),
        failed: &[(
            "envoy_cluster_upstream_rq_xx",
            r#"envoy_response_code_class="5""#,
        )],
        time: ("envoy_cluster_upstream_rq_time_bucket", ""),
        milliseconds: 1.0,
        from: &OWNER,
        to: &["envoy_cluster_name"],
        namespaces: &["namespace"],
        kept: &[],
        edges: "",
    },
];

/// Names that stand for nobody: calls from outside, calls to nowhere, a proxy's own.
const NOBODY: [&str; 9] = [
    "user",
    "unknown",
    "PassthroughCluster",
    "BlackHoleCluster",
    "InboundPassthroughCluster",
    "prometheus_stats",
    "agent",
    "local_app",
    "local_agent",
];

/// Starts of names of a proxy's own clusters.
const OWN_CLUSTERS: [&str; 4] = ["inbound|", "xds", "sds", "InboundPassthroughCluster"];

/// What one of them answered.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub calls: Vec<Series>,
    /// `None` if that could not be read.
    pub failed: Option<Vec<Series>>,
    pub p95: Vec<Series>,
    pub edges: Vec<Series>,
}

/// Asks all of them, in the order of [`DIALECTS`].
pub(super) async fn ask(feed: &Feed, scope: &Scope) -> Part<Vec<Counted>> {
    let mut part: Part<Vec<Counted>> = Part::empty();
    for dialect in &DIALECTS {
        let mut counted = Counted::default();
        let what = format!("calls of {}", dialect.title);
        let answer = query(feed, &dialect.calls_query(scope)).await;
        counted.calls = part.take(&what, answer);
        if !counted.calls.is_empty() {
            let answer = query(feed, &dialect.failed_query(scope)).await;
            let is_read = answer.is_ok();
            let failed = part.take(&format!("failed {what}"), answer);
            counted.failed = is_read.then_some(failed);
            let answer = query(feed, &dialect.p95_query(scope)).await;
            counted.p95 = part.take(&format!("time of {what}"), answer);
        }
        if !dialect.edges.is_empty() {
            let answer = query(feed, &scope.select_any(&[""], dialect.edges, "").join("")).await;
            counted.edges = part.take("edges of tracing", answer);
        }
        part.found.push(counted);
    }
    part
}

impl Dialect {
    fn calls_query(&self, scope: &Scope) -> String {
        let rate = self.rate(scope, self.calls);
        format!("sum by ({}) ({rate})", self.kept())
    }

    fn failed_query(&self, scope: &Scope) -> String {
        let rates: Vec<_> = self.failed.iter().map(|it| self.rate(scope, *it)).collect();
        format!("sum by ({}) ({}) > 0", self.kept(), rates.join(" or "))
    }

    fn p95_query(&self, scope: &Scope) -> String {
        let (kept, rate) = (self.kept(), self.rate(scope, self.time));
        format!("histogram_quantile(0.95, sum by (le, {kept}) ({rate}))")
    }

    /// The rates of everything in scope; what two selectors both find is one.
    fn rate(&self, scope: &Scope, (metric, matchers): (&str, &str)) -> String {
        let window = scope.window_seconds;
        let selectors = scope.select_any(self.namespaces, metric, matchers);
        let rates: Vec<_> = selectors
            .iter()
            .map(|it| format!("rate({it}[{window}s])"))
            .collect();
        rates.join(" or ")
    }

    fn kept(&self) -> String {
        let kept = self.from.iter().chain(self.to).chain(self.kept);
        kept.copied().collect::<Vec<_>>().join(", ")
    }
}

/// Caller and callee: the service of the design, or else the source's own name.
type Ends = (String, String);

#[derive(Debug, Default)]
struct Edge {
    /// As the source names them.
    names: Ends,
    rate: Option<f64>,
    failed: Option<f64>,
    p95_ms: Option<f64>,
}

/// The calls along each edge; `counted` is in the order of [`DIALECTS`].
pub(super) fn calls(
    counted: Vec<Counted>,
    naming: &Naming,
    window_seconds: u64,
) -> Vec<CallReading> {
    let mut all: BTreeMap<Ends, Edge> = BTreeMap::new();
    for (dialect, counted) in DIALECTS.iter().zip(&counted) {
        for (ends, edge) in edges(dialect, counted, naming) {
            let is_new = match all.get(&ends) {
                None => true,
                Some(known) => known.rate.is_none() && edge.rate.is_some(),
            };
            if is_new && all.len() < MAX_ENTRIES {
                all.insert(ends, edge);
            }
        }
    }
    let readings = all.into_values().map(|it| {
        let is_called = it.rate.is_some_and(|it| it > 0.0);
        let share = it.failed.zip(it.rate).filter(|_| is_called);
        CallReading {
            from: it.names.0,
            to: it.names.1,
            rate_per_second: it.rate,
            error_share: share.map(|(failed, rate)| (failed / rate).min(1.0)),
            p95_ms: it.p95_ms.filter(|_| is_called),
            window_seconds,
        }
    });
    readings.collect()
}

fn edges(dialect: &Dialect, counted: &Counted, naming: &Naming) -> BTreeMap<Ends, Edge> {
    let mut found: BTreeMap<Ends, Edge> = BTreeMap::new();
    let ends = |it: &Series| ends(dialect, it, naming);
    // Where the caller counts, what the callee counts are the same calls again.
    let by_source: BTreeSet<Ends> = counted
        .calls
        .iter()
        .filter(|it| it.label("reporter") == "source")
        .filter_map(|it| Some(ends(it)?.0))
        .collect();
    let is_again =
        |key: &Ends, it: &Series| it.label("reporter") == "destination" && by_source.contains(key);
    for it in &counted.edges {
        if let Some((key, names)) = ends(it) {
            found.entry(key).or_default().names = names;
        }
    }
    for it in counted.calls.iter().filter(|it| is_rate(it.value)) {
        let Some((key, names)) = ends(it) else {
            continue;
        };
        if is_again(&key, it) {
            continue;
        }
        let edge = found.entry(key).or_default();
        *edge.rate.get_or_insert(0.0) += it.value;
        edge.failed = counted.failed.as_ref().map(|_| 0.0);
        edge.names = names;
    }
    let failed = counted.failed.iter().flatten();
    for it in failed.filter(|it| is_rate(it.value)) {
        let Some((key, _)) = ends(it).filter(|(key, _)| !is_again(key, it)) else {
            continue;
        };
        if let Some(sum) = found.get_mut(&key).and_then(|it| it.failed.as_mut()) {
            *sum += it.value;
        }
    }
    for it in counted.p95.iter().filter(|it| is_rate(it.value)) {
        let Some((key, _)) = ends(it).filter(|(key, _)| !is_again(key, it)) else {
            continue;
        };
        if let Some(edge) = found.get_mut(&key) {
            // Percentiles cannot be added: the slowest speaks for all.
            let slowest = edge.p95_ms.unwrap_or(0.0);
            edge.p95_ms = Some(slowest.max(it.value * dialect.milliseconds));
        }
    }
    found
}

/// Neither infinite nor not a number.
fn is_rate(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

/// Who calls whom: as the design knows them and as the source names them; `None` if either
/// end is nobody.
fn ends(dialect: &Dialect, series: &Series, naming: &Naming) -> Option<(Ends, Ends)> {
    let from = series.name(dialect.from, naming)?;
    let to = series.name(dialect.to, naming)?;
    let is_nobody = |it: &String| {
        let is_known = naming.service(it).is_some();
        let is_own = OWN_CLUSTERS.iter().any(|own| it.starts_with(own));
        !is_known && (is_own || NOBODY.contains(&it.as_str()))
    };
    // Tracing calls whoever sent no spans so, even where a service has that name.
    let is_outside = from == "user" && series.label("connection_type") == "virtual_node";
    if is_outside || is_nobody(&from) || is_nobody(&to) {
        return None;
    }
    let known = |it: &String| {
        let service = naming.service(it);
        service.map_or_else(|| it.clone(), ToString::to_string)
    };
    Some(((known(&from), known(&to)), (from, to)))
}
