//! Points, rectangles and the measures of cards and frames, free of any toolkit so
//! that layouts run without a window. Everything is in canvas points, y downward.

use crate::project::Position;

/// The size of a card, in points.
pub const CARD: (f32, f32) = (184.0, 56.0);
/// The size of a card.
pub const CARD_SIZE: Size = Size::new(CARD.0, CARD.1);
/// Space between a frame and its members, in points.
pub const FRAME_PADDING: f32 = 16.0;
/// Height of the line with the boundary's name and team, in points.
pub const FRAME_HEADER: f32 = 36.0;
/// Cards and frames start on multiples of this, in points.
pub const GRID: f32 = 4.0;
/// Space between two columns, wide enough for a breaker on the edge, in points.
pub const COLUMN_GAP: f32 = 72.0;
/// Space between two cards of a column, wide enough for an arrow, in points.
pub const ROW_GAP: f32 = 24.0;

/// Space between two cards of a column with an edge between them, wide enough for a
/// breaker on it, in points.
pub(super) const LINKED_ROW_GAP: f32 = 44.0;
/// Space between two frames of a column, in points.
pub(super) const FRAME_GAP: f32 = 32.0;

/// A place on the canvas.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

impl Point {
    /// The point at these coordinates.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// This point, moved by another taken as a vector.
    #[must_use]
    pub fn moved_by(self, by: Self) -> Self {
        Self::new(self.x + by.x, self.y + by.y)
    }

    /// The nearest whole position.
    pub fn to_position(self) -> Position {
        Position::new(self.x.round() as i32, self.y.round() as i32)
    }
}

impl From<Position> for Point {
    fn from(position: Position) -> Self {
        Self::new(position.x as f32, position.y as f32)
    }
}

/// A width and a height.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Size {
    /// To the right.
    pub width: f32,
    /// Down.
    pub height: f32,
}

impl Size {
    /// The size with these measures.
    pub const fn new(width: f32, height: f32) -> Self {
        Self { width, height }
    }
}

/// A rectangle with upright sides.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rect {
    /// Its left upper corner.
    pub min: Point,
    /// Its right lower corner.
    pub max: Point,
}

impl Rect {
    /// The rectangle of a size around its center.
    pub fn around(center: Point, size: Size) -> Self {
        Self {
            min: Point::new(center.x - size.width / 2.0, center.y - size.height / 2.0),
            max: Point::new(center.x + size.width / 2.0, center.y + size.height / 2.0),
        }
    }

    /// The rectangle of a size with its left upper corner here.
    pub fn at(min: Point, size: Size) -> Self {
        Self {
            min,
            max: Point::new(min.x + size.width, min.y + size.height),
        }
    }

    /// Its middle.
    pub fn center(self) -> Point {
        Point::new(
            f32::midpoint(self.min.x, self.max.x),
            f32::midpoint(self.min.y, self.max.y),
        )
    }

    /// Its width and height.
    pub fn size(self) -> Size {
        Size::new(self.max.x - self.min.x, self.max.y - self.min.y)
    }

    /// Grown by a margin on every side.
    #[must_use]
    pub fn grown(self, margin: f32) -> Self {
        Self {
            min: Point::new(self.min.x - margin, self.min.y - margin),
            max: Point::new(self.max.x + margin, self.max.y + margin),
        }
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            min: Point::new(self.min.x.min(other.min.x), self.min.y.min(other.min.y)),
            max: Point::new(self.max.x.max(other.max.x), self.max.y.max(other.max.y)),
        }
    }

    /// Whether the two share more than a rim.
    pub fn overlaps(self, other: Self) -> bool {
        self.min.x < other.max.x
            && other.min.x < self.max.x
            && self.min.y < other.max.y
            && other.min.y < self.max.y
    }

    /// Whether a point lies inside or on the rim.
    pub fn contains(self, point: Point) -> bool {
        self.min.x <= point.x
            && point.x <= self.max.x
            && self.min.y <= point.y
            && point.y <= self.max.y
    }

    /// The smallest rectangle around all, if there are any.
    pub fn around_all(rects: impl IntoIterator<Item = Self>) -> Option<Self> {
        rects.into_iter().reduce(Self::union)
    }
}

/// The card whose center is here.
pub fn card_at(center: Position) -> Rect {
    Rect::around(center.into(), CARD_SIZE)
}

/// Whether two lengths are the same for the eye; sums of the same lengths in another
/// order differ by less.
pub(super) fn is_same(one: f32, other: f32) -> bool {
    (one - other).abs() < 0.01
}

/// The nearest multiple of [`GRID`].
pub(super) fn snapped(length: f32) -> f32 {
    (length / GRID).round() * GRID
}

#[cfg(test)]
mod tests {
    use super::{Point, Rect, Size, card_at};
    use crate::project::Position;

    #[test]
    fn a_card_lies_around_its_position() {
        let card = card_at(Position::new(100, 100));
        assert_eq!(card.min, Point::new(8.0, 72.0));
        assert_eq!(card.max, Point::new(192.0, 128.0));
    }

    #[test]
    fn rectangles_that_only_touch_do_not_overlap() {
        let rect = Rect::at(Point::default(), Size::new(10.0, 10.0));
        assert!(!rect.overlaps(Rect::at(Point::new(10.0, 0.0), rect.size())));
        assert!(rect.overlaps(Rect::at(Point::new(9.0, 9.0), rect.size())));
    }
}
