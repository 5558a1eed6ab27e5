//! Resilience4j's settings for Spring Boot: one instance of each kind for each call.

use std::collections::BTreeSet;

use crate::{
    export::{
        bundle::{self, Named},
        yaml::{Map, Value},
    },
    model::{Breaker, Dependency, Model, Retries, ServiceId},
};

/// Errors that are neither failure nor success: the caller's own mistakes.
const CALLERS_FAULT: &str = "org.springframework.web.client.HttpClientErrorException";
/// What a full bulkhead and an open breaker throw: nobody was called.
const BULKHEAD_IS_FULL: &str = "io.github.resilience4j.bulkhead.BulkheadFullException";
const BREAKER_IS_OPEN: &str = "io.github.resilience4j.circuitbreaker.CallNotPermittedException";
/// The file of a service, and what a reader should know of it.
pub(super) fn settings(model: &Model, id: &ServiceId) -> (String, Vec<String>) {
    let mut kinds: [(&str, Map); 4] =
        ["circuitbreaker", "retry", "timelimiter", "bulkhead"].map(|it| (it, Map::default()));
    let mut notes = Vec::new();
    let mut names = BTreeSet::new();
    for it in bundle::named(model, id) {
        let call = it.dependency;
        if !bundle::is_protected(call) {
            continue;
        }
        let name = instance(&it, &mut names, &mut notes);
        let target = model.services.get(&call.to);
        let is_http = target.is_some_and(|it| bundle::speaks_http(it, call));
        let said = [
            call.breaker.as_ref().map(|it| breaker(it, is_http)),
            call.retries.as_ref().map(|it| retry(it, is_http)),
            call.timeout_ms.filter(|it| *it > 0).map(time_limit),
            call.bulkhead.filter(|it| *it > 0).map(bulkhead),
        ];
        for ((_, instances), settings) in kinds.iter_mut().zip(said) {
            if let Some(settings) = settings {
                let whom = if name == call.to.as_str() {
                    String::new()
                } else {
                    format!("Calls {}.", call.to)
                };
                instances.set_with_comment(name.as_str(), settings, whom);
            }
        }
        notes.extend(of_call(id, call));
    }
    let kinds: Map = kinds
        .into_iter()
        .filter(|(_, instances)| !instances.is_empty())
        .map(|(kind, instances)| (kind, Map::from([("instances", instances.into())])))
        .collect();
    let mut file = Map::default();
    file.set("resilience4j", kinds);
    let title = format!(
        "What protects the calls of {}. Spring Boot reads it from {}.\n\
         Retry is the outermost, then the breaker, the time limit and the bulkhead: \
         a time limit is for one attempt.",
        model.service_name(id),
        bundle::BREAKER_SETTINGS_TARGET
    );
    (file.to_file(&title), notes)
}

/// The name of a call's instances: the breaker's own, or the call's.
fn instance(it: &Named<'_>, names: &mut BTreeSet<String>, notes: &mut Vec<String>) -> String {
    let call = it.dependency;
    let said = it.breaker.as_deref().unwrap_or_default();
    let is_name = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    let mut name = it.name.clone();
    if !said.is_empty() && said.len() <= 128 && said.chars().all(is_name) {
        said.clone_into(&mut name);
    } else if !said.is_empty() {
        notes.push(format!(
            "The breaker of {} → {} is called {name}: {said:?} cannot be a name in Spring's settings.",
            call.from, call.to
        ));
    }
    let first = name.clone();
    let mut count = 1;
    while !names.insert(name.clone()) {
        count += 1;
        name = format!("{first}-{count}");
    }
    // Spring drops every other sign of a key that has no brackets.
    if name.contains(['.', '_']) {
        name = format!("[{name}]");
    }
    name
}

fn percent(value: Option<f64>) -> Option<Value> {
    let value = value.filter(|it| *it > 0.0 && *it <= 100.0)?;
    Some(if value.fract() == 0.0 {
        Value::Int(value as i64)
    } else {
        Value::Float(value)
    })
}

fn positive(value: Option<u32>) -> Option<u32> {
    value.filter(|it| *it > 0)
}

fn milliseconds(value: Option<u64>) -> Option<Value> {
    let ms = value.filter(|it| (1..=bundle::USUAL_LIMITS.timeout_ms).contains(it))?;
    Some(bundle::duration(ms).into())
}

/// What the design does not say is what Meshboard offers for a new breaker.
fn breaker(breaker: &Breaker, is_http: bool) -> Map {
    let usual = Breaker::recommended();
    let mut map = Map::default();
    let in_a_row = positive(breaker.consecutive_failures);
    let rate = percent(breaker.failure_rate_percent);
    match (rate, in_a_row) {
        (None, Some(count)) => {
            map.set_with_comment(
                "sliding-window-type",
                "COUNT_BASED",
                "All of so many calls failed: that is as many failures in a row.",
            );
            map.set("sliding-window-size", count);
            map.set("minimum-number-of-calls", count);
            map.set("failure-rate-threshold", 100_u32);
        }
        (rate, in_a_row) => {
            window(&mut map, breaker, &usual);
            // Where only slow calls open it, failures do so when every one failed.
            let only_slow = breaker.slow_call_ms.is_some().then_some(100.0);
            let rate = rate.or_else(|| percent(only_slow.or(usual.failure_rate_percent)));
            if let Some(rate) = rate {
                let comment = in_a_row.map_or_else(String::new, |it| {
                    format!("Drawn, too, and not said here: {it} failures in a row open it.")
                });
                map.set_with_comment("failure-rate-threshold", rate, comment);
            }
        }
    }
    if let Some(slow) = milliseconds(breaker.slow_call_ms) {
        map.set("slow-call-duration-threshold", slow);
    }
    if let Some(rate) = percent(breaker.slow_call_rate_percent) {
        map.set("slow-call-rate-threshold", rate);
    }
    if let Some(open) = milliseconds(breaker.open_ms.or(usual.open_ms)) {
        map.set("wait-duration-in-open-state", open);
    }
    if let Some(trials) = positive(breaker.half_open_calls.or(usual.half_open_calls)) {
        map.set("permitted-number-of-calls-in-half-open-state", trials);
    }
    let mut ignored = vec![BULKHEAD_IS_FULL];
    if is_http {
        ignored.push(CALLERS_FAULT);
    }
    map.set("ignore-exceptions", ignored);
    map
}

