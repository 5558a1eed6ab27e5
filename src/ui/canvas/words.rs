//! What the canvas says: labels of edges, and what a screen reader hears.

use jiff::Timestamp;

use super::{
    live::{Flow, Live},
    scene::{Edge, Guard, Line, Node, Scene, What},
    state_mark::StateMark,
};
use crate::{
    model::{Dependency, Severity},
    monitor::{BreakerState, Circuit},
    ui::{
        state::Badge,
        widgets::words::{per_second, trimmed},
    },
};

/// From these shares of failed calls on, an edge says so in color.
const FAILING_SHARE: f64 = 0.05;
const MOSTLY_FAILING_SHARE: f64 = 0.5;

/// `84 ms`, `1.2 s`; what took less than half a millisecond did not take none.
pub(super) fn milliseconds(value: f64) -> String {
    if value > 0.0 && value < 0.5 {
        "< 1 ms".to_owned()
    } else if value >= 999.5 {
        let seconds = format!("{:.1}", value / 1000.0);
        format!("{} s", seconds.strip_suffix(".0").unwrap_or(&seconds))
    } else {
        format!("{value:.0} ms")
    }
}

/// `14 s`, `3 min`, `2 h`, `4 d`; nothing less than nothing.
pub(super) fn since(start: Timestamp, now: Timestamp) -> String {
    let seconds = (now.as_second() - start.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// What is drawn at an edge while designing: `timeout 1 s`, `2 retries`.
fn settings(dependency: &Dependency) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(timeout) = dependency.timeout_ms {
        parts.push(format!("timeout {}", milliseconds(timeout as f64)));
    }
    match dependency.retries.as_ref().map_or(0, |it| it.count) {
        0 => {}
        1 => parts.push("1 retry".to_owned()),
        count => parts.push(format!("{count} retries")),
    }
    parts
}

/// What a breaker says of itself, the most important first: `open 14 s`, `61 % failed`.
fn breaker(state: &BreakerState, now: Timestamp) -> Vec<String> {
    let mut text = circuit(state.circuit);
    let is_open = matches!(
        state.circuit,
        Circuit::Open | Circuit::ForcedOpen | Circuit::NotClosed
    );
    if is_open {
        text.push(' ');
        text.push_str(&since(state.since, now));
    }
    let mut parts = vec![text];
    if let (true, Some(rate)) = (is_open, state.failure_rate_percent) {
        parts.push(failed(rate.round()));
    }
    let (open, all) = state.instances_open;
    if open > 0 && open < all {
        parts.push(format!("{open} of {all} instances"));
    }
    parts
}

/// What is known of calls, the most important first, and whether it is news:
/// `12 /s`, `3 % failed`, `p95 84 ms`.
fn flow(flow: Flow) -> (Vec<String>, bool) {
    let mut parts = Vec::new();
    if let Some(rate) = flow.rate_per_second {
        parts.push(per_second(rate));
    }
    let is_news = failing(flow).is_some();
    if let Some(share) = flow.error_share.filter(|it| *it >= 0.001) {
        // What is news is the last that gives way where there is little room.
        let place = if is_news { 0 } else { parts.len() };
        parts.insert(place, failed(share * 100.0));
    }
    if let Some(p95) = flow.p95_ms {
        parts.push(format!("p95 {}", milliseconds(p95)));
    }
    if flow.is_stale {
        parts.push("stale".to_owned());
    }
    (parts, is_news)
}

fn failed(percent: f64) -> String {
    format!("{} % failed", trimmed(percent, 1))
}

/// How much of what goes along an edge fails, if that is worth a color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    /// Some of it.
    Some,
    /// Half of it and more.
    Most,
}

/// Whether calls fail that a source tells of now.
pub(super) fn failing(flow: Flow) -> Option<Failing> {
    match flow.error_share.filter(|_| !flow.is_stale)? {
        MOSTLY_FAILING_SHARE.. => Some(Failing::Most),
        FAILING_SHARE.. => Some(Failing::Some),
        _ => None,
    }
}

fn circuit(circuit: Circuit) -> String {
    match circuit {
        Circuit::Unknown => "state unknown",
        Circuit::Closed => "closed",
        Circuit::Open => "open",
        Circuit::HalfOpen => "half-open",
        Circuit::ForcedOpen => "forced open",
        Circuit::Disabled => "disabled",
        Circuit::MetricsOnly => "only counting",
        Circuit::NotClosed => "not closed",
        Circuit::Ejected { count, of } => return format!("{count} of {of} taken out"),
        Circuit::Overflow => "limit reached",
    }
    .to_owned()
}

