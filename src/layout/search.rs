//! The best drawing of a handful of items: every item is tried at every place of
//! every column, and the drawing with the lowest cost wins.

use super::level::Level;
use super::{
    align::Sheet,
    crossings::do_cross,
    geometry::{COLUMN_GAP, Point, Rect},
};

/// Passes over all items.
const PASSES: usize = 8;

/// The best sheet found from the given columns.
pub(super) fn best(level: &Level, stacks: Vec<Vec<usize>>) -> Sheet<'_> {
    let mut best = settled(level, stacks, true);
    let mut best_cost = cost(&best);
    for _ in 0..PASSES {
        let before = best_cost;
        for item in 0..level.items.len() {
            for stacks in moves(&best.stacks, item) {
                let sheet = settled(level, stacks, false);
                let cost = cost(&sheet);
                if cost < best_cost - 0.5 {
                    (best, best_cost) = (sheet, cost);
                }
            }
        }
        if best_cost > before - 1.0 {
            break;
        }
    }
    best
}

fn settled(level: &Level, stacks: Vec<Vec<usize>>, may_reorder: bool) -> Sheet<'_> {
    let mut sheet = Sheet::new(level, stacks);
    for _ in 0..4 {
        sheet.sweep(may_reorder);
    }
    sheet
}

/// The columns with one item elsewhere: at each place of each column, or in a column
/// of its own.
fn moves(stacks: &[Vec<usize>], item: usize) -> Vec<Vec<Vec<usize>>> {
    let mut without = stacks.to_vec();
    for stack in &mut without {
        stack.retain(|it| *it != item);
    }
    let mut moves = Vec::new();
    for column in 0..without.len() {
        for place in 0..=without[column].len() {
            let mut moved = without.clone();
            moved[column].insert(place, item);
            if moved != stacks {
                moves.push(moved);
            }
        }
    }
    for column in 0..=without.len() {
        let mut moved = without.clone();
        moved.insert(column, vec![item]);
        moves.push(moved);
    }
    for moved in &mut moves {
        moved.retain(|it| !it.is_empty());
    }
    moves
}

/// How hard a sheet is to read, in points of edge length.
fn cost(sheet: &Sheet<'_>) -> f32 {
    let level = sheet.level;
    let rects: Vec<_> = sheet
        .corners()
        .into_iter()
        .zip(&level.items)
        .map(|(min, item)| Rect::at(min, item.size))
        .collect();
    let lines: Vec<_> = level
        .links
        .iter()
        .map(|link| {
            let from = rects[link.from].min.moved_by(link.from_port);
            (from, rects[link.to].min.moved_by(link.to_port))
        })
        .collect();

    let mut cost = 0.0;
    for (number, (link, &line)) in level.links.iter().zip(&lines).enumerate() {
        cost += link.weight * length_cost(sheet, link.from, link.to, line);
        let crossed = lines[..number].iter().filter(|it| do_cross(line, **it));
        cost += 80.0 * link.weight * crossed.count() as f32;
        for (item, rect) in rects.iter().enumerate() {
            if item != link.from && item != link.to && is_under(line, *rect) {
                cost += 90.0 * link.weight;
            }
        }
    }
    let all = Rect::around_all(rects).unwrap_or_default().size();
    cost + 0.7 * all.width.max(all.height * level.aspect_ratio) + 0.1 * (all.width + all.height)
}

fn length_cost(sheet: &Sheet<'_>, from: usize, to: usize, line: (Point, Point)) -> f32 {
    let (right, down) = (line.1.x - line.0.x, line.1.y - line.0.y);
    // A slight bend is as bad as a longer one to the eye.
    let bend = if down.abs() > 2.0 { 24.0 } else { 0.0 };
    match sheet.column_of[to].cmp(&sheet.column_of[from]) {
        std::cmp::Ordering::Greater => 0.25 * right + 0.5 * down.abs() + bend,
        std::cmp::Ordering::Equal => {
            let upward = if down < 0.0 { 60.0 } else { 0.0 };
            60.0 + 0.3 * right.abs() + 0.5 * down.abs() + upward
        }
        std::cmp::Ordering::Less => 300.0 + COLUMN_GAP + right.abs() + down.abs(),
    }
}

/// Whether a line runs under a rectangle; the line is sampled, because this only
/// weighs one drawing against another.
fn is_under(line: (Point, Point), rect: Rect) -> bool {
    (1..16).any(|step| {
        let share = step as f32 / 16.0;
        rect.contains(Point::new(
            line.0.x + (line.1.x - line.0.x) * share,
            line.0.y + (line.1.y - line.0.y) * share,
        ))
    })
}
