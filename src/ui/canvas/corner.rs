//! What stands in the corners: the minimap, the zoom and the legend.

use egui::{
    Align2, Button, Color32, CornerRadius, Id, Painter, Pos2, Rect, RichText, Sense, Stroke,
    StrokeKind, Ui, epaint::RectShape, pos2, vec2,
};

use super::{
    Canvas,
    brush::{Brush, Type},
    flat::Flat,
    state_mark::StateMark,
    view::ZOOM_STEP,
};
use crate::ui::{
    theme::{self, CARD_RADIUS, Theme, mixed},
    widgets::breaker_glyph::BreakerGlyph as Glyph,
};

const MARGIN: f32 = 14.0;
const MAP: egui::Vec2 = vec2(150.0, 66.0);
const ZOOM_CONTROL: egui::Vec2 = vec2(148.0, 28.0);
/// Cards outside of frames that the minimap shows at most.
const MOST_DOTS: usize = 4000;

impl Canvas {
    /// Where the minimap is, and what of the canvas it shows; `None` if that were useless.
    fn map(&self) -> Option<(Rect, Rect)> {
        let bounds = self.scene.bounds()?;
        let canvas = self.view.rect;
        if canvas.width() < 420.0 || canvas.height() < 260.0 {
            return None;
        }
        let corner = canvas.left_bottom() + vec2(MARGIN, -MARGIN - MAP.y);
        Some((
            Rect::from_min_size(corner, MAP),
            bounds.union(self.view.visible()),
        ))
    }

    /// Paints the minimap.
    pub(super) fn paint_map(&self, painter: &Painter, theme: &Theme) {
        let Some((place, shown)) = self.map() else {
            return;
        };
        paint_box(painter, place, theme);
        let inner = place.shrink(5.0);
        let scale = (inner.width() / shown.width()).min(inner.height() / shown.height());
        let to_map = |it: Pos2| inner.center() + (it - shown.center()) * scale;
        let rect_to_map = |it: Rect| Rect::from_min_max(to_map(it.min), to_map(it.max));
        let mut flat = Flat::default();
        for frame in &self.scene.frames {
            let color = frame.tone.of(theme);
            flat.rect(rect_to_map(frame.rect), mixed(theme.panel, color, 0.35));
        }
        let loose = self.scene.nodes.iter().filter(|it| it.frame.is_none());
        for node in loose.take(MOST_DOTS) {
            let size = (theme::CARD * scale).max(vec2(2.0, 2.0));
            let dot = Rect::from_center_size(to_map(node.center), size);
            flat.rect(dot, mixed(theme.panel, theme.faint, 0.6));
        }
        painter.add(flat.0);
        let seen = rect_to_map(self.view.visible()).intersect(place.shrink(2.0));
        let rim = Stroke::new(1.0, theme.accent);
        painter.rect_stroke(seen, 3.0, rim, StrokeKind::Inside);
    }

    /// Lets the minimap move what is seen.
    pub(super) fn map_ui(&mut self, ui: &Ui) {
        let Some((place, shown)) = self.map() else {
            return;
        };
        let id = self.id.with("minimap");
        let response = ui.interact(place, id, Sense::CLICK | Sense::DRAG);
        if let Some(pointer) = response.interact_pointer_pos()
            && (response.dragged() || response.clicked())
        {
            let inner = place.shrink(5.0);
            let scale = (inner.width() / shown.width()).min(inner.height() / shown.height());
            let mut view = self.view;
            view.center = shown.center() + (pointer - inner.center()) / scale;
            self.look_at(view);
        }
    }