/// What is written at an edge, the most important first, and whether it is news that
/// shows without asking.
pub(super) fn edge_label(edge: &Edge, live: &Live, number: usize) -> (Vec<String>, bool) {
    let flow = live.flow(number).map(flow);
    if let (Some(state), Some(snapshot)) = (live.breaker(number), live.snapshot()) {
        let is_news = !matches!(state.circuit, Circuit::Closed | Circuit::Unknown);
        return match flow {
            // That a breaker is closed is what its glyph says.
            Some(flow) if !is_news => flow,
            Some((parts, _)) => {
                let mut all = breaker(state, snapshot.at);
                // The breaker's own count is what opened it.
                let is_counted = all.iter().any(|it| it.ends_with("failed"));
                let rest = parts.into_iter();
                all.extend(rest.filter(|it| !is_counted || !it.ends_with("failed")));
                (all, true)
            }
            None => (breaker(state, snapshot.at), is_news),
        };
    }
    if let Some(flow) = flow {
        return flow;
    }
    if edge.dependencies.len() > 1 {
        return (
            vec![format!("{} dependencies", edge.dependencies.len())],
            false,
        );
    }
    let settings = edge.dependency.as_deref().map(settings);
    (settings.unwrap_or_default(), false)
}

/// The name of an edge for who cannot see it:
/// `orders calls payments, breaker open, 98 % failed, 41 /s`.
pub(super) fn edge_name(scene: &Scene, live: &Live, number: usize) -> String {
    let edge = &scene.edges[number];
    let (from, to) = (&scene.nodes[edge.from].name, &scene.nodes[edge.to].name);
    let verb = match edge.line {
        Line::Call => "calls",
        Line::Event => "sends events to",
        Line::StartOrder => return format!("{from} starts after {to}"),
    };
    let guard = match (live.breaker(number), edge.guard) {
        (Some(state), _) => format!(", breaker {}", circuit(state.circuit)),
        (None, Guard::Breaker) => ", with breaker".to_owned(),
        (None, Guard::Missing) => ", no breaker".to_owned(),
        (None, Guard::Unneeded) => String::new(),
    };
    let seen = live.flow(number).map(|it| flow(it).0.join(", "));
    let seen = seen.filter(|it| !it.is_empty());
    let seen = seen.map_or_else(String::new, |it| format!(", {it}"));
    format!("{from} {verb} {to}{guard}{seen}")
}

/// What else is known of a card: `Service, FastAPI · :5000, degraded, 2 findings`.
pub(super) fn node_description(
    node: &Node,
    mark: Option<StateMark>,
    badge: Option<Badge>,
) -> String {
    let mut text = match &node.what {
        What::Service(_, service) => service.kind.label().to_owned(),
        What::Collapsed(..) => "Collapsed boundary".to_owned(),
    };
    if text != node.detail {
        text.push_str(", ");
        text.push_str(&node.detail);
    }
    if let Some(mark) = mark {
        text.push_str(", ");
        text.push_str(mark.word());
    }
    if let Some(badge) = badge {
        let noun = match (badge.worst, badge.count) {
            (Severity::Error, 1) => "finding, an error",
            (_, 1) => "finding",
            (Severity::Error, _) => "findings, the worst an error",
            (Severity::Warning | Severity::Info, _) => "findings",
        };
        for part in [", ", &badge.count.to_string(), " ", noun] {
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{milliseconds, settings, since};
    use crate::model::testing::model;

    #[test]
    fn times_have_the_unit_a_person_would_use() {
        let ago = |seconds| since(Timestamp::UNIX_EPOCH, Timestamp::new(seconds, 0).unwrap());
        assert_eq!(ago(14), "14 s");
        assert_eq!(ago(190), "3 min");
        assert_eq!(ago(7200), "2 h");
        assert_eq!(milliseconds(0.3), "< 1 ms");
        assert_eq!(milliseconds(84.2), "84 ms");
        assert_eq!(milliseconds(1000.0), "1 s");
        assert_eq!(milliseconds(3400.0), "3.4 s");
    }

    #[test]
    fn traffic_is_put_as_a_person_would_and_zero_is_zero() {
        let said = |rate, error_share, p95_ms| {
            let (parts, is_news) = super::flow(super::Flow {
                rate_per_second: rate,
                error_share,
                p95_ms,
                is_stale: false,
            });
            format!("{}{}", parts.join(" · "), if is_news { " !" } else { "" })
        };
        assert_eq!(said(Some(0.0), None, None), "0 /s");
        assert_eq!(said(Some(0.01), Some(0.0), None), "< 0.1 /s");
        assert_eq!(
            said(Some(12.4), Some(0.031), Some(84.0)),
            "12 /s · 3.1 % failed · p95 84 ms"
        );
        assert_eq!(
            said(Some(1400.0), Some(0.5), None),
            "50 % failed · 1.4k /s !"
        );
        assert_eq!(said(None, None, None), "");
    }

    #[test]
    fn an_edge_says_its_timeout_and_retries_and_nothing_it_does_not_know() {
        let words = |text| {
            let model = model(text);
            settings(model.dependencies.values().next().unwrap()).join(" · ")
        };
        let with = words("(a, b); a -> b{timeout=1000 retries=2}");
        assert_eq!(with, "timeout 1 s · 2 retries");
        assert_eq!(words("(a, b); a -> b"), "");
    }
}
