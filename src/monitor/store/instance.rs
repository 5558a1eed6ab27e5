//! One instance: what it said last, and how sure we are.
//!
//! The first answer sets the state. After that it takes several in a row to make it
//! worse (three, or two if the body itself says so) and two to make it better.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::{Moment, PathReading, PathResult, Sample};
use crate::monitor::{
    Health, InstanceState, Reach,
    fetch::Failure,
    format::{Reading, by_code, display_text},
    plan::Probe,
};

/// Failures in a row that make it worse.
pub(super) const FALL: u32 = 3;
/// The same if the body itself says that it is down.
const FALL_IF_SAID: u32 = 2;
/// Good answers in a row that make it better.
const RISE: u32 = 2;
/// Latencies that are kept.
const MAX_LATENCIES: usize = 60;
/// Without a result for this long, and for three intervals, a state is too old.
pub(super) const STALE_MS: u64 = 30_000;

/// What one sample says of an instance's health.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    pub health: Health,
    pub reach: Reach,
    pub raw: String,
    pub cause: String,
    /// How many in a row it takes if this is worse than before.
    pub fall: u32,
    /// Whether nobody answered at all, so that it may be our own line.
    pub is_silence: bool,
}

/// Judges a sample by the path of health.
pub(super) fn judge(sample: &Sample) -> Verdict {
    match &sample.health.result {
        Ok(read) => judge_answer(read),
        Err(failure) => judge_failure(failure),
    }
}

fn judge_failure(failure: &Failure) -> Verdict {
    let is_network_error = failure.reach.is_network_error();
    Verdict {
        health: if is_network_error {
            Health::Down
        } else {
            Health::Unknown
        },
        reach: failure.reach,
        raw: failure.message.clone(),
        cause: failure.message.clone(),
        fall: FALL,
        is_silence: matches!(failure.reach, Reach::NameUnknown | Reach::TimedOut),
    }
}

fn judge_answer(read: &PathReading) -> Verdict {
    let reading = &read.reading;
    let health = reading.health.unwrap_or_else(|| by_code(read.status).0);
    let by_code = format!("HTTP {}", read.status);
    let raw = if reading.raw.is_empty() {
        by_code.clone()
    } else {
        with_unwell_checks(reading)
    };
    let cause = if reading.is_explicit {
        format!("says {raw}")
    } else {
        by_code
    };
    Verdict {
        health,
        reach: reading.reach,
        raw,
        cause,
        fall: if reading.is_explicit {
            FALL_IF_SAID
        } else {
            FALL
        },
        is_silence: false,
    }
}

/// `DOWN: db DOWN, mail DEGRADED`. What says nothing of itself explains nothing.
fn with_unwell_checks(reading: &Reading) -> String {
    let is_unwell = |it: &Health| !matches!(it, Health::Up | Health::Unknown);
    let unwell = reading.checks.iter().filter(|it| is_unwell(&it.health));
    let unwell: Vec<_> = unwell.map(|it| format!("{} {}", it.name, it.raw)).collect();
    if unwell.is_empty() {
        reading.raw.clone()
    } else {
        display_text(&format!("{}: {}", reading.raw, unwell.join(", ")))
    }
}

/// One instance as it is known.
#[derive(Debug, Default)]
pub(super) struct Instance {
    shown: Option<Verdict>,
    /// Samples in a row that were worse or better than what is shown.
    worse: u32,
    better: u32,
    needed: u32,
    /// What is held back until others were asked too.
    held: Option<Verdict>,
    failures_in_row: u32,
    read_from: Vec<String>,
    note: Option<String>,
    latency_ms: Option<f64>,
    latencies_ms: VecDeque<f32>,
    last_answer: Option<Timestamp>,
    judged_at_ms: u64,
    pause_ms: u64,
}

impl Instance {
    /// Takes a verdict; true if its health changed. With `hold` nothing gets worse.
    pub(super) fn take(
        &mut self,
        verdict: &Verdict,
        sample: &Sample,
        hold: bool,
        now: Moment,
    ) -> bool {
        self.judged_at_ms = now.millis;
        self.note_answer(sample, now);
        self.failures_in_row = if verdict.reach.is_network_error() {
            self.failures_in_row.saturating_add(1)
        } else {
            0
        };
        let Some(shown) = &mut self.shown else {
            if hold {
                self.held = Some(verdict.clone());
                return false;
            }
            self.show(verdict.clone());
            return true;
        };
        if shown.health == verdict.health {
            // The reason may be another one; that is shown, but is no change of health.
            *shown = verdict.clone();
            self.forget_progress();
            return false;
        }
        let is_worse =
            shown.health != Health::Unknown && badness(verdict.health) > badness(shown.health);
        if is_worse {
            self.better = 0;
            self.worse = self.worse.saturating_add(1);
            self.needed = verdict.fall;
            if self.worse < verdict.fall {
                return false;
            }
            if hold {
                self.worse = verdict.fall - 1;
                self.held = Some(verdict.clone());
                return false;
            }
        } else if shown.health != Health::Unknown {
            self.worse = 0;
            self.better = self.better.saturating_add(1);
            if self.better < RISE {
                return false;
            }
        }
        self.show(verdict.clone());
        true
    }

