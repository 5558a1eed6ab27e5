//! One instant query: how it is asked, how its answer is read, who a series speaks of.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Deserialize;
use url::form_urlencoded;

use super::{Feed, Part};
use crate::monitor::{
    Reach,
    fetch::{Answer, Failure},
    format::display_text,
    naming::Naming,
    plan::SourcePlan,
};

/// The most series of one answer that are asked for, where the store knows the parameter.
const MAX_SERIES: usize = 20_000;

/// The most warnings of one answer that are kept.
const MAX_WARNINGS: usize = 3;

/// Labels that name the service a series was scraped from, the most telling first.
pub(super) const OWNER: [&str; 10] = [
    "service",
    "app",
    "app_kubernetes_io_name",
    "service_name",
    "deployment",
    "statefulset",
    "daemonset",
    "container",
    "job",
    "instance",
];

/// What narrows every query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    namespace: String,
    pub window_seconds: u64,
}

impl Scope {
    pub(super) fn of(source: &SourcePlan) -> Self {
        Self::new(&source.namespace, source.window_seconds)
    }

    pub(super) fn new(namespace: &str, window_seconds: u64) -> Self {
        Self {
            namespace: namespace.trim().to_owned(),
            window_seconds,
        }
    }

    /// A selector: matchers such as `a="b"`, and the namespace where one is wanted.
    pub(super) fn select(&self, metric: &str, matchers: &str) -> String {
        self.select_by("namespace", metric, matchers)
    }

    /// A selector for each of the labels that may hold the namespace, only one if none is
    /// wanted.
    pub(super) fn select_any(&self, labels: &[&str], metric: &str, matchers: &str) -> Vec<String> {
        let labels = if self.namespace.is_empty() {
            &labels[..labels.len().min(1)]
        } else {
            labels
        };
        let selectors = labels.iter().map(|it| self.select_by(it, metric, matchers));
        selectors.collect()
    }

    fn select_by(&self, label: &str, metric: &str, matchers: &str) -> String {
        let mut all: Vec<String> = Vec::new();
        if !matchers.is_empty() {
            all.push(matchers.to_owned());
        }
        if !self.namespace.is_empty() && !label.is_empty() {
            all.push(format!("{label}=\"{}\"", quoted(&self.namespace)));
        }
        format!("{metric}{{{}}}", all.join(","))
    }
}

/// A text as it stands between quotes in a query.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for character in text.chars().filter(|it| !it.is_control()) {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

/// One series at one time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub labels: BTreeMap<String, String>,
    /// May be infinite or not a number.
    pub value: f64,
    /// Unix seconds for which it was asked.
    pub at: f64,
}

impl Series {
    pub(super) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }

    /// The name under which one of these labels speaks of a service: the first that the
    /// design knows, or the first that says anything.
    pub(super) fn name(&self, labels: &[&str], naming: &Naming) -> Option<String> {
        let names = || labels.iter().filter_map(|it| self.telling(it));
        let known = names().find(|it| naming.service(it).is_some());
        known.or_else(|| names().next()).map(display_text)
    }

    /// A label's value, if it names anybody.
    fn telling(&self, label: &str) -> Option<&str> {
        let value = self.label(label).trim();
        // `namespace/name`, as the Prometheus operator names jobs.
        let value = match label {
            "job" => value.rsplit('/').next().unwrap_or(value),
            _ => value,
        };
        (!value.is_empty() && !value.eq_ignore_ascii_case("unknown")).then_some(value)
    }
}

/// Asks one query.
pub(super) async fn query(feed: &Feed, query: &str) -> Result<Part<Vec<Series>>, Failure> {
    let source = feed.source();
    let mut path = String::from("/api/v1/query?query=");
    path.extend(form_urlencoded::byte_serialize(query.as_bytes()));
    let timeout = source.timeout.as_millis();
    // Writing to a string cannot fail.
    write!(path, "&timeout={timeout}ms&limit={MAX_SERIES}").ok();
    let answer = feed.get(&path, source.timeout).await?;
    let read = tokio::task::spawn_blocking(move || read(&answer)).await;
    read.unwrap_or_else(|error| Err(Failure::new(Reach::Unparseable, error.to_string())))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Reply {
    status: String,
    data: Option<Data>,
    error_type: String,
    error: String,
    warnings: Option<Vec<String>>,
    infos: Option<Vec<String>>,
    /// `VictoriaMetrics` says so where some of its storage did not answer.
    is_partial: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    #[serde(default)]
    result: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    /// Missing where the value is a histogram.
    value: Option<(f64, String)>,
}

/// Reads an answer; what it says of its own failure is told in its own words.
pub(super) fn read(answer: &Answer) -> Result<Part<Vec<Series>>, Failure> {
    let status = answer.status;
    let reach = match status {
        401 | 403 => Reach::AuthDenied,
        404 => Reach::NotFound,
        _ => Reach::Unparseable,
    };
    let reply: Result<Reply, _> = serde_json::from_slice(&answer.body);
    let reply = match reply {
        Ok(reply) if reply.status == "error" => {
            let (kind, error) = (&reply.error_type, &reply.error);
            return Err(Failure::new(
                reach,
                format!("HTTP {status}, {kind}: {error}"),
            ));
        }
        Ok(reply) if status == 200 && reply.status == "success" => reply,
        Ok(_) if status == 200 => {
            let why = "this is no answer of the Prometheus API: it has no status";
            return Err(Failure::new(reach, why));
        }
        Err(error) if status == 200 => {
            let why = format!("this is no answer of the Prometheus API: {error}");
            return Err(Failure::new(reach, why));
        }
        Ok(_) | Err(_) => return Err(Failure::new(reach, format!("HTTP {status}"))),
    };
    let data = reply.data.filter(|it| it.result_type == "vector");
    let data = data.ok_or_else(|| {
        let why = "this is no answer of the Prometheus API: its result is no vector";
        Failure::new(Reach::Unparseable, why)
    })?;
    let odd = [reply.warnings, reply.infos]
        .into_iter()
        .flatten()
        .flatten();
    let mut notes: Vec<_> = odd.take(MAX_WARNINGS).map(|it| display_text(&it)).collect();
    if reply.is_partial {
        notes.push("the store says that its answer is partial".to_owned());
    }
    Ok(Part {
        found: data.result.into_iter().filter_map(series).collect(),
        notes,
        is_partial: reply.is_partial,
    })
}

fn series(item: Item) -> Option<Series> {
    let (at, value) = item.value?;
    Some(Series {
        labels: item.metric,
        value: value.trim().parse().ok()?,
        at,
    })
}
