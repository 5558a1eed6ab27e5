//! Which time the lanes show.

use egui::{Align, Layout, Ui, vec2};
use jiff::{SignedDuration, Timestamp};

use crate::ui::{
    command::{Command, Commands},
    past::{Past, Span},
    state::State,
};

/// The width from which on every span has a button of its own.
const ROOM_FOR_SPANS: f32 = 450.0;

/// How much time is shown, and where it lies; in the row of the tabs.
pub(in super::super) fn header(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let past = &state.past;
    if past.recorded().is_none() {
        return;
    }
    let now = Timestamp::now();
    let shown = past.extent(now);
    let half = SignedDuration::from_secs(past.span.duration().as_secs() / 2);
    let has_room = ui.available_width() > ROOM_FOR_SPANS;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().button_padding = vec2(7.0, 2.0);
        let is_away = past.until.is_some();
        ui.add_enabled_ui(is_away, |ui| {
            let back = ui.button("Now").on_hover_text("Show the time until now");
            if back.clicked() {
                commands.push(Command::LookBack(None));
            }
            let later = ui.button("Later");
            if later.clicked() {
                let until = shown.to.saturating_add(half).unwrap_or(now);
                commands.push(Command::ShowTime(past.span, Some(until)));
            }
        });
        if ui.button("Earlier").clicked() {
            let until = shown.to.saturating_sub(half).unwrap_or(shown.to);
            commands.push(Command::ShowTime(past.span, Some(until)));
        }
        ui.add_space(8.0);
        if has_room {
            for span in Span::ALL.into_iter().rev() {
                choice(ui, past, span, commands);
            }
        } else {
            ui.menu_button(past.span.label(), |ui| {
                for span in Span::ALL {
                    choice(ui, past, span, commands);
                }
            });
        }
    });
}

fn choice(ui: &mut Ui, past: &Past, span: Span, commands: &mut Commands) {
    let is_chosen = span == past.span;
    if ui.selectable_label(is_chosen, span.label()).clicked() {
        commands.push(Command::ShowTime(span, past.until));
    }
}
