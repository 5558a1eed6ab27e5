//! What is under the pointer. Cards come before edges, edges before frames, and of
//! two cards that overlap the one that is drawn on top.

use egui::{Pos2, Rect, Vec2};

use super::{
    scene::{HEADER, Line, Scene},
    view::{Detail, View},
};
use crate::model::ElementId;

/// How far from an edge still counts, in window points.
const EDGE_REACH: f32 = 6.0;
/// How far outside and inside of a card's rim counts as the rim, in window points.
const RIM: (f32, f32) = (9.0, 4.0);

/// Something on the canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hit {
    /// A card.
    Node(usize),
    /// The rim of a card, where connections begin.
    Rim(usize),
    /// An edge.
    Edge(usize),
    /// The line with the name of a frame.
    Header(usize),
    /// Nothing; the innermost frame around it, if any.
    Empty(Option<usize>),
}

/// What is here, in window points.
pub(super) fn at(scene: &Scene, view: View, selected: &[u8], pointer: Pos2) -> Hit {
    let point = view.to_canvas(pointer);
    let mut rim = None;
    let mut below = None;
    let half = crate::ui::theme::CARD / 2.0 + Vec2::splat(RIM.0 / view.zoom);
    for (number, center) in scene.centers().iter().enumerate().rev() {
        let away = (point - *center).abs();
        if away.x > half.x || away.y > half.y || scene.ink(number).1 {
            continue;
        }
        let node = &scene.nodes[number];
        let rect = node.rect();
        let inside = rect.shrink((RIM.1 / view.zoom).min(rect.height() / 4.0));
        let has_rim = view.detail() == Detail::Cards && node.service().is_some();
        if inside.contains(point) || (!has_rim && rect.contains(point)) {
            let is_on_top = selected
                .get(number)
                .is_some_and(|it| it & super::stage::SELECTED != 0);
            if is_on_top {
                return Hit::Node(number);
            }
            below.get_or_insert(Hit::Node(number));
        } else if has_rim {
            rim.get_or_insert(Hit::Rim(number));
        }
    }
    if let Some(hit) = below.or(rim) {
        return hit;
    }
    if let Some(edge) = edge_at(scene, view, point) {
        return Hit::Edge(edge);
    }
    match frame_at(scene, point, |_| true) {
        Some(frame) if header(scene, view, frame).contains(pointer) => Hit::Header(frame),
        frame => Hit::Empty(frame),
    }
}

fn edge_at(scene: &Scene, view: View, point: Pos2) -> Option<usize> {
    if view.detail() == Detail::Dots {
        return None;
    }
    let reach = EDGE_REACH / view.zoom;
    let bounds = scene.edge_bounds().iter().enumerate();
    let near = bounds.filter(|(_, bounds)| bounds.distance_to_pos(point) <= reach);
    near.filter(|(number, _)| scene.ends(*number).2 != Line::StartOrder)
        .map(|(number, _)| (number, scene.edges[number].wire.distance(point)))
        .filter(|(_, distance)| *distance <= reach)
        .min_by(|one, other| one.1.total_cmp(&other.1))
        .map(|(number, _)| number)
}

/// The innermost frame around a canvas point.
pub(super) fn frame_at(
    scene: &Scene,
    point: Pos2,
    counts: impl Fn(usize) -> bool,
) -> Option<usize> {
    (0..scene.frames.len())
        .rev()
        .find(|it| counts(*it) && scene.frames[*it].rect.contains(point))
}

/// Where a frame's name is, in window points.
pub(super) fn header(scene: &Scene, view: View, frame: usize) -> Rect {
    let mut rect = view.rect_to_screen(scene.frames[frame].rect);
    let height = (HEADER * view.zoom).max(16.0).min(rect.height());
    rect.set_height(height);
    rect
}

/// What is selected by choosing this.
pub(super) fn element(scene: &Scene, hit: Hit) -> Option<ElementId> {
    match hit {
        Hit::Node(node) | Hit::Rim(node) => Some(scene.nodes[node].element()),
        Hit::Edge(edge) => scene.edges[edge].element(),
        Hit::Header(frame) => Some(ElementId::Boundary(scene.frames[frame].id.clone())),
        Hit::Empty(_) => None,
    }
}

/// The cards that a rectangle of the canvas touches.
pub(super) fn touched(scene: &Scene, area: Rect) -> impl Iterator<Item = usize> + '_ {
    let cards = scene.nodes.iter().enumerate();
    cards
        .filter(move |(_, it)| !it.is_ghost && it.rect().intersects(area))
        .map(|(number, _)| number)
}

/// A place for one more card near a point: the nearest where it touches nothing.
pub(super) fn free_spot(scene: &Scene, near: Pos2) -> Pos2 {
    let step = crate::ui::theme::CARD + Vec2::new(40.0, 32.0);
    let snapped = |it: Pos2| ((it.to_vec2() / 4.0).round() * 4.0).to_pos2();
    let is_free = |it: Pos2| {
        let card = Rect::from_center_size(it, crate::ui::theme::CARD).expand(12.0);
        touched(scene, card).next().is_none()
    };
    for ring in 0..40_i16 {
        let mut best: Option<(f32, Pos2)> = None;
        for row in -ring..=ring {
            for column in -ring..=ring {
                if row.abs().max(column.abs()) != ring {
                    continue;
                }
                let away = Vec2::new(f32::from(column) * step.x, f32::from(row) * step.y);
                let spot = snapped(near + away);
                let is_nearer = best.is_none_or(|it| away.length_sq() < it.0);
                if is_nearer && is_free(spot) {
                    best = Some((away.length_sq(), spot));
                }
            }
        }
        if let Some((_, spot)) = best {
            return spot;
        }
    }
    snapped(near)
}
