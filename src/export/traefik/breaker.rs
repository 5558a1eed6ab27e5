//! A drawn breaker in Traefik's words.

use crate::{
    export::{
        bundle::{USUAL_LIMITS, duration},
        yaml::{Map, Value},
    },
    model::Breaker,
};

/// Percent of failed answers where a breaker says nothing that Traefik can count.
pub(super) const USUAL_PERCENT: f64 = 50.0;
/// Milliseconds a breaker stays open where it does not say.
const USUAL_OPEN_MS: u64 = 30_000;

/// The share of failed answers that opens it, in percent, if it says one.
pub(super) fn failure_percent(breaker: &Breaker) -> Option<f64> {
    breaker.failure_rate_percent.filter(|it| is_share(*it))
}

/// From how many milliseconds on an answer is slow, and the percent of slow ones that
/// opens it.
fn slow(breaker: &Breaker) -> Option<(u64, f64)> {
    let ms = breaker.slow_call_ms.filter(|it| is_counted(*it))?;
    let percent = breaker.slow_call_rate_percent.unwrap_or(100.0);
    is_share(percent).then_some((ms, percent))
}

/// How long it stays open.
pub(super) fn open_ms(breaker: &Breaker) -> u64 {
    breaker
        .open_ms
        .filter(|it| is_counted(*it))
        .unwrap_or(USUAL_OPEN_MS)
}

/// The settings of Traefik's circuit breaker.
pub(super) fn settings(breaker: &Breaker) -> Map {
    let open = duration(open_ms(breaker));
    let mut settings = Map::default();
    settings.set_with_comment(
        "expression",
        expression(breaker),
        "Counted over the last ten seconds; 502 and 504 are those of a service that is gone or slow.",
    );
    settings.set("checkPeriod", "100ms");
    settings.set("fallbackDuration", open.clone());
    settings.set_with_comment(
        "recoveryDuration",
        open,
        "Half-open: a growing share of the calls is let through.",
    );
    settings.set("responseCode", Value::Int(503));
    settings
}

fn expression(breaker: &Breaker) -> String {
    let slow = slow(breaker);
    let failed = match (failure_percent(breaker), slow) {
        (None, Some(_)) if breaker.consecutive_failures.is_none() => None,
        (percent, _) => Some(percent.unwrap_or(USUAL_PERCENT)),
    };
    let failed = failed.map(|it| {
        format!(
            "ResponseCodeRatio(500, 600, 0, 600) >= {}",
            float(it / 100.0)
        )
    });
    // So many percent are slow exactly if the rest is where the quick ones end.
    let slow = slow
        .map(|(ms, percent)| format!("LatencyAtQuantileMS({}) >= {ms}", float(100.0 - percent)));
    let parts: Vec<_> = failed.into_iter().chain(slow).collect();
    parts.join(" || ")
}

fn is_share(percent: f64) -> bool {
    percent > 0.0 && percent <= 100.0
}

fn is_counted(ms: u64) -> bool {
    (1..=USUAL_LIMITS.timeout_ms).contains(&ms)
}

/// A number with a point, without the last digits that only arithmetic made.
fn float(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0');
    if text.ends_with('.') {
        format!("{text}0")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::expression;
    use crate::model::Breaker;

    #[test]
    fn shares_become_ratios_and_quantiles() {
        let both = Breaker {
            failure_rate_percent: Some(37.7),
            slow_call_ms: Some(541),
            slow_call_rate_percent: Some(63.25),
            ..Breaker::default()
        };
        assert_eq!(
            expression(&both),
            "ResponseCodeRatio(500, 600, 0, 600) >= 0.377 || LatencyAtQuantileMS(36.75) >= 541"
        );
        let slow = Breaker {
            slow_call_ms: Some(9),
            ..Breaker::default()
        };
        assert_eq!(expression(&slow), "LatencyAtQuantileMS(0.0) >= 9");
        let odd = Breaker {
            failure_rate_percent: Some(f64::NAN),
            ..Breaker::default()
        };
        assert_eq!(
            expression(&odd),
            "ResponseCodeRatio(500, 600, 0, 600) >= 0.5"
        );
    }
}
