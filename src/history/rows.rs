//! How each thing was, as JSON in the table `state`, and back.
//!
//! What changes with every poll is left out, because samples tell it. A text that was
//! read back is as untrusted as one from the network.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::words::{
    circuit_of_word, circuit_word, health_of_word, health_word, reach_of_word, reach_word,
};
use crate::{
    model::{DependencyId, ServiceId},
    monitor::{
        BreakerState, Confidence, InstanceState, ServiceState, Snapshot, SourceState, Traffic,
        Undrawn, format::display_text,
    },
};

/// How much a change tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing changed.
    None,
    /// A number or a text, which may do so with every poll.
    Detail,
    /// What people act on.
    State,
}

/// What is kept of the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WholeRow {
    pub started: i64,
    pub is_offline: bool,
    pub polls_per_second: f64,
    pub undrawn: Vec<UndrawnRow>,
}

/// Calls that nobody drew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct UndrawnRow {
    from: String,
    to: String,
    from_service: Option<ServiceId>,
    to_service: Option<ServiceId>,
    rate_per_second: Option<f64>,
    error_share: Option<f64>,
    p95_ms: Option<f64>,
    window_seconds: u64,
    source: String,
    at: i64,
    is_stale: bool,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ServiceRow {
    pub health: String,
    reach: String,
    since: i64,
    is_stale: bool,
    impacted_by: Option<ServiceId>,
    note: Option<String>,
}

/// An instance of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct InstanceRow {
    /// Its place in the list of instances.
    pub place: usize,
    health: String,
    reach: String,
    raw: String,
    read_from: Vec<String>,
    last_answer: Option<i64>,
    going_down: Option<(u32, u32)>,
    source: Option<String>,
    is_insecure: bool,
}

/// A breaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct BreakerRow {
    pub dependency: Option<DependencyId>,
    pub circuit: String,
    instances_open: (usize, usize),
    since: i64,
    is_inferred: bool,
    pub failure_rate_percent: Option<f64>,
    buffered_calls: Option<u32>,
    not_permitted_calls: Option<u64>,
    detail: String,
    source: String,
    is_flapping: bool,
    is_stale: bool,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SourceRow {
    title: String,
    address: String,
    reach: String,
    note: Option<String>,
    last_answer: Option<i64>,
    known: (usize, usize),
    is_stale: bool,
    is_insecure: bool,
}

/// Any of these.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Row {
    Whole(WholeRow),
    Service(ServiceRow),
    Instance(InstanceRow),
    Breaker(BreakerRow),
    Source(SourceRow),
}

impl Row {
    pub(super) fn to_json(&self) -> Option<String> {
        match self {
            Self::Whole(row) => serde_json::to_string(row),
            Self::Service(row) => serde_json::to_string(row),
            Self::Instance(row) => serde_json::to_string(row),
            Self::Breaker(row) => serde_json::to_string(row),
            Self::Source(row) => serde_json::to_string(row),
        }
        .ok()
    }

    /// What changed since this was written.
    pub(super) fn change(&self, before: &Self) -> Change {
        match (self, before) {
            (Self::Whole(now), Self::Whole(before)) => now.change(before),
            (Self::Service(now), Self::Service(before)) => now.change(before),
            (Self::Instance(now), Self::Instance(before)) => now.change(before),
            (Self::Breaker(now), Self::Breaker(before)) => now.change(before),
            (Self::Source(now), Self::Source(before)) => now.change(before),
            _ => Change::State,
        }
    }
}

fn judged(is_same: bool, has_same_state: bool) -> Change {
    match (is_same, has_same_state) {
        (true, _) => Change::None,
        (false, true) => Change::Detail,
        (false, false) => Change::State,
    }
}

impl WholeRow {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        Self {
            started: snapshot.started.as_millisecond(),
            is_offline: snapshot.is_offline,
            polls_per_second: snapshot.polls_per_second,
            undrawn: snapshot.undrawn.iter().map(UndrawnRow::of).collect(),
        }
    }

    fn change(&self, before: &Self) -> Change {
        let drawn = |it: &Self| it.undrawn.iter().map(UndrawnRow::ends).collect::<Vec<_>>();
        let state = |it: &Self| (it.started, it.is_offline, drawn(it));
        judged(self == before, state(self) == state(before))
    }

    pub(super) fn fill(self, snapshot: &mut Snapshot) {
        snapshot.started = time(self.started);
        snapshot.is_offline = self.is_offline;
        snapshot.polls_per_second = self.polls_per_second;
        snapshot.undrawn = self.undrawn.into_iter().map(UndrawnRow::state).collect();
    }
}

impl UndrawnRow {
    fn of(undrawn: &Undrawn) -> Self {
        let traffic = &undrawn.traffic;
        Self {
            from: undrawn.from.clone(),
            to: undrawn.to.clone(),
            from_service: undrawn.from_service.clone(),
            to_service: undrawn.to_service.clone(),
            rate_per_second: traffic.rate_per_second,
            error_share: traffic.error_share,
            p95_ms: traffic.p95_ms,
            window_seconds: traffic.window_seconds,
            source: traffic.source.clone(),
            at: traffic.at.as_millisecond(),
            is_stale: traffic.is_stale,
        }
    }

    fn ends(&self) -> (String, String) {
        (self.from.clone(), self.to.clone())
    }

    fn state(self) -> Undrawn {
        Undrawn {
            from: display_text(&self.from),
            to: display_text(&self.to),
            from_service: self.from_service,
            to_service: self.to_service,
            traffic: Traffic {
                rate_per_second: self.rate_per_second,
                error_share: self.error_share,
                p95_ms: self.p95_ms,
                window_seconds: self.window_seconds,
                source: display_text(&self.source),
                at: time(self.at),
                is_stale: self.is_stale,
            },
        }
    }
}

