//! By keyboard and by ear: everything has a name, and keys walk it.

use std::sync::Arc;

use egui::{Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::{NodeT, Queryable};
use jiff::Timestamp;

use super::harness::{click, service, shop, window};
use crate::{
    model::DependencyId,
    monitor::{BreakerState, Circuit, Confidence, Snapshot},
    project::Position,
    ui::state::Mode,
};

#[test]
fn cards_edges_and_frames_are_found_by_name() {
    let window = window(shop());
    let card = window.get_by_label("payments");
    assert_eq!(card.accesskit_node().role(), Role::ListBoxOption);
    let description = card.accesskit_node().description();
    assert_eq!(description.as_deref(), Some("Service"));
    window.get_by_label("orders calls payments, no breaker");
    window.get_by_label("shop, boundary");
    window.get_by_label("Canvas");
}

#[test]
fn a_screen_reader_hears_the_state_of_a_breaker() {
    let mut window = window(shop());
    let snapshot = Snapshot {
        breakers: vec![BreakerState {
            from: service("orders"),
            name: "payments".to_owned(),
            dependency: Some(DependencyId::new("orders-payments").unwrap()),
            circuit: Circuit::Open,
            instances_open: (2, 2),
            since: Timestamp::UNIX_EPOCH,
            confidence: Confidence::Reported,
            failure_rate_percent: Some(61.0),
            buffered_calls: None,
            not_permitted_calls: None,
            detail: String::new(),
            source: String::new(),
            is_flapping: false,
            is_stale: false,
        }],
        at: Timestamp::new(14, 0).unwrap(),
        ..Snapshot::default()
    };
    window.state_mut().state.mode = Mode::Live;
    window.state_mut().state.snapshot = Some(Arc::new(snapshot));
    window.run();
    let edge = window.get_by_label("orders calls payments, breaker open");
    let words = edge.accesskit_node().description();
    assert_eq!(words.as_deref(), Some("open 14 s, 61 % failed"));
}

#[test]
fn a_screen_reader_selects_what_it_clicks_even_out_of_sight() {
    let mut project = shop();
    let far = Position::new(90_000, 90_000);
    project.view.positions.insert(service("bank"), far);
    let mut window = window(project);
    window.get_by_label("bank").click_accesskit();
    window.run();
    assert_eq!(window.state().selected(), ["bank"]);
    window
        .get_by_label("orders calls payments, no breaker")
        .click_accesskit();
    window.run();
    assert_eq!(window.state().selected(), ["orders-payments"]);
}

#[test]
fn tab_walks_the_cards_and_selects_each() {
    let mut window = window(shop());
    let mut seen = Vec::new();
    for _ in 0..6 {
        window.key_press(Key::Tab);
        window.run();
        seen.extend(window.state().selected().first().map(|it| (*it).to_owned()));
    }
    seen.dedup();
    assert_eq!(seen, ["bank", "cart", "orders", "payments"]);
}

#[test]
fn alt_and_arrows_walk_from_card_to_edge_to_card() {
    let mut window = window(shop());
    click(&mut window, -320.0, 40.0, Modifiers::NONE);
    window.key_press_modifiers(Modifiers::ALT, Key::ArrowRight);
    window.run();
    assert_eq!(window.state().selected(), ["orders-payments"]);
    window.key_press_modifiers(Modifiers::ALT, Key::ArrowRight);
    window.run();
    assert_eq!(window.state().selected(), ["payments"]);
    window.key_press_modifiers(Modifiers::ALT, Key::ArrowLeft);
    window.key_press_modifiers(Modifiers::ALT, Key::ArrowLeft);
    window.run();
    assert_eq!(window.state().project(), &shop());
}

#[test]
fn arrows_nudge_what_is_selected() {
    let mut window = window(shop());
    click(&mut window, 180.0, 220.0, Modifiers::NONE);
    window.key_press(Key::ArrowRight);
    window.run();
    assert_eq!(window.state().position("bank"), Position::new(204, 220));
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    window.run();
    assert_eq!(window.state().position("bank"), Position::new(204, 240));
}

#[test]
fn enter_names_and_escape_lets_go() {
    let mut window = window(shop());
    click(&mut window, 180.0, 220.0, Modifiers::NONE);
    window.key_press(Key::Enter);
    window.run();
    assert!(window.query_by_label("Name").is_some());
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label("Name").is_none());
    window.key_press(Key::Escape);
    window.run();
    assert!(window.state().selected().is_empty());
    assert_eq!(window.state().project(), &shop());
}
