//! Whether straight lines cross: the measure by which large drawings are improved.

use super::geometry::Point;

/// A straight line between two points.
pub(super) type Line = (Point, Point);

/// Whether two lines cross away from their ends.
pub(super) fn do_cross(one: Line, other: Line) -> bool {
    let turn = |a: Point, b: Point, c: Point| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    let is_apart = one.0.x.max(one.1.x) < other.0.x.min(other.1.x)
        || other.0.x.max(other.1.x) < one.0.x.min(one.1.x)
        || one.0.y.max(one.1.y) < other.0.y.min(other.1.y)
        || other.0.y.max(other.1.y) < one.0.y.min(one.1.y);
    !is_apart
        && turn(one.0, one.1, other.0) * turn(one.0, one.1, other.1) < 0.0
        && turn(other.0, other.1, one.0) * turn(other.0, other.1, one.1) < 0.0
}

/// How many of `lines` cross `line`.
pub(super) fn crossings_with(line: Line, lines: &[Line]) -> usize {
    lines.iter().filter(|it| do_cross(line, **it)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cross_only_between_their_ends() {
        let line = |a: (f32, f32), b: (f32, f32)| (Point::new(a.0, a.1), Point::new(b.0, b.1));
        let flat = line((0.0, 0.0), (10.0, 0.0));
        assert!(do_cross(flat, line((5.0, -5.0), (5.0, 5.0))));
        assert!(!do_cross(flat, line((0.0, 0.0), (5.0, 5.0))));
        assert!(!do_cross(flat, line((5.0, 1.0), (5.0, 5.0))));
        let upright = line((5.0, -5.0), (5.0, 5.0));
        assert_eq!(crossings_with(flat, &[upright, upright]), 2);
    }
}
