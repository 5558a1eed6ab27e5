//! What was heard on one stream so far, and which of it is news.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;
use tokio::time::Instant;

use super::resilience4j;
use crate::monitor::{
    Circuit, Confidence,
    format::{BreakerReading, detect, hystrix, json},
};

/// The most breakers of one stream that are kept.
const MAX_BREAKERS: usize = 500;

/// What one event says.
struct Said {
    title: &'static str,
    breakers: Vec<BreakerReading>,
    /// How long an open breaker refuses every call.
    sleep_window: Option<Duration>,
}

/// The breakers that a stream told of.
#[derive(Debug)]
pub(super) struct Hearing {
    latest: BTreeMap<String, BreakerReading>,
    open_since: BTreeMap<String, Instant>,
    /// Heard of since they were last told.
    untold: BTreeSet<String>,
    /// What people call the stream.
    pub title: &'static str,
    /// Whether it tells of changes alone, so that what was heard once still holds.
    has_only_news: bool,
}

/// What came of taking an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// Whether a breaker's state is another one, so that it is told at once.
    pub has_changed: bool,
    /// Whether a breaker was heard of again before it was told.
    pub is_repeated: bool,
}

impl Hearing {
    pub(super) fn new(has_only_news: bool) -> Self {
        Self {
            latest: BTreeMap::new(),
            open_since: BTreeMap::new(),
            untold: BTreeSet::new(),
            title: "event stream",
            has_only_news,
        }
    }

    /// Forgets what was heard on a stream that has ended; since when a breaker is open is
    /// no matter of the connection.
    pub(super) fn begin_again(&mut self) {
        self.latest.clear();
        self.untold.clear();
    }

    /// Takes the data of one event; what tells of no breaker is passed over.
    pub(super) fn take(&mut self, data: &str, now: Instant) -> Taken {
        let mut taken = Taken::default();
        let Some(said) = read(data) else { return taken };
        self.title = said.title;
        for mut reading in said.breakers {
            self.soften(&mut reading, said.sleep_window, now);
            let known = self.latest.get(&reading.name);
            if known.is_none() && self.latest.len() >= MAX_BREAKERS {
                continue;
            }
            taken.has_changed |= known.is_none_or(|it| it.circuit != reading.circuit);
            taken.is_repeated |= !self.untold.insert(reading.name.clone());
            self.latest.insert(reading.name.clone(), reading);
        }
        taken
    }

    /// Takes breakers that were asked for beside the stream.
    pub(super) fn start_with(&mut self, breakers: Vec<BreakerReading>) {
        for reading in breakers.into_iter().take(MAX_BREAKERS) {
            self.untold.insert(reading.name.clone());
            self.latest.insert(reading.name.clone(), reading);
        }
    }

    /// What was heard since the last time; each breaker as it was heard last.
    pub(super) fn news(&mut self) -> Vec<BreakerReading> {
        let names = std::mem::take(&mut self.untold);
        let readings = names.iter().filter_map(|it| self.latest.get(it));
        readings.cloned().collect()
    }

    /// What still holds while the stream is alive.
    pub(super) fn standing(&mut self) -> Vec<BreakerReading> {
        if self.has_only_news {
            self.untold.extend(self.latest.keys().cloned());
        }
        self.news()
    }

    /// Half-open is not on Hystrix' wire: once its sleep window has passed, an open breaker
    /// may let a call pass on trial.
    fn soften(&mut self, reading: &mut BreakerReading, window: Option<Duration>, now: Instant) {
        if reading.circuit != Circuit::Open || self.open_since.len() > MAX_BREAKERS {
            self.open_since.remove(&reading.name);
            return;
        }
        let since = self.open_since.entry(reading.name.clone()).or_insert(now);
        let open_for = now.saturating_duration_since(*since);
        if let Some(window) = window.filter(|it| open_for >= *it) {
            reading.circuit = Circuit::NotClosed;
            reading.confidence = Confidence::Inferred;
            let window = window.as_millis();
            reading.detail = format!(
                "open for longer than its sleep window of {window} ms: a call may pass on trial"
            );
        }
    }
}

