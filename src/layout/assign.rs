//! Which column each item of a larger level goes to: along the flow, and so that
//! all columns together come near the wanted shape.

use super::{
    geometry::{COLUMN_GAP, ROW_GAP},
    level::{Item, Level, Link},
    ranks::Ranks,
};

/// How much higher than planned a column may become while links are shortened.
const HEIGHT_SLACK: f32 = 1.1;
/// Passes over all items while links are shortened.
const PASSES: usize = 12;

/// The items column by column, each in order of their ranks.
pub(super) fn columns(level: &Level, ranks: &Ranks) -> Vec<Vec<usize>> {
    let own = own_ranks(level, ranks);
    let rank_count = own.iter().copied().max().unwrap_or(0) + 1;
    let planned = planned_height(level);
    let total: f32 = level.items.iter().map(reach).sum();
    let is_deep = rank_count as f32 > 1.5 * (total / planned).max(1.0);
    // Columns are as wide as their widest item, so the best height is found by trying.
    let tried = [0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4].map(|share| {
        let height = planned * share;
        let stacks = if is_deep {
            fold_ranks(level, ranks, height)
        } else {
            split_ranks(level, &own, rank_count, height)
        };
        (extent(level, &stacks), height, stacks)
    });
    let best = tried
        .into_iter()
        .min_by(|one, other| one.0.total_cmp(&other.0));
    let (_, height, stacks) = best.unwrap_or_default();
    if is_deep {
        shorten(level, stacks, height * HEIGHT_SLACK)
    } else {
        stacks
    }
}

/// How wide a window of the wanted shape must be to show these columns.
fn extent(level: &Level, stacks: &[Vec<usize>]) -> f32 {
    let items = |stack: &[usize]| stack.iter().map(|&it| level.items[it]).collect::<Vec<_>>();
    let width = |stack: &Vec<usize>| {
        let widths = items(stack).into_iter().map(|it| it.size.width);
        widths.fold(0.0, f32::max) + COLUMN_GAP
    };
    let height = |stack: &Vec<usize>| items(stack).iter().map(reach).sum::<f32>();
    let total: f32 = stacks.iter().map(width).sum();
    let highest = stacks.iter().map(height).fold(0.0, f32::max);
    total.max(highest * level.aspect_ratio)
}

/// The rank of each item: as early as it can be, but sources next to what they need.
pub(super) fn own_ranks(level: &Level, ranks: &Ranks) -> Vec<usize> {
    let mut own = ranks.earliest.clone();
    let mut next = vec![usize::MAX; own.len()];
    let mut has_source = vec![false; own.len()];
    for link in &level.links {
        if ranks.earliest[link.from] < ranks.earliest[link.to] {
            next[link.from] = next[link.from].min(ranks.earliest[link.to]);
            has_source[link.to] = true;
        }
    }
    for item in 0..own.len() {
        if !has_source[item] && next[item] != usize::MAX && !level.items[item].is_client {
            own[item] = next[item] - 1;
        }
    }
    own
}

/// Height of the whole drawing if it had the wanted shape.
fn planned_height(level: &Level) -> f32 {
    let area: f32 = level
        .items
        .iter()
        .map(|it| (it.size.width + COLUMN_GAP) * reach(it))
        .sum();
    (area / level.aspect_ratio).sqrt()
}

fn reach(item: &Item) -> f32 {
    item.size.height + ROW_GAP
}

/// Every rank in columns of its own, as many as its height needs.
fn split_ranks(level: &Level, own: &[usize], rank_count: usize, height: f32) -> Vec<Vec<usize>> {
    let mut by_rank = vec![Vec::new(); rank_count];
    for (item, &rank) in own.iter().enumerate() {
        by_rank[rank].push(item);
    }
    let mut stacks = Vec::new();
    for members in by_rank.into_iter().filter(|it| !it.is_empty()) {
        let total: f32 = members.iter().map(|&it| reach(&level.items[it])).sum();
        let parts = (total / (height * 1.25)).ceil().max(1.0);
        let share = total / parts;
        let mut filled = 0.0;
        let first = stacks.len();
        for item in members {
            let part = first + ((filled + 1.0) / share).floor() as usize;
            stacks.resize_with(stacks.len().max(part + 1), Vec::new);
            stacks[part].push(item);
            filled += reach(&level.items[item]);
        }
    }
    stacks.retain(|it: &Vec<usize>| !it.is_empty());
    stacks
}

/// More ranks than columns fit: the items in order of their ranks, cut wherever a
/// column is full.
fn fold_ranks(level: &Level, ranks: &Ranks, height: f32) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..level.items.len()).collect();
    order.sort_by_key(|&it| (ranks.earliest[it] + ranks.latest[it], it));
    let mut stacks = vec![Vec::new()];
    let mut filled = 0.0;
    for item in order {
        let more = reach(&level.items[item]);
        if filled > 0.0 && filled + more / 2.0 > height {
            stacks.push(Vec::new());
            filled = 0.0;
        }
        filled += more;
        if let Some(last) = stacks.last_mut() {
            last.push(item);
        }
    }
    stacks
}

/// Moves items between columns while links get shorter or turn into the flow.
fn shorten(level: &Level, mut stacks: Vec<Vec<usize>>, limit: f32) -> Vec<Vec<usize>> {
    let count = level.items.len();
    let mut column_of = vec![0; count];
    let mut filled = vec![0.0; stacks.len()];
    for (column, stack) in stacks.iter().enumerate() {
        for &item in stack {
            column_of[item] = column;
            filled[column] += reach(&level.items[item]);
        }
    }
    let mut links_of: Vec<Vec<&Link>> = vec![Vec::new(); count];
    for link in &level.links {
        links_of[link.from].push(link);
        links_of[link.to].push(link);
    }

    for _ in 0..PASSES {
        let mut has_moved = false;
        for item in 0..count {
            let height = reach(&level.items[item]);
            let cost = |column: usize| cost_at(item, column, &links_of[item], &column_of);
            let home = column_of[item];
            let choices = (0..stacks.len()).filter(|&it| filled[it] + height <= limit);
            let best = choices.map(|it| (cost(it), it));
            let best = best.min_by(|one, other| one.0.total_cmp(&other.0));
            if let Some((_, column)) = best.filter(|it| it.0 < cost(home) - 1e-3) {
                filled[home] -= height;
                filled[column] += height;
                column_of[item] = column;
                has_moved = true;
            }
        }
        if !has_moved {
            break;
        }
    }
    let order: Vec<usize> = stacks.concat();
    stacks.iter_mut().for_each(Vec::clear);
    for item in order {
        stacks[column_of[item]].push(item);
    }
    stacks
}

fn cost_at(item: usize, column: usize, links: &[&Link], column_of: &[usize]) -> f32 {
    let cost = |link: &&Link| {
        let (from, to) = if link.from == item {
            (column, column_of[link.to])
        } else {
            (column_of[link.from], column)
        };
        link.weight * column_cost(from, to)
    };
    links.iter().map(cost).sum()
}

/// What a link from one column to another costs; one to the next column costs one.
fn column_cost(from: usize, to: usize) -> f32 {
    let columns = from.abs_diff(to) as f32;
    match to.cmp(&from) {
        std::cmp::Ordering::Greater => columns,
        std::cmp::Ordering::Equal => 5.0,
        std::cmp::Ordering::Less => 9.0 + columns,
    }
}
