//! Breakers: not damped, each on its edge or in the list, nothing lost.

use super::{Watch, moment, path};
use crate::monitor::{
    Change, Circuit, Confidence, Health,
    store::{MAX_TRANSITIONS, Sample},
};

const BANK_OPEN: &str = r#"{"circuitBreakers":{"bank":{"state":"OPEN","failureRate":"60.0%"}}}"#;
const BANK_CLOSED: &str = r#"{"circuitBreakers":{"bank":{"state":"CLOSED"}}}"#;

#[test]
fn a_breaker_changes_at_once_and_lands_on_its_edge() {
    let mut watch = Watch::new("x(a, bank); a -> bank", "a=127.0.0.1:1");
    watch.after(0, 0, BANK_CLOSED);
    watch.after(1000, 0, BANK_OPEN);
    let snapshot = watch.snapshot();
    let breaker = &snapshot.breakers[0];
    assert_eq!(breaker.circuit, Circuit::Open);
    assert_eq!(breaker.dependency.as_ref().unwrap().as_str(), "a-bank");
    assert_eq!(breaker.failure_rate_percent, Some(60.0));
    assert_eq!(breaker.source, "/health · Resilience4j breakers");
    assert_eq!(
        snapshot.services.values().next().unwrap().health,
        Health::Up
    );
    let [transition] = &snapshot.transitions[..] else {
        panic!("{:?}", snapshot.transitions);
    };
    let Change::Circuit { from, to, .. } = &transition.change else {
        panic!("{transition:?}");
    };
    assert_eq!((*from, *to), (Circuit::Closed, Circuit::Open));
}

#[test]
fn a_breaker_that_cannot_be_placed_is_listed() {
    let mut watch = Watch::new("x(a, b); a -> b", "a=127.0.0.1:1");
    watch.after(0, 0, BANK_OPEN);
    let breakers = watch.snapshot().breakers;
    assert_eq!(breakers.len(), 1);
    assert_eq!(breakers[0].dependency, None);
    assert_eq!(breakers[0].name, "bank");
}

#[test]
fn a_breaker_is_as_bad_as_its_worst_instance_and_flaps_at_four_changes() {
    let mut watch = Watch::new("x(a, bank); a -> bank", "a=127.0.0.1:1 127.0.0.1:2");
    watch.after(0, 0, BANK_CLOSED);
    watch.after(0, 1, BANK_OPEN);
    let breaker = watch.snapshot().breakers.remove(0);
    assert_eq!(
        (breaker.circuit, breaker.instances_open),
        (Circuit::Open, (1, 2))
    );
    assert!(!breaker.is_flapping);
    for answer in [BANK_CLOSED, BANK_OPEN, BANK_CLOSED] {
        watch.after(1000, 1, answer);
    }
    assert!(watch.snapshot().breakers[0].is_flapping);
    watch.after(301_000, 1, BANK_CLOSED);
    assert!(!watch.snapshot().breakers[0].is_flapping);
}

#[test]
fn what_is_old_is_marked_and_kept() {
    let mut watch = Watch::new("x(a, bank); a -> bank", "a=127.0.0.1:1");
    watch.after(0, 0, BANK_OPEN);
    watch.millis += 30_000;
    let snapshot = watch.snapshot();
    assert!(!snapshot.services.values().next().unwrap().is_stale);
    watch.millis += 1;
    let snapshot = watch.snapshot();
    let service = snapshot.services.values().next().unwrap();
    assert!(service.is_stale && snapshot.breakers[0].is_stale);
    assert_eq!(service.health, Health::Up);
    assert_eq!(snapshot.breakers[0].circuit, Circuit::Open);
    watch.after(0, 0, "refused");
    let snapshot = watch.snapshot();
    assert!(!snapshot.services.values().next().unwrap().is_stale);
    assert!(snapshot.breakers[0].is_stale, "its process does not answer");
}

