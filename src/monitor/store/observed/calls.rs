//! The calls that one source has seen: those along drawn dependencies, and the others.

use std::collections::BTreeMap;

use crate::{
    model::{DependencyId, ServiceId},
    monitor::{CallReading, plan::MonitorPlan, store::Moment},
};

/// The most undrawn calls that are kept of one source.
const MAX_UNDRAWN: usize = 2000;

/// The calls of one source.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pub drawn: BTreeMap<DependencyId, Call>,
    pub undrawn: Vec<UndrawnCall>,
}

/// Calls, and when the source told of them last.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub reading: CallReading,
    pub at: Moment,
}

/// A call that nobody drew, with the ends that the design knows.
#[derive(Debug, Clone)]
pub(super) struct UndrawnCall {
    pub call: Call,
    pub from: Option<ServiceId>,
    pub to: Option<ServiceId>,
}

impl UndrawnCall {
    fn names(&self) -> (&str, &str) {
        (&self.call.reading.from, &self.call.reading.to)
    }

    /// How many of its ends the design knows.
    fn known_ends(&self) -> usize {
        usize::from(self.from.is_some()) + usize::from(self.to.is_some())
    }
}

impl Calls {
    /// Finds the dependency of each call; returns how many were found. Of a partial list,
    /// what is missing stays until it is older than `limit_ms`.
    pub(super) fn take(
        &mut self,
        plan: &MonitorPlan,
        calls: &[CallReading],
        is_partial: bool,
        (now, limit_ms): (Moment, u64),
    ) -> usize {
        let mut before = std::mem::take(self);
        let mut known = 0;
        for reading in calls {
            let from = plan.naming.service(&reading.from);
            let to = plan.naming.service(&reading.to);
            let both = from.zip(to);
            let call = Call {
                reading: reading.clone(),
                at: now,
            };
            if let Some(id) = both.and_then(|(from, to)| plan.dependency_between(from, to)) {
                known += 1;
                let kept = self.drawn.entry(id.clone());
                kept.and_modify(|it| it.reading = sum(&it.reading, reading))
                    .or_insert(call);
            } else if is_worth_telling(reading, both) {
                let (from, to) = (from.cloned(), to.cloned());
                self.undrawn.push(UndrawnCall { call, from, to });
            }
        }
        if is_partial {
            let is_fresh = |it: &Call| now.millis.saturating_sub(it.at.millis) <= limit_ms;
            before.drawn.retain(|_, it| is_fresh(it));
            for (id, call) in before.drawn {
                self.drawn.entry(id).or_insert(call);
            }
            let missing = before.undrawn.into_iter().filter(|it| is_fresh(&it.call));
            self.undrawn.extend(missing);
        }
        self.sort_undrawn();
        known
    }

    /// Those that touch the design come first, then by name; of two alike the newer stays.
    fn sort_undrawn(&mut self) {
        self.undrawn.sort_by(|a, b| {
            let by_names = a.names().cmp(&b.names());
            let by_age = || b.call.at.millis.cmp(&a.call.at.millis);
            let by_ends = b.known_ends().cmp(&a.known_ends());
            by_ends.then(by_names).then_with(by_age)
        });
        self.undrawn.dedup_by(|a, b| a.names() == b.names());
        self.undrawn.truncate(MAX_UNDRAWN);
    }
}

/// Neither a service's calls to itself nor an edge on which nothing was called.
fn is_worth_telling(call: &CallReading, both: Option<(&ServiceId, &ServiceId)>) -> bool {
    let is_own = both.is_some_and(|(from, to)| from == to);
    let is_called = call.rate_per_second.is_none_or(|it| it > 0.0);
    !is_own && is_called
}

/// Two lines of one source about the same dependency, such as two versions of a service.
fn sum(one: &CallReading, other: &CallReading) -> CallReading {
    let rate = add(one.rate_per_second, other.rate_per_second);
    let failed = |it: &CallReading| Some(it.error_share? * it.rate_per_second?);
    let share = add(failed(one), failed(other))
        .zip(rate)
        .filter(|(_, rate)| *rate > 0.0)
        .map(|(failed, rate)| failed / rate);
    let slowest = [one.p95_ms, other.p95_ms];
    CallReading {
        rate_per_second: rate,
        error_share: share.or(one.error_share).or(other.error_share),
        // Percentiles cannot be added: the slower speaks for both.
        p95_ms: slowest.into_iter().flatten().reduce(f64::max),
        ..one.clone()
    }
}

fn add(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    }
}
