//! opossum-prometheus: counters of a breaker's events, and no state.
//!
//! `halfOpen` is counted only where the program itself listens to it. What once opened and
//! never closed is then only known not to be closed.

use super::{
    super::{BreakerReading, Evidence},
    Dialect, Found, Picks, Sample,
    found::{Named, count},
};

pub(super) const DIALECT: Dialect = Dialect {
    title: "opossum-prometheus",
    looks_like: r#"circuit{name="bank",event="open"} 1"#,
    tested_against: "opossum-prometheus 0.3 with opossum 9.0, running",
    start: |_| Box::<Opossum>::default(),
};

#[derive(Default)]
struct Opossum(Named<Events>);

#[derive(Default)]
struct Events {
    opened: f64,
    half_opened: Option<f64>,
    closed: f64,
    refused: Option<u64>,
}

impl Picks for Opossum {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        // A program may put a prefix before the name.
        let name = sample.name.strip_suffix("_total").unwrap_or(&sample.name);
        if name != "circuit" && !name.ends_with("_circuit") {
            return false;
        }
        let (Some(name), Some(event), Some(value)) = (
            sample.label("name"),
            sample.label("event"),
            count(sample.value),
        ) else {
            return false;
        };
        if let Some(events) = self.0.of(name) {
            match event {
                "open" => events.opened = value,
                "close" => events.closed = value,
                "halfOpen" => events.half_opened = Some(value),
                "reject" => events.refused = Some(value as u64),
                _ => {}
            }
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (name, events) in self.0.iter() {
            let evidence = Evidence::Events {
                opened: events.opened,
                half_opened: events.half_opened,
                closed: events.closed,
            };
            found.breaker(BreakerReading {
                not_permitted_calls: events.refused,
                ..BreakerReading::inferred(name, evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::{
        Confidence,
        format::metrics::tests::{read, told},
    };

    #[test]
    fn events_allow_a_guess_that_says_so() {
        let page = "circuit{name=\"bank\",event=\"fire\"} 4\ncircuit{name=\"bank\",event=\"open\"} 1\n\
                    circuit{name=\"bank\",event=\"reject\"} 7\ncircuit{name=\"mail\",event=\"fire\"} 4\n\
                    circuit_perf{name=\"mail\",event=\"success\",quantile=\"0.5\"} 4\n\
                    app_circuit{name=\"tax\",event=\"open\"} 3\napp_circuit{name=\"tax\",event=\"close\"} 1\n";
        assert_eq!(told(page), "bank:NotClosed mail:Closed tax:Unknown");
        let bank = read(page).breakers.remove(0);
        assert_eq!(bank.confidence, Confidence::Inferred);
        assert_eq!(bank.not_permitted_calls, Some(7));
    }

    #[test]
    fn a_circuit_of_something_else_is_none() {
        assert_eq!(told("circuit{name=\"main\"} 1\ncircuit 3\n"), "");
    }
}
