//! Who calls whom, and what Prometheus says of its targets.

use super::{detect, told, told_of_others};

#[test]
fn dependencies_of_traces_are_calls_without_a_rate() {
    assert_eq!(
        told_of_others(
            r#"{"data":[{"parent":"web","child":"orders","callCount":9},{"parent":"web","child":"web","callCount":1}],"total":0,"errors":null}"#
        ),
        "jaeger-dependencies\nweb->orders - - -"
    );
    assert_eq!(
        told_of_others(r#"{"data":null,"total":0,"errors":null}"#),
        "jaeger-dependencies"
    );
    assert_eq!(
        told_of_others(
            r#"[{"parent":"web","child":"orders","callCount":10,"errorCount":1},{"parent":"orders","child":"db","callCount":4}]"#
        ),
        "zipkin-dependencies\norders->db - 0.00 -\nweb->orders - 0.10 -"
    );
}

/// A Kiali graph of web, two versions of orders, and stock; all edges as given.
fn graph(edges: &[(&str, &str, &str)]) -> String {
    let edges: Vec<_> = edges
        .iter()
        .map(|(from, to, traffic)| {
            format!(r#"{{"data":{{"source":"{from}","target":"{to}","responseTime":"12","traffic":{{{traffic}}}}}}}"#)
        })
        .collect();
    let body = format!(
        r#"{{"duration":600,"graphType":"versionedApp","elements":{{"nodes":[
            {{"data":{{"id":"b","nodeType":"box","app":"orders"}}}},
            {{"data":{{"id":"w","nodeType":"app","app":"web"}}}},
            {{"data":{{"id":"1","nodeType":"app","app":"orders","workload":"orders-v1","hasCB":true,
                "healthData":{{"workloadStatuses":[{{"name":"orders-v1","desiredReplicas":3,"availableReplicas":2}}]}}}}}},
            {{"data":{{"id":"2","nodeType":"app","app":"orders","workload":"orders-v2","isDead":true}}}},
            {{"data":{{"id":"s","nodeType":"service","service":"stock"}}}},
            {{"data":{{"id":"u","nodeType":"unknown","app":"unknown"}}}}],"edges":[{}]}}}}"#,
        edges.join(",")
    );
    told_of_others(&body)
}

#[test]
fn a_kiali_graph_adds_up_the_calls_of_all_versions() {
    let http = |rates: &str| format!(r#""protocol":"http","rates":{{{rates}}}"#);
    let told = graph(&[
        (
            "w",
            "1",
            &http(r#""http":"30.00","http5xx":"10.00","http4xx":"5.00","httpPercentErr":"50.0""#),
        ),
        ("w", "2", &http(r#""http":"10.00""#)),
        ("1", "2", &http(r#""http":"7.00""#)),
        ("1", "s", r#""protocol":"tcp","rates":{"tcp":"800.00"}"#),
        ("u", "1", &http(r#""http":"1.00""#)),
    ]);
    assert_eq!(
        told,
        "kiali-graph\n\
         orders@orders-v1 Degraded 2 of 3 pods available\n\
         orders@orders-v2 Down no pods\n\
         web>orders Closed?\n\
         orders->stock - - 12.00\n\
         web->orders 40.00 0.25 12.00"
    );
}

#[test]
fn flags_on_answers_tell_that_a_breaker_tripped() {
    let with = |flag: &str| {
        let traffic = format!(
            r#""protocol":"http","rates":{{"http":"4"}},"responses":{{"200":{{"flags":{{"-":"50.0"}}}},"503":{{"flags":{{"{flag}":"50.0"}}}}}}"#
        );
        graph(&[("w", "s", &traffic)])
    };
    let overflow = with("UO,URX");
    assert!(
        overflow.contains("web>stock Open? answers say UO"),
        "{overflow}"
    );
    let nobody = with("UH");
    assert!(
        nobody.contains("web>stock Open? answers say UH"),
        "{nobody}"
    );
    assert!(!with("NR").contains("web>stock"));
}

#[test]
fn linkerd_tells_edges_and_names_its_statistics() {
    let edges = r#"[{"src":"web","dst":"orders","client_id":"a","server_id":"b"}]"#;
    assert_eq!(told_of_others(edges), "linkerd-viz\nweb->orders - - -");
    let statistics = r#"[{"kind":"deployment","name":"web","success":0.5,"rps":2.0}]"#;
    assert_eq!(
        told_of_others(statistics),
        "linkerd-viz\nnote statistics of whole services do not tell who calls whom: ask for edges"
    );
}

#[test]
fn prometheus_says_whether_its_scrapes_work() {
    let vector = r#"{"status":"success","warnings":["partial"],"data":{"resultType":"vector","result":[
        {"metric":{"__name__":"up","job":"orders","instance":"o1:80"},"value":[1.5,"1"]},
        {"metric":{"__name__":"up","job":"x","app":"orders","instance":"o2:80"},"value":[1.5,"0"]},
        {"metric":{"__name__":"up","job":"orders","instance":"o3:80"},"value":[1.5,"NaN"]},
        {"metric":{"__name__":"rate","job":"orders"},"value":[1.5,"1"]}]}}"#;
    assert_eq!(
        told_of_others(vector),
        "prometheus-api\nnote partial\norders@o1:80 Up up 1\norders@o2:80 Down up 0"
    );
    let targets = r#"{"status":"success","data":{"activeTargets":[
        {"labels":{"job":"orders","instance":"o1:80"},"health":"down","lastError":"refused"}]}}"#;
    assert_eq!(
        told_of_others(targets),
        "prometheus-api\norders@o1:80 Down scrape down: refused"
    );
    let matrix = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
    assert_eq!(told_of_others(matrix), "prometheus-api");
    let wrong = br#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
    let wrong = detect(400, "application/json", wrong);
    assert_eq!(told(&wrong), "prometheus-api Down");
    assert_eq!(
        wrong.note.as_deref(),
        Some("Prometheus refuses: parse error")
    );
}
