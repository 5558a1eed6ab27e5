//! How edges run, in the window's terms: what the router found, with what drawing
//! and pointing need. The rest of the canvas knows only [`Wire`].

use egui::{Pos2, Rect, pos2};

use crate::layout::{self, Route};

/// How one edge runs, in canvas points, from the caller's rim to the tip of the arrow.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Wire {
    /// Its corners, ends included.
    pub(super) points: Vec<Pos2>,
    /// Where a glyph and its words go.
    pub(super) label: Pos2,
    /// Whether the line runs up or down there.
    pub(super) is_upright_there: bool,
    /// How long the straight piece around the label is.
    pub(super) room: f32,
}

impl From<&Route> for Wire {
    fn from(route: &Route) -> Self {
        let points: Vec<Pos2> = route.points.iter().map(|it| pos2(it.x, it.y)).collect();
        let label = pos2(route.label_at.x, route.label_at.y);
        let around = points
            .windows(2)
            .find(|it| distance_to_piece(label, it[0], it[1]) < 1.0);
        Self {
            room: around.map_or(0.0, |it| (it[1] - it[0]).length()),
            is_upright_there: !route.label_axis_is_horizontal,
            points,
            label,
        }
    }
}

/// A rectangle as layouts know it.
pub(super) fn to_layout(rect: Rect) -> layout::Rect {
    layout::Rect {
        min: layout::Point::new(rect.min.x, rect.min.y),
        max: layout::Point::new(rect.max.x, rect.max.y),
    }
}

impl Wire {
    /// The smallest rectangle around it.
    pub(super) fn bounds(&self) -> Rect {
        Rect::from_points(&self.points)
    }

    /// How far a point is from it.
    pub(super) fn distance(&self, point: Pos2) -> f32 {
        self.points
            .windows(2)
            .map(|ends| distance_to_piece(point, ends[0], ends[1]))
            .fold(f32::INFINITY, f32::min)
    }
}

fn distance_to_piece(point: Pos2, one: Pos2, other: Pos2) -> f32 {
    let along = other - one;
    let length = along.length_sq();
    if length <= f32::EPSILON {
        return (point - one).length();
    }
    let share = ((point - one).dot(along) / length).clamp(0.0, 1.0);
    (point - (one + along * share)).length()
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::Wire;

    #[test]
    fn pointing_near_a_line_is_pointing_at_it() {
        let wire = Wire {
            points: vec![pos2(0.0, 0.0), pos2(100.0, 0.0), pos2(100.0, 50.0)],
            ..Wire::default()
        };
        assert!(wire.distance(pos2(50.0, 3.0)) < 3.1);
        assert!(wire.distance(pos2(104.0, 25.0)) < 4.1);
        assert!(wire.distance(pos2(50.0, 40.0)) > 30.0);
    }
}