fn read(data: &str) -> Option<Said> {
    let value = json(data)?;
    if let Some(reading) = hystrix::event(&value) {
        return Some(Said {
            title: "Hystrix stream",
            breakers: vec![reading],
            sleep_window: hystrix::sleep_window(&value),
        });
    }
    let of = |title, breakers| Said {
        title,
        breakers,
        sleep_window: None,
    };
    if let Some(reading) = resilience4j::event(&value) {
        return Some(of("Resilience4j events", vec![reading]));
    }
    if is_known_otherwise(&value) {
        return None;
    }
    let reading = detect(200, "application/json", data.as_bytes());
    (!reading.breakers.is_empty()).then(|| of(reading.title, reading.breakers))
}

/// Thread pools of Hystrix, and calls that Resilience4j tells of.
fn is_known_otherwise(value: &Value) -> bool {
    let kind = value.get("type").and_then(Value::as_str);
    kind.is_some_and(|it| it.starts_with("Hystrix")) || value.get("circuitBreakerName").is_some()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Hearing, MAX_BREAKERS, Taken};
    use crate::monitor::{Circuit, Confidence};

    fn command(name: &str, is_open: bool) -> String {
        format!(
            r#"{{"type":"HystrixCommand","name":"{name}","isCircuitBreakerOpen":{is_open},
            "propertyValue_circuitBreakerSleepWindowInMilliseconds":5000}}"#
        )
    }

    #[tokio::test(start_paused = true)]
    async fn an_open_breaker_may_be_on_trial_once_its_sleep_window_has_passed() {
        let mut hearing = Hearing::new(false);
        let mut after = |seconds, is_open| {
            let now = Instant::now() + Duration::from_secs(seconds);
            hearing.take(&command("bank", is_open), now);
            let reading = hearing.news().remove(0);
            (reading.circuit, reading.confidence)
        };
        assert_eq!(after(0, true), (Circuit::Open, Confidence::Reported));
        assert_eq!(after(4, true), (Circuit::Open, Confidence::Reported));
        assert_eq!(after(5, true), (Circuit::NotClosed, Confidence::Inferred));
        assert_eq!(after(6, false), (Circuit::Closed, Confidence::Reported));
        assert_eq!(after(20, true), (Circuit::Open, Confidence::Reported));
    }

    #[tokio::test]
    async fn a_change_is_news_and_what_does_not_change_is_told_later() {
        let mut hearing = Hearing::new(false);
        let now = Instant::now();
        let mut take = |name, is_open| hearing.take(&command(name, is_open), now);
        let taken = |has_changed, is_repeated| Taken {
            has_changed,
            is_repeated,
        };
        assert_eq!(take("a", false), taken(true, false));
        assert_eq!(take("b", false), taken(true, false));
        assert_eq!(
            take("a", false),
            taken(false, true),
            "all were heard of once"
        );
        assert_eq!(take("a", true), taken(true, true));
        assert_eq!(hearing.news().len(), 2);
        assert_eq!(hearing.standing(), [], "what is not repeated grows old");
        assert_eq!(
            hearing.take("{\"type\":\"HystrixThreadPool\"}", now),
            Taken::default()
        );
        assert_eq!(hearing.take("no json", now), Taken::default());
    }

    #[tokio::test]
    async fn what_only_news_told_of_still_holds_while_the_stream_lives() {
        let mut hearing = Hearing::new(true);
        let event = r#"{"circuitBreakerName":"bank","type":"STATE_TRANSITION",
            "stateTransition":"CLOSED_TO_OPEN"}"#;
        assert!(hearing.take(event, Instant::now()).has_changed);
        assert_eq!(hearing.title, "Resilience4j events");
        assert_eq!(hearing.news().len(), 1);
        assert_eq!(hearing.news(), []);
        assert_eq!(hearing.standing()[0].circuit, Circuit::Open);
        hearing.begin_again();
        assert_eq!(
            hearing.standing(),
            [],
            "a new stream may be of a new process"
        );
    }

    #[tokio::test]
    async fn a_stream_that_makes_up_names_fills_no_memory() {
        let mut hearing = Hearing::new(true);
        for number in 0..MAX_BREAKERS + 50 {
            hearing.take(
                &command(&format!("b{number}"), number % 2 == 0),
                Instant::now(),
            );
        }
        assert_eq!(hearing.standing().len(), MAX_BREAKERS);
        assert!(hearing.open_since.len() <= MAX_BREAKERS + 1);
    }
}
