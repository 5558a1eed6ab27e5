//! How good a layout is, in numbers that other tools can be measured by too: on
//! straight lines between the middles of cards.

use std::collections::HashMap;

use imbl::OrdMap;
use meshboard::{
    layout::{Point, Rect, card_at, frames},
    model::{Model, ServiceId},
    project::{Position, View},
};

/// What is measured of one layout.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub crossings_per_edge: f64,
    pub mean_edge: f64,
    /// Share of edges that lead to the right.
    pub forward: f64,
    /// Pairs of overlapping cards, and cards in frames that are not theirs.
    pub overlaps: usize,
    pub width: f32,
    pub height: f32,
}

pub(crate) fn measure(model: &Model, positions: &OrdMap<ServiceId, Position>) -> Figures {
    let lines = lines(model, positions);
    let cards: Vec<Rect> = positions.values().map(|it| card_at(*it)).collect();
    let all = Rect::around_all(cards.iter().copied()).unwrap_or_default();
    let edges = lines.len().max(1) as f64;
    let length = |(from, to): &(Point, Point)| f64::from((to.x - from.x).hypot(to.y - from.y));
    Figures {
        crossings_per_edge: crossings(&lines) as f64 / edges,
        mean_edge: lines.iter().map(length).sum::<f64>() / edges,
        forward: lines.iter().filter(|it| it.1.x > it.0.x).count() as f64 / edges,
        overlaps: overlaps(model, positions),
        width: all.size().width,
        height: all.size().height,
    }
}

fn lines(model: &Model, positions: &OrdMap<ServiceId, Position>) -> Vec<(Point, Point)> {
    let at = |id| positions.get(id).map(|it| Point::from(*it));
    let dependencies = model.dependencies.values();
    dependencies
        .filter_map(|it| Some((at(&it.from)?, at(&it.to)?)))
        .collect()
}

/// Pairs of lines that cross; compared by brute force up to a size at which that
/// would take minutes, and not at all above.
fn crossings(lines: &[(Point, Point)]) -> usize {
    if lines.len() > 4000 {
        return 0;
    }
    let turn = |a: Point, b: Point, c: Point| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    let mut count = 0;
    for (number, one) in lines.iter().enumerate() {
        let crosses = |other: &&(Point, Point)| {
            turn(one.0, one.1, other.0) * turn(one.0, one.1, other.1) < 0.0
                && turn(other.0, other.1, one.0) * turn(other.0, other.1, one.1) < 0.0
        };
        count += lines[..number].iter().filter(crosses).count();
    }
    count
}

fn overlaps(model: &Model, positions: &OrdMap<ServiceId, Position>) -> usize {
    let cell = |it: f32| (it / 256.0).floor() as i32;
    let mut cells: HashMap<(i32, i32), Vec<(&ServiceId, Rect)>> = HashMap::new();
    let mut overlaps = 0;
    for (id, position) in positions {
        let card = card_at(*position);
        let mut found = Vec::new();
        for x in cell(card.min.x)..=cell(card.max.x) {
            for y in cell(card.min.y)..=cell(card.max.y) {
                let cards = cells.entry((x, y)).or_default();
                found.extend(cards.iter().filter(|it| it.1.overlaps(card)).map(|it| it.0));
                cards.push((id, card));
            }
        }
        found.sort();
        found.dedup();
        overlaps += found.len();
    }
    for (boundary, frame) in frames(model, positions, &View::default()) {
        for x in cell(frame.min.x)..=cell(frame.max.x) {
            for y in cell(frame.min.y)..=cell(frame.max.y) {
                let cards = cells.get(&(x, y)).into_iter().flatten();
                overlaps += cards
                    .filter(|(id, card)| {
                        model.boundary_of(id) != Some(&boundary) && card.overlaps(frame)
                    })
                    .count();
            }
        }
    }
    overlaps
}

/// Mean distance by which services that both layouts place moved, in points.
pub(crate) fn mean_shift(
    before: &OrdMap<ServiceId, Position>,
    after: &OrdMap<ServiceId, Position>,
) -> f64 {
    let shifts = before.iter().filter_map(|(id, one)| {
        let other = after.get(id)?;
        let (x, y) = (f64::from(other.x - one.x), f64::from(other.y - one.y));
        Some(x.hypot(y))
    });
    shifts.sum::<f64>() / before.len().max(1) as f64
}
