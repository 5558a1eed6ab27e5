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

/// A row that is filled from the right.
pub(in crate::ui) fn from_right<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let layout = Layout::right_to_left(Align::Center);
    ui.horizontal(|ui| ui.with_layout(layout, contents).inner)
        .inner
}

/// A box that is ticked or not, with a text beside it.
pub(in crate::ui) fn check(ui: &mut Ui, is_on: &mut bool, text: RichText) -> Response {
    let theme = Theme::of(ui.ctx());
    let said = text.text().to_owned();
    let galley = egui::WidgetText::from(text).into_galley(
        ui,
        Some(egui::TextWrapMode::Truncate),
        (ui.available_width() - 24.0).max(8.0),
        egui::TextStyle::Body,
    );
    let size = vec2(22.0 + galley.size().x, galley.size().y.max(20.0));
    let (rect, mut response) = ui.allocate_exact_size(size, Sense::click());
    if response.clicked() {
        *is_on = !*is_on;
        response.mark_changed();
    }
    let square =
        egui::Rect::from_center_size(pos2(rect.left() + 8.0, rect.center().y), vec2(14.0, 14.0));
    let color = if ui.is_enabled() {
        theme.accent
    } else {
        theme.line
    };
    if *is_on {
        ui.painter().rect_filled(square, 4, color);
        let tick = [vec2(-3.5, 0.0), vec2(-1.0, 2.8), vec2(3.8, -3.0)];
        let tick = tick.map(|it| square.center() + it).to_vec();
        let stroke = Stroke::new(1.8, theme.on_accent);
        ui.painter().add(egui::Shape::line(tick, stroke));
    } else {
        let line = if response.hovered() {
            theme.accent
        } else {
            theme.faint
        };
        let stroke = Stroke::new(1.0, line);
        ui.painter()
            .rect(square, 4, theme.field, stroke, StrokeKind::Inside);
    }
    focus_ring(ui, &response);
    let at = pos2(rect.left() + 22.0, rect.center().y - galley.size().y / 2.0);
    let tone = if ui.is_enabled() {
        theme.text
    } else {
        theme.muted
    };
    ui.painter().galley(at, galley, tone);
    response
        .widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, ui.is_enabled(), *is_on, &said));
    response
}

/// A switch that is on or off.
pub(in crate::ui) fn toggle(ui: &mut Ui, is_on: &mut bool) -> Response {
    let theme = Theme::of(ui.ctx());
    let (rect, mut response) = ui.allocate_exact_size(vec2(34.0, 18.0), Sense::click());
    if response.clicked() {
        *is_on = !*is_on;
        response.mark_changed();
    }
    let (ground, knob) = if *is_on {
        (theme.accent, theme.on_accent)
    } else {
        (theme.field, theme.muted)
    };
    let line = if *is_on || response.hovered() {
        theme.accent
    } else {
        theme.faint
    };
    let stroke = Stroke::new(1.0, line);
    ui.painter()
        .rect(rect, 9, ground, stroke, StrokeKind::Inside);
    let x = if *is_on {
        rect.right() - 9.0
    } else {
        rect.left() + 9.0
    };
    ui.painter()
        .circle_filled(pos2(x, rect.center().y), 5.5, knob);
    focus_ring(ui, &response);
    response
        .widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, ui.is_enabled(), *is_on, ""));
    response
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

/// A row of a list, as high as its text: rows of controls are higher.
pub(in crate::ui) fn row(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        ui.horizontal(contents).response
    })
    .inner
}

/// A name at the left and a value at the right.
pub(in crate::ui) fn key_value(ui: &mut Ui, key: &str, value: &str, color: Color32) {
    row(ui, |ui| {
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
        .stroke(Stroke::NONE);
    ui.add_sized(vec2(ui.available_width(), 30.0), button)
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
    let layout = Layout::left_to_right(Align::Center);
    let mut row = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    row.spacing_mut().interact_size.y = rect.height().min(20.0);
    row
}