/// The calls that are counted: so many, or those of so many seconds.
fn window(map: &mut Map, breaker: &Breaker, usual: &Breaker) {
    let time = breaker.window_ms.filter(|it| *it > 0);
    let usual_calls = usual.window_calls.filter(|_| time.is_none());
    let calls = positive(breaker.window_calls).or(usual_calls);
    match (calls, time) {
        (Some(calls), time) => {
            let comment = time.map_or_else(String::new, |it| {
                format!("Drawn, too, and not said here: a window of {it} ms.")
            });
            map.set_with_comment("sliding-window-type", "COUNT_BASED", comment);
            map.set("sliding-window-size", calls);
        }
        (None, Some(ms)) => {
            map.set_with_comment(
                "sliding-window-type",
                "TIME_BASED",
                format!("In whole seconds; {ms} ms are drawn."),
            );
            let whole = ms.div_ceil(1000).min(86_400);
            map.set(
                "sliding-window-size",
                Value::Int(i64::try_from(whole).unwrap_or(1)),
            );
        }
        (None, None) => {}
    }
    if let Some(minimum) = positive(breaker.minimum_calls).or(usual.minimum_calls) {
        let minimum = calls.map_or(minimum, |it| minimum.min(it));
        map.set("minimum-number-of-calls", minimum);
    }
}

fn retry(retries: &Retries, is_http: bool) -> Map {
    let attempts = i64::from(retries.count) + 1;
    let mut map = Map::default();
    map.set_with_comment(
        "max-attempts",
        Value::Int(attempts.min(i64::from(i32::MAX))),
        "The first attempt counts. Only for calls that may be done twice.",
    );
    let (wait, most) = (
        milliseconds(retries.backoff_ms),
        milliseconds(retries.max_backoff_ms),
    );
    if wait.is_some() || most.is_some() {
        if let Some(wait) = wait {
            map.set("wait-duration", wait);
        }
        map.set("enable-exponential-backoff", true);
        map.set("exponential-backoff-multiplier", 2_u32);
        if let Some(most) = most {
            map.set("exponential-max-wait-duration", most);
        }
    }
    if retries.jitter == Some(true) {
        map.set_with_comment(
            "enable-randomized-wait",
            true,
            "From half a wait to one and a half; drawn is anything up to a whole one.",
        );
        map.set("randomized-wait-factor", Value::Float(0.5));
    }
    let mut ignored = vec![BREAKER_IS_OPEN];
    if is_http {
        ignored.push(CALLERS_FAULT);
    }
    map.set("ignore-exceptions", ignored);
    map
}

fn time_limit(ms: u64) -> Map {
    Map::from([
        ("timeout-duration", bundle::duration(ms).into()),
        ("cancel-running-future", true.into()),
    ])
}

fn bulkhead(most: u32) -> Map {
    Map::from([
        ("max-concurrent-calls", most.into()),
        ("max-wait-duration", "0ms".into()),
    ])
}

/// What Resilience4j does otherwise than drawn.
fn of_call(from: &ServiceId, call: &Dependency) -> Vec<String> {
    let mut notes = Vec::new();
    let which = format!("{from} → {}", call.to);
    if let Some(breaker) = &call.breaker {
        let rate = percent(breaker.failure_rate_percent);
        let in_a_row = positive(breaker.consecutive_failures);
        match (&rate, in_a_row) {
            (Some(_), Some(count)) => notes.push(format!(
                "Resilience4j's breaker of {which} opens at its failure rate; {count} failures in a row, which the design says too, do not open it."
            )),
            (None, None) if breaker.slow_call_ms.is_none() => notes.push(format!(
                "The breaker of {which} does not say what opens it: half of its calls failing does."
            )),
            _ => {}
        }
        if rate.is_some() && breaker.window_calls.is_some() && breaker.window_ms.is_some() {
            notes.push(format!(
                "Resilience4j counts the last calls of {which} or those of a time, not both: it counts calls."
            ));
        }
        notes.push(format!(
            "Half-open, Resilience4j closes the breaker of {which} once its trials stay below the same rate, not only if all succeed."
        ));
    }
    if call
        .retries
        .as_ref()
        .is_some_and(|it| it.jitter == Some(true))
    {
        notes.push(format!(
            "Resilience4j's waits before a retry of {which} are between half and one and a half of the drawn ones."
        ));
    }
    notes
}
