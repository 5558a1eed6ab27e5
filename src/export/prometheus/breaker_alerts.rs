//! What somebody is woken for when breakers act.

use super::{
    alerts::{About, Alert, Series, Story, series},
    drawn, recording,
};

/// An alert about one breaker.
#[allow(clippy::too_many_arguments, reason = "an alert says as much")]
fn breaker(
    name: &'static str,
    expression: String,
    hold: &'static str,
    severity: &'static str,
    summary: &'static str,
    description: &'static str,
    series: Vec<Series>,
    minutes: u32,
) -> Alert {
    Alert {
        group: "breakers",
        name,
        expression,
        hold,
        severity,
        summary,
        description,
        story: Story {
            about: About::Breaker,
            series,
            keeps: &["name"],
            minutes,
        },
    }
}

/// Every alert about breakers.
pub(super) fn all() -> Vec<Alert> {
    let state = recording::STATE;
    vec![
        breaker(
            "CircuitBreakerOpen",
            format!("max without (state) (max_over_time({state}{{state=\"open\"}}[1m])) == 1"),
            "1m",
            "critical",
            "{{ $labels.service }} no longer calls {{ $labels.name }}",
            "The breaker has been open for more than a minute, but for trials in between.",
            vec![series(state, &[("state", "open")], "0x20", "1x20")],
            5,
        ),
        breaker(
            "CircuitBreakerHalfOpen",
            format!("max without (state) ({state}{{state=\"half_open\"}}) == 1"),
            "10m",
            "warning",
            "{{ $labels.service }} does not get back to {{ $labels.name }}",
            "The breaker has been half-open for ten minutes: nobody calls, or trials do not end.",
            vec![series(state, &[("state", "half_open")], "0x20", "1x20")],
            15,
        ),
        breaker(
            "CallsRejected",
            format!("{} > 0.1", recording::REJECTED),
            "5m",
            "warning",
            "{{ $labels.service }} refuses calls to {{ $labels.name }} by itself",
            "An open breaker or a full bulkhead has kept calls back for five minutes.",
            vec![series(recording::REJECTED, &[], "0x20", "3x20")],
            10,
        ),
        missing(),
    ]
}

fn missing() -> Alert {
    let state = recording::STATE;
    breaker(
        "CircuitBreakerMissing",
        format!(
            "max without (target) ({})\nunless on (service, name) {state}\nand on (service) up == 1",
            drawn::BREAKER
        ),
        "15m",
        "warning",
        "{{ $labels.service }} calls {{ $labels.name }} without the breaker that is drawn",
        "The service is up and tells nothing of this breaker: is it in the code, and named so?",
        vec![
            series(
                "up",
                &[("job", "job"), ("instance", "one:80")],
                "1x40",
                "1x40",
            ),
            series(state, &[("state", "closed")], "1x40", "_x40"),
        ],
        30,
    )
}
