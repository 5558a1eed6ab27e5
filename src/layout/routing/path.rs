//! The corners of one edge: the cheapest of a few shapes, where bends cost a little
//! and cards that are not its own cost much.

use super::{
    obstacles::Obstacles,
    ports::{Port, Side},
};
use crate::layout::geometry::{Point, Rect};

/// Points of length that one bend is worth.
const BEND_COST: f32 = 40.0;
/// Points of length that running under a card is worth.
const UNDER_COST: f32 = 700.0;
/// How far an edge goes before it turns, where there is room: half a column gap.
const TURN: f32 = 36.0;
/// The same beside a frame.
const FRAME_TURN: f32 = 52.0;
/// Two ends so little out of line are joined by a straight line, in points.
const JOG: f32 = 8.0;
/// How far loops stand out, in points.
const LOOP: f32 = 24.0;

/// The two cards of an edge and where it meets them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub from: Rect,
    pub to: Rect,
    /// Their numbers.
    pub nodes: (usize, usize),
    pub ports: (Port, Port),
}

/// The corners of an edge, without repeated or needless ones.
pub(super) fn path(ends: &Ends, obstacles: &Obstacles) -> Vec<Point> {
    let (start, end) = (ends.ports.0.on(ends.from), ends.ports.1.on(ends.to));
    let points = match (ends.ports.0.side, ends.ports.1.side) {
        (Side::Right, Side::Top) => self_loop(start, end),
        (Side::Right, Side::Right) => around(start, end, ends, obstacles),
        (side, _) => facing(start, end, side, ends, obstacles),
    };
    simplified(points)
}

fn self_loop(start: Point, end: Point) -> Vec<Point> {
    let corner = Point::new(start.x + LOOP, end.y - LOOP);
    vec![
        start,
        Point::new(corner.x, start.y),
        corner,
        Point::new(end.x, corner.y),
        end,
    ]
}

/// Out to the right, along, and back in.
fn around(start: Point, end: Point, ends: &Ends, obstacles: &Obstacles) -> Vec<Point> {
    let edge = start.x.max(end.x);
    let shape = |x: f32| vec![start, Point::new(x, start.y), Point::new(x, end.y), end];
    let shapes = [LOOP, TURN].map(|it| shape(edge + it));
    cheapest(shapes.into_iter(), ends, obstacles)
}

/// Between two sides that face each other. Worked out as if the edge ran rightward
/// or leftward; upright edges are mirrored at the diagonal before and after.
fn facing(start: Point, end: Point, side: Side, ends: &Ends, obstacles: &Obstacles) -> Vec<Point> {
    let is_flat = side.is_upright();
    let turned = |it: Point| {
        if is_flat { it } else { Point::new(it.y, it.x) }
    };
    let (from, to) = (turned(start), turned(end));
    if (from.y - to.y).abs() < 0.5 {
        return vec![start, end];
    }
    if (from.y - to.y).abs() < JOG && !ends.ports.1.is_shared && can_slide(from.y, ends, is_flat) {
        return vec![start, turned(Point::new(to.x, from.y))];
    }

    let shape = |x: f32| {
        let corners = [from, Point::new(x, from.y), Point::new(x, to.y), to];
        corners.map(turned).to_vec()
    };
    let room = to.x - from.x;
    let forward = room.signum();
    let middle = f32::midpoint(from.x, to.x);
    if room.abs() < 3.0 * FRAME_TURN || obstacles.is_empty() {
        let lane = if room.abs() < 3.0 * FRAME_TURN {
            middle
        } else {
            to.x - forward * FRAME_TURN
        };
        let direct = shape(lane);
        if obstacles.is_empty() || cards_under(&direct, ends, obstacles) == 0 {
            return direct;
        }
    }
    let lanes = [
        to.x - forward * FRAME_TURN,
        to.x - forward * TURN,
        from.x + forward * FRAME_TURN,
        from.x + forward * TURN,
        middle,
    ];
    let direct = cheapest(lanes.into_iter().map(shape), ends, obstacles);
    if cards_under(&direct, ends, obstacles) == 0 || room.abs() < 2.0 * TURN {
        return direct;
    }
    let detours = detours(from, to, &direct, ends, obstacles, turned);
    cheapest(std::iter::once(direct).chain(detours), ends, obstacles)
}

/// Shapes that pass above or below what lies under the direct way.
fn detours(
    from: Point,
    to: Point,
    direct: &[Point],
    ends: &Ends,
    obstacles: &Obstacles,
    turned: impl Fn(Point) -> Point,
) -> Vec<Vec<Point>> {
    let forward = (to.x - from.x).signum();
    let mut rows = Vec::new();
    for pair in direct.windows(2) {
        for (_, card) in obstacles.under(pair[0], pair[1], ends.nodes).iter().take(6) {
            rows.push(turned(card.min).y - 12.0);
            rows.push(turned(card.max).y + 12.0);
        }
    }
    let mut detours = Vec::new();
    for row in rows {
        for (out, back) in [(TURN, TURN), (FRAME_TURN, FRAME_TURN)] {
            let (out, back) = (from.x + forward * out, to.x - forward * back);
            let corners = [
                from,
                Point::new(out, from.y),
                Point::new(out, row),
                Point::new(back, row),
                Point::new(back, to.y),
                to,
            ];
            detours.push(corners.map(&turned).to_vec());
        }
    }
    detours
}

/// Whether the far end may move along its side to this height.
fn can_slide(at: f32, ends: &Ends, is_flat: bool) -> bool {
    let (first, last) = if is_flat {
        (ends.to.min.y, ends.to.max.y)
    } else {
        (ends.to.min.x, ends.to.max.x)
    };
    first + 6.0 <= at && at <= last - 6.0
}

fn cheapest(
    shapes: impl Iterator<Item = Vec<Point>>,
    ends: &Ends,
    obstacles: &Obstacles,
) -> Vec<Point> {
    let cost = |points: &Vec<Point>| {
        let under = cards_under(points, ends, obstacles) as f32;
        let bends = simplified(points.clone()).len() as f32;
        length(points) + BEND_COST * bends + UNDER_COST * under
    };
    shapes
        .map(|it| (cost(&it), it))
        .min_by(|one, other| one.0.total_cmp(&other.0))
        .map(|it| it.1)
        .unwrap_or_default()
}

fn cards_under(points: &[Point], ends: &Ends, obstacles: &Obstacles) -> usize {
    if obstacles.is_empty() {
        return 0;
    }
    let pieces = points.windows(2);
    pieces
        .map(|it| obstacles.under(it[0], it[1], ends.nodes).len())
        .sum()
}

fn length(points: &[Point]) -> f32 {
    let pieces = points.windows(2);
    pieces
        .map(|it| (it[1].x - it[0].x).abs() + (it[1].y - it[0].y).abs())
        .sum()
}

/// Without corners that repeat or that lie on a straight line.
pub(super) fn simplified(points: Vec<Point>) -> Vec<Point> {
    let mut simple: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        while let [.., before, last] = simple.as_slice() {
            let is_straight = (before.x == last.x && last.x == point.x)
                || (before.y == last.y && last.y == point.y);
            if !is_straight {
                break;
            }
            simple.pop();
        }
        if simple.last() != Some(&point) {
            simple.push(point);
        }
    }
    simple
}
