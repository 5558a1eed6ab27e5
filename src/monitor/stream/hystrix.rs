//! What one event of a Hystrix stream says: Netflix' own, Turbine's, which adds up several
//! hosts, hystrix-go's and opossum-hystrix'.
//!
//! The keys are those of Netflix/Hystrix, `HystrixMetricsStreamServlet`; that Turbine
//! turns everything but numbers into counts such as `{"false":2,"true":1}` stands in
//! Netflix/Turbine, `StreamAggregator`. Half-open is not on the wire.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::monitor::{Circuit, format::BreakerReading};

/// What one `HystrixCommand` event says of its breaker; `None` for any other event.
pub(super) fn command(value: &Value) -> Option<BreakerReading> {
    let event = value.as_object()?;
    if event.get("type")?.as_str()? != "HystrixCommand" {
        return None;
    }
    let name = event.get("name")?.as_str().filter(|it| !it.is_empty())?;
    let open = flag(event, "isCircuitBreakerOpen");
    let detail = open.filter(|it| it.yes + it.no > 1);
    let detail = detail.map(|it| format!("{} of {} open", it.yes, it.yes + it.no));
    let requests = count(event, "requestCount");
    Some(BreakerReading {
        failure_rate_percent: failure_rate(event),
        buffered_calls: requests.and_then(|it| u32::try_from(it).ok()),
        not_permitted_calls: count(event, "rollingCountShortCircuited"),
        detail: detail.unwrap_or_default(),
        ..BreakerReading::new(name, circuit(event, open))
    })
}

/// How long its breaker refuses every call once it opened; `None` where several hosts are
/// added up, because their windows are, too.
pub(super) fn sleep_window(value: &Value) -> Option<Duration> {
    let event = value.as_object()?;
    let is_sum = event.get("isCircuitBreakerOpen")?.is_object()
        || count(event, "reportingHosts").is_some_and(|it| it > 1);
    let key = "propertyValue_circuitBreakerSleepWindowInMilliseconds";
    let window = count(event, key).filter(|_| !is_sum)?;
    Some(Duration::from_millis(window))
}

/// The worst of all hosts.
fn circuit(event: &Map<String, Value>, open: Option<Flag>) -> Circuit {
    let setting = |key: &str| flag(event, &format!("propertyValue_circuitBreaker{key}"));
    let is_said_by_all = |key| setting(key).is_some_and(|it| it.no == 0);
    let is_said_by_any = |it: Option<Flag>| it.is_some_and(|it| it.yes > 0);
    let is_disabled = setting("Enabled").is_some_and(|it| it.yes == 0);
    if is_disabled {
        Circuit::Disabled
    } else if is_said_by_any(setting("ForceOpen")) {
        Circuit::ForcedOpen
    } else if is_said_by_all("ForceClosed") {
        // It never opens, whatever happens.
        Circuit::Disabled
    } else if is_said_by_any(open) {
        Circuit::Open
    } else if open.is_some() {
        Circuit::Closed
    } else {
        Circuit::Unknown
    }
}

/// Hystrix' own percentage, or where several hosts are added up that of all their calls.
fn failure_rate(event: &Map<String, Value>) -> Option<f64> {
    let hosts = count(event, "reportingHosts").unwrap_or(1);
    let said = event.get("errorPercentage").and_then(Value::as_f64);
    let rate = match (count(event, "errorCount"), count(event, "requestCount")) {
        (Some(errors), Some(requests @ 1..)) if hosts > 1 => {
            Some(100.0 * errors as f64 / requests as f64)
        }
        _ if hosts > 1 => None,
        _ => said,
    };
    rate.filter(|it| (0.0..=100.0).contains(it))
}

/// How many hosts say yes, and how many no.
#[derive(Debug, Clone, Copy)]
struct Flag {
    yes: u64,
    no: u64,
}

