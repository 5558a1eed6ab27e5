//! One service's way to another: timeout, retries and breaker, as the design says.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    Network,
    breaker::{self, Breaker, Permit, State},
    dialect::BreakerReport,
    journal::Change,
};
use crate::model::{self, Dependency, ServiceId};

/// What a caller waits for where the design does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);

/// A call that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CallFailed;

/// One service's way to another.
#[derive(Debug)]
pub(super) struct Line {
    from: ServiceId,
    /// Where it leads.
    pub(super) to: ServiceId,
    /// Whether the caller fails when it does.
    pub(super) is_hard: bool,
    name: String,
    timeout: Duration,
    retries: u32,
    backoff: Duration,
    breaker: Option<Mutex<Guarded>>,
    next_instance: AtomicUsize,
}

#[derive(Debug)]
struct Guarded {
    breaker: Breaker,
    last_failure: String,
}

impl Line {
    /// The way a dependency draws, `speed` times as fast.
    pub(super) fn new(dependency: &Dependency, speed: u32) -> Self {
        let millis = |it: u64| Duration::from_millis(it) / speed.max(1);
        let retries = dependency.retries.clone().unwrap_or_default();
        let breaker = dependency.breaker.as_ref().map(|it| {
            Mutex::new(Guarded {
                breaker: Breaker::new(settings(it, speed)),
                last_failure: String::new(),
            })
        });
        let drawn_name = dependency.breaker.as_ref().map(|it| it.name.as_str());
        let name = drawn_name.filter(|it| !it.is_empty());
        Self {
            from: dependency.from.clone(),
            to: dependency.to.clone(),
            is_hard: dependency.is_hard(),
            name: name.unwrap_or(dependency.to.as_str()).to_owned(),
            timeout: dependency
                .timeout_ms
                .map_or(DEFAULT_TIMEOUT / speed.max(1), millis),
            retries: retries.count,
            backoff: millis(retries.backoff_ms.unwrap_or(0)),
            breaker,
            next_instance: AtomicUsize::new(0),
        }
    }

    /// Calls the other service; retries, unless the breaker refuses.
    pub(super) async fn call(&self, network: &Network, path: &str) -> Result<(), CallFailed> {
        for attempt in 0..=self.retries {
            if attempt > 0 {
                tokio::time::sleep(self.backoff).await;
            }
            let Some(ticket) = self.ticket(network) else {
                return Err(CallFailed);
            };
            let outcome = self.attempt(network, path).await;
            let is_done = outcome.is_ok();
            ticket.hand_back(outcome);
            if is_done {
                return Ok(());
            }
        }
        Err(CallFailed)
    }

    /// Lets time pass for the breaker.
    pub(super) fn tick(&self, network: &Network) {
        if let Some(guarded) = &self.breaker {
            self.watched(network, lock(guarded), |it| it.breaker.tick(Instant::now()));
        }
    }

    /// What is to be told of its breaker, if it has one.
    pub(super) fn report(&self) -> Option<BreakerReport> {
        let guarded = lock(self.breaker.as_ref()?);
        Some(BreakerReport {
            name: self.name.clone(),
            state: guarded.breaker.state(),
            counts: guarded.breaker.counts(),
            settings: guarded.breaker.settings(),
        })
    }

    async fn attempt(&self, network: &Network, path: &str) -> Result<(), String> {
        let instances = network
            .addresses
            .get(&self.to)
            .map_or(&[][..], Vec::as_slice);
        let turn = self.next_instance.fetch_add(1, Ordering::Relaxed);
        let Some(address) = instances.get(turn % instances.len().max(1)) else {
            return Err("no address".to_owned());
        };
        let request = network.http.get(format!("{address}{path}"));
        match request.timeout(self.timeout).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("HTTP {}", answer.status().as_u16())),
            Err(error) if error.is_timeout() => {
                Err(format!("no answer within {} ms", self.timeout.as_millis()))
            }
            Err(error) if error.is_connect() => Err("connection refused".to_owned()),
            Err(_) => Err("connection broken".to_owned()),
        }
    }

    /// The right to make one attempt; `None` means the breaker refuses.
    fn ticket<'a>(&'a self, network: &'a Network) -> Option<Ticket<'a>> {
        let permit = match &self.breaker {
            Some(guarded) => {
                let asked = |it: &mut Guarded| it.breaker.permit(Instant::now());
                Some(self.watched(network, lock(guarded), asked)?)
            }
            None => None,
        };
        Some(Ticket {
            line: self,
            network,
            permit,
        })
    }

    /// Does something with the breaker and notes if that changed its state.
    fn watched<T>(
        &self,
        network: &Network,
        mut guarded: MutexGuard<'_, Guarded>,
        act: impl FnOnce(&mut Guarded) -> T,
    ) -> T {
        let from_state = guarded.breaker.state();
        let result = act(&mut guarded);
        let to_state = guarded.breaker.state();
        if from_state != to_state {
            let change = Change::Breaker {
                from: self.from.clone(),
                to: self.to.clone(),
                name: self.name.clone(),
                from_state,
                to_state,
            };
            network.journal.note(change, cause(&guarded, from_state));
        }
        result
    }
}

/// Gives the permit back even if the caller goes away in the middle of the call.
struct Ticket<'a> {
    line: &'a Line,
    network: &'a Network,
    permit: Option<Permit>,
}

impl Ticket<'_> {
    fn hand_back(mut self, outcome: Result<(), String>) {
        let (Some(permit), Some(guarded)) = (self.permit.take(), &self.line.breaker) else {
            return;
        };
        self.line.watched(self.network, lock(guarded), |it| {
            let has_failed = outcome.is_err();
            if let Err(reason) = outcome {
                it.last_failure = reason;
            }
            it.breaker.record(permit, has_failed, Instant::now());
        });
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if let (Some(permit), Some(guarded)) = (self.permit.take(), &self.line.breaker) {
            lock(guarded).breaker.release(permit);
        }
    }
}

fn lock(guarded: &Mutex<Guarded>) -> MutexGuard<'_, Guarded> {
    // Nothing in here can be left half done.
    guarded.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cause(guarded: &Guarded, from_state: State) -> String {
    let counts = guarded.breaker.counts();
    match guarded.breaker.state() {
        State::Open => {
            let calls = match from_state {
                State::HalfOpen => "trial calls",
                State::Closed | State::Open => "calls",
            };
            format!(
                "{} of {} {calls} failed, the last one: {}",
                counts.failed, counts.buffered, guarded.last_failure
            )
        }
        State::HalfOpen => {
            let open_for = guarded.breaker.settings().open_for;
            format!("it was open for {} s", open_for.as_secs_f64())
        }
        State::Closed => "the trial calls passed".to_owned(),
    }
}

/// A drawn breaker's settings; what it does not say is as Meshboard recommends.
fn settings(drawn: &model::Breaker, speed: u32) -> breaker::Settings {
    let usual = model::Breaker::recommended();
    let open_ms = drawn.open_ms.or(usual.open_ms).unwrap_or(30_000);
    breaker::Settings {
        failure_rate_percent: drawn
            .failure_rate_percent
            .or(usual.failure_rate_percent)
            .unwrap_or(50.0),
        window_calls: drawn.window_calls.or(usual.window_calls).unwrap_or(20) as usize,
        minimum_calls: drawn.minimum_calls.or(usual.minimum_calls).unwrap_or(10) as usize,
        open_for: Duration::from_millis(open_ms) / speed.max(1),
        half_open_calls: drawn.half_open_calls.or(usual.half_open_calls).unwrap_or(3),
    }
}
