//! `MicroProfile` Fault Tolerance: how long each breaker was in each state, a counter that
//! grows for the state it is in. `SmallRye` adds `state_current`, which is read as a label.
//!
//! Servers put `base_` or `application_` before the names and units behind them.

use super::{
    super::{BreakerReading, Evidence, words::circuit_word},
    Dialect, Found, Picks, Sample,
    found::{Named, count},
};
use crate::monitor::Circuit;

pub(super) const DIALECT: Dialect = Dialect {
    title: "MicroProfile Fault Tolerance",
    looks_like: r#"ft_circuitbreaker_state_total{method="a.B.c",state="open"} 12"#,
    tested_against: "written after its specification",
    start: |_| Box::<MicroProfile>::default(),
};

#[derive(Default)]
struct MicroProfile(Named<Breaker>);

#[derive(Default)]
struct Breaker {
    open: f64,
    half_open: f64,
    closed: f64,
    has_times: bool,
    refused: Option<f64>,
}

impl Picks for MicroProfile {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        let name = sample.name.strip_prefix("base_");
        let name = name.or_else(|| sample.name.strip_prefix("application_"));
        let name = name.unwrap_or(&sample.name);
        let Some(what) = name.strip_prefix("ft_circuitbreaker_") else {
            return false;
        };
        if what.starts_with("state_current") {
            return false;
        }
        let (Some(method), Some(value)) = (sample.label("method"), count(sample.value)) else {
            return true;
        };
        let result = sample.label("circuitBreakerResult");
        let state = sample.label("state").and_then(circuit_word);
        if what.starts_with("state_total") && !what.ends_with("_created") {
            if let (Some(state), Some(breaker)) = (state, self.0.of(method)) {
                breaker.has_times = true;
                match state {
                    Circuit::Open => breaker.open = value,
                    Circuit::HalfOpen => breaker.half_open = value,
                    Circuit::Closed => breaker.closed = value,
                    _ => {}
                }
            }
        } else if what.starts_with("calls_total")
            && result == Some("circuitBreakerOpen")
            && let Some(breaker) = self.0.of(method)
        {
            breaker.refused = Some(value);
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (name, breaker) in self.0.iter() {
            let evidence = match breaker.refused {
                _ if breaker.has_times => Evidence::TimeIn {
                    open: breaker.open,
                    half_open: breaker.half_open,
                    closed: breaker.closed,
                },
                Some(refused) => Evidence::Refusals(refused),
                None => continue,
            };
            found.breaker(BreakerReading::inferred(name, evidence));
            if let Some(reading) = found.known(name) {
                reading.not_permitted_calls = breaker.refused.map(|it| it as u64);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::{
        Circuit,
        format::{
            Evidence,
            metrics::tests::{read, told},
        },
    };

    #[test]
    fn times_in_states_are_evidence_and_a_state_that_is_told_counts_more() {
        let page = "base_ft_circuitbreaker_state_total_seconds{method=\"a.B.c\",state=\"closed\"} 9\n\
                    base_ft_circuitbreaker_state_total_seconds{method=\"a.B.c\",state=\"open\"} 4\n\
                    ft_circuitbreaker_calls_total{method=\"a.B.c\",circuitBreakerResult=\"circuitBreakerOpen\"} 5\n\
                    ft_circuitbreaker_state_total{method=\"a.B.d\",state=\"closed\"} 9\n\
                    ft_circuitbreaker_state_current{method=\"a.B.d\",state=\"open\"} 1\n\
                    ft_circuitbreaker_state_current{method=\"a.B.d\",state=\"closed\"} 0\n";
        assert_eq!(told(page), "a.B.c:Unknown a.B.d:Open");
        let breaker = read(page).breakers.remove(0);
        assert_eq!(breaker.not_permitted_calls, Some(5));
        let evidence = Evidence::TimeIn {
            open: 4.0,
            half_open: 0.0,
            closed: 9.0,
        };
        assert_eq!(breaker.evidence, Some(evidence));
    }

    #[test]
    fn where_only_calls_are_counted_those_that_were_refused_are_evidence() {
        let page = "ft_circuitbreaker_calls_total{method=\"a.B.c\",circuitBreakerResult=\"success\"} 5\n\
                    ft_circuitbreaker_calls_total{method=\"a.B.d\",circuitBreakerResult=\"circuitBreakerOpen\"} 5\n";
        let breakers = read(page).breakers;
        assert_eq!(breakers.len(), 1);
        assert_eq!(breakers[0].circuit, Circuit::Unknown);
        assert_eq!(breakers[0].evidence, Some(Evidence::Refusals(5.0)));
    }
}