    /// Shows the zoom and the button for the legend.
    pub(super) fn zoom_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui.ctx());
        let corner = self.view.rect.right_bottom() - vec2(MARGIN, MARGIN) - ZOOM_CONTROL;
        let place = Rect::from_min_size(corner, ZOOM_CONTROL);
        paint_box(ui.painter(), place, theme);
        let builder = egui::UiBuilder::new()
            .id_salt("zoom")
            .max_rect(place.shrink2(vec2(2.0, 1.0)))
            .layout(egui::Layout::left_to_right(egui::Align::Center));
        let mut row = ui.new_child(builder);
        row.spacing_mut().item_spacing.x = 0.0;
        let button = |ui: &mut Ui, text: &str, name: &str, width: f32, color: Color32| {
            let text = RichText::new(text).color(color).size(theme::SECONDARY_SIZE);
            let button = Button::new(text).frame(false).min_size(vec2(width, 24.0));
            let response = ui.add(button).on_hover_text(name);
            ui.ctx()
                .accesskit_node_builder(response.id, |it| it.set_label(name));
            response.clicked()
        };
        let middle = self.view.rect.center();
        if button(&mut row, "−", "Zoom out", 30.0, theme.muted) {
            self.glide_to(self.view.zoomed(1.0 / ZOOM_STEP, middle));
        }
        let percent = format!("{:.0} %", self.view.zoom * 100.0);
        if button(&mut row, &percent, "Actual size", 54.0, theme.text) {
            self.glide_to(self.view.zoomed(1.0 / self.view.zoom, middle));
        }
        if button(&mut row, "+", "Zoom in", 30.0, theme.muted) {
            self.glide_to(self.view.zoomed(ZOOM_STEP, middle));
        }
        if button(&mut row, "?", "Legend", 30.0, theme.muted) {
            self.shows_legend = !self.shows_legend;
        }
        if self.shows_legend {
            paint_legend(ui, place.right_top() - vec2(0.0, 8.0), theme);
        }
    }
}

fn paint_box(painter: &Painter, place: Rect, theme: &Theme) {
    let radius = CornerRadius::same(CARD_RADIUS);
    let rim = Stroke::new(1.0, theme.line);
    painter.add(RectShape::new(
        place,
        radius,
        theme.panel,
        rim,
        StrokeKind::Inside,
    ));
}

const STATES: [(StateMark, &str); 6] = [
    (StateMark::Up, "Up"),
    (StateMark::Degraded, "Degraded"),
    (StateMark::Down, "Down"),
    (StateMark::Impacted, "Impacted by another"),
    (StateMark::Unknown, "Unknown"),
    (StateMark::Stale, "Not seen lately"),
];

const GLYPHS: [(Glyph, &str); 8] = [
    (Glyph::Drawn, "Breaker, drawn"),
    (Glyph::Closed, "Closed: calls pass"),
    (Glyph::Open, "Open: calls are refused"),
    (Glyph::HalfOpen, "Half-open: on trial"),
    (Glyph::ForcedOpen, "Forced open"),
    (Glyph::Disabled, "Disabled"),
    (Glyph::Unknown, "State unknown"),
    (Glyph::Missing, "No breaker on a call out"),
];

fn paint_legend(ui: &Ui, corner: Pos2, theme: &'static Theme) {
    const ROW: f32 = 22.0;
    let rows = STATES.len() + GLYPHS.len() + 3;
    let size = vec2(210.0, rows as f32 * ROW + 20.0);
    let place = Rect::from_min_max(corner - size, corner);
    paint_box(ui.painter(), place, theme);
    let mut brush = Brush::new(ui.ctx(), theme);
    let words = Type::plain(theme::ROW_SIZE, theme.text);
    let mut row = place.min + vec2(34.0, 10.0 + ROW / 2.0);
    let mut next = |brush: &mut Brush<'_>, text: &str| {
        let at = row;
        brush.text(at + vec2(26.0, 0.0), Align2::LEFT_CENTER, text, &words);
        row.y += ROW;
        at
    };
    for (mark, text) in STATES {
        let at = next(&mut brush, text);
        mark.paint(&mut brush, at, 1.0);
    }
    for (glyph, text) in GLYPHS {
        let at = next(&mut brush, text);
        let looks = (brush.theme, brush.theme.canvas);
        brush.shapes.extend(glyph.shapes(looks, at, false, 1.0));
    }
    let ends = |at: Pos2| [pos2(at.x - 16.0, at.y), pos2(at.x + 16.0, at.y)];
    let call = ends(next(&mut brush, "Call: the caller waits"));
    brush.add(egui::Shape::line_segment(
        call,
        Stroke::new(1.6, theme.edge),
    ));
    let event = ends(next(&mut brush, "Event: the caller goes on"));
    let dashes = egui::Shape::dashed_line(&event, Stroke::new(1.6, theme.event), 6.0, 4.0);
    brush.shapes.extend(dashes);
    let order = ends(next(&mut brush, "Starts after"));
    brush
        .shapes
        .extend(egui::Shape::dotted_line(&order, theme.faint, 5.0, 0.9));
    ui.painter().extend(brush.shapes);
    let id = Id::new("legend of the canvas");
    ui.ctx().accesskit_node_builder(id, |it| {
        it.set_role(egui::accesskit::Role::Group);
        it.set_label("Legend: shapes of states, breakers and lines");
    });
}
