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
    let Some((_, service)) = node.service() else {
        pen.cells(brush);
        return;
    };
    match service.kind {
        ServiceKind::Service => pen.hexagon(brush),
        ServiceKind::Database => pen.cylinder(brush),
        ServiceKind::Search => pen.circle(brush, (-1.5, -1.5), 5.0),
        ServiceKind::Job => pen.circle(brush, (0.0, 0.0), 6.5),
        ServiceKind::Gateway
        | ServiceKind::Client
        | ServiceKind::Cache
        | ServiceKind::Broker
        | ServiceKind::External => {}
    }
    for line in lines(service.kind) {
        pen.line(brush, line);
    }
}

/// The straight lines of an icon, around its middle.
fn lines(kind: ServiceKind) -> &'static [&'static [(f32, f32)]] {
    match kind {
        ServiceKind::Service | ServiceKind::Database => &[],
        ServiceKind::Gateway => &[
            &[(-7.0, -3.5), (6.0, -3.5)],
            &[(3.0, -6.5), (6.5, -3.5), (3.0, -0.5)],
            &[(-7.0, 3.5), (6.0, 3.5)],
            &[(3.0, 0.5), (6.5, 3.5), (3.0, 6.5)],
        ],
        ServiceKind::Client => &[
            &[
                (-7.0, -6.0),
                (7.0, -6.0),
                (7.0, 3.0),
                (-7.0, 3.0),
                (-7.0, -6.0),
            ],
            &[(-4.0, 6.5), (4.0, 6.5)],
        ],
        ServiceKind::Cache => &[&[
            (1.5, -7.5),
            (-4.5, 1.0),
            (0.0, 1.0),
            (-1.5, 7.5),
            (4.5, -1.0),
            (0.0, -1.0),
            (1.5, -7.5),
        ]],
        ServiceKind::Broker => &[
            &[(-7.0, -5.0), (7.0, -5.0)],
            &[(-7.0, 0.0), (7.0, 0.0)],
            &[(-7.0, 5.0), (2.0, 5.0)],
        ],
        ServiceKind::Search => &[&[(2.2, 2.2), (7.0, 7.0)]],
        ServiceKind::External => &[
            &[(-5.0, 5.0), (5.0, -5.0)],
            &[(-2.0, -5.0), (5.0, -5.0), (5.0, 2.0)],
        ],
        ServiceKind::Job => &[&[(0.0, -4.0), (0.0, 0.0), (3.0, 1.5)]],
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

    fn circle(&self, brush: &mut Brush<'_>, middle: (f32, f32), radius: f32) {
        let middle = self.point(middle);
        brush.add(Shape::circle_stroke(
            middle,
            radius * self.scale,
            self.stroke,
        ));
    }

    fn cells(&self, brush: &mut Brush<'_>) {
        for (x, y) in [(-3.8, -3.8), (3.8, -3.8), (-3.8, 3.8), (3.8, 3.8)] {
            let size = Vec2::splat(5.6 * self.scale);
            let cell = egui::Rect::from_center_size(self.point((x, y)), size);
            brush.add(Shape::rect_filled(
                cell,
                1.5 * self.scale,
                self.stroke.color,
            ));
        }
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