impl ServiceRow {
    pub(super) fn of(state: &ServiceState) -> Self {
        Self {
            health: health_word(state.health).to_owned(),
            reach: reach_word(state.reach).to_owned(),
            since: state.since.as_millisecond(),
            is_stale: state.is_stale,
            impacted_by: state.impacted_by.clone(),
            note: state.note.clone(),
        }
    }

    fn change(&self, before: &Self) -> Change {
        let mut same_note = before.clone();
        same_note.note.clone_from(&self.note);
        judged(self == before, *self == same_note)
    }

    pub(super) fn state(self) -> ServiceState {
        ServiceState {
            health: health_of_word(&self.health),
            reach: reach_of_word(&self.reach),
            instances: Vec::new(),
            since: time(self.since),
            is_stale: self.is_stale,
            impacted_by: self.impacted_by,
            note: self.note.as_deref().map(display_text),
        }
    }
}

impl InstanceRow {
    pub(super) fn of(state: &InstanceState, place: usize) -> Self {
        Self {
            place,
            health: health_word(state.health).to_owned(),
            reach: reach_word(state.reach).to_owned(),
            raw: state.raw.clone(),
            read_from: state.read_from.clone(),
            last_answer: state.last_answer.map(Timestamp::as_millisecond),
            going_down: state.going_down,
            source: state.source.clone(),
            is_insecure: state.is_insecure,
        }
    }

    fn change(&self, before: &Self) -> Change {
        let mut before = before.clone();
        // Samples tell it.
        before.last_answer = self.last_answer;
        let is_same = *self == before;
        before.raw.clone_from(&self.raw);
        judged(is_same, *self == before)
    }

    pub(super) fn state(self, address: &str) -> InstanceState {
        InstanceState {
            address: display_text(address),
            health: health_of_word(&self.health),
            reach: reach_of_word(&self.reach),
            raw: display_text(&self.raw),
            read_from: self.read_from.iter().map(|it| display_text(it)).collect(),
            latency_ms: None,
            recent_latencies_ms: Vec::new(),
            last_answer: self.last_answer.map(time),
            going_down: self.going_down,
            source: self.source.as_deref().map(display_text),
            is_insecure: self.is_insecure,
        }
    }
}

impl BreakerRow {
    pub(super) fn of(state: &BreakerState) -> Self {
        Self {
            dependency: state.dependency.clone(),
            circuit: circuit_word(state.circuit),
            instances_open: state.instances_open,
            since: state.since.as_millisecond(),
            is_inferred: state.confidence == Confidence::Inferred,
            failure_rate_percent: state.failure_rate_percent,
            buffered_calls: state.buffered_calls,
            not_permitted_calls: state.not_permitted_calls,
            detail: state.detail.clone(),
            source: state.source.clone(),
            is_flapping: state.is_flapping,
            is_stale: state.is_stale,
        }
    }

    fn change(&self, before: &Self) -> Change {
        let mut same_numbers = before.clone();
        same_numbers.failure_rate_percent = self.failure_rate_percent;
        same_numbers.buffered_calls = self.buffered_calls;
        same_numbers.not_permitted_calls = self.not_permitted_calls;
        same_numbers.detail.clone_from(&self.detail);
        judged(self == before, *self == same_numbers)
    }

    pub(super) fn state(self, from: ServiceId, name: &str) -> BreakerState {
        BreakerState {
            from,
            name: display_text(name),
            dependency: self.dependency,
            circuit: circuit_of_word(&self.circuit),
            instances_open: self.instances_open,
            since: time(self.since),
            confidence: if self.is_inferred {
                Confidence::Inferred
            } else {
                Confidence::Reported
            },
            failure_rate_percent: self.failure_rate_percent,
            buffered_calls: self.buffered_calls,
            not_permitted_calls: self.not_permitted_calls,
            detail: display_text(&self.detail),
            source: display_text(&self.source),
            is_flapping: self.is_flapping,
            is_stale: self.is_stale,
        }
    }
}

impl SourceRow {
    pub(super) fn of(state: &SourceState) -> Self {
        Self {
            title: state.title.clone(),
            address: state.address.clone(),
            reach: reach_word(state.reach).to_owned(),
            note: state.note.clone(),
            last_answer: state.last_answer.map(Timestamp::as_millisecond),
            known: state.known,
            is_stale: state.is_stale,
            is_insecure: state.is_insecure,
        }
    }

    fn change(&self, before: &Self) -> Change {
        let mut same_numbers = before.clone();
        same_numbers.last_answer = self.last_answer;
        same_numbers.note.clone_from(&self.note);
        same_numbers.known = self.known;
        judged(self == before, *self == same_numbers)
    }

    pub(super) fn state(self, name: &str) -> SourceState {
        SourceState {
            name: display_text(name),
            title: display_text(&self.title),
            address: display_text(&self.address),
            reach: reach_of_word(&self.reach),
            note: self.note.as_deref().map(display_text),
            last_answer: self.last_answer.map(time),
            known: self.known,
            is_stale: self.is_stale,
            is_insecure: self.is_insecure,
        }
    }
}

/// A time of the file; what is out of range is the nearest end.
pub(super) fn time(millis: i64) -> Timestamp {
    let bounded = millis.clamp(
        Timestamp::MIN.as_millisecond(),
        Timestamp::MAX.as_millisecond(),
    );
    Timestamp::from_millisecond(bounded).unwrap_or(Timestamp::UNIX_EPOCH)
}
