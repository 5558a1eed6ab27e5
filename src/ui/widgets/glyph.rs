//! Small drawn signs and the buttons that carry them; a font may lack the letters.

use egui::{
    Color32, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, WidgetType,
    vec2,
};

use crate::ui::theme::{CONTROL_RADIUS, Theme};

/// A drawn sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Glyph {
    Undo,
    Redo,
    Menu,
    Cross,
    Down,
    Right,
    Search,
}

impl Glyph {
    /// Paints it, about 12 points wide.
    pub(in crate::ui) fn paint(self, painter: &Painter, at: Pos2, color: Color32) {
        let stroke = Stroke::new(1.5, color);
        let line = |points: &[(f32, f32)]| {
            let points = points.iter().map(|(x, y)| at + vec2(*x, *y)).collect();
            painter.add(Shape::line(points, stroke));
        };
        match self {
            Self::Undo | Self::Redo => {
                let side = if self == Self::Undo { 1.0 } else { -1.0 };
                let arc = (0..=10).map(|it| {
                    let angle = std::f32::consts::PI * (it as f32 / 10.0 - 0.5);
                    at + vec2(side * (1.0 + 3.6 * angle.cos()), 0.6 + 3.6 * angle.sin())
                });
                let mut points = vec![at + vec2(-5.0 * side, -3.0)];
                points.extend(arc);
                points.push(at + vec2(-2.0 * side, 4.2));
                painter.add(Shape::line(points, stroke));
                line(&[
                    (-2.2 * side, -5.8),
                    (-5.0 * side, -3.0),
                    (-2.2 * side, -0.2),
                ]);
            }
            Self::Menu => {
                for y in [-4.0, 0.0, 4.0] {
                    line(&[(-6.0, y), (6.0, y)]);
                }
            }
            Self::Cross => {
                line(&[(-3.5, -3.5), (3.5, 3.5)]);
                line(&[(-3.5, 3.5), (3.5, -3.5)]);
            }
            Self::Down => line(&[(-3.0, -1.5), (0.0, 1.5), (3.0, -1.5)]),
            Self::Right => line(&[(-1.5, -3.0), (1.5, 0.0), (-1.5, 3.0)]),
            Self::Search => {
                painter.circle_stroke(at + vec2(-1.0, -1.0), 4.0, stroke);
                line(&[(2.0, 2.0), (5.0, 5.0)]);
            }
        }
    }

    /// A button that carries it; `label` is what it does.
    pub(in crate::ui) fn button(self, ui: &mut Ui, label: &str) -> Response {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(24.0), Sense::click());
        paint_button(ui, rect, &response, self);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, ui.is_enabled(), label));
        response.on_hover_text(label)
    }
}

fn paint_button(ui: &Ui, rect: Rect, response: &Response, glyph: Glyph) {
    let theme = Theme::of(ui.ctx());
    let visuals = ui.style().interact(response);
    if response.hovered() || response.has_focus() {
        ui.painter()
            .rect_filled(rect, CONTROL_RADIUS, visuals.weak_bg_fill);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.5, theme.accent);
        ui.painter()
            .rect_stroke(rect, CONTROL_RADIUS, stroke, egui::StrokeKind::Inside);
    }
    let color = if response.hovered() {
        theme.text
    } else {
        theme.muted
    };
    glyph.paint(ui.painter(), rect.center(), color);
}
