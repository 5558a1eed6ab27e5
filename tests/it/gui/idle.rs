//! An idle window paints nothing.

use std::time::Duration;

use super::{
    live::{POLLING, watching},
    window::{Window, shop},
};

/// Nothing asks for a frame, neither now nor later.
fn assert_at_rest(window: &mut Window, what: &str) {
    window.settle();
    assert_eq!(window.frames_until_rest(), 1, "{what}");
    assert_eq!(window.next_frame_after(), Duration::MAX, "{what}");
}

#[test]
fn a_design_that_nobody_touches_is_not_painted_again() {
    let mut window = Window::on_file(&shop());
    for side in ["Design", "Review", "Export"] {
        window.click(side);
        assert_at_rest(&mut window, side);
    }
}

#[test]
fn what_was_watched_is_not_painted_again_once_polling_stops() {
    let mut window = watching(1);
    window.until("an answer", |it| {
        it.shows("orders calls payments, breaker closed")
    });
    let ages_grow_every = Duration::from_secs(1);
    assert!(window.next_frame_after() <= ages_grow_every);
    window.click(POLLING);
    assert!(window.shows("Not polling"));
    assert_at_rest(&mut window, "Live");
}
