//! The mark of the program, painted and as the window's icon.
//!
//! Three services and the calls between them, drawn from the same numbers in both.

use egui::{Color32, IconData, Painter, Pos2, Rect, Stroke, pos2};

/// The caller and the two it calls: center and radius in a square of side 1.
const NODES: [(f32, f32, f32); 3] = [(0.18, 0.52, 0.15), (0.82, 0.2, 0.12), (0.82, 0.82, 0.12)];
/// Width of the lines in the same square.
const LINE: f32 = 0.075;

/// Paints the mark.
pub(super) fn paint(painter: &Painter, rect: Rect, color: Color32, ground: Color32) {
    let side = rect.width().min(rect.height());
    let place = |(x, y, _): (f32, f32, f32)| rect.min + egui::vec2(x, y) * side;
    let stroke = Stroke::new(LINE * side, color);
    for node in &NODES[1..] {
        painter.line_segment([place(NODES[0]), place(*node)], stroke);
    }
    for (index, node) in NODES.into_iter().enumerate() {
        let fill = if index == 0 { color } else { ground };
        painter.circle(place(node), node.2 * side, fill, stroke);
    }
}

/// The mark as a picture of `side` by `side` pixels.
pub(super) fn draw(side: u32) -> IconData {
    let mut rgba = Vec::with_capacity((side * side * 4) as usize);
    for y in 0..side {
        for x in 0..side {
            let place = |it: u32| (it as f32 + 0.5) / side as f32;
            let cover = cover(pos2(place(x), place(y)), 1.0 / side as f32);
            rgba.extend([0x5B, 0x9D, 0xFF, (cover * 255.0) as u8]);
        }
    }
    IconData {
        rgba,
        width: side,
        height: side,
    }
}

/// How much of a pixel the mark covers, from 0 to 1.
fn cover(at: Pos2, pixel: f32) -> f32 {
    let soft = |distance: f32| (0.5 - distance / pixel).clamp(0.0, 1.0);
    let center = |(x, y, _): (f32, f32, f32)| pos2(x, y);
    let mut cover: f32 = 0.0;
    for node in &NODES[1..] {
        cover = cover.max(soft(
            to_line(at, center(NODES[0]), center(*node)) - LINE / 2.0,
        ));
    }
    for (index, node) in NODES.into_iter().enumerate() {
        let distance = at.distance(center(node));
        if index == 0 {
            cover = cover.max(soft(distance - node.2));
        } else {
            let inside = soft(distance - node.2 + LINE);
            let ring = soft((distance - node.2).abs() - LINE / 2.0);
            cover = (cover * (1.0 - inside)).max(ring);
        }
    }
    cover
}

fn to_line(at: Pos2, from: Pos2, to: Pos2) -> f32 {
    let along = to - from;
    let share = ((at - from).dot(along) / along.length_sq()).clamp(0.0, 1.0);
    at.distance(from + along * share)
}
