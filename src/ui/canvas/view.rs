//! What part of the canvas is seen, and how large.
//!
//! The camera is ours alone: `egui_graphs` draws where it is told. Its origin falls
//! on whole window points, so that lines and text stay crisp while panning.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

use crate::project::{Camera, Position};

/// The smallest and the largest zoom.
pub(super) const ZOOM: std::ops::RangeInclusive<f32> = 0.01..=4.0;
/// One step of "zoom in".
pub(super) const ZOOM_STEP: f32 = 1.25;
/// From here on cards are drawn whole.
const CARDS_FROM: f32 = 0.55;
/// From here on chips are drawn, below it dots.
const CHIPS_FROM: f32 = 0.25;
/// Free space around what was fitted, in window points.
const FIT_MARGIN: f32 = 36.0;

/// How much of a card is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Everything.
    Cards,
    /// Tile, name and state.
    Chips,
    /// A dot in the color of its boundary.
    Dots,
}

/// A part of the canvas on a part of the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    /// Where the canvas is in the window.
    pub(super) rect: Rect,
    /// The canvas point in the middle of it.
    pub(super) center: Pos2,
    /// Window points for one canvas point.
    pub(super) zoom: f32,
}

impl Default for View {
    fn default() -> Self {
        Self {
            rect: Rect::from_min_size(Pos2::ZERO, vec2(1.0, 1.0)),
            center: Pos2::ZERO,
            zoom: 1.0,
        }
    }
}

/// A view's arithmetic, worked out once for a walk over many things.
#[derive(Debug, Clone, Copy)]
pub(super) struct Projection {
    origin: Vec2,
    zoom: f32,
}

impl Projection {
    /// Where a canvas point is in the window.
    pub(super) fn to_screen(self, point: Pos2) -> Pos2 {
        (point.to_vec2() * self.zoom + self.origin).to_pos2()
    }
}

impl View {
    /// Its arithmetic.
    pub(super) fn projection(self) -> Projection {
        Projection {
            origin: self.origin(),
            zoom: self.zoom,
        }
    }

    fn origin(&self) -> Vec2 {
        (self.rect.center().to_vec2() - self.center.to_vec2() * self.zoom).round()
    }

    /// Where a canvas point is in the window.
    pub(super) fn to_screen(self, point: Pos2) -> Pos2 {
        (point.to_vec2() * self.zoom + self.origin()).to_pos2()
    }

    /// Which canvas point is here in the window.
    pub(super) fn to_canvas(self, point: Pos2) -> Pos2 {
        ((point.to_vec2() - self.origin()) / self.zoom).to_pos2()
    }

    /// Where a canvas rectangle is in the window.
    pub(super) fn rect_to_screen(self, rect: Rect) -> Rect {
        Rect::from_min_max(self.to_screen(rect.min), self.to_screen(rect.max))
    }

    /// The part of the canvas that is seen.
    pub(super) fn visible(self) -> Rect {
        Rect::from_min_max(self.to_canvas(self.rect.min), self.to_canvas(self.rect.max))
    }

    /// How much of a card is drawn.
    pub(super) fn detail(self) -> Detail {
        if self.zoom >= CARDS_FROM {
            Detail::Cards
        } else if self.zoom >= CHIPS_FROM {
            Detail::Chips
        } else {
            Detail::Dots
        }
    }

    /// Zoomed so that the canvas point under `about` (window) stays there.
    pub(super) fn zoomed(self, factor: f32, about: Pos2) -> Self {
        let zoom = (self.zoom * factor).clamp(*ZOOM.start(), *ZOOM.end());
        let held = self.to_canvas(about);
        let center = held + (self.rect.center() - about) / zoom;
        Self {
            center,
            zoom,
            ..self
        }
    }

    /// Moved so that what is seen moves by this many window points.
    pub(super) fn panned(self, by: Vec2) -> Self {
        Self {
            center: self.center - by / self.zoom,
            ..self
        }
    }

    /// Shows all of these bounds, never larger than `max_zoom`.
    pub(super) fn fitted(self, bounds: Rect, max_zoom: f32) -> Self {
        let room = (self.rect.size() - Vec2::splat(2.0 * FIT_MARGIN)).max(vec2(40.0, 40.0));
        let zoom = (room.x / bounds.width().max(1.0)).min(room.y / bounds.height().max(1.0));
        Self {
            center: bounds.center(),
            zoom: zoom.clamp(*ZOOM.start(), max_zoom),
            ..self
        }
    }

    /// Part of the way to another view: none at 0, all at 1.
    pub(super) fn toward(self, other: Self, share: f32) -> Self {
        if share >= 1.0 {
            return Self {
                rect: self.rect,
                ..other
            };
        }
        Self {
            rect: self.rect,
            center: self.center.lerp(other.center, share),
            zoom: self.zoom * (other.zoom / self.zoom).powf(share),
        }
    }

    /// As a project file remembers it.
    pub(super) fn to_camera(self) -> Camera {
        Camera {
            center: to_position(self.center),
            zoom_percent: (self.zoom * 100.0).round() as u32,
        }
    }

    /// As a project file remembered it.
    pub(super) fn with_camera(self, camera: Camera) -> Self {
        let zoom = camera.zoom_percent as f32 / 100.0;
        Self {
            center: to_pos(camera.center),
            zoom: zoom.clamp(*ZOOM.start(), *ZOOM.end()),
            ..self
        }
    }
}

/// A position as the window's toolkit writes it.
pub(super) fn to_pos(position: Position) -> Pos2 {
    pos2(position.x as f32, position.y as f32)
}

/// The nearest whole position.
pub(super) fn to_position(pos: Pos2) -> Position {
    Position::new(pos.x.round() as i32, pos.y.round() as i32)
}

#[cfg(test)]
mod tests {
    use egui::{Pos2, Rect, pos2, vec2};

    use super::View;

    fn view() -> View {
        View {
            rect: Rect::from_min_size(pos2(100.0, 50.0), vec2(800.0, 600.0)),
            center: Pos2::ZERO,
            zoom: 1.0,
        }
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let pointer = pos2(300.0, 200.0);
        let before = view().to_canvas(pointer);
        let after = view().zoomed(1.7, pointer).to_canvas(pointer);
        assert!((before - after).length() < 1.0, "{before:?} {after:?}");
    }

    #[test]
    fn fitting_shows_everything() {
        let bounds = Rect::from_min_max(pos2(-3000.0, 10.0), pos2(9000.0, 4000.0));
        let visible = view().fitted(bounds, 1.0).visible();
        assert!(visible.contains_rect(bounds), "{visible:?}");
    }

    #[test]
    fn a_camera_comes_back_as_it_was_saved() {
        let saved = view().zoomed(0.5, pos2(10.0, 10.0)).to_camera();
        assert_eq!(view().with_camera(saved).to_camera(), saved);
    }
}
