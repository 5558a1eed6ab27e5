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

    /// Whether any piece of it runs through a rectangle; its bounds may and it not.
    pub(super) fn touches(&self, area: Rect) -> bool {
        let mut pieces = self.points.windows(2);
        pieces.any(|it| Rect::from_two_pos(it[0], it[1]).intersects(area))
    }

    /// What of it runs through a rectangle, piece after piece. A line across a large
    /// design is mostly out of sight, and its dashes would be too.
    pub(super) fn within(&self, area: Rect) -> Vec<Vec<Pos2>> {
        let mut runs: Vec<Vec<Pos2>> = Vec::new();
        let mut is_going_on = false;
        for ends in self.points.windows(2) {
            if !Rect::from_two_pos(ends[0], ends[1]).intersects(area) {
                is_going_on = false;
                continue;
            }
            let [start, end] = [ends[0], ends[1]].map(|it| area.clamp(it));
            match runs.last_mut() {
                Some(run) if is_going_on => run.push(end),
                Some(_) | None => runs.push(vec![start, end]),
            }
            is_going_on = end == ends[1];
        }
        runs
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
    use egui::{Rect, pos2};

    use super::Wire;

    #[test]
    fn only_what_is_in_sight_is_left_of_a_line() {
        let wire = Wire {
            points: vec![pos2(-900.0, 0.0), pos2(50.0, 0.0), pos2(50.0, 900.0)],
            ..Wire::default()
        };
        let area = Rect::from_min_max(pos2(0.0, -100.0), pos2(100.0, 100.0));
        let corner = vec![pos2(0.0, 0.0), pos2(50.0, 0.0), pos2(50.0, 100.0)];
        assert_eq!(wire.within(area), [corner]);
        let aside = Rect::from_min_max(pos2(-900.0, 100.0), pos2(0.0, 900.0));
        assert!(wire.bounds().intersects(aside) && !wire.touches(aside));
        assert!(wire.within(aside).is_empty());
    }

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
