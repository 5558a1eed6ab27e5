//! What lies below the cards: the dots of the grid and the frames of boundaries.

use egui::{
    Align2, CornerRadius, Painter, Rect, Stroke, StrokeKind, epaint::RectShape, pos2, vec2,
};

use super::{
    brush::{Brush, Type},
    flat::Flat,
    scene::{Frame, Scene},
    view::{Detail, View},
};
use crate::ui::{
    theme::{self, FRAME_RADIUS, Theme, mixed, semibold},
    widgets::words,
};

/// Distance of the dots, in canvas points.
const DOTS: f32 = 24.0;
/// Dots nearer than this would be a grey area, in window points.
const LEAST_DOTS: f32 = 14.0;

/// Paints the ground and its dots.
pub(super) fn paint_grid(painter: &Painter, theme: &Theme, view: View) {
    painter.rect_filled(view.rect, 0.0, theme.canvas);
    let mut step = DOTS;
    while step * view.zoom < LEAST_DOTS {
        step *= 2.0;
    }
    if view.detail() == Detail::Dots {
        return;
    }
    let mut flat = Flat::default();
    let seen = view.visible();
    let size = (1.8 * view.zoom).clamp(1.5, 2.5);
    let columns = (seen.left() / step).ceil() as i32..=(seen.right() / step).floor() as i32;
    for column in columns {
        let rows = (seen.top() / step).ceil() as i32..=(seen.bottom() / step).floor() as i32;
        for row in rows {
            let at = view.to_screen(pos2(column as f32 * step, row as f32 * step));
            flat.rect(Rect::from_center_size(at, vec2(size, size)), theme.grid_dot);
        }
    }
    painter.add(flat.0);
}

/// How a frame is lit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Light {
    pub(super) is_selected: bool,
    pub(super) is_target: bool,
}

/// Paints the frames in sight.
pub(super) fn paint_frames(
    brush: &mut Brush<'_>,
    scene: &Scene,
    view: View,
    light: impl Fn(usize) -> Light,
) {
    let seen = view.visible();
    for (number, frame) in scene.frames.iter().enumerate() {
        if seen.intersects(frame.rect) {
            paint_frame(brush, frame, view, light(number));
        }
    }
}

fn paint_frame(brush: &mut Brush<'_>, frame: &Frame, view: View, light: Light) {
    let theme = brush.theme;
    let color = frame.tone.of(theme);
    let rect = view.rect_to_screen(frame.rect);
    let radius = match view.detail() {
        Detail::Cards | Detail::Chips => f32::from(FRAME_RADIUS) * view.zoom,
        // Round corners cost more than they show on hundreds of tiny frames.
        Detail::Dots => 0.0,
    };
    let radius = CornerRadius::same(radius.round() as u8);
    let strength = if light.is_target { 0.16 } else { 0.07 };
    let fill = if light.is_target {
        mixed(theme.canvas, color, strength)
    } else {
        theme.tint(color)
    };
    let rim = match light {
        Light {
            is_selected: true, ..
        } => Stroke::new(2.0, theme.accent),
        Light {
            is_target: true, ..
        } => Stroke::new(2.0, color),
        Light { .. } if view.detail() == Detail::Dots => {
            Stroke::new(1.0, mixed(theme.canvas, color, 0.6))
        }
        Light { .. } => Stroke::new(1.2, color),
    };
    brush.add(RectShape::new(rect, radius, fill, rim, StrokeKind::Middle));
    if view.detail() == Detail::Cards {
        paint_header(brush, frame, rect, view.zoom);
    }
}

/// About where a frame's name and its team are, in window points.
pub(super) fn name_places(frame: &Frame, view: View) -> [Rect; 2] {
    let rect = view.rect_to_screen(frame.rect);
    let size = |text: &str| {
        let letters = text.chars().count() as f32;
        vec2(14.0 + letters * 7.5, 30.0) * view.zoom
    };
    let team = if frame.team.is_empty() {
        vec2(0.0, 0.0)
    } else {
        size(&words::team(&frame.team))
    };
    let name = Rect::from_min_size(rect.left_top(), size(&frame.name));
    let right = pos2(rect.right() - team.x, rect.top());
    [name, Rect::from_min_size(right, team)]
}

fn paint_header(brush: &mut Brush<'_>, frame: &Frame, rect: Rect, zoom: f32) {
    let theme = brush.theme;
    let middle = rect.top() + 18.0 * zoom;
    let inset = 14.0 * zoom;
    let size = (theme::BODY_SIZE * zoom).clamp(10.5, 22.0);
    let name = Type::plain(size, frame.tone.of(theme))
        .family(semibold())
        .room(rect.width() - 2.0 * inset);
    let left = pos2(rect.left() + inset, middle);
    let written = brush.text(left, Align2::LEFT_CENTER, &frame.name, &name);
    let room = rect.right() - inset - written.right() - 16.0;
    if !frame.team.is_empty() && room > 40.0 && zoom >= 0.5 {
        let team = Type::plain((11.0 * zoom).max(9.0), theme.muted).room(room);
        let right = pos2(rect.right() - inset, middle);
        let words = words::team(&frame.team);
        brush.text(right, Align2::RIGHT_CENTER, &words, &team);
    }
}

/// Writes the names of frames that are too small for a line of their own: on the rim
/// while cards are chips, large across the frame once they are dots.
pub(super) fn paint_far_names(brush: &mut Brush<'_>, scene: &Scene, view: View) {
    let seen = view.visible();
    for frame in scene.frames.iter().filter(|it| seen.intersects(it.rect)) {
        let rect = view.rect_to_screen(frame.rect);
        match view.detail() {
            Detail::Cards => return,
            Detail::Chips => {
                let look = Type::plain(theme::SMALLEST_SIZE, frame.tone.of(brush.theme))
                    .family(semibold())
                    .room(rect.width() - 24.0);
                let at = rect.left_top() + vec2(12.0, 0.0);
                brush.text_on_ground(at, Align2::LEFT_CENTER, &frame.name, &look);
                continue;
            }
            Detail::Dots => {}
        }
        let letters = frame.name.chars().count().max(4) as f32;
        let size = (rect.width() / letters / 0.62)
            .min(rect.height() * 0.4)
            .min(20.0)
            .floor();
        if size >= 9.0 {
            let look = Type::plain(size, brush.theme.text)
                .family(semibold())
                .room(rect.width());
            brush.text(rect.center(), Align2::CENTER_CENTER, &frame.name, &look);
        }
    }
}
