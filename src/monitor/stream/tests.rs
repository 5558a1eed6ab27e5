//! Streams against small programs on free ports of this machine.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::watch,
    time::timeout,
};

use super::is_known;
use crate::{
    model::{EnvironmentId, ServiceId, testing::model},
    monitor::{Circuit, Consent, Health, Monitor, MonitorPlan, Snapshot, poll_once},
    project::{Environment, Project, Target},
};

const PATIENCE: Duration = Duration::from_secs(30);
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream;charset=UTF-8\r\n\r\n";

/// A service with a stream of one breaker that can be switched.
struct Program {
    is_open: watch::Sender<bool>,
    /// Times its stream was asked for.
    streams: AtomicUsize,
    /// What comes instead of the stream, if anything does.
    instead: &'static str,
}

impl Program {
    async fn start(instead: &'static str) -> (Arc<Self>, String) {
        let program = Arc::new(Self {
            is_open: watch::Sender::new(false),
            streams: AtomicUsize::new(0),
            instead,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&program);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&shared).serve(stream));
            }
        });
        (program, format!("http://{address}"))
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) -> std::io::Result<()> {
        let mut request = vec![0; 4096];
        while let length @ 1.. = stream.read(&mut request).await? {
            let text = String::from_utf8_lossy(&request[..length]).into_owned();
            let body = if text.starts_with("GET /health ") {
                r#"{"status":"UP"}"#
            } else if text.starts_with("GET /actuator/circuitbreakers ") {
                r#"{"circuitBreakers":{"bank":{"state":"OPEN"}}}"#
            } else {
                self.streams.fetch_add(1, Ordering::SeqCst);
                return self.stream(stream).await;
            };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all((head + body).as_bytes()).await?;
        }
        Ok(())
    }

    /// Both commands, and again whenever the breaker is switched.
    async fn stream(&self, mut stream: TcpStream) -> std::io::Result<()> {
        if !self.instead.is_empty() {
            return stream.write_all(self.instead.as_bytes()).await;
        }
        stream.write_all(HEAD.as_bytes()).await?;
        let mut switched = self.is_open.subscribe();
        loop {
            let is_open = *switched.borrow_and_update();
            for (name, is_open) in [("bank", is_open), ("post", false)] {
                let event = format!(
                    r#"{{"type":"HystrixCommand","name":"{name}","isCircuitBreakerOpen":{is_open}}}"#
                );
                stream
                    .write_all(format!("ping: \n\ndata:{event}\n\n").as_bytes())
                    .await?;
            }
            if switched.changed().await.is_err() {
                return Ok(());
            }
        }
    }
}

fn plan(address: String, more_path: &str) -> MonitorPlan {
    let target = Target {
        instances: vec![address],
        more_paths: vec![more_path.to_owned()],
        ..Target::default()
    };
    let environment = Environment {
        targets: BTreeMap::from([(ServiceId::new("shop").unwrap(), target)]),
        interval_ms: Some(1000),
        ..Environment::default()
    };
    let id = EnvironmentId::new("here").unwrap();
    let project = Project {
        model: model("x(shop, bank); shop -> bank"),
        environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
        ..Project::default()
    };
    let mut plan = MonitorPlan::new(&project, &id, &Consent::default()).unwrap();
    for probe in &mut plan.probes {
        probe.interval = Duration::from_millis(40);
        probe.timeout = Duration::from_secs(20);
    }
    plan
}

async fn until(monitor: &Monitor, is_wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let mut snapshots = monitor.snapshots();
    let waiting = async {
        loop {
            let snapshot = snapshots.next().await.unwrap();
            if is_wanted(&snapshot) {
                return snapshot;
            }
        }
    };
    timeout(PATIENCE, waiting)
        .await
        .expect("the wanted snapshot")
}

fn circuit(snapshot: &Snapshot, name: &str) -> Option<Circuit> {
    let breaker = snapshot.breakers.iter().find(|it| it.name == name);
    breaker.map(|it| it.circuit)
}

