//! The demo, watched in the window until a breaker opens and closes again.

use meshboard::{
    demo::{Cluster, ENVIRONMENT, Options},
    model::EnvironmentId,
    ui::Start,
};

use super::window::{Window, runtime};

/// The button at the top while the demo is polled, which asks every second.
pub(super) const POLLING: &str = "Polling · 1 s";

/// A window that watches a demo of its own, which runs so many times as fast as usual.
pub(super) fn watching(speed: u32) -> Window {
    let runtime = runtime();
    let options = Options {
        speed,
        ..Options::default()
    };
    let cluster = runtime.block_on(Cluster::start(options)).unwrap();
    let start = Start {
        project: Some(cluster.project().clone()),
        environment: Some(EnvironmentId::new(ENVIRONMENT).unwrap()),
        keep_alive: Some(Box::new(cluster)),
        ..Start::default()
    };
    Window::open_on(start, runtime)
}

#[test]
fn a_breaker_is_seen_to_open_with_its_incident_and_to_close() {
    let mut window = watching(4);
    assert!(window.shows(POLLING), "this machine is polled unasked");
    window.until("a breaker that is closed", |it| {
        it.shows("orders calls payments, breaker closed")
    });
    window.until("the breaker open", |it| {
        it.shows("orders calls payments, breaker open")
    });
    window.until("the incident", |it| it.says("Impacted: "));
    assert!(window.shows("Focus"));
    window.until("the breaker closed again", |it| {
        it.shows("orders calls payments, breaker closed")
    });
    window.until("the end of the incident", |it| !it.says("Impacted: "));
    assert!(window.shows(POLLING));
}
