//! Headings, rows, tabs, buttons: the parts every panel is made of.

use egui::{
    Align, Align2, Button, Color32, FontId, Label, Layout, Response, RichText, Sense, Stroke,
    StrokeKind, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2,
};

use crate::ui::theme::{BODY_SIZE, CARD_RADIUS, ROW_SIZE, SECONDARY_SIZE, Theme, medium, semibold};

/// A line across the whole panel, with space around it.
pub(in crate::ui) fn rule(ui: &mut Ui) {
    ui.add_space(8.0);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter()
        .rect_filled(rect, 0.0, Theme::of(ui.ctx()).line);
    ui.add_space(8.0);
}

/// The heading of a section.
pub(in crate::ui) fn heading(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).family(semibold()).size(BODY_SIZE))
}

/// A sentence that explains, in small.
pub(in crate::ui) fn hint(ui: &mut Ui, text: impl Into<String>) -> Response {
    let color = Theme::of(ui.ctx()).muted;
    ui.add(Label::new(RichText::new(text).size(SECONDARY_SIZE).color(color)).wrap())
}

/// A name at the left and a value at the right.
pub(in crate::ui) fn key_value(ui: &mut Ui, key: &str, value: &str, color: Color32) {
    ui.horizontal(|ui| {
        let muted = Theme::of(ui.ctx()).muted;
        let value = RichText::new(value)
            .size(ROW_SIZE)
            .family(semibold())
            .color(color);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(value);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(RichText::new(key).size(ROW_SIZE).color(muted)).truncate());
            });
        });
    });
}

/// A heading at the left and a remark at the right.
pub(in crate::ui) fn heading_with(ui: &mut Ui, text: &str, remark: &str) {
    ui.horizontal(|ui| {
        let muted = Theme::of(ui.ctx()).muted;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(RichText::new(remark).size(SECONDARY_SIZE).color(muted));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = RichText::new(text).family(semibold()).size(13.0);
                ui.add(Label::new(text).truncate());
            });
        });
    });
}

/// A button without a frame, such as `Change…`.
pub(in crate::ui) fn link(ui: &mut Ui, text: &str) -> Response {
    let accent = Theme::of(ui.ctx()).accent;
    let text = RichText::new(text)
        .size(ROW_SIZE)
        .family(medium())
        .color(accent);
    ui.add(Button::new(text).frame(false))
}

/// A small framed button with a text in the accent, such as a fix.
pub(in crate::ui) fn small_button(ui: &mut Ui, text: &str) -> Response {
    let theme = Theme::of(ui.ctx());
    let text = RichText::new(text)
        .size(SECONDARY_SIZE)
        .family(medium())
        .color(theme.accent);
    ui.add(
        Button::new(text)
            .fill(theme.field)
            .stroke(Stroke::new(1.0, theme.line))
            .corner_radius(5)
            .min_size(vec2(0.0, 20.0)),
    )
}

/// The button that does what a panel or dialog is for.
pub(in crate::ui) fn primary_button(ui: &mut Ui, is_enabled: bool, text: &str) -> Response {
    let theme = Theme::of(ui.ctx());
    let text = RichText::new(text)
        .family(semibold())
        .color(theme.on_accent);
    let button = Button::new(text)
        .fill(theme.accent)
        .min_size(vec2(96.0, 30.0));
    ui.add_enabled(is_enabled, button)
}

/// A button that offers something, over the whole width.
pub(in crate::ui) fn offer(ui: &mut Ui, text: &str) -> Response {
    let theme = Theme::of(ui.ctx());
    let text = RichText::new(text)
        .family(semibold())
        .size(ROW_SIZE)
        .color(theme.accent);
    let button = Button::new(text)
        .fill(theme.accent_surface)
        .stroke(Stroke::NONE)
        .min_size(vec2(ui.available_width(), 30.0));
    ui.add(button)
}

/// A row of tabs; returns the one that was chosen now.
pub(in crate::ui) fn tabs<Tab: Copy + PartialEq>(
    ui: &mut Ui,
    shown: Tab,
    tabs: &[(Tab, String)],
) -> Option<Tab> {
    let theme = Theme::of(ui.ctx());
    let mut chosen = None;
    ui.spacing_mut().item_spacing.x = 26.0;
    for (tab, label) in tabs {
        let is_shown = *tab == shown;
        let family = if is_shown { semibold() } else { medium() };
        let font = FontId::new(BODY_SIZE, family);
        let color = if is_shown { theme.text } else { theme.muted };
        let galley = ui.painter().layout_no_wrap(label.clone(), font, color);
        let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, 28.0), Sense::click());
        response.widget_info(|| {
            WidgetInfo::selected(WidgetType::SelectableLabel, true, is_shown, label)
        });
        let color = if response.hovered() {
            theme.text
        } else {
            color
        };
        let at = pos2(rect.left(), rect.center().y - galley.size().y / 2.0);
        ui.painter()
            .galley_with_override_text_color(at, galley, color);
        if is_shown {
            let line = rect.with_min_y(rect.bottom() - 2.0);
            ui.painter().rect_filled(line, 0.0, theme.accent);
        }
        focus_ring(ui, &response);
        if response.clicked() {
            chosen = Some(*tab);
        }
    }
    chosen
}

/// Shows that a painted part has the keyboard.
pub(in crate::ui) fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let stroke = Stroke::new(1.5, Theme::of(ui.ctx()).accent);
        let rect = response.rect.expand2(vec2(3.0, 0.0));
        ui.painter()
            .rect_stroke(rect, 4, stroke, StrokeKind::Inside);
    }
}

/// A tile with a technology's mark, 34 points wide.
pub(in crate::ui) fn tile(ui: &mut Ui, mark: &str) {
    let theme = Theme::of(ui.ctx());
    let (rect, _) = ui.allocate_exact_size(vec2(34.0, 34.0), Sense::hover());
    ui.painter()
        .rect_filled(rect, CARD_RADIUS, theme.accent_surface);
    let font = FontId::new(13.0, semibold());
    ui.painter().text(
        rect.center(),
        Align2::CENTER_CENTER,
        mark,
        font,
        theme.accent,
    );
}

/// What an empty panel says: what would be here and the first step.
pub(in crate::ui) fn empty(ui: &mut Ui, title: &str, text: &str) {
    ui.add_space(16.0);
    ui.label(RichText::new(title).family(medium()));
    hint(ui, text);
}

/// A child that takes the whole rectangle, laid out from left to right.
pub(in crate::ui) fn row_in(ui: &mut Ui, rect: egui::Rect) -> Ui {
    ui.new_child(
        UiBuilder::new()
            .max_rect(rect)
            .layout(Layout::left_to_right(Align::Center)),
    )
}
