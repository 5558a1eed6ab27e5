//! Answers in every format, written after the projects' own documents.

mod breaker_events;
mod hostile;
mod proxies;
mod registries;
mod traffic;

use super::{ALL, Reading, detect, detect_as, reference};
use crate::monitor::{Circuit, Confidence, Health, Reach};

fn read(status: u16, body: &str) -> Reading {
    detect(status, "application/json", body.as_bytes())
}

/// `format health [check=health…] name:circuit…`, in one line.
fn told(reading: &Reading) -> String {
    let mut words = vec![reading.format.to_owned()];
    words.push(
        reading
            .health
            .map_or("-".to_owned(), |it| format!("{it:?}")),
    );
    let checks = reading.checks.iter();
    words.extend(checks.map(|it| format!("{}={:?}", it.name, it.health)));
    let breakers = reading.breakers.iter();
    words.extend(breakers.map(|it| format!("{}:{:?}", it.name, it.circuit)));
    words.join(" ")
}

/// Body and what is read of it: format, health, checks, breakers.
const CASES: &[(&str, &str)] = &[
    (r#"{"status":"ok"}"#, "json-status Up"),
    (r#""ok""#, "json-status Up"),
    ("UP", "json-status Up"),
    (r#"{"status":"fine"}"#, "json-status Unknown"),
    (
        r#"{"status":"UP","components":{"db":{"status":"UP","components":{"a":{"status":"DOWN"}}}}}"#,
        "spring-boot Up db=Up db/a=Down",
    ),
    (r#"{"status":"UP","groups":["liveness"]}"#, "spring-boot Up"),
    (
        r#"{"status":"UP","details":{"db":{"status":"UP","details":{}}}}"#,
        "spring-boot Up db=Up",
    ),
    (
        r#"{"status":"UP","diskSpace":{"status":"UP"},"hystrix":{"status":"CIRCUIT_OPEN","openCircuitBreakers":["Bank::charge"]}}"#,
        "spring-boot Up diskSpace=Up hystrix=Unknown charge:Open",
    ),
    (
        r#"{"status":"UP","checks":[{"name":"db","status":"DOWN"}]}"#,
        "microprofile Up db=Down",
    ),
    (r#"{"status":"UP","checks":[]}"#, "microprofile Up"),
    (
        r#"{"status":"warn","checks":{"db:time":[{"status":"pass"},{"status":"warn"}]}}"#,
        "ietf-health Degraded db:time=Up db:time=Degraded",
    ),
    ("Degraded", "aspnet Degraded"),
    (
        r#"{"status":"Unhealthy","totalDuration":"00:00:00.01","entries":{"db":{"status":"Unhealthy"}}}"#,
        "aspnet Down db=Down",
    ),
    ("ok", "kubernetes Up"),
    (
        "[+]ping ok\n[-]etcd failed: reason withheld\nlivez check failed\n",
        "kubernetes Down ping=Up etcd=Down",
    ),
    (
        r#"{"status":"error","info":{},"error":{"db":{"status":"down"}},"details":{"db":{"status":"down"}}}"#,
        "terminus Down db=Down",
    ),
    (
        r#"{"status":"error","error":{"db":"no"},"details":{"db":"no"}}"#,
        "terminus Down db=Down",
    ),
    (
        r#"{"status":"down","details":{"db":{"status":"up"}}}"#,
        "health-go Down db=Up",
    ),
    (
        r#"{"circuitBreakers":{"bank":{"state":"FORCED_OPEN"},"mail":{"state":"HALF_OPEN"}}}"#,
        "resilience4j - bank:ForcedOpen mail:HalfOpen",
    ),
    (
        r#"{"circuitBreakers":["bank"]}"#,
        "resilience4j - bank:Unknown",
    ),
    (
        r#"[{"name":"bank","state":"half_open","failure_count":2}]"#,
        "breakers-json - bank:HalfOpen",
    ),
    (
        r#"{"bank":{"state":"half-open"},"mail":{"state":"closed"}}"#,
        "breakers-json - bank:HalfOpen mail:Closed",
    ),
    (
        r#"{"status":"ok","breakers":{"bank":"open"}}"#,
        "json-status Up bank:Open",
    ),
    (
        r#"{"state":{"name":"bank","enabled":true,"closed":false,"open":false,"halfOpen":true}}"#,
        "opossum - bank:HalfOpen",
    ),
    (
        r#"{"status":"Degraded","results":{"db":{"status":"Degraded"}}}"#,
        "aspnet Degraded db=Degraded",
    ),
    (
        r#"{"outcome":"DOWN","checks":[{"name":"db","state":"DOWN"}]}"#,
        "microprofile Down db=Down",
    ),
    (
        r#"{"status":"error","error":{},"details":[{"message":"no"}]}"#,
        "terminus Down",
    ),
    (
        r#"{"status":"UP","db":{"status":"DOWN"},"mail":{"status":"UP"}}"#,
        "spring-boot Up db=Down mail=Up",
    ),
    (
        r#"{"status":"TIRED","components":{"db":{"status":"TIRED"}}}"#,
        "spring-boot Unknown db=Unknown",
    ),
    (
        r#"{"status":"UNKNOWN","details":{"bank":{"status":"CIRCUIT_OPEN","details":{"failureRate":"60.0%","state":"OPEN"}}}}"#,
        "spring-boot Unknown bank:Open",
    ),
    (
        r#"{"status":"CIRCUIT_HALF_OPEN","details":{"failureRate":"-1.0%","state":"HALF_OPEN"}}"#,
        "spring-boot Unknown breaker:HalfOpen",
    ),
    (r#"{"status":"SERVING"}"#, "grpc-health Up"),
    (r#"{"status":"NOT_SERVING"}"#, "grpc-health Down"),
    ("status: SERVICE_UNKNOWN", "grpc-health Unknown"),
    ("LIVE\n", "envoy-ready Up"),
    ("PRE_INITIALIZING\n", "envoy-ready Starting"),
    (
        r#"{"state":"DRAINING","command_line_options":{}}"#,
        "envoy-ready OutOfService",
    ),
    (
        r#"{"db":"OK","queue":"OK"}"#,
        "heptiolabs Up db=Up queue=Up",
    ),
    (
        r#"{"status":"OK","timestamp":"2026","component":{"name":"a"}}"#,
        "health-go Up",
    ),
    (r#"{"db":"OK","version":"1.2"}"#, "http-status Up"),
    (
        r#"{"Database":"working","Disk":"warning: almost full"}"#,
        "django-health-check Degraded Database=Up Disk=Degraded",
    ),
    (r#"{"database":"online"}"#, "http-status Up"),
    (
        r#"[{"resource":"charge","limitApp":"default","grade":0,"timeWindow":10}]"#,
        "sentinel-rules - charge:Unknown",
    ),
    ("Active connections: 1 \n", "nginx-stub-status Up"),
    ("true", "http-status Up"),
    ("{}", "http-status Up"),
    ("", "http-status Up"),
];

/// What is told of others: format, note, instances, breakers, calls.
fn told_of_others(body: &str) -> String {
    others(&detect(200, "", body.as_bytes()))
}

/// `service@address Health raw`, `caller>name Circuit detail`, `from->to rate errors p95`.
fn others(reading: &Reading) -> String {
    let mut lines = vec![reading.format.to_owned()];
    let Some(observation) = &reading.observation else {
        return format!("{} tells of no others", reading.format);
    };
    lines.extend(observation.note.iter().map(|it| format!("note {it}")));
    let instances = observation.instances.iter();
    lines.extend(instances.map(|it| {
        let checks = it
            .checks
            .iter()
            .map(|it| format!(" {}={:?}", it.name, it.health));
        let checks: String = checks.collect();
        format!(
            "{}@{} {:?} {}{checks}",
            it.service, it.address, it.health, it.raw
        )
    }));
    lines.extend(observation.breakers.iter().map(|it| {
        let (caller, it) = (&it.caller, &it.reading);
        let guess = match it.confidence {
            Confidence::Reported => "",
            Confidence::Inferred => "?",
        };
        format!("{caller}>{} {:?}{guess} {}", it.name, it.circuit, it.detail)
    }));
    lines.extend(observation.calls.iter().map(|it| {
        let number = |it: Option<f64>| it.map_or("-".to_owned(), |it| format!("{it:.2}"));
        let figures = [it.rate_per_second, it.error_share, it.p95_ms].map(number);
        format!("{}->{} {}", it.from, it.to, figures.join(" "))
    }));
    let trimmed: Vec<_> = lines.iter().map(|it| it.trim_end()).collect();
    trimmed.join("\n")
}

#[test]
fn each_format_is_recognised_by_its_content() {
    for (body, expected) in CASES {
        assert_eq!(told(&read(200, body)), *expected, "{body}");
    }
}

#[test]
fn an_open_circuit_in_a_healthy_answer_is_seen() {
    let body = r#"{"status":"UP","components":{"circuitBreakers":{"status":"UNKNOWN","details":{
        "bank":{"status":"CIRCUIT_OPEN","details":{"failureRate":"60.0%","bufferedCalls":10,"notPermittedCalls":7,"state":"OPEN"}},
        "mail":{"status":"UNKNOWN","details":{"failureRate":"-1.0%","state":"DISABLED"}},
        "tax":{"status":"UP"}}}}}"#;
    let reading = read(200, body);
    assert_eq!(
        told(&reading),
        "spring-boot Up circuitBreakers=Unknown bank:Open mail:Disabled tax:Closed"
    );
    assert_eq!(reading.breakers[0].failure_rate_percent, Some(60.0));
    assert_eq!(reading.breakers[0].buffered_calls, Some(10));
    assert_eq!(reading.breakers[0].not_permitted_calls, Some(7));
    assert_eq!(reading.breakers[1].failure_rate_percent, None);
}

#[test]
fn a_metrics_page_cut_at_any_byte_never_tells_another_state() {
    let page = concat!(
        "breaker_state{name=\"bank\",state=\"closed\"} 0\n",
        "breaker_state{name=\"bank\",state=\"open\"} 1\n",
        "breaker_state{name=\"bank\",state=\"half_open\"} 0\n",
    );
    for end in 0..=page.len() {
        let reading = detect(200, "text/plain;version=0.0.4", &page.as_bytes()[..end]);
        for breaker in reading.breakers {
            let is_right = matches!(breaker.circuit, Circuit::Open | Circuit::Unknown);
            assert!(is_right, "cut at {end}: {breaker:?}");
        }
    }
}

#[test]
fn checks_without_a_verdict_count_where_the_code_says_the_same() {
    let django = r#"{"Cache":"working","Database":"unavailable: no"}"#;
    let told_at = |status, body| told(&read(status, body));
    assert_eq!(
        told_at(500, django),
        "django-health-check Down Cache=Up Database=Down"
    );
    assert_eq!(told_at(200, django), "http-status Up");
    let go = r#"{"db":"OK","queue":"connection refused"}"#;
    assert_eq!(told_at(503, go), "heptiolabs Down db=Up queue=Down");
    assert_eq!(told_at(404, go), "http-status Unknown");
}

#[test]
fn the_body_counts_more_than_the_code_and_a_contradiction_is_told() {
    let reading = read(503, r#"{"status":"UP","components":{}}"#);
    assert_eq!(reading.health, Some(Health::Up));
    assert_eq!(
        reading.note.as_deref(),
        Some("code and body disagree: HTTP 503, but the body says UP")
    );
    let reading = read(200, r#"{"status":"DOWN","components":{}}"#);
    assert_eq!(reading.health, Some(Health::Down));
    assert!(reading.note.is_some());
    assert!(reading.is_explicit);
    assert_eq!(read(500, r#"{"status":"fine"}"#).health, Some(Health::Down));
}

#[test]
fn without_a_verdict_the_code_decides() {
    let by = |status| {
        let reading = detect(status, "text/html", b"<html>");
        (reading.health.unwrap(), reading.reach, reading.is_explicit)
    };
    assert_eq!(by(204), (Health::Up, Reach::Ok, false));
    assert_eq!(by(429), (Health::Degraded, Reach::Ok, false));
    assert_eq!(by(401), (Health::Unknown, Reach::AuthDenied, false));
    assert_eq!(by(404), (Health::Unknown, Reach::NotFound, false));
    assert_eq!(by(503), (Health::Down, Reach::Ok, false));
    assert_eq!(
        read(503, r#"{"database":"online"}"#).health,
        Some(Health::Down)
    );
    let error_page = read(404, r#"{"status":"error","message":"no such page"}"#);
    assert_eq!(error_page.reach, Reach::NotFound);
}

#[test]
fn a_design_may_name_the_format() {
    let body = br#"{"status":"UP"}"#;
    let reading = detect_as("ietf-health", 200, "application/health+json", body);
    assert_eq!(reading.format, "ietf-health");
    assert_eq!(detect_as("no-such", 200, "", body).format, "json-status");
}

#[test]
fn ids_are_unique_and_each_format_is_in_the_reference() {
    let text = reference();
    for (position, format) in ALL.iter().enumerate() {
        let first = ALL.iter().position(|it| it.id == format.id);
        assert_eq!(first, Some(position), "{}", format.id);
        assert!(text.contains(format.title) && text.contains(format.tested_against));
    }
}
