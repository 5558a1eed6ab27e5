//! Names whose addresses are handed in, and programs on addresses of this machine.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    runtime::Handle,
    task::AbortHandle,
    time::timeout,
};

use super::Names;
use crate::{
    model::{EnvironmentId, ServiceId, testing::model},
    monitor::{
        Consent, Health, Monitor, MonitorPlan, Reach, ServiceState, Snapshot, fetch::Failure,
        poll_once,
    },
    project::{Environment, Project, Target},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// What the name leads to now; `None` if it cannot be looked up.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Option<Vec<IpAddr>>>>);

impl Book {
    fn of(addresses: &str) -> Self {
        let book = Self::default();
        book.write(addresses);
        book
    }

    fn write(&self, addresses: &str) {
        let all = addresses.split_whitespace().map(|it| it.parse().unwrap());
        *self.0.lock().unwrap() = Some(all.collect());
    }

    fn tear(&self) {
        *self.0.lock().unwrap() = None;
    }

    fn names(&self) -> Names {
        let book = self.clone();
        Names(Arc::new(move |name| {
            let found = book.0.lock().unwrap().clone();
            let unknown =
                || Failure::new(Reach::NameUnknown, format!("the name {name} is unknown"));
            let found = found.ok_or_else(unknown);
            Box::pin(async move { found })
        }))
    }
}

/// A program that is well, and keeps what it was asked.
struct Program {
    port: u16,
    asked: Arc<Mutex<String>>,
    task: AbortHandle,
}

impl Program {
    async fn start(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind((host, port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                *kept.lock().unwrap() = String::from_utf8_lossy(&request[..length]).into_owned();
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n\
                              {\"status\":\"UP\"}";
                stream.write_all(answer.as_bytes()).await.ok();
            }
        });
        let task = task.abort_handle();
        Self { port, asked, task }
    }
}

/// A plan for one service behind pay.test.
fn plan(port: u16, book: &Book) -> MonitorPlan {
    let target = Target {
        instances: vec![format!("http://pay.test:{port}")],
        is_each_address: true,
        ..Target::default()
    };
    let environment = Environment {
        targets: BTreeMap::from([(ServiceId::new("pay").unwrap(), target)]),
        ..Environment::default()
    };
    let id = EnvironmentId::new("here").unwrap();
    let project = Project {
        model: model("x(pay)"),
        environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
        ..Project::default()
    };
    let mut plan = MonitorPlan::new(&project, &id, &Consent::to(["pay.test"])).unwrap();
    for probe in &mut plan.probes {
        probe.interval = Duration::from_millis(40);
        probe.timeout = Duration::from_secs(5);
    }
    plan.groups[0].refresh = Duration::from_millis(40);
    plan.names = book.names();
    plan
}

fn pay(snapshot: &Snapshot) -> Option<&ServiceState> {
    let pay = snapshot.services.get(&ServiceId::new("pay").unwrap());
    pay.map(AsRef::as_ref)
}

async fn until(monitor: &Monitor, is_wanted: impl Fn(&ServiceState) -> bool) -> ServiceState {
    let mut snapshots = monitor.snapshots();
    let waiting = async {
        loop {
            let snapshot = snapshots.next().await.unwrap();
            if let Some(service) = pay(&snapshot).filter(|it| is_wanted(it)) {
                return service.clone();
            }
        }
    };
    timeout(PATIENCE, waiting).await.expect("the wanted state")
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn those_behind_a_name_are_seen_to_fall_to_go_and_to_come() {
    let one = Program::start("127.0.0.1", 0).await;
    let two = Program::start("127.0.0.2", one.port).await;
    let book = Book::of("127.0.0.1 127.0.0.2 127.0.0.3");
    let monitor = Monitor::start(plan(one.port, &book), &Handle::current(), || {});
    let service = until(&monitor, |it| it.instances_up() == (2, 3)).await;
    let shown = format!("http://127.0.0.3:{} (pay.test)", one.port);
    assert_eq!(service.instances[2].address, shown);
    assert_eq!(service.instances[2].reach, Reach::Refused);
    let host = format!("host: pay.test:{}", one.port);
    for program in [&one, &two] {
        let asked = program.asked.lock().unwrap().to_lowercase();
        assert!(asked.contains(&host), "{asked}");
    }
    two.task.abort();
    until(&monitor, |it| it.instances_up() == (1, 3)).await;
    book.write("127.0.0.1 127.0.0.3");
    until(&monitor, |it| it.instances_up() == (1, 2)).await;
    book.tear();
    let service = until(&monitor, |it| it.note.is_some()).await;
    assert_eq!(service.instances_up(), (1, 2), "those known before stay");
    assert_eq!(
        service.note.as_deref(),
        Some("the name pay.test is unknown; its addresses known before are asked")
    );
    let three = Program::start("127.0.0.3", one.port).await;
    book.write("127.0.0.1 127.0.0.3");
    until(&monitor, |it| it.health == Health::Up && it.note.is_none()).await;
    three.task.abort();
}

#[tokio::test]
async fn polls_tell_which_address_was_asked() {
    let one = Program::start("127.0.0.1", 0).await;
    let book = Book::of("127.0.0.1");
    let monitor = Monitor::start(plan(one.port, &book), &Handle::current(), || {});
    let mut polls = monitor.polls();
    until(&monitor, |it| it.health == Health::Up).await;
    let poll = polls.try_next().unwrap();
    let (_, address) = &monitor.instances()[poll.instance];
    assert_eq!(
        *address,
        format!("http://127.0.0.1:{} (pay.test)", one.port)
    );
}

#[tokio::test]
async fn a_name_that_never_led_anywhere_is_one_instance_until_it_does() {
    let one = Program::start("127.0.0.1", 0).await;
    let book = Book::default();
    let monitor = Monitor::start(plan(one.port, &book), &Handle::current(), || {});
    let service = until(&monitor, |it| it.reach == Reach::NameUnknown).await;
    let address = format!("http://pay.test:{}", one.port);
    assert_eq!(service.instances[0].address, address);
    assert_eq!(service.instances.len(), 1);
    book.write("127.0.0.1");
    let service = until(&monitor, |it| it.health == Health::Up).await;
    assert_eq!(service.instances_up(), (1, 1));
}

#[tokio::test]
async fn an_address_that_is_never_asked_is_shown_as_blocked() {
    let one = Program::start("127.0.0.1", 0).await;
    let book = Book::of("127.0.0.1 169.254.169.254");
    let snapshot = poll_once(plan(one.port, &book), PATIENCE).await;
    let service = pay(&snapshot).unwrap();
    assert_eq!(service.instances_up(), (1, 2));
    let blocked = &service.instances[1];
    assert!(blocked.address.contains("169.254.169.254"));
    assert_eq!(
        (blocked.reach, blocked.health),
        (Reach::Blocked, Health::Unknown)
    );
}

#[tokio::test]
async fn once_asks_every_address_and_tells_of_a_name_that_leads_nowhere() {
    let one = Program::start("127.0.0.1", 0).await;
    let snapshot = poll_once(plan(one.port, &Book::of("127.0.0.1")), PATIENCE).await;
    assert_eq!(pay(&snapshot).unwrap().instances_up(), (1, 1));
    let snapshot = poll_once(plan(one.port, &Book::default()), PATIENCE).await;
    let service = pay(&snapshot).unwrap();
    assert_eq!(
        (service.health, service.reach),
        (Health::Down, Reach::NameUnknown)
    );
    one.task.abort();
}
