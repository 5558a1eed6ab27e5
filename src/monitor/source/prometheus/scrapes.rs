//! `up` and `probe_success`: whether scrapes and probes from outside work.
//!
//! A scrape that works says that the process answers, not that it is well, so better
//! sources come first. A series keeps its last value for five minutes after its target
//! has gone from a store that is written to, so its age is asked for too.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Feed, Part, Scope, Series,
    api::{OWNER, query},
};
use crate::monitor::{
    Health, InstanceReading, fetch::Failure, format::display_text, naming::Naming,
    observation::MAX_ENTRIES,
};

/// A sample that is older than so many seconds says nothing of now. Targets are scraped
/// every two minutes at least, as Prometheus itself advises.
const MAX_AGE_SECONDS: f64 = 150.0;

/// Labels that name the service that a probe from outside asks: its address comes before
/// the job, which names the prober.
const PROBED: [&str; 6] = [
    "service",
    "app",
    "app_kubernetes_io_name",
    "target",
    "instance",
    "job",
];

/// What was answered.
#[derive(Debug, Default)]
pub(super) struct Scrapes {
    pub up: Vec<Series>,
    /// When each of these was taken, in Unix seconds.
    pub taken: Vec<Series>,
    pub probes: Vec<Series>,
    pub probes_taken: Vec<Series>,
}

/// Asks for all of it; without `up` there is nothing.
pub(super) async fn ask(feed: &Feed, scope: &Scope) -> Result<Part<Scrapes>, Failure> {
    let up = scope.select("up", "");
    let probes = scope.select("probe_success", "");
    let answer = query(feed, &up).await?;
    let mut part: Part<Scrapes> = Part::empty();
    part.found.up = part.take("up", Ok(answer));
    if !part.found.up.is_empty() {
        let taken = query(feed, &format!("timestamp({up})")).await;
        part.found.taken = part.take("the age of up", taken);
    }
    let answer = query(feed, &probes).await;
    part.found.probes = part.take("probe_success", answer);
    if !part.found.probes.is_empty() {
        let taken = query(feed, &format!("timestamp({probes})")).await;
        part.found.probes_taken = part.take("the age of probe_success", taken);
    }
    Ok(part)
}

/// Every scraped and every probed instance. Several scrapes of one pod are one instance.
pub(super) fn instances(scrapes: &Scrapes, naming: &Naming) -> Vec<InstanceReading> {
    let mut found: BTreeMap<(String, String), InstanceReading> = BTreeMap::new();
    let probed: BTreeSet<_> = scrapes.probes.iter().map(Series::place).collect();
    let ages = Ages::of(&scrapes.taken);
    for series in &scrapes.up {
        // That its probe could be asked says nothing of who is probed.
        if probed.contains(&series.place()) {
            continue;
        }
        let pod = series.label("pod");
        let address = if pod.is_empty() {
            series.label("instance")
        } else {
            pod
        };
        if let Some(service) = series.name(&OWNER, naming) {
            let said = verdict(series, &ages, "scraped", "up is 0: its scrape fails");
            add(&mut found, service, address.to_owned(), said);
        }
    }
    let ages = Ages::of(&scrapes.probes_taken);
    for series in &scrapes.probes {
        if let Some(service) = series.name(&PROBED, naming) {
            let said = verdict(
                series,
                &ages,
                "probe_success is 1",
                "probe_success is 0: its probe fails",
            );
            let address = format!("probe of {}", series.label("instance"));
            add(&mut found, service, address, said);
        }
    }
    found.into_values().take(MAX_ENTRIES).collect()
}

/// Adds an instance; of several that are the same, the worst counts.
fn add(
    found: &mut BTreeMap<(String, String), InstanceReading>,
    service: String,
    address: String,
    (health, raw): (Health, String),
) {
    let address = display_text(&address);
    let reading = InstanceReading {
        service: service.clone(),
        address: address.clone(),
        health,
        raw,
        checks: Vec::new(),
    };
    let known = found
        .entry((service, address))
        .or_insert_with(|| reading.clone());
    if severity(reading.health) > severity(known.health) {
        *known = reading;
    }
}

fn severity(health: Health) -> u8 {
    match health {
        Health::Down => 2,
        Health::Up => 1,
        _ => 0,
    }
}

fn verdict(series: &Series, ages: &Ages<'_>, well: &str, unwell: &str) -> (Health, String) {
    match ages.of_series(series) {
        Some(age) if age > MAX_AGE_SECONDS => {
            (Health::Unknown, format!("told {age:.0} seconds ago"))
        }
        _ if series.value > 0.0 => (Health::Up, well.to_owned()),
        // Not a number compares to nothing.
        _ if series.value <= 0.0 => (Health::Down, unwell.to_owned()),
        _ => (Health::Unknown, "not a number".to_owned()),
    }
}

/// When series were taken, found by their labels without the metric's name.
struct Ages<'a>(BTreeMap<Vec<(&'a str, &'a str)>, f64>);

impl<'a> Ages<'a> {
    fn of(taken: &'a [Series]) -> Self {
        let ages = taken.iter().map(|it| (it.identity(), it.at - it.value));
        Self(ages.collect())
    }

    fn of_series(&self, series: &Series) -> Option<f64> {
        self.0.get(&series.identity()).copied()
    }
}

impl Series {
    /// All labels except the metric's name.
    fn identity(&self) -> Vec<(&str, &str)> {
        let labels = self.labels.iter().filter(|(key, _)| *key != "__name__");
        labels
            .map(|(key, it)| (key.as_str(), it.as_str()))
            .collect()
    }

    /// Which target of which job it is of.
    fn place(&self) -> (&str, &str) {
        (self.label("job"), self.label("instance"))
    }
}
