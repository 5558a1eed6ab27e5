//! Jaeger: who called whom, as its traces add up.
//!
//! `GET /api/dependencies?endTs=…&lookback=…` of the query service answers
//! `{"data":[{"parent","child","callCount"}]}`. The storage in memory adds up when asked;
//! Elasticsearch and Cassandra need Jaeger's Spark job, and are empty without it.

use std::time::Duration;

use super::{Address, Ask, Asked, Feed, Kind, traces};

pub(super) const KIND: Kind = Kind {
    id: "jaeger",
    title: "Jaeger",
    tells: "who called whom over the window (a day unless it says otherwise)",
    tested_against: "an answer put together from Jaeger's source",
    default_interval: Duration::from_secs(30),
    rank: 80,
    fall: 1,
    address: Address::Http,
    start: || Box::new(Jaeger),
};

struct Jaeger;

impl Ask for Jaeger {
    fn ask<'a>(&'a mut self, feed: &'a Feed) -> Asked<'a> {
        Box::pin(traces::calls(feed, "/api/dependencies"))
    }
}
