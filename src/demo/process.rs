//! One running service of the demo: answers over HTTP, and calls others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::State as Shared,
    http::{StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use super::{
    Network,
    breaker::State,
    dialect::{self, Answer, Check, Condition, Report},
    line::Line,
    roles::{Habit, Role, Step},
    script::{self, Phase},
};
use crate::model::ServiceId;

/// Calls of one habit under way at once; further ones are left out.
const MOST_CALLS_UNDER_WAY: usize = 64;
/// How long a refusing service waits before it looks whether it may listen again.
const LISTEN_AGAIN: Duration = Duration::from_millis(50);

/// One running service.
#[derive(Debug)]
pub(super) struct Process {
    /// Which service it is an instance of.
    pub(super) service: ServiceId,
    /// What it does.
    pub(super) role: &'static Role,
    /// Its ways to others.
    pub(super) lines: Vec<Line>,
    /// Everything it shares with the others.
    pub(super) network: Arc<Network>,
    /// How the service that the script lets fail is.
    pub(super) phase: watch::Receiver<Phase>,
    /// Requests it answered well.
    pub(super) answered: AtomicU64,
    /// Requests it did not.
    pub(super) failed: AtomicU64,
}

impl Process {
    /// Lets time pass for its breakers.
    pub(super) fn tick(&self) {
        for line in &self.lines {
            line.tick(&self.network);
        }
    }

    /// How well it is, and why: the worst of what it looked at.
    pub(super) fn condition(&self) -> (Condition, String) {
        let worst = self.checks().into_iter().max_by_key(|it| it.condition);
        worst.map_or_else(Default::default, |it| (it.condition, it.output))
    }

    /// How the script wants it to be.
    fn phase(&self) -> Phase {
        if self.service.as_str() == script::VICTIM {
            *self.phase.borrow()
        } else {
            Phase::Well
        }
    }

    fn checks(&self) -> Vec<Check> {
        let own = match self.phase() {
            Phase::Well => (Condition::Up, "accepting"),
            Phase::Slow => (Condition::Degraded, "answers come late"),
            Phase::Refusing => (Condition::Down, "connection refused"),
        };
        let mut checks = vec![Check {
            name: "requests".to_owned(),
            condition: own.0,
            output: own.1.to_owned(),
        }];
        for line in &self.lines {
            let Some(breaker) = line.report() else {
                continue;
            };
            let (condition, output) = match breaker.state {
                State::Closed => (Condition::Up, "reachable".to_owned()),
                State::Open | State::HalfOpen => {
                    let condition = if line.is_hard {
                        Condition::Down
                    } else {
                        Condition::Degraded
                    };
                    let state = breaker.state.label();
                    (condition, format!("the breaker to {} is {state}", line.to))
                }
            };
            checks.push(Check {
                name: line.to.to_string(),
                condition,
                output,
            });
        }
        checks
    }

    fn report(&self) -> Report {
        let checks = self.checks();
        Report {
            service: self.service.to_string(),
            condition: checks
                .iter()
                .map(|it| it.condition)
                .max()
                .unwrap_or_default(),
            checks,
            breakers: self.lines.iter().filter_map(Line::report).collect(),
            requests: (
                self.answered.load(Ordering::Relaxed),
                self.failed.load(Ordering::Relaxed),
            ),
            time: Timestamp::now().to_string(),
        }
    }

    /// What it tells of itself at this path, if anything.
    fn told_at(&self, path: &str) -> Option<Answer> {
        let report = self.report();
        if path == self.role.health_path {
            return Some(dialect::health(self.role.health, &report));
        }
        let metrics = dialect::metrics(self.role.breakers, &report);
        let breakers = dialect::breakers(self.role.breakers, &report);
        [Some(metrics), breakers]
            .into_iter()
            .flatten()
            .find(|(at, _)| *at == path)
            .map(|(_, answer)| answer)
    }

    /// Does what it is asked; whether that went well.
    async fn work(&self, steps: &[Step]) -> bool {
        let own = Duration::from_millis(self.role.latency_ms) / self.network.speed;
        tokio::time::sleep(own.mul_f64(0.75 + 0.5 * fastrand::f64())).await;
        if self.phase() == Phase::Slow {
            tokio::time::sleep(script::SLOW_ANSWER / self.network.speed).await;
        }
        let mut is_well = true;
        for step in steps {
            is_well &= self.take(step).await;
        }
        is_well
    }

    /// Takes one step; whether the request can go on without what it failed to get.
    async fn take(&self, step: &Step) -> bool {
        if step.percent < 100 && fastrand::u32(0..100) >= step.percent {
            return true;
        }
        let Some(line) = self.lines.iter().find(|it| it.to.as_str() == step.to) else {
            return true;
        };
        line.call(&self.network, step.path).await.is_ok() || !line.is_hard
    }
}

/// Does one thing again and again.
pub(super) async fn repeat(process: Arc<Process>, habit: &'static Habit, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let every = Duration::from_millis(habit.every_ms) / process.network.speed;
    let mut under_way = JoinSet::new();
    loop {
        // Spread by a fifth, as people do.
        tokio::time::sleep(every.mul_f64(0.8 + 0.4 * random.f64())).await;
        while under_way.try_join_next().is_some() {}
        if under_way.len() < MOST_CALLS_UNDER_WAY {
            let process = Arc::clone(&process);
            under_way.spawn(async move { process.take(&habit.step).await });
        }
    }
}

/// Answers until `stop` goes; the script's victim takes no connections while it refuses.
pub(super) async fn serve(process: Arc<Process>, listener: TcpListener, stop: watch::Receiver<()>) {
    let Ok(address) = listener.local_addr() else {
        return;
    };
    let mut listener = Some(listener);
    loop {
        if let Some(listener) = listener.take() {
            let router = Router::new()
                .fallback(answer)
                .with_state(Arc::clone(&process));
            let until = until_stopped(stop.clone(), process.clone());
            // Accepting goes on after errors, so that this only ends when told to.
            axum::serve(listener, router)
                .with_graceful_shutdown(until)
                .await
                .ok();
        }
        if stop.has_changed().is_err() {
            return;
        }
        tokio::time::sleep(LISTEN_AGAIN / process.network.speed).await;
        if process.phase() != Phase::Refusing {
            // The port may be taken for a moment; then the next turn tries again.
            listener = TcpListener::bind(address).await.ok();
        }
    }
}

async fn until_stopped(mut stop: watch::Receiver<()>, process: Arc<Process>) {
    let mut phase = process.phase.clone();
    loop {
        if process.phase() == Phase::Refusing {
            return;
        }
        tokio::select! {
            _ = stop.changed() => return,
            changed = phase.changed() => if changed.is_err() { return },
        }
    }
}

async fn answer(Shared(process): Shared<Arc<Process>>, uri: Uri) -> Response {
    let path = uri.path();
    if let Some(work) = process.role.work.iter().find(|it| it.path == path) {
        let (counter, code) = if process.work(work.steps).await {
            (&process.answered, StatusCode::OK)
        } else {
            (&process.failed, StatusCode::SERVICE_UNAVAILABLE)
        };
        counter.fetch_add(1, Ordering::Relaxed);
        return code.into_response();
    }
    let Some(told) = process.told_at(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let code = StatusCode::from_u16(told.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (code, [(CONTENT_TYPE, told.content_type)], told.body).into_response()
}
