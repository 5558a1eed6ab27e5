//! By pointer: create, name, connect, move, join, select, pan, zoom.

use egui::{Key, Modifiers, PointerButton};
use egui_kittest::kittest::Queryable;

use super::harness::{apply, at, click, drag, service, shop, type_name, window};
use crate::{
    edit::Edit,
    model::{BoundaryId, Mode},
    project::{Position, Project},
    ui::{canvas::Request, command::Action},
};

#[test]
fn a_double_click_makes_a_service_that_is_named_in_place() {
    let mut window = window(Project::default());
    click(&mut window, 100.0, 52.0, Modifiers::NONE);
    click(&mut window, 100.0, 52.0, Modifiers::NONE);
    type_name(&mut window, "Order Desk");
    let project = window.state().project();
    assert_eq!(
        project.model.service_name(&service("order-desk")),
        "Order Desk"
    );
    assert_eq!(
        window.state().position("order-desk"),
        Position::new(100, 52)
    );
    assert_eq!(window.state().selected(), ["order-desk"]);
    assert!(window.state_mut().state.document.undo());
    assert!(window.state().project().model.services.is_empty());
}

#[test]
fn two_quick_clicks_on_two_cards_select_and_rename_neither() {
    let mut window = window(shop());
    click(&mut window, 200.0, 220.0, Modifiers::NONE);
    click(&mut window, 200.0, 40.0, Modifiers::NONE);
    assert!(window.query_by_label("Name").is_none());
    assert_eq!(window.state().selected(), ["payments"]);
}

#[test]
fn a_double_click_counts_right_after_a_click_on_something_else() {
    let mut window = window(shop());
    click(&mut window, 200.0, 220.0, Modifiers::NONE);
    click(&mut window, 200.0, 40.0, Modifiers::NONE);
    click(&mut window, 200.0, 40.0, Modifiers::NONE);
    assert!(window.query_by_label("Name").is_some());
    assert_eq!(window.state().selected(), ["payments"]);
}

#[test]
fn a_new_service_that_is_given_no_name_is_not_made() {
    let mut window = window(Project::default());
    click(&mut window, 0.0, 0.0, Modifiers::NONE);
    click(&mut window, 0.0, 0.0, Modifiers::NONE);
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label("Name").is_none());
    assert_eq!(window.state().state.document.undo_label(), None);
}

#[test]
fn a_service_made_inside_a_frame_belongs_to_that_boundary() {
    let mut window = window(shop());
    click(&mut window, -300.0, -30.0, Modifiers::NONE);
    click(&mut window, -300.0, -30.0, Modifiers::NONE);
    type_name(&mut window, "stock");
    assert_eq!(window.state().boundary("stock"), Some("shop"));
}

#[test]
fn dragging_from_the_rim_to_another_card_connects_them() {
    let mut window = window(shop());
    drag(&mut window, (-208.0, -100.0), (200.0, 220.0));
    let model = &window.state().project().model;
    let cart = service("cart");
    let (_, made) = model.dependencies_of(&cart).next().unwrap();
    assert_eq!((made.to.as_str(), made.mode), ("bank", Mode::Sync));
    assert_eq!(window.state().selected(), ["cart-bank"]);
    assert_eq!(window.state().position("cart"), Position::new(-300, -100));
}

#[test]
fn dragging_from_the_rim_into_the_open_makes_a_service_that_is_called() {
    let mut window = window(shop());
    drag(&mut window, (-208.0, -100.0), (-20.0, -240.0));
    type_name(&mut window, "stock");
    let model = &window.state().project().model;
    let cart = service("cart");
    let called: Vec<_> = model.dependencies_of(&cart).collect();
    assert_eq!(called[0].1.to, service("stock"));
    assert!(window.state_mut().state.document.undo());
    assert_eq!(window.state().project(), &shop());
}

#[test]
fn a_card_moves_with_the_pointer_and_falls_on_the_grid() {
    let mut window = window(shop());
    drag(&mut window, (230.0, 225.0), (-18.0, 262.0));
    assert_eq!(window.state().position("bank"), Position::new(-48, 256));
    assert_eq!(
        window.state().state.document.undo_label(),
        Some("move bank")
    );
    assert!(window.state_mut().state.document.undo());
    assert!(!window.state_mut().state.document.undo());
    assert_eq!(window.state().project(), &shop());
}

#[test]
fn a_click_off_the_middle_of_a_card_moves_nothing() {
    let mut window = window(shop());
    click(&mut window, 260.0, 235.0, Modifiers::NONE);
    assert_eq!(window.state().selected(), ["bank"]);
    assert_eq!(window.state().project(), &shop());
}

#[test]
fn everything_selected_moves_together() {
    let mut window = window(shop());
    click(&mut window, -320.0, -100.0, Modifiers::NONE);
    click(&mut window, 200.0, 220.0, Modifiers::SHIFT);
    assert_eq!(window.state().selected(), ["bank", "cart"]);
    drag(&mut window, (200.0, 220.0), (240.0, 280.0));
    assert_eq!(window.state().position("bank"), Position::new(240, 280));
    assert_eq!(window.state().position("cart"), Position::new(-260, -40));
    assert_eq!(window.state().position("orders"), Position::new(-300, 40));
}

