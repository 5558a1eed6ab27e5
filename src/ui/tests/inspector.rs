//! Every field changes the design, says what is wrong, and can be undone.

use egui_kittest::kittest::Queryable as _;

use super::window::{Window, service};
use crate::{
    model::{ElementId, RouteId},
    ui::{action::Action, command::Command},
};

#[test]
fn a_timeout_is_typed_and_undone_as_one_step() {
    let mut window = Window::on("shop(cart, stock); cart -> stock");
    let dependency = ElementId::Dependency("cart-stock".parse().unwrap());
    window.ask(Command::Select([dependency].into()));
    window.type_into("Timeout", "1500");
    assert_eq!(
        window.project().model.dependencies["cart-stock"].timeout_ms,
        Some(1_500)
    );
    window.ask(Command::Do(Action::Undo));
    assert_eq!(
        window.project().model.dependencies["cart-stock"].timeout_ms,
        None
    );
    let state = window.state().state();
    assert_eq!(state.document.undo_label(), None);
}

#[test]
fn what_is_no_number_says_so_and_changes_nothing() {
    let mut window = Window::on("shop(cart, stock); cart -> stock{timeout=500}");
    let dependency = ElementId::Dependency("cart-stock".parse().unwrap());
    window.ask(Command::Select([dependency].into()));
    window.type_into("Timeout", "soon");
    window.get_by_label("a whole number from 0 to 86400000, or nothing");
    let timeout = window.project().model.dependencies["cart-stock"].timeout_ms;
    assert_eq!(
        timeout, None,
        "the field was emptied first, and what is no number was not taken"
    );
}

#[test]
fn a_breaker_is_one_click_away() {
    let mut window = Window::on("shop(cart, stock); cart -> stock");
    window.ask(Command::Select([service("cart")].into()));
    window.click("Calls");
    window.click("Add breaker: 50 % of 20 calls, open 30 s");
    assert!(
        window.project().model.dependencies["cart-stock"]
            .breaker
            .is_some()
    );
    window.get_by_label("Opens at");
}

#[test]
fn an_id_is_checked_and_every_reference_follows() {
    let mut window = Window::on("shop(cart, stock); cart -> stock");
    window.ask(Command::Select([service("stock")].into()));
    window.type_into("Id", "cart");
    window.get_by_label("there already is a service cart");
    assert!(window.project().model.services.contains_key("stock"));
    window.type_into("Id", "inventory");
    assert_eq!(
        window.project().model.dependencies["cart-stock"]
            .to
            .as_str(),
        "inventory"
    );
    assert_eq!(
        window.state().state().selection,
        [service("inventory")].into()
    );
}

#[test]
fn ports_and_entities_are_lists() {
    let mut window = Window::on("shop(cart)");
    window.ask(Command::Select([service("cart")].into()));
    window.click("Add port");
    window.type_into("Number", "8080");
    assert_eq!(
        window.project().model.services["cart"].ports[0].number,
        8_080
    );
    window.click("Data");
    window.type_into("New entity", "Order");
    assert_eq!(window.project().model.services["cart"].entities, ["Order"]);
    window.click("Remove Entity 1");
    assert!(window.project().model.services["cart"].entities.is_empty());
}

#[test]
fn a_variable_is_added_by_its_name() {
    let mut window = Window::on("shop(cart)");
    window.ask(Command::Select([service("cart")].into()));
    window.click("Data");
    window.type_into("New variable", "LOG_LEVEL");
    window.type_into("LOG_LEVEL", "debug");
    let environment = &window.project().model.services["cart"].environment;
    assert_eq!(environment["LOG_LEVEL"], "debug");
}

#[test]
fn a_boundary_and_a_route_have_their_fields_too() {
    let mut window = Window::on("shop(edge:gateway, cart); edge/cart -> cart");
    window.ask(Command::Select(
        [ElementId::Boundary("shop".parse().unwrap())].into(),
    ));
    window.type_into("Team", "checkout");
    assert_eq!(window.project().model.boundaries["shop"].team, "checkout");
    let route: RouteId = window.project().model.routes.keys().next().unwrap().clone();
    window.ask(Command::Select([ElementId::Route(route.clone())].into()));
    window.type_into("Rate limit", "50");
    let limit = window.project().model.routes[&route].rate_limit.clone();
    assert_eq!(limit.unwrap().requests_per_second, 50);
}

#[test]
fn with_nothing_selected_the_system_itself_is_named() {
    let mut window = Window::on("shop(cart)");
    window.type_into("Name", "My shop");
    assert_eq!(window.project().model.name, "My shop");
    window.click("Add environment");
    assert_eq!(window.project().environments.len(), 1);
    assert_eq!(
        window
            .state()
            .state()
            .environment
            .as_ref()
            .unwrap()
            .as_str(),
        "local"
    );
}

#[test]
fn the_inspector_stays_as_wide_as_it_was_made() {
    let mut window = Window::on("shop(cart)");
    let left = window.get_by_label("Add environment").rect().left();
    for _ in 0..10 {
        window.step();
    }
    let now = window.get_by_label("Add environment").rect().left();
    assert!((left - now).abs() < 0.5, "from {left} to {now}");
}
