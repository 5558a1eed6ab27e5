//! What Jaeger and Zipkin have in common: both add up their traces to who called whom.
//!
//! Neither tells of health, of a rate or of times: traces are sampled, and with real
//! storage a job adds them up once a day, so that the counts do not belong to the window
//! that was asked for. That calls were seen, and which share of them failed, holds all
//! the same. Grafana Tempo has no such question: its service graph is written to a
//! Prometheus, and is read there by the source `prometheus`.

use jiff::Timestamp;
use serde_json::Value;

use super::Feed;
use crate::monitor::{Observation, Reach, fetch::Answer, fetch::Failure, format::detect};

/// Asks for the calls of the source's window: `path?endTs=…&lookback=…`, in milliseconds.
pub(super) async fn calls(feed: &Feed, path: &str) -> Result<Observation, Failure> {
    let source = feed.source();
    let question = question(path, Timestamp::now(), source.window_seconds);
    let answer = feed.get_ok(&question, source.timeout).await?;
    observed(&answer, source.window_seconds)
}

fn question(path: &str, now: Timestamp, window_seconds: u64) -> String {
    let lookback = window_seconds.saturating_mul(1000);
    format!("{path}?endTs={}&lookback={lookback}", now.as_millisecond())
}

fn observed(answer: &Answer, window_seconds: u64) -> Result<Observation, Failure> {
    // A list without entries has nothing by which its format could be recognised.
    if is_empty(&answer.body) {
        return Ok(Observation {
            note: Some("no calls were traced in its window".to_owned()),
            ..Observation::default()
        });
    }
    let reading = detect(answer.status, &answer.content_type, &answer.body);
    let observation = reading.observation.map(|it| it.as_ref().clone());
    let mut observation = observation.ok_or_else(|| {
        Failure::new(
            Reach::Unparseable,
            format!("{} tells of no calls", reading.title),
        )
    })?;
    // A service that calls itself is drawn nowhere, and is no news.
    observation.calls.retain(|it| it.from != it.to);
    for call in &mut observation.calls {
        call.window_seconds = window_seconds;
    }
    Ok(observation)
}

/// `[]`, as Zipkin says it, or `{"data":[]}` or `{"data":null}`, as Jaeger does.
fn is_empty(body: &[u8]) -> bool {
    // Anything longer holds something, and is not parsed twice.
    if body.len() > 1024 {
        return false;
    }
    let is_none = |it: &Value| it.is_null() || it.as_array().is_some_and(Vec::is_empty);
    match serde_json::from_slice(body) {
        Ok(Value::Array(list)) => list.is_empty(),
        Ok(Value::Object(answer)) => answer.get("data").is_some_and(is_none),
        Ok(_) | Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use reqwest::header::HeaderMap;

    use super::{observed, question};
    use crate::monitor::{Reach, fetch::Answer};

    fn answer(body: &str) -> Answer {
        Answer {
            status: 200,
            content_type: "application/json".to_owned(),
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
            is_stream: false,
            latency_ms: 1.0,
            retry_after: None,
        }
    }

    #[test]
    fn the_window_is_asked_for_in_milliseconds() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(
            question("/api/dependencies", now, 3600),
            "/api/dependencies?endTs=1700000000000&lookback=3600000"
        );
    }

    #[test]
    fn a_window_without_calls_is_an_answer() {
        for body in [
            "[]",
            " [ ]\n",
            r#"{"data":[],"total":0,"errors":null}"#,
            r#"{"data":null}"#,
        ] {
            let observation = observed(&answer(body), 60).unwrap();
            assert!(observation.calls.is_empty(), "{body}");
            assert!(observation.note.is_some(), "{body}");
        }
    }

    #[test]
    fn a_page_that_is_something_else_is_said_to_be() {
        for body in ["<html>Jaeger UI</html>", r#"{"status":"UP"}"#, ""] {
            let failure = observed(&answer(body), 60).unwrap_err();
            assert_eq!(failure.reach, Reach::Unparseable, "{body}");
            assert!(failure.message.ends_with("tells of no calls"), "{body}");
        }
    }
}
