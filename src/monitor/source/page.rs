//! Any page that tells of others and whose content tells what it is: HAProxy's
//! statistics, Traefik's services, Envoy's clusters, a Kiali graph.

use std::time::Duration;

use super::{Address, Ask, Asked, Feed, Kind};
use crate::monitor::{Reach, fetch::Failure, format::detect};

pub(super) const KIND: Kind = Kind {
    id: "page",
    title: "A page of many",
    tells: "whatever `meshboard formats` says that its format tells",
    tested_against: "HAProxy, Traefik, Caddy, Envoy",
    default_interval: Duration::from_secs(10),
    rank: 50,
    fall: 1,
    address: Address::HttpOrSocket,
    start: || Box::new(Page),
};

struct Page;

impl Ask for Page {
    fn ask<'a>(&'a mut self, feed: &'a Feed) -> Asked<'a> {
        Box::pin(async {
            let answer = feed.get_ok("", feed.source().timeout).await?;
            let reading = detect(answer.status, &answer.content_type, &answer.body);
            let observation = reading.observation.map(|it| it.as_ref().clone());
            observation.ok_or_else(|| {
                Failure::new(
                    Reach::Unparseable,
                    format!("{} tells of no other services", reading.title),
                )
            })
        })
    }
}
