//! Sources ask small programs that answer as real ones do when something is wrong.

use std::{sync::Arc, sync::Mutex};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{Feed, find};
use crate::{
    model::{EnvironmentId, testing::model},
    monitor::{Consent, Health, MonitorPlan, Observation, Reach, probing::Limits},
    project::{Environment, Project, Source},
};

/// Status, headers and body.
type Page = (u16, &'static str, &'static str);

/// A program that answers a path with its query, and the questions it got.
async fn program(answer: fn(&str, usize) -> Page) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 16 * 1024];
            let length = stream.read(&mut request).await.unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            let number = {
                let mut noted = noted.lock().unwrap();
                noted.push(path.clone());
                noted.len()
            };
            let (status, headers, body) = answer(&path, number);
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
            );
            stream.write_all(text.as_bytes()).await.ok();
        }
    });
    (address, asked)
}

/// A source of a design with the service `shop`.
fn feed(kind: &str, address: &str) -> Feed {
    let source = Source {
        kind: kind.to_owned(),
        address: address.to_owned(),
        window_seconds: Some(60),
        ..Source::default()
    };
    let environment = Environment {
        sources: [("told".to_owned(), source)].into(),
        ..Environment::default()
    };
    let id = EnvironmentId::new("here").unwrap();
    let project = Project {
        model: model("x(shop, pay); shop -> pay"),
        environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
        ..Project::default()
    };
    let plan = Arc::new(MonitorPlan::new(&project, &id, &Consent::default()).unwrap());
    let limits = Arc::new(Limits::new(&plan));
    Feed::new(&plan, &limits, 0)
}

fn seen(observation: &Observation) -> Vec<(&str, &str, Health)> {
    let instances = observation.instances.iter();
    instances
        .map(|it| (it.service.as_str(), it.address.as_str(), it.health))
        .collect()
}

const CHECKS: &str = r#"[{"Node":"n","CheckID":"c","Name":"web","Status":"passing",
    "ServiceID":"s1","ServiceName":"shop","Output":"x"}]"#;

fn consul_without_catalog(path: &str, number: usize) -> Page {
    match path.split('?').next().unwrap_or_default() {
        "/v1/health/state/any" if number == 1 => (200, "X-Consul-Index: 5\r\n", CHECKS),
        "/v1/health/state/any" => (200, "X-Consul-Index: 3\r\n", CHECKS),
        _ => (403, "", "Permission denied"),
    }
}

#[tokio::test]
async fn consul_without_its_catalog_tells_of_what_has_checks_and_says_so() {
    let (address, asked) = program(consul_without_catalog).await;
    let feed = feed("consul", &address);
    let mut consul = (find("consul").unwrap().start)();
    let observation = consul.ask(&feed).await.unwrap();
    assert_eq!(seen(&observation), [("shop", "s1 on n", Health::Up)]);
    let note = observation.note.unwrap();
    assert!(
        note.contains("instances without checks are not seen"),
        "{note}"
    );
    assert!(note.contains("Permission denied"), "{note}");
    assert!(consul.has_waited(), "the next question waits for news");
    consul.ask(&feed).await.unwrap();
    let questions = asked.lock().unwrap().clone();
    let waiting = "/v1/health/state/any?stale&index=5&wait=55000ms";
    assert_eq!(questions.last().unwrap(), waiting, "nothing came or went");
    assert!(!consul.has_waited(), "its index went back");
}

#[tokio::test]
async fn what_refuses_to_answer_is_told_in_its_own_words() {
    let (address, _) = program(|_, _| (403, "", "ACL not found\n")).await;
    let mut consul = (find("consul").unwrap().start)();
    let failure = consul.ask(&feed("consul", &address)).await.unwrap_err();
    assert_eq!(failure.reach, Reach::AuthDenied);
    assert_eq!(failure.message, "HTTP 403: ACL not found");
    let (address, _) = program(|_, _| (200, "", "<html>")).await;
    for kind in ["consul", "prometheus"] {
        let mut source = (find(kind).unwrap().start)();
        let failure = source.ask(&feed(kind, &address)).await.unwrap_err();
        assert_eq!(failure.reach, Reach::Unparseable);
        assert!(
            failure.message.contains("no answer of"),
            "{}",
            failure.message
        );
    }
}

const NOTHING: &str = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;

const UP: &str = r#"{"status":"success","data":{"resultType":"vector","result":[
    {"metric":{"__name__":"up","job":"shop","instance":"h:1"},"value":[1000,"1"]}]}}"#;

const TIRED: &str = r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#;

fn tired_store(path: &str, _: usize) -> Page {
    if path.contains("query=up%7B%7D&") {
        (200, "", UP)
    } else if path.contains("istio") {
        (503, "", TIRED)
    } else {
        (200, "", NOTHING)
    }
}

#[tokio::test]
async fn a_query_that_fails_leaves_a_note_and_the_others_count() {
    let (address, asked) = program(tired_store).await;
    let mut prometheus = (find("prometheus").unwrap().start)();
    let feed = feed("prometheus", &address);
    let observation = prometheus.ask(&feed).await.unwrap();
    assert_eq!(seen(&observation), [("shop", "h:1", Health::Up)]);
    assert_eq!(
        observation.note.as_deref(),
        Some("calls of Istio not read: HTTP 503, timeout: query timed out")
    );
    assert!(observation.is_partial, "what is missing is not gone");
    let questions = asked.lock().unwrap().clone();
    assert!(questions.len() <= 12, "{questions:?}");
    assert!(questions.iter().all(|it| it.contains("&limit=20000")));
    assert!(!prometheus.has_waited(), "it is asked at its interval");
}
