//! Short messages above the status bar; errors stay until they are closed.

use egui::{Align2, Area, Frame, Id, Label, Margin, Order, RichText, Ui, vec2};

use crate::ui::{
    command::{Command, Commands},
    state::{Notice, State},
    theme::{CARD_RADIUS, ROW_SIZE, STATUS_BAR_HEIGHT, Theme, medium},
    widgets::{glyph::Glyph, state_shape::StateShape},
};

/// Seconds for which a message that is no error is shown.
const SHOWN_SECONDS: f64 = 6.0;
/// More than this many would hide the canvas.
const MOST: usize = 4;

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let ctx = ui.ctx().clone();
    let last = state.notices.iter().rev().take(MOST);
    let mut y = -(STATUS_BAR_HEIGHT + 12.0);
    for notice in last {
        let response = Area::new(Id::new(("notice", notice.number)))
            .anchor(Align2::CENTER_BOTTOM, vec2(0.0, y))
            .order(Order::Foreground)
            .show(&ctx, |ui| draw(ui, notice, commands))
            .response;
        y -= response.rect.height() + 8.0;
        // What has several lines takes a while to read.
        if !notice.is_error && !notice.text.contains('\n') {
            expire(ui, notice, commands);
        }
    }
}

fn expire(ui: &Ui, notice: &Notice, commands: &mut Commands) {
    let now = ui.input(|it| it.time);
    let id = Id::new(("notice since", notice.number));
    let since = ui.data_mut(|it| *it.get_temp_mut_or(id, now));
    let left = since + SHOWN_SECONDS - now;
    if left <= 0.0 {
        commands.push(Command::CloseNotice(notice.number));
    } else {
        let left = std::time::Duration::from_secs_f64(left);
        ui.ctx().request_repaint_after(left);
    }
}

fn draw(ui: &mut Ui, notice: &Notice, commands: &mut Commands) {
    let theme = Theme::of(ui.ctx());
    let line = if notice.is_error {
        theme.down
    } else {
        theme.line
    };
    Frame::popup(ui.style())
        .fill(theme.card)
        .stroke(egui::Stroke::new(1.0, line))
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::symmetric(14, 8))
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                if notice.is_error {
                    StateShape::Down.ui(ui);
                }
                ui.vertical(|ui| {
                    ui.set_max_width(520.0);
                    ui.spacing_mut().item_spacing.y = 2.0;
                    let mut lines = notice.text.lines();
                    let first = lines.next().unwrap_or_default();
                    let first = RichText::new(upper_first(first)).family(medium());
                    ui.add(Label::new(first).wrap());
                    for line in lines {
                        let text = RichText::new(line.trim()).size(ROW_SIZE).color(theme.muted);
                        ui.add(Label::new(text).wrap());
                    }
                });
                if Glyph::Cross.button(ui, "Close message").clicked() {
                    commands.push(Command::CloseNotice(notice.number));
                }
            });
        });
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
