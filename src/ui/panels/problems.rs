//! What is wrong, the worst first, each with what can be done about it.

use std::collections::BTreeSet;

use egui::{
    Align, Align2, Frame, Label, Layout, Margin, RichText, ScrollArea, Sense, Ui, WidgetInfo,
    WidgetType, pos2, vec2,
};

use crate::{
    rules::{self, Finding},
    ui::{
        command::{Command, Commands},
        dialogs::{Dialog, Dismissing},
        state::State,
        theme::{FontKind, PANEL_PADDING, ROW_SIZE, SECONDARY_SIZE, Theme, semibold},
        widgets::{glyph::Glyph, lists::name, parts, state_shape::StateShape},
    },
};

/// Rows shown at first and with each further step; more at once would only be scrolled past.
const STEP: usize = 200;

/// Keeps what is open.
#[derive(Debug)]
pub(super) struct Problems {
    /// The findings whose rule is explained, by code and subjects.
    explained: BTreeSet<String>,
    shows_dismissed: bool,
    limit: usize,
}

impl Default for Problems {
    fn default() -> Self {
        Self {
            explained: BTreeSet::new(),
            shows_dismissed: false,
            limit: STEP,
        }
    }
}

impl Problems {
    /// The switch beside the tabs that shows what was dismissed.
    pub(super) fn switch(&mut self, ui: &mut Ui, state: &State) {
        let dismissed = &state.judgement.dismissed;
        if dismissed.is_empty() {
            return;
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = format!("Show {} dismissed", dismissed.len());
            parts::check(
                ui,
                &mut self.shows_dismissed,
                RichText::new(text).size(SECONDARY_SIZE),
            );
        });
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let judgement = &state.judgement;
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            ui.add_space(2.0);
            if judgement.findings.is_empty() {
                Frame::new()
                    .inner_margin(Margin::symmetric(16, 0))
                    .show(ui, |ui| {
                        nothing(ui, state);
                    });
            }
            for finding in judgement.findings.iter().take(self.limit) {
                self.finding(ui, state, commands, finding);
            }
            let rest = judgement.findings.len().saturating_sub(self.limit);
            if rest > 0 && parts::link(ui, &format!("Show more of {rest}")).clicked() {
                self.limit += STEP;
            }
            if self.shows_dismissed {
                dismissed(ui, state, commands);
            }
        });
    }

    fn finding(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands, finding: &Finding) {
        let key = key(finding);
        let is_explained = self.explained.contains(&key);
        let is_selected = finding
            .subjects
            .first()
            .is_some_and(|it| state.selection.contains(it));
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
        let response = ui.interact(rect, ui.id().with(&key), Sense::click());
        let theme = Theme::of(ui.ctx());
        let ground = rect.shrink2(vec2(5.0, 0.0));
        if is_selected {
            ui.painter().rect_filled(ground, 5, theme.accent_surface);
        } else if response.hovered() {
            ui.painter()
                .rect_filled(ground, 5, ui.visuals().faint_bg_color);
        }
        parts::focus_ring(ui, &response);
        StateShape::of_severity(finding.severity).paint(
            ui.painter(),
            pos2(rect.left() + 19.0, rect.center().y),
            theme,
        );
        ui.painter().text(
            pos2(rect.left() + 33.0, rect.center().y),
            Align2::LEFT_CENTER,
            finding.rule.code,
            egui::FontId::new(SECONDARY_SIZE, semibold()),
            theme.muted,
        );
        let inner = rect
            .with_min_x(rect.left() + 70.0)
            .with_max_x(rect.right() - 8.0);
        let mut row = parts::row_in(ui, inner);
        row.with_layout(Layout::right_to_left(Align::Center), |ui| {
            self.buttons(ui, commands, finding, &key);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = RichText::new(&finding.message).size(ROW_SIZE);
                ui.add(Label::new(text).truncate().selectable(false));
            });
        });
        response.widget_info(|| {
            let severity = finding.severity.label();
            let text = format!("{severity} {}: {}", finding.rule.code, finding.message);
            WidgetInfo::selected(WidgetType::SelectableLabel, true, is_selected, text)
        });
        if response.clicked()
            && let Some(subject) = finding.subjects.first()
        {
            commands.push(Command::Reveal(subject.clone()));
        }
        if is_explained {
            explanation(ui, finding);
        }
    }

    fn buttons(&mut self, ui: &mut Ui, commands: &mut Commands, finding: &Finding, key: &str) {
        ui.spacing_mut().item_spacing.x = 4.0;
        let is_explained = self.explained.contains(key);
        let (glyph, label) = if is_explained {
            (Glyph::Down, "Hide why")
        } else {
            (Glyph::Right, "Why")
        };
        let label = format!("{label}: {}", finding.message);
        if glyph.button(ui, &label).clicked() && !self.explained.remove(key) {
            self.explained.insert(key.to_owned());
        }
        if Glyph::Cross
            .button(ui, &format!("Dismiss: {}", finding.message))
            .clicked()
        {
            commands.push(Command::Ask(Dialog::Dismiss(Dismissing {
                rule: finding.rule.code.to_owned(),
                subjects: finding
                    .subjects
                    .iter()
                    .map(|it| it.as_str().to_owned())
                    .collect(),
                message: finding.message.clone(),
            })));
        }
        for fix in finding.fixes.iter().rev().take(2) {
            let button = parts::small_button(ui, &fix.label);
            // Several findings may offer the same.
            name(ui, &button, &format!("{}: {}", fix.label, finding.message));
            if button.clicked() {
                commands.edit(fix.edit.clone());
            }
        }
    }
}

