//! The state of a service as a shape and a color, so that neither is needed alone:
//! disc, triangle, square with a cross, red ring, grey ring, ring with a clock hand.

use egui::{Color32, Pos2, Shape, Stroke, vec2};

use super::brush::Brush;
use crate::{
    monitor::{Health, ServiceState},
    ui::theme::Theme,
};

/// How a service is, in order from well to worse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum StateMark {
    /// Nothing is known, or nothing is to be said: starting, taken out.
    #[default]
    Unknown,
    /// Well.
    Up,
    /// Known once, too long ago.
    Stale,
    /// Works, but not as it should.
    Degraded,
    /// Not working because of another.
    Impacted,
    /// Not working.
    Down,
}

impl StateMark {
    /// The mark of what was seen of a service.
    pub(super) fn of(state: &ServiceState) -> Self {
        if state.is_stale {
            return Self::Stale;
        }
        match state.health {
            Health::Up | Health::Down if state.impacted_by.is_some() => Self::Impacted,
            Health::Up => Self::Up,
            Health::Degraded => Self::Degraded,
            Health::Down => Self::Down,
            Health::Unknown | Health::OutOfService | Health::Starting => Self::Unknown,
        }
    }

    /// As people say it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Stale => "not seen lately",
            Self::Degraded => "degraded",
            Self::Impacted => "impacted",
            Self::Down => "down",
        }
    }

    /// Its color.
    pub(super) fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::Unknown | Self::Stale => theme.unknown,
            Self::Up => theme.up,
            Self::Degraded => theme.degraded,
            Self::Impacted | Self::Down => theme.down,
        }
    }

    /// Draws it. At `scale` 1 it is 9 points wide.
    pub(super) fn paint(self, brush: &mut Brush<'_>, at: Pos2, scale: f32) {
        let color = self.color(brush.theme);
        let ring = Stroke::new((1.6 * scale).max(1.0), color);
        match self {
            Self::Up => brush.add(Shape::circle_filled(at, 4.5 * scale, color)),
            Self::Degraded => {
                let corners = [vec2(0.0, -6.0), vec2(5.8, 4.5), vec2(-5.8, 4.5)];
                let corners = corners.map(|it| at + it * scale).to_vec();
                brush.add(Shape::convex_polygon(corners, color, Stroke::NONE));
            }
            Self::Down => {
                let square = egui::Rect::from_center_size(at, vec2(10.0, 10.0) * scale);
                brush.add(Shape::rect_filled(square, 2.0 * scale, color));
                let cross = Stroke::new((1.5 * scale).max(1.0), brush.theme.on_state);
                let arm = vec2(2.2, 2.2) * scale;
                let other = vec2(2.2, -2.2) * scale;
                brush.add(Shape::line_segment([at - arm, at + arm], cross));
                brush.add(Shape::line_segment([at - other, at + other], cross));
            }
            Self::Impacted | Self::Unknown => {
                brush.add(Shape::circle_stroke(at, 4.0 * scale, ring));
            }
            Self::Stale => {
                brush.add(Shape::circle_stroke(at, 4.5 * scale, ring));
                let hand = Stroke::new(scale.max(1.0), color);
                brush.add(Shape::line_segment([at, at - vec2(0.0, 3.0) * scale], hand));
                brush.add(Shape::line_segment([at, at + vec2(2.2, 0.0) * scale], hand));
            }
        }
    }
}
