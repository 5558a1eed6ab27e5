//! What was seen is recorded, and any moment of it is shown again.

use std::{path::Path, sync::Arc};

use egui_kittest::kittest::Queryable as _;
use jiff::{SignedDuration, Timestamp};

use super::window::{Window, project, service};
use crate::{
    history::{History, Log},
    model::{EnvironmentId, ServiceId},
    monitor::{Health, InstanceState, Poll, Reach, ServiceState, Snapshot},
    project::{Environment, Project, Target, save},
    ui::{Start, action::Action, command::Command, past::Span, state::Mode},
};

const ADDRESS: &str = "http://127.0.0.1:9";

fn cart() -> ServiceId {
    ServiceId::new("cart").unwrap()
}

fn staging() -> EnvironmentId {
    EnvironmentId::new("staging").unwrap()
}

fn watched() -> Project {
    let mut project = project("shop(cart, stock); cart -> stock");
    let target = Target {
        instances: vec![ADDRESS.to_owned()],
        ..Target::default()
    };
    let environment = Environment {
        targets: [(cart(), target)].into(),
        ..Environment::default()
    };
    project
        .environments
        .insert(staging(), Arc::new(environment));
    project
}

fn seen(health: Health, started: Timestamp, at: Timestamp) -> Snapshot {
    let instance = InstanceState {
        address: ADDRESS.to_owned(),
        health,
        reach: Reach::Ok,
        raw: String::new(),
        read_from: Vec::new(),
        latency_ms: Some(12.0),
        recent_latencies_ms: Vec::new(),
        last_answer: None,
        going_down: None,
        source: None,
        is_insecure: false,
    };
    let state = ServiceState {
        health,
        reach: Reach::Ok,
        instances: vec![instance],
        since: at,
        is_stale: false,
        impacted_by: None,
        note: None,
    };
    Snapshot {
        at,
        started,
        services: [(cart(), Arc::new(state))].into_iter().collect(),
        ..Snapshot::default()
    }
}

/// Records 14 minutes that end so long ago; the cart is down from the tenth minute
/// before their end to the fifth.
fn record(file: &Path, ended: SignedDuration) {
    let history = History::open(file).unwrap();
    let mut log = Log::new(&history, staging(), vec![(cart(), ADDRESS.to_owned())]);
    let end = Timestamp::now() - ended;
    let started = end - SignedDuration::from_mins(14);
    for second in (0..=14 * 60).step_by(15) {
        let at = started + SignedDuration::from_secs(second);
        let health = if (4 * 60..9 * 60).contains(&second) {
            Health::Down
        } else {
            Health::Up
        };
        log.take_poll(Poll {
            instance: 0,
            at,
            health,
            reach: Reach::Ok,
            latency_ms: Some(12.0),
            late_ms: 0.0,
        });
        log.write(&seen(health, started, at), at);
        assert_eq!(log.state().error, None);
    }
    log.end();
}

/// A window on the live side of a project of which something was recorded.
fn window_on(folder: &Path, ended: SignedDuration) -> Window {
    let file = folder.join("shop.meshboard.json");
    save(&watched(), &file, None).unwrap();
    record(&file, ended);
    let mut window = Window::on_file(&file);
    window.ask(Command::Show(Mode::Live));
    window
}

fn health_shown(window: &Window) -> Option<Health> {
    let snapshot = window.state().state().live()?;
    Some(snapshot.services.get(&cart())?.health)
}

#[test]
fn polling_a_project_with_a_file_is_recorded_unless_somebody_turns_it_off() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.meshboard.json");
    save(&watched(), &file, None).unwrap();
    let mut window = Window::on_file(&file);
    assert!(!window.state().state().past.is_recording);
    window.ask(Command::Do(Action::StartPolling));
    assert!(window.state().state().past.is_recording);
    window.get_by_label("Watching staging · recording");
    window.ask(Command::Do(Action::ToggleRecording));
    assert!(!window.state().state().past.is_recording);
    window.get_by_label("Watching staging · not recorded");
    window.ask(Command::Do(Action::ToggleRecording));
    assert!(window.state().state().past.is_recording);
    window.ask(Command::Do(Action::StopPolling));
    assert!(!window.state().state().past.is_recording);
}

