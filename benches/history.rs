//! Recording and reading: up to 10,000 instances, each asked every five seconds.
//!
//! Prints CPU time of this thread for a million polls, bytes a poll once they are
//! packed, and milliseconds of one reading.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use std::{fs, path::Path, sync::Arc};

use cpu_time::ThreadTime;
use jiff::{SignedDuration, Timestamp};
use meshboard::{
    history::{History, Log, Subject},
    model::{EnvironmentId, ServiceId},
    monitor::{Health, InstanceState, Poll, Reach, ServiceState, Snapshot},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seconds between two polls of an instance.
const INTERVAL: i64 = 5;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 / 3600 * 3600 + second).unwrap()
}

fn service(number: usize) -> ServiceId {
    ServiceId::new(format!("service-{number}")).unwrap()
}

fn address(number: usize) -> String {
    format!("http://10.0.{}.{}:8080", number / 250, number % 250)
}

fn snapshot(services: usize) -> Snapshot {
    let services = (0..services).map(|number| {
        let instance = InstanceState {
            address: address(number),
            health: Health::Up,
            reach: Reach::Ok,
            raw: "UP".to_owned(),
            read_from: vec!["/actuator/health · Spring Boot".to_owned()],
            latency_ms: Some(4.0),
            recent_latencies_ms: vec![4.0; 60],
            last_answer: Some(at(0)),
            going_down: None,
            source: None,
            is_insecure: false,
        };
        let state = ServiceState {
            health: Health::Up,
            reach: Reach::Ok,
            instances: vec![instance],
            since: at(0),
            is_stale: false,
            impacted_by: None,
            note: None,
        };
        (service(number), Arc::new(state))
    });
    Snapshot {
        started: at(0),
        services: services.collect(),
        ..Snapshot::default()
    }
}

fn main() {
    for (services, seconds) in [(100, 3900), (1_000, 3900), (10_000, 600)] {
        measure(services, seconds);
    }
}

fn measure(services: usize, seconds: i64) {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(&folder.path().join("x.meshboard.json")).unwrap();
    let environment = EnvironmentId::new("bench").unwrap();
    let instances = (0..services).map(|it| (service(it), address(it))).collect();
    let mut log = Log::new(&history, environment.clone(), instances);
    let mut random = fastrand::Rng::with_seed(1);
    let mut snapshot = snapshot(services);
    let mut polls = 0_u64;
    let mut longest = 0.0_f64;
    let mut spent = 0.0;
    for second in 0..seconds {
        snapshot.at = at(second);
        let due =
            (0..services).filter(|it| it.cast_signed() as i64 % INTERVAL == second % INTERVAL);
        for instance in due {
            polls += 1;
            let late = SignedDuration::from_millis(random.i64(0..200));
            log.take_poll(Poll {
                instance,
                at: at(second) + late,
                health: Health::Up,
                reach: Reach::Ok,
                latency_ms: Some(3.0 + random.f64() * random.f64() * 20.0),
                late_ms: 0.0,
            });
        }
        let start = ThreadTime::now();
        log.write(&snapshot, at(second));
        let took = start.elapsed().as_secs_f64();
        spent += took;
        longest = longest.max(took);
        assert_eq!(log.state().error, None);
    }
    log.end();
    drop(log);
    let bytes = fs::metadata(history.path()).unwrap().len();
    println!(
        "{services} instances: {polls} polls, {:.2} CPU s a million with all upkeep, {:.2} % of a core, longest write {:.0} ms, {:.1} bytes a poll with minutes",
        spent / polls as f64 * 1e6,
        spent / seconds as f64 * 100.0,
        longest * 1000.0,
        bytes as f64 / polls as f64
    );
    tables(history.path());
    readings(&history, &environment, seconds);
}

/// Bytes of each table.
fn tables(path: &Path) {
    let file = rusqlite::Connection::open(path).unwrap();
    let query = "SELECT name, sum(pgsize), sum(ncell) FROM dbstat GROUP BY name ORDER BY 2 DESC";
    let mut statement = file.prepare(query).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (name, bytes, cells): (String, i64, i64) = (
            row.get(0).unwrap(),
            row.get(1).unwrap(),
            row.get(2).unwrap(),
        );
        if bytes > 100_000 {
            println!("  {name}: {bytes} bytes in {cells} rows");
        }
    }
}

fn readings(history: &History, environment: &EnvironmentId, seconds: i64) {
    let subject = Subject::Service(service(1));
    let time = |what: &str, read: &mut dyn FnMut() -> usize| {
        read();
        let start = ThreadTime::now();
        let found = read();
        let took = start.elapsed().as_secs_f64() * 1000.0;
        println!("  {what}: {took:.1} ms for {found}");
    };
    time("the whole at a moment", &mut || {
        let moment = history.at(environment, at(seconds / 2));
        moment.unwrap().services.len()
    });
    time("an hour of a service in 600 points", &mut || {
        history
            .series(environment, &subject, at(0), at(seconds), 600)
            .len()
    });
    time("an hour of a service in 60 points", &mut || {
        history
            .series(environment, &subject, at(0), at(seconds), 60)
            .len()
    });
    time("lanes", &mut || {
        history.lanes(environment, at(0), at(seconds)).len()
    });
}
