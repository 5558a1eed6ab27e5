//! Collects shapes: text that is laid out once for each size and cut to its room,
//! lines with round corners, arrows and dashes.

use egui::{
    Align, Align2, Color32, Context, FontFamily, FontId, Pos2, Rect, Shape, Stroke, Vec2,
    epaint::TextShape,
    pos2,
    text::{LayoutJob, TextWrapping},
    vec2,
};

use crate::ui::theme::Theme;

/// Segments of a rounded corner.
const CORNER_SEGMENTS: usize = 5;

/// Where shapes are collected.
pub(super) struct Brush<'a> {
    /// For fonts.
    pub(super) ctx: &'a Context,
    /// The colors.
    pub(super) theme: &'static Theme,
    /// What was drawn so far.
    pub(super) shapes: Vec<Shape>,
}

/// How a text looks.
#[derive(Debug, Clone)]
pub(super) struct Type {
    /// Height, in window points.
    pub(super) size: f32,
    /// Its family.
    pub(super) family: FontFamily,
    /// Its color.
    pub(super) color: Color32,
    /// The room it has, in window points; what does not fit becomes `…`.
    pub(super) room: f32,
}

impl Type {
    /// Text in the plain family with all the room it wants.
    pub(super) fn plain(size: f32, color: Color32) -> Self {
        Self {
            size,
            family: FontFamily::Proportional,
            color,
            room: f32::INFINITY,
        }
    }

    /// The same in another family.
    pub(super) fn family(self, family: FontFamily) -> Self {
        Self { family, ..self }
    }

    /// The same in less room.
    pub(super) fn room(self, room: f32) -> Self {
        Self { room, ..self }
    }
}

/// Whole points, so that zooming does not lay out every text for every step; half
/// points where they are meant, as in the sizes of a card that is not zoomed.
pub(super) fn steady_size(size: f32) -> f32 {
    let is_meant = (size * 2.0).fract().abs() < 1e-4;
    if is_meant { size } else { size.round() }
}

impl<'a> Brush<'a> {
    /// A brush in the colors of now.
    pub(super) fn new(ctx: &'a Context, theme: &'static Theme) -> Self {
        Self {
            ctx,
            theme,
            shapes: Vec::new(),
        }
    }

    /// Adds a shape.
    pub(super) fn add(&mut self, shape: impl Into<Shape>) {
        self.shapes.push(shape.into());
    }

    /// Writes a text and tells where it is.
    pub(super) fn text(&mut self, at: Pos2, anchor: Align2, text: &str, look: &Type) -> Rect {
        let font = FontId::new(steady_size(look.size), look.family.clone());
        let job = LayoutJob::simple_singleline(text.to_owned(), font, Color32::PLACEHOLDER);
        // Whole first: its layout stays in the cache while zooming, a cut one does not.
        let galley = self.ctx.fonts_mut(|it| {
            let whole = it.layout_job(job.clone());
            if whole.size().x <= look.room {
                return whole;
            }
            it.layout_job(LayoutJob {
                wrap: TextWrapping {
                    max_width: (look.room / 4.0).floor() * 4.0,
                    max_rows: 1,
                    break_anywhere: true,
                    overflow_character: Some('…'),
                },
                ..job
            })
        });
        let rect = anchor.anchor_size(at, galley.size());
        // Whole points keep stems crisp.
        let at = pos2(rect.min.x.round(), rect.min.y.round());
        self.add(TextShape::new(at, galley, look.color));
        rect
    }

    /// How large a text is with all the room it wants.
    pub(super) fn measure(&self, text: &str, look: &Type) -> Vec2 {
        let font = FontId::new(steady_size(look.size), look.family.clone());
        let job = LayoutJob::simple_singleline(text.to_owned(), font, Color32::PLACEHOLDER);
        self.ctx.fonts_mut(|it| it.layout_job(job)).size()
    }

    /// A text on a ground of its own.
    pub(super) fn text_on_ground(&mut self, at: Pos2, anchor: Align2, text: &str, look: &Type) {
        self.lines_on_ground((at, anchor), &[text.to_owned()], look);
    }

    /// How large lines of text are, one below the other.
    pub(super) fn measure_lines(&self, lines: &[String], look: &Type) -> Vec2 {
        lines.iter().fold(Vec2::ZERO, |all, line| {
            let size = self.measure(line, look);
            vec2(all.x.max(size.x), all.y + size.y)
        })
    }

    /// Lines of text on a ground of their own; tells where it is.
    pub(super) fn lines_on_ground(
        &mut self,
        (at, anchor): (Pos2, Align2),
        lines: &[String],
        look: &Type,
    ) -> Rect {
        let slot = self.shapes.len();
        self.add(Shape::Noop);
        let rect = anchor.anchor_size(at, self.measure_lines(lines, look));
        let x = rect.left() + rect.width() * anchor.x().to_factor();
        let mut top = rect.top();
        for line in lines {
            let from_top = Align2([anchor.x(), Align::Min]);
            top = self.text(pos2(x, top), from_top, line, look).bottom();
        }
        let ground = rect.expand2(vec2(4.0, 1.0));
        self.shapes[slot] = Shape::rect_filled(ground, 4.0, self.theme.canvas);
        ground
    }

    /// The tip of an arrow.
    pub(super) fn arrow(&mut self, tip: Pos2, toward: Vec2, length: f32, color: Color32) {
        let back = tip - toward * length;
        let side = toward.rot90() * length / 2.0;
        let points = vec![tip, back - side, back + side];
        self.add(Shape::convex_polygon(points, color, Stroke::NONE));
    }
}

/// A polyline with its corners rounded, never by more than half of a piece.
pub(super) fn rounded(points: &[Pos2], radius: f32) -> Vec<Pos2> {
    let mut line = Vec::with_capacity(points.len() * (CORNER_SEGMENTS + 1));
    line.extend(points.first());
    for corner in points.windows(3) {
        let [before, at, after] = [corner[0], corner[1], corner[2]];
        let (back, on) = (before - at, after - at);
        let radius = radius.min(back.length() / 2.0).min(on.length() / 2.0);
        if radius < 0.5 {
            line.push(at);
            continue;
        }
        let (start, end) = (
            at + back.normalized() * radius,
            at + on.normalized() * radius,
        );
        for step in 0..=CORNER_SEGMENTS {
            let share = step as f32 / CORNER_SEGMENTS as f32;
            let (one, other) = (start.lerp(at, share), at.lerp(end, share));
            line.push(one.lerp(other, share));
        }
    }
    if points.len() > 1 {
        line.extend(points.last());
    }
    line
}

/// The direction in which a polyline ends.
pub(super) fn last_direction(points: &[Pos2]) -> Vec2 {
    match points {
        [.., before, last] => (*last - *before).normalized(),
        _ => Vec2::ZERO,
    }
}
