//! Sentinel's Prometheus exporter: calls a second of each resource, by what became of them.
//!
//! The state of a breaker is not on the wire, and neither is which rule blocked a call: a
//! limit of calls blocks just as a breaker does. So what is told is inferred and says so.

use super::{
    super::BreakerReading,
    Dialect, Found, Picks, Sample,
    found::{Named, count},
};
use crate::monitor::{Circuit, Confidence};

pub(super) const DIALECT: Dialect = Dialect {
    title: "Sentinel",
    looks_like: r#"shop{resource="bank",classification="0",type="blockQps"} 3"#,
    tested_against: "written after its sources",
    start: |_| Box::<Sentinel>::default(),
};

#[derive(Default)]
struct Sentinel(Named<Rates>);

#[derive(Default)]
struct Rates {
    passed: f64,
    blocked: f64,
}

impl Picks for Sentinel {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        // The metric is named like the program, so its labels have to tell.
        let (Some(resource), Some(_), Some(what)) = (
            sample.label("resource"),
            sample.label("classification"),
            sample.label("type"),
        ) else {
            return false;
        };
        if let (Some(value), Some(rates)) = (count(sample.value), self.0.of(resource)) {
            match what {
                "passQps" => rates.passed = value,
                "blockQps" => rates.blocked = value,
                _ => {}
            }
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (name, rates) in self.0.iter() {
            let (circuit, detail) = if rates.blocked > 0.0 {
                let detail = format!("a rule blocks {} calls a second", rates.blocked);
                (Circuit::NotClosed, detail)
            } else if rates.passed > 0.0 {
                (Circuit::Closed, "calls pass".to_owned())
            } else {
                (Circuit::Unknown, "no calls".to_owned())
            };
            found.breaker(BreakerReading {
                confidence: Confidence::Inferred,
                detail,
                ..BreakerReading::new(name, circuit)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::format::metrics::tests::told;

    #[test]
    fn what_blocks_calls_is_not_closed() {
        let page = "shop{resource=\"bank\",classification=\"0\",type=\"passQps\"} 2\n\
                    shop{resource=\"bank\",classification=\"0\",type=\"blockQps\"} 3\n\
                    shop{resource=\"mail\",classification=\"0\",type=\"passQps\"} 2\n\
                    shop{resource=\"tax\",classification=\"0\",type=\"rt\"} 2\n";
        assert_eq!(
            told(page),
            "bank:NotClosed(a rule blocks 3 calls a second) mail:Closed(calls pass) tax:Unknown(no calls)"
        );
    }
}
