//! How long a call may take, and when it is tried again.

use super::typed::{counted, regex, seconds, whole};
use crate::{
    export::yaml::{Map, Value},
    model::{Dependency, Retries},
};

/// Methods that do the same if they come twice; the others are never tried again.
pub(super) const REPEATABLE: &str = "GET|HEAD|OPTIONS|PUT|DELETE";
/// Envoy's own wait before the first retry, in milliseconds.
const DEFAULT_BACKOFF_MS: u64 = 25;
/// How many of the calls under way may be retries: so many percent, and always so many.
pub(super) const BUDGET_PERCENT: u32 = 25;
const BUDGET_MINIMUM: u32 = 10;

/// The retries of a call, where there are any.
pub(super) fn of(call: Option<&Dependency>) -> Option<&Retries> {
    call?.retries.as_ref().filter(|it| it.count > 0)
}

/// Milliseconds after which Envoy gives up: all attempts together, and each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    /// All attempts; `None` where the design says nothing.
    pub(super) all_ms: Option<u64>,
    /// Each attempt, where that is shorter.
    pub(super) each_ms: Option<u64>,
}

/// The times of a call through a route that may have a limit of its own.
pub(super) fn times(route_ms: Option<u64>, call: Option<&Dependency>) -> Times {
    let call_ms = counted(call.and_then(|it| it.timeout_ms));
    if of(call).is_none() {
        let all_ms = match (route_ms, call_ms) {
            (Some(route), Some(call)) => Some(route.min(call)),
            (route, call) => route.or(call),
        };
        return Times {
            all_ms,
            each_ms: None,
        };
    }
    let worst = call
        .zip(call_ms)
        .map(|(it, ms)| it.worst_case_within_ms(ms));
    let all_ms = route_ms.or(counted(worst)).or(call_ms);
    Times {
        all_ms,
        each_ms: call_ms.filter(|it| all_ms.is_none_or(|all| *it < all)),
    }
}

/// What Envoy does about a failed attempt.
pub(super) fn policy(call: Option<&Dependency>, times: Times) -> Option<Map> {
    let retries = of(call)?;
    let mut policy = Map::from([
        (
            "retry_on",
            "connect-failure,refused-stream,reset,gateway-error".into(),
        ),
        ("num_retries", whole(retries.count.into())),
    ]);
    if let Some(ms) = times.each_ms {
        policy.set("per_try_timeout", seconds(ms));
    }
    if let Some(back_off) = back_off(retries) {
        policy.set("retry_back_off", back_off);
    }
    policy.set_with_comment(
        "retriable_request_headers",
        vec![Map::from([
            ("name", ":method".into()),
            ("string_match", regex(REPEATABLE)),
        ])],
        "Whatever else fails may have been done already.",
    );
    let previous = Map::from([
        ("name", "envoy.retry_host_predicates.previous_hosts".into()),
        (
            "typed_config",
            [(
                "@type",
                "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate".into(),
            )]
            .into(),
        ),
    ]);
    policy.set("retry_host_predicate", vec![previous]);
    policy.set("host_selection_retry_max_attempts", Value::Int(3));
    Some(policy)
}

fn back_off(retries: &Retries) -> Option<Map> {
    let (base, most) = (counted(retries.backoff_ms), counted(retries.max_backoff_ms));
    if base.is_none() && most.is_none() {
        return None;
    }
    let base = base.unwrap_or(DEFAULT_BACKOFF_MS);
    let base = most.map_or(base, |it| base.min(it));
    let mut map = Map::from([("base_interval", seconds(base))]);
    if let Some(most) = most {
        map.set("max_interval", seconds(most));
    }
    Some(map)
}

/// How many calls under way may be retries.
pub(super) fn budget(call: &Dependency) -> Option<Map> {
    of(Some(call))?;
    Some(Map::from([
        (
            "budget_percent",
            Value::from([("value", BUDGET_PERCENT.into())]),
        ),
        ("min_retry_concurrency", BUDGET_MINIMUM.into()),
    ]))
}
