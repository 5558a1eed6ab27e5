//! Every target and file of an export, and what would happen to each.

use std::path::Path;

use egui::{
    Align, Align2, Color32, Frame, Label, Layout, Margin, RichText, ScrollArea, Sense, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use crate::ui::{
    action::Action,
    command::{Command, Commands},
    exports::{ExportPlan, Exports, FileFate, PlannedFile, TargetPlan},
    state::State,
    theme::{CONTROL_RADIUS, FontKind, PANEL_PADDING, ROW_SIZE, SECONDARY_SIZE, Theme, semibold},
    widgets::{parts, words::counted},
};

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let exports = &state.exports;
    let margin = Margin {
        left: PANEL_PADDING as i8,
        right: PANEL_PADDING as i8,
        top: 12,
        bottom: 10,
    };
    egui::Panel::bottom("write files")
        .resizable(false)
        .show_separator_line(false)
        .frame(Frame::new().inner_margin(margin))
        .show(ui, |ui| write(ui, state, commands));
    Frame::new()
        .inner_margin(Margin {
            bottom: 0,
            ..margin
        })
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            head(ui, exports, commands);
        });
    ui.spacing_mut().item_spacing.y = 3.0;
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| match &exports.plan {
        Some(plan) => tree(ui, plan, exports, commands),
        None => {
            Frame::new().inner_margin(margin).show(ui, |ui| {
                if exports.folder.is_some() {
                    parts::hint(ui, "Working out what would be written…");
                } else {
                    parts::empty(
                        ui,
                        "No folder yet",
                        "Choose where to: what would be written is shown first, and nothing is written before you say so.",
                    );
                    ui.add_space(8.0);
                    if parts::small_button(ui, "Choose folder…").clicked() {
                        commands.act(Action::PlanExport);
                    }
                }
            });
        }
    });
}

fn head(ui: &mut Ui, exports: &Exports, commands: &mut Commands) {
    ui.horizontal(|ui| {
        parts::from_right(ui, |ui| {
            if exports.folder.is_some() && parts::link(ui, "Change…").clicked() {
                commands.act(Action::PlanExport);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let folder = exports.folder.as_deref().map(short).unwrap_or_default();
                let text = RichText::new(format!("Export to {folder}")).family(semibold());
                let response = ui.add(Label::new(text).truncate());
                if let Some(folder) = &exports.folder {
                    response.on_hover_text(folder.display().to_string());
                }
            });
        });
    });
}

/// The end of a path, which says most.
fn short(folder: &Path) -> String {
    let name = folder
        .file_name()
        .map(|it| it.to_string_lossy().into_owned());
    name.map_or_else(|| folder.display().to_string(), |it| format!("{it}/"))
}

fn tree(ui: &mut Ui, plan: &ExportPlan, exports: &Exports, commands: &mut Commands) {
    for target in &plan.targets {
        self::target(ui, target, exports, commands);
        match &target.files {
            Ok(files) => {
                for it in files {
                    file(ui, it, exports, commands);
                }
            }
            Err(reason) => {
                let margin = Margin {
                    left: 44,
                    right: 16,
                    top: 0,
                    bottom: 4,
                };
                Frame::new()
                    .inner_margin(margin)
                    .show(ui, |ui| parts::hint(ui, reason.as_str()));
            }
        }
    }
    if !plan.orphans.is_empty() {
        Frame::new()
            .inner_margin(Margin::symmetric(16, 2))
            .show(ui, |ui| {
                parts::heading_with(ui, "Left over", "no target writes them now");
            });
        for it in &plan.orphans {
            file(ui, it, exports, commands);
        }
    }
}

