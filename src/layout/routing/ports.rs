//! Where along a side its edges begin and end, in the order of their other ends, so
//! that they do not cross right at the card.

use crate::layout::geometry::{Point, Rect};

/// Points between two edges on a side, where there is room.
const SPACING: f32 = 12.0;
/// Points that stay free at both ends of a side, for the rounded corner.
const CORNER: f32 = 8.0;
/// Points by which two cards may be out of line and still get a straight edge.
const NEARLY_STRAIGHT: f32 = 16.0;

/// A side of a card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    #[default]
    Left,
    Right,
    Top,
    Bottom,
}

impl Side {
    const ALL: [Self; 4] = [Self::Left, Self::Right, Self::Top, Self::Bottom];

    /// Whether edges leave it horizontally.
    pub(super) fn is_upright(self) -> bool {
        matches!(self, Self::Left | Self::Right)
    }
}

/// A place on the rim of a card.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Port {
    pub side: Side,
    /// From the middle of the side, rightward or downward, in points.
    pub offset: f32,
    /// Whether other edges of this card leave from the same place.
    pub is_shared: bool,
}

impl Port {
    pub(super) fn middle(side: Side) -> Self {
        Self {
            side,
            offset: 0.0,
            is_shared: false,
        }
    }

    pub(super) fn on(self, rect: Rect) -> Point {
        let center = rect.center();
        match self.side {
            Side::Left => Point::new(rect.min.x, center.y + self.offset),
            Side::Right => Point::new(rect.max.x, center.y + self.offset),
            Side::Top => Point::new(center.x + self.offset, rect.min.y),
            Side::Bottom => Point::new(center.x + self.offset, rect.max.y),
        }
    }
}

/// One place on a side and the edges that use it.
struct Slot {
    /// How far along the side's axis the other ends are.
    toward: f32,
    /// Where it must be for its edge to be straight, from the middle.
    straight: Option<f32>,
    /// Numbers of edges, and whether each begins here.
    edges: Vec<(usize, bool)>,
}

/// Spreads the edges of one card along its sides.
pub(super) fn spread(
    node: usize,
    nodes: &[Rect],
    edges: &[(usize, usize)],
    edges_of: &[usize],
    ports: &mut [(Port, Port)],
) {
    for side in Side::ALL {
        let mut slots = slots(side, node, nodes, edges, edges_of, ports);
        if slots.is_empty() {
            continue;
        }
        slots.sort_by(|one, other| one.toward.total_cmp(&other.toward));
        let size = nodes[node].size();
        let half = if side.is_upright() {
            size.height / 2.0 - CORNER
        } else {
            size.width / 2.0 - 2.0 * CORNER
        };
        for (slot, offset) in slots.iter().zip(offsets(&slots, half)) {
            for &(edge, is_start) in &slot.edges {
                let port = if is_start {
                    &mut ports[edge].0
                } else {
                    &mut ports[edge].1
                };
                port.offset = offset;
                port.is_shared = slot.edges.len() > 1;
            }
        }
    }
}

fn slots(
    side: Side,
    node: usize,
    nodes: &[Rect],
    edges: &[(usize, usize)],
    edges_of: &[usize],
    ports: &[(Port, Port)],
) -> Vec<Slot> {
    let along = |point: Point| {
        if side.is_upright() { point.y } else { point.x }
    };
    let mut slots: Vec<Slot> = Vec::new();
    // A trunk for the edges that bend back along the axis, one for those that bend on.
    let mut trunks: [Option<usize>; 2] = [None, None];
    let mut reached = std::collections::BTreeSet::new();
    for &edge in edges_of {
        let (from, to) = edges[edge];
        let starts = [(from, ports[edge].0, true), (to, ports[edge].1, false)];
        for (end, port, is_start) in starts {
            if end != node || port.side != side {
                continue;
            }
            let other = if is_start { to } else { from };
            let away = along(nodes[other].center()) - along(nodes[node].center());
            let is_facing = ports[edge].0.side != ports[edge].1.side && from != to;
            let straight = (is_facing && away.abs() <= NEARLY_STRAIGHT).then_some(away / 2.0);
            let is_first = reached.insert((other, is_start));
            if is_start && straight.is_none() && is_facing && is_first {
                let trunk = &mut trunks[usize::from(away > 0.0)];
                if let Some(slot) = trunk.map(|it| &mut slots[it]) {
                    slot.edges.push((edge, true));
                    continue;
                }
                *trunk = Some(slots.len());
            }
            let toward = if from == to { -1e6 } else { away };
            slots.push(Slot {
                toward,
                straight,
                edges: vec![(edge, is_start)],
            });
        }
    }
    slots
}

/// Where the slots are, from the middle of the side: evenly spread, but around the
/// first straight one if there is one.
fn offsets(slots: &[Slot], half: f32) -> Vec<f32> {
    let last = slots.len() - 1;
    let anchor = slots.iter().position(|it| it.straight.is_some());
    let (index, at) = match anchor {
        Some(index) => (index as f32, slots[index].straight.unwrap_or(0.0)),
        None => (last as f32 / 2.0, 0.0),
    };
    let before = (half + at) / index.max(0.5);
    let after = (half - at) / (last as f32 - index).max(0.5);
    let spacing = SPACING.min(before).min(after).max(0.0);
    (0..slots.len())
        .map(|it| at + (it as f32 - index) * spacing)
        .collect()
}
