//! Where the words at an edge may stand.

use egui::{Align2, Pos2, vec2};

/// Where the words of an edge may stand, the best first: above or below a line that
/// runs across, right or left of one that runs upright, and farther along it.
pub(super) fn label_places(
    at: Pos2,
    is_upright: bool,
    scale: f32,
    room: f32,
) -> impl Iterator<Item = (Pos2, Align2)> {
    let (aside, along, anchors) = if is_upright {
        let anchors = [Align2::LEFT_CENTER, Align2::RIGHT_CENTER];
        (vec2(16.0 * scale, 0.0), vec2(0.0, 1.0), anchors)
    } else {
        let anchors = [Align2::CENTER_BOTTOM, Align2::CENTER_TOP];
        (vec2(0.0, -11.0 * scale), vec2(1.0, 0.0), anchors)
    };
    let step = (room / 2.0 - 12.0).clamp(0.0, 48.0);
    [0.0, step, -step].into_iter().flat_map(move |shift| {
        let middle = at + along * shift;
        [(middle + aside, anchors[0]), (middle - aside, anchors[1])]
    })
}
