//! The shapes of states and severities: shape says it, color repeats it.

use egui::{
    Color32, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, WidgetType, vec2,
};

use crate::{
    model::Severity,
    monitor::{Circuit, Health, ServiceState},
    ui::theme::Theme,
};

/// A state with a shape of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum StateShape {
    Up,
    Degraded,
    Down,
    Impacted,
    Unknown,
    Stale,
}

impl StateShape {
    /// The shape of what was last seen of a service.
    pub(in crate::ui) fn of(state: Option<&ServiceState>) -> Self {
        match state {
            None => Self::Unknown,
            Some(state) if state.is_stale => Self::Stale,
            Some(state) if state.impacted_by.is_some() && state.health == Health::Down => {
                Self::Impacted
            }
            Some(state) => Self::of_health(state.health),
        }
    }

    /// The shape of a health.
    pub(in crate::ui) fn of_health(health: Health) -> Self {
        match health {
            Health::Up => Self::Up,
            Health::Degraded | Health::Starting => Self::Degraded,
            Health::Down | Health::OutOfService => Self::Down,
            Health::Unknown => Self::Unknown,
        }
    }

    /// The shape of a breaker's state.
    pub(in crate::ui) fn of_circuit(circuit: Circuit) -> Self {
        match circuit {
            Circuit::Closed => Self::Up,
            Circuit::HalfOpen
            | Circuit::NotClosed
            | Circuit::Overflow
            | Circuit::Ejected { .. } => Self::Degraded,
            Circuit::Open | Circuit::ForcedOpen => Self::Down,
            Circuit::Unknown | Circuit::Disabled | Circuit::MetricsOnly => Self::Unknown,
        }
    }

    /// The shape of a severity.
    pub(in crate::ui) fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Unknown,
            Severity::Warning => Self::Degraded,
            Severity::Error => Self::Down,
        }
    }

    /// Its color.
    pub(in crate::ui) fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::Up => theme.up,
            Self::Degraded => theme.degraded,
            Self::Down | Self::Impacted => theme.down,
            Self::Unknown | Self::Stale => theme.unknown,
        }
    }

    /// What people call it.
    pub(in crate::ui) fn label(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Impacted => "impacted",
            Self::Unknown => "unknown",
            Self::Stale => "stale",
        }
    }

    /// Paints it, about 10 points wide.
    pub(in crate::ui) fn paint(self, painter: &Painter, at: Pos2, theme: &Theme) {
        let color = self.color(theme);
        let ring = Stroke::new(1.6, color);
        match self {
            Self::Up => {
                painter.circle_filled(at, 4.5, color);
            }
            Self::Degraded => {
                let points = vec![
                    at + vec2(0.0, -5.0),
                    at + vec2(5.5, 4.5),
                    at + vec2(-5.5, 4.5),
                ];
                painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
            }
            Self::Down => {
                let rect = Rect::from_center_size(at, Vec2::splat(9.5));
                painter.rect_filled(rect, 1.5, color);
                let cross = Stroke::new(1.4, theme.on_state);
                let arm = 2.4;
                painter.line_segment([at + vec2(-arm, -arm), at + vec2(arm, arm)], cross);
                painter.line_segment([at + vec2(-arm, arm), at + vec2(arm, -arm)], cross);
            }
            Self::Impacted | Self::Unknown => {
                painter.circle_stroke(at, 4.0, ring);
            }
            Self::Stale => {
                painter.circle_stroke(at, 4.5, ring);
                painter.line_segment([at, at + vec2(0.0, -3.0)], ring);
                painter.line_segment([at, at + vec2(2.0, 0.0)], ring);
            }
        }
    }

    /// Takes a place in a row.
    pub(in crate::ui) fn ui(self, ui: &mut Ui) -> egui::Response {
        let (rect, response) = ui.allocate_exact_size(vec2(12.0, 16.0), Sense::hover());
        self.paint(ui.painter(), rect.center(), Theme::of(ui.ctx()));
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, self.label()));
        response
    }
}
