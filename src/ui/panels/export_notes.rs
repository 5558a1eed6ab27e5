//! What a reader should know about the target of the file that is shown.

use egui::{Frame, Label, Margin, RichText, ScrollArea, Ui};

use crate::ui::{
    exports::{FileFate, PlannedFile, TargetPlan},
    theme::{PANEL_PADDING, ROW_SIZE, Theme},
    widgets::{parts, state_shape::StateShape},
};

/// The highest the notes get before they scroll.
const MOST_HEIGHT: f32 = 400.0;

pub(super) fn ui(ui: &mut Ui, target: &TargetPlan, file: &PlannedFile) {
    let theme = Theme::of(ui.ctx());
    let margin = Margin::symmetric(PANEL_PADDING as i8, 12);
    let frame = Frame::new().fill(theme.panel).inner_margin(margin);
    egui::Panel::bottom("notes")
        .resizable(true)
        .default_size(140.0)
        .max_size(MOST_HEIGHT)
        .frame(frame)
        .show(ui, |ui| {
            parts::heading(ui, &format!("Notes on {}", target.exporter.title));
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                if let Some(text) = about_fate(file) {
                    note(ui, StateShape::Degraded, text);
                }
                let programs = target.exporter.checked_by.join(", ");
                if !programs.is_empty() {
                    let text = format!("Files of this target are checked with {programs}.");
                    note(ui, StateShape::Up, &text);
                }
                for text in &target.notes {
                    note(ui, StateShape::Degraded, text);
                }
            });
        });
}

/// What a person should know about a file that they have a hand in.
fn about_fate(file: &PlannedFile) -> Option<&'static str> {
    match file.fate {
        FileFate::EditedByYou if file.change.is_settled() => Some(
            "You edited this file since it was written, and the new export adds nothing to it.",
        ),
        FileFate::EditedByYou => Some(
            "You edited this file, and what was exported before is not known: it is kept unless you take the new one.",
        ),
        FileFate::Merge => Some(
            "You edited this file, and your edits and the new export fit together: it is kept unless you merge it or take the new one.",
        ),
        FileFate::Conflict => Some(
            "You edited lines that the new export changes, too: it is kept unless you take the new one or have the conflicts marked in it.",
        ),
        FileFate::LeftAlone => Some(
            "This file only starts a folder, and there is something of yours in that folder by now: it is left alone.",
        ),
        FileFate::Create | FileFate::Update | FileFate::Unchanged | FileFate::Orphan => None,
    }
}

fn note(ui: &mut Ui, shape: StateShape, text: &str) {
    let muted = Theme::of(ui.ctx()).muted;
    ui.horizontal_top(|ui| {
        shape.ui(ui);
        ui.add(Label::new(RichText::new(text).size(ROW_SIZE).color(muted)).wrap());
    });
}
