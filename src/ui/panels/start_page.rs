//! Where to begin: templates, files, what was open last.

use egui::{Align, Button, Frame, Label, Layout, RichText, ScrollArea, Ui, vec2};

use crate::ui::{
    action::Action,
    command::{Command, Commands},
    icon,
    state::State,
    templates,
    theme::{CARD_NAME_SIZE, SECONDARY_SIZE, Theme, medium, semibold},
    widgets::parts,
};

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space((ui.available_height() * 0.12).max(16.0));
            let theme = Theme::of(ui.ctx());
            let (rect, _) = ui.allocate_exact_size(vec2(56.0, 56.0), egui::Sense::hover());
            icon::paint(ui.painter(), rect, theme.accent, theme.canvas);
            ui.add_space(8.0);
            ui.label(RichText::new("Meshboard").family(semibold()).size(22.0));
            parts::hint(
                ui,
                "Draw a microservice topology, judge it, export it, watch it.",
            );
            ui.add_space(20.0);
            let width = 560.0_f32.min(ui.available_width() - 32.0);
            ui.allocate_ui_with_layout(vec2(width, 10.0), Layout::top_down(Align::Min), |ui| {
                Frame::new().show(ui, |ui| choices(ui, state, commands));
            });
        });
    });
}

/// Everything one can begin with; also the dialog `New`.
pub(in crate::ui) fn choices(ui: &mut Ui, state: &State, commands: &mut Commands) {
    parts::heading(ui, "Start from");
    for template in templates::ALL {
        if choice(ui, template.name, template.summary) {
            commands.push(Command::NewFromTemplate(template.name));
        }
    }
    ui.add_space(10.0);
    parts::heading(ui, "Or from a file");
    for (action, summary) in [
        (Action::Open, "A project, NAME.meshboard.json"),
        (
            Action::Import,
            "A compose file, or another that describes services; or drop it here",
        ),
    ] {
        if choice(ui, action.info().label, summary) {
            commands.act(action);
        }
    }
    if state.settings.recent.is_empty() {
        return;
    }
    ui.add_space(10.0);
    parts::heading(ui, "Recent files");
    for path in &state.settings.recent {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().unwrap_or(path).display().to_string();
        if choice(ui, &name, &folder) {
            commands.push(Command::OpenPath(path.clone()));
        }
    }
}

/// A row with a name and what it is; whether it was chosen.
fn choice(ui: &mut Ui, title: &str, summary: &str) -> bool {
    /// Names stand in one column, unless one is longer.
    const NAMES: f32 = 112.0;
    let theme = Theme::of(ui.ctx());
    ui.horizontal(|ui| {
        let left = ui.cursor().left();
        let text = RichText::new(title)
            .family(medium())
            .size(CARD_NAME_SIZE)
            .color(theme.accent);
        let response = ui.add(Button::new(text).frame(false));
        let taken = ui.cursor().left() - left;
        ui.add_space((NAMES - taken).max(0.0));
        let text = RichText::new(summary)
            .size(SECONDARY_SIZE)
            .color(theme.muted);
        ui.add(Label::new(text).truncate());
        response.clicked()
    })
    .inner
}
