//! Hystrix, Turbine and hystrix-go: one event, or a page of events as their stream wrote it.
//!
//! Half-open is not on the wire: a command that lets a trial call pass still says open.
//! Turbine adds up the numbers of all hosts and turns every other value into a histogram:
//! `{"false":2,"true":1}` means that one of three hosts has opened. The shapes are those
//! of Netflix/Hystrix, `HystrixMetricsStreamServlet`, Netflix/Turbine,
//! `StreamAggregator`, and afex/hystrix-go, `eventstream.go`.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value};

use super::{
    BreakerReading, Format, Input,
    pages::stream_events,
    reading::Body,
    words::{count, percent, text},
};
use crate::monitor::Circuit;

pub(super) const FORMAT: Format = Format {
    id: "hystrix",
    title: "Hystrix stream",
    looks_like: r#"data: {"type":"HystrixCommand","name":"Charge","isCircuitBreakerOpen":false,…}"#,
    tested_against: "hystrix-go, running; recorded streams of Hystrix and Turbine",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let mut page = Page::default();
    match input.json {
        Some(Value::Array(list)) if list.first().is_some_and(is_event) => {
            for event in list {
                page.take(event);
            }
        }
        Some(one) => page.take(one),
        None => stream_events(input).for_each(|(_, it)| page.take(&it)),
    }
    let is_hystrix = page.is_hystrix;
    is_hystrix.then(|| Body::of_breakers(page.commands.into_values()))
}

/// The last event of each command.
#[derive(Default)]
struct Page {
    is_hystrix: bool,
    commands: BTreeMap<String, BreakerReading>,
}

impl Page {
    fn take(&mut self, value: &Value) {
        self.is_hystrix |= is_event(value);
        if let Some(command) = event(value) {
            self.commands.insert(command.name.clone(), command);
        }
    }
}

fn is_event(value: &Value) -> bool {
    let kind = value.as_object().and_then(|it| text(it, "type"));
    kind.is_some_and(|it| {
        matches!(
            it,
            "HystrixCommand" | "HystrixThreadPool" | "HystrixCollapser"
        )
    })
}

/// The breaker that one event tells of; thread pools and collapsers have none.
pub(in crate::monitor) fn event(value: &Value) -> Option<BreakerReading> {
    let event = value.as_object()?;
    if text(event, "type")? != "HystrixCommand" {
        return None;
    }
    let name = text(event, "name").filter(|it| !it.is_empty())?;
    let property = |name: &str| flags(event, &format!("propertyValue_circuitBreaker{name}"));
    let open = flags(event, "isCircuitBreakerOpen");
    let circuit = if property("Enabled").is_some_and(|it| it.yes == 0) {
        Circuit::Disabled
    } else if property("ForceOpen").is_some_and(|it| it.yes > 0) {
        Circuit::ForcedOpen
    } else if property("ForceClosed").is_some_and(|it| it.no == 0) {
        // It never opens, so it protects nothing.
        Circuit::Disabled
    } else {
        match open {
            Some(Flags { yes: 1.., .. }) => Circuit::Open,
            Some(_) => Circuit::Closed,
            None => Circuit::Unknown,
        }
    };
    let several = open.filter(|it| it.of() > 1);
    let detail = several.map(|it| format!("{} of {} open", it.yes, it.of()));
    let requests = count(event.get("requestCount"));
    Some(BreakerReading {
        failure_rate_percent: failure_rate(event, requests),
        buffered_calls: requests.and_then(|it| u32::try_from(it).ok()),
        not_permitted_calls: count(event.get("rollingCountShortCircuited")),
        detail: detail.unwrap_or_default(),
        ..BreakerReading::new(name, circuit)
    })
}

/// How long the breaker of an event refuses every call once it opened; `None` where several
/// hosts are added up, because their windows are, too.
pub(in crate::monitor) fn sleep_window(value: &Value) -> Option<Duration> {
    let event = value.as_object()?;
    let is_sum = event.get("isCircuitBreakerOpen")?.is_object()
        || count(event.get("reportingHosts")).is_some_and(|it| it > 1);
    let key = "propertyValue_circuitBreakerSleepWindowInMilliseconds";
    let window = count(event.get(key)).filter(|_| !is_sum)?;
    Some(Duration::from_millis(window))
}

/// Percent of failed calls. Turbine adds the percentages of all hosts up, so that the
/// counts are asked first.
fn failure_rate(event: &Map<String, Value>, requests: Option<u64>) -> Option<f64> {
    if let (Some(requests @ 1..), Some(errors)) = (requests, count(event.get("errorCount"))) {
        return Some((100.0 * errors as f64 / requests as f64).min(100.0));
    }
    let is_one_host = count(event.get("reportingHosts")).is_none_or(|it| it <= 1);
    let rate = percent(event.get("errorPercentage"));
    rate.filter(|_| is_one_host && requests != Some(0))
}

/// How many hosts say yes and no.
#[derive(Clone, Copy)]
struct Flags {
    yes: u64,
    no: u64,
}

impl Flags {
    fn of(self) -> u64 {
        self.yes.saturating_add(self.no)
    }
}

fn flags(event: &Map<String, Value>, key: &str) -> Option<Flags> {
    let of_one = |is_yes: bool| Flags {
        yes: u64::from(is_yes),
        no: u64::from(!is_yes),
    };
    let flags = match event.get(key)? {
        Value::Bool(it) => of_one(*it),
        Value::String(word) => of_one(word.parse().ok()?),
        Value::Object(histogram) => Flags {
            yes: count(histogram.get("true")).unwrap_or(0),
            no: count(histogram.get("false")).unwrap_or(0),
        },
        _ => return None,
    };
    (flags.of() > 0).then_some(flags)
}
