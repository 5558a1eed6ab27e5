//! Gauges that tell a state by a number, where a person wrote down what each number means.
//!
//! gobreaker counts closed, half-open, open; failsafe-go closed, open, half-open; Sentinel
//! open, half-open, closed; .NET unhealthy, degraded, healthy; the exporter of NGINX Plus
//! up, draining, down, unavail, checking, unhealthy from 1. So a number alone says nothing.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    super::{
        BreakerReading,
        words::{circuit_word, display_text, health_word},
    },
    Dialect, Found, Picks, Sample,
    found::{MAX_NAMES, breaker_name},
};
use crate::monitor::{Circuit, Health};

pub(super) const DIALECT: Dialect = Dialect {
    title: "gauges that tell a state by a number",
    looks_like: r#"gobreaker_state{name="bank"} 2, with breaker_gauges of the target"#,
    tested_against: "prometheus-client 0.26, running",
    start: |gauges| {
        Box::new(Gauges {
            gauges: gauges.clone(),
            read: Vec::new(),
        })
    },
};

/// Labels that name who is asked, and which instance of it.
const SERVICE_LABELS: [&str; 5] = ["upstream", "backend", "proxy", "cluster", "service"];
const ADDRESS_LABELS: [&str; 5] = ["server", "url", "address", "endpoint", "host"];

/// What the numbers of gauges mean: metric, then number and state.
#[derive(Debug, Clone, Default)]
pub struct GaugeStates(Arc<BTreeMap<String, Vec<(f64, Meaning)>>>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Meaning {
    Circuit(Circuit),
    Health(Health),
}

impl GaugeStates {
    /// Reads a target's map; also what is wrong with it, which leaves the rest usable.
    ///
    /// States are those of breakers (`closed`, `half-open`, `open`, `forced-open`,
    /// `disabled`, `metrics-only`, `not-closed`) or of health (`up`, `degraded`, `down`,
    /// `draining`, `checking`, …).
    pub fn new(map: &BTreeMap<String, BTreeMap<String, String>>) -> (Self, Option<String>) {
        let mut wrong = None;
        let mut states = BTreeMap::new();
        for (metric, numbers) in map {
            let mut known = Vec::new();
            for (number, word) in numbers {
                match (number.trim().parse::<f64>(), meaning(word)) {
                    (Ok(number), Some(meaning)) if number.is_finite() => {
                        known.push((number, meaning));
                    }
                    _ => {
                        let entry = display_text(&format!("{metric}: {number} = {word}"));
                        wrong = Some(format!(
                            "breaker_gauges cannot be read at {entry}; write a number and a state, such as 2 = open"
                        ));
                    }
                }
            }
            states.insert(metric.clone(), known);
        }
        (Self(Arc::new(states)), wrong)
    }

    /// What the numbers of this metric mean; `None` if nobody said so.
    fn numbers(&self, metric: &str) -> Option<&[(f64, Meaning)]> {
        self.0.get(metric).map(Vec::as_slice)
    }
}

fn meaning(word: &str) -> Option<Meaning> {
    let circuit = match word.trim() {
        "not-closed" | "not_closed" => Some(Circuit::NotClosed),
        other => circuit_word(other),
    };
    let health = Some(health_word(word)).filter(|it| *it != Health::Unknown);
    circuit
        .map(Meaning::Circuit)
        .or_else(|| health.map(Meaning::Health))
}

struct Gauges {
    gauges: GaugeStates,
    read: Vec<Read>,
}

enum Read {
    Breaker(BreakerReading),
    Instance(String, String, Health),
}

impl Picks for Gauges {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        let Some(numbers) = self.gauges.numbers(&sample.name) else {
            return false;
        };
        if self.read.len() >= MAX_NAMES {
            return true;
        }
        let name = breaker_name(sample, "");
        let is_number = |it: f64| (it - sample.value).abs() < 1e-9;
        let found = numbers.iter().find(|(it, _)| is_number(*it));
        self.read.push(match found.map(|(_, it)| *it) {
            Some(Meaning::Health(health)) => {
                let label = |names: &[&str]| names.iter().find_map(|it| sample.label(it));
                let service = label(&SERVICE_LABELS).unwrap_or(&name);
                let address = label(&ADDRESS_LABELS).unwrap_or(&name);
                Read::Instance(service.to_owned(), address.to_owned(), health)
            }
            Some(Meaning::Circuit(circuit)) => Read::Breaker(BreakerReading::new(&name, circuit)),
            None => Read::Breaker(BreakerReading {
                detail: format!("breaker_gauges does not say what {} means", sample.value),
                ..BreakerReading::new(&name, Circuit::Unknown)
            }),
        });
        true
    }

    fn finish(&self, found: &mut Found) {
        for it in &self.read {
            match it {
                Read::Breaker(reading) => found.breaker(reading.clone()),
                Read::Instance(service, address, health) => {
                    found.instance(service, address, *health, health.label());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::GaugeStates;
    use crate::monitor::format::metrics::tests::{told, told_with};

    fn states(entries: &[(&str, &[(&str, &str)])]) -> (GaugeStates, Option<String>) {
        let text = |(number, word): &(&str, &str)| ((*number).to_owned(), (*word).to_owned());
        let entries = entries.iter().map(|(metric, numbers)| {
            let numbers: BTreeMap<_, _> = numbers.iter().map(text).collect();
            ((*metric).to_owned(), numbers)
        });
        GaugeStates::new(&entries.collect())
    }

    #[test]
    fn a_number_is_a_state_only_where_a_person_said_so() {
        let page = "gobreaker_state{name=\"bank\"} 2\ngobreaker_state{name=\"tax\"} 0\n\
                    gobreaker_state{name=\"mail\"} 7\nother_state{name=\"x\"} 2\n";
        assert_eq!(told(page), "");
        let (gauges, wrong) = states(&[(
            "gobreaker_state",
            &[("0", "closed"), ("1", "half-open"), ("2.0", "open")],
        )]);
        assert_eq!(wrong, None);
        assert_eq!(
            told_with(&gauges, page),
            "bank:Open mail:Unknown(breaker_gauges does not say what 7 means) tax:Closed"
        );
    }

    #[test]
    fn the_codes_of_nginx_plus_tell_of_its_upstreams() {
        let page = "nginxplus_upstream_server_state{server=\"10.0.0.1:80\",upstream=\"orders\"} 1\n\
                    nginxplus_upstream_server_state{server=\"10.0.0.2:80\",upstream=\"orders\"} 6\n\
                    nginxplus_upstream_server_state{server=\"10.0.0.3:80\",upstream=\"tax\"} 4\n";
        let codes = [
            ("1", "up"),
            ("2", "draining"),
            ("3", "down"),
            ("4", "open"),
            ("5", "checking"),
            ("6", "unhealthy"),
        ];
        let (gauges, wrong) = states(&[("nginxplus_upstream_server_state", &codes)]);
        assert_eq!(wrong, None);
        assert_eq!(
            told_with(&gauges, page),
            "tax:Open orders/10.0.0.1:80=Up orders/10.0.0.2:80=Down"
        );
    }

    #[test]
    fn what_is_no_state_is_named_and_the_rest_still_counts() {
        let (gauges, wrong) = states(&[("a", &[("0", "banana"), ("1", "open")])]);
        assert!(wrong.unwrap().contains("a: 0 = banana"));
        assert_eq!(told_with(&gauges, "a{name=\"x\"} 1\n"), "x:Open");
    }
}
