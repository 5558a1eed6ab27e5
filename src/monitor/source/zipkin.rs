//! Zipkin: who called whom, and which share of it failed, as its traces add up.
//!
//! `GET /api/v2/dependencies?endTs=…&lookback=…` answers
//! `[{"parent","child","callCount","errorCount"}]`, where no error leaves `errorCount` out.
//! The storage in memory adds up when asked; Elasticsearch and Cassandra need Zipkin's
//! daily job, and are empty without it.

use std::time::Duration;

use super::{Address, Ask, Asked, Feed, Kind, traces};

pub(super) const KIND: Kind = Kind {
    id: "zipkin",
    title: "Zipkin",
    tells: "who called whom over the window (a day unless it says otherwise), and the share \
            of errors",
    tested_against: "Zipkin 3.5",
    default_interval: Duration::from_secs(30),
    rank: 80,
    fall: 1,
    address: Address::Http,
    start: || Box::new(Zipkin),
};

struct Zipkin;

impl Ask for Zipkin {
    fn ask<'a>(&'a mut self, feed: &'a Feed) -> Asked<'a> {
        Box::pin(traces::calls(feed, "/api/v2/dependencies"))
    }
}