#[test]
fn nothing_that_changed_is_lost_and_memory_is_bounded() {
    let mut watch = Watch::new("x(a, bank); a -> bank", "a=127.0.0.1:1");
    for round in 0..MAX_TRANSITIONS + 50 {
        watch.after(
            1,
            0,
            if round % 2 == 0 {
                BANK_OPEN
            } else {
                BANK_CLOSED
            },
        );
    }
    assert_eq!(watch.store.transition_count(), MAX_TRANSITIONS as u64 + 50);
    assert_eq!(watch.snapshot().transitions.len(), MAX_TRANSITIONS);

    let made_up = |round: usize| format!(r#"[{{"name":"b{round}","state":"open"}}]"#);
    for round in 0..3000 {
        watch.after(1, 0, &made_up(round));
    }
    assert_eq!(watch.snapshot().breakers.len(), 1000);
}

#[test]
fn the_same_breaker_on_two_paths_is_one_with_all_details() {
    let mut watch = Watch::new("x(a, bank); a -> bank", "a=127.0.0.1:1");
    let page = "breaker_state{name=\"bank\",state=\"open\"} 1\n";
    let sample = Sample {
        probe: 0,
        health: path("/health", page),
        more: vec![path("/breakers", BANK_OPEN)],
    };
    watch.store.ingest(sample, moment(0));
    let snapshot = watch.snapshot();
    assert_eq!(snapshot.breakers.len(), 1);
    assert_eq!(snapshot.breakers[0].failure_rate_percent, Some(60.0));
    let read_from = &snapshot.services.values().next().unwrap().instances[0].read_from;
    assert_eq!(
        read_from[..],
        [
            "/health · Prometheus metrics",
            "/breakers · Resilience4j breakers"
        ]
    );
}

/// What opossum-prometheus says of a breaker that opened and closed so often.
fn counted(opened: u32, closed: u32) -> String {
    format!(
        "circuit{{name=\"bank\",event=\"open\"}} {opened}\ncircuit{{name=\"bank\",event=\"close\"}} {closed}\n"
    )
}

#[test]
fn a_breaker_that_is_only_counted_is_followed_from_poll_to_poll() {
    let mut watch = Watch::new("x(a, bank); a -> bank", "a=127.0.0.1:1");
    let counts = [(3, 1), (3, 1), (4, 1), (4, 2), (6, 2), (0, 0), (1, 0)];
    let states = counts.map(|(opened, closed)| {
        watch.after(1000, 0, &counted(opened, closed));
        let breaker = watch.snapshot().breakers.remove(0);
        assert_eq!(breaker.confidence, Confidence::Inferred);
        breaker.circuit
    });
    let expected = [
        Circuit::Unknown,
        Circuit::Unknown,
        Circuit::NotClosed,
        Circuit::Closed,
        Circuit::NotClosed,
        Circuit::Closed,
        Circuit::NotClosed,
    ];
    assert_eq!(states, expected);
    let cause = watch.snapshot().transitions[0].cause.clone();
    assert_eq!(
        cause,
        "follows from what /health · Prometheus metrics counts"
    );
}

#[test]
fn each_instance_has_counters_of_its_own() {
    let mut watch = Watch::new("x(a, bank); a -> bank", "a=127.0.0.1:1 127.0.0.1:2");
    watch.after(0, 0, &counted(9, 4));
    watch.after(0, 1, &counted(2, 1));
    watch.after(1000, 0, &counted(9, 5));
    watch.after(0, 1, &counted(3, 1));
    let breaker = watch.snapshot().breakers.remove(0);
    assert_eq!(
        (breaker.circuit, breaker.instances_open),
        (Circuit::NotClosed, (1, 2))
    );
}

#[test]
fn that_a_breaker_turns_out_to_be_closed_is_no_news() {
    let mut watch = Watch::new("x(a, bank); a -> bank", "a=127.0.0.1:1");
    watch.after(0, 0, &counted(3, 1));
    watch.after(1000, 0, &counted(3, 2));
    let snapshot = watch.snapshot();
    assert_eq!(snapshot.breakers[0].circuit, Circuit::Closed);
    assert!(snapshot.transitions.is_empty());
}
