//! What a person sees of routes: where they start, bend and end.

use proptest::prelude::*;

use super::{Route, Router};
use crate::layout::geometry::{CARD_SIZE, Point, Rect};

fn card(x: f32, y: f32) -> Rect {
    Rect::at(Point::new(x, y), CARD_SIZE)
}

fn is_on_rim(rect: Rect, point: Point) -> bool {
    let is_on = |it: f32, one: f32, other: f32| it == one || it == other;
    rect.contains(point)
        && (is_on(point.x, rect.min.x, rect.max.x) || is_on(point.y, rect.min.y, rect.max.y))
}

fn route(from: Rect, to: Rect) -> Route {
    Router::new(vec![from, to], vec![(0, 1)]).routes()[0].clone()
}

#[test]
fn cards_in_a_row_are_joined_by_one_straight_line() {
    let route = route(card(0.0, 0.0), card(256.0, 0.0));
    assert_eq!(
        route.points,
        [Point::new(184.0, 28.0), Point::new(256.0, 28.0)]
    );
    assert!(route.label_axis_is_horizontal);
}

#[test]
fn a_card_below_is_reached_from_above() {
    let route = route(card(0.0, 0.0), card(0.0, 100.0));
    assert_eq!(
        route.points,
        [Point::new(92.0, 56.0), Point::new(92.0, 100.0)]
    );
    assert!(!route.label_axis_is_horizontal);
}

#[test]
fn a_lower_card_to_the_right_is_reached_by_two_bends_in_the_gap() {
    let route = route(card(0.0, 0.0), card(256.0, 200.0));
    assert_eq!(route.points.len(), 4);
    assert_eq!(route.points[1].x, 220.0);
    assert_eq!(route.label_at, Point::new(220.0, 128.0));
}

#[test]
fn edges_that_bend_the_same_way_share_a_trunk_and_label_what_is_theirs() {
    let cards = vec![card(0.0, 0.0), card(256.0, 200.0), card(256.0, 400.0)];
    let router = Router::new(cards, vec![(0, 1), (0, 2)]);
    let [near, far] = router.routes() else {
        panic!("two routes")
    };
    assert_eq!(near.points[..2], far.points[..2]);
    assert!(far.label_at.y > 228.0, "{far:?}");
    assert_ne!(near.label_at, far.label_at);
}

#[test]
fn two_edges_between_the_same_cards_do_not_lie_on_one_another() {
    let cards = vec![card(0.0, 0.0), card(256.0, 0.0)];
    let router = Router::new(cards, vec![(0, 1), (0, 1), (1, 0)]);
    let heights: std::collections::BTreeSet<_> = router
        .routes()
        .iter()
        .map(|it| it.points[0].y as i32)
        .collect();
    assert_eq!(heights.len(), 3);
}

#[test]
fn an_edge_goes_around_a_card_that_is_in_its_way() {
    let between = card(256.0, 0.0);
    let cards = vec![card(0.0, 0.0), between, card(512.0, 0.0)];
    let router = Router::new(cards, vec![(0, 2)]);
    let points = &router.routes()[0].points;
    let is_free = points.windows(2).all(|it| {
        let piece = Rect {
            min: Point::new(it[0].x.min(it[1].x), it[0].y.min(it[1].y)),
            max: Point::new(it[0].x.max(it[1].x), it[0].y.max(it[1].y)),
        };
        !piece.overlaps(between)
    });
    assert!(is_free, "{points:?}");
}

#[test]
fn dragging_a_card_routes_its_own_edges_alone() {
    let cards = vec![card(0.0, 0.0), card(256.0, 0.0), card(512.0, 0.0)];
    let mut router = Router::new(cards, vec![(0, 1), (1, 2)]);
    let untouched = router.routes()[1].clone();
    let moved = card(0.0, 300.0);
    assert_eq!(router.reroute(&[(0, moved)]), [0]);
    assert_eq!(router.routes()[1], untouched);
    assert!(is_on_rim(moved, router.routes()[0].points[0]));
}

proptest! {
    #[test]
    fn every_route_runs_along_the_axes_from_rim_to_rim(
        places in prop::collection::vec((-20..20_i16, -20..20_i16), 1..24),
        edges in prop::collection::vec((0..24_usize, 0..24_usize), 0..60),
        moved in (0..24_usize, -20..20_i16, -20..20_i16),
    ) {
        let at = |x: i16, y: i16| card(f32::from(x) * 64.0, f32::from(y) * 40.0);
        let mut cards: Vec<_> = places.iter().map(|&(x, y)| at(x, y)).collect();
        let end = |it: usize| it % places.len();
        let edges: Vec<_> = edges.iter().map(|&(from, to)| (end(from), end(to))).collect();
        let mut router = Router::new(cards.clone(), edges.clone());
        for _ in 0..2 {
            for (route, &(from, to)) in router.routes().iter().zip(&edges) {
                let (Some(first), Some(last)) = (route.points.first(), route.points.last()) else {
                    return Err(TestCaseError::fail("a route without points"));
                };
                prop_assert!(is_on_rim(cards[from], *first), "{route:?}");
                prop_assert!(is_on_rim(cards[to], *last), "{route:?} {:?}", cards[to]);
                for pair in route.points.windows(2) {
                    prop_assert!(pair[0].x == pair[1].x || pair[0].y == pair[1].y, "{route:?}");
                }
            }
            let node = end(moved.0);
            cards[node] = at(moved.1, moved.2);
            router.reroute(&[(node, cards[node])]);
        }
    }
}
