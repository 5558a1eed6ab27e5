//! Every target and file of an export, and what would happen to each.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use egui::{
    Align, Align2, Color32, Frame, Label, Layout, Margin, Rect, RichText, ScrollArea, Sense, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::{
    export_choice as choice,
    export_mentions::{self as mentions, mark},
    export_write,
};
use crate::{
    model::ElementId,
    ui::{
        action::Action,
        command::{Command, Commands},
        exports::{Choosing, ExportPlan, Exports, FileFate, PlannedFile, TargetPlan},
        state::State,
        theme::{
            CONTROL_RADIUS, FontKind, PANEL_PADDING, ROW_SIZE, SECONDARY_SIZE, Theme, semibold,
        },
        widgets::{glyph::Glyph, lists, parts, words::counted},
    },
};

/// Where the name of a file begins.
const FILE_INDENT: f32 = 62.0;
/// Where the box before it begins.
const CHECK_INDENT: f32 = 40.0;

/// Keeps which files mention what is selected.
#[derive(Debug, Default)]
pub(super) struct Tree {
    mentions: BTreeSet<String>,
    /// What that was worked out for.
    key: Option<(usize, BTreeSet<ElementId>)>,
}

impl Tree {
    pub(super) fn ui(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
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
            .show(ui, |ui| export_write::ui(ui, state, commands));
        let above = Margin {
            bottom: 0,
            ..margin
        };
        Frame::new().inner_margin(above).show(ui, |ui| {
            ui.set_width(ui.available_width());
            head(ui, exports, commands);
        });
        let Some(plan) = &exports.plan else {
            Frame::new()
                .inner_margin(margin)
                .show(ui, |ui| without_plan(ui, exports, commands));
            return;
        };
        self.refresh(plan, &state.selection);
        ui.spacing_mut().item_spacing.y = 3.0;
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(ui, |ui| self.tree(ui, plan, exports, commands));
    }

    /// Finds the files that mention what is selected, once for each selection.
    fn refresh(&mut self, plan: &Arc<ExportPlan>, selection: &BTreeSet<ElementId>) {
        let of = Arc::as_ptr(plan) as usize;
        if self
            .key
            .as_ref()
            .is_some_and(|it| it.0 == of && it.1 == *selection)
        {
            return;
        }
        self.key = Some((of, selection.clone()));
        self.mentions = mentions::files(plan, selection);
    }

    fn tree(&self, ui: &mut Ui, plan: &ExportPlan, exports: &Exports, commands: &mut Commands) {
        let is_listed = |it: &&PlannedFile| !exports.only_changed || it.is_changing();
        for target in &plan.targets {
            let files = target.files.as_deref().unwrap_or_default();
            let listed: Vec<_> = files.iter().filter(is_listed).collect();
            if exports.only_changed && listed.is_empty() {
                continue;
            }
            if target.files.as_ref().is_ok_and(Vec::is_empty) {
                idle(ui, target);
                continue;
            }
            self::target(ui, target, listed.len(), exports, commands);
            if exports.folded.contains(target.exporter.id) {
                continue;
            }
            if let Err(reason) = &target.files {
                remark(ui, reason);
            }
            for it in listed {
                self.file(ui, it, exports, commands);
            }
        }
        if !plan.orphans.is_empty() {
            orphans(ui, plan, exports, commands);
            for it in &plan.orphans {
                self.file(ui, it, exports, commands);
            }
        }
    }

