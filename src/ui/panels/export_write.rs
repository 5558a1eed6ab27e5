//! The button that writes, and how far the writing is.

use egui::{Button, ProgressBar, RichText, Ui, vec2};

use crate::ui::{
    action::Action,
    command::{Command, Commands},
    exports::{Choice, Choosing, Exports, FileFate, PlannedFile},
    state::State,
    theme::{SECONDARY_SIZE, Theme, semibold},
    widgets::{parts, words::counted},
};

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let exports = &state.exports;
    if let Some((done, total)) = exports.progress {
        progress(ui, done, total, commands);
        return;
    }
    let to_merge = to_merge(exports);
    if !to_merge.is_empty() {
        let files = counted(to_merge.len(), "edited file", "edited files");
        if parts::offer(ui, &format!("Merge {files}")).clicked() {
            for file in to_merge {
                let choosing = Choosing::Edits(file.path.clone(), Choice::Merged);
                commands.push(Command::Choose(choosing));
            }
        }
        ui.add_space(4.0);
    }
    write(ui, exports, commands);
}

/// Edited files whose edits and the new export go together, and that stay as they are.
fn to_merge(exports: &Exports) -> Vec<&PlannedFile> {
    let files = exports.plan.iter().flat_map(|it| it.files());
    let files = files.map(|(_, file)| file);
    files
        .filter(|it| it.fate == FileFate::Merge && exports.choice(&it.path) == Choice::Mine)
        .collect()
}

fn write(ui: &mut Ui, exports: &Exports, commands: &mut Commands) {
    let plan = exports.plan.as_ref();
    let chosen = plan.iter().flat_map(|it| it.to_write(exports));
    let (removed, written): (Vec<_>, Vec<_>) = chosen.partition(|it| it.fate == FileFate::Orphan);
    let mut text = format!("Write {}", counted(written.len(), "file", "files"));
    if !removed.is_empty() {
        text = format!("{text}, remove {}", removed.len());
    }
    let is_enabled = written.len() + removed.len() > 0 && !exports.is_busy;
    let theme = Theme::of(ui.ctx());
    let (color, fill) = if is_enabled {
        (theme.on_accent, theme.accent)
    } else {
        (theme.muted, theme.field)
    };
    let label = RichText::new(text).family(semibold()).color(color);
    let button = Button::new(label).fill(fill);
    let size = vec2(ui.available_width(), 30.0);
    let response = ui.add_enabled_ui(is_enabled, |ui| ui.add_sized(size, button));
    if response.inner.clicked() {
        commands.act(Action::WriteFiles);
    }
}

/// How many files are ready; each is put in place only once all are.
fn progress(ui: &mut Ui, done: usize, total: usize, commands: &mut Commands) {
    let theme = Theme::of(ui.ctx());
    parts::from_right(ui, |ui| {
        if parts::small_button(ui, "Stop").clicked() {
            commands.push(Command::Choose(Choosing::Stop));
        }
        let share = done as f32 / total.max(1) as f32;
        let text = RichText::new(format!("Writing {done} of {total}"))
            .size(SECONDARY_SIZE)
            .color(theme.text);
        let bar = ProgressBar::new(share)
            .desired_height(20.0)
            .fill(theme.accent_surface)
            .text(text);
        ui.add(bar);
    });
}