    /// Shows what was held back; its cause if that changed something.
    pub(super) fn settle(&mut self) -> Option<String> {
        let held = self.held.take()?;
        let cause = held.cause.clone();
        let has_changed = self.health() != held.health;
        self.show(held);
        has_changed.then_some(cause)
    }

    pub(super) fn forget_progress(&mut self) {
        (self.worse, self.better, self.held) = (0, 0, None);
    }

    /// Whether anything came of asking it.
    pub(super) fn is_judged(&self) -> bool {
        self.shown.is_some()
    }

    pub(super) fn health(&self) -> Health {
        self.shown.as_ref().map_or(Health::Unknown, |it| it.health)
    }

    pub(super) fn reach(&self) -> Reach {
        self.shown.as_ref().map_or(Reach::Ok, |it| it.reach)
    }

    pub(super) fn cause(&self) -> &str {
        self.shown.as_ref().map_or("", |it| it.cause.as_str())
    }

    pub(super) fn note(&self) -> Option<String> {
        self.note.clone()
    }

    pub(super) fn failures_in_row(&self) -> u32 {
        self.failures_in_row
    }

    pub(super) fn expect_next_within(&mut self, millis: u64) {
        self.pause_ms = millis;
    }

    /// Whether its health is about to change, so that it is asked more often.
    pub(super) fn is_in_transition(&self) -> bool {
        self.worse > 0 || self.better > 0 || self.held.is_some()
    }

    /// Whether no result came for so long that what is shown means little.
    pub(super) fn is_stale(&self, probe: &Probe, now_ms: u64) -> bool {
        let interval = probe.interval.as_millis() as u64;
        // One that is asked less often because it fails is not too old for that.
        let limit = (3 * interval).max(STALE_MS).max(self.pause_ms * 3 / 2);
        self.shown.is_some() && now_ms.saturating_sub(self.judged_at_ms) > limit
    }

    pub(super) fn state(&self, probe: &Probe) -> InstanceState {
        InstanceState {
            address: probe.address.clone(),
            health: self.health(),
            reach: self.reach(),
            raw: self
                .shown
                .as_ref()
                .map(|it| it.raw.clone())
                .unwrap_or_default(),
            read_from: self.read_from.clone(),
            latency_ms: self.latency_ms,
            recent_latencies_ms: self.latencies_ms.iter().copied().collect(),
            last_answer: self.last_answer,
            going_down: (self.worse > 0).then_some((self.worse, self.needed)),
            source: None,
            is_insecure: probe.is_insecure,
        }
    }

    fn show(&mut self, verdict: Verdict) {
        self.shown = Some(verdict);
        self.forget_progress();
    }

    fn note_answer(&mut self, sample: &Sample, now: Moment) {
        let read: Vec<_> = std::iter::once(&sample.health)
            .chain(&sample.more)
            .filter_map(|it| Some((it, it.result.as_ref().ok()?)))
            .collect();
        if !read.is_empty() {
            let source = |(it, read): &(&PathResult, &PathReading)| source(&it.path, read);
            self.read_from = read.iter().map(source).collect();
        }
        self.note = note(sample, &read);
        let Ok(answer) = &sample.health.result else {
            self.latency_ms = None;
            return;
        };
        self.last_answer = Some(now.wall);
        self.latency_ms = Some(answer.latency_ms);
        if self.latencies_ms.len() == MAX_LATENCIES {
            self.latencies_ms.pop_front();
        }
        self.latencies_ms.push_back(answer.latency_ms as f32);
    }
}

/// `/actuator/health · Spring Boot`.
pub(super) fn source(path: &str, read: &PathReading) -> String {
    format!("{} · {}", display_text(path), read.reading.title)
}

/// Something odd about the answers, or a path that a person asked for and that fails.
fn note(sample: &Sample, read: &[(&PathResult, &PathReading)]) -> Option<String> {
    let said = read.iter().find_map(|(_, it)| it.reading.note.clone());
    said.or_else(|| {
        sample.more.iter().find_map(|it| match &it.result {
            Err(failure) => Some(format!("{}: {failure}", display_text(&it.path))),
            Ok(read) if read.reading.reach != Reach::Ok => {
                let reach = read.reading.reach.label();
                Some(format!(
                    "{}: {reach} (HTTP {})",
                    display_text(&it.path),
                    read.status
                ))
            }
            Ok(_) => None,
        })
    })
}

/// How bad a health is.
fn badness(health: Health) -> u8 {
    match health {
        Health::Up => 0,
        Health::Starting => 1,
        Health::Degraded => 2,
        Health::Unknown => 3,
        Health::OutOfService => 4,
        Health::Down => 5,
    }
}
