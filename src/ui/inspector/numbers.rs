//! What follows from the numbers of a call.

use egui::Ui;

use crate::{
    model::{Dependency, DependencyId},
    ui::{
        state::State,
        theme::Theme,
        widgets::{parts::key_value, words::duration_ms},
    },
};

/// The worst case of a call and what it means for who needs it.
pub(super) fn dependency(ui: &mut Ui, _state: &State, _id: &DependencyId, it: &Dependency) {
    let theme = Theme::of(ui.ctx());
    match it.worst_case_ms() {
        Some(millis) => key_value(
            ui,
            "Worst case of this call",
            &duration_ms(millis),
            theme.text,
        ),
        None => key_value(ui, "Worst case of this call", "∞", theme.down),
    }
    key_value(ui, "Attempts", &it.attempts().to_string(), theme.text);
}
