//! The last latencies of an instance as a line.

use egui::{Rect, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::words::trimmed;
use crate::ui::theme::{CONTROL_RADIUS, FontKind, Theme};

/// Draws milliseconds, oldest first, with the middle and the 95th percentile in words.
pub(in crate::ui) fn sparkline(ui: &mut Ui, millis: &[f32]) {
    let theme = Theme::of(ui.ctx());
    let size = vec2(ui.available_width(), 92.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let painter = ui.painter();
    painter.rect(
        rect,
        CONTROL_RADIUS,
        theme.field,
        Stroke::new(1.0, theme.line),
        StrokeKind::Inside,
    );
    let mut sorted: Vec<f32> = millis.iter().copied().filter(|it| it.is_finite()).collect();
    sorted.sort_by(f32::total_cmp);
    let Some(most) = sorted.last().copied() else {
        let at = rect.center();
        let font = FontKind::Secondary.id();
        painter.text(
            at,
            egui::Align2::CENTER_CENTER,
            "no answer yet",
            font,
            theme.muted,
        );
        return;
    };
    let rank = |share: f32| sorted[((sorted.len() - 1) as f32 * share).round() as usize];
    for (line, (name, value)) in [("p95", rank(0.95)), ("p50", rank(0.5))]
        .into_iter()
        .enumerate()
    {
        let text = format!("{name} {} ms", trimmed(f64::from(value), 1));
        let at = rect.min + vec2(12.0, 6.0 + 16.0 * line as f32);
        painter.text(
            at,
            egui::Align2::LEFT_TOP,
            text,
            FontKind::Secondary.id(),
            theme.muted,
        );
    }
    let plot = Rect::from_min_max(rect.min + vec2(8.0, 44.0), rect.max - vec2(8.0, 8.0));
    let step = plot.width() / (millis.len().max(2) - 1) as f32;
    let points: Vec<_> = millis
        .iter()
        .enumerate()
        .filter(|(_, it)| it.is_finite())
        .map(|(index, it)| {
            let height = (it / most.max(1.0)).clamp(0.0, 1.0) * plot.height();
            pos2(plot.left() + step * index as f32, plot.bottom() - height)
        })
        .collect();
    painter.add(Shape::line(points, Stroke::new(1.6, theme.accent)));
}
