//! Lays what was seen over the scene: a mark for each card, a breaker for each edge.
//!
//! Made once for each snapshot, because looking up ten thousand ids in every frame
//! would cost more than drawing them.

use std::sync::Arc;

use super::{
    scene::{Node, Scene},
    state_mark::StateMark,
    words,
};
use crate::monitor::{BreakerState, Circuit, Reach, Snapshot};

/// What was seen, by the numbers of the scene.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// What it was made from.
    snapshot: Option<Arc<Snapshot>>,
    structure: u64,
    /// For each card its state; empty while nothing is watched.
    pub(super) marks: Vec<StateMark>,
    /// For each edge the number of its breaker in the snapshot.
    breakers: Vec<Option<u32>>,
}

impl Live {
    /// Shows this snapshot over this scene. Returns whether anything changed.
    pub(super) fn show(&mut self, scene: &Scene, snapshot: Option<&Arc<Snapshot>>) -> bool {
        let same = match (&self.snapshot, snapshot) {
            (None, None) => true,
            (Some(shown), Some(new)) => Arc::ptr_eq(shown, new),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if same && self.structure == scene.structure {
            return false;
        }
        self.structure = scene.structure;
        self.snapshot = snapshot.cloned();
        self.marks.clear();
        self.breakers.clear();
        if let Some(snapshot) = snapshot {
            self.marks.resize(scene.nodes.len(), StateMark::Unknown);
            self.breakers.resize(scene.edges.len(), None);
            self.lay_services(scene, snapshot);
            self.lay_breakers(scene, snapshot);
        }
        true
    }

    /// Both sides are sorted by id, so that one walk finds every pair.
    fn lay_services(&mut self, scene: &Scene, snapshot: &Snapshot) {
        let mut states = snapshot.services.iter().peekable();
        for (number, node) in scene.nodes.iter().enumerate() {
            if let Some((id, _)) = node.service() {
                while states.next_if(|it| it.0 < id).is_some() {}
                if let Some((_, state)) = states.next_if(|it| it.0 == id) {
                    self.marks[number] = StateMark::of(state);
                }
            } else {
                let seen = node
                    .services
                    .iter()
                    .filter_map(|it| snapshot.services.get(it));
                self.marks[number] = seen.map(StateMark::of).max().unwrap_or_default();
            }
        }
    }

    fn lay_breakers(&mut self, scene: &Scene, snapshot: &Snapshot) {
        for (number, breaker) in snapshot.breakers.iter().enumerate() {
            let Some(edge) = breaker.dependency.as_ref().and_then(|it| scene.edge_of(it)) else {
                continue;
            };
            let worst = self.breakers[edge].map(|it| &snapshot.breakers[it as usize]);
            let is_worse = worst.is_none_or(|it| weight(it.circuit) < weight(breaker.circuit));
            if is_worse {
                self.breakers[edge] = u32::try_from(number).ok();
            }
        }
    }

    /// Whether anything is watched.
    pub(super) fn is_on(&self) -> bool {
        self.snapshot.is_some()
    }

    /// The snapshot that is shown.
    pub(super) fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_deref()
    }

    /// The breaker of an edge.
    pub(super) fn breaker(&self, edge: usize) -> Option<&BreakerState> {
        let number = (*self.breakers.get(edge)?)?;
        self.snapshot.as_ref()?.breakers.get(number as usize)
    }

    /// The second line of a card: `84 ms · 3/3`.
    pub(super) fn detail(&self, node: &Node) -> String {
        let Some(snapshot) = self.snapshot() else {
            return node.detail.clone();
        };
        let Some((id, _)) = node.service() else {
            let states = node
                .services
                .iter()
                .filter_map(|it| snapshot.services.get(it));
            let up = states
                .filter(|it| StateMark::of(it) == StateMark::Up)
                .count();
            return format!("{up} of {} up", node.services.len());
        };
        let Some(state) = snapshot.services.get(id) else {
            return "—".to_owned();
        };
        let (up, all) = state.instances_up();
        let first = match (reach_word(state.reach), state.latency_ms()) {
            (Some(word), _) => word.to_owned(),
            (None, Some(latency)) => words::milliseconds(latency),
            (None, None) => StateMark::of(state).word().to_owned(),
        };
        match all {
            0 => first,
            _ => format!("{first} · {up}/{all}"),
        }
    }
}

fn weight(circuit: Circuit) -> u8 {
    match circuit {
        Circuit::Unknown => 0,
        Circuit::Closed => 1,
        Circuit::Disabled | Circuit::MetricsOnly => 2,
        Circuit::Overflow => 3,
        Circuit::HalfOpen => 4,
        Circuit::NotClosed | Circuit::Ejected { .. } => 5,
        Circuit::Open => 6,
        Circuit::ForcedOpen => 7,
    }
}

/// Why nothing answers, in two words.
fn reach_word(reach: Reach) -> Option<&'static str> {
    Some(match reach {
        Reach::Ok => return None,
        Reach::NameUnknown => "name unknown",
        Reach::Refused => "refused",
        Reach::TimedOut => "no answer",
        Reach::TlsFailed => "TLS failed",
        Reach::Reset => "broke off",
        Reach::AuthDenied => "access denied",
        Reach::NotFound => "not found",
        Reach::TooLarge => "answer too long",
        Reach::Unparseable => "not understood",
        Reach::Blocked => "blocked",
    })
}
