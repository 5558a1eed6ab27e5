//! Dragged cards fall on a grid and in line with their neighbors.

use egui::{Pos2, Rect, Vec2, pos2};

use super::scene::Scene;

/// Cards stand on multiples of this, in canvas points.
pub(super) const GRID: f32 = 4.0;
/// How near to a line a card is pulled onto it, in window points.
const PULL: f32 = 6.0;

/// Where the drag ends up, and the lines that say why.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Snapped {
    /// How far things move, in canvas points.
    pub(super) by: Vec2,
    /// Lines between what is in line, in canvas points.
    pub(super) guides: Vec<[Pos2; 2]>,
}

/// Snaps the card that was grabbed; what is dragged along keeps its distance.
pub(super) fn snap(
    scene: &Scene,
    (grabbed, by, zoom): (Pos2, Vec2, f32),
    visible: Rect,
    is_moving: impl Fn(usize) -> bool,
) -> Snapped {
    let wanted = grabbed + by;
    let reach = PULL / zoom;
    let (mut x, mut y): (Option<Pos2>, Option<Pos2>) = (None, None);
    let standing = scene.nodes.iter().enumerate();
    for (_, node) in standing.filter(|(number, node)| {
        !node.is_ghost && visible.contains(node.center) && !is_moving(*number)
    }) {
        let (dx, dy) = (
            (node.center.x - wanted.x).abs(),
            (node.center.y - wanted.y).abs(),
        );
        if dx <= reach && x.is_none_or(|it| dx < (it.x - wanted.x).abs()) {
            x = Some(node.center);
        }
        if dy <= reach && y.is_none_or(|it| dy < (it.y - wanted.y).abs()) {
            y = Some(node.center);
        }
    }
    let on_grid = |it: f32| (it / GRID).round() * GRID;
    let at = pos2(
        x.map_or_else(|| on_grid(wanted.x), |it| it.x),
        y.map_or_else(|| on_grid(wanted.y), |it| it.y),
    );
    let guides = [x, y].into_iter().flatten().map(|it| [it, at]);
    Snapped {
        by: at - grabbed,
        guides: guides.collect(),
    }
}
