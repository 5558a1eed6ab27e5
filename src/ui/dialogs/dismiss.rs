//! Accepting a finding: who, why and until when.

use egui::Ui;

use super::Dismissing;
use crate::{
    model::Dismissal,
    rules,
    ui::{
        command::{Command, Commands},
        state::State,
        widgets::{fields::Form, parts},
    },
};

/// Keeps what is typed.
#[derive(Debug, Default)]
pub(super) struct DismissQuestion {
    by: String,
    reason: String,
    until: String,
    is_everywhere: bool,
}

impl DismissQuestion {
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        state: &State,
        commands: &mut Commands,
        about: &Dismissing,
    ) {
        parts::hint(ui, format!("{}: {}", about.rule, about.message));
        ui.add_space(6.0);
        let mut form = Form::new(ui, commands);
        form.text("Who", &mut self.by, "your name");
        form.long_text("Why", &mut self.reason, "what makes it right here");
        form.text(
            "Until",
            &mut self.until,
            "for good, or a day such as 2027-03-31",
        );
        form.switch("For every element", &mut self.is_everywhere);
        let day = self.until.trim();
        let is_day = day.is_empty() || day.parse::<jiff::civil::Date>().is_ok();
        if !is_day {
            parts::hint(ui, "A day is written as 2027-03-31.");
        }
        let is_complete = is_day && !self.by.trim().is_empty() && !self.reason.trim().is_empty();
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            if parts::primary_button(ui, is_complete, "Dismiss").clicked() {
                let governance = &state.document.project().model.governance;
                let dismissal = Dismissal {
                    rule: about.rule.clone(),
                    subjects: if self.is_everywhere {
                        Vec::new()
                    } else {
                        about.subjects.clone()
                    },
                    by: self.by.trim().to_owned(),
                    reason: self.reason.trim().to_owned(),
                    until: day.to_owned(),
                };
                commands.push(Command::CloseDialog);
                commands.edit(rules::dismiss(governance, dismissal));
            }
            if ui.button("Cancel").clicked() {
                commands.push(Command::CloseDialog);
            }
        });
    }
}
