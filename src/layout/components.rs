//! Parts of a level that have nothing to do with each other: each is placed by
//! itself, and the results are packed side by side like words on lines.

use super::{
    geometry::{COLUMN_GAP, Point, ROW_GAP, Rect, Size},
    level::{Level, Link},
};

/// Places every connected component with `place` and packs them, the ones that are
/// linked first and the loners after them.
pub(super) fn place_apart(level: &Level, place: impl Fn(&Level) -> Vec<Point>) -> Vec<Point> {
    let parts = split(level);
    let mut corners = vec![Point::default(); level.items.len()];
    if let [_] = parts.as_slice() {
        return place(level);
    }

    let mut blocks = Vec::with_capacity(parts.len());
    for (members, links) in &parts {
        let component = Level {
            items: members.iter().map(|&it| level.items[it]).collect(),
            links: links.clone(),
            ..*level
        };
        let placed = place(&component);
        let rects = placed.iter().zip(&component.items);
        let bounds = Rect::around_all(rects.map(|(&min, item)| Rect::at(min, item.size)));
        let bounds = bounds.unwrap_or_default();
        for (&member, point) in members.iter().zip(placed) {
            corners[member] = Point::new(point.x - bounds.min.x, point.y - bounds.min.y);
        }
        blocks.push(bounds.size());
    }
    for ((members, _), shift) in parts.iter().zip(pack(&blocks, level.aspect_ratio)) {
        for &member in members {
            corners[member] = corners[member].moved_by(shift);
        }
    }
    corners
}

/// The connected components with their links renumbered; larger ones first.
fn split(level: &Level) -> Vec<(Vec<usize>, Vec<Link>)> {
    let count = level.items.len();
    let mut leader: Vec<usize> = (0..count).collect();
    for link in &level.links {
        let (from, to) = (find(&mut leader, link.from), find(&mut leader, link.to));
        leader[from.max(to)] = from.min(to);
    }
    let mut number_of = vec![usize::MAX; count];
    let mut parts: Vec<(Vec<usize>, Vec<Link>)> = Vec::new();
    let mut local = vec![0; count];
    for (item, place) in local.iter_mut().enumerate() {
        let first = find(&mut leader, item);
        if number_of[first] == usize::MAX {
            number_of[first] = parts.len();
            parts.push(Default::default());
        }
        let members = &mut parts[number_of[first]].0;
        *place = members.len();
        members.push(item);
    }
    for link in level.links.iter().filter(|it| it.from != it.to) {
        let first = find(&mut leader, link.from);
        parts[number_of[first]].1.push(Link {
            from: local[link.from],
            to: local[link.to],
            ..*link
        });
    }
    parts.sort_by_key(|(members, _)| std::cmp::Reverse(members.len()));
    parts
}

fn find(leader: &mut [usize], mut item: usize) -> usize {
    while leader[item] != item {
        leader[item] = leader[leader[item]];
        item = leader[item];
    }
    item
}

/// Where each block goes: line by line, the width chosen so that all together come
/// near the wanted shape.
fn pack(blocks: &[Size], aspect_ratio: f32) -> Vec<Point> {
    let widest = blocks.iter().map(|it| it.width).fold(0.0, f32::max);
    let area: f32 = blocks
        .iter()
        .map(|it| (it.width + COLUMN_GAP / 2.0) * (it.height + ROW_GAP))
        .sum();
    let guess = (area * aspect_ratio).sqrt();
    // A line breaks where it breaks, so the best of a few widths is taken.
    let widths = (0..8).map(|step| (guess * (0.8 + 0.1 * step as f32)).max(widest));
    let packed = widths.map(|width| pack_lines(blocks, width));
    let error = |size: Size| {
        let longer = size.width.max(size.height * aspect_ratio);
        (longer, size.height)
    };
    let best = packed.min_by(|one, other| {
        let (one, other) = (error(one.1), error(other.1));
        one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
    });
    best.map(|it| it.0).unwrap_or_default()
}

fn pack_lines(blocks: &[Size], width: f32) -> (Vec<Point>, Size) {
    // Blocks come by number of members; within a line, a lower block leaves its rest empty.
    let mut corners = Vec::with_capacity(blocks.len());
    let mut pen = Point::default();
    let mut line_height: f32 = 0.0;
    let mut total = Size::default();
    for block in blocks {
        if pen.x > 0.0 && pen.x + block.width > width {
            pen = Point::new(0.0, pen.y + line_height + ROW_GAP);
            line_height = 0.0;
        }
        corners.push(pen);
        total.width = total.width.max(pen.x + block.width);
        total.height = total.height.max(pen.y + block.height);
        line_height = line_height.max(block.height);
        pen.x += block.width + COLUMN_GAP / 2.0 + 4.0;
    }
    (corners, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_packed_near_the_wanted_shape_without_overlap() {
        let blocks = vec![Size::new(184.0, 56.0); 40];
        let corners = pack(&blocks, 1.6);
        let rects: Vec<_> = corners
            .iter()
            .zip(&blocks)
            .map(|(&min, &size)| Rect::at(min, size))
            .collect();
        for (number, rect) in rects.iter().enumerate() {
            assert!(rects[..number].iter().all(|it| !it.overlaps(*rect)));
        }
        let all = Rect::around_all(rects).expect("some").size();
        assert!((1.2..2.2).contains(&(all.width / all.height)), "{all:?}");
    }
}