fn target(ui: &mut Ui, target: &TargetPlan, exports: &Exports, commands: &mut Commands) {
    let theme = Theme::of(ui.ctx());
    Frame::new()
        .inner_margin(Margin::symmetric(16, 0))
        .show(ui, |ui| {
            parts::from_right(ui, |ui| {
                let purpose = RichText::new(target.exporter.purpose).size(SECONDARY_SIZE);
                ui.label(purpose.color(theme.muted));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let mut is_written = !exports.left_out.contains(target.exporter.id);
                    let text = RichText::new(target.exporter.title).family(semibold());
                    let response = ui.add_enabled_ui(target.files.is_ok(), |ui| {
                        parts::check(ui, &mut is_written, text)
                    });
                    if response.inner.changed() {
                        let id = target.exporter.id;
                        commands.push(Command::WriteTarget(id, is_written));
                    }
                });
            });
        });
}

fn color(theme: &Theme, fate: FileFate) -> Color32 {
    match fate {
        FileFate::Create => theme.up,
        FileFate::Update => theme.degraded,
        FileFate::Unchanged | FileFate::Orphan => theme.muted,
        FileFate::EditedByYou => theme.event,
    }
}

fn file(ui: &mut Ui, file: &PlannedFile, exports: &Exports, commands: &mut Commands) {
    let theme = Theme::of(ui.ctx());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
    let response = ui.interact(rect, ui.id().with(("file", &file.path)), Sense::click());
    let is_shown = exports.shown.as_ref() == Some(&file.path);
    let ground = rect.shrink2(vec2(7.0, 0.0));
    if is_shown {
        ui.painter()
            .rect_filled(ground, CONTROL_RADIUS, theme.accent_surface);
    } else if response.hovered() {
        ui.painter()
            .rect_filled(ground, CONTROL_RADIUS, ui.visuals().faint_bg_color);
    }
    parts::focus_ring(ui, &response);
    let fate = file.fate.label();
    let at = pos2(rect.right() - PANEL_PADDING, rect.center().y);
    let font = FontKind::Secondary.id();
    let taken = ui.painter().text(
        at,
        Align2::RIGHT_CENTER,
        fate,
        font,
        color(theme, file.fate),
    );
    let inner = rect
        .with_min_x(rect.left() + 49.0)
        .with_max_x(taken.left() - 8.0);
    let is_quiet = file.fate == FileFate::Unchanged;
    let tone = if is_quiet { theme.muted } else { theme.text };
    let mut row = parts::row_in(ui, inner);
    let text = RichText::new(&file.path).size(ROW_SIZE).color(tone);
    row.add(Label::new(text).truncate().selectable(false));
    let label = format!("{}, {fate}", file.path);
    response
        .widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, is_shown, &label));
    if response.clicked() {
        commands.push(Command::LookAtFile(file.path.clone()));
    }
    if file.fate == FileFate::EditedByYou {
        let margin = Margin {
            left: 49,
            right: 16,
            top: 0,
            bottom: 2,
        };
        Frame::new().inner_margin(margin).show(ui, |ui| {
            let mut overwrites = exports.overwritten.contains(&file.path);
            let text = RichText::new("Write over what was edited").size(SECONDARY_SIZE);
            let response = parts::check(ui, &mut overwrites, text);
            let label = format!("Write over {}", file.path);
            crate::ui::widgets::lists::name(ui, &response, &label);
            if response.changed() {
                commands.push(Command::Overwrite(file.path.clone(), overwrites));
            }
        });
    }
}

fn write(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let exports = &state.exports;
    let count = exports
        .plan
        .as_ref()
        .map_or(0, |it| it.to_write(exports).count());
    let text = format!("Write {}", counted(count, "file", "files"));
    let is_enabled = count > 0 && !exports.is_busy;
    let theme = Theme::of(ui.ctx());
    let color = if is_enabled {
        theme.on_accent
    } else {
        theme.muted
    };
    let label = RichText::new(text).family(semibold()).color(color);
    let fill = if is_enabled {
        theme.accent
    } else {
        theme.field
    };
    let button = egui::Button::new(label).fill(fill);
    let size = vec2(ui.available_width(), 30.0);
    let response = ui.add_enabled_ui(is_enabled, |ui| ui.add_sized(size, button));
    if response.inner.clicked() {
        commands.act(Action::WriteFiles);
    }
}
