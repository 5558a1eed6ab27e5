//! Questions that want an answer before anything else.

mod conflict;
mod dismiss;
mod help;
mod palette;
mod path;
mod questions;

use std::path::PathBuf;

use egui::{Frame, Id, Margin, Modal, RichText, Ui};

use super::{
    command::{Command, Commands, Purpose},
    panels::start_choices,
    state::State,
    theme::{FRAME_RADIUS, Theme, semibold},
};
#[cfg(test)]
pub(super) use palette::entries;

use crate::project::{Opened, Recovered};

/// A dialog.
#[derive(Debug)]
pub enum Dialog {
    /// What to begin with.
    New,
    /// A path, typed.
    Path(Purpose),
    /// What to do with unsaved work.
    Unsaved,
    /// Somebody else changed the file.
    ChangedOnDisk(Conflict),
    /// Work of earlier runs that was not saved.
    Recovered(Vec<Recovered>),
    /// Whether these hosts may be polled.
    Consent(Vec<String>),
    /// Who accepts a finding, why and until when.
    Dismiss(Dismissing),
    /// Everything one can do, and everything there is.
    Palette,
    /// The keys.
    Shortcuts,
    /// What this program is.
    About,
}

/// A file that somebody else changed.
#[derive(Debug)]
pub struct Conflict {
    /// The file.
    pub path: PathBuf,
    /// What it says now, if it can be read.
    pub theirs: Option<Box<Opened>>,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

/// A finding that is about to be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dismissing {
    /// The rule's code.
    pub rule: String,
    /// What it is about.
    pub subjects: Vec<String>,
    /// What was found.
    pub message: String,
}

/// What dialogs keep of their own: text that is being typed.
#[derive(Debug)]
pub(super) struct Dialogs {
    palette: palette::Palette,
    path: path::PathQuestion,
    dismiss: dismiss::DismissQuestion,
    conflict: conflict::ConflictQuestion,
    /// Whether the desktop's own file dialogs are used.
    pub(super) uses_desktop: bool,
}

impl Default for Dialogs {
    fn default() -> Self {
        Self {
            palette: palette::Palette::default(),
            path: path::PathQuestion::default(),
            dismiss: dismiss::DismissQuestion::default(),
            conflict: conflict::ConflictQuestion::default(),
            uses_desktop: !cfg!(test),
        }
    }
}

impl Dialogs {
    pub(super) fn ui(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let Some(dialog) = &state.dialog else {
            *self = Self {
                uses_desktop: self.uses_desktop,
                ..Self::default()
            };
            return;
        };
        if matches!(dialog, Dialog::Palette) {
            self.palette.ui(ui, state, commands);
            return;
        }
        let (title, width) = match dialog {
            Dialog::New => ("New", 560.0),
            Dialog::Path(purpose) => (purpose.title(), 520.0),
            Dialog::Unsaved => ("There is unsaved work", 420.0),
            Dialog::ChangedOnDisk(_) => ("The file changed on disk", 620.0),
            Dialog::Recovered(_) => ("Work that was not saved", 520.0),
            Dialog::Consent(_) => ("May these hosts be polled?", 480.0),
            Dialog::Dismiss(_) => ("Dismiss a finding", 480.0),
            Dialog::Palette => ("", 0.0),
            Dialog::Shortcuts => ("Keyboard shortcuts", 620.0),
            Dialog::About => ("About Meshboard", 420.0),
        };
        modal(ui, commands, (title, width), |ui, commands| match dialog {
            Dialog::New => start_choices(ui, state, commands),
            Dialog::Path(purpose) => self.path.ui(ui, state, commands, *purpose),
            Dialog::Unsaved => questions::unsaved(ui, state, commands),
            Dialog::ChangedOnDisk(it) => self.conflict.ui(ui, state, commands, it),
            Dialog::Recovered(offers) => questions::recovered(ui, commands, offers),
            Dialog::Consent(hosts) => questions::consent(ui, state, commands, hosts),
            Dialog::Dismiss(it) => self.dismiss.ui(ui, state, commands, it),
            Dialog::Palette => {}
            Dialog::Shortcuts => help::shortcuts(ui),
            Dialog::About => help::about(ui),
        });
    }
}

/// A dialog in the middle; a click beside it closes it, as Escape does.
fn modal(
    ui: &Ui,
    commands: &mut Commands,
    (title, width): (&str, f32),
    contents: impl FnOnce(&mut Ui, &mut Commands),
) {
    let ctx = ui.ctx().clone();
    let frame = Frame::popup(ui.style())
        .inner_margin(Margin::symmetric(20, 16))
        .corner_radius(FRAME_RADIUS)
        .fill(Theme::of(&ctx).panel);
    let response = Modal::new(Id::new("dialog")).frame(frame).show(&ctx, |ui| {
        ui.set_width(width.min(ctx.content_rect().width() - 80.0));
        ui.label(RichText::new(title).family(semibold()).size(16.0));
        ui.add_space(6.0);
        let most = (ctx.content_rect().height() - 160.0).max(120.0);
        egui::ScrollArea::vertical()
            .max_height(most)
            // An area is never offered more room than it had in the frame before.
            .min_scrolled_height(most)
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                contents(ui, commands);
            });
    });
    let is_beside = response.backdrop_response.clicked() && !response.any_popup_open;
    if is_beside {
        commands.push(Command::CloseDialog);
    }
}