    fn file(&self, ui: &mut Ui, file: &PlannedFile, exports: &Exports, commands: &mut Commands) {
        let theme = Theme::of(ui.ctx());
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
        let row = rect.with_min_x(rect.left() + FILE_INDENT - 6.0);
        let response = ui.interact(row, ui.id().with(("file", &file.path)), Sense::click());
        let is_shown = exports.shown.as_ref() == Some(&file.path);
        let ground = rect.shrink2(vec2(7.0, 0.0));
        let painter = ui.painter();
        if is_shown {
            painter.rect_filled(ground, CONTROL_RADIUS, theme.accent_surface);
        } else if response.hovered() {
            painter.rect_filled(ground, CONTROL_RADIUS, ui.visuals().faint_bg_color);
        }
        parts::focus_ring(ui, &response);
        let fate = file.fate.label();
        let at = pos2(rect.right() - PANEL_PADDING, rect.center().y);
        let tone = color(theme, file.fate);
        let font = FontKind::Secondary.id();
        let taken = ui
            .painter()
            .text(at, Align2::RIGHT_CENTER, fate, font, tone);
        let mut right = taken.left() - 8.0;
        if self.mentions.contains(&file.path) {
            mark(ui, pos2(right - 3.0, rect.center().y), &file.path);
            right -= 14.0;
        }
        let inner = rect.with_min_x(rect.left() + FILE_INDENT).with_max_x(right);
        let is_quiet = !file.is_changing();
        let tone = if is_quiet { theme.muted } else { theme.text };
        let text = RichText::new(&file.path).size(ROW_SIZE).color(tone);
        let mut name = parts::row_in(ui, inner);
        name.add(Label::new(text).truncate().selectable(false));
        let label = format!("{}, {fate}", file.path);
        response.widget_info(|| {
            WidgetInfo::selected(WidgetType::SelectableLabel, true, is_shown, &label)
        });
        if response.clicked() {
            commands.push(Command::LookAtFile(file.path.clone()));
        }
        check(ui, rect, file, exports, commands);
        if file.fate.is_edited() {
            choice::ui(ui, file, exports, FILE_INDENT, commands);
        }
    }
}

/// Whether the file is written, or removed.
fn check(ui: &mut Ui, row: Rect, file: &PlannedFile, exports: &Exports, commands: &mut Commands) {
    let (is_on, label) = match file.fate {
        FileFate::Create | FileFate::Update => (
            !exports.left_out_files.contains(&file.path),
            format!("Write {}", file.path),
        ),
        FileFate::Orphan => (
            exports.removed.contains(&file.path),
            format!("Remove {}", file.path),
        ),
        _ => return,
    };
    let rect = row
        .with_min_x(row.left() + CHECK_INDENT)
        .with_max_x(row.left() + FILE_INDENT - 4.0);
    let mut inner = parts::row_in(ui, rect);
    let mut is_chosen = is_on;
    let response = parts::check(&mut inner, &mut is_chosen, RichText::new(""));
    lists::name(&inner, &response, &label);
    if response.changed() {
        let path = file.path.clone();
        commands.push(Command::Choose(Choosing::File(path, is_chosen)));
    }
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
    if exports.plan.is_some() {
        let mut only_changed = exports.only_changed;
        let text = RichText::new("Only what changes").size(SECONDARY_SIZE);
        if parts::check(ui, &mut only_changed, text).changed() {
            commands.push(Command::Choose(Choosing::OnlyChanged(only_changed)));
        }
    }
}

fn without_plan(ui: &mut Ui, exports: &Exports, commands: &mut Commands) {
    if exports.folder.is_some() {
        parts::hint(ui, "Working out what would be written…");
        return;
    }
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

/// The end of a path, which says most.
fn short(folder: &Path) -> String {
    let name = folder
        .file_name()
        .map(|it| it.to_string_lossy().into_owned());
    name.map_or_else(|| folder.display().to_string(), |it| format!("{it}/"))
}

/// A sentence below a target.
fn remark(ui: &mut Ui, text: &str) {
    let margin = Margin {
        left: 44,
        right: 16,
        top: 0,
        bottom: 2,
    };
    Frame::new()
        .inner_margin(margin)
        .show(ui, |ui| parts::hint(ui, text));
}

fn orphans(ui: &mut Ui, plan: &ExportPlan, exports: &Exports, commands: &mut Commands) {
    Frame::new()
        .inner_margin(Margin {
            left: 22,
            right: 16,
            top: 4,
            bottom: 0,
        })
        .show(ui, |ui| {
            parts::from_right(ui, |ui| {
                let muted = Theme::of(ui.ctx()).muted;
                let text = RichText::new("no target writes them").size(SECONDARY_SIZE);
                ui.label(text.color(muted));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let mut is_chosen = exports.removed.len() == plan.orphans.len();
                    let count = plan.orphans.len();
                    let text = RichText::new(format!("Left over {count}")).family(semibold());
                    let response = parts::check(ui, &mut is_chosen, text);
                    lists::name(ui, &response, "Remove all that is left over");
                    if response.changed() {
                        commands.push(Command::Choose(Choosing::Orphans(is_chosen)));
                    }
                });
            });
        });
}

