//! Whether straight lines cross: the measure by which drawings are improved.

use super::geometry::Point;

/// A straight line between two points.
pub(super) type Line = (Point, Point);

/// Whether two lines cross away from their ends.
pub(super) fn do_cross(one: Line, other: Line) -> bool {
    turn(one, other.0) * turn(one, other.1) < 0.0 && turn(other, one.0) * turn(other, one.1) < 0.0
}

/// On which side of a line a point lies, by sign.
fn turn(line: Line, point: Point) -> f32 {
    let (start, end) = line;
    (end.x - start.x) * (point.y - start.y) - (end.y - start.y) * (point.x - start.x)
}

/// Many lines, coordinate by coordinate, so that a processor compares several at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    coordinates: [Vec<f32>; 4],
}

impl Lines {
    pub(super) fn push(&mut self, line: Line) {
        for (all, new) in self.coordinates.iter_mut().zip(parts(line)) {
            all.push(new);
        }
    }

    pub(super) fn get(&self, number: usize) -> Line {
        let [from_x, from_y, to_x, to_y] = &self.coordinates;
        let from = Point::new(from_x[number], from_y[number]);
        (from, Point::new(to_x[number], to_y[number]))
    }

    pub(super) fn set(&mut self, number: usize, line: Line) {
        for (all, new) in self.coordinates.iter_mut().zip(parts(line)) {
            all[number] = new;
        }
    }

    /// How many of them cross a line.
    pub(super) fn crossing(&self, line: Line) -> u32 {
        let [from_x, from_y, to_x, to_y] = &self.coordinates;
        let ends = from_x.iter().zip(from_y).zip(to_x.iter().zip(to_y));
        // Without a branch, or the comparisons run one by one.
        ends.map(|((&from_x, &from_y), (&to_x, &to_y))| {
            let other = (Point::new(from_x, from_y), Point::new(to_x, to_y));
            let is_parted = turn(line, other.0) * turn(line, other.1) < 0.0;
            let is_parting = turn(other, line.0) * turn(other, line.1) < 0.0;
            u32::from(is_parted & is_parting)
        })
        .sum()
    }
}

fn parts(line: Line) -> [f32; 4] {
    [line.0.x, line.0.y, line.1.x, line.1.y]
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
        let mut lines = Lines::default();
        lines.push(line((5.0, -5.0), (5.0, 5.0)));
        lines.push(line((5.0, 1.0), (5.0, 5.0)));
        assert_eq!(lines.crossing(flat), 1);
    }
}
