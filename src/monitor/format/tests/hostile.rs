//! Answers that are broken, cut, or meant to be misread.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{detect, detect_as, read};
use crate::monitor::{Health, Reach, format::ALL, observation::MAX_ENTRIES};

#[test]
fn what_calls_itself_json_and_is_none_is_not_up() {
    let of = |status, body: &str| {
        let reading = detect(
            status,
            "application/health+json; charset=utf-8",
            body.as_bytes(),
        );
        (
            reading.health.unwrap(),
            reading.reach,
            reading.note.is_some(),
        )
    };
    let page = "<html>sign in</html>";
    assert_eq!(of(200, page), (Health::Unknown, Reach::Unparseable, true));
    assert_eq!(
        of(200, r#"{"status":"U"#),
        (Health::Unknown, Reach::Unparseable, true)
    );
    assert_eq!(of(503, page), (Health::Down, Reach::Ok, true));
    assert_eq!(of(429, page), (Health::Degraded, Reach::Ok, true));
    assert_eq!(of(401, page), (Health::Unknown, Reach::AuthDenied, true));
    assert_eq!(of(404, page), (Health::Unknown, Reach::NotFound, true));
    // Nothing is no nonsense, and a word is a word.
    assert_eq!(of(200, " "), (Health::Up, Reach::Ok, false));
    assert_eq!(of(200, "null"), (Health::Up, Reach::Ok, false));
    assert_eq!(of(200, "Healthy"), (Health::Up, Reach::Ok, false));
    // What does not call itself JSON need not be any.
    let html = detect(200, "text/html", b"{not json");
    assert_eq!((html.health, html.reach), (Some(Health::Up), Reach::Ok));
}

#[test]
fn json_that_is_nested_too_deep_is_not_read() {
    let nested = |depth: usize| {
        let open = r#"{"a":"#.repeat(depth);
        format!(r#"{{"status":"DOWN","x":{open}1{}}}"#, "}".repeat(depth))
    };
    assert_eq!(read(200, &nested(63)).format, "json-status");
    for depth in [64, 40_000] {
        let reading = detect(200, "", nested(depth).as_bytes());
        assert_eq!(reading.format, "http-status");
        assert_eq!(reading.health, Some(Health::Unknown));
        assert_eq!(reading.reach, Reach::Unparseable);
    }
    assert_eq!(read(500, &nested(64)).health, Some(Health::Down));
}

#[test]
fn a_list_without_end_is_cut_and_says_so() {
    let row = r#"{"parent":"a","child":"b#","callCount":1}"#;
    let rows: Vec<_> = (0..=MAX_ENTRIES)
        .map(|it| row.replace('#', &it.to_string()))
        .collect();
    let observation = read(200, &format!("[{}]", rows.join(",")))
        .observation
        .unwrap();
    assert_eq!(observation.calls.len(), MAX_ENTRIES);
    assert!(observation.is_partial);
    assert_eq!(
        observation.note.as_deref(),
        Some("only the first 50000 entries are read")
    );
}

#[test]
fn names_of_others_are_shown_without_tricks() {
    let long = "x".repeat(5000);
    let body = json!([{"parent": "a\u{202e}b\n", "child": long, "callCount": 1}]);
    let observation = read(200, &body.to_string()).observation.unwrap();
    assert_eq!(observation.calls[0].from, "ab");
    assert_eq!(observation.calls[0].to.chars().count(), 201);
}

/// One small answer for each shape that is more than a word.
const SAMPLES: &[&str] = &[
    r#"{"cluster_statuses":[{"name":"a","host_statuses":[{"address":{"socket_address":{"address":"1.1.1.1","port_value":1}},"health_status":{"failed_outlier_check":true}}]}]}"#,
    "a::added_via_api::false\na::[::1]:80::health_flags::/failed_outlier_check\n",
    r#"{"stats":[{"name":"cluster.a.membership_total","value":2},{"name":"cluster.a.outlier_detection.ejections_active","value":1}]}"#,
    "# pxname,svname,status,check_status,last_chk\na,b,DOWN,L4CON,\"x, y\"\n",
    r#"{"graphType":"app","duration":60,"elements":{"nodes":[{"data":{"id":"1","nodeType":"app","app":"a"}}],"edges":[{"data":{"source":"1","target":"1","traffic":{"protocol":"http","rates":{"http":"1"}}}}]}}"#,
    "id:b\ndata: {\"type\":\"HystrixCommand\",\"name\":\"a\",\"isCircuitBreakerOpen\":{\"true\":1}}\n\n",
    r#"{"circuitBreakerEvents":[{"circuitBreakerName":"a","type":"STATE_TRANSITION","stateTransition":"CLOSED_TO_OPEN","creationTime":"2022-06-13T19:47:10+05:30[Asia/Kolkata]"}]}"#,
    r#"[{"Node":"n","CheckID":"c","Status":"critical","ServiceID":"a","ServiceName":"a"}]"#,
    r#"[{"Names":["/a"],"State":"running","Status":"Up 1 minute (health: starting)"}]"#,
    "{\"Name\":\"a\",\"Service\":\"a\",\"Project\":\"p\",\"State\":\"exited\",\"ExitCode\":1}\n{\"Name\":\"b\"}\n",
    r#"{"kind":"List","apiVersion":"v1","items":[{"kind":"Pod","metadata":{"name":"a"},"status":{"phase":"Running","containerStatuses":[{"restartCount":1}]}}]}"#,
    r#"{"status":"UP","components":{"circuitBreakers":{"details":{"a":{"status":"CIRCUIT_OPEN","details":{"state":"OPEN"}}}}}}"#,
    "[+]ping ok\n[-]etcd failed: reason withheld\nlivez check failed\n",
];

#[test]
fn an_answer_cut_at_any_byte_is_read_without_failing() {
    for sample in SAMPLES {
        let whole = detect(200, "", sample.as_bytes());
        assert_ne!(whole.format, "http-status", "{sample}");
        for end in 0..sample.len() {
            for content_type in ["", "application/json", "text/event-stream"] {
                detect(200, content_type, &sample.as_bytes()[..end]);
            }
        }
    }
}

/// Keys and words that formats look for, so that arbitrary JSON comes near to them.
const WORDS: &[&str] = &[
    "status",
    "components",
    "details",
    "checks",
    "entries",
    "name",
    "data",
    "errors",
    "parent",
    "child",
    "callCount",
    "peers",
    "server",
    "state",
    "zone",
    "items",
    "kind",
    "apiVersion",
    "metadata",
    "Pod",
    "List",
    "Names",
    "State",
    "Status",
    "Service",
    "Checks",
    "CheckID",
    "Node",
    "stats",
    "value",
    "cluster.a.membership_total",
    "cluster_statuses",
    "host_statuses",
    "health_status",
    "type",
    "HystrixCommand",
    "isCircuitBreakerOpen",
    "true",
    "UP",
    "OPEN",
    "circuitBreakers",
    "circuitBreakerEvents",
    "graphType",
    "elements",
    "nodes",
    "edges",
    "traffic",
    "serverStatus",
    "provider",
    "resource",
    "limitApp",
    "grade",
    "timeWindow",
    "Upstreams",
    "Downstreams",
    "metric",
    "resultType",
    "vector",
    "result",
    "",
    "\u{202e}",
];

fn arbitrary_json() -> impl Strategy<Value = Value> {
    let word = || prop::sample::select(WORDS).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let entries = prop::collection::vec((word(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Value::from),
            entries.prop_map(|it| Value::Object(it.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_failing(
        status in 100_u16..600,
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        detect(status, "", &body);
    }

    #[test]
    fn any_json_is_read_by_every_format_without_failing(body in arbitrary_json()) {
        let body = body.to_string();
        for format in ALL {
            let reading = detect_as(format.id, 200, "application/json", body.as_bytes());
            for call in reading.observation.iter().flat_map(|it| &it.calls) {
                let figures = [call.rate_per_second, call.error_share, call.p95_ms];
                prop_assert!(figures.into_iter().flatten().all(f64::is_finite));
            }
        }
    }

    #[test]
    fn json_cut_at_any_byte_is_never_read_as_more_than_its_code(end in 0_usize..48) {
        let body = r#"{"status":"DOWN","components":{"db":{"status":""#;
        let cut = &body.as_bytes()[..end.min(body.len())];
        let reading = detect(200, "application/json", cut);
        prop_assert_eq!(reading.format, "http-status");
    }
}
