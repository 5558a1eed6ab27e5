//! A circuit breaker: refuses calls to what keeps failing, and tries again later.
//!
//! A pure state machine; the time of each step is handed in. Closed, it counts the
//! outcomes of the last calls; from enough failures on it opens and refuses; after a
//! while it is half-open and lets a few calls pass on trial, whose outcomes decide.
//! An outcome counts only in the state in which its call began.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Settings {
    /// Percent of failed calls in the window that opens it.
    pub failure_rate_percent: f64,
    /// The last so many calls count.
    pub window_calls: usize,
    /// Fewer calls than this in the window never open it.
    pub minimum_calls: usize,
    /// How long it refuses before it tries again.
    pub open_for: Duration,
    /// Calls that pass on trial while it is half-open.
    pub half_open_calls: u32,
}

/// What a breaker does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// A few calls pass on trial.
    HalfOpen,
}

impl State {
    /// As it stands in the demo's transitions.
    pub fn label(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

/// The right to make one call; hand it back with its outcome, or unused.
#[derive(Debug)]
pub(super) struct Permit {
    generation: u64,
}

/// What a breaker has counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Counts {
    /// Calls in the window, or trials with an outcome while half-open.
    pub buffered: usize,
    /// Those of them that failed.
    pub failed: usize,
    /// Percent of failed calls; `None` while there are fewer than the minimum.
    pub failure_rate_percent: Option<f64>,
    /// Calls refused since the start.
    pub not_permitted: u64,
}

/// A circuit breaker.
#[derive(Debug)]
pub(super) struct Breaker {
    settings: Settings,
    state: State,
    /// Counts changes of state, so that late outcomes are recognised.
    generation: u64,
    /// Outcomes of the calls that count, the newest last; `true` means failed.
    window: VecDeque<bool>,
    open_until: Option<Instant>,
    trials_under_way: u32,
    not_permitted: u64,
}

impl Breaker {
    /// A closed breaker that has seen nothing.
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            state: State::Closed,
            generation: 0,
            window: VecDeque::new(),
            open_until: None,
            trials_under_way: 0,
            not_permitted: 0,
        }
    }

    /// What it does with a call now.
    pub(super) fn state(&self) -> State {
        self.state
    }

    /// How it was set up.
    pub(super) fn settings(&self) -> Settings {
        self.settings
    }

    /// What it has counted.
    pub(super) fn counts(&self) -> Counts {
        let failed = self.window.iter().filter(|it| **it).count();
        let buffered = self.window.len();
        let is_enough = buffered > 0 && buffered >= self.calls_that_decide();
        Counts {
            buffered,
            failed,
            failure_rate_percent: is_enough.then(|| failed as f64 * 100.0 / buffered as f64),
            not_permitted: self.not_permitted,
        }
    }

    /// Asks to make a call; `None` means it is refused.
    pub(super) fn permit(&mut self, now: Instant) -> Option<Permit> {
        self.tick(now);
        let is_permitted = match self.state {
            State::Closed => true,
            State::Open => false,
            State::HalfOpen => {
                let taken = self.window.len() as u32 + self.trials_under_way;
                taken < self.settings.half_open_calls
            }
        };
        if !is_permitted {
            self.not_permitted += 1;
            return None;
        }
        if self.state == State::HalfOpen {
            self.trials_under_way += 1;
        }
        Some(Permit {
            generation: self.generation,
        })
    }

    /// Takes the outcome of a call that was permitted.
    pub(super) fn record(&mut self, permit: Permit, has_failed: bool, now: Instant) {
        if permit.generation != self.generation {
            return;
        }
        if self.state == State::HalfOpen {
            self.trials_under_way = self.trials_under_way.saturating_sub(1);
        }
        self.window.push_back(has_failed);
        while self.window.len() > self.settings.window_calls.max(1) && self.state == State::Closed {
            self.window.pop_front();
        }
        let Some(rate) = self.counts().failure_rate_percent else {
            return;
        };
        let is_failing = rate >= self.settings.failure_rate_percent;
        match self.state {
            State::Closed | State::HalfOpen if is_failing => self.open(now),
            State::HalfOpen => self.enter(State::Closed),
            State::Closed | State::Open => {}
        }
    }

    /// Takes back a permit whose call had no outcome, because its caller went away.
    pub(super) fn release(&mut self, permit: Permit) {
        if permit.generation == self.generation && self.state == State::HalfOpen {
            self.trials_under_way = self.trials_under_way.saturating_sub(1);
        }
    }

    /// Lets time pass: an open breaker becomes half-open when its time is up.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.open_until.is_some_and(|until| now >= until) {
            self.enter(State::HalfOpen);
        }
    }

    fn calls_that_decide(&self) -> usize {
        match self.state {
            State::HalfOpen => self.settings.half_open_calls.max(1) as usize,
            State::Closed => {
                let most = self.settings.window_calls.max(1);
                self.settings.minimum_calls.min(most)
            }
            // What opened it is enough, even if it was fewer trials than that.
            State::Open => 1,
        }
    }

    fn open(&mut self, now: Instant) {
        // The outcomes that opened it stay readable while it is open.
        let window = std::mem::take(&mut self.window);
        self.enter(State::Open);
        self.window = window;
        self.open_until = Some(now + self.settings.open_for);
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
        self.window.clear();
        self.open_until = None;
        self.trials_under_way = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, Duration, Instant, Settings, State};

    const SETTINGS: Settings = Settings {
        failure_rate_percent: 50.0,
        window_calls: 4,
        minimum_calls: 2,
        open_for: Duration::from_secs(6),
        half_open_calls: 2,
    };

    /// Makes one call; `None` means it was refused.
    fn call(breaker: &mut Breaker, has_failed: bool, now: Instant) -> Option<State> {
        let permit = breaker.permit(now)?;
        breaker.record(permit, has_failed, now);
        Some(breaker.state())
    }

    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::new(SETTINGS);
        call(&mut breaker, true, now);
        call(&mut breaker, true, now);
        assert_eq!(breaker.state(), State::Open);
        breaker
    }

    #[test]
    fn it_opens_at_the_failure_rate_but_not_before_the_minimum_of_calls() {
        let now = Instant::now();
        let mut breaker = Breaker::new(SETTINGS);
        assert_eq!(call(&mut breaker, true, now), Some(State::Closed));
        assert_eq!(breaker.counts().failure_rate_percent, None);
        assert_eq!(call(&mut breaker, false, now), Some(State::Open));
    }

    #[test]
    fn only_the_last_calls_count() {
        let now = Instant::now();
        let mut breaker = Breaker::new(SETTINGS);
        for has_failed in [false, false, false, true, false, false, false, true, false] {
            assert_eq!(call(&mut breaker, has_failed, now), Some(State::Closed));
        }
        assert_eq!(call(&mut breaker, true, now), Some(State::Open));
        assert_eq!(breaker.counts().failed, 2);
        assert_eq!(breaker.counts().buffered, 4);
    }

    #[test]
    fn open_refuses_until_its_time_is_up() {
        let start = Instant::now();
        let mut breaker = opened(start);
        let almost = start + Duration::from_millis(5_999);
        assert_eq!(call(&mut breaker, false, almost), None);
        assert_eq!(breaker.counts().not_permitted, 1);
        breaker.tick(start + SETTINGS.open_for);
        assert_eq!(breaker.state(), State::HalfOpen);
    }

    #[test]
    fn half_open_lets_only_its_trials_pass() {
        let start = Instant::now();
        let mut breaker = opened(start);
        let later = start + SETTINGS.open_for;
        let first = breaker.permit(later).unwrap();
        let second = breaker.permit(later).unwrap();
        assert!(breaker.permit(later).is_none());
        breaker.record(first, false, later);
        assert!(breaker.permit(later).is_none());
        breaker.record(second, false, later);
        assert_eq!(breaker.state(), State::Closed);
        assert_eq!(breaker.counts().buffered, 0);
    }

    #[test]
    fn failed_trials_open_it_again_for_as_long() {
        let start = Instant::now();
        let mut breaker = opened(start);
        let later = start + SETTINGS.open_for;
        assert_eq!(call(&mut breaker, true, later), Some(State::HalfOpen));
        assert_eq!(call(&mut breaker, true, later), Some(State::Open));
        assert!(breaker.permit(later + Duration::from_secs(5)).is_none());
        assert!(breaker.permit(later + Duration::from_secs(6)).is_some());
    }

    #[test]
    fn an_outcome_that_comes_after_the_state_changed_does_not_count() {
        let start = Instant::now();
        let mut breaker = Breaker::new(SETTINGS);
        let late = breaker.permit(start).unwrap();
        call(&mut breaker, true, start);
        call(&mut breaker, true, start);
        breaker.record(late, false, start);
        assert_eq!(breaker.state(), State::Open);
        assert_eq!(breaker.counts().buffered, 2);
    }

    #[test]
    fn a_trial_whose_caller_went_away_is_given_to_another() {
        let start = Instant::now();
        let mut breaker = opened(start);
        let later = start + SETTINGS.open_for;
        let first = breaker.permit(later).unwrap();
        let second = breaker.permit(later).unwrap();
        breaker.release(first);
        breaker.record(second, false, later);
        assert_eq!(call(&mut breaker, false, later), Some(State::Closed));
    }
}
