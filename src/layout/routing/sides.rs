//! On which side of its cards an edge begins and ends.

use super::{
    obstacles::Obstacles,
    ports::{Port, Side},
};
use crate::layout::geometry::{Point, Rect};

/// The least room between two cards for an edge to bend in it, in points.
const BEND_ROOM: f32 = 24.0;
/// The least room between two cards for an arrow, in points.
const ARROW_ROOM: f32 = 10.0;

/// Ports in the middle of the sides that face each other: to the right where there
/// is room, up or down where the cards are above each other.
pub(super) fn sides(nodes: &[Rect], from: usize, to: usize, obstacles: &Obstacles) -> (Port, Port) {
    let ports = |from, to| (Port::middle(from), Port::middle(to));
    if from == to {
        return ports(Side::Right, Side::Top);
    }
    let (one, other) = (nodes[from], nodes[to]);
    let right = other.min.x - one.max.x;
    let left = one.min.x - other.max.x;
    let below = other.min.y - one.max.y;
    let above = one.min.y - other.max.y;

    let is_over = (one.center().x - other.center().x).abs() < one.size().width / 2.0;
    if below.max(above) >= ARROW_ROOM && (is_over || right.max(left) < BEND_ROOM) {
        let vertical = if below > above {
            (Side::Bottom, Side::Top)
        } else {
            (Side::Top, Side::Bottom)
        };
        let x = f32::midpoint(one.center().x, other.center().x);
        let start = Point::new(x, one.center().y);
        let end = Point::new(x, other.center().y);
        let is_blocked = !obstacles.under(start, end, (from, to)).is_empty();
        return if is_blocked && is_over {
            ports(Side::Right, Side::Right)
        } else {
            ports(vertical.0, vertical.1)
        };
    }
    if right >= BEND_ROOM || (right >= ARROW_ROOM && below.max(above) < 0.0) {
        return ports(Side::Right, Side::Left);
    }
    if left >= BEND_ROOM || (left >= ARROW_ROOM && below.max(above) < 0.0) {
        return ports(Side::Left, Side::Right);
    }
    // The cards touch or overlap: around the outside.
    ports(Side::Right, Side::Right)
}
