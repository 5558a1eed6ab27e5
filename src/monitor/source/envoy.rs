//! Envoy's admin pages: what one proxy knows of those it calls.
//!
//! `/clusters?format=json` tells of every host and of hosts that are ejected, `/stats` of
//! limits that are reached and of how much is called, `/ready` of the proxy itself.
//! Nothing but GET is ever sent: the same port drains and stops the proxy.
//!
//! Whose proxy it is, its own pages do not say: the source's name does, if the design or an
//! alias knows it, or else it is the design's only gateway. Rates are taken between two
//! questions, so the first answer has none; they count calls that Envoy sent, with
//! retries. Times are not told: Envoy's own cover the last five seconds alone.

mod rates;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use tokio::time::Instant;
use url::form_urlencoded::byte_serialize;

use super::{Address, Ask, Asked, Feed, Kind};
use crate::{
    model::{ServiceId, ServiceKind},
    monitor::{
        CallerBreaker, InstanceReading, Observation, Reach,
        fetch::{Answer, Failure},
        format::detect,
        plan::MonitorPlan,
    },
};

use rates::Rates;

pub(super) const KIND: Kind = Kind {
    id: "envoy",
    title: "Envoy",
    tells: "instances of each cluster, ejected hosts, limits that are reached, calls a second \
            and the share of errors",
    tested_against: "Envoy 1.40",
    default_interval: Duration::from_secs(10),
    rank: 40,
    fall: 1,
    address: Address::HttpOrSocket,
    start: || Box::new(Envoy::default()),
};

/// The statistics that are asked for: a whole page has many megabytes.
const WANTED: &str = "^cluster\\..+\\.(circuit_breakers\\.(default|high)\\.(cx_open|cx_pool_open|\
    rq_pending_open|rq_open|rq_retry_open)|outlier_detection\\.ejections_active|\
    membership_(healthy|degraded|excluded|total)|\
    upstream_(cx_total|rq_total|rq_completed|rq_5xx))$";

#[derive(Default)]
struct Envoy {
    rates: Rates,
}

impl Ask for Envoy {
    fn ask<'a>(&'a mut self, feed: &'a Feed) -> Asked<'a> {
        Box::pin(async {
            let limit = feed.source().timeout;
            let answer = feed.get_ok("/clusters?format=json", limit).await?;
            let mut told = observation(&answer)
                .ok_or_else(|| Failure::new(Reach::Unparseable, "this is no page of Envoy's"))?;
            let filter: String = byte_serialize(WANTED.as_bytes()).collect();
            let path = format!("/stats?format=json&filter={filter}");
            match feed.get_ok(&path, limit).await {
                Ok(answer) => self.add_stats(&mut told, &answer, feed),
                Err(failure) => told.note = Some(format!("no statistics: {failure}")),
            }
            let caller = caller(feed.plan(), &feed.source().name);
            if let Ok(answer) = feed.get("/ready", limit).await {
                told.instances.extend(itself(&answer, caller, feed));
            }
            name_caller(&mut told, caller, &feed.source().name);
            Ok(told)
        })
    }
}

impl Envoy {
    fn add_stats(&mut self, told: &mut Observation, answer: &Answer, feed: &Feed) {
        let names = names_in_stats(told);
        if let Some(stats) = observation(answer) {
            told.breakers.extend(stats.breakers);
            merge(&mut told.breakers, &names);
        }
        let window = feed.source().window_seconds;
        self.rates.take(&answer.body, Instant::now(), window);
        told.calls = self.rates.calls(&names);
    }
}

fn observation(answer: &Answer) -> Option<Observation> {
    let reading = detect(answer.status, &answer.content_type, &answer.body);
    reading.observation.map(|it| it.as_ref().clone())
}

/// The service whose proxy it is: called like the source, or the only gateway.
fn caller<'a>(plan: &'a MonitorPlan, source: &str) -> Option<&'a ServiceId> {
    let services = plan.model.services.iter();
    let mut gateways = services.filter(|(_, it)| it.kind == ServiceKind::Gateway);
    let only = match (gateways.next(), gateways.next()) {
        (Some((id, _)), None) => Some(id),
        _ => None,
    };
    plan.naming.service(source).or(only)
}

/// The proxy itself, where it stands for a service.
fn itself(answer: &Answer, caller: Option<&ServiceId>, feed: &Feed) -> Option<InstanceReading> {
    // Old releases have no such page.
    let caller = caller.filter(|_| answer.status != 404)?;
    let reading = detect(answer.status, &answer.content_type, &answer.body);
    Some(InstanceReading {
        service: caller.to_string(),
        address: feed.source().address.clone(),
        health: reading.health?,
        raw: reading.raw,
        checks: Vec::new(),
    })
}

/// Says of all breakers and calls whose they are.
fn name_caller(told: &mut Observation, caller: Option<&ServiceId>, source: &str) {
    let name = caller.map_or(source, ServiceId::as_str);
    for it in &mut told.breakers {
        name.clone_into(&mut it.caller);
    }
    for it in &mut told.calls {
        name.clone_into(&mut it.from);
    }
    if caller.is_none() && told.note.is_none() {
        told.note = Some(format!(
            "no service is called {source}: name the source like the service whose proxy it \
             is, or give that an alias, and its breakers and calls are shown"
        ));
    }
}

/// Statistics write `orders_8080` for the cluster `orders:8080`; its own name back.
fn names_in_stats(told: &Observation) -> HashMap<String, String> {
    let clusters = told.instances.iter().map(|it| it.service.as_str());
    let breakers = told.breakers.iter().map(|it| it.reading.name.as_str());
    let all = clusters.chain(breakers).filter(|it| it.contains(':'));
    all.map(|it| (it.replace(':', "_"), it.to_owned()))
        .collect()
}

/// Two pages tell of the same cluster: the worse word counts.
fn merge(breakers: &mut Vec<CallerBreaker>, names: &HashMap<String, String>) {
    let mut worst: BTreeMap<String, CallerBreaker> = BTreeMap::new();
    for mut it in breakers.drain(..) {
        if let Some(own) = names.get(&it.reading.name) {
            it.reading.name.clone_from(own);
        }
        let severity = it.reading.circuit.severity();
        let known = worst.get(&it.reading.name);
        if known.is_none_or(|known| severity > known.reading.circuit.severity()) {
            worst.insert(it.reading.name.clone(), it);
        }
    }
    breakers.extend(worst.into_values());
}

#[cfg(test)]
mod tests;
