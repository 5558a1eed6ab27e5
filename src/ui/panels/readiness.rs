//! How far the design is with the seven practices, and what is left of each.

use egui::{Frame, Label, Margin, RichText, ScrollArea, Sense, Ui, vec2};

use crate::{
    rules::{self, Group, Missing, Practice},
    ui::{
        command::{Command, Commands},
        state::State,
        theme::{PANEL_PADDING, ROW_SIZE, Theme},
        widgets::parts,
    },
};

/// So much of what is missing is listed for a practice.
const MOST_MISSING: usize = 4;

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let practices = &state.judgement.practices;
    let margin = Margin::symmetric(PANEL_PADDING as i8, 14);
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let score = rules::score(practices);
            let score = score.map_or_else(|| "—".to_owned(), |it| format!("{it} %"));
            parts::heading_with(ui, "Readiness", &score);
            parts::hint(
                ui,
                "Seven practices that carry microservices, and what is missing.",
            );
            for (title, group) in [("Do today", Group::Today), ("Next", Group::Next)] {
                parts::rule(ui);
                parts::heading(ui, title);
                for practice in practices.iter().filter(|it| it.group == group) {
                    ui.push_id(practice.name, |ui| {
                        self::practice(ui, state, commands, practice);
                    });
                }
            }
        });
    });
}

fn practice(ui: &mut Ui, state: &State, commands: &mut Commands, practice: &Practice) {
    let theme = Theme::of(ui.ctx());
    ui.add_space(6.0);
    let share = if practice.of == 0 {
        "—".to_owned()
    } else {
        format!("{} of {}", practice.fulfilled, practice.of)
    };
    let color = match (practice.of, practice.missing.len()) {
        (0, _) => theme.muted,
        (_, 0) => theme.up,
        _ => theme.degraded,
    };
    parts::key_value(ui, practice.name, &share, color);
    let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
    ui.painter().rect_filled(bar, 2, theme.line);
    if practice.of > 0 {
        let done = bar.width() * practice.fulfilled as f32 / practice.of as f32;
        let bar = bar.with_max_x(bar.left() + done);
        ui.painter().rect_filled(bar, 2, color);
    }
    for (index, missing) in practice.missing.iter().take(MOST_MISSING).enumerate() {
        ui.push_id(index, |ui| self::missing(ui, state, commands, missing));
    }
    let more = practice.missing.len().saturating_sub(MOST_MISSING);
    if more > 0 {
        parts::hint(ui, format!("and {more} more"));
    }
}

/// What is left to do, with a way to where and a way to do it.
fn missing(ui: &mut Ui, state: &State, commands: &mut Commands, missing: &Missing) {
    let theme = Theme::of(ui.ctx());
    let text = RichText::new(&missing.message)
        .size(ROW_SIZE)
        .color(theme.muted);
    ui.add(Label::new(text).wrap());
    ui.horizontal_wrapped(|ui| {
        if let Some(subject) = missing.subjects.first() {
            let model = &state.document.project().model;
            if parts::link(ui, &model.element_name(subject)).clicked() {
                commands.push(Command::Reveal(subject.clone()));
            }
        }
        for fix in &missing.fixes {
            if parts::small_button(ui, &fix.label).clicked() {
                commands.edit(fix.edit.clone());
            }
        }
    });
}
