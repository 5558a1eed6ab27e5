//! What a person gets from the layout, over hand-written and random designs.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use imbl::OrdMap;
use proptest::prelude::*;

use super::{Rect, Request, arrange, card_at, frames, place_missing};
use crate::{
    model::{BoundaryId, Model, ServiceId, testing::model},
    project::{Position, View},
};

const SHOP: &str = "storefront(web:client, gateway:gateway); \
    catalog(catalog, search, catalog-cache:cache, catalog-db:database); \
    ordering(orders, payments, orders-db:database); \
    fulfilment(events:broker, shipping, notifications); (bank:external); \
    web -> gateway; gateway -> catalog; gateway -> orders; catalog -> search; \
    catalog -> catalog-cache; catalog -> catalog-db; search -> catalog-db; \
    orders -> payments; orders -> orders-db; payments -> bank; orders => events{publish}; \
    shipping => events{consume}; notifications => events{consume}";

fn arranged(model: &Model) -> OrdMap<ServiceId, Position> {
    arrange(model, &OrdMap::new(), &Request::default())
}

fn service(name: &str) -> ServiceId {
    ServiceId::new(name).expect("an id")
}

fn boundary(name: &str) -> BoundaryId {
    BoundaryId::new(name).expect("an id")
}

fn is_inside(model: &Model, id: Option<&BoundaryId>, outer: &BoundaryId) -> bool {
    id.is_some_and(|id| {
        let parent = model.boundaries.get(id).and_then(|it| it.parent.as_ref());
        id == outer || is_inside(model, parent, outer)
    })
}

/// What is wrong with a layout, as a person would see it.
fn flaws(model: &Model, positions: &OrdMap<ServiceId, Position>) -> Vec<String> {
    let mut flaws = Vec::new();
    let cards: Vec<(&ServiceId, Rect)> = positions
        .iter()
        .map(|(id, position)| (id, card_at(*position)))
        .collect();
    for (number, (id, card)) in cards.iter().enumerate() {
        for (other, rect) in &cards[..number] {
            if card.overlaps(*rect) {
                flaws.push(format!("{id} lies on {other}"));
            }
        }
    }
    let frames = frames(model, positions, &View::default());
    for (outer, frame) in &frames {
        for (id, card) in &cards {
            if card.overlaps(*frame) && !is_inside(model, model.boundary_of(id), outer) {
                flaws.push(format!("{id} lies in the frame of {outer}"));
            }
        }
        for (other, rect) in frames.range(..outer.clone()) {
            let is_nested =
                is_inside(model, Some(other), outer) || is_inside(model, Some(outer), other);
            if rect.overlaps(*frame) && !is_nested {
                flaws.push(format!("the frames of {outer} and {other} overlap"));
            }
        }
    }
    flaws
}

#[test]
fn the_shop_is_compact_flows_to_the_right_and_keeps_its_boundaries() {
    let model = model(SHOP);
    let positions = arranged(&model);
    assert_eq!(positions.len(), 13);
    assert_eq!(flaws(&model, &positions), Vec::<String>::new());

    let at = |name| positions[&service(name)];
    assert!(at("gateway").x < at("catalog").x);
    assert!(at("gateway").x < at("orders").x);
    assert!(at("orders").x < at("payments").x);
    assert!(at("payments").x <= at("bank").x);
    assert!(at("events").x < at("shipping").x, "messages flow onward");
    let cards = positions.values().map(|it| card_at(*it));
    let size = Rect::around_all(cards).expect("cards").size();
    assert!(size.width < 1400.0 && size.height < 800.0, "{size:?}");
}

#[test]
fn every_card_lies_on_the_grid() {
    let positions = arranged(&model(SHOP));
    for (id, position) in &positions {
        let corner = card_at(*position).min;
        assert_eq!((corner.x % 4.0, corner.y % 4.0), (0.0, 0.0), "{id}");
    }
}

#[test]
fn boundaries_inside_boundaries_stay_inside() {
    let mut model = model("outer(a, b); inner(c, d); other(e); a -> c; c -> d; d -> e; a -> b");
    let inner = model.boundaries.get_mut(&boundary("inner")).expect("it");
    Arc::make_mut(inner).parent = Some(boundary("outer"));
    let positions = arranged(&model);
    assert_eq!(flaws(&model, &positions), Vec::<String>::new());
    let frames = frames(&model, &positions, &View::default());
    let (outer, inner) = (frames[&boundary("outer")], frames[&boundary("inner")]);
    assert_eq!(outer.union(inner), outer);
}

#[test]
fn boundaries_that_contain_each_other_are_arranged_all_the_same() {
    let mut model = model("a(x); b(y); x -> y");
    for (inner, outer) in [("a", "b"), ("b", "a")] {
        let inner = model.boundaries.get_mut(&boundary(inner)).expect("it");
        Arc::make_mut(inner).parent = Some(boundary(outer));
    }
    assert_eq!(arranged(&model).len(), 2);
}

