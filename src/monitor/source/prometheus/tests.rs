//! What queries look like, and what the answers make of services, breakers and edges.

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;

use super::{
    Scope, Series,
    api::{OWNER, read},
    breakers::{self, Breakers},
    scrapes::{self, Scrapes},
    traffic::{Counted, DIALECTS, calls},
};
use crate::{
    model::{Model, testing::model},
    monitor::{CallReading, Placing, Reach, fetch::Answer, naming::Naming},
};

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        content_type: "application/json".to_owned(),
        headers: HeaderMap::new(),
        body: body.as_bytes().to_vec(),
        is_stream: false,
        latency_ms: 1.0,
        retry_after: None,
    }
}

/// `name{a=b,c=d} value`, one a line, asked for at the second 1000.
fn vector(lines: &str) -> Vec<Series> {
    let lines = lines.lines().map(str::trim).filter(|it| !it.is_empty());
    let series = lines.map(|line| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.trim_end_matches('}').split_once('{').unwrap();
        let pairs = labels.split(',').filter_map(|it| it.split_once('='));
        let mut labels: BTreeMap<_, _> = pairs
            .map(|(key, it)| (key.to_owned(), it.to_owned()))
            .collect();
        if !name.is_empty() {
            labels.insert("__name__".to_owned(), name.to_owned());
        }
        Series {
            labels,
            value: value.parse().unwrap(),
            at: 1000.0,
        }
    });
    series.collect()
}

fn naming(model: &Model) -> Naming {
    Naming::new(model, &BTreeMap::new())
}

#[test]
fn an_answer_is_read_with_what_the_store_warns_of() {
    let part = read(&answer(
        200,
        r#"{"status":"success","warnings":["slow\u0007"],"infos":["odd"],"isPartial":true,
            "data":{"resultType":"vector","result":[
              {"metric":{"job":"a"},"value":[1700000000.5,"+Inf"]},
              {"metric":{"job":"b"},"value":[1700000000.5,"NaN"]},
              {"metric":{"job":"c"},"value":[1700000000.5,"2"]},
              {"metric":{},"histogram":[1,{}]}]}}"#,
    ))
    .ok()
    .unwrap();
    let values: Vec<_> = part.found.iter().map(|it| it.value).collect();
    assert!(values.len() == 3 && values[0].is_infinite() && values[1].is_nan());
    assert_eq!(part.found[2].label("job"), "c");
    let partial = "the store says that its answer is partial";
    assert_eq!(part.notes, ["slow", "odd", partial]);
    assert!(part.is_partial);
}

#[test]
fn what_is_wrong_with_an_answer_is_said() {
    let wrong = |status, body: &str| {
        let failure = read(&answer(status, body)).err().unwrap();
        (failure.reach, failure.message)
    };
    let error = r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#;
    let said = (
        Reach::Unparseable,
        "HTTP 503, timeout: query timed out".to_owned(),
    );
    assert_eq!(wrong(503, error), said);
    assert_eq!(wrong(401, "no").0, Reach::AuthDenied);
    assert_eq!(wrong(404, "404 page not found").0, Reach::NotFound);
    for body in [
        "<html>",
        "{}",
        "[]",
        r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#,
        r#"{"status":"success"}"#,
        r#"{"status":"success","data":{"resultType":"vector","result":[{"value":1}]}}"#,
    ] {
        let (reach, message) = wrong(200, body);
        assert_eq!(reach, Reach::Unparseable, "{body}");
        assert!(
            message.contains("no answer of the Prometheus API"),
            "{message}"
        );
    }
}

