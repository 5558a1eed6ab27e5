//! Breakers whose states come as events.

use super::{detect, read, told};
use crate::monitor::Confidence;
use crate::monitor::format::hystrix::sleep_window;

/// A Hystrix event with these values beside its type and name.
fn command(name: &str, values: &str) -> String {
    format!(
        r#"{{"type":"HystrixCommand","name":"{name}","requestCount":10,"errorCount":6,{values}}}"#
    )
}

#[test]
fn a_hystrix_event_tells_of_its_command() {
    let reading = read(200, &command("Charge", r#""isCircuitBreakerOpen":true"#));
    assert_eq!(told(&reading), "hystrix - Charge:Open");
    assert_eq!(reading.breakers[0].failure_rate_percent, Some(60.0));
    assert_eq!(reading.breakers[0].buffered_calls, Some(10));
    let of = |values: &str| told(&read(200, &command("C", values)));
    let closed = r#""isCircuitBreakerOpen":false"#;
    assert_eq!(of(closed), "hystrix - C:Closed");
    assert_eq!(of(r#""isCircuitBreakerOpen":"true""#), "hystrix - C:Open");
    let with = |property: &str, value: bool| {
        of(&format!(
            r#"{closed},"propertyValue_circuitBreaker{property}":{value}"#
        ))
    };
    assert_eq!(with("ForceOpen", true), "hystrix - C:ForcedOpen");
    assert_eq!(with("ForceClosed", true), "hystrix - C:Disabled");
    assert_eq!(with("ForceClosed", false), "hystrix - C:Closed");
    assert_eq!(with("Enabled", false), "hystrix - C:Disabled");
    assert_eq!(of(r#""isCircuitBreakerOpen":1"#), "hystrix - C:Unknown");
}

#[test]
fn a_sleep_window_is_known_of_one_host_and_not_of_several_added_up() {
    let window = r#""propertyValue_circuitBreakerSleepWindowInMilliseconds":5000"#;
    let of = |open: &str| {
        let values = format!(r#""isCircuitBreakerOpen":{open},{window}"#);
        sleep_window(&serde_json::from_str(&command("Charge", &values)).unwrap())
    };
    assert_eq!(of("true"), Some(std::time::Duration::from_secs(5)));
    assert_eq!(of(r#"{"false":1,"true":2}"#), None);
    assert_eq!(of(r#"true,"reportingHosts":3"#), None);
}

#[test]
fn turbine_says_how_many_of_all_hosts_have_opened() {
    let values = concat!(
        r#""reportingHosts":3,"errorPercentage":180,"isCircuitBreakerOpen":{"false":1,"true":2},"#,
        r#""propertyValue_circuitBreakerEnabled":{"true":3},"#,
        r#""propertyValue_circuitBreakerForceClosed":{"false":3}"#,
    );
    let reading = read(200, &command("Charge", values));
    assert_eq!(told(&reading), "hystrix - Charge:Open");
    assert_eq!(reading.breakers[0].detail, "2 of 3 open");
    assert_eq!(reading.breakers[0].failure_rate_percent, Some(60.0));
}

#[test]
fn of_a_captured_stream_the_last_event_of_each_command_counts() {
    let page = format!(
        "ping: \n\ndata: {}\n\ndata:{}\ndata: {{\"type\":\"HystrixThreadPool\",\"name\":\"p\"}}\n\ndata: {}\n\ndata: {{\"ty",
        command("A", r#""isCircuitBreakerOpen":false"#),
        command("B", r#""isCircuitBreakerOpen":false"#),
        command("A", r#""isCircuitBreakerOpen":true"#),
    );
    for content_type in ["text/event-stream;charset=UTF-8", ""] {
        let reading = detect(200, content_type, page.as_bytes());
        assert_eq!(told(&reading), "hystrix - A:Open B:Closed");
    }
    let other = detect(200, "text/event-stream", b"data: {\"price\":3}\n\n");
    assert_eq!(told(&other), "http-status Up");
}

/// A list of Resilience4j events: breaker, type, transition, time.
fn events(all: &[(&str, &str, &str, &str)]) -> String {
    let events: Vec<_> = all
        .iter()
        .map(|(name, kind, transition, at)| {
            format!(
                r#"{{"circuitBreakerName":"{name}","type":"{kind}","creationTime":"{at}","stateTransition":"{transition}"}}"#
            )
        })
        .collect();
    format!(r#"{{"circuitBreakerEvents":[{}]}}"#, events.join(","))
}

#[test]
fn the_last_change_among_events_is_the_state() {
    let change = "STATE_TRANSITION";
    let body = events(&[
        (
            "bank",
            change,
            "CLOSED_TO_OPEN",
            "2022-06-13T19:47:10.423073+05:30[Asia/Kolkata]",
        ),
        (
            "bank",
            change,
            "OPEN_TO_HALF_OPEN",
            "2022-06-13T19:47:20.4+05:30[Asia/Kolkata]",
        ),
        (
            "bank",
            "SUCCESS",
            "",
            "2022-06-13T19:47:21+05:30[Asia/Kolkata]",
        ),
        (
            "mail",
            change,
            "HALF_OPEN_TO_CLOSED",
            "2022-06-13T10:00:01Z",
        ),
        ("mail", change, "OPEN_TO_HALF_OPEN", "2022-06-13T10:00:00Z"),
        ("tax", change, "CLOSED_TO_FORCED_OPEN", ""),
        ("tax", "RESET", "", ""),
    ]);
    let reading = read(200, &body);
    let expected = "resilience4j-events - bank:HalfOpen mail:Closed tax:Closed";
    assert_eq!(told(&reading), expected);
    let detail = "OPEN_TO_HALF_OPEN 2022-06-13T19:47:20.4+05:30[Asia/Kolkata]";
    assert_eq!(reading.breakers[0].detail, detail);
}

#[test]
fn a_change_that_left_the_ring_buffer_is_not_made_up() {
    let body = events(&[
        ("bank", "SUCCESS", "", ""),
        ("bank", "NOT_PERMITTED", "", ""),
        ("mail", "NOT_PERMITTED", "", ""),
        ("mail", "SUCCESS", "", ""),
    ]);
    let reading = read(200, &body);
    assert_eq!(
        told(&reading),
        "resilience4j-events - bank:NotClosed mail:Unknown"
    );
    assert_eq!(reading.breakers[0].confidence, Confidence::Inferred);
    let detail = "no change of state among its last events";
    assert!(reading.breakers.iter().all(|it| it.detail == detail));
}

#[test]
fn resilience4j_streams_name_the_breaker_in_the_id() {
    let page = concat!(
        "id:bank\nevent:STATE_TRANSITION\n",
        "data:{\"circuitBreakerName\":\"bank\",\"type\":\"STATE_TRANSITION\",\"stateTransition\":\"CLOSED_TO_OPEN\"}\n\n",
        "event:ping\n\n",
        "id:mail\ndata:{\"currentState\":\"HALF_OPEN\",\"metrics\":{\"failureRate\":50.0,\"numberOfBufferedCalls\":4}}\n\n",
    );
    let reading = detect(200, "text/event-stream", page.as_bytes());
    assert_eq!(
        told(&reading),
        "resilience4j-events - bank:Open mail:HalfOpen"
    );
    assert_eq!(reading.breakers[1].failure_rate_percent, Some(50.0));
}
