//! How edges run: rounded orthogonal lines from rim to rim, as polylines.
//!
//! Works on rectangles and pairs of their numbers, so that a drag can run it for the
//! few edges that follow. The rest of the canvas knows only [`Wire`].

use egui::{Pos2, Rect, pos2};

/// How far apart lines leave one side of a card, in canvas points.
const PORT_DISTANCE: f32 = 12.0;
/// Two cards must be this far apart for a line between their sides.
const LEAST_GAP: f32 = 20.0;
/// How far a loop reaches out of its card.
const LOOP_REACH: f32 = 22.0;

/// How one edge runs, in canvas points, from the caller's rim to the tip of the arrow.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Wire {
    /// Its corners, ends included.
    pub(super) points: Vec<Pos2>,
    /// Where a glyph and its words go: the middle of the longest piece.
    pub(super) label: Pos2,
    /// Whether the line runs up or down there.
    pub(super) is_upright_there: bool,
    /// How long that piece is.
    pub(super) room: f32,
}

/// A side of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

/// Where an edge leaves and reaches its cards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ports {
    from: (Side, f32),
    to: (Side, f32),
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            from: (Side::Right, 0.0),
            to: (Side::Left, 0.0),
        }
    }
}

/// The sides an edge between two cards takes, ports not yet spread.
pub(super) fn sides(from: Rect, to: Rect) -> Ports {
    let right_of = to.left() - from.right();
    let left_of = from.left() - to.right();
    let below = to.top() - from.bottom();
    let above = from.top() - to.bottom();
    let (one, other) = if right_of >= LEAST_GAP {
        (Side::Right, Side::Left)
    } else if left_of >= LEAST_GAP {
        (Side::Left, Side::Right)
    } else if below >= above {
        (Side::Bottom, Side::Top)
    } else {
        (Side::Top, Side::Bottom)
    };
    Ports {
        from: (one, 0.0),
        to: (other, 0.0),
    }
}

/// Spreads the ports of one card. `ends` are its edges: number, whether the edge
/// leaves here, and the middle of the card at the other end.
pub(super) fn spread(card: Rect, ends: &[(usize, bool, Pos2)], ports: &mut [Ports]) {
    for side in [Side::Left, Side::Right, Side::Top, Side::Bottom] {
        let mut here: Vec<(f32, usize, bool)> = ends
            .iter()
            .filter(|(edge, leaves, _)| side_of(&ports[*edge], *leaves) == side)
            .map(|(edge, leaves, other)| (along(side, *other), *edge, *leaves))
            .collect();
        here.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let length = match side {
            Side::Left | Side::Right => card.height(),
            Side::Top | Side::Bottom => card.width(),
        };
        let step = PORT_DISTANCE.min((length - 16.0) / here.len().max(1) as f32);
        let middle = (here.len() as f32 - 1.0) / 2.0;
        for (number, (_, edge, leaves)) in here.into_iter().enumerate() {
            let offset = ((number as f32 - middle) * step).round();
            if leaves {
                ports[edge].from.1 = offset;
            } else {
                ports[edge].to.1 = offset;
            }
        }
    }
}

fn side_of(ports: &Ports, leaves: bool) -> Side {
    if leaves { ports.from.0 } else { ports.to.0 }
}

fn along(side: Side, point: Pos2) -> f32 {
    match side {
        Side::Left | Side::Right => point.y,
        Side::Top | Side::Bottom => point.x,
    }
}

/// The middle of a side, moved along it.
pub(super) fn port(card: Rect, side: Side, offset: f32) -> Pos2 {
    match side {
        Side::Left => pos2(card.left(), card.center().y + offset),
        Side::Right => pos2(card.right(), card.center().y + offset),
        Side::Top => pos2(card.center().x + offset, card.top()),
        Side::Bottom => pos2(card.center().x + offset, card.bottom()),
    }
}

/// The line between two cards with these ports.
pub(super) fn wire(from: Rect, to: Rect, ports: Ports) -> Wire {
    let mut start = port(from, ports.from.0, ports.from.1);
    let mut end = port(to, ports.to.0, ports.to.1);
    let is_upright = matches!(ports.from.0, Side::Top | Side::Bottom);
    straighten(&mut start, &mut end, is_upright);
    let points = if is_upright {
        let middle = f32::midpoint(start.y, end.y).round();
        if (start.x - end.x).abs() < 0.5 {
            vec![start, end]
        } else {
            vec![start, pos2(start.x, middle), pos2(end.x, middle), end]
        }
    } else {
        // Lanes: lines that leave lower turn a little earlier, so that they do not
        // run on top of one another.
        let lane = if end.y > start.y { -1.0 } else { 1.0 } * ports.from.1 * 0.6;
        let middle = (f32::midpoint(start.x, end.x) + lane).round();
        if (start.y - end.y).abs() < 0.5 {
            vec![start, end]
        } else {
            vec![start, pos2(middle, start.y), pos2(middle, end.y), end]
        }
    };
    labeled(points)
}

