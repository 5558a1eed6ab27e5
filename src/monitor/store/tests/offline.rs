//! Silence of many at once is ours, silence of one is its own.

use super::{Watch, moment};
use crate::monitor::Health;

#[test]
fn if_all_hosts_fall_silent_at_once_nothing_is_judged() {
    let mut watch = Watch::new("x(a, b, c, d)", "a=a.test; b=b.test; c=c.test; d=d.test");
    for probe in 0..4 {
        watch.after(0, probe, "up");
    }
    watch.after(10_000, 0, "silent");
    watch.after(1000, 0, "silent");
    watch.after(1000, 0, "silent");
    assert_eq!(
        watch.health("a"),
        Health::Up,
        "the others were not asked yet"
    );
    for probe in [1, 2, 3, 1, 2, 3, 1, 2, 3, 0] {
        watch.after(500, probe, "silent");
    }
    let snapshot = watch.snapshot();
    assert!(snapshot.is_offline);
    assert!(snapshot.services.values().all(|it| it.health == Health::Up));
    assert!(snapshot.transitions.is_empty() && snapshot.incidents.is_empty());
    for probe in [0, 1, 2, 3] {
        watch.after(500, probe, "up");
    }
    assert!(!watch.snapshot().is_offline);
}

#[test]
fn one_host_that_falls_silent_is_down() {
    let mut watch = Watch::new("x(a, b, c)", "a=a.test; b=b.test; c=c.test");
    for probe in 0..3 {
        watch.after(0, probe, "up");
    }
    watch.after(10_000, 0, "silent");
    watch.after(1000, 1, "up");
    watch.after(1000, 2, "up");
    watch.after(0, 0, "silent");
    watch.after(0, 0, "silent");
    assert_eq!(watch.health("a"), Health::Down);
    assert!(!watch.snapshot().is_offline);
}

#[test]
fn a_silence_that_nobody_else_confirms_in_time_is_judged() {
    let mut watch = Watch::new("x(a, b, c)", "a=a.test; b=b.test; c=c.test");
    watch.after(0, 0, "silent");
    assert_eq!(watch.health("a"), Health::Unknown);
    watch.after(15_000, 0, "silent");
    assert_eq!(watch.health("a"), Health::Down);
}

#[test]
fn what_was_held_back_is_judged_when_no_more_comes() {
    let mut watch = Watch::new("x(a, b, c)", "a=a.test; b=b.test; c=c.test");
    watch.after(0, 0, "silent");
    watch.after(0, 1, "up");
    watch.store.settle(moment(0));
    assert_eq!(watch.health("a"), Health::Down);
}

#[test]
fn after_a_sleep_failures_are_counted_anew() {
    let mut watch = Watch::new("x(a)", "a=127.0.0.1:1");
    for answer in ["up", "refused", "refused"] {
        watch.after(0, 0, answer);
    }
    watch.store.resume();
    watch.after(0, 0, "refused");
    assert_eq!(watch.health("a"), Health::Up);
}
