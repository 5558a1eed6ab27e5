//! Spring Boot's actuator with Resilience4j: health and circuit breakers.

use serde_json::{Map, Value, json};

use super::{Answer, BreakerReport, Condition, Report, State, code_of};

/// `/actuator/health` with all details shown.
pub(super) fn health(report: &Report) -> Answer {
    let breakers: Map<_, _> = report
        .breakers
        .iter()
        .map(|it| {
            let status = match it.state {
                State::Closed => "UP",
                State::Open => "CIRCUIT_OPEN",
                State::HalfOpen => "CIRCUIT_HALF_OPEN",
            };
            let component = json!({ "status": status, "details": details(it) });
            (it.name.clone(), component)
        })
        .collect();
    let mut components = Map::new();
    for check in &report.checks {
        let component = json!({
            "status": status(check.condition),
            "details": { "output": check.output },
        });
        components.insert(check.name.clone(), component);
    }
    components.insert(
        "circuitBreakers".to_owned(),
        json!({ "status": "UNKNOWN", "details": breakers }),
    );
    components.insert("ping".to_owned(), json!({ "status": "UP" }));
    let body = json!({ "status": status(report.condition), "components": components });
    Answer {
        content_type: "application/vnd.spring-boot.actuator.v3+json",
        ..Answer::json(code_of(report.condition), &body)
    }
}

/// `/actuator/circuitbreakers`.
pub(super) fn breakers(report: &Report) -> Answer {
    let breakers: Map<_, _> = report
        .breakers
        .iter()
        .map(|it| (it.name.clone(), details(it)))
        .collect();
    Answer {
        content_type: "application/vnd.spring-boot.actuator.v3+json",
        ..Answer::json(200, &json!({ "circuitBreakers": breakers }))
    }
}

fn status(condition: Condition) -> &'static str {
    match condition {
        Condition::Up | Condition::Degraded => "UP",
        Condition::Down => "DOWN",
    }
}

fn details(breaker: &BreakerReport) -> Value {
    let state = match breaker.state {
        State::Closed => "CLOSED",
        State::Open => "OPEN",
        State::HalfOpen => "HALF_OPEN",
    };
    // -1 means fewer calls than the minimum.
    let rate = breaker.counts.failure_rate_percent.unwrap_or(-1.0);
    json!({
        "failureRate": format!("{rate:.1}%"),
        "slowCallRate": "0.0%",
        "failureRateThreshold": format!("{:.1}%", breaker.settings.failure_rate_percent),
        "slowCallRateThreshold": "100.0%",
        "bufferedCalls": breaker.counts.buffered,
        "failedCalls": breaker.counts.failed,
        "slowCalls": 0,
        "slowFailedCalls": 0,
        "notPermittedCalls": breaker.counts.not_permitted,
        "state": state,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Condition, State, breakers, health};
    use crate::demo::dialect::testing::report;

    #[test]
    fn the_state_of_a_breaker_is_in_health_and_in_its_own_endpoint() {
        let report = report(Condition::Down, State::HalfOpen);
        let health: Value = serde_json::from_str(&health(&report).body).unwrap();
        let in_health = &health["components"]["circuitBreakers"]["details"]["bank"];
        assert_eq!(in_health["status"], "CIRCUIT_HALF_OPEN");
        assert_eq!(in_health["details"]["state"], "HALF_OPEN");

        let endpoint: Value = serde_json::from_str(&breakers(&report).body).unwrap();
        let breaker = &endpoint["circuitBreakers"]["bank"];
        assert_eq!(breaker["state"], "HALF_OPEN");
        assert_eq!(breaker["failureRate"], "60.0%");
        assert_eq!(breaker["notPermittedCalls"], 7);
    }
}
