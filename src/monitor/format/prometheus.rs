//! Metrics pages: breakers whose state is a *label* of a series that is 0 or 1.
//!
//! That is how Resilience4j and every `OpenMetrics` state set tell of states. A gauge
//! that is a number is never read as a state, because libraries number theirs
//! differently. opossum-prometheus has only counters of events, from which a little
//! can be inferred.

use std::collections::BTreeMap;

use super::{
    BreakerReading, Format, Input, is_metrics_type, reading::Body, words::circuit_word,
    words::display_text,
};
use crate::monitor::{
    Circuit, Confidence,
    exposition::{Sample, is_metrics_page, samples},
};

pub(super) const FORMAT: Format = Format {
    id: "prometheus",
    title: "Prometheus metrics",
    looks_like: r#"resilience4j_circuitbreaker_state{name="bank",state="open"} 1, any state set"#,
    tested_against: "Resilience4j 2.2 and prometheus-client 0.26, running; opossum-prometheus 0.3, Envoy",
    read,
};

/// The most breakers of one page that are looked at.
const MAX_SETS: usize = 1000;

/// Labels that name a breaker, the most telling first.
const NAME_LABELS: [&str; 9] = [
    "name",
    "circuit_breaker",
    "circuitbreaker",
    "breaker",
    "circuit",
    "resource",
    "target",
    "upstream",
    "method",
];

fn read(input: &Input<'_>) -> Option<Body> {
    let starts_like_json = input.text.trim_start().starts_with(['{', '[']) && input.json.is_some();
    let is_page = is_metrics_type(input.content_type) || is_metrics_page(input.text);
    if starts_like_json || !is_page {
        return None;
    }
    let mut page = Page::default();
    for sample in samples(input.text) {
        page.add_state(&sample);
        page.add_detail(&sample);
        page.add_event(&sample);
    }
    Some(Body::of_breakers(page.breakers().into_values()))
}

#[derive(Default)]
struct Page {
    /// Metric and labels apart from the state → the states with their values.
    sets: BTreeMap<(String, String), StateSet>,
    details: BTreeMap<String, Details>,
    /// Breaker → how often it opened and closed.
    events: BTreeMap<String, (f64, f64)>,
}

#[derive(Default)]
struct StateSet {
    breaker: String,
    states: Vec<(Circuit, f64)>,
}

#[derive(Default)]
struct Details {
    failure_rate_percent: Option<f64>,
    buffered_calls: Option<f64>,
    not_permitted_calls: Option<f64>,
}

impl Page {
    fn add_state(&mut self, sample: &Sample<'_>) {
        let is_state = |key: &str| key == "state" || key == sample.name;
        let Some((state_label, word)) = sample.labels.iter().find(|(key, _)| is_state(key)) else {
            return;
        };
        let is_count = ["_total", "_count", "_sum", "_created", "_bucket"]
            .iter()
            .any(|it| sample.name.ends_with(it));
        let Some(circuit) = circuit_word(word).filter(|_| !is_count) else {
            return;
        };
        let others = || sample.labels.iter().filter(|(key, _)| key != state_label);
        let mut identity = String::new();
        for (key, value) in others() {
            identity.extend([key, "=", value, "\n"]);
        }
        let key = (sample.name.to_string(), identity);
        if self.sets.len() == MAX_SETS && !self.sets.contains_key(&key) {
            return;
        }
        let set = self.sets.entry(key).or_default();
        if set.breaker.is_empty() {
            let named = NAME_LABELS.iter().find_map(|it| sample.label(it));
            let fallback = || {
                let values: Vec<_> = others().map(|(_, it)| it.as_ref()).collect();
                values.join(" ")
            };
            set.breaker = named.map_or_else(fallback, str::to_owned);
            if set.breaker.is_empty() {
                set.breaker = sample.name.to_string();
            }
        }
        // A set has a handful of states; more of them cannot be one.
        if set.states.len() < 16 {
            set.states.push((circuit, sample.value));
        }
    }

