//! Which cards lie under a piece of a line, by coarse cells.

use std::collections::HashMap;

use crate::layout::geometry::{Point, Rect};

/// Width and height of a cell, in points.
const CELL: (f32, f32) = (256.0, 128.0);
/// Room an edge leaves beside a card that is not its own, in points.
const MARGIN: f32 = 5.0;

/// Cards by the cells they touch.
#[derive(Debug, Clone, Default)]
pub(super) struct Obstacles {
    cells: HashMap<(i32, i32), Vec<(usize, Rect)>>,
}

impl Obstacles {
    pub(super) fn new(nodes: &[Rect]) -> Self {
        let mut obstacles = Self::default();
        for (number, rect) in nodes.iter().enumerate() {
            obstacles.insert(number, *rect);
        }
        obstacles
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    pub(super) fn replace(&mut self, node: usize, old: Rect, new: Rect) {
        for cell in cells(old) {
            if let Some(cards) = self.cells.get_mut(&cell) {
                cards.retain(|it| it.0 != node);
            }
        }
        self.insert(node, new);
    }

    fn insert(&mut self, node: usize, rect: Rect) {
        for cell in cells(rect) {
            self.cells.entry(cell).or_default().push((node, rect));
        }
    }

    /// The cards under a piece of a line that are not its own ends, sorted.
    pub(super) fn under(&self, from: Point, to: Point, ends: (usize, usize)) -> Vec<(usize, Rect)> {
        let piece = Rect {
            min: Point::new(from.x.min(to.x), from.y.min(to.y)),
            max: Point::new(from.x.max(to.x), from.y.max(to.y)),
        }
        .grown(MARGIN);
        let mut found: Vec<(usize, Rect)> = cells(piece)
            .filter_map(|it| self.cells.get(&it))
            .flatten()
            .filter(|it| it.0 != ends.0 && it.0 != ends.1 && it.1.overlaps(piece))
            .copied()
            .collect();
        found.sort_by_key(|it| it.0);
        found.dedup_by_key(|it| it.0);
        found
    }
}

fn cells(rect: Rect) -> impl Iterator<Item = (i32, i32)> {
    let column = |x: f32| (x / CELL.0).floor() as i32;
    let row = |y: f32| (y / CELL.1).floor() as i32;
    let (left, right) = (column(rect.min.x), column(rect.max.x));
    (row(rect.min.y)..=row(rect.max.y)).flat_map(move |y| (left..=right).map(move |x| (x, y)))
}
