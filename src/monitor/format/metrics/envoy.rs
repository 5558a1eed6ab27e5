//! Envoy's statistics, `/stats/prometheus`: what it does with each cluster it calls.
//!
//! `…_open` is a limit of concurrent calls that is reached now, with neither trial nor
//! timer. Its breaker in the classic sense is outlier detection, which ejects hosts. The
//! page is that of the proxy, so all this belongs between it and its clusters.
//! Source: `cluster_stats.rst` and `circuit_breaking` in Envoy's documentation.

use std::fmt::Write as _;

use super::{
    super::BreakerReading,
    Dialect, Found, Picks, Sample,
    found::{Named, count},
};
use crate::monitor::{Circuit, Confidence, Health};

pub(super) const DIALECT: Dialect = Dialect {
    title: "Envoy",
    looks_like: r#"envoy_cluster_outlier_detection_ejections_active{envoy_cluster_name="bank"} 1"#,
    tested_against: "Envoy 1.40, running, whose hosts were ejected; limits after its documentation",
    start: |_| Box::<Envoy>::default(),
};

/// The most limits of one cluster that are named.
const MAX_LIMITS: usize = 10;

#[derive(Default)]
struct Envoy(Named<Cluster>);

#[derive(Default)]
struct Cluster {
    healthy: Option<f64>,
    degraded: f64,
    total: Option<f64>,
    ejected: Option<f64>,
    has_limits: bool,
    /// The limits that are reached: `default cx`.
    reached: Vec<String>,
}

impl Picks for Envoy {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        if !sample.name.starts_with("envoy_") {
            return false;
        }
        let Some(what) = sample.name.strip_prefix("envoy_cluster_") else {
            return true;
        };
        let limit = what
            .strip_prefix("circuit_breakers_")
            .and_then(|it| it.strip_suffix("_open"));
        let is_known = limit.is_some()
            || matches!(
                what,
                "membership_healthy"
                    | "membership_degraded"
                    | "membership_total"
                    | "outlier_detection_ejections_active"
            );
        let name = sample.label("envoy_cluster_name");
        let name = name.or_else(|| sample.label("cluster_name"));
        let (true, Some(name), Some(value)) = (is_known, name, count(sample.value)) else {
            return true;
        };
        let Some(cluster) = self.0.of(name) else {
            return true;
        };
        match (what, limit) {
            (_, Some(limit)) => cluster.take_limit(limit, value),
            ("membership_healthy", _) => cluster.healthy = Some(value),
            ("membership_degraded", _) => cluster.degraded = value,
            ("membership_total", _) => cluster.total = Some(value),
            _ => cluster.ejected = Some(value),
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (name, cluster) in self.0.iter() {
            if let Some((health, raw)) = cluster.health() {
                found.instance(name, name, health, &raw);
            }
            if let Some(reading) = cluster.breaker(name) {
                found.upstream(reading);
            }
        }
    }
}

impl Cluster {
    /// `default_rq_pending` is the limit `rq_pending` of the priority `default`.
    fn take_limit(&mut self, limit: &str, value: f64) {
        self.has_limits = true;
        if value > 0.0 && self.reached.len() < MAX_LIMITS {
            let (priority, which) = limit.split_once('_').unwrap_or(("", limit));
            self.reached.push(format!("{which} ({priority})"));
        }
    }

    fn health(&self) -> Option<(Health, String)> {
        let (healthy, total) = (self.healthy?, self.total?);
        let working = healthy + self.degraded;
        let health = if total <= 0.0 {
            return Some((Health::Unknown, "no hosts".to_owned()));
        } else if working <= 0.0 {
            Health::Down
        } else if healthy < total {
            Health::Degraded
        } else {
            Health::Up
        };
        Some((health, format!("{healthy} of {total} hosts healthy")))
    }

    fn breaker(&self, name: &str) -> Option<BreakerReading> {
        if self.ejected.is_none() && !self.has_limits {
            return None;
        }
        let ejected = self.ejected.unwrap_or_default();
        let total = self.total.unwrap_or_default().max(ejected);
        let is_everybody_out = self.total.is_some_and(|it| ejected >= it);
        let mut detail = String::new();
        let circuit = if ejected > 0.0 {
            // Writing to a string cannot fail.
            write!(detail, "{ejected} of {total} hosts ejected").ok();
            if is_everybody_out {
                Circuit::Open
            } else {
                Circuit::Ejected {
                    count: ejected as u32,
                    of: total as u32,
                }
            }
        } else if self.reached.is_empty() {
            Circuit::Closed
        } else {
            Circuit::Overflow
        };
        if !self.reached.is_empty() {
            let separator = if detail.is_empty() { "" } else { "; " };
            write!(
                detail,
                "{separator}limit reached: {}",
                self.reached.join(", ")
            )
            .ok();
        }
        let confidence = if circuit == Circuit::Open {
            Confidence::Inferred
        } else {
            Confidence::Reported
        };
        Some(BreakerReading {
            confidence,
            detail,
            ..BreakerReading::new(name, circuit)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::format::metrics::tests::told;

    fn page(cluster: &str, entries: &[(&str, u32)]) -> String {
        let line = |(what, value): &(&str, u32)| {
            format!("envoy_cluster_{what}{{envoy_cluster_name=\"{cluster}\"}} {value}\n")
        };
        entries.iter().map(line).collect()
    }

    #[test]
    fn limits_that_are_reached_are_named() {
        let limits = [
            ("circuit_breakers_default_cx_open", 1),
            ("circuit_breakers_default_cx_pool_open", 0),
            ("circuit_breakers_high_rq_pending_open", 1),
        ];
        assert_eq!(
            told(&page("bank", &limits)),
            "^bank:Overflow(limit reached: cx (default), rq_pending (high))"
        );
        let none = [("circuit_breakers_default_cx_open", 0)];
        assert_eq!(told(&page("bank", &none)), "^bank:Closed");
    }

    #[test]
    fn hosts_that_are_out_are_counted_and_all_of_them_are_an_open_breaker() {
        let hosts = |healthy, ejected| {
            page(
                "bank",
                &[
                    ("membership_healthy", healthy),
                    ("membership_total", 3),
                    ("outlier_detection_ejections_active", ejected),
                ],
            )
        };
        assert_eq!(told(&hosts(3, 0)), "^bank:Closed bank/bank=Up");
        assert_eq!(
            told(&hosts(2, 1)),
            "^bank:Ejected { count: 1, of: 3 }(1 of 3 hosts ejected) bank/bank=Degraded"
        );
        assert_eq!(
            told(&hosts(0, 3)),
            "^bank:Open(3 of 3 hosts ejected) bank/bank=Down"
        );
    }

    #[test]
    fn a_cluster_without_hosts_says_nothing_of_health() {
        let empty = [("membership_healthy", 0), ("membership_total", 0)];
        assert_eq!(told(&page("bank", &empty)), "bank/bank=Unknown");
    }

    #[test]
    fn its_other_statistics_are_not_looked_at() {
        assert_eq!(
            told("envoy_server_live{} 1\nenvoy_http_rq{state=\"open\"} 1\n"),
            ""
        );
    }
}
