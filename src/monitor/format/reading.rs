//! What was read from one answer.

use std::sync::Arc;

use super::words::{display_text, health_word};
use crate::monitor::{Circuit, Confidence, Health, Reach, observation::Observation};

/// The most breakers of one answer that are kept.
pub(super) const MAX_BREAKERS: usize = 500;

/// What one answer says.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Id of the format that was recognised.
    pub format: &'static str,
    /// What people call that format.
    pub title: &'static str,
    /// How well the service says it is; `None` if such answers tell nothing of health.
    pub health: Option<Health>,
    /// Whether the body said so, and not only the status code.
    pub is_explicit: bool,
    /// What stood in the way, by the status code, if the body told nothing.
    pub reach: Reach,
    /// The body's own word, shortened and made safe to show.
    pub raw: String,
    /// The parts the verdict is made of.
    pub checks: Vec<CheckReading>,
    /// The breakers it tells of.
    pub breakers: Vec<BreakerReading>,
    /// What it tells of others than who gave it.
    pub observation: Option<Arc<Observation>>,
    /// Something odd, such as a code that contradicts the body.
    pub note: Option<String>,
}

impl Reading {
    /// Changes every text that came from outside.
    pub(in crate::monitor) fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        change(&mut self.raw);
        self.note.iter_mut().for_each(&mut *change);
        for check in &mut self.checks {
            check.for_each_text(change);
        }
        for breaker in &mut self.breakers {
            breaker.for_each_text(change);
        }
        if let Some(observation) = &mut self.observation {
            Arc::make_mut(observation).for_each_text(change);
        }
    }
}

/// One part of a health verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReading {
    /// What the source calls it, safe to show.
    pub name: String,
    /// How well it is.
    pub health: Health,
    /// The source's own word, safe to show.
    pub raw: String,
}

impl CheckReading {
    /// A check by its name and its status word, both as the source wrote them.
    pub(super) fn new(name: &str, status: &str) -> Self {
        Self {
            name: display_text(name),
            health: health_word(status),
            raw: display_text(status),
        }
    }

    pub(in crate::monitor) fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        change(&mut self.name);
        change(&mut self.raw);
    }
}

/// One breaker as one answer tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakerReading {
    /// What the source calls it, safe to show.
    pub name: String,
    /// Its state.
    pub circuit: Circuit,
    /// Whether the source said so.
    pub confidence: Confidence,
    /// Percent of failed calls in its window, where it is known.
    pub failure_rate_percent: Option<f64>,
    /// Calls in its window, where it is known.
    pub buffered_calls: Option<u32>,
    /// Calls it refused, where it is known.
    pub not_permitted_calls: Option<u64>,
    /// What the source adds in words, safe to show: which limit is reached, which host is out.
    pub detail: String,
    /// Counters from whose growth its state follows, where the source does not say it.
    pub evidence: Option<Evidence>,
}

impl BreakerReading {
    /// A breaker of which only its name and its state are known.
    pub fn new(name: &str, circuit: Circuit) -> Self {
        Self {
            name: display_text(name),
            circuit,
            confidence: Confidence::Reported,
            failure_rate_percent: None,
            buffered_calls: None,
            not_permitted_calls: None,
            detail: String::new(),
            evidence: None,
        }
    }

    pub(in crate::monitor) fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        change(&mut self.name);
        change(&mut self.detail);
    }
}

/// Counters since a process began, from whose growth a breaker's state follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Evidence {
    /// How often it opened, half-opened (where that is counted) and closed.
    Events {
        /// Times it opened.
        opened: f64,
        /// Times it half-opened.
        half_opened: Option<f64>,
        /// Times it closed.
        closed: f64,
    },
    /// How long it was in each state, in any unit.
    TimeIn {
        /// Open.
        open: f64,
        /// Half-open.
        half_open: f64,
        /// Closed.
        closed: f64,
    },
    /// Calls it refused: while they grow it is not closed.
    Refusals(f64),
    /// Hosts that were taken out and let back.
    Removals {
        /// Taken out.
        removed: f64,
        /// Let back.
        revived: f64,
    },
}

/// What a format finds in a body, before the status code is weighed.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub health: Option<Health>,
    pub raw: String,
    pub checks: Vec<CheckReading>,
    pub breakers: Vec<BreakerReading>,
    /// What people call it, where one format has several faces.
    pub title: Option<&'static str>,
    pub note: Option<String>,
    pub observation: Option<Observation>,
    /// Whether such answers leave health to the status code.
    pub is_by_code: bool,
    /// Whether it is not what it says that it is.
    pub is_unreadable: bool,
}

impl Body {
    /// No verdict: the status code stands in for it.
    pub(super) fn of_code(status: u16) -> Self {
        Self {
            raw: format!("HTTP {status}"),
            is_by_code: true,
            ..Self::default()
        }
    }

    /// A verdict by its word, as the source wrote it.
    pub(super) fn of_word(word: &str) -> Self {
        Self {
            health: Some(health_word(word)),
            raw: display_text(word),
            ..Self::default()
        }
    }

    /// Breakers alone: such an answer tells nothing of health.
    pub(super) fn of_breakers(breakers: impl IntoIterator<Item = BreakerReading>) -> Self {
        Self {
            breakers: breakers.into_iter().take(MAX_BREAKERS).collect(),
            ..Self::default()
        }
    }

    /// What it tells of others; its own health is left to the status code.
    pub(super) fn of_others(status: u16, observation: Observation) -> Self {
        Self {
            observation: Some(observation),
            ..Self::of_code(status)
        }
    }

    pub(super) fn with_checks(mut self, checks: Vec<CheckReading>) -> Self {
        self.checks = checks;
        self
    }

    pub(super) fn with_breakers(mut self, breakers: Vec<BreakerReading>) -> Self {
        self.breakers = breakers;
        self.breakers.truncate(MAX_BREAKERS);
        self
    }
}
