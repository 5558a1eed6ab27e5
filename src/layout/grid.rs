//! A few cards, cell by cell, as a person would set them: callers left of what they
//! call, stores beside or below their owner, straight short edges, a compact frame.
//!
//! Starts from the ranks and then moves or swaps cards between cells while that
//! makes the drawing better by [`Cells::cost`].

use super::{
    geometry::{CARD_SIZE, COLUMN_GAP, Point, ROW_GAP},
    level::Level,
    ranks,
};

type Cell = (i32, i32);

/// Points from one column to the next, for judging shapes.
const STEP: (f32, f32) = (CARD_SIZE.width + COLUMN_GAP, CARD_SIZE.height + ROW_GAP);

/// The left upper corner of every card of a connected level.
pub(super) fn place(level: &Level) -> Vec<Point> {
    let mut cells = Cells::ranked(level);
    let passes = if level.is_large { 2 } else { 12 };
    for _ in 0..passes {
        if !cells.improve() {
            break;
        }
    }
    cells.close_gaps();
    cells.corners()
}

struct Cells<'a> {
    level: &'a Level,
    /// Column and row of each card.
    at: Vec<Cell>,
}

impl<'a> Cells<'a> {
    fn ranked(level: &'a Level) -> Self {
        let ranks = ranks::ranks(level.items.len(), &level.links).earliest;
        let mut filled = vec![0; level.items.len()];
        let place = |rank: usize| {
            let row = filled[rank];
            filled[rank] += 1;
            (rank as i32, row)
        };
        Self {
            level,
            at: ranks.into_iter().map(place).collect(),
        }
    }

    fn extent(&self) -> Cell {
        let columns = self.at.iter().map(|it| it.0).max().unwrap_or(0) + 1;
        let rows = self.at.iter().map(|it| it.1).max().unwrap_or(0) + 1;
        (columns, rows)
    }

    /// One pass over all cards and cells; whether anything became better.
    fn improve(&mut self) -> bool {
        let mut best_cost = self.cost();
        let before = best_cost;
        for card in 0..self.at.len() {
            let (columns, rows) = self.extent();
            let home = self.at[card];
            let mut best = home;
            for cell in (0..columns).flat_map(|column| (0..=rows).map(move |row| (column, row))) {
                if cell == self.at[card] {
                    continue;
                }
                let guest = self.at.iter().position(|&it| it == cell);
                self.at[card] = cell;
                if let Some(guest) = guest {
                    self.at[guest] = home;
                }
                let cost = self.cost();
                if cost < best_cost - 1e-3 {
                    best_cost = cost;
                    best = cell;
                }
                if let Some(guest) = guest {
                    self.at[guest] = cell;
                }
                self.at[card] = home;
            }
            if best != home {
                if let Some(guest) = self.at.iter().position(|&it| it == best) {
                    self.at[guest] = home;
                }
                self.at[card] = best;
            }
        }
        best_cost < before - 1e-3
    }

    /// How far this is from what a person would draw; a straight edge to the next
    /// column costs one.
    fn cost(&self) -> f32 {
        let (columns, rows) = self.extent();
        let mut cost = 0.0;
        for (number, link) in self.level.links.iter().enumerate() {
            cost += link.weight * self.link_cost(link.from, link.to);
            for other in &self.level.links[..number] {
                if self.do_cross((link.from, link.to), (other.from, other.to)) {
                    cost += 0.8 * link.weight.min(other.weight);
                }
            }
        }
        for (item, &(column, row)) in self.level.items.iter().zip(&self.at) {
            let to_right = (columns - 1 - column) as f32;
            cost += 0.15 * (item.from_outside.min(2.0) * column as f32);
            cost += 0.1 * (item.to_outside.min(2.0) * to_right);
            cost += 0.02 * row as f32 + 0.01 * column as f32;
        }
        let shape = columns as f32 * STEP.0 / (rows as f32 * STEP.1);
        cost + 0.4 * (columns * rows) as f32 + 0.3 * (shape / self.level.aspect_ratio).ln().abs()
    }

    fn link_cost(&self, from: usize, to: usize) -> f32 {
        let (start, end) = (self.at[from], self.at[to]);
        let (right, down) = (end.0 - start.0, end.1 - start.1);
        let slant = 0.3 * down.abs() as f32;
        let blocked = 1.5 * self.cards_between(start, end) as f32;
        let hangs = self.level.items[to].is_store || self.level.items[from].is_client;
        let below = match (self.level.is_large, hangs) {
            (true, _) => 3.0,
            (false, true) => 1.15,
            (false, false) => 1.6,
        };
        match right {
            1.. => right as f32 + slant + blocked,
            0 if down > 0 => below * down as f32 + blocked,
            0 => below * 1.3 * down.abs() as f32 + 0.5 + blocked,
            _ => 4.0 + right.abs() as f32 + slant + blocked,
        }
    }

