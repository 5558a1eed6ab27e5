//! What stands on a tile when no technology is known: the kind of service, drawn.

use egui::{Pos2, Shape, Stroke, Vec2, epaint::EllipseShape, vec2};

use super::{brush::Brush, scene::Node};
use crate::model::ServiceKind;

/// Draws the icon of a card's kind around a point. At `scale` 1 it is 16 points wide.
pub(super) fn paint(brush: &mut Brush<'_>, node: &Node, at: Pos2, scale: f32) {
    let pen = Pen {
        at,
        scale,
        stroke: Stroke::new((1.5 * scale).max(1.0), brush.theme.accent),
    };
    match node.service().map(|it| it.1.kind) {
        Some(ServiceKind::Service) => pen.hexagon(brush),
        Some(ServiceKind::Gateway) => {
            for y in [-3.5, 3.5] {
                pen.line(brush, &[(-7.0, y), (6.0, y)]);
                pen.line(brush, &[(3.0, y - 3.0), (6.5, y), (3.0, y + 3.0)]);
            }
        }
        Some(ServiceKind::Client) => {
            pen.line(
                brush,
                &[
                    (-7.0, -6.0),
                    (7.0, -6.0),
                    (7.0, 3.0),
                    (-7.0, 3.0),
                    (-7.0, -6.0),
                ],
            );
            pen.line(brush, &[(-4.0, 6.5), (4.0, 6.5)]);
        }
        Some(ServiceKind::Database) => pen.cylinder(brush),
        Some(ServiceKind::Cache) => {
            let bolt = [
                (1.5, -7.5),
                (-4.5, 1.0),
                (0.0, 1.0),
                (-1.5, 7.5),
                (4.5, -1.0),
                (0.0, -1.0),
                (1.5, -7.5),
            ];
            pen.line(brush, &bolt);
        }
        Some(ServiceKind::Broker) => {
            for (y, length) in [(-5.0, 7.0), (0.0, 7.0), (5.0, 2.0)] {
                pen.line(brush, &[(-7.0, y), (length, y)]);
            }
        }
        Some(ServiceKind::Search) => {
            brush.add(Shape::circle_stroke(
                pen.point((-1.5, -1.5)),
                5.0 * scale,
                pen.stroke,
            ));
            pen.line(brush, &[(2.2, 2.2), (7.0, 7.0)]);
        }
        Some(ServiceKind::External) => {
            pen.line(brush, &[(-5.0, 5.0), (5.0, -5.0)]);
            pen.line(brush, &[(-2.0, -5.0), (5.0, -5.0), (5.0, 2.0)]);
        }
        Some(ServiceKind::Job) => {
            brush.add(Shape::circle_stroke(at, 6.5 * scale, pen.stroke));
            pen.line(brush, &[(0.0, -4.0), (0.0, 0.0), (3.0, 1.5)]);
        }
        None => {
            for corner in [
                vec2(-3.8, -3.8),
                vec2(3.8, -3.8),
                vec2(-3.8, 3.8),
                vec2(3.8, 3.8),
            ] {
                let cell =
                    egui::Rect::from_center_size(at + corner * scale, Vec2::splat(5.6 * scale));
                brush.add(Shape::rect_filled(cell, 1.5 * scale, pen.stroke.color));
            }
        }
    }
}

struct Pen {
    at: Pos2,
    scale: f32,
    stroke: Stroke,
}

impl Pen {
    fn point(&self, (x, y): (f32, f32)) -> Pos2 {
        self.at + vec2(x, y) * self.scale
    }

    fn line(&self, brush: &mut Brush<'_>, points: &[(f32, f32)]) {
        let points = points.iter().map(|it| self.point(*it)).collect();
        brush.add(Shape::line(points, self.stroke));
    }

    fn hexagon(&self, brush: &mut Brush<'_>) {
        let corners = (0..6_u8).map(|it| {
            let angle = std::f32::consts::TAU * (f32::from(it) + 0.5) / 6.0;
            self.at + Vec2::angled(angle) * 7.5 * self.scale
        });
        brush.add(Shape::closed_line(corners.collect(), self.stroke));
    }

    fn cylinder(&self, brush: &mut Brush<'_>) {
        brush.add(EllipseShape::stroke(
            self.point((0.0, -4.5)),
            vec2(6.0, 2.5) * self.scale,
            self.stroke,
        ));
        for bottom in [0.0, 5.0] {
            let arc = (0..=8_u8).map(|it| {
                let angle = std::f32::consts::PI * f32::from(it) / 8.0;
                self.point((6.0 * angle.cos(), bottom + 2.5 * angle.sin()))
            });
            brush.add(Shape::line(arc.collect(), self.stroke));
        }
        for x in [-6.0, 6.0] {
            self.line(brush, &[(x, -4.5), (x, 5.0)]);
        }
    }
}