#[test]
fn a_namespace_narrows_and_cannot_break_out_of_its_quotes() {
    let all = Scope::new("", 60);
    assert_eq!(all.select("up", ""), "up{}");
    assert_eq!(all.select_any(&["a", "b"], "m", "x=\"y\""), ["m{x=\"y\"}"]);
    let shop = Scope::new("sh\"op\n\\", 60);
    assert_eq!(shop.select("up", ""), r#"up{namespace="sh\"op\\"}"#);
    assert_eq!(
        Scope::new("shop", 60).select_any(&["a", "b"], "m", ""),
        [r#"m{a="shop"}"#, r#"m{b="shop"}"#]
    );
    assert_eq!(Scope::new("shop", 60).select_any(&[""], "m", ""), ["m{}"]);
}

#[test]
fn a_service_is_named_by_the_first_label_that_the_design_knows() {
    let model = model("x(orders, pay)");
    let naming = naming(&model);
    let name = |labels: &str| {
        let series = vector(&format!("up{{{labels}}} 1"));
        series[0].name(&OWNER, &naming).unwrap_or_default()
    };
    assert_eq!(name("service=metrics,app=orders,job=x"), "orders");
    assert_eq!(name("job=shop/pay,instance=10.0.0.1:80"), "pay");
    assert_eq!(
        name("job=node,instance=orders.shop:9100"),
        "orders.shop:9100"
    );
    assert_eq!(name("job=node,instance=10.0.0.1:80"), "node");
    assert_eq!(name("job=unknown"), "");
}

/// `service address: health (word)`.
fn seen(model: &Model, scrapes: &Scrapes) -> Vec<String> {
    let all = scrapes::instances(scrapes, &naming(model)).into_iter();
    all.map(|it| {
        let (service, address, raw) = (it.service, it.address, it.raw);
        format!("{service} {address}: {} ({raw})", it.health.label())
    })
    .collect()
}

#[test]
fn a_target_that_vanished_is_unknown_and_not_up() {
    let scrapes = Scrapes {
        up: vector("up{job=a,instance=h:1} 1\nup{job=a,instance=h:2} 1\nup{job=a,instance=h:3} 0"),
        taken: vector("{job=a,instance=h:1} 990\n{job=a,instance=h:2} 800"),
        ..Scrapes::default()
    };
    assert_eq!(
        seen(&model("x(a)"), &scrapes),
        [
            "a h:1: up (scraped)",
            "a h:2: unknown (told 200 seconds ago)",
            "a h:3: down (up is 0: its scrape fails)",
        ]
    );
}

#[test]
fn a_probe_tells_of_whom_it_asks_and_its_own_scrape_tells_nothing() {
    let scrapes = Scrapes {
        up: vector("up{job=blackbox,instance=http://a:80/health} 1\nup{job=b,instance=b:1} 1"),
        probes: vector("probe_success{job=blackbox,instance=http://a:80/health} 0"),
        ..Scrapes::default()
    };
    assert_eq!(
        seen(&model("x(a, b)"), &scrapes),
        [
            "b b:1: up (scraped)",
            "http://a:80/health probe of http://a:80/health: down (probe_success is 0: its probe fails)",
        ]
    );
}

#[test]
fn two_scrapes_of_one_pod_are_one_instance_and_the_worse_counts() {
    let scrapes = Scrapes {
        up: vector("up{app=a,pod=a-1,instance=h:1} 1\nup{app=a,pod=a-1,instance=h:2} 0"),
        ..Scrapes::default()
    };
    let seen = seen(&model("x(a)"), &scrapes);
    assert_eq!(seen, ["a a-1: down (up is 0: its scrape fails)"]);
}

/// `caller name: state`, with what is added in words.
fn breakers(design: &str, states: &str, envoy: &str) -> Vec<String> {
    let model = model(design);
    let placing = Placing::new(&model, &BTreeMap::new());
    let found = Breakers {
        states: vector(states),
        envoy: vector(envoy),
    };
    let all = breakers::breakers(&found, &naming(&model), &placing);
    all.into_iter()
        .map(|it| {
            let (caller, reading) = (it.caller, it.reading);
            let (name, state, detail) = (reading.name, reading.circuit.label(), reading.detail);
            let rate = reading.failure_rate_percent;
            let rate = rate.map_or(String::new(), |it| format!(" {it} %"));
            let text = format!("{caller} {name}: {state}{rate} {detail}");
            text.trim_end().to_owned()
        })
        .collect()
}

#[test]
fn breakers_whose_state_is_a_label_find_their_caller() {
    let states = "
        resilience4j_circuitbreaker_state{job=orders,instance=h:1,name=bank,state=open} 1
        resilience4j_circuitbreaker_state{job=orders,instance=h:2,name=bank,state=closed} 1
        resilience4j_circuitbreaker_failure_rate{job=orders,instance=h:1,name=bank} 62.5
        circuit_breaker_state{service=cart,name=stock,state=half_open} 1
        circuit_breaker_state{service=cart,name=odd,state=7} 1";
    assert_eq!(
        breakers("x(orders, bank, cart, stock)", states, ""),
        [
            "cart stock: half-open",
            "orders bank: open 62.5 % open in 1 of 2 instances",
        ]
    );
}

#[test]
fn envoys_gauges_are_overflow_or_ejection_and_its_own_clusters_are_nobody() {
    let envoy = "
        envoy_cluster_circuit_breakers_default_rq_pending_open{job=gw,envoy_cluster_name=a} 1
        envoy_cluster_circuit_breakers_high_cx_open{job=gw,envoy_cluster_name=a} 0
        envoy_cluster_circuit_breakers_default_cx_open{job=gw,envoy_cluster_name=b} 0
        envoy_cluster_outlier_detection_ejections_active{job=gw,envoy_cluster_name=b} 1
        envoy_cluster_membership_total{job=gw,envoy_cluster_name=b} 3
        envoy_cluster_outlier_detection_ejections_active{job=gw,envoy_cluster_name=c} 2
        envoy_cluster_membership_total{job=gw,envoy_cluster_name=c} 2
        envoy_cluster_circuit_breakers_default_cx_open{job=gw,envoy_cluster_name=d} 0
        envoy_cluster_circuit_breakers_default_cx_open{job=gw,envoy_cluster_name=far} 0
        envoy_cluster_circuit_breakers_default_cx_open{job=gw,envoy_cluster_name=xds_cluster} 1";
    let design = "x(gw, a, b, c, d); gw -> a; gw -> b; gw -> c; gw -> d";
    assert_eq!(
        breakers(design, "", envoy),
        [
            "gw a: overflow limit of pending requests reached",
            "gw b: hosts ejected",
            "gw c: open all 2 hosts are ejected",
            "gw d: closed",
        ]
    );
}

/// The edges, where only one of [`DIALECTS`] counts: `from to rate share p95`.
fn edges(design: &str, dialect: usize, counted: Counted) -> Vec<String> {
    let mut all: Vec<_> = DIALECTS.iter().map(|_| Counted::default()).collect();
    all[dialect] = counted;
    shown(calls(all, &naming(&model(design)), 60))
}

fn shown(calls: Vec<CallReading>) -> Vec<String> {
    let number = |it: Option<f64>| it.map_or("-".to_owned(), |it| it.to_string());
    let shown = calls.into_iter().map(|it| {
        let numbers = [it.rate_per_second, it.error_share, it.p95_ms].map(number);
        format!("{} {} {}", it.from, it.to, numbers.join(" "))
    });
    shown.collect()
}

#[test]
fn istios_callers_count_and_callees_only_where_the_caller_has_no_sidecar() {
    let counted = Counted {
        calls: vector(
            "{reporter=source,source_workload=a,destination_service_name=b} 4
             {reporter=destination,source_workload=a,destination_service_name=b} 3.9
             {reporter=destination,source_workload=c,destination_service_name=b} 1
             {reporter=source,source_workload=a,destination_service_name=PassthroughCluster} 9
             {reporter=destination,source_workload=unknown,destination_service_name=b} 9",
        ),
        failed: Some(vector(
            "{reporter=source,source_workload=a,destination_service_name=b} 1
             {reporter=destination,source_workload=a,destination_service_name=b} 3",
        )),
        p95: vector(
            "{reporter=source,source_workload=a,destination_service_name=b} 48
             {reporter=destination,source_workload=a,destination_service_name=b} 900
             {reporter=destination,source_workload=c,destination_service_name=b} +Inf",
        ),
        ..Counted::default()
    };
    let seen = edges("x(a, b, c)", 0, counted);
    assert_eq!(seen, ["a b 4 0.25 48", "c b 1 0 -"]);
}

#[test]
fn no_traffic_is_a_rate_of_zero_and_nothing_else() {
    let counted = Counted {
        calls: vector("{client=a,server=b} 0\n{client=a,server=c} NaN\n{client=user,server=a} 3"),
        failed: Some(Vec::new()),
        p95: vector("{client=a,server=b} NaN"),
        edges: vector(
            "traces_service_graph_connection_info{client=a,server=d} 1
             traces_service_graph_connection_info{client=a,server=b} 1",
        ),
    };
    let seen = edges("x(a, b, c, d)", 2, counted);
    assert_eq!(seen, ["a b 0 - -", "a d - - -"]);
}

#[test]
fn tracings_user_is_nobody_unless_a_service_of_that_name_sent_spans() {
    let lines = "{client=user,server=a,connection_type=virtual_node} 3\n{client=user,server=a} 2";
    let counted = || Counted {
        calls: vector(lines),
        ..Counted::default()
    };
    assert_eq!(edges("x(user, a)", 2, counted()), ["user a 2 - -"]);
    assert!(edges("x(a)", 2, counted()).is_empty());
}

#[test]
fn seconds_of_tracing_become_milliseconds() {
    let counted = Counted {
        calls: vector("{client=a,server=b} 2"),
        failed: Some(vector("{client=a,server=b} 2.5")),
        p95: vector("{client=a,server=b} 0.25"),
        ..Counted::default()
    };
    assert_eq!(edges("x(a, b)", 2, counted), ["a b 2 1 250"]);
}

#[test]
fn envoys_clusters_are_services_and_its_instances_are_added() {
    let counted = Counted {
        calls: vector(
            "{job=a,instance=h:1,envoy_cluster_name=outbound|80|v1|b.shop.svc.cluster.local} 1
             {job=a,instance=h:2,envoy_cluster_name=outbound|80|v2|b.shop.svc.cluster.local} 2
             {job=a,envoy_cluster_name=xds_cluster} 1
             {job=a,envoy_cluster_name=inbound|8080||} 1",
        ),
        failed: None,
        ..Counted::default()
    };
    let seen = edges("x(a, b)", 3, counted);
    let name = "outbound|80|v2|b.shop.svc.cluster.local";
    assert_eq!(seen, [format!("a {name} 3 - -")]);
}

#[test]
fn of_several_that_count_one_edge_only_one_is_taken() {
    let mut all: Vec<_> = DIALECTS.iter().map(|_| Counted::default()).collect();
    all[2].calls = vector("{client=a-service,server=b} 5");
    all[0].calls = vector("{reporter=source,source_workload=a,destination_service_name=b} 4");
    let seen = shown(calls(all, &naming(&model("x(a, b)")), 60));
    assert_eq!(seen, ["a b 4 - -"]);
}
