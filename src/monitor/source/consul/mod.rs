//! Consul: every instance that is registered, by its checks.
//!
//! One blocking question watches the checks of all services (`/v1/health/state/any`), so
//! that news come at once and a large catalog is not asked service by service. That list
//! knows no instance without checks and no addresses, so after news, and each time a
//! question was waited out, the instances of those services that the design knows are read
//! from the catalog (`/v1/catalog/services`, `/v1/catalog/service/NAME`).
//!
//! * An instance is as well as the worst of its own checks and its node's; one without
//!   checks is up, as Consul's own answers have it. Maintenance is out of service.
//! * A service's name is Consul's `ServiceName`.
//! * `namespace` is a datacenter, or `datacenter/namespace` for Consul Enterprise.
//! * `interval_ms` is how long one question waits for news; absent means 55 seconds.
//! * Any server may answer (`stale`); one without a leader is said.
//!
//! Source of the format: Consul's API documentation (health, catalog, features/blocking).

mod blocking;
mod checks;

use std::{collections::BTreeMap, collections::BTreeSet, time::Duration};

use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};
use url::form_urlencoded;

use super::{Address, Ask, Asked, Feed, Kind};
use crate::monitor::{
    Reach,
    fetch::{Answer, Failure},
    format::display_text,
    observation::Observation,
    plan::SourcePlan,
};

use blocking::Blocking;
use checks::{Check, Entry, instances};

pub(super) const KIND: Kind = Kind {
    id: "consul",
    title: "Consul",
    tells: "every registered instance, by its checks and its node's",
    tested_against: "Consul 1.22, running, with and without ACLs",
    // The longest time that a question waits for news.
    default_interval: Duration::from_secs(55),
    rank: 20,
    fall: 1,
    address: Address::Http,
    start: || Box::new(Consul::default()),
};

/// The longest that Consul lets a question wait.
const MAX_WAIT: Duration = Duration::from_mins(10);

/// A question that waits is given up so much later than the server should answer it.
const MARGIN: Duration = Duration::from_secs(10);

/// The wait before it is asked again after a failure.
const RETRY: Duration = Duration::from_secs(15);

/// The longest time that one round spends on the catalog.
const CATALOG_TIME: Duration = Duration::from_secs(4);

/// A server that has not heard from the leader for so many milliseconds may be wrong.
const OLD_CONTACT_MS: u64 = 30_000;

#[derive(Debug, Default)]
struct Consul {
    blocking: Blocking,
    checks: Vec<Check>,
    /// What the catalog says of the services that the design knows.
    catalog: BTreeMap<String, Vec<Entry>>,
    /// Why the catalog could not be read, or not all of it.
    catalog_note: Option<String>,
    is_catalog_filtered: bool,
}

impl Ask for Consul {
    fn ask<'a>(&'a mut self, feed: &'a Feed) -> Asked<'a> {
        Box::pin(async {
            let result = self.round(feed).await;
            if result.is_err() {
                // Whoever answers next may be another server: its answer comes at once.
                self.blocking.forget();
            }
            result
        })
    }

    fn has_waited(&self) -> bool {
        self.blocking.is_ready()
    }

    fn retry(&self, source: &SourcePlan) -> Duration {
        source.interval.min(RETRY)
    }
}

impl Consul {
    async fn round(&mut self, feed: &Feed) -> Result<Observation, Failure> {
        let source = feed.source();
        let wait = source.interval.min(MAX_WAIT);
        sleep(self.blocking.pause(Instant::now(), wait)).await;
        let began = Instant::now();
        let question = self.blocking.question(wait);
        let limit = match question {
            Some(_) => wait * 17 / 16 + MARGIN,
            None => source.timeout,
        };
        let path = path(
            &source.namespace,
            "/v1/health/state/any",
            question.as_deref(),
        );
        let answer = checked(feed.get(&path, limit).await?)?;
        let is_news = question.is_some() && began.elapsed() < wait;
        if is_news {
            self.blocking.take_token(Instant::now(), wait);
        }
        self.blocking.answered(header(&answer, "x-consul-index"));
        let (mut note, mut is_partial) = oddities(&answer);
        let checks: Vec<Check> = parsed(answer).await?;
        if checks.is_empty() {
            // The servers' own nodes have checks, so somebody hides them.
            note.push("it shows nothing at all: without a token that may read, ACLs hide it");
            is_partial = true;
        }
        let changed = checks::changed_services(&self.checks, &checks);
        let is_calm = changed.is_empty();
        self.checks = checks;
        // What is known of a service whose checks came or went is wrong until asked again.
        self.catalog.retain(|name, _| !changed.contains(name));
        if !is_news || !is_calm {
            self.read_catalog(feed).await;
        }
        if self.is_catalog_filtered && !is_partial {
            note.push(FILTERED);
        }
        let mut note: Vec<_> = note.into_iter().map(str::to_owned).collect();
        note.extend(self.catalog_note.clone());
        Ok(Observation {
            instances: instances(&self.checks, &self.catalog),
            note: (!note.is_empty()).then(|| note.join("; ")),
            is_partial: is_partial || self.is_catalog_filtered,
            ..Observation::default()
        })
    }

