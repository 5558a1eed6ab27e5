//! Improves a large sheet by letting two items change places: first while edges get
//! shorter, then, as far as an allowance of comparisons goes, while fewer cross.

use super::{
    align::Sheet,
    crossings::{Line, crossings_with, do_cross},
    geometry::Point,
};

/// Comparisons of two edges that may be spent on removing crossings.
const ALLOWANCE: usize = 12_000_000;
/// Columns to each side in which an item looks for a better place.
const REACH: usize = 3;
/// Items above and below the wanted place that are tried in a column.
const NEAR: usize = 3;

/// Lets items change places while edges get shorter, and places the columns again.
pub(super) fn shorten(sheet: &mut Sheet<'_>) {
    let mut board = Board::new(sheet);
    for _ in 0..4 {
        if !board.pass(|board, one, other| {
            let before = board.length_of(one) + board.length_of(other);
            board.swap(one, other);
            let is_better = board.length_of(one) + board.length_of(other) < before - 1.0;
            if !is_better {
                board.swap(one, other);
            }
            is_better
        }) {
            break;
        }
    }
    board.write_back(sheet);
}

/// Lets items change places while fewer edges cross, and places the columns again.
pub(super) fn uncross(sheet: &mut Sheet<'_>) {
    let mut board = Board::new(sheet);
    let links = board.links.len().max(1);
    let mut left = ALLOWANCE;
    loop {
        let is_better = board.pass(|board, one, other| {
            let work = 2 * links * (board.links_of[one].len() + board.links_of[other].len());
            if left < work {
                return false;
            }
            left -= work;
            let before = board.crossings_of(one, other);
            board.swap(one, other);
            let is_better = board.crossings_of(one, other) < before - 0.5;
            if !is_better {
                board.swap(one, other);
            }
            is_better
        });
        if !is_better || left < links * 40 {
            break;
        }
    }
    board.write_back(sheet);
}

/// The items at places that they can change.
struct Board {
    /// Middle of each item.
    center: Vec<Point>,
    column_of: Vec<usize>,
    heights: Vec<f32>,
    /// Ends of each link with the ports relative to the middle, and its weight.
    links: Vec<(usize, usize, Point, Point, f32)>,
    lines: Vec<Line>,
    links_of: Vec<Vec<usize>>,
    stacks: Vec<Vec<usize>>,
}

impl Board {
    fn new(sheet: &Sheet<'_>) -> Self {
        let items = &sheet.level.items;
        let half = |it: usize| Point::new(items[it].size.width / 2.0, items[it].size.height / 2.0);
        let center = (0..items.len())
            .map(|it| Point::new(sheet.x[it], sheet.y[it]).moved_by(half(it)))
            .collect();
        let port = |it: usize, port: Point| Point::new(port.x - half(it).x, port.y - half(it).y);
        let links: Vec<_> = sheet
            .level
            .links
            .iter()
            .map(|it| {
                let (from, to) = (port(it.from, it.from_port), port(it.to, it.to_port));
                (it.from, it.to, from, to, it.weight)
            })
            .collect();
        let mut links_of = vec![Vec::new(); items.len()];
        for (number, link) in links.iter().enumerate() {
            links_of[link.0].push(number);
            links_of[link.1].push(number);
        }
        let mut board = Self {
            center,
            column_of: sheet.column_of.clone(),
            heights: items.iter().map(|it| it.size.height).collect(),
            lines: vec![Default::default(); links.len()],
            links,
            links_of,
            stacks: sheet.stacks.clone(),
        };
        for number in 0..board.links.len() {
            board.lines[number] = board.line(number);
        }
        board
    }

    fn line(&self, number: usize) -> Line {
        let (from, to, from_port, to_port, _) = self.links[number];
        (
            self.center[from].moved_by(from_port),
            self.center[to].moved_by(to_port),
        )
    }

    /// Offers every item the places near where its links pull it; whether any
    /// exchange was accepted.
    fn pass(&mut self, mut accept: impl FnMut(&mut Self, usize, usize) -> bool) -> bool {
        let mut has_changed = false;
        for item in 0..self.center.len() {
            let wanted = self.wanted(item);
            let column = self.column_of[item];
            let columns = column.saturating_sub(REACH)..(column + REACH + 1).min(self.stacks.len());
            for column in columns {
                let stack = &self.stacks[column];
                let at = stack.partition_point(|&it| self.center[it].y < wanted);
                let near = at.saturating_sub(NEAR)..(at + NEAR).min(stack.len());
                for place in near {
                    let other = self.stacks[column][place];
                    if other != item && self.are_alike(item, other) {
                        has_changed |= accept(self, item, other);
                    }
                }
            }
        }
        has_changed
    }

    /// The height on the canvas to which its links pull an item.
    fn wanted(&self, item: usize) -> f32 {
        let ends = self.links_of[item].iter().map(|&it| {
            let line = self.lines[it];
            if self.links[it].0 == item {
                line.1.y
            } else {
                line.0.y
            }
        });
        let count = self.links_of[item].len().max(1);
        ends.sum::<f32>() / count as f32
    }

    fn are_alike(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.heights[one], self.heights[other]);
        one.min(other) * 1.6 >= one.max(other)
    }

    fn swap(&mut self, one: usize, other: usize) {
        let (from, to) = (self.column_of[one], self.column_of[other]);
        let at = |stack: &[usize], item: usize| stack.iter().position(|&it| it == item);
        if let (Some(first), Some(second)) =
            (at(&self.stacks[from], one), at(&self.stacks[to], other))
        {
            self.stacks[from][first] = other;
            self.stacks[to][second] = one;
        }
        self.column_of.swap(one, other);
        self.center.swap(one, other);
        for item in [one, other] {
            for place in 0..self.links_of[item].len() {
                let number = self.links_of[item][place];
                self.lines[number] = self.line(number);
            }
        }
    }

    /// Length of an item's links, dearer against the flow.
    fn length_of(&self, item: usize) -> f32 {
        let cost = |&number: &usize| {
            let (from, to) = self.lines[number];
            let link = self.links[number];
            let (right, down) = (to.x - from.x, to.y - from.y);
            let against = match self.column_of[link.1].cmp(&self.column_of[link.0]) {
                std::cmp::Ordering::Greater => 0.0,
                std::cmp::Ordering::Equal if right > 0.0 => 0.0,
                std::cmp::Ordering::Equal => 1000.0,
                std::cmp::Ordering::Less => 2500.0,
            };
            link.4 * (right.hypot(down) + against)
        };
        self.links_of[item].iter().map(cost).sum()
    }

    /// Crossings of two items' links with all others, and a little for their length.
    fn crossings_of(&self, one: usize, other: usize) -> f32 {
        let mut crossings = 0;
        let mine: Vec<_> = self.links_of[one]
            .iter()
            .chain(&self.links_of[other])
            .map(|&it| self.lines[it])
            .collect();
        for (number, &line) in mine.iter().enumerate() {
            crossings += crossings_with(line, &self.lines);
            // Two of the own links would be counted twice.
            crossings -= mine[..number]
                .iter()
                .filter(|it| do_cross(line, **it))
                .count();
        }
        crossings as f32 + (self.length_of(one) + self.length_of(other)) / 200.0
    }

    fn write_back(self, sheet: &mut Sheet<'_>) {
        sheet.stacks = self.stacks;
        for (item, center) in self.center.iter().enumerate() {
            sheet.y[item] = center.y - self.heights[item] / 2.0;
            sheet.column_of[item] = self.column_of[item];
        }
        sheet.replace_columns();
    }
}
