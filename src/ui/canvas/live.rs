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
use crate::{
    monitor::{BreakerState, Circuit, Reach, Snapshot, Traffic},
    ui::widgets::words::per_second,
};

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
    /// For each edge the calls along it; empty where no source tells of any.
    flows: Vec<Option<Flow>>,
    /// The most calls a second along an edge.
    busiest: f64,
    /// For each card the calls a second that come in, drawn or not; empty where no
    /// source tells of any.
    inflows: Vec<Option<f64>>,
}

/// Calls along an edge: along all its dependencies together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Flow {
    pub(super) rate_per_second: Option<f64>,
    /// From 0 to 1; `None` without calls.
    pub(super) error_share: Option<f64>,
    /// The slowest of them.
    pub(super) p95_ms: Option<f64>,
    pub(super) is_stale: bool,
}

impl Flow {
    fn of(traffic: &Traffic) -> Self {
        Self {
            rate_per_second: traffic.rate_per_second,
            error_share: traffic.error_share,
            p95_ms: traffic.p95_ms,
            is_stale: traffic.is_stale,
        }
    }

    /// Both together: errors weigh as much as there are calls.
    fn and(self, other: Self) -> Self {
        let failing = |it: Self| it.rate_per_second.unwrap_or(0.0) * it.error_share.unwrap_or(0.0);
        let rate = match (self.rate_per_second, other.rate_per_second) {
            (Some(one), Some(two)) => Some(one + two),
            (one, two) => one.or(two),
        };
        let failed = failing(self) + failing(other);
        Self {
            rate_per_second: rate,
            error_share: rate.filter(|it| *it > 0.0).map(|it| failed / it),
            p95_ms: match (self.p95_ms, other.p95_ms) {
                (Some(one), Some(two)) => Some(one.max(two)),
                (one, two) => one.or(two),
            },
            is_stale: self.is_stale && other.is_stale,
        }
    }
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
        self.flows.clear();
        self.inflows.clear();
        if let Some(snapshot) = snapshot {
            self.marks.resize(scene.nodes.len(), StateMark::Unknown);
            self.breakers.resize(scene.edges.len(), None);
            self.lay_services(scene, snapshot);
            self.lay_breakers(scene, snapshot);
            self.lay_traffic(scene, snapshot);
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
                self.marks[number] = seen.map(|it| StateMark::of(it)).max().unwrap_or_default();
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

    fn lay_traffic(&mut self, scene: &Scene, snapshot: &Snapshot) {
        self.busiest = 0.0;
        if snapshot.traffic.is_empty() && snapshot.undrawn.is_empty() {
            return;
        }
        self.flows.resize(scene.edges.len(), None);
        self.inflows.resize(scene.nodes.len(), None);
        for it in &snapshot.undrawn {
            let target = it.to_service.as_ref().and_then(|it| scene.node_of(it));
            self.flows_in(target, &it.traffic);
        }
        for (id, traffic) in &snapshot.traffic {
            let Some(edge) = scene.edge_of(id) else {
                continue;
            };
            let flow = Flow::of(traffic);
            let all = self.flows[edge].map_or(flow, |it| it.and(flow));
            self.busiest = self.busiest.max(all.rate_per_second.unwrap_or(0.0));
            self.flows[edge] = Some(all);
            self.flows_in(Some(scene.edges[edge].to), traffic);
        }
    }

    fn flows_in(&mut self, node: Option<usize>, traffic: &Traffic) {
        let rate = traffic.rate_per_second.filter(|_| !traffic.is_stale);
        let sum = node.and_then(|it| self.inflows.get_mut(it));
        if let (Some(sum), Some(rate)) = (sum, rate) {
            *sum = Some(sum.unwrap_or(0.0) + rate);
        }
    }

    /// The calls along an edge, where a source tells of them.
    pub(super) fn flow(&self, edge: usize) -> Option<Flow> {
        *self.flows.get(edge)?
    }

    /// How much wider an edge is drawn for its traffic: 1 for none, 2.5 for the busiest.
    /// By the logarithm, since one call in a thousand should still be seen to be fewer.
    pub(super) fn width(&self, edge: usize) -> f32 {
        let rate = self.flow(edge).and_then(|it| it.rate_per_second);
        match rate {
            Some(rate) if self.busiest > 0.0 => {
                1.0 + 1.5 * (rate.max(0.0).ln_1p() / self.busiest.ln_1p()) as f32
            }
            Some(_) | None => 1.0,
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

    /// The second line of a card: `84 ms · 3/3 · 41 /s`.
    pub(super) fn detail(&self, number: usize, node: &Node) -> String {
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
        // That one of several does not answer is what `2/3` says.
        let silence = reach_word(state.reach).filter(|_| up == 0);
        let first = match (silence, state.latency_ms()) {
            (Some(word), _) => word.to_owned(),
            (None, Some(latency)) => words::milliseconds(latency),
            (None, None) => StateMark::of(state).word().to_owned(),
        };
        let mut parts = vec![first];
        if all > 0 {
            parts.push(format!("{up}/{all}"));
        }
        let inflow = self.inflows.get(number).copied().flatten();
        parts.extend(inflow.map(per_second));
        parts.join(" · ")
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

#[cfg(test)]
mod tests {
    use super::Flow;

    fn flow(rate: f64, error_share: Option<f64>) -> Flow {
        Flow {
            rate_per_second: Some(rate),
            error_share,
            p95_ms: None,
            is_stale: false,
        }
    }

    #[test]
    fn several_dependencies_on_one_line_weigh_by_their_calls() {
        let both = flow(30.0, Some(0.1)).and(flow(10.0, Some(0.5)));
        assert_eq!(both.rate_per_second, Some(40.0));
        assert_eq!(both.error_share, Some(0.2));
    }

    #[test]
    fn no_calls_have_no_share_of_errors() {
        let none = flow(0.0, None).and(flow(0.0, None));
        assert_eq!((none.rate_per_second, none.error_share), (Some(0.0), None));
    }
}
