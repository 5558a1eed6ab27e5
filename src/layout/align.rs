//! Items in columns and where they lie in them: every item as near as its column
//! allows to what it is linked with.

use super::{
    geometry::{COLUMN_GAP, Point, ROW_GAP},
    level::Level,
};

/// What one item is linked with: the other end and how much lower it should lie
/// than the other for the edge to be straight.
#[derive(Debug, Clone, Copy)]
struct Pull {
    other: usize,
    offset: f32,
    weight: f32,
}

/// The items of a level in columns, each column from top to bottom.
#[derive(Debug, Clone)]
pub(super) struct Sheet<'a> {
    pub level: &'a Level,
    pub stacks: Vec<Vec<usize>>,
    pub column_of: Vec<usize>,
    /// Left edge of every item.
    pub x: Vec<f32>,
    /// Upper edge of every item.
    pub y: Vec<f32>,
    pulls: std::rc::Rc<Vec<Vec<Pull>>>,
}

impl<'a> Sheet<'a> {
    /// The items stacked as given, each column around the same middle.
    pub(super) fn new(level: &'a Level, stacks: Vec<Vec<usize>>) -> Self {
        let count = level.items.len();
        let mut pulls = vec![Vec::new(); count];
        for link in &level.links {
            let offset = link.from_port.y - link.to_port.y;
            let weight = link.weight;
            pulls[link.to].push(Pull {
                other: link.from,
                offset,
                weight,
            });
            pulls[link.from].push(Pull {
                other: link.to,
                offset: -offset,
                weight,
            });
        }
        let mut sheet = Self {
            level,
            stacks,
            column_of: vec![0; count],
            x: vec![0.0; count],
            y: vec![0.0; count],
            pulls: std::rc::Rc::new(pulls),
        };
        sheet.restack();
        sheet
    }

    /// Places the columns after `stacks` was changed.
    pub(super) fn restack(&mut self) {
        self.stacks.retain(|it| !it.is_empty());
        for column in 0..self.stacks.len() {
            let height: f32 = self.stacks[column].iter().map(|&it| self.reach(it)).sum();
            let mut top = -height / 2.0;
            for number in 0..self.stacks[column].len() {
                let item = self.stacks[column][number];
                self.column_of[item] = column;
                self.y[item] = top;
                top += self.reach(item);
            }
        }
        self.place_columns();
    }

    /// Lines the columns up again after items changed columns; heights stay wishes.
    pub(super) fn replace_columns(&mut self) {
        self.place_columns();
        self.sweep(true);
    }

    fn place_columns(&mut self) {
        let mut left = 0.0;
        for stack in &self.stacks {
            let widths = stack.iter().map(|&it| self.level.items[it].size.width);
            let width = widths.fold(0.0, f32::max);
            for &item in stack {
                self.x[item] = left;
            }
            left += width + COLUMN_GAP;
        }
    }

    /// Height of an item with the gap below it.
    fn reach(&self, item: usize) -> f32 {
        let item = &self.level.items[item];
        item.size.height + if item.is_card { ROW_GAP } else { ROW_GAP + 8.0 }
    }

    /// Lets every column, there and back, follow the others once.
    pub(super) fn sweep(&mut self, may_reorder: bool) {
        let count = self.stacks.len();
        for column in (0..count).chain((0..count).rev()) {
            let mut wishes: Vec<_> = self.stacks[column]
                .iter()
                .map(|&item| (self.wish(item), item))
                .collect();
            if may_reorder {
                let middle =
                    |it: &((f32, f32), usize)| it.0.0 + self.level.items[it.1].size.height / 2.0;
                wishes.sort_by(|one, other| middle(one).total_cmp(&middle(other)));
                self.stacks[column] = wishes.iter().map(|it| it.1).collect();
            }
            let spans: Vec<_> = wishes
                .iter()
                .map(|&((top, weight), item)| (top, weight, self.reach(item)))
                .collect();
            for (top, &(_, item)) in apart(&spans).into_iter().zip(&wishes) {
                self.y[item] = top;
            }
        }
    }

    /// Where an item's upper edge would best be, and how much it matters.
    fn wish(&self, item: usize) -> (f32, f32) {
        let column = self.column_of[item];
        let mut wanted: Vec<(f32, f32)> = self.pulls[item]
            .iter()
            .filter(|it| self.column_of[it.other] != column)
            .map(|it| (self.y[it.other] + it.offset, it.weight))
            .collect();
        let total: f32 = wanted.iter().map(|it| it.1).sum();
        if wanted.is_empty() {
            return (self.y[item], 0.05);
        }
        if self.level.is_large {
            let mean = wanted.iter().map(|it| it.0 * it.1).sum::<f32>() / total;
            return (mean, total);
        }
        // The median makes one edge straight where the mean makes none.
        wanted.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut passed = 0.0;
        for &(top, weight) in &wanted {
            passed += weight;
            if passed * 2.0 >= total - 1e-3 {
                return (top, total);
            }
        }
        (self.y[item], total)
    }

    /// The left upper corner of every item.
    pub(super) fn corners(&self) -> Vec<Point> {
        let pairs = self.x.iter().zip(&self.y);
        pairs.map(|(&x, &y)| Point::new(x, y)).collect()
    }
}

/// Upper edges as near as possible to the wanted ones (least squares, weighted) with
/// every span after the one before it: pool adjacent violators. Spans are wanted
/// upper edge, weight and height.
fn apart(spans: &[(f32, f32, f32)]) -> Vec<f32> {
    let mut blocks: Vec<(f32, f32, usize)> = Vec::with_capacity(spans.len());
    let mut above = 0.0;
    for &(top, weight, height) in spans {
        let mut block = (top - above, weight, 1);
        while let Some(last) = blocks.last().filter(|it| it.0 > block.0) {
            let weight = last.1 + block.1;
            let mean = (last.0 * last.1 + block.0 * block.1) / weight;
            block = (mean, weight, last.2 + block.2);
            blocks.pop();
        }
        blocks.push(block);
        above += height;
    }
    let mut tops = Vec::with_capacity(spans.len());
    let mut above = 0.0;
    for (start, _, count) in blocks {
        for _ in 0..count {
            let height = spans[tops.len()].2;
            tops.push(start + above);
            above += height;
        }
    }
    tops
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn spans_keep_their_place_unless_they_would_overlap() {
        assert_eq!(apart(&[(0.0, 1.0, 10.0), (50.0, 1.0, 10.0)]), [0.0, 50.0]);
        assert_eq!(apart(&[(0.0, 1.0, 10.0), (0.0, 1.0, 10.0)]), [-5.0, 5.0]);
        assert_eq!(apart(&[(0.0, 3.0, 8.0), (0.0, 1.0, 8.0)]), [-2.0, 6.0]);
    }
}