fn flag(event: &Map<String, Value>, key: &str) -> Option<Flag> {
    let one = |is_said: bool| Flag {
        yes: is_said.into(),
        no: (!is_said).into(),
    };
    match event.get(key)? {
        Value::Bool(it) => Some(one(*it)),
        Value::String(it) => it.parse().ok().map(one),
        Value::Object(counts) => {
            // Billions of hosts are nonsense.
            let of = |word| count(counts, word).unwrap_or(0).min(1 << 32);
            let flag = Flag {
                yes: of("true"),
                no: of("false"),
            };
            (flag.yes + flag.no > 0).then_some(flag)
        }
        _ => None,
    }
}

fn count(event: &Map<String, Value>, key: &str) -> Option<u64> {
    let value = event.get(key)?;
    let whole = || value.as_f64().filter(|it| (0.0..=1e15).contains(it));
    value.as_u64().or_else(|| whole().map(|it| it as u64))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{command, sleep_window};
    use crate::monitor::Circuit;

    fn event(more: Value) -> Value {
        let mut event = json!({
            "type": "HystrixCommand",
            "name": "GetAccount",
            "group": "Accounts",
            "isCircuitBreakerOpen": false,
            "errorPercentage": 20,
            "errorCount": 2,
            "requestCount": 10,
            "rollingCountShortCircuited": 3,
            "propertyValue_circuitBreakerEnabled": true,
            "propertyValue_circuitBreakerForceOpen": false,
            "propertyValue_circuitBreakerForceClosed": false,
            "propertyValue_circuitBreakerSleepWindowInMilliseconds": 5000,
            "reportingHosts": 1,
        });
        for (key, value) in more.as_object().unwrap() {
            event[key] = value.clone();
        }
        event
    }

    #[test]
    fn the_settings_of_a_breaker_count_more_than_its_state() {
        let circuit = |more| command(&event(more)).unwrap().circuit;
        let enabled = "propertyValue_circuitBreakerEnabled";
        let force_open = "propertyValue_circuitBreakerForceOpen";
        let force_closed = "propertyValue_circuitBreakerForceClosed";
        let open = "isCircuitBreakerOpen";
        assert_eq!(circuit(json!({})), Circuit::Closed);
        assert_eq!(circuit(json!({ open: true })), Circuit::Open);
        assert_eq!(circuit(json!({ open: "true" })), Circuit::Open);
        assert_eq!(circuit(json!({ open: 1 })), Circuit::Unknown);
        assert_eq!(
            circuit(json!({ open: true, enabled: false })),
            Circuit::Disabled
        );
        assert_eq!(circuit(json!({ force_open: true })), Circuit::ForcedOpen);
        assert_eq!(
            circuit(json!({ open: true, force_closed: true })),
            Circuit::Disabled
        );
    }

    #[test]
    fn several_hosts_in_one_event_are_told_apart() {
        let turbine = event(json!({
            "isCircuitBreakerOpen": {"false": 2, "true": 1},
            "propertyValue_circuitBreakerEnabled": {"true": 3},
            "propertyValue_circuitBreakerForceOpen": {"false": 3},
            "propertyValue_circuitBreakerForceClosed": {"false": 3},
            "errorPercentage": 120,
            "reportingHosts": 3,
        }));
        let reading = command(&turbine).unwrap();
        assert_eq!(reading.circuit, Circuit::Open);
        assert_eq!(reading.detail, "1 of 3 open");
        assert_eq!(reading.failure_rate_percent, Some(20.0));
        assert_eq!(sleep_window(&turbine), None);
        assert_eq!(
            sleep_window(&event(json!({}))),
            Some(Duration::from_secs(5))
        );
    }

    #[test]
    fn numbers_of_a_command_are_kept_and_other_events_say_nothing() {
        let reading = command(&event(json!({ "errorPercentage": 12.5 }))).unwrap();
        assert_eq!(reading.name, "GetAccount");
        assert_eq!(reading.failure_rate_percent, Some(12.5));
        assert_eq!(reading.buffered_calls, Some(10));
        assert_eq!(reading.not_permitted_calls, Some(3));
        assert_eq!(
            command(&event(json!({ "type": "HystrixThreadPool" }))),
            None
        );
        assert_eq!(command(&event(json!({ "name": "" }))), None);
        assert_eq!(command(&json!([])), None);
    }
}