#[test]
fn a_second_shift_click_takes_a_card_out_of_the_selection() {
    let mut window = window(shop());
    click(&mut window, -320.0, -100.0, Modifiers::NONE);
    click(&mut window, 180.0, 220.0, Modifiers::SHIFT);
    click(&mut window, 180.0, 220.0, Modifiers::SHIFT);
    assert_eq!(window.state().selected(), ["cart"]);
}

#[test]
fn a_card_dropped_into_a_frame_joins_the_boundary_in_one_step() {
    let mut window = window(shop());
    drag(&mut window, (200.0, 220.0), (-300.0, -30.0));
    assert_eq!(window.state().boundary("bank"), Some("shop"));
    assert!(window.state_mut().state.document.undo());
    assert_eq!(window.state().project(), &shop());
}

#[test]
fn a_card_dragged_out_of_its_frame_leaves_the_boundary() {
    let mut window = window(shop());
    drag(&mut window, (-300.0, 40.0), (-60.0, 260.0));
    assert_eq!(window.state().boundary("orders"), None);
    assert_eq!(window.state().boundary("cart"), Some("shop"));
}

#[test]
fn a_card_that_is_still_partly_inside_its_frame_stays_a_member() {
    let mut window = window(shop());
    drag(&mut window, (-300.0, 40.0), (-160.0, 80.0));
    assert_eq!(window.state().boundary("orders"), Some("shop"));
}

#[test]
fn a_frame_dragged_by_its_name_takes_its_members_along() {
    let mut window = window(shop());
    drag(&mut window, (-300.0, -150.0), (-260.0, -110.0));
    assert_eq!(window.state().position("cart"), Position::new(-260, -60));
    assert_eq!(window.state().position("orders"), Position::new(-260, 80));
    assert_eq!(window.state().boundary("cart"), Some("shop"));
    assert_eq!(window.state().selected(), ["shop"]);
}

#[test]
fn a_boundary_that_loses_its_last_member_stays_where_it_was() {
    let mut window = window(shop());
    drag(&mut window, (200.0, 40.0), (-300.0, -30.0));
    assert_eq!(window.state().boundary("payments"), Some("shop"));
    let empty = &window.state().project().view.empty_boundaries;
    assert!(empty.contains_key(&BoundaryId::new("money").unwrap()));
}

#[test]
fn locked_positions_do_not_move_and_a_sentence_says_why() {
    let mut window = window(shop());
    apply(&mut window, Edit::Lock(true));
    drag(&mut window, (200.0, 220.0), (0.0, 260.0));
    assert_eq!(window.state().position("bank"), Position::new(200, 220));
    assert!(window.state().told[0].contains("locked"));
}

#[test]
fn a_rectangle_drawn_around_cards_selects_them() {
    let mut window = window(shop());
    drag(&mut window, (60.0, -40.0), (320.0, 300.0));
    assert_eq!(window.state().selected(), ["bank", "payments"]);
    click(&mut window, 0.0, -300.0, Modifiers::NONE);
    assert!(window.state().selected().is_empty());
}

#[test]
fn an_edge_is_selected_by_a_click_on_its_line() {
    let mut window = window(shop());
    click(&mut window, -150.0, 40.0, Modifiers::NONE);
    assert_eq!(window.state().selected(), ["orders-payments"]);
}

#[test]
fn the_wheel_zooms_at_the_pointer_and_the_middle_button_pans() {
    let mut window = window(shop());
    let pointer = at(&window, 200.0, 220.0);
    window.hover_at(pointer);
    window.step();
    window.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, 120.0),
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
    });
    window.run_ok();
    let view = window.state().canvas.view;
    assert!(view.zoom > 1.2, "{}", view.zoom);
    assert!((view.to_canvas(pointer) - egui::pos2(200.0, 220.0)).length() < 2.0);

    let before = view.center;
    for (pressed, pos) in [(true, pointer), (true, pointer + egui::vec2(60.0, 0.0))] {
        window.hover_at(pos);
        window.event(egui::Event::PointerButton {
            pos,
            button: PointerButton::Middle,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.step();
        window.step();
    }
    assert!(window.state().canvas.view.center.x < before.x - 20.0);
    assert_eq!(window.state().project(), &shop());
}

#[test]
fn the_context_menu_offers_what_fits() {
    let mut window = window(shop());
    window.get_by_label("bank").click_secondary();
    window.run();
    window.get_by_label_contains("Duplicate");
    window.get_by_label_contains("Delete").click();
    window.run();
    assert_eq!(window.state().acted, [Action::Delete]);
    assert_eq!(window.state().selected(), ["bank"]);
}

#[test]
fn renaming_in_place_changes_the_name_and_not_the_place() {
    let mut window = window(shop());
    let element = crate::model::ElementId::Service(service("bank"));
    window.state_mut().canvas.ask(Request::Rename(element));
    window.run();
    type_name(&mut window, "House bank");
    let project = window.state().project();
    assert_eq!(project.model.service_name(&service("bank")), "House bank");
    assert_eq!(window.state().position("bank"), Position::new(200, 220));
}