/// Ends that nearly face one another face one another.
fn straighten(start: &mut Pos2, end: &mut Pos2, is_upright: bool) {
    const NEARLY: f32 = 10.0;
    if is_upright && (start.x - end.x).abs() < NEARLY {
        start.x = end.x;
    } else if !is_upright && (start.y - end.y).abs() < NEARLY {
        start.y = end.y;
    }
}

/// The line of an edge that leads back to its own card.
pub(super) fn loop_wire(card: Rect) -> Wire {
    let (right, top) = (card.right(), card.top());
    labeled(vec![
        pos2(right, card.center().y),
        pos2(right + LOOP_REACH, card.center().y),
        pos2(right + LOOP_REACH, top - LOOP_REACH),
        pos2(card.center().x, top - LOOP_REACH),
        pos2(card.center().x, top),
    ])
}

fn labeled(points: Vec<Pos2>) -> Wire {
    let longest = points
        .windows(2)
        .max_by(|one, other| piece(one).total_cmp(&piece(other)));
    let (label, is_upright_there, room) = match longest {
        Some([one, other]) => (
            one.lerp(*other, 0.5),
            (one.x - other.x).abs() < (one.y - other.y).abs(),
            (*other - *one).length(),
        ),
        Some(_) | None => (Pos2::ZERO, false, 0.0),
    };
    Wire {
        points,
        label,
        is_upright_there,
        room,
    }
}

fn piece(points: &[Pos2]) -> f32 {
    match points {
        [one, other] => (*other - *one).length(),
        _ => 0.0,
    }
}

impl Wire {
    /// The smallest rectangle around it.
    pub(super) fn bounds(&self) -> Rect {
        Rect::from_points(&self.points)
    }

    /// How far a point is from it.
    pub(super) fn distance(&self, point: Pos2) -> f32 {
        self.points
            .windows(2)
            .map(|ends| distance_to_piece(point, ends[0], ends[1]))
            .fold(f32::INFINITY, f32::min)
    }
}

fn distance_to_piece(point: Pos2, one: Pos2, other: Pos2) -> f32 {
    let along = other - one;
    let length = along.length_sq();
    if length <= f32::EPSILON {
        return (point - one).length();
    }
    let share = ((point - one).dot(along) / length).clamp(0.0, 1.0);
    (point - (one + along * share)).length()
}

#[cfg(test)]
mod tests {
    use egui::{Rect, pos2, vec2};

    use super::{Ports, sides, spread, wire};

    fn card(x: f32, y: f32) -> Rect {
        Rect::from_center_size(pos2(x, y), vec2(184.0, 56.0))
    }

    #[test]
    fn a_line_runs_from_rim_to_rim_in_right_angles() {
        let (one, other) = (card(0.0, 0.0), card(400.0, 200.0));
        let wire = wire(one, other, sides(one, other));
        assert_eq!(wire.points.first(), Some(&pos2(92.0, 0.0)));
        assert_eq!(wire.points.last(), Some(&pos2(308.0, 200.0)));
        for piece in wire.points.windows(2) {
            let along = piece[1] - piece[0];
            assert!(along.x.abs() < 0.1 || along.y.abs() < 0.1, "{piece:?}");
        }
    }

    #[test]
    fn cards_that_face_each_other_are_joined_by_a_straight_line() {
        let (one, other) = (card(0.0, 0.0), card(400.0, 4.0));
        assert_eq!(wire(one, other, sides(one, other)).points.len(), 2);
    }

    #[test]
    fn lines_that_leave_one_side_leave_it_apart_in_the_order_of_their_targets() {
        let (hub, low, high) = (card(0.0, 0.0), card(400.0, 300.0), card(400.0, -300.0));
        let mut ports = vec![sides(hub, low), sides(hub, high)];
        spread(
            hub,
            &[(0, true, low.center()), (1, true, high.center())],
            &mut ports,
        );
        assert!(ports[1].from.1 < ports[0].from.1);
        assert_ne!(ports[0], Ports::default());
    }
}
