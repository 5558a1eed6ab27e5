//! What becomes of a file that a person edited: theirs, the new one, or both.

use egui::{FontId, Frame, Margin, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

use crate::ui::{
    command::{Command, Commands},
    exports::{Choice, Choosing, Exports, FileFate, PlannedFile},
    theme::{CONTROL_RADIUS, SECONDARY_SIZE, Theme, medium},
    widgets::parts,
};

/// The choices below a file.
pub(super) fn ui(
    ui: &mut Ui,
    file: &PlannedFile,
    exports: &Exports,
    indent: f32,
    commands: &mut Commands,
) {
    let margin = Margin {
        left: indent as i8 - 7,
        right: 8,
        top: 0,
        bottom: 3,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let chosen = exports.choice(&file.path);
            for (choice, text, verb) in choices(file) {
                let label = format!("{verb} {}", file.path);
                if segment(ui, text, &label, choice == chosen) {
                    let path = file.path.clone();
                    commands.push(Command::Choose(Choosing::Edits(path, choice)));
                }
            }
        });
    });
}

/// Each choice with what it is called, and with the verb it is known by.
fn choices(file: &PlannedFile) -> Vec<(Choice, &'static str, &'static str)> {
    let mut choices = vec![
        (Choice::Mine, "Keep mine", "Keep"),
        (Choice::New, "Take new", "Write over"),
    ];
    match file.fate {
        FileFate::Merge => choices.push((Choice::Merged, "Merge", "Merge")),
        FileFate::Conflict if file.change.merged.is_some() => {
            choices.push((Choice::Marked, "Merge with marks", "Mark conflicts in"));
        }
        _ => {}
    }
    choices
}

/// One of several words of which one is chosen.
pub(super) fn segment(ui: &mut Ui, text: &str, label: &str, is_chosen: bool) -> bool {
    let theme = Theme::of(ui.ctx());
    let font = FontId::new(SECONDARY_SIZE, medium());
    let galley = ui
        .painter()
        .layout_no_wrap(text.to_owned(), font, theme.muted);
    let size = vec2(galley.size().x + 14.0, 20.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    if is_chosen {
        ui.painter()
            .rect_filled(rect, CONTROL_RADIUS, theme.accent_surface);
    }
    let color = if is_chosen {
        theme.accent
    } else if response.hovered() {
        theme.text
    } else {
        theme.muted
    };
    let at = pos2(rect.left() + 7.0, rect.center().y - galley.size().y / 2.0);
    ui.painter()
        .galley_with_override_text_color(at, galley, color);
    parts::focus_ring(ui, &response);
    response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, is_chosen, label));
    response.clicked()
}
