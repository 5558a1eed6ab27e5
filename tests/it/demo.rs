//! The demo, seen from outside over HTTP.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use meshboard::demo::{Change, Cluster, Options, State};
use serde_json::Value;
use tokio::sync::broadcast::error::TryRecvError;

/// More than a round of the script takes at this speed, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(90);

const FAST: Options = Options {
    port_base: None,
    seed: 7,
    speed: 10,
};

fn address(cluster: &Cluster, service: &str) -> String {
    cluster.addresses()[service][0].clone()
}

async fn get(url: &str) -> Result<(u16, String), reqwest::Error> {
    let answer = reqwest::get(url).await?;
    let code = answer.status().as_u16();
    Ok((code, answer.text().await?))
}

/// Asks again and again until the answer is as wished.
async fn until(url: &str, what: &str, is_as_wished: impl Fn(u16, &str) -> bool) -> String {
    let start = Instant::now();
    let mut last = String::new();
    while start.elapsed() < LIMIT {
        if let Ok((code, body)) = get(url).await {
            if is_as_wished(code, &body) {
                return body;
            }
            last = body;
        }
        tokio::task::yield_now().await;
    }
    panic!("never saw {what} at {url}, last: {last}");
}

fn bank_breaker(body: &str) -> Option<String> {
    let value: Value = serde_json::from_str(body).ok()?;
    Some(
        value["circuitBreakers"]["bank"]["state"]
            .as_str()?
            .to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_breaker_of_payments_opens_half_opens_and_closes() {
    let cluster = Cluster::start(FAST).await.unwrap();
    let mut transitions = cluster.transitions();
    let payments = address(&cluster, "payments");
    let breakers = format!("{payments}/actuator/circuitbreakers");
    for state in ["OPEN", "HALF_OPEN", "CLOSED"] {
        until(&breakers, state, |_, body| {
            bank_breaker(body).as_deref() == Some(state)
        })
        .await;
    }

    // What each breaker went through joins up without a gap.
    let mut known: BTreeMap<String, State> = BTreeMap::new();
    loop {
        let transition = match transitions.try_recv() {
            Ok(transition) => transition,
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            Err(TryRecvError::Lagged(count)) => panic!("{count} changes were lost"),
        };
        if let Change::Breaker {
            from,
            to,
            from_state,
            to_state,
            ..
        } = transition.change
            // The catalog runs twice, each with breakers of its own.
            && from.as_str() != "catalog"
        {
            let before = known.insert(format!("{from} → {to}"), to_state);
            assert_eq!(before.unwrap_or(State::Closed), from_state, "{from} → {to}");
            assert!(!transition.cause.is_empty());
        }
    }
    assert!(known.contains_key("payments → bank"), "{known:?}");
    assert!(known.contains_key("orders → payments"), "{known:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_bank_fails_payments_are_down_and_orders_go_on() {
    let cluster = Cluster::start(FAST).await.unwrap();
    let payments = format!("{}/actuator/health", address(&cluster, "payments"));
    let down = until(&payments, "payments down", |code, _| code == 503).await;
    assert!(down.contains(r#""status":"DOWN""#), "{down}");

    let orders = format!("{}/health", address(&cluster, "orders"));
    let degraded = |code, body: &str| code == 200 && body.contains("degraded");
    until(&orders, "orders degraded", degraded).await;
    let breakers = format!("{}/breakers", address(&cluster, "orders"));
    let body = until(&breakers, "a list", |_, body| body.starts_with('[')).await;
    assert!(body.contains("payments"), "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_service_answers_in_its_own_dialect() {
    let cluster = Cluster::start(Options::default()).await.unwrap();
    let environment = &cluster.project().environments["demo"];
    for (service, target) in &environment.targets {
        for instance in &target.instances {
            let url = format!("{instance}{}", target.health_path);
            let (code, body) = get(&url).await.unwrap();
            assert_eq!(code, 200, "{service}: {body}");
            assert!(!body.is_empty(), "{service}");
            for path in &target.more_paths {
                let (code, body) = get(&format!("{instance}{path}")).await.unwrap();
                assert_eq!(code, 200, "{service}{path}: {body}");
            }
            let (code, _) = get(&format!("{instance}/nowhere")).await.unwrap();
            assert_eq!(code, 404, "{service}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_the_demo_stops_its_services() {
    let cluster = Cluster::start(Options::default()).await.unwrap();
    let url = format!("{}/health", address(&cluster, "web"));
    assert_eq!(get(&url).await.unwrap().0, 200);
    drop(cluster);
    let start = Instant::now();
    while get(&url).await.is_ok() {
        assert!(start.elapsed() < LIMIT, "{url} still answers");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let options = Options {
        port_base: Some(taken.local_addr().unwrap().port()),
        ..Options::default()
    };
    let text = Cluster::start(options).await.unwrap_err().to_string();
    assert!(text.starts_with("cannot listen on 127.0.0.1:"), "{text}");

    let options = Options {
        port_base: Some(u16::MAX),
        ..Options::default()
    };
    assert!(Cluster::start(options).await.is_err());
}