    /// Cards under a straight horizontal or vertical edge.
    fn cards_between(&self, start: Cell, end: Cell) -> usize {
        let is_inside = |it: i32, one: i32, other: i32| it > one.min(other) && it < one.max(other);
        let is_between = |cell: &Cell| {
            (start.1 == end.1 && cell.1 == start.1 && is_inside(cell.0, start.0, end.0))
                || (start.0 == end.0 && cell.0 == start.0 && is_inside(cell.1, start.1, end.1))
        };
        self.at.iter().filter(|it| is_between(it)).count()
    }

    fn do_cross(&self, one: (usize, usize), other: (usize, usize)) -> bool {
        if one.0 == other.0 || one.0 == other.1 || one.1 == other.0 || one.1 == other.1 {
            return false;
        }
        let turn = |a: Cell, b: Cell, c: Cell| {
            ((b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)).signum()
        };
        let (a, b) = (self.at[one.0], self.at[one.1]);
        let (c, d) = (self.at[other.0], self.at[other.1]);
        turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0
    }

    /// Takes out rows and columns without cards.
    fn close_gaps(&mut self) {
        let (columns, rows) = self.extent();
        for column in (0..columns).rev() {
            if self.at.iter().all(|it| it.0 != column) {
                let after = self.at.iter_mut().filter(|it| it.0 > column);
                after.for_each(|it| it.0 -= 1);
            }
        }
        for row in (0..rows).rev() {
            if self.at.iter().all(|it| it.1 != row) {
                let after = self.at.iter_mut().filter(|it| it.1 > row);
                after.for_each(|it| it.1 -= 1);
            }
        }
    }

    fn corners(&self) -> Vec<Point> {
        let (columns, _) = self.extent();
        let mut left = 0.0;
        let mut lefts = Vec::new();
        for column in 0..columns {
            lefts.push(left);
            let is_linked = self.level.links.iter().any(|link| {
                let (from, to) = (self.at[link.from].0, self.at[link.to].0);
                from.min(to) <= column && column < from.max(to)
            });
            left += CARD_SIZE.width + if is_linked { COLUMN_GAP } else { ROW_GAP };
        }
        let at = |(column, row): Cell| Point::new(lefts[column as usize], row as f32 * STEP.1);
        let mut corners: Vec<_> = self.at.iter().map(|&it| at(it)).collect();
        for (card, row) in self.centered() {
            corners[card].y = row * STEP.1;
        }
        corners
    }

    /// Cards alone in their column, all of whose neighbors are in one next column and
    /// equally important: they look best in the middle of them. With the row.
    fn centered(&self) -> Vec<(usize, f32)> {
        let is_alone = |card: usize| {
            let column = self.at[card].0;
            self.at.iter().filter(|it| it.0 == column).count() == 1
        };
        let mut centered = Vec::new();
        for card in (0..self.at.len()).filter(|&it| is_alone(it)) {
            let links = self.level.links.iter();
            let neighbors: Vec<_> = links
                .filter(|it| it.from == card || it.to == card)
                .map(|it| if it.from == card { it.to } else { it.from })
                .collect();
            let is_even = neighbors.windows(2).all(|pair| {
                self.at[pair[0]].0 == self.at[pair[1]].0
                    && self.level.items[pair[0]].is_store == self.level.items[pair[1]].is_store
            });
            let rows = || neighbors.iter().map(|&it| self.at[it].1);
            let (Some(first), Some(last)) = (rows().min(), rows().max()) else {
                continue;
            };
            if is_even && first < last && !self.is_passed(card, first, last) {
                centered.push((card, (first + last) as f32 / 2.0));
            }
        }
        centered
    }

    /// Whether another edge runs past a card in its column between these rows.
    fn is_passed(&self, card: usize, first: i32, last: i32) -> bool {
        let column = self.at[card].0;
        self.level.links.iter().any(|link| {
            let (from, to) = (self.at[link.from], self.at[link.to]);
            from.0.min(to.0) < column
                && column < from.0.max(to.0)
                && from.1.max(to.1) >= first
                && from.1.min(to.1) <= last
        })
    }
}
