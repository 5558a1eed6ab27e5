//! What is shared between two snapshots, and that sharing hides nothing.

use std::sync::Arc;

use super::Watch;
use crate::{model::ServiceId, monitor::ServiceState};

fn state(watch: &mut Watch, id: &str) -> Arc<ServiceState> {
    Arc::clone(&watch.snapshot().services[&ServiceId::new(id).unwrap()])
}

#[test]
fn what_nobody_told_of_again_is_shared_with_the_snapshot_before() {
    let mut watch = Watch::new("x(a, b)", "a=127.0.0.1:1;b=127.0.0.1:2");
    watch.after(1000, 0, "up");
    watch.after(0, 1, "up");
    let (a, b) = (state(&mut watch, "a"), state(&mut watch, "b"));
    watch.after(1000, 0, "up");
    assert!(!Arc::ptr_eq(&a, &state(&mut watch, "a")));
    assert!(Arc::ptr_eq(&b, &state(&mut watch, "b")));
}

#[test]
fn a_snapshot_says_the_same_as_if_everything_were_worked_out_again() {
    let answers = [
        "up", "down", "503", "refused", "silent", "huge", "up", "up", "401",
    ];
    let mut random = fastrand::Rng::with_seed(7);
    let mut watch = Watch::new(
        "x(a, b, c); a -> b; b -> c",
        "a=127.0.0.1:1;b=127.0.0.1:2 127.0.0.1:3;c=127.0.0.1:4",
    );
    for step in 0..400 {
        // Now and then nobody answers for so long that what is known grows old.
        let pause = if step % 50 == 49 { 40_000 } else { 700 };
        let answer = answers[random.usize(..answers.len())];
        watch.after(pause, random.usize(..4), answer);
        let shared = watch.snapshot().services;
        watch.store.shown.forget_all();
        assert_eq!(
            shared,
            watch.snapshot().services,
            "after {answer} in step {step}"
        );
    }
}
