//! Polling: 1,000 and 10,000 targets, each asked every five seconds over loopback.
//!
//! `cargo bench --bench poller` prints a table; `-- SECONDS` measures for so long. The
//! targets are other processes, so that the figures are those of the poller alone.
//! `-- serve FIRST COUNT` is such a process, and `-- project COUNT` prints a design whose
//! targets they are: `benches/poller/peers.py` measures other programs on the same.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use cpu_time::ProcessTime;
use meshboard::{
    model::{EnvironmentId, Model, Service, ServiceId},
    monitor::{Consent, Health, Monitor, MonitorPlan, Polls},
    project::{Environment, Project, Target, to_json},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Every target has an address of its own, and all have one port.
const PORT: u16 = 18_765;
/// Targets of one process, which may not have more open.
const EACH: usize = 2_500;
/// Seconds until every connection is there and every target was asked once.
const WARM_UP: u64 = 12;
const INTERVAL_MS: u64 = 5_000;
/// Long answers exist, but this is what most say.
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n\
    {\"status\":\"UP\"}";

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|it| it != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |it: &str| it.parse::<usize>().unwrap();
    match words[..] {
        ["serve", first, count] => serve(number(first), number(count)),
        ["poll", count, seconds] => poll(number(count), number(seconds)),
        ["project", count] => print!("{}", to_json(&project(number(count)))),
        [seconds] => measure(number(seconds)),
        _ => measure(60),
    }
}

fn measure(seconds: usize) {
    println!(
        "targets  % of a core  RSS MiB  descriptors  late ms p50 / p99 / worst  asked / due  up"
    );
    for count in [1_000, 10_000] {
        let servers = Servers::start(count);
        let own = env::current_exe().unwrap();
        let mut poller = Command::new(own);
        poller.args(["poll", &count.to_string(), &seconds.to_string()]);
        assert!(poller.status().unwrap().success());
        drop(servers);
    }
}

/// The processes that are asked; they end with this.
struct Servers(Vec<Child>);

impl Servers {
    fn start(count: usize) -> Self {
        let mut all = Self(Vec::new());
        for first in (0..count).step_by(EACH) {
            let own = env::current_exe().unwrap();
            let mut server = Command::new(own);
            let of = EACH.min(count - first);
            server.args(["serve", &first.to_string(), &of.to_string()]);
            let mut server = server.stdout(Stdio::piped()).spawn().unwrap();
            let mut line = String::new();
            let output = server.stdout.take().unwrap();
            BufReader::new(output).read_line(&mut line).unwrap();
            all.0.push(server);
            assert_eq!(line, "ready\n");
        }
        all
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for server in &mut self.0 {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }
}

fn host(number: usize) -> String {
    format!("127.1.{}.{}", number / 250, number % 250 + 1)
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    // As the program itself has it.
    builder.worker_threads(1).enable_all().build().unwrap()
}

fn serve(first: usize, count: usize) {
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    runtime().block_on(async {
        for number in first..first + count {
            let listener = TcpListener::bind((host(number), PORT)).await.unwrap();
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(answer(stream));
                }
            });
        }
        println!("ready");
        std::future::pending::<()>().await;
    });
}

/// Answers each request of a connection. A request ends with an empty line, and none is
/// larger than this.
async fn answer(mut stream: TcpStream) {
    let mut request = [0; 2048];
    let mut filled = 0;
    while let Ok(more @ 1..) = stream.read(&mut request[filled..]).await {
        filled += more;
        if !request[..filled].ends_with(b"\r\n\r\n") {
            continue;
        }
        let is_last = request[..filled]
            .windows(17)
            .any(|it| it.eq_ignore_ascii_case(b"connection: close"));
        filled = 0;
        if stream.write_all(ANSWER).await.is_err() || is_last {
            return;
        }
    }
}

fn project(count: usize) -> Project {
    let mut model = Model::default();
    let mut targets = BTreeMap::new();
    for number in 0..count {
        let id = ServiceId::new(format!("service-{number}")).unwrap();
        model
            .services
            .insert(id.clone(), Arc::new(Service::default()));
        let target = Target {
            instances: vec![format!("http://{}:{PORT}", host(number))],
            ..Target::default()
        };
        targets.insert(id, target);
    }
    let environment = Environment {
        interval_ms: Some(INTERVAL_MS),
        targets,
        ..Environment::default()
    };
    Project {
        model,
        environments: [(environment_id(), Arc::new(environment))]
            .into_iter()
            .collect(),
        ..Project::default()
    }
}

fn environment_id() -> EnvironmentId {
    EnvironmentId::new("bench").unwrap()
}

fn poll(count: usize, seconds: usize) {
    let plan = MonitorPlan::new(&project(count), &environment_id(), &Consent::default()).unwrap();
    let runtime = runtime();
    let monitor = Monitor::start(plan, runtime.handle(), || {});
    let mut polls = monitor.polls();
    thread::sleep(Duration::from_secs(WARM_UP));
    while polls.try_next().is_some() {}
    let (started, used) = (Instant::now(), ProcessTime::now());
    let mut late = Vec::new();
    let mut highest = 0;
    while started.elapsed() < Duration::from_secs(seconds as u64) {
        thread::sleep(Duration::from_millis(500));
        take(&mut polls, &mut late);
        highest = highest.max(fs::read_dir("/proc/self/fd").unwrap().count());
    }
    let took = started.elapsed().as_secs_f64();
    let used = used.elapsed().as_secs_f64();
    take(&mut polls, &mut late);
    assert_eq!(polls.missed(), 0);
    late.sort_by(f64::total_cmp);
    let part = |share: f64| late[((late.len() - 1) as f64 * share) as usize];
    let snapshot = monitor.latest();
    let up = snapshot.services.values();
    println!(
        "{count:7}  {:11.1}  {:7.0}  {highest:11}  {:8.1} / {:.1} / {:.0}  {} / {:.0}  {}",
        used / took * 100.0,
        resident_mebibytes(),
        part(0.5),
        part(0.99),
        part(1.0),
        late.len(),
        count as f64 * took * 1000.0 / INTERVAL_MS as f64,
        up.filter(|it| it.health == Health::Up).count(),
    );
}

fn take(polls: &mut Polls, late: &mut Vec<f64>) {
    while let Some(poll) = polls.try_next() {
        late.push(poll.late_ms);
    }
}

fn resident_mebibytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap();
    let kibibytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes / 1024.0
}
