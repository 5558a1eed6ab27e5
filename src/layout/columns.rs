//! A level in columns along the flow: for a handful of items every move is tried
//! and judged as a whole; for more, columns are filled, lined up and then improved
//! by exchanging items.

use super::{
    align::Sheet,
    assign, exchange,
    geometry::Point,
    level::Level,
    ranks::{self, Ranks},
    search,
};

/// The most items and links for which every move is judged on the whole drawing.
const SEARCH_LIMIT: (usize, usize) = (16, 48);

/// The left upper corner of every item of a connected level.
pub(super) fn place(level: &Level) -> Vec<Point> {
    let ranks = ranks::ranks(level.items.len(), &level.links);
    if level.items.len() <= SEARCH_LIMIT.0 && level.links.len() <= SEARCH_LIMIT.1 {
        return search::best(level, by_rank(level, &ranks)).corners();
    }
    let mut sheet = Sheet::new(level, assign::columns(level, &ranks));
    for _ in 0..16 {
        sheet.sweep(true);
    }
    for _ in 0..3 {
        exchange::shorten(&mut sheet);
        for _ in 0..4 {
            sheet.sweep(true);
        }
    }
    exchange::uncross(&mut sheet);
    for _ in 0..4 {
        sheet.sweep(false);
    }
    sheet.corners()
}

fn by_rank(level: &Level, ranks: &Ranks) -> Vec<Vec<usize>> {
    let mut stacks = Vec::new();
    for (item, rank) in assign::own_ranks(level, ranks).into_iter().enumerate() {
        stacks.resize_with(stacks.len().max(rank + 1), Vec::new);
        stacks[rank].push(item);
    }
    stacks.retain(|it: &Vec<usize>| !it.is_empty());
    stacks
}
