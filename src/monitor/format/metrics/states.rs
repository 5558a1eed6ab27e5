//! Breakers whose state is a *label* of a series that is 0 or 1: Resilience4j, state sets
//! of `OpenMetrics`, `Enum` of Python's client, `state_current` of `SmallRye`, and whoever else
//! does as they do.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::{
    super::{BreakerReading, words::circuit_word},
    Dialect, Found, Picks, Sample,
    found::{MAX_NAMES, bit, breaker_name},
};
use crate::monitor::Circuit;

pub(super) const DIALECT: Dialect = Dialect {
    title: "states as labels",
    looks_like: r#"circuit_breaker_state{name="bank",state="half_open"} 1, and 0 for the others"#,
    tested_against: "prometheus-client 0.26, running; Resilience4j 2.4, running",
    start: |_| Box::<States>::default(),
};

/// Labels whose value is a state; also one that is named like its metric.
const STATE_LABELS: [&str; 6] = [
    "state",
    "status",
    "circuit_state",
    "breaker_state",
    "circuit_breaker_state",
    "circuitbreaker_state",
];

/// Endings of metrics that count, where no `# TYPE` says so.
const COUNTS: [&str; 5] = ["_total", "_count", "_sum", "_created", "_bucket"];

/// A set has a handful of states; more of them cannot be one.
const MAX_STATES: usize = 16;

#[derive(Default)]
struct States {
    /// Metric and labels apart from the state, as one number → the states with their values.
    sets: BTreeMap<u64, StateSet>,
}

struct StateSet {
    breaker: String,
    /// Whether the metric's name speaks of breakers.
    is_named: bool,
    states: Vec<(Circuit, f64)>,
}

impl Picks for States {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        let is_state = |key: &str| STATE_LABELS.contains(&key) || key == sample.name;
        let Some((state_label, word)) = sample.labels.iter().find(|(key, _)| is_state(key)) else {
            return false;
        };
        let is_count = sample.kind.is_count() || COUNTS.iter().any(|it| sample.name.ends_with(it));
        let Some(circuit) = circuit_word(word).filter(|_| !is_count) else {
            return false;
        };
        let key = identity(sample, state_label);
        if self.sets.len() >= MAX_NAMES && !self.sets.contains_key(&key) {
            return true;
        }
        let set = self.sets.entry(key).or_insert_with(|| StateSet {
            breaker: breaker_name(sample, state_label),
            is_named: sample.name.contains("circuit") || sample.name.contains("breaker"),
            states: Vec::new(),
        });
        // The same series again is a later value of it.
        if let Some((_, value)) = set.states.iter_mut().find(|(it, _)| *it == circuit) {
            *value = sample.value;
        } else if set.states.len() < MAX_STATES {
            set.states.push((circuit, sample.value));
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for set in self.sets.values() {
            if let Some(circuit) = set.circuit() {
                found.breaker(BreakerReading::new(&set.breaker, circuit));
            }
        }
    }
}

/// What tells one set from another, however long its labels are.
fn identity(sample: &Sample<'_>, state_label: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    sample.name.hash(&mut hasher);
    for (key, value) in &sample.labels {
        if key != state_label {
            (key, value).hash(&mut hasher);
        }
    }
    hasher.finish()
}

impl StateSet {
    /// The state that is 1; `None` if this is no set of breaker states.
    fn circuit(&self) -> Option<Circuit> {
        let has = |circuit| self.states.iter().any(|(it, _)| *it == circuit);
        let is_complete = has(Circuit::Closed) && has(Circuit::Open) && has(Circuit::HalfOpen);
        let are_bits = self.states.iter().all(|(_, it)| bit(*it).is_some());
        if !(self.is_named || is_complete) || !are_bits {
            return None;
        }
        let mut set = self.states.iter().filter(|(_, it)| bit(*it) == Some(true));
        Some(match (set.next(), set.next()) {
            (Some((circuit, _)), None) => *circuit,
            _ => Circuit::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::format::metrics::tests::told;

    #[test]
    fn state_sets_and_gauges_with_a_state_label_are_read() {
        let page = "# TYPE bank_breaker stateset\n\
                    bank_breaker{bank_breaker=\"closed\",name=\"bank\"} 0\n\
                    bank_breaker{bank_breaker=\"open\",name=\"bank\"} 1\n\
                    bank_breaker{bank_breaker=\"half-open\",name=\"bank\"} 0\n\
                    cb{circuit_state=\"CLOSED\",name=\"tax\"} 1\n\
                    cb{circuit_state=\"OPEN\",name=\"tax\"} 0\n\
                    cb{circuit_state=\"HALF_OPEN\",name=\"tax\"} 0\n\
                    ft_circuitbreaker_state_current{method=\"a.B.c\",state=\"halfOpen\"} 1\n\
                    {\"my.circuit.state\",status=\"forced_open\",name=\"mail\"} 1\n";
        assert_eq!(
            told(page),
            "a.B.c:HalfOpen bank:Open mail:ForcedOpen tax:Closed"
        );
    }

    #[test]
    fn doors_links_and_counters_are_no_breakers() {
        let page = "door{state=\"open\"} 1\ndoor{state=\"closed\"} 0\n\
                    # TYPE circuit_changes counter\ncircuit_changes{state=\"open\"} 1\n\
                    breaker_state_total{name=\"x\",state=\"open\"} 1\n\
                    circuit_seconds{state=\"open\"} 12.5\n\
                    haproxy_listener_status{listener=\"a\",state=\"OPEN\"} 1\n";
        assert_eq!(told(page), "");
    }

    #[test]
    fn a_set_without_one_state_that_holds_is_unknown_and_the_last_value_counts() {
        let page = "breaker_state{name=\"both\",state=\"open\"} 1\n\
                    breaker_state{name=\"both\",state=\"closed\"} 1\n\
                    breaker_state{name=\"none\",state=\"open\"} 0\n\
                    breaker_state{name=\"twice\",state=\"open\"} 1 1\n\
                    breaker_state{name=\"twice\",state=\"closed\"} 0 1\n\
                    breaker_state{name=\"twice\",state=\"open\"} 0 2\n\
                    breaker_state{name=\"twice\",state=\"closed\"} 1 2\n";
        assert_eq!(told(page), "both:Unknown none:Unknown twice:Closed");
    }

    #[test]
    fn of_several_threads_or_pods_the_worst_counts() {
        let page = "breaker_state{name=\"a\",pod=\"1\",state=\"closed\"} 1\n\
                    breaker_state{name=\"a\",pod=\"2\",state=\"open\"} 1\n";
        assert_eq!(told(page), "a:Open");
    }
}
