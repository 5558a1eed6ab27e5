//! Whose proxy it is, which word counts, and rates from counters.

use std::{collections::HashMap, sync::Arc, time::Duration};

use serde_json::json;
use tokio::time::Instant;

use super::{caller, merge, name_caller, names_in_stats, rates::Rates};
use crate::{
    model::{EnvironmentId, Model, testing::model},
    monitor::{
        CallReading, CallerBreaker, Circuit, Consent, InstanceReading, MonitorPlan, Observation,
        format::BreakerReading,
    },
    project::{Environment, Project, Source},
};

fn plan(model: Model) -> MonitorPlan {
    let source = Source {
        kind: "page".to_owned(),
        address: "http://127.0.0.1:1".to_owned(),
        ..Source::default()
    };
    let environment = Environment {
        sources: [("any".to_owned(), source)].into(),
        ..Environment::default()
    };
    let local = EnvironmentId::new("local").unwrap();
    let project = Project {
        model,
        environments: [(local.clone(), Arc::new(environment))]
            .into_iter()
            .collect(),
        ..Project::default()
    };
    MonitorPlan::new(&project, &local, &Consent::default()).unwrap()
}

fn breaker(name: &str, circuit: Circuit) -> CallerBreaker {
    CallerBreaker {
        caller: String::new(),
        reading: BreakerReading::new(name, circuit),
    }
}

/// A page of one cluster: connections, calls sent, completed, failed.
fn page(counts: [u64; 4]) -> Vec<u8> {
    let names = ["cx_total", "rq_total", "rq_completed", "rq_5xx"];
    let stats: Vec<_> = names
        .iter()
        .zip(counts)
        .map(
            |(name, value)| json!({"name": format!("cluster.o.x.upstream_{name}"), "value": value}),
        )
        .collect();
    let mut page = json!({ "stats": stats });
    let more = [
        json!({"histograms": {}}),
        json!({"name": "cluster.o.x.membership_total", "value": 3}),
        // A part of the cluster's calls, counted beside.
        json!({"name": "cluster.o.x.external.upstream_rq_completed", "value": 9}),
    ];
    page["stats"].as_array_mut().unwrap().extend(more);
    page.to_string().into_bytes()
}

fn after(pages: &[(u64, [u64; 4])], window_seconds: u64) -> Vec<CallReading> {
    let start = Instant::now();
    let mut rates = Rates::default();
    for (second, counts) in pages {
        let at = start + Duration::from_secs(*second);
        rates.take(&page(*counts), at, window_seconds);
    }
    rates.calls(&HashMap::new())
}

#[test]
fn a_proxy_is_that_of_the_service_it_is_called_like_or_of_the_only_gateway() {
    let one = plan(model("x(edge:gateway, orders)"));
    assert_eq!(caller(&one, "orders").unwrap().as_str(), "orders");
    assert_eq!(caller(&one, "admin").unwrap().as_str(), "edge");
    let two = plan(model("x(edge:gateway, other:gateway)"));
    assert_eq!(caller(&two, "admin"), None);
}

#[test]
fn a_proxy_of_nobody_says_what_to_do() {
    let mut told = Observation {
        breakers: vec![breaker("orders", Circuit::Open)],
        ..Observation::default()
    };
    name_caller(&mut told, None, "sidecar");
    assert_eq!(told.breakers[0].caller, "sidecar");
    let note = told.note.unwrap();
    assert!(note.starts_with("no service is called sidecar"), "{note}");
}

#[test]
fn of_two_pages_that_tell_of_a_cluster_the_worse_word_counts() {
    let ejected = Circuit::Ejected { count: 1, of: 3 };
    let instance = InstanceReading {
        service: "orders:8080".to_owned(),
        address: "10.0.0.1:8080".to_owned(),
        health: crate::monitor::Health::Up,
        raw: String::new(),
        checks: Vec::new(),
    };
    let told = Observation {
        instances: vec![instance],
        ..Observation::default()
    };
    let mut breakers = vec![
        breaker("orders:8080", ejected),
        breaker("orders_8080", Circuit::Closed),
        breaker("stock", Circuit::Closed),
        breaker("stock", Circuit::Overflow),
    ];
    merge(&mut breakers, &names_in_stats(&told));
    let found: Vec<_> = breakers
        .iter()
        .map(|it| (it.reading.name.as_str(), it.reading.circuit))
        .collect();
    assert_eq!(
        found,
        [("orders:8080", ejected), ("stock", Circuit::Overflow)]
    );
}

#[test]
fn rates_are_taken_between_two_answers() {
    let first = after(&[(0, [1, 10, 10, 0])], 60);
    assert_eq!((first.len(), first[0].rate_per_second), (1, None));
    assert_eq!(first[0].to, "o.x");
    let both = after(&[(0, [1, 10, 10, 0]), (10, [1, 60, 50, 10])], 60);
    assert_eq!(both.len(), 1);
    assert_eq!(both[0].rate_per_second, Some(5.0));
    assert_eq!(both[0].error_share, Some(0.25));
    assert_eq!(both[0].window_seconds, 10);
}

#[test]
fn without_calls_the_rate_is_zero_and_no_share_failed() {
    let calls = after(&[(0, [0; 4]), (10, [0; 4])], 60);
    assert_eq!(calls[0].rate_per_second, Some(0.0));
    assert_eq!(calls[0].error_share, None);
    assert!(after(&[(0, [0; 4])], 60).is_empty(), "nothing is known yet");
}

#[test]
fn connections_without_calls_are_another_protocol() {
    assert!(after(&[(0, [1, 0, 0, 0]), (10, [2, 0, 0, 0])], 60).is_empty());
}

#[test]
fn a_proxy_that_began_anew_is_counted_anew() {
    let calls = after(&[(0, [9, 900, 900, 0]), (10, [1, 5, 5, 0])], 60);
    assert_eq!(calls[0].rate_per_second, None);
    let pages = [
        (0, [9, 900, 900, 0]),
        (10, [1, 5, 5, 0]),
        (20, [1, 25, 25, 0]),
    ];
    assert_eq!(after(&pages, 60)[0].rate_per_second, Some(2.0));
}

#[test]
fn what_is_older_than_the_window_does_not_count() {
    let mut pages = vec![(0, [1, 0, 0, 0]), (60, [1, 6000, 6000, 0])];
    pages.extend((1..=12).map(|it| (60 + it * 10, [1, 6000, 6000, 0])));
    let calls = after(&pages, 60);
    assert_eq!(calls[0].rate_per_second, Some(0.0));
    assert_eq!(calls[0].window_seconds, 60);
}

#[test]
fn a_page_that_is_no_page_tells_of_no_calls() {
    let mut rates = Rates::default();
    for page in [
        &b"<html>"[..],
        b"{}",
        b"{\"stats\":7}",
        b"{\"stats\":[[],{}]}",
    ] {
        rates.take(page, Instant::now(), 60);
    }
    assert!(rates.calls(&HashMap::new()).is_empty());
}