/// Tells findings apart.
fn key(finding: &Finding) -> String {
    let subjects: Vec<_> = finding
        .subjects
        .iter()
        .map(crate::model::ElementId::as_str)
        .collect();
    format!(
        "{} {} {}",
        finding.rule.code,
        subjects.join(" "),
        finding.message
    )
}

fn nothing(ui: &mut Ui, state: &State) {
    if state.judgement.revision.is_none() {
        parts::hint(ui, "Judging…");
    } else if state.document.project().model.services.is_empty() {
        parts::empty(
            ui,
            "Nothing to judge yet",
            "What is wrong with the design appears here while you draw it.",
        );
    } else {
        parts::empty(
            ui,
            "No problems found",
            "Every rule agrees with what the design says.",
        );
    }
}

fn explanation(ui: &mut Ui, finding: &Finding) {
    let theme = Theme::of(ui.ctx());
    let margin = Margin {
        left: 70,
        right: PANEL_PADDING as i8,
        top: 0,
        bottom: 6,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.add(Label::new(RichText::new(&finding.message).size(ROW_SIZE)).wrap());
        let text = RichText::new(finding.rule.explanation)
            .size(ROW_SIZE)
            .color(theme.muted);
        ui.add(Label::new(text).wrap());
        let source = format!("{} · {}", finding.rule.name, finding.rule.source);
        let source = RichText::new(source)
            .font(FontKind::Secondary.id())
            .color(theme.muted);
        ui.add(Label::new(source).wrap());
    });
}

/// What was looked at and accepted, with a way back.
fn dismissed(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let governance = &state.document.project().model.governance;
    for finding in &state.judgement.dismissed {
        let Some(dismissal) = &finding.dismissal else {
            continue;
        };
        let end = if dismissal.until.is_empty() {
            String::new()
        } else {
            format!(" until {}", dismissal.until)
        };
        let margin = Margin {
            left: 19,
            right: 8,
            top: 0,
            bottom: 0,
        };
        let text = format!(
            "{} {} — {} ({}{end})",
            finding.rule.code, finding.message, dismissal.reason, dismissal.by
        );
        Frame::new().inner_margin(margin).show(ui, |ui| {
            parts::from_right(ui, |ui| {
                if parts::small_button(ui, "Take back").clicked() {
                    commands.edit(rules::restore(governance, finding));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let color = Theme::of(ui.ctx()).muted;
                    let text = RichText::new(text).size(ROW_SIZE).color(color);
                    ui.add(Label::new(text).truncate());
                });
            });
        });
    }
}
