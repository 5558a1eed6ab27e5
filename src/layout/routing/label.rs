//! Where a label or a breaker sits on an edge: on its longest straight piece, leaving
//! out what it shares with the other edges of its trunk.

use std::collections::BTreeMap;

use super::{Route, ports::Port};
use crate::layout::geometry::Point;

/// Room for the arrow at the end of an edge, in points.
const ARROW: f32 = 10.0;

/// Sets the label places of `numbers`.
pub(super) fn place(
    numbers: &[usize],
    edges: &[(usize, usize)],
    ports: &[(Port, Port)],
    routes: &mut [Route],
) {
    let mut trunks: BTreeMap<(usize, i32, i32), Vec<usize>> = BTreeMap::new();
    for &number in numbers {
        if let Some(start) = routes[number].points.first().copied() {
            let place = (start.x.round() as i32, start.y.round() as i32);
            let key = (edges[number].0, place.0, place.1);
            if ports[number].0.is_shared {
                trunks.entry(key).or_default().push(number);
                continue;
            }
        }
        set(&mut routes[number], 0.0);
    }
    for members in trunks.into_values() {
        for &number in &members {
            let others = members.iter().filter(|it| **it != number);
            let shared = others.map(|&it| common(&routes[number].points, &routes[it].points));
            let shared = shared.fold(0.0, f32::max);
            set(&mut routes[number], shared);
        }
    }
}

/// The length that two lines from the same place have in common.
fn common(one: &[Point], other: &[Point]) -> f32 {
    let mut total = 0.0;
    for (a, b) in one.windows(2).zip(other.windows(2)) {
        if a[0] != b[0] {
            break;
        }
        let (first, second) = (
            (a[1].x - a[0].x, a[1].y - a[0].y),
            (b[1].x - b[0].x, b[1].y - b[0].y),
        );
        let is_same_way = first.0.signum() == second.0.signum()
            && first.1.signum() == second.1.signum()
            && (first.0 == 0.0) == (second.0 == 0.0);
        if !is_same_way {
            break;
        }
        let lengths = (
            first.0.abs() + first.1.abs(),
            second.0.abs() + second.1.abs(),
        );
        total += lengths.0.min(lengths.1);
        if lengths.0 != lengths.1 {
            break;
        }
    }
    total
}

/// Puts the label on the longest piece after the first `skip` points of length.
fn set(route: &mut Route, skip: f32) {
    let mut best = (-1.0, Point::default(), true);
    let mut passed = 0.0;
    let last = route.points.len().saturating_sub(2);
    for (number, pair) in route.points.windows(2).enumerate() {
        let (from, to) = (pair[0], pair[1]);
        let length = (to.x - from.x).abs() + (to.y - from.y).abs();
        let hidden = (skip - passed).clamp(0.0, length);
        passed += length;
        let arrow = if number == last {
            ARROW.min(length)
        } else {
            0.0
        };
        let free = length - hidden - arrow;
        if free > best.0 + 0.5 && length > 0.0 {
            let share = (hidden + (free / 2.0).max(0.0)) / length;
            let at = Point::new(
                from.x + (to.x - from.x) * share.min(1.0),
                from.y + (to.y - from.y) * share.min(1.0),
            );
            best = (free, at, from.y == to.y);
        }
    }
    route.label_at = best.1;
    route.label_axis_is_horizontal = best.2;
}
