//! From an empty canvas to a design without that one flaw, by hand.

use egui::{Key, accesskit::Role, vec2};
use meshboard::{model::Dependency, ui::Start};

use super::window::Window;

/// Begins on the start page and draws two services.
fn two_services() -> Window {
    let mut window = Window::open(Start::default());
    window.click("Blank");
    let canvas = window.place(Role::GraphicsDocument, "Canvas");
    for (name, way) in [("orders", -1.0), ("payments", 1.0)] {
        let at = canvas.center() + vec2(150.0 * way, -120.0);
        window.click_at(at, 2);
        window.type_into("Name", name);
        window.press(Key::Enter);
    }
    window
}

/// Lets the one call the other, by a drag from rim to card.
fn connect(window: &mut Window) {
    let rim = window.card("orders").right_center();
    let target = window.card("payments").center();
    window.drag(rim, target);
}

fn only_call(window: &Window) -> &Dependency {
    let calls = &window.project().model.dependencies;
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls.values().next().unwrap()
}

#[test]
fn two_services_are_drawn_and_connected_with_the_pointer() {
    let mut window = two_services();
    assert!(window.card("orders").right() < window.card("payments").left());
    connect(&mut window);
    assert!(window.shows("orders calls payments"));
    let call = only_call(&window);
    assert_eq!(
        (call.from.as_str(), call.to.as_str()),
        ("orders", "payments")
    );
}

#[test]
fn every_step_is_taken_back_and_done_again() {
    let mut window = two_services();
    connect(&mut window);
    let done = window.project().clone();
    for _ in 0..3 {
        window.press_ctrl(Key::Z);
    }
    assert!(window.project().model.services.is_empty());
    assert!(!window.shows("orders"));
    assert!(window.shows("New service"), "the first steps are offered");
    for _ in 0..3 {
        window.press_ctrl(Key::Y);
    }
    assert_eq!(*window.project(), done);
    assert!(window.shows("orders calls payments"));
}

#[test]
fn a_new_name_is_shown_everywhere_and_found() {
    let mut window = two_services();
    connect(&mut window);
    let card = window.card("payments").center();
    window.click_at(card, 1);
    window.press(Key::F2);
    window.type_into("Name", "Till");
    window.press(Key::Enter);
    assert!(window.shows("orders calls Till"));

    window.press(Key::Escape);
    window.press_ctrl(Key::K);
    window.type_into("Search", "till");
    window.press(Key::Enter);
    let selected: Vec<_> = window.state().selection.iter().collect();
    assert_eq!(selected.len(), 1);
    assert_eq!(selected[0].as_str(), "payments", "the id stays");

    window.press_ctrl(Key::K);
    window.type_into("Search", "select all");
    window.click("Select all");
    assert_eq!(window.state().selection.len(), 2);
}

#[test]
fn a_finding_offers_what_puts_it_right() {
    let mut window = two_services();
    connect(&mut window);
    let message = "orders waits for payments without a timeout";
    let finding = format!("warning R02: {message}");
    assert!(window.shows(&finding), "{:#?}", window.names());
    assert_eq!(only_call(&window).timeout_ms, None);
    let count = window.state().judgement.findings.len();
    assert!(window.shows(&format!("Problems {count}")));

    window.click(&format!("Use a timeout of 2 s: {message}"));
    assert_eq!(only_call(&window).timeout_ms, Some(2_000));
    assert!(!window.shows(&finding));
    window.press_ctrl(Key::Z);
    assert_eq!(only_call(&window).timeout_ms, None);
    assert!(window.shows(&finding));
}
