//! The poller against real programs on free ports of this machine.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    runtime::Handle,
    time::{Instant, timeout},
};

use super::{
    Monitor, poll_once,
    schedule::{Steps, next_poll, stagger},
};
use crate::{
    model::{EnvironmentId, ServiceId, testing::model},
    monitor::{Change, Circuit, Consent, Health, MonitorPlan, Reach, Snapshot, store::Pace},
    project::{Environment, Project, Target},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// A program whose breaker and health can be switched, and that counts its requests.
#[derive(Default)]
struct Program {
    is_failing: AtomicBool,
    requests: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Program {
    async fn start(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let program = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let program = Arc::clone(&program);
                tokio::spawn(async move {
                    let mut request = vec![0; 4096];
                    while let Ok(length @ 1..) = stream.read(&mut request).await {
                        let text = String::from_utf8_lossy(&request[..length]).into_owned();
                        let answer = program.answer(&text).await;
                        stream.write_all(answer.as_bytes()).await.ok();
                    }
                });
            }
        });
        format!("http://{address}")
    }

    async fn answer(&self, request: &str) -> String {
        assert!(request.starts_with("GET "), "{request}");
        self.requests.fetch_add(1, Ordering::SeqCst);
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        let is_failing = self.is_failing.load(Ordering::SeqCst);
        let (health, circuit) = if is_failing {
            ("DOWN", "OPEN")
        } else {
            ("UP", "CLOSED")
        };
        let body = if request.starts_with("GET /actuator/circuitbreakers ") {
            format!(r#"{{"circuitBreakers":{{"bank":{{"state":"{circuit}"}}}}}}"#)
        } else {
            format!(r#"{{"status":"{health}"}}"#)
        };
        format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// A plan for one design; targets as service → addresses.
fn plan(design: &str, targets: &[(&str, &[String])]) -> MonitorPlan {
    let target = |(id, addresses): &(&str, &[String])| {
        let target = Target {
            instances: addresses.to_vec(),
            ..Target::default()
        };
        (ServiceId::new(id).unwrap(), target)
    };
    let environment = Environment {
        targets: targets.iter().map(target).collect::<BTreeMap<_, _>>(),
        interval_ms: Some(1000),
        ..Environment::default()
    };
    let id = EnvironmentId::new("here").unwrap();
    let project = Project {
        model: model(design),
        environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
        ..Project::default()
    };
    let mut plan = MonitorPlan::new(&project, &id, &Consent::default()).unwrap();
    for probe in &mut plan.probes {
        probe.interval = Duration::from_millis(40);
        probe.timeout = Duration::from_secs(5);
    }
    plan
}

/// Waits until a snapshot is as wanted.
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

fn health(snapshot: &Snapshot, id: &str) -> Option<Health> {
    Some(snapshot.services.get(&ServiceId::new(id).unwrap())?.health)
}

#[tokio::test]
async fn a_failure_and_its_recovery_are_seen_on_cards_edges_and_timeline() {
    let program = Arc::new(Program::default());
    let address = program.start().await;
    let plan = plan(
        "x(shop{technology=spring-boot}, bank); shop -> bank",
        &[("shop", &[address])],
    );
    let woken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&woken);
    let monitor = Monitor::start(plan, &Handle::current(), move || {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let mut transitions = monitor.subscribe();

    let is = |wanted, circuit| {
        move |it: &Snapshot| {
            let breaker = it.breakers.first();
            health(it, "shop") == Some(wanted) && breaker.is_some_and(|it| it.circuit == circuit)
        }
    };
    let snapshot = until(&monitor, is(Health::Up, Circuit::Closed)).await;
    let dependency = snapshot.breakers[0].dependency.as_ref();
    assert_eq!(
        dependency.map(ToString::to_string).as_deref(),
        Some("shop-bank")
    );

    program.is_failing.store(true, Ordering::SeqCst);
    let snapshot = until(&monitor, is(Health::Down, Circuit::Open)).await;
    let service = snapshot.services.values().next().unwrap();
    assert_eq!(
        service.note.as_deref(),
        Some("code and body disagree: HTTP 200, but the body says DOWN")
    );
    program.is_failing.store(false, Ordering::SeqCst);
    until(&monitor, is(Health::Up, Circuit::Closed)).await;

    let mut seen = Vec::new();
    while seen.len() < 4 {
        let transition = timeout(PATIENCE, transitions.next())
            .await
            .unwrap()
            .unwrap();
        seen.push(match transition.change {
            Change::Health { from, to, .. } => format!("{from:?} {to:?}"),
            Change::Circuit { from, to, .. } => format!("{from:?} {to:?}"),
        });
    }
    seen.sort();
    assert_eq!(seen, ["Closed Open", "Down Up", "Open Closed", "Up Down"]);
    assert_eq!(transitions.missed(), 0);
    assert!(woken.load(Ordering::SeqCst) > 0);
    assert_eq!(program.most_at_once.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn dropping_the_monitor_ends_polling() {
    let program = Arc::new(Program::default());
    let address = program.start().await;
    let plan = plan("x(a)", &[("a", &[address])]);
    let monitor = Monitor::start(plan, &Handle::current(), || {});
    until(&monitor, |it| health(it, "a") == Some(Health::Up)).await;
    let mut snapshots = monitor.snapshots();
    drop(monitor);
    let ended = async { while snapshots.next().await.is_some() {} };
    timeout(PATIENCE, ended)
        .await
        .expect("the end of snapshots");
}

#[tokio::test]
async fn once_asks_everybody_and_tells_who_is_not_there() {
    let program = Arc::new(Program::default());
    let mut addresses = Vec::new();
    for _ in 0..40 {
        addresses.push(program.start().await);
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let plan = plan("x(a, b); a -> b", &[("a", &addresses), ("b", &[nobody])]);
    let snapshot = poll_once(plan, PATIENCE).await;
    assert_eq!(health(&snapshot, "a"), Some(Health::Up));
    assert_eq!(health(&snapshot, "b"), Some(Health::Down));
    let b = &snapshot.services[&ServiceId::new("b").unwrap()];
    assert_eq!(b.reach, Reach::Refused);
    assert_eq!(snapshot.incidents.len(), 1);
    assert_eq!(program.requests.load(Ordering::SeqCst), 40);
    assert!(
        program.most_at_once.load(Ordering::SeqCst) <= super::super::probing::limits::MAX_AT_ONCE
    );
}

#[tokio::test]
async fn a_regular_poll_keeps_its_phase_and_leaves_out_what_it_missed() {
    let mut plan = plan("x(a)", &[("a", &["127.0.0.1:1".to_owned()])]);
    let probe = &mut plan.probes[0];
    probe.interval = Duration::from_secs(10);
    let pace = |at_least_ms, at_most_ms, is_regular| Pace {
        at_least_ms,
        at_most_ms,
        is_regular,
    };
    let phase = Instant::now();
    let regular = pace(9500, 10_500, true);
    let next = |began_ms, pace, random| {
        let began = phase + Duration::from_millis(began_ms);
        let next = next_poll(probe, pace, phase, began, random);
        next.saturating_duration_since(phase).as_millis()
    };
    assert_eq!(next(0, regular, 0.5), 10_000);
    assert_eq!(next(9600, regular, 0.5), 20_000, "jitter does not add up");
    assert_eq!(next(10_400, regular, 0.0), 19_500);
    assert_eq!(
        next(52_000, regular, 0.5),
        60_000,
        "missed polls are left out"
    );
    assert_eq!(next(3000, pace(1000, 2000, false), 0.5), 4500);
    assert!(stagger(probe) < Duration::from_secs(5));
    assert_eq!(stagger(probe), stagger(probe));
}

#[tokio::test(start_paused = true)]
async fn polls_begin_together_and_never_early() {
    let start = Instant::now();
    let begins = |asked, after_ms| {
        let due = start + Duration::from_millis(after_ms);
        (Steps::of(asked).at_or_after(due) - start).as_millis()
    };
    let few = [0, 1, 25, 5_026].map(|it| begins(10, it));
    assert_eq!(few, [0, 25, 25, 5_050]);
    let many = [0, 1, 10, 5_021].map(|it| begins(10_000, it));
    assert_eq!(many, [0, 10, 10, 5_030], "many crowd one another less");
}
