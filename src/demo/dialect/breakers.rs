//! Breakers as JSON: Python's circuitbreaker and Node's opossum.

use serde_json::{Value, json};

use super::{Answer, BreakerDialect, BreakerReport, Report, State, spring};

/// The path at which a service tells of its breakers, if it does so as JSON, and
/// what it answers there.
pub(in crate::demo) fn breakers(
    dialect: BreakerDialect,
    report: &Report,
) -> Option<(&'static str, Answer)> {
    match dialect {
        BreakerDialect::None | BreakerDialect::StateSet => None,
        BreakerDialect::Resilience4j => {
            Some(("/actuator/circuitbreakers", spring::breakers(report)))
        }
        BreakerDialect::Words => Some(("/breakers", list(report, words))),
        BreakerDialect::Opossum => Some(("/breakers", list(report, opossum))),
    }
}

fn list(report: &Report, one: fn(&BreakerReport) -> Value) -> Answer {
    let all: Vec<_> = report.breakers.iter().map(one).collect();
    Answer::json(200, &Value::Array(all))
}

fn words(breaker: &BreakerReport) -> Value {
    let state = match breaker.state {
        State::Closed => "closed",
        State::Open => "open",
        State::HalfOpen => "half_open",
    };
    json!({
        "name": breaker.name,
        "state": state,
        "failure_count": breaker.counts.failed,
    })
}

fn opossum(breaker: &BreakerReport) -> Value {
    json!({
        "state": {
            "name": breaker.name,
            "enabled": true,
            "closed": breaker.state == State::Closed,
            "open": breaker.state == State::Open,
            "halfOpen": breaker.state == State::HalfOpen,
            "warmUp": false,
            "shutdown": false,
        },
        "status": {
            "failures": breaker.counts.failed,
            "successes": breaker.counts.buffered - breaker.counts.failed,
            "rejects": breaker.counts.not_permitted,
            "fires": breaker.counts.buffered,
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{BreakerDialect, State, breakers};
    use crate::demo::dialect::{Condition, testing::report};

    #[test]
    fn each_dialect_has_its_own_word_for_half_open() {
        let report = report(Condition::Up, State::HalfOpen);
        let body = |dialect| -> Value {
            let (_, answer) = breakers(dialect, &report).unwrap();
            serde_json::from_str(&answer.body).unwrap()
        };
        assert_eq!(body(BreakerDialect::Words)[0]["state"], "half_open");
        assert_eq!(body(BreakerDialect::Opossum)[0]["state"]["halfOpen"], true);
        assert!(breakers(BreakerDialect::StateSet, &report).is_none());
    }
}
