//! A circuit breaker, on an edge and in lists, drawn as an electrician draws one: two terminals and the
//! contact between them.

use egui::{Color32, Pos2, Rect, Shape, Stroke, Vec2, vec2};

use crate::{
    monitor::{BreakerState, Circuit},
    ui::theme::Theme,
};

/// Width and height of the glyph, in canvas points.
pub(in crate::ui) const SIZE: Vec2 = vec2(30.0, 20.0);
const TERMINAL: f32 = 9.0;
const TERMINAL_RADIUS: f32 = 2.6;

/// What the glyph shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum BreakerGlyph {
    /// Joined; nothing is watched.
    Drawn,
    /// Joined, and calls pass.
    Closed,
    /// Lifted by 45°.
    Open,
    /// Open, with a bar.
    ForcedOpen,
    /// Lifted by 20°, dashed.
    HalfOpen,
    /// Lifted by 45°, dashed: open or half-open.
    NotClosed,
    /// Joined, and the limit is reached.
    Overflow,
    /// Bridged by a dotted line.
    Disabled,
    /// Terminals only, grey: there is a breaker and nothing is known of it.
    Unknown,
    /// Terminals only: there is none where one belongs.
    Missing,
}

impl BreakerGlyph {
    /// What was seen of a breaker.
    pub(in crate::ui) fn of(state: &BreakerState) -> Self {
        if state.is_stale {
            return Self::Unknown;
        }
        match state.circuit {
            Circuit::Unknown => Self::Unknown,
            Circuit::Closed | Circuit::Ejected { count: 0, .. } => Self::Closed,
            Circuit::Open => Self::Open,
            Circuit::ForcedOpen => Self::ForcedOpen,
            Circuit::Disabled | Circuit::MetricsOnly => Self::Disabled,
            Circuit::NotClosed => Self::NotClosed,
            Circuit::Ejected { count, of } if count >= of => Self::Open,
            Circuit::HalfOpen | Circuit::Ejected { .. } => Self::HalfOpen,
            Circuit::Overflow => Self::Overflow,
        }
    }

    /// Whether calls are refused, so that the whole edge is red.
    pub(in crate::ui) fn refuses(self) -> bool {
        matches!(self, Self::Open | Self::ForcedOpen)
    }

    /// Its color.
    pub(in crate::ui) fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::Drawn => theme.muted,
            Self::Closed => theme.up,
            Self::Open | Self::ForcedOpen => theme.down,
            Self::HalfOpen | Self::NotClosed | Self::Overflow => theme.degraded,
            Self::Disabled | Self::Unknown | Self::Missing => theme.faint,
        }
    }

    /// Its shapes around a point, along a line that runs across or upright, on a ground
    /// that hides the line.
    pub(in crate::ui) fn shapes(
        self,
        (theme, ground): (&Theme, Color32),
        at: Pos2,
        is_upright: bool,
        scale: f32,
    ) -> Vec<Shape> {
        let turn = |it: Vec2| if is_upright { vec2(-it.y, it.x) } else { it };
        let place = |x: f32, y: f32| at + turn(vec2(x, y)) * scale;
        let color = self.color(theme);
        let room = Rect::from_center_size(at, turn(SIZE).abs() * scale);
        let mut shapes = vec![Shape::rect_filled(room, 10.0 * scale, ground)];
        let contact = Stroke::new((2.2 * scale).max(1.4), color);
        match self {
            Self::Drawn | Self::Closed | Self::Overflow => {
                shapes.extend(round_line(place(-6.2, 0.0), place(6.2, 0.0), contact));
            }
            Self::Open | Self::ForcedOpen => {
                shapes.extend(round_line(place(-7.2, -1.6), place(4.5, -9.5), contact));
            }
            Self::NotClosed => {
                shapes.extend(dashes(place(-7.2, -1.6), place(4.5, -9.5), contact, 4));
            }
            Self::HalfOpen => {
                shapes.extend(dashes(place(-7.0, -1.2), place(6.0, -5.0), contact, 3));
            }
            Self::Disabled => shapes.extend((-2_i8..=2).map(|step| {
                let dot = place(f32::from(step) * 2.6, 0.0);
                Shape::circle_filled(dot, scale.max(0.8), color)
            })),
            Self::Unknown | Self::Missing => {}
        }
        if self == Self::ForcedOpen {
            shapes.extend(round_line(place(2.0, -12.0), place(8.0, -5.5), contact));
        }
        let rim = Stroke::new((1.6 * scale).max(1.0), color);
        shapes.extend([-TERMINAL, TERMINAL].map(|x| {
            Shape::Circle(egui::epaint::CircleShape {
                center: place(x, 0.0),
                radius: TERMINAL_RADIUS * scale,
                fill: ground,
                stroke: rim,
            })
        }));
        shapes
    }
}

/// A line with round ends.
fn round_line(from: Pos2, to: Pos2, stroke: Stroke) -> [Shape; 3] {
    let end = |it| Shape::circle_filled(it, stroke.width / 2.0, stroke.color);
    [Shape::line_segment([from, to], stroke), end(from), end(to)]
}

fn dashes(from: Pos2, to: Pos2, stroke: Stroke, count: u8) -> impl Iterator<Item = Shape> {
    let pieces = f32::from(2 * count - 1);
    (0..count).map(move |piece| {
        let start = f32::from(2 * piece) / pieces;
        let ends = [from.lerp(to, start), from.lerp(to, start + 1.0 / pieces)];
        Shape::line_segment(ends, stroke)
    })
}
