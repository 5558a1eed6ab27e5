//! Metrics as text: requests, and breakers as an `OpenMetrics` state set or under
//! the names of Resilience4j.

use super::{Answer, BreakerDialect, Report, State};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The path at which a service shows its metrics, and what it answers there.
pub(in crate::demo) fn metrics(dialect: BreakerDialect, report: &Report) -> (&'static str, Answer) {
    let (answered, failed) = report.requests;
    if dialect == BreakerDialect::Resilience4j {
        let mut body = format!(
            "# TYPE http_server_requests_seconds_count counter\n\
             http_server_requests_seconds_count{{outcome=\"SUCCESS\",}} {answered}\n\
             http_server_requests_seconds_count{{outcome=\"SERVER_ERROR\",}} {failed}\n\
             # TYPE resilience4j_circuitbreaker_state gauge\n"
        );
        for breaker in &report.breakers {
            for (state, label) in [
                (State::Closed, "closed"),
                (State::Open, "open"),
                (State::HalfOpen, "half_open"),
            ] {
                let value = f64::from(u8::from(breaker.state == state));
                body.push_str(&format_series(
                    "resilience4j_circuitbreaker_state",
                    &[("name", &breaker.name), ("state", label)],
                    value,
                ));
            }
        }
        return ("/actuator/prometheus", text(PROMETHEUS, body));
    }
    let mut body = format!(
        "# TYPE requests counter\n\
         requests_total{{outcome=\"success\"}} {answered}\n\
         requests_total{{outcome=\"error\"}} {failed}\n"
    );
    if !report.breakers.is_empty() {
        body.push_str("# TYPE circuit_state stateset\n");
    }
    for breaker in &report.breakers {
        for state in [State::Closed, State::Open, State::HalfOpen] {
            let value = f64::from(u8::from(breaker.state == state));
            body.push_str(&format_series(
                "circuit_state",
                &[("circuit_state", state.label()), ("name", &breaker.name)],
                value,
            ));
        }
    }
    body.push_str("# EOF\n");
    ("/metrics", text(OPEN_METRICS, body))
}

fn text(content_type: &'static str, body: String) -> Answer {
    Answer {
        code: 200,
        content_type,
        body,
    }
}

/// One line; names of breakers are ids, so that nothing needs escaping.
fn format_series(family: &str, labels: &[(&str, &str)], value: f64) -> String {
    let labels: Vec<_> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    format!("{family}{{{}}} {value:.1}\n", labels.join(","))
}

#[cfg(test)]
mod tests {
    use super::{BreakerDialect, State, metrics};
    use crate::demo::dialect::{Condition, testing::report};

    #[test]
    fn exactly_one_state_of_a_breaker_is_one() {
        let report = report(Condition::Up, State::Open);
        let (path, answer) = metrics(BreakerDialect::StateSet, &report);
        assert_eq!(path, "/metrics");
        let states: Vec<_> = answer
            .body
            .lines()
            .filter(|it| it.starts_with("circuit_state"))
            .collect();
        assert_eq!(
            states,
            [
                r#"circuit_state{circuit_state="closed",name="bank"} 0.0"#,
                r#"circuit_state{circuit_state="open",name="bank"} 1.0"#,
                r#"circuit_state{circuit_state="half-open",name="bank"} 0.0"#,
            ]
        );
        assert!(answer.body.ends_with("# EOF\n"));
    }

    #[test]
    fn spring_shows_the_states_under_the_names_of_resilience4j() {
        let report = report(Condition::Up, State::HalfOpen);
        let (path, answer) = metrics(BreakerDialect::Resilience4j, &report);
        assert_eq!(path, "/actuator/prometheus");
        let line = r#"resilience4j_circuitbreaker_state{name="bank",state="half_open"} 1.0"#;
        assert!(answer.body.contains(line), "{}", answer.body);
    }
}
