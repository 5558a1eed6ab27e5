//! Resilience4j through Micrometer: what surrounds the state, which is a label and read
//! as such. `-1` means that too few calls were made to know a rate. A program that renamed
//! its state series still counts the calls it refused.

use super::{
    super::{BreakerReading, Evidence},
    Dialect, Found, Picks, Sample,
    found::{Named, count},
};

pub(super) const DIALECT: Dialect = Dialect {
    title: "Resilience4j",
    looks_like: r#"resilience4j_circuitbreaker_state{name="bank",state="open"} 1"#,
    tested_against: "Resilience4j 2.4 with Micrometer 1.15, running, in both text formats",
    start: |_| Box::<Resilience4j>::default(),
};

#[derive(Default)]
struct Resilience4j(Named<Details>);

#[derive(Default)]
struct Details {
    failure_rate_percent: Option<f64>,
    buffered_calls: Option<f64>,
    not_permitted_calls: Option<f64>,
}

impl Picks for Resilience4j {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        let Some((_, what)) = sample.name.rsplit_once("circuitbreaker_") else {
            return false;
        };
        let (Some(name), Some(value)) = (sample.label("name"), count(sample.value)) else {
            return false;
        };
        let is_known = match what {
            "failure_rate" | "buffered_calls" | "not_permitted_calls_total" => true,
            "calls_total" => sample.label("kind") == Some("not_permitted"),
            _ => false,
        };
        if !is_known {
            return false;
        }
        if let Some(details) = self.0.of(name) {
            match what {
                "failure_rate" => details.failure_rate_percent = Some(value),
                "buffered_calls" => *details.buffered_calls.get_or_insert(0.0) += value,
                _ => details.not_permitted_calls = Some(value),
            }
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (name, details) in self.0.iter() {
            if found.known(name).is_none() {
                let Some(refused) = details.not_permitted_calls else {
                    continue;
                };
                let evidence = Evidence::Refusals(refused);
                found.breaker(BreakerReading::inferred(name, evidence));
            }
            if let Some(reading) = found.known(name) {
                let rate = details.failure_rate_percent.filter(|it| *it <= 100.0);
                reading.failure_rate_percent = rate;
                reading.buffered_calls = details.buffered_calls.map(|it| it as u32);
                reading.not_permitted_calls = details.not_permitted_calls.map(|it| it as u64);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::{
        Circuit, Confidence,
        format::{Evidence, metrics::tests::read},
    };

    #[test]
    fn rates_and_counts_stand_beside_the_state() {
        let page = concat!(
            "resilience4j_circuitbreaker_state{name=\"bank\",state=\"open\",} 1.0\n",
            "resilience4j_circuitbreaker_state{name=\"bank\",state=\"closed\",} 0.0\n",
            "resilience4j_circuitbreaker_state{name=\"bank\",} 1.0\n",
            "resilience4j_circuitbreaker_failure_rate{name=\"bank\",} 60.0\n",
            "resilience4j_circuitbreaker_failure_rate{name=\"tax\",} -1.0\n",
            "resilience4j_circuitbreaker_state{name=\"tax\",state=\"disabled\",} 1.0\n",
            "resilience4j_circuitbreaker_buffered_calls{kind=\"failed\",name=\"bank\",} 6.0\n",
            "resilience4j_circuitbreaker_buffered_calls{kind=\"successful\",name=\"bank\",} 4.0\n",
            "resilience4j_circuitbreaker_not_permitted_calls_total{kind=\"not_permitted\",name=\"bank\",} 3.0\n",
        );
        let breakers = read(page).breakers;
        let [bank, tax] = &breakers[..] else {
            panic!("{breakers:?}");
        };
        assert_eq!(
            (bank.circuit, bank.confidence),
            (Circuit::Open, Confidence::Reported)
        );
        assert_eq!(bank.failure_rate_percent, Some(60.0));
        assert_eq!(bank.buffered_calls, Some(10));
        assert_eq!(bank.not_permitted_calls, Some(3));
        assert_eq!(
            (tax.circuit, tax.failure_rate_percent),
            (Circuit::Disabled, None)
        );
    }

    #[test]
    fn without_a_state_series_refused_calls_are_evidence() {
        let page = "resilience4j_circuitbreaker_not_permitted_calls_total{name=\"bank\"} 3\n";
        let breaker = read(page).breakers.remove(0);
        assert_eq!(breaker.circuit, Circuit::Unknown);
        assert_eq!(breaker.evidence, Some(Evidence::Refusals(3.0)));
    }
}
