//! Prometheus, and stores that answer like it: Thanos, Mimir, `VictoriaMetrics`.
//!
//! A handful of queries a round, each for all services at once: `up` and `probe_success`
//! ([`scrapes`]), the states of breakers ([`breakers`]), and the calls along each edge
//! that Istio, Linkerd, tracing or Envoy count ([`traffic`]). What a store does not have
//! costs it one empty answer.
//!
//! * The caller is named by the first of `service`, `app`, `app_kubernetes_io_name`,
//!   `service_name`, `deployment`, `statefulset`, `daemonset`, `container`, `job` (what
//!   follows its last `/`), `instance` that the design knows.
//! * `namespace` keeps only what has this `namespace` label, or Istio's and Linkerd's own.
//! * `window_seconds` is the time over which rates are taken.
//! * One query that fails leaves a note, and what was known by it stays; if `up` fails,
//!   nothing is known.
//!
//! Source of the format: Prometheus' documentation of its HTTP API.

mod api;
mod breakers;
mod scrapes;
mod traffic;

use std::{collections::BTreeSet, time::Duration};

use super::{Address, Ask, Asked, Feed, Kind};
use crate::monitor::{fetch::Failure, observation::Observation};

use api::{Scope, Series};

pub(super) const KIND: Kind = Kind {
    id: "prometheus",
    title: "Prometheus",
    tells: "up and probe_success, breakers, calls along each edge",
    tested_against: "Prometheus 2.42, running; metrics shaped like Istio's, Linkerd's, Tempo's, Envoy's",
    default_interval: Duration::from_secs(10),
    rank: 60,
    // One scrape that fails is no outage.
    fall: 3,
    address: Address::Http,
    start: || Box::new(Prometheus),
};

/// The most odd things of one round that are told.
const MAX_NOTES: usize = 5;

struct Prometheus;

impl Ask for Prometheus {
    fn ask<'a>(&'a mut self, feed: &'a Feed) -> Asked<'a> {
        Box::pin(round(feed))
    }
}

/// One round of queries: three at a time, so that a slow one does not hold up all.
async fn round(feed: &Feed) -> Result<Observation, Failure> {
    let scope = Scope::of(feed.source());
    let naming = &feed.plan().naming;
    let (scrapes, breakers, calls) = tokio::join!(
        scrapes::ask(feed, &scope),
        breakers::ask(feed, &scope),
        traffic::ask(feed, &scope),
    );
    let scrapes = scrapes?;
    let mut told = Told::default();
    let observation = Observation {
        instances: scrapes::instances(&told.all(scrapes), naming),
        breakers: breakers::breakers(&told.all(breakers), naming, &feed.plan().placing),
        calls: traffic::calls(told.all(calls), naming, feed.source().window_seconds),
        ..Observation::default()
    };
    Ok(Observation {
        note: told.note(),
        is_partial: told.is_partial,
        ..observation
    })
}

/// What one query gave, and what is odd about it.
struct Part<T> {
    found: T,
    notes: Vec<String>,
    is_partial: bool,
}

/// The odd things of all queries of a round.
#[derive(Default)]
struct Told {
    notes: BTreeSet<String>,
    is_partial: bool,
}

impl Told {
    fn all<T>(&mut self, part: Part<T>) -> T {
        self.notes.extend(part.notes);
        self.is_partial |= part.is_partial;
        part.found
    }

    fn note(&self) -> Option<String> {
        let shown: Vec<_> = self.notes.iter().take(MAX_NOTES).cloned().collect();
        (!shown.is_empty()).then(|| shown.join("; "))
    }
}

impl<T: Default> Part<T> {
    fn empty() -> Self {
        Self {
            found: T::default(),
            notes: Vec::new(),
            is_partial: false,
        }
    }
}

impl<T> Part<T> {
    /// Takes an answer, or says that it is missing.
    fn take(&mut self, what: &str, answer: Result<Part<Vec<Series>>, Failure>) -> Vec<Series> {
        match answer {
            Ok(answer) => {
                self.notes.extend(answer.notes);
                self.is_partial |= answer.is_partial;
                answer.found
            }
            Err(failure) => {
                self.notes
                    .push(format!("{what} not read: {}", failure.message));
                self.is_partial = true;
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests;
