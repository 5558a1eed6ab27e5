//! The breaker on an edge, drawn as an electrician draws one: two terminals and the
//! contact between them.

use egui::{Align2, Color32, Pos2, Rect, Shape, Stroke, Vec2, vec2};

use super::brush::Brush;
use crate::{
    monitor::{BreakerState, Circuit},
    ui::theme::Theme,
};

/// Width and height of the glyph, in canvas points.
pub(super) const SIZE: Vec2 = vec2(30.0, 20.0);
const TERMINAL: f32 = 9.0;
const TERMINAL_RADIUS: f32 = 2.6;

/// What the glyph shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
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

impl Glyph {
    /// What was seen of a breaker.
    pub(super) fn of(state: &BreakerState) -> Self {
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
    pub(super) fn refuses(self) -> bool {
        matches!(self, Self::Open | Self::ForcedOpen)
    }

    /// Its color.
    pub(super) fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::Drawn => theme.muted,
            Self::Closed => theme.up,
            Self::Open | Self::ForcedOpen => theme.down,
            Self::HalfOpen | Self::NotClosed | Self::Overflow => theme.degraded,
            Self::Disabled | Self::Unknown | Self::Missing => theme.faint,
        }
    }

    /// Draws it around a point, along a line that runs across or upright.
    pub(super) fn paint(self, brush: &mut Brush<'_>, at: Pos2, is_upright: bool, scale: f32) {
        let turn = |it: Vec2| if is_upright { vec2(-it.y, it.x) } else { it };
        let place = |x: f32, y: f32| at + turn(vec2(x, y)) * scale;
        let color = self.color(brush.theme);
        // Only what lies on the line needs to be hidden.
        let size = turn(vec2(SIZE.x, SIZE.y * 0.6)).abs() * scale;
        let ground = Rect::from_center_size(at, size);
        let canvas = brush.theme.canvas;
        brush.add(Shape::rect_filled(ground, 4.0 * scale, canvas));
        let contact = Stroke::new((2.2 * scale).max(1.4), color);
        match self {
            Self::Drawn | Self::Closed | Self::Overflow => {
                // Its ends lie under the terminals.
                let ends = [place(-7.0, 0.0), place(7.0, 0.0)];
                brush.add(Shape::line_segment(ends, contact));
            }
            Self::Open | Self::ForcedOpen => {
                brush.round_line(place(-7.2, -1.6), place(4.5, -9.5), contact);
            }
            Self::NotClosed => {
                dashes(brush, place(-7.2, -1.6), place(4.5, -9.5), contact, 4);
            }
            Self::HalfOpen => dashes(brush, place(-7.0, -1.2), place(6.0, -5.0), contact, 3),
            Self::Disabled => {
                for step in -2_i8..=2 {
                    let dot = place(f32::from(step) * 2.6, 0.0);
                    brush.add(Shape::circle_filled(dot, scale.max(0.8), color));
                }
            }
            Self::Unknown | Self::Missing => {}
        }
        if self == Self::ForcedOpen {
            brush.round_line(place(2.0, -12.0), place(8.0, -5.5), contact);
        }
        // Two discs take half the corners of a disc with a stroke.
        let half_rim = (0.8 * scale).max(0.5);
        for x in [-TERMINAL, TERMINAL] {
            let (center, radius) = (place(x, 0.0), TERMINAL_RADIUS * scale);
            brush.add(Shape::circle_filled(center, radius + half_rim, color));
            brush.add(Shape::circle_filled(center, radius - half_rim, canvas));
        }
    }
}

fn dashes(brush: &mut Brush<'_>, from: Pos2, to: Pos2, stroke: Stroke, count: u8) {
    let pieces = f32::from(2 * count - 1);
    for piece in 0..count {
        let start = f32::from(2 * piece) / pieces;
        let ends = [from.lerp(to, start), from.lerp(to, start + 1.0 / pieces)];
        brush.add(Shape::line_segment(ends, stroke));
    }
}

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