    /// Reads the instances of the services that the design knows: first those of which
    /// nothing is known, then the others, as far as the time allows.
    async fn read_catalog(&mut self, feed: &Feed) {
        let end = Instant::now() + CATALOG_TIME;
        match self.read_known(feed, end).await {
            Ok(left) => {
                self.catalog_note = (left > 0).then(|| {
                    format!("the catalog is slow: {left} services were not read from it this time")
                });
            }
            Err(failure) => {
                self.catalog_note = Some(format!(
                    "instances without checks are not seen: {}",
                    failure.message
                ));
            }
        }
    }

    /// Returns how many services there was no time for.
    async fn read_known(&mut self, feed: &Feed, end: Instant) -> Result<usize, Failure> {
        let limit = || end.saturating_duration_since(Instant::now());
        let path = |it: &str| path(&feed.source().namespace, it, None);
        let answer = checked(feed.get(&path("/v1/catalog/services"), limit()).await?)?;
        let mut is_filtered = is_filtered(&answer);
        let all: BTreeMap<String, Option<Vec<String>>> = parsed(answer).await?;
        let known = |it: &String| feed.plan().naming.service(it).is_some() && is_plain(it);
        let names: BTreeSet<String> = all.into_keys().filter(known).collect();
        self.catalog.retain(|name, _| names.contains(name));
        let (old, new): (Vec<_>, Vec<_>) = names
            .into_iter()
            .partition(|it| self.catalog.contains_key(it));
        let mut left = new.len() + old.len();
        for name in new.into_iter().chain(old) {
            if limit().is_zero() {
                break;
            }
            let at = path(&format!("/v1/catalog/service/{name}"));
            let answer = checked(feed.get(&at, limit()).await?)?;
            is_filtered |= self::is_filtered(&answer);
            self.catalog.insert(name, parsed(answer).await?);
            left -= 1;
        }
        self.is_catalog_filtered = is_filtered;
        Ok(left)
    }
}

const FILTERED: &str = "filtered by ACLs: what is missing may only be hidden";

/// A path with what is said of every question; `namespace` is `datacenter/namespace`.
fn path(namespace: &str, path: &str, question: Option<&str>) -> String {
    let (datacenter, namespace) = namespace.split_once('/').unwrap_or((namespace, ""));
    let mut text = format!("{path}?stale");
    for (key, value) in [("dc", datacenter.trim()), ("ns", namespace.trim())] {
        if !value.is_empty() {
            text.extend(["&", key, "="]);
            text.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        }
    }
    text.extend(question.into_iter().flat_map(|it| ["&", it]));
    text
}

/// Whether a name can stand in a path as it is.
fn is_plain(name: &str) -> bool {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.".contains(&it);
    !name.is_empty() && name.bytes().all(is_plain) && !name.starts_with('.')
}

/// Refuses what is no answer of 200, in Consul's own words.
fn checked(answer: Answer) -> Result<Answer, Failure> {
    let reach = match answer.status {
        200..=299 => return Ok(answer),
        401 | 403 => Reach::AuthDenied,
        404 => Reach::NotFound,
        _ => Reach::Unparseable,
    };
    let said = display_text(&String::from_utf8_lossy(&answer.body));
    let colon = if said.is_empty() { "" } else { ": " };
    Err(Failure::new(
        reach,
        format!("HTTP {}{colon}{said}", answer.status),
    ))
}

/// Reads a list, which may be long, where it holds up nobody.
async fn parsed<T: DeserializeOwned + Send + 'static>(answer: Answer) -> Result<T, Failure> {
    let read = tokio::task::spawn_blocking(move || serde_json::from_slice(&answer.body));
    let wrong = |why: String| {
        let message = format!("this is no answer of Consul's API: {why}");
        Failure::new(Reach::Unparseable, message)
    };
    let read = read.await.map_err(|error| wrong(error.to_string()))?;
    read.map_err(|error| wrong(error.to_string()))
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name)?.to_str().ok()
}

fn is_filtered(answer: &Answer) -> bool {
    header(answer, "x-consul-results-filtered-by-acls") == Some("true")
}

/// What the headers say that whoever reads the answer should know, and whether there is
/// more than it shows.
fn oddities(answer: &Answer) -> (Vec<&'static str>, bool) {
    let mut found = Vec::new();
    let is_filtered = is_filtered(answer);
    if is_filtered {
        found.push(FILTERED);
    }
    if header(answer, "x-consul-knownleader") == Some("false") {
        found.push("the cluster has no leader: this may be old");
    }
    let contact = header(answer, "x-consul-lastcontact").and_then(|it| it.parse::<u64>().ok());
    if contact.is_some_and(|it| it > OLD_CONTACT_MS) {
        found.push("the server that answers has lost its leader: this may be old");
    }
    (found, is_filtered)
}

#[cfg(test)]
mod tests;
