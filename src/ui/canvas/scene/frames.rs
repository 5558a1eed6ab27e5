//! The frames around boundaries, as large as their members need.

use egui::{Pos2, Rect, vec2};

use super::Scene;
use crate::{
    layout::{FRAME_HEADER, FRAME_PADDING},
    ui::theme,
};

/// Height of the line with name and team, in canvas points.
pub(in super::super) const HEADER: f32 = FRAME_HEADER;

/// The frame of a boundary without members: room for one card.
pub(super) fn empty_rect(center: Pos2) -> Rect {
    let size = theme::CARD + vec2(2.0 * FRAME_PADDING, HEADER + FRAME_PADDING);
    Rect::from_center_size(center, size)
}

impl Scene {
    /// Draws every frame around what is in it. `stays` names cards that count where
    /// the document has them, so that a frame does not run after a card that is
    /// being dragged out of it.
    pub(in super::super) fn fit_frames(&mut self, stays: impl Fn(usize) -> bool) {
        let mut contents: Vec<Option<Rect>> = vec![None; self.frames.len()];
        for (number, node) in self.nodes.iter().enumerate() {
            if let Some(frame) = node.frame {
                let center = if stays(number) {
                    node.home
                } else {
                    node.center
                };
                include(
                    &mut contents[frame],
                    Rect::from_center_size(center, theme::CARD),
                );
            }
        }
        for number in (0..self.frames.len()).rev() {
            let frame = &mut self.frames[number];
            frame.is_empty = contents[number].is_none();
            frame.rect = match contents[number] {
                Some(content) => {
                    let mut rect = content.expand(FRAME_PADDING);
                    rect.min.y = content.min.y - HEADER;
                    rect
                }
                None => empty_rect(frame.empty_at.unwrap_or(Pos2::ZERO)),
            };
            let rect = frame.rect;
            if let Some(parent) = frame.parent {
                include(&mut contents[parent], rect);
            }
        }
        self.measure();
    }
}

fn include(content: &mut Option<Rect>, rect: Rect) {
    *content = Some(content.map_or(rect, |it| it.union(rect)));
}