#[test]
fn arranging_a_selection_moves_nothing_else_and_keeps_its_middle() {
    let model = model(SHOP);
    let before = arranged(&model);
    let only: BTreeSet<_> = ["orders", "payments", "orders-db"].map(service).into();
    let request = Request {
        only: Some(only.clone()),
        ..Request::default()
    };
    let after = arrange(&model, &before, &request);
    for (id, position) in &before {
        assert!(only.contains(id) || after[id] == *position, "{id} moved");
    }
    let middle = |positions: &OrdMap<ServiceId, Position>| {
        let sum: i32 = only.iter().map(|it| positions[it].x).sum();
        sum / 3
    };
    assert!((middle(&before) - middle(&after)).abs() <= 4);
}

#[test]
fn a_new_service_goes_into_its_frame_and_nothing_else_moves() {
    let mut model = model(SHOP);
    let positions = arranged(&model);
    let text = "ordering(invoices)";
    let new = crate::model::testing::model(text);
    model.services.extend(new.services);
    let placed = place_missing(&model, &positions, &View::default());
    assert_eq!(placed.len(), 1);
    assert_eq!(placed[0].0, service("invoices"));
    let all = positions.clone().union(placed.into_iter().collect());
    assert_eq!(flaws(&model, &all), Vec::<String>::new());
}

#[test]
fn a_design_without_positions_is_arranged_as_a_whole() {
    let model = model(SHOP);
    let placed: OrdMap<_, _> = place_missing(&model, &OrdMap::new(), &View::default())
        .into_iter()
        .collect();
    assert_eq!(placed, arranged(&model));
}

#[test]
fn an_empty_design_and_a_window_without_a_shape_are_no_problem() {
    assert!(arranged(&Model::default()).is_empty());
    let request = Request {
        only: None,
        aspect_ratio: f32::NAN,
    };
    assert_eq!(arrange(&model(SHOP), &OrdMap::new(), &request).len(), 13);
}

/// A design with so many services in so many boundaries, and these dependencies.
fn design(services: usize, boundaries: usize, edges: &[(usize, usize)]) -> Model {
    let mut text = String::new();
    for group in 0..=boundaries {
        let members: Vec<_> = (0..services)
            .filter(|it| it % (boundaries + 1) == group)
            .map(|it| format!("s{it}"))
            .collect();
        let name = if group == 0 {
            String::new()
        } else {
            format!("b{group}")
        };
        write!(text, "{name}({}); ", members.join(", ")).expect("a text takes everything");
    }
    for (from, to) in edges {
        write!(text, "s{} -> s{}; ", from % services, to % services)
            .expect("a text takes everything");
    }
    model(&text)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_card_and_no_frame_ever_overlaps_another(
        services in 1..90_usize,
        boundaries in 0..9_usize,
        edges in prop::collection::vec((0..90_usize, 0..90_usize), 0..120),
    ) {
        let model = design(services, boundaries, &edges);
        let positions = arranged(&model);
        prop_assert_eq!(positions.len(), services);
        prop_assert_eq!(flaws(&model, &positions), Vec::<String>::new());
        prop_assert_eq!(&positions, &arranged(&model), "the same input, another layout");
    }

    #[test]
    fn services_without_a_position_find_room_without_moving_others(
        services in 2..40_usize,
        boundaries in 0..5_usize,
        edges in prop::collection::vec((0..40_usize, 0..40_usize), 0..40),
        lost in prop::collection::vec(0..40_usize, 1..6),
    ) {
        let model = design(services, boundaries, &edges);
        let mut positions = arranged(&model);
        for number in lost {
            positions.remove(&service(&format!("s{}", number % services)));
        }
        let placed = place_missing(&model, &positions, &View::default());
        prop_assert_eq!(placed.len() + positions.len(), services);
        // A frame cannot always grow without reaching into another, but cards always find room.
        let all = positions.union(placed.into_iter().collect());
        let flaws = flaws(&model, &all).join(", ");
        prop_assert!(!flaws.contains("lies on"), "{flaws}");
    }
}

#[test]
fn thousands_of_services_are_arranged() {
    let edges: Vec<_> = (0..6_000).map(|it| (it / 2, it * 7 % 3_000)).collect();
    let mut text = String::new();
    for group in 0..300 {
        let members: Vec<_> = (0..10).map(|it| format!("s{}", group * 10 + it)).collect();
        write!(text, "b{group}({}); ", members.join(", ")).expect("a text takes everything");
    }
    let mut model = model(&text);
    for (number, (from, to)) in edges.into_iter().enumerate() {
        let end = |it: usize| service(&format!("s{it}"));
        let id = crate::model::DependencyId::new(format!("d{number}")).expect("an id");
        let dependency = crate::model::Dependency::new(end(from), end(to));
        model.dependencies.insert(id, Arc::new(dependency));
    }
    assert_eq!(arranged(&model).len(), 3_000);
}

#[test]
fn a_store_that_nobody_is_said_to_use_stands_beside_its_namesake() {
    let model = model(
        "(front, carts, orders, user, carts-db:database, orders-db:database, user-db:database)",
    );
    let positions = arranged(&model);
    for owner in ["carts", "orders", "user"] {
        let store = positions[&service(&format!("{owner}-db"))];
        let apart = |it: &Position| (it.x - store.x).pow(2) + (it.y - store.y).pow(2);
        let mut others = positions.values().filter(|it| **it != store);
        let owner = apart(&positions[&service(owner)]);
        assert!(others.all(|it| apart(it) >= owner), "{positions:?}");
    }
}
