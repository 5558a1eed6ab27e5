//! Designs of any size for the benchmark: contexts of 25 services with two
//! dependencies each, four of five of them inside their context; one fixed seed.

use std::sync::Arc;

use jiff::Timestamp;
use meshboard::{
    model::{Boundary, BoundaryId, Breaker, Dependency, DependencyId, Mode, Service, ServiceId},
    monitor::{
        BreakerState, Circuit, Confidence, Health, InstanceState, Reach, ServiceState, Snapshot,
    },
    project::{Position, Project},
};

const CONTEXT: usize = 25;
const TECHNOLOGIES: [&str; 6] = ["fastapi", "go", "spring-boot", "postgres", "redis", "axum"];

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// A design of this many services.
pub(crate) fn design(count: usize) -> Project {
    let mut project = Project::default();
    let mut dice = Dice(0x5EED);
    let contexts = count.div_ceil(CONTEXT);
    let columns = (contexts as f64 * 0.8).sqrt().ceil() as usize;
    let context = |it: usize| BoundaryId::from_display_name(&format!("context-{it:04}"), "context");
    for number in 0..contexts {
        let boundary = Boundary {
            name: format!("Context {number}"),
            team: format!("team-{}", number % 17),
            ..Boundary::default()
        };
        project
            .model
            .boundaries
            .insert(context(number), Arc::new(boundary));
    }
    for number in 0..count {
        let (around, inside) = (number / CONTEXT, number % CONTEXT);
        let service = Service {
            boundary: Some(context(around)),
            technology: TECHNOLOGIES[dice.roll(TECHNOLOGIES.len())].to_owned(),
            ..Service::default()
        };
        let x = (around % columns) * 1440 + (inside % 5) * 264;
        let y = (around / columns) * 560 + (inside / 5) * 92;
        let position = Position::new(x as i32, y as i32);
        project.view.positions.insert(service_id(number), position);
        project
            .model
            .services
            .insert(service_id(number), Arc::new(service));
    }
    for number in 0..2 * count {
        let from = number / 2;
        let near = (from / CONTEXT) * CONTEXT + dice.roll(CONTEXT);
        let to = if dice.roll(10) < 8 {
            near
        } else {
            dice.roll(count)
        }
        .min(count - 1);
        let mut dependency = Dependency::new(service_id(from), service_id(to));
        if dice.roll(6) == 0 {
            dependency.mode = Mode::Async;
        }
        if dice.roll(5) == 0 {
            dependency.breaker = Some(Breaker::recommended());
            dependency.timeout_ms = Some(1000);
        }
        let id = DependencyId::from_display_name(&format!("d-{number:05}"), "d");
        project.model.dependencies.insert(id, Arc::new(dependency));
    }
    project
}

fn service_id(number: usize) -> ServiceId {
    ServiceId::from_display_name(&format!("service-{number:05}"), "service")
}

/// Everything in another state in each of four turns.
#[allow(clippy::too_many_lines, reason = "a line for each field")]
pub(crate) fn snapshot(project: &Project, turn: usize) -> Snapshot {
    const STATES: [Health; 4] = [Health::Up, Health::Degraded, Health::Down, Health::Up];
    const CIRCUITS: [Circuit; 4] = [
        Circuit::Closed,
        Circuit::Open,
        Circuit::HalfOpen,
        Circuit::Closed,
    ];
    let model = &project.model;
    let mut snapshot = Snapshot {
        at: Timestamp::UNIX_EPOCH,
        ..Snapshot::default()
    };
    for (number, id) in model.services.keys().enumerate() {
        let health = STATES[(number + turn) % STATES.len()];
        let instance = InstanceState {
            address: "http://127.0.0.1:7100".to_owned(),
            health,
            reach: Reach::Ok,
            raw: String::new(),
            read_from: Vec::new(),
            latency_ms: Some((number % 90) as f64),
            recent_latencies_ms: Vec::new(),
            last_answer: None,
            going_down: None,
            source: None,
            is_insecure: false,
        };
        let state = ServiceState {
            health,
            reach: Reach::Ok,
            instances: vec![instance],
            since: Timestamp::UNIX_EPOCH,
            is_stale: false,
            impacted_by: None,
            note: None,
        };
        snapshot.services.insert(id.clone(), Arc::new(state));
    }
    let guarded = model
        .dependencies
        .iter()
        .filter(|it| it.1.breaker.is_some());
    for (number, (id, dependency)) in guarded.enumerate() {
        snapshot.breakers.push(BreakerState {
            from: dependency.from.clone(),
            name: dependency.to.to_string(),
            dependency: Some(id.clone()),
            circuit: CIRCUITS[(number + turn) % CIRCUITS.len()],
            instances_open: (1, 1),
            since: Timestamp::UNIX_EPOCH,
            confidence: Confidence::Reported,
            failure_rate_percent: Some(61.0),
            buffered_calls: None,
            not_permitted_calls: None,
            detail: String::new(),
            source: String::new(),
            is_flapping: false,
            is_stale: false,
        });
    }
    snapshot
}