#[test]
fn a_project_without_a_file_is_not_recorded() {
    let mut window = Window::open(Start {
        project: Some(watched()),
        ..Start::default()
    });
    window.ask(Command::Do(Action::StartPolling));
    assert!(window.state().state().is_polling);
    assert!(!window.state().state().past.is_recording);
}

#[test]
fn a_click_on_a_lane_shows_everything_as_it_was_then() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_on(folder.path(), SignedDuration::ZERO);
    assert_eq!(health_shown(&window), None);
    window.click("cart through time");
    assert_eq!(health_shown(&window), Some(Health::Down));
    window.get_by_label("cart, down");
    window.click("Back to now");
    assert_eq!(health_shown(&window), None);
    assert_eq!(window.state().state().past.moment, None);
}

#[test]
fn escape_leads_back_to_now() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_on(folder.path(), SignedDuration::ZERO);
    window.click("cart through time");
    assert!(window.state().state().past.moment.is_some());
    window.key_press(egui::Key::Escape);
    window.settle();
    let past = &window.state().state().past;
    assert_eq!((past.moment, past.until), (None, None));
}

#[test]
fn arrow_keys_lead_through_time_and_from_change_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_on(folder.path(), SignedDuration::ZERO);
    window.click("cart through time");
    let moment = |window: &Window| window.state().state().past.moment;
    let clicked = moment(&window).unwrap();
    window.key_press(egui::Key::ArrowLeft);
    window.settle();
    let before = moment(&window).unwrap();
    assert!(clicked.duration_since(before) >= SignedDuration::from_secs(1));
    assert_eq!(health_shown(&window), Some(Health::Down));
    window.key_press_modifiers(egui::Modifiers::SHIFT, egui::Key::ArrowRight);
    window.settle();
    assert!(moment(&window).unwrap() > clicked);
    assert_eq!(health_shown(&window), Some(Health::Up));
    window.key_press_modifiers(egui::Modifiers::SHIFT, egui::Key::ArrowLeft);
    window.settle();
    assert!(moment(&window).unwrap() < before);
    assert_eq!(health_shown(&window), Some(Health::Down));
    window.key_press(egui::Key::End);
    window.settle();
    assert_eq!(moment(&window), None);
}

#[test]
fn what_is_polled_meanwhile_does_not_take_the_place_of_the_moment() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_on(folder.path(), SignedDuration::ZERO);
    window.click("cart through time");
    let now = Timestamp::now();
    let newest = Arc::new(seen(Health::Up, now, now));
    window.state_mut().state.snapshot = Some(newest);
    window.settle();
    assert_eq!(health_shown(&window), Some(Health::Down));
    window.click("Back to now");
    assert_eq!(health_shown(&window), Some(Health::Up));
}

#[test]
fn a_time_in_which_nothing_was_recorded_says_so_and_leads_to_the_last_that_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_on(folder.path(), SignedDuration::from_hours(30));
    window.get_by_label("Nothing was recorded in these 15 minutes.");
    assert!(window.query_by_label("cart through time").is_none());
    window.click("Show what was recorded last");
    window.get_by_label("cart through time");
    window.click("Now");
    window.get_by_label("Nothing was recorded in these 15 minutes.");
    window.click("7 days");
    assert_eq!(window.state().state().past.span, Span::Week);
    window.get_by_label("cart through time");
}

#[test]
fn a_moment_at_which_nobody_recorded_is_not_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_on(folder.path(), SignedDuration::from_hours(2));
    let moment = Timestamp::now() - SignedDuration::from_hours(1);
    window.ask(Command::LookBack(Some(moment)));
    assert_eq!(health_shown(&window), None);
    let seen = window.state().state().past.seen.as_ref().unwrap();
    assert!(!seen.is_recorded);
    assert!(
        window
            .query_by_label_contains("Nothing was recorded at")
            .is_some()
    );
}

#[test]
fn a_service_shows_its_latency_and_availability_through_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_on(folder.path(), SignedDuration::ZERO);
    window.ask(Command::Select([service("cart")].into()));
    window.get_by_label("Availability");
    for percentile in ["p50 12 ms", "p95 12 ms", "p99 12 ms"] {
        window.get_by_label(percentile);
    }
    window.ask(Command::Select([service("stock")].into()));
    window.get_by_label("Nothing was recorded in these 15 minutes.");
}