fn target(
    ui: &mut Ui,
    target: &TargetPlan,
    count: usize,
    exports: &Exports,
    commands: &mut Commands,
) {
    let theme = Theme::of(ui.ctx());
    let exporter = target.exporter;
    let margin = Margin {
        left: 6,
        right: 16,
        top: 2,
        bottom: 0,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        parts::from_right(ui, |ui| {
            let purpose = RichText::new(exporter.purpose).size(SECONDARY_SIZE);
            ui.label(purpose.color(theme.muted));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                fold(ui, target, exports, commands);
                let mut is_written = !exports.left_out.contains(exporter.id);
                let text = RichText::new(exporter.title).family(semibold());
                let response = ui.add_enabled_ui(target.files.is_ok(), |ui| {
                    parts::check(ui, &mut is_written, text)
                });
                if response.inner.changed() {
                    let choosing = Choosing::Target(exporter.id, is_written);
                    commands.push(Command::Choose(choosing));
                }
                if target.files.is_ok() {
                    let count = RichText::new(count.to_string()).size(SECONDARY_SIZE);
                    let files = ui.label(count.color(theme.muted));
                    files.on_hover_text(about(target));
                }
            });
        });
    });
}

/// A target that has nothing to write for this design; why, it says itself.
fn idle(ui: &mut Ui, target: &TargetPlan) {
    let theme = Theme::of(ui.ctx());
    let margin = Margin {
        left: 44,
        right: 16,
        top: 2,
        bottom: 0,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        parts::from_right(ui, |ui| {
            let purpose = RichText::new("nothing to write").size(SECONDARY_SIZE);
            ui.label(purpose.color(theme.muted));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let title = RichText::new(target.exporter.title).color(theme.muted);
                let title = ui.add(Label::new(title).truncate());
                if let Some(why) = target.notes.first() {
                    title.on_hover_text(why);
                }
            });
        });
    });
}

/// What is known of a target beside its files.
fn about(target: &TargetPlan) -> String {
    let notes = counted(target.notes.len(), "note", "notes");
    let programs = target.exporter.checked_by.join(", ");
    if programs.is_empty() {
        notes
    } else {
        format!("{notes}; checked with {programs}")
    }
}

/// The sign that lists or hides the files of a target.
fn fold(ui: &mut Ui, target: &TargetPlan, exports: &Exports, commands: &mut Commands) {
    let theme = Theme::of(ui.ctx());
    let exporter = target.exporter;
    let is_folded = exports.folded.contains(exporter.id);
    let (rect, response) = ui.allocate_exact_size(vec2(14.0, 20.0), Sense::click());
    let glyph = if is_folded { Glyph::Right } else { Glyph::Down };
    glyph.paint(ui.painter(), rect.center(), theme.muted);
    parts::focus_ring(ui, &response);
    let label = format!("Files of {}", exporter.title);
    response.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, !is_folded, &label));
    if response.clicked() {
        commands.push(Command::Choose(Choosing::Listed(exporter.id, is_folded)));
    }
}

fn color(theme: &Theme, fate: FileFate) -> Color32 {
    match fate {
        FileFate::Create => theme.up,
        FileFate::Update => theme.degraded,
        FileFate::Unchanged | FileFate::Orphan | FileFate::LeftAlone => theme.muted,
        FileFate::EditedByYou | FileFate::Merge => theme.event,
        FileFate::Conflict => theme.down,
    }
}
