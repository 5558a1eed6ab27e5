//! Somebody else changed the file: reload, keep mine, or look at the difference.

use egui::{Label, RichText, ScrollArea, Ui};
use similar::{ChangeTag, TextDiff};

use super::Conflict;
use crate::{
    project::to_json,
    ui::{
        command::{Command, Commands},
        state::State,
        theme::{FontKind, Theme},
        widgets::parts,
    },
};

/// Lines of a difference that are shown; more would not be read in a dialog.
const MOST_LINES: usize = 2_000;

/// Keeps the difference once it was asked for.
#[derive(Debug, Default)]
pub(super) struct ConflictQuestion {
    difference: Option<Vec<(ChangeTag, String)>>,
}

impl ConflictQuestion {
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        state: &State,
        commands: &mut Commands,
        conflict: &Conflict,
    ) {
        let file = conflict.path.display();
        parts::hint(
            ui,
            format!("Somebody else wrote {file} since it was opened here."),
        );
        if let Some(problem) = &conflict.problem {
            parts::hint(ui, format!("It cannot be read now: {problem}"));
        }
        if let Some(difference) = &self.difference {
            show(ui, difference);
        }
        ui.add_space(10.0);
        ui.horizontal_wrapped(|ui| {
            let can_reload = conflict.theirs.is_some();
            if ui
                .add_enabled(can_reload, egui::Button::new("Reload theirs"))
                .clicked()
            {
                commands.push(Command::TakeTheirs);
            }
            if ui.button("Keep mine").clicked() {
                commands.push(Command::KeepMine);
            }
            if ui.button("Save mine over it").clicked() {
                commands.push(Command::SaveAnyway);
            }
            if ui
                .add_enabled(can_reload, egui::Button::new("Show the difference"))
                .clicked()
                && let Some(theirs) = &conflict.theirs
            {
                let mine = to_json(state.document.project());
                self.difference = Some(difference(&to_json(&theirs.project), &mine));
            }
        });
    }
}

/// The lines that differ, with three around them.
fn difference(theirs: &str, mine: &str) -> Vec<(ChangeTag, String)> {
    let difference = TextDiff::from_lines(theirs, mine);
    difference
        .grouped_ops(3)
        .iter()
        .flatten()
        .flat_map(|it| difference.iter_changes(it))
        .map(|it| (it.tag(), it.value().trim_end().to_owned()))
        .take(MOST_LINES)
        .collect()
}

fn show(ui: &mut Ui, lines: &[(ChangeTag, String)]) {
    let theme = Theme::of(ui.ctx());
    parts::hint(ui, "− is only in theirs, + is only in mine.");
    ScrollArea::both()
        .max_height(320.0)
        .min_scrolled_height(320.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (tag, line) in lines {
                let (sign, ground) = match tag {
                    ChangeTag::Equal => (' ', theme.panel),
                    ChangeTag::Insert => ('+', theme.added_surface),
                    ChangeTag::Delete => ('−', theme.removed_surface),
                };
                let text = RichText::new(format!("{sign} {line}")).font(FontKind::Code.id());
                ui.add(Label::new(text.background_color(ground)).extend());
            }
            if lines.is_empty() {
                parts::hint(ui, "Both say the same.");
            }
        });
}
