//! What does not happen: no picture without a reason, no card that moves by itself.

use egui::{Modifiers, vec2};
use egui_kittest::kittest::Queryable;

use super::harness::{at, click, shop, window};
use crate::{
    edit::Edit,
    model::{BoundaryId, ElementId},
    project::{Position, Project},
    ui::{canvas::Request, command::Action},
};

#[test]
fn an_idle_canvas_stops_painting() {
    let mut window = window(shop());
    let before = (
        window.state().frames,
        window.state().canvas.pictures_drawn(),
    );
    window.run();
    window.run();
    assert!(window.state().frames <= before.0 + 2);
    assert_eq!(window.state().canvas.pictures_drawn(), before.1);
}

#[test]
fn a_pointer_that_crosses_nothing_repeats_the_last_picture() {
    let mut window = window(shop());
    window.hover_at(at(&window, 0.0, -300.0));
    window.run();
    let before = window.state().canvas.pictures_drawn();
    for step in 0..10_u8 {
        window.hover_at(at(&window, f32::from(step) * 3.0, -300.0));
        window.step();
    }
    assert_eq!(window.state().canvas.pictures_drawn(), before);
}

#[test]
fn a_click_after_a_rest_still_lands() {
    let mut window = window(shop());
    window.run();
    click(&mut window, 180.0, 220.0, Modifiers::NONE);
    assert_eq!(window.state().selected(), ["bank"]);
}

#[test]
fn looking_around_moves_no_card() {
    let mut window = window(shop());
    for request in [
        Request::Fit,
        Request::ZoomOut,
        Request::ZoomIn,
        Request::ActualSize,
        Request::Reveal(ElementId::Boundary(BoundaryId::new("money").unwrap())),
    ] {
        window.state_mut().canvas.ask(request);
        window.run();
    }
    click(&mut window, 180.0, 220.0, Modifiers::NONE);
    window.set_size(vec2(700.0, 500.0));
    window.run();
    let scene = &window.state().canvas.scene;
    for node in &scene.nodes {
        assert_eq!(node.center, node.home, "{}", node.name);
    }
    assert_eq!(window.state().project(), &shop());
    assert_eq!(window.state().state.document.undo_label(), None);
}

#[test]
fn a_service_without_a_place_is_shown_and_the_document_stays_as_it_is() {
    let mut project = shop();
    project.view.positions.clear();
    let mut window = window(project.clone());
    window.run();
    let rects: Vec<_> = window
        .state()
        .canvas
        .scene
        .nodes
        .iter()
        .map(super::super::scene::Node::rect)
        .collect();
    for (number, one) in rects.iter().enumerate() {
        assert!(rects[..number].iter().all(|other| !one.intersects(*other)));
    }
    assert_eq!(window.state().project(), &project);
}

#[test]
fn a_collapsed_boundary_is_one_card_that_takes_over_the_edges() {
    let mut window = window(shop());
    let shop = BoundaryId::new("shop").unwrap();
    let edit = Edit::Collapse([shop].into(), true);
    window.state_mut().state.document.apply(edit).unwrap();
    window.run();
    assert!(window.query_by_label("cart").is_none());
    window.get_by_label("shop");
    window.get_by_label("shop calls payments, no breaker");
}

#[test]
fn a_focus_leaves_only_what_it_names() {
    let mut window = window(shop());
    let names = ["orders", "payments"].map(super::harness::service);
    window.state_mut().state.focus = Some(names.into());
    window.run();
    assert!(window.query_by_label("bank").is_none());
    window.get_by_label("payments");
    window.state_mut().state.focus = None;
    window.run();
    window.get_by_label("bank");
}

#[test]
fn an_empty_canvas_offers_the_first_steps() {
    let mut window = window(Project::default());
    window.get_by_label("Open…").click();
    window.run();
    assert_eq!(window.state().acted, [Action::Open]);
    window.get_by_label("New service").click();
    window.run();
    window.get_by_label("Name");
}

#[test]
fn there_is_room_for_one_more_card_near_the_middle() {
    let window = window(shop());
    let spot = window
        .state()
        .canvas
        .free_spot_near(Position::new(200, 220));
    assert_ne!(spot, Position::new(200, 220));
    assert!(
        (spot.x - 200).abs() < 300 && (spot.y - 220).abs() < 200,
        "{spot:?}"
    );
}

#[test]
fn after_an_edit_the_scene_is_the_same_as_one_made_anew() {
    let mut window = window(shop());
    let id = super::harness::service("orders");
    let moved = Edit::Move(vec![(id, Position::new(-260, 96))]);
    window.state_mut().state.document.apply(moved).unwrap();
    window.run();
    let followed = &window.state().canvas.scene;
    let structure = followed.structure;
    let mut anew = super::super::scene::Scene::default();
    anew.show(window.state().state.document.project(), None);
    assert_eq!(structure, 1, "nothing came or went");
    for (one, other) in followed.nodes.iter().zip(&anew.nodes) {
        assert_eq!(one.center, other.center);
    }
    for (one, other) in followed.frames.iter().zip(&anew.frames) {
        assert_eq!(one.rect, other.rect);
    }
}
