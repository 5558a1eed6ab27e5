//! Plain quads and triangles for one mesh: what is drawn where thousands of things
//! are seen at once, and smooth edges would cost more than they show.

use egui::{Color32, Mesh, Pos2, Rect, Vec2, epaint::Vertex, pos2, vec2};

/// One mesh of plain shapes, in window points.
#[derive(Debug, Default)]
pub(super) struct Flat(pub(super) Mesh);

impl Flat {
    /// A filled rectangle.
    pub(super) fn rect(&mut self, rect: Rect, color: Color32) {
        self.0.add_colored_rect(rect, color);
    }

    /// A piece of a line.
    pub(super) fn line(&mut self, from: Pos2, to: Pos2, width: f32, color: Color32) {
        let along = to - from;
        let length = along.length();
        if length < 0.01 {
            return;
        }
        let side = vec2(-along.y, along.x) * (width / 2.0 / length);
        self.corners([from + side, to + side, to - side, from - side], color);
    }

    /// A polyline of upright and level pieces, on whole points where it can be.
    pub(super) fn polyline(
        &mut self,
        points: impl Iterator<Item = Pos2>,
        width: f32,
        color: Color32,
    ) {
        let mut before = None;
        for point in points {
            let point = pos2(point.x.round() + 0.5, point.y.round() + 0.5);
            if let Some(before) = before {
                self.line(before, point, width, color);
            }
            before = Some(point);
        }
    }

    /// Dots along a polyline, four points apart and begun anew at each corner.
    pub(super) fn dots(&mut self, points: impl Iterator<Item = Pos2>, color: Color32) {
        let mut before: Option<Pos2> = None;
        for point in points {
            if let Some(before) = before {
                let along = point - before;
                // A line that leaves the window far behind is not worth more dots.
                let count = (along.length() / 4.0).ceil().clamp(1.0, 1000.0);
                for number in 0..count as usize {
                    let dot = before + along * (number as f32 / count);
                    self.rect(Rect::from_center_size(dot, Vec2::splat(1.5)), color);
                }
            }
            before = Some(point);
        }
    }

    /// A disc: a square while it is tiny, an octagon once that shows.
    pub(super) fn disc(&mut self, center: Pos2, radius: f32, color: Color32) {
        if radius < 2.5 {
            let size = Vec2::splat(radius * 2.0);
            self.rect(Rect::from_center_size(center, size), color);
            return;
        }
        let (near, far) = (radius * 0.3827, radius * 0.9239);
        let rim = [
            vec2(near, far),
            vec2(far, near),
            vec2(far, -near),
            vec2(near, -far),
            vec2(-near, -far),
            vec2(-far, -near),
            vec2(-far, near),
            vec2(-near, far),
        ];
        let first = self.0.vertices.len() as u32;
        for corner in rim {
            self.0.colored_vertex(center + corner, color);
        }
        for corner in 1..7 {
            self.0
                .add_triangle(first, first + corner, first + corner + 1);
        }
    }

    /// The tip of an arrow.
    pub(super) fn arrow(&mut self, tip: Pos2, toward: Vec2, length: f32, color: Color32) {
        let back = tip - toward * length;
        let side = toward.rot90() * length / 2.0;
        let first = self.0.vertices.len() as u32;
        for corner in [tip, back - side, back + side] {
            self.0.colored_vertex(corner, color);
        }
        self.0.add_triangle(first, first + 1, first + 2);
    }

    fn corners(&mut self, corners: [Pos2; 4], color: Color32) {
        let first = self.0.vertices.len() as u32;
        let vertices = corners.map(|it| Vertex::untextured(it, color));
        self.0.vertices.extend_from_slice(&vertices);
        let two_triangles = [0, 1, 2, 0, 2, 3].map(|it| first + it);
        self.0.indices.extend_from_slice(&two_triangles);
    }
}