    fn add_detail(&mut self, sample: &Sample<'_>) {
        let Some((_, what)) = sample.name.rsplit_once("circuitbreaker_") else {
            return;
        };
        let Some(name) = sample.label("name") else {
            return;
        };
        let is_known = sample.value.is_finite() && sample.value >= 0.0;
        if !is_known || (self.details.len() == MAX_SETS && !self.details.contains_key(name)) {
            return;
        }
        let is_refusal = sample.label("kind") == Some("not_permitted");
        let details = self.details.entry(name.to_owned()).or_default();
        match what {
            "failure_rate" => details.failure_rate_percent = Some(sample.value),
            "buffered_calls" => *details.buffered_calls.get_or_insert(0.0) += sample.value,
            "not_permitted_calls_total" => details.not_permitted_calls = Some(sample.value),
            "calls_total" if is_refusal => details.not_permitted_calls = Some(sample.value),
            _ => {}
        }
    }

    fn add_event(&mut self, sample: &Sample<'_>) {
        if sample.name != "circuit" {
            return;
        }
        let (Some(name), Some(event)) = (sample.label("name"), sample.label("event")) else {
            return;
        };
        if self.events.len() == MAX_SETS && !self.events.contains_key(name) {
            return;
        }
        let (opened, closed) = self.events.entry(name.to_owned()).or_default();
        match event {
            "open" => *opened = sample.value,
            "close" => *closed = sample.value,
            _ => {}
        }
    }

    fn breakers(&self) -> BTreeMap<String, BreakerReading> {
        let mut breakers: BTreeMap<String, BreakerReading> = BTreeMap::new();
        for ((metric, _), set) in &self.sets {
            let Some(circuit) = set.circuit(metric) else {
                continue;
            };
            let reading = BreakerReading::new(&set.breaker, circuit);
            let kept = breakers
                .entry(reading.name.clone())
                .or_insert_with(|| reading.clone());
            if circuit.severity() > kept.circuit.severity() {
                *kept = reading;
            }
        }
        for (name, &(opened, closed)) in &self.events {
            let reading = BreakerReading {
                confidence: Confidence::Inferred,
                ..BreakerReading::new(name, by_events(opened, closed))
            };
            breakers.entry(reading.name.clone()).or_insert(reading);
        }
        for (name, details) in &self.details {
            if let Some(reading) = breakers.get_mut(&display_text(name)) {
                let rate = details.failure_rate_percent.filter(|it| *it <= 100.0);
                reading.failure_rate_percent = rate;
                reading.buffered_calls = details.buffered_calls.map(|it| it as u32);
                reading.not_permitted_calls = details.not_permitted_calls.map(|it| it as u64);
            }
        }
        breakers
    }
}

impl StateSet {
    /// The state that is 1; `None` if this is no set of breaker states.
    fn circuit(&self, metric: &str) -> Option<Circuit> {
        let is = |it: f64, bit: f64| it.total_cmp(&bit).is_eq();
        let is_bit = |it: f64| is(it, 0.0) || is(it, 1.0);
        let has = |circuit| self.states.iter().any(|(it, _)| *it == circuit);
        let is_named = metric.contains("circuit") || metric.contains("breaker");
        let is_complete = has(Circuit::Closed) && has(Circuit::Open) && has(Circuit::HalfOpen);
        if !(is_named || is_complete) || !self.states.iter().all(|(_, it)| is_bit(*it)) {
            return None;
        }
        let mut set = self.states.iter().filter(|(_, it)| is(*it, 1.0));
        Some(match (set.next(), set.next()) {
            (Some((circuit, _)), None) => *circuit,
            _ => Circuit::Unknown,
        })
    }
}

/// Half-open is not counted there, so what once opened and never closed is only known
/// not to be closed; one that opened more often than it closed may have done either.
fn by_events(opened: f64, closed: f64) -> Circuit {
    if opened.total_cmp(&closed).is_eq() {
        Circuit::Closed
    } else if opened > 0.0 && closed == 0.0 {
        Circuit::NotClosed
    } else {
        Circuit::Unknown
    }
}
