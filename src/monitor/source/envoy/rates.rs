//! Calls a second and the share of errors, from counters that were read several times.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::Duration,
};

use serde_json::Value;
use tokio::time::Instant;

use crate::monitor::{CallReading, format::display_text};

/// The most readings that are kept: a long window is covered by fewer of them.
const MAX_READINGS: u32 = 60;

/// The most clusters whose counters are kept.
const MAX_CLUSTERS: usize = 5000;

/// What counters said at one time.
#[derive(Debug)]
struct Reading {
    at: Instant,
    clusters: BTreeMap<String, Counts>,
}

/// Counters of one cluster since Envoy began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    connections: u64,
    sent: u64,
    completed: u64,
    failed: u64,
    /// Whether it is a cluster: parts of one (`orders.external`) are counted beside it.
    is_whole: bool,
}

impl Counts {
    /// Whether it is a later reading of the same process.
    fn is_after(self, before: Self) -> bool {
        self.sent >= before.sent
            && self.completed >= before.completed
            && self.failed >= before.failed
            && self.connections >= before.connections
    }
}

/// Counters over a window, oldest first.
#[derive(Debug, Default)]
pub(super) struct Rates(VecDeque<Reading>);

impl Rates {
    /// Takes a page of statistics; one without counters changes nothing.
    pub(super) fn take(&mut self, page: &[u8], now: Instant, window_seconds: u64) {
        let clusters = counters(page);
        let Some(last) = self.0.back() else {
            self.0.push_back(Reading { at: now, clusters });
            return;
        };
        let is_later = |(name, now): (&String, &Counts)| {
            let before = last.clusters.get(name);
            before.is_none_or(|before| now.is_after(*before))
        };
        if !clusters.iter().all(is_later) {
            // It began anew, and with it its counters.
            self.0.clear();
        }
        let window = Duration::from_secs(window_seconds);
        // The newest is replaced while it is too near to the one before it.
        let before_last = self.0.len().checked_sub(2).and_then(|it| self.0.get(it));
        let step = window / MAX_READINGS;
        if before_last.is_some_and(|it| now.duration_since(it.at) < step) {
            self.0.pop_back();
        }
        self.0.push_back(Reading { at: now, clusters });
        // One that is older than the window stays, so that the window is covered.
        let covers =
            |it: Option<&Reading>| it.is_some_and(|it| now.duration_since(it.at) >= window);
        while self.0.len() > 2 && covers(self.0.get(1)) {
            self.0.pop_front();
        }
    }

    /// What was called within the window; `names` gives clusters their own name back.
    pub(super) fn calls(&self, names: &HashMap<String, String>) -> Vec<CallReading> {
        let Some(newest) = self.0.back() else {
            return Vec::new();
        };
        let calls = newest.clusters.iter().filter_map(|(cluster, now)| {
            // Connections without calls: it speaks another protocol than HTTP.
            if now.sent == 0 && now.connections > 0 {
                return None;
            }
            let to = names.get(cluster).unwrap_or(cluster);
            let found = self
                .0
                .iter()
                .find_map(|it| Some((it.at, it.clusters.get(cluster)?)));
            let (since, before) = found?;
            let seconds = newest.at.duration_since(since).as_secs_f64();
            if seconds < 0.5 {
                // Called at some time is all that one reading tells.
                return (now.sent > 0).then(|| call(to));
            }
            let completed = now.completed.saturating_sub(before.completed);
            let failed = now.failed.saturating_sub(before.failed);
            Some(CallReading {
                rate_per_second: Some(now.sent.saturating_sub(before.sent) as f64 / seconds),
                error_share: (completed > 0).then(|| (failed as f64 / completed as f64).min(1.0)),
                window_seconds: seconds.round() as u64,
                ..call(to)
            })
        });
        calls.collect()
    }
}

fn call(to: &str) -> CallReading {
    CallReading {
        to: display_text(to),
        ..CallReading::default()
    }
}

/// The counters of `{"stats":[{"name":"cluster.orders.upstream_rq_total","value":7},…]}`.
fn counters(page: &[u8]) -> BTreeMap<String, Counts> {
    let mut clusters: BTreeMap<String, Counts> = BTreeMap::new();
    let page: Value = serde_json::from_slice(page).unwrap_or_default();
    let stats = page.get("stats").and_then(Value::as_array);
    for stat in stats.into_iter().flatten() {
        let name = stat.get("name").and_then(Value::as_str);
        let Some((cluster, counter)) = name
            .and_then(|it| it.strip_prefix("cluster."))
            .and_then(|it| it.rsplit_once(".upstream_"))
        else {
            continue;
        };
        let Some(value) = stat.get("value").and_then(Value::as_u64) else {
            continue;
        };
        if clusters.len() >= MAX_CLUSTERS && !clusters.contains_key(cluster) {
            continue;
        }
        let counts = clusters.entry(cluster.to_owned()).or_default();
        match counter {
            "cx_total" => counts.connections = value,
            "rq_total" => {
                counts.sent = value;
                counts.is_whole = true;
            }
            "rq_completed" => counts.completed = value,
            "rq_5xx" => counts.failed = value,
            _ => {}
        }
    }
    clusters.retain(|_, it| it.is_whole);
    clusters
}