fn note(snapshot: &Snapshot) -> String {
    let shop = snapshot.services.get(&ServiceId::new("shop").unwrap());
    shop.and_then(|it| it.note.clone()).unwrap_or_default()
}

#[tokio::test]
async fn a_breaker_is_seen_to_open_and_close_on_a_stream_that_is_asked_for_once() {
    let (program, address) = Program::start("").await;
    let monitor = Monitor::start(plan(address, "/hystrix.stream"), &Handle::current(), || {});
    let is = |circuit_wanted| move |it: &Snapshot| circuit(it, "bank") == Some(circuit_wanted);
    until(&monitor, is(Circuit::Closed)).await;
    program.is_open.send_replace(true);
    let snapshot = until(&monitor, is(Circuit::Open)).await;
    let bank = snapshot
        .breakers
        .iter()
        .find(|it| it.name == "bank")
        .unwrap();
    assert_eq!(bank.source, "/hystrix.stream · Hystrix stream");
    assert!(bank.dependency.is_some());
    program.is_open.send_replace(false);
    until(&monitor, is(Circuit::Closed)).await;
    assert_eq!(program.streams.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_path_that_turns_out_to_be_a_stream_is_followed_and_not_polled() {
    let (program, address) = Program::start("").await;
    let monitor = Monitor::start(plan(address, "/breakers"), &Handle::current(), || {});
    until(&monitor, |it| circuit(it, "post") == Some(Circuit::Closed)).await;
    program.is_open.send_replace(true);
    until(&monitor, |it| circuit(it, "bank") == Some(Circuit::Open)).await;
    // Once to find out, and once to follow.
    assert_eq!(program.streams.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn once_hears_every_breaker_of_a_stream() {
    for path in ["/hystrix.stream", "/breakers"] {
        let (program, address) = Program::start("").await;
        program.is_open.send_replace(true);
        let mut plan = plan(address, path);
        plan.probes[0].timeout = Duration::from_secs(1);
        let snapshot = poll_once(plan, PATIENCE).await;
        assert_eq!(circuit(&snapshot, "bank"), Some(Circuit::Open), "{path}");
        assert_eq!(circuit(&snapshot, "post"), Some(Circuit::Closed), "{path}");
    }
}

#[tokio::test]
async fn a_stream_of_changes_alone_begins_with_what_is() {
    let instead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: ping\n\n";
    let (_program, address) = Program::start(instead).await;
    let plan = plan(address, "/actuator/streamcircuitbreakerevents");
    let snapshot = poll_once(plan, PATIENCE).await;
    assert_eq!(circuit(&snapshot, "bank"), Some(Circuit::Open));
}

#[tokio::test]
async fn hystrix_that_serves_no_more_clients_is_left_alone_and_said() {
    let instead = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (program, address) = Program::start(instead).await;
    let monitor = Monitor::start(plan(address, "/hystrix.stream"), &Handle::current(), || {});
    let shop = ServiceId::new("shop").unwrap();
    // Its health is another matter.
    let is_up = |it: &Snapshot| {
        it.services
            .get(&shop)
            .is_some_and(|it| it.health == Health::Up)
    };
    let is_said = |it: &Snapshot| note(it).contains("five by default");
    until(&monitor, |it| is_up(it) && is_said(it)).await;
    assert_eq!(program.streams.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_known_stream_that_is_none_is_said() {
    let instead = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n";
    let (_program, address) = Program::start(instead).await;
    let snapshot = poll_once(plan(address, "/turbine.stream"), PATIENCE).await;
    assert!(
        note(&snapshot).contains("no event stream"),
        "{}",
        note(&snapshot)
    );
}

#[test]
fn the_usual_streams_are_known_by_their_names() {
    for path in [
        "/hystrix.stream",
        "/actuator/hystrix.stream/",
        "/turbine.stream",
        "/actuator/streamcircuitbreakerevents/bank/ERROR",
        "/actuator/hystrixstreamcircuitbreakerevents",
    ] {
        assert!(is_known(path), "{path}");
    }
    assert!(!is_known("/actuator/circuitbreakerevents") && !is_known("/stream"));
}
