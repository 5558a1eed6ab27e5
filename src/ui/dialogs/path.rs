//! A path, typed: for desktops without file dialogs of their own.

use std::path::PathBuf;

use egui::{Key, Ui};

use crate::{
    project::FILE_SUFFIX,
    ui::{
        command::{Command, Commands, Purpose},
        state::State,
        widgets::{fields::line, lists::name, parts},
    },
};

/// Keeps what is typed.
#[derive(Debug, Default)]
pub(super) struct PathQuestion {
    text: Option<String>,
}

impl PathQuestion {
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        state: &State,
        commands: &mut Commands,
        purpose: Purpose,
    ) {
        let is_first = self.text.is_none();
        let text = self.text.get_or_insert_with(|| suggestion(state, purpose));
        parts::hint(ui, "This desktop offers no file dialog, so write the path:");
        ui.add_space(4.0);
        let response = ui.add(line(text, "/home/me/shop.meshboard.json"));
        name(ui, &response, "Path");
        if is_first {
            response.request_focus();
        }
        let path = expand(text.trim());
        let is_entered = response.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter));
        ui.add_space(10.0);
        ui.horizontal(|ui| {
            let is_clicked = parts::primary_button(ui, path.is_some(), "Continue").clicked();
            if ui.button("Cancel").clicked() {
                commands.push(Command::CloseDialog);
            }
            if let Some(path) = path.filter(|_| is_clicked || is_entered) {
                // Unsaved work may still wait for this answer, so the dialog is not cancelled.
                let answer = Command::Picked(purpose, Some(path), std::time::Duration::MAX);
                commands.push(answer);
            }
        });
    }
}

fn suggestion(state: &State, purpose: Purpose) -> String {
    let folder = std::env::current_dir().unwrap_or_default();
    let path = match (purpose, &state.path) {
        (Purpose::Save, Some(path)) => path.clone(),
        (Purpose::Save, None) => folder.join(format!("untitled{FILE_SUFFIX}")),
        (Purpose::ExportFolder, Some(path)) => path.with_file_name("deploy"),
        (Purpose::ExportFolder, None) => folder.join("deploy"),
        (Purpose::Open | Purpose::Import, _) => folder.join(""),
    };
    path.display().to_string()
}

/// A path with `~` for the home folder; `None` for nothing.
fn expand(text: &str) -> Option<PathBuf> {
    if text.is_empty() {
        return None;
    }
    match text.strip_prefix("~/") {
        Some(rest) => {
            let folders = directories::BaseDirs::new()?;
            Some(folders.home_dir().join(rest))
        }
        None => Some(PathBuf::from(text)),
    }
}
