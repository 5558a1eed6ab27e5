//! The difference between a file on disk and what would be written.

use std::sync::Arc;

use egui::{
    Align, Color32, FontId, Frame, Galley, Label, Layout, Margin, Rect, RichText, ScrollArea,
    Sense, Stroke, Ui, pos2, vec2,
};
use similar::{ChangeTag, TextDiff};

use super::colored;
use crate::ui::{
    command::{Command, Commands},
    exports::{ExportPlan, FileFate, PlannedFile, TargetPlan},
    state::State,
    theme::{FontKind, PANEL_PADDING, ROW_SIZE, SECONDARY_SIZE, Theme, semibold},
    widgets::{parts, state_shape::StateShape},
};

/// Height of a line.
const LINE: f32 = 22.0;
/// Lines of notes that are shown before they scroll.
const NOTES_HEIGHT: f32 = 200.0;

/// A line of a difference: where it stands and whether it stays, comes or goes.
#[derive(Debug, Clone)]
struct DiffLine {
    tag: ChangeTag,
    before: Option<usize>,
    after: Option<usize>,
    text: String,
}

/// Keeps the lines of the difference that is shown.
#[derive(Debug, Default)]
pub(super) struct Diff {
    lines: Vec<DiffLine>,
    /// Both sides, paired.
    pairs: Vec<(Option<usize>, Option<usize>)>,
    /// What the lines were worked out for.
    key: Option<(usize, String)>,
}

impl Diff {
    pub(super) fn ui(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let exports = &state.exports;
        let found = exports.plan.as_ref().and_then(|plan| {
            let shown = exports.shown.as_ref()?;
            let (target, file) = plan.files().find(|(_, it)| it.path == *shown)?;
            Some((plan, target, file))
        });
        let Some((plan, target, file)) = found else {
            let margin = Margin::symmetric(PANEL_PADDING as i8, 8);
            Frame::new().inner_margin(margin).show(ui, |ui| {
                parts::empty(
                    ui,
                    "No file chosen",
                    "Choose a file at the left to see what would change in it.",
                );
            });
            return;
        };
        self.refresh(plan, file);
        self.head(ui, state, commands, file);
        if let Some(target) = target {
            notes(ui, target, file);
        }
        let is_side_by_side = state.settings.is_side_by_side && file.before.is_some();
        let rows = if is_side_by_side {
            self.pairs.len()
        } else {
            self.lines.len()
        };
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::both()
            .auto_shrink(false)
            .show_rows(ui, LINE, rows, |ui, range| {
                for index in range {
                    if is_side_by_side {
                        self.pair(ui, &file.path, index);
                    } else {
                        self.line(ui, &file.path, index);
                    }
                }
            });
    }

    fn refresh(&mut self, plan: &Arc<ExportPlan>, file: &PlannedFile) {
        let key = (Arc::as_ptr(plan) as usize, file.path.clone());
        if self.key.as_ref() == Some(&key) {
            return;
        }
        self.key = Some(key);
        let before = file.before.as_deref().unwrap_or_default();
        let difference = TextDiff::from_lines(before, &file.after);
        self.lines = difference
            .iter_all_changes()
            .map(|change| DiffLine {
                tag: change.tag(),
                before: change.old_index().map(|it| it + 1),
                after: change.new_index().map(|it| it + 1),
                text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
            })
            .collect();
        self.pairs = paired(&self.lines);
    }

    fn head(&self, ui: &mut Ui, state: &State, commands: &mut Commands, file: &PlannedFile) {
        let theme = Theme::of(ui.ctx());
        let of = |tag| self.lines.iter().filter(|it| it.tag == tag).count();
        let (added, removed) = (of(ChangeTag::Insert), of(ChangeTag::Delete));
        let remark = match file.fate {
            FileFate::Create => format!("new, {added} lines"),
            FileFate::Orphan => "no target writes it any more; it stays".to_owned(),
            FileFate::Unchanged => "as on disk".to_owned(),
            FileFate::Update | FileFate::EditedByYou => {
                format!("{added} lines added, {removed} removed")
            }
        };
        let margin = Margin::symmetric(PANEL_PADDING as i8, 6);
        let frame = Frame::new().fill(theme.panel).inner_margin(margin);
        let bar = frame.show(ui, |ui| {
            parts::from_right(ui, |ui| {
                if parts::small_button(ui, "Copy file").clicked() {
                    ui.ctx().copy_text(file.after.clone());
                    commands.push(Command::Tell(format!("Copied {}.", file.path)));
                }
                if file.before.is_some() {
                    let mut is_side_by_side = state.settings.is_side_by_side;
                    let text = RichText::new("Side by side").size(ROW_SIZE);
                    if parts::check(ui, &mut is_side_by_side, text).changed() {
                        let mut settings = state.settings.clone();
                        settings.is_side_by_side = is_side_by_side;
                        commands.push(Command::Remember(Box::new(settings)));
                    }
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.label(RichText::new(&file.path).family(semibold()));
                    let remark = RichText::new(remark)
                        .size(SECONDARY_SIZE)
                        .color(theme.muted);
                    ui.add(Label::new(remark).truncate());
                });
            });
        });
        let rect = bar.response.rect;
        ui.painter()
            .hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, theme.line));
    }

    /// A line of the unified difference.
    fn line(&self, ui: &mut Ui, path: &str, index: usize) {
        let line = &self.lines[index];
        let theme = Theme::of(ui.ctx());
        let galley = galley(ui, theme, path, &line.text);
        let width = ui.available_width().max(galley.size().x + 90.0);
        let (rect, _) = ui.allocate_exact_size(vec2(width, LINE), Sense::hover());
        let number = line.after.or(line.before);
        paint(ui, rect, line.tag, number, galley);
    }

    /// What stands at the left and at the right of a row.
    fn pair(&self, ui: &mut Ui, path: &str, index: usize) {
        let (left, right) = self.pairs[index];
        let theme = Theme::of(ui.ctx());
        let width = ui.available_width();
        let (rect, _) = ui.allocate_exact_size(vec2(width, LINE), Sense::hover());
        let (left_half, right_half) = rect.split_left_right_at_x(rect.center().x);
        for (half, line, is_left) in [(left_half, left, true), (right_half, right, false)] {
            let Some(line) = line.map(|it| &self.lines[it]) else {
                ui.painter().rect_filled(half, 0, theme.panel);
                continue;
            };
            let number = if is_left { line.before } else { line.after };
            let galley = galley(ui, theme, path, &line.text);
            paint(
                &ui.new_child(egui::UiBuilder::new().max_rect(half)),
                half,
                line.tag,
                number,
                galley,
            );
        }
        let stroke = Stroke::new(1.0, theme.line);
        ui.painter().vline(rect.center().x, rect.y_range(), stroke);
    }
}

/// Lines that go beside those that come.
fn paired(lines: &[DiffLine]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut pairs = Vec::new();
    let mut removed = Vec::new();
    let mut added = Vec::new();
    let flush = |removed: &mut Vec<usize>, added: &mut Vec<usize>, pairs: &mut Vec<_>| {
        for index in 0..removed.len().max(added.len()) {
            pairs.push((removed.get(index).copied(), added.get(index).copied()));
        }
        removed.clear();
        added.clear();
    };
    for (index, line) in lines.iter().enumerate() {
        match line.tag {
            ChangeTag::Delete => removed.push(index),
            ChangeTag::Insert => added.push(index),
            ChangeTag::Equal => {
                flush(&mut removed, &mut added, &mut pairs);
                pairs.push((Some(index), Some(index)));
            }
        }
    }
    flush(&mut removed, &mut added, &mut pairs);
    pairs
}

fn galley(ui: &Ui, theme: &Theme, path: &str, text: &str) -> Arc<Galley> {
    let job = colored::line(theme, path, text, &FontKind::Code.id());
    ui.fonts_mut(|it| it.layout_job(job))
}

fn paint(ui: &Ui, rect: Rect, tag: ChangeTag, number: Option<usize>, galley: Arc<Galley>) {
    let theme = Theme::of(ui.ctx());
    let painter = ui.painter_at(rect);
    let (ground, sign, color): (Option<Color32>, &str, Color32) = match tag {
        ChangeTag::Equal => (None, "", theme.muted),
        ChangeTag::Insert => (Some(theme.added_surface), "+", theme.up),
        ChangeTag::Delete => (Some(theme.removed_surface), "-", theme.down),
    };
    if let Some(ground) = ground {
        painter.rect_filled(rect, 0, ground);
    }
    let middle = rect.center().y;
    let font: FontId = FontKind::Code.id();
    if let Some(number) = number {
        let at = pos2(rect.left() + 42.0, middle);
        painter.text(
            at,
            egui::Align2::RIGHT_CENTER,
            number,
            font.clone(),
            theme.muted,
        );
    }
    painter.text(
        pos2(rect.left() + 56.0, middle),
        egui::Align2::LEFT_CENTER,
        sign,
        font,
        color,
    );
    let at = pos2(rect.left() + 76.0, middle - galley.size().y / 2.0);
    painter.galley(at, galley, theme.text);
}

/// What a reader should know about the target.
fn notes(ui: &mut Ui, target: &TargetPlan, file: &PlannedFile) {
    let theme = Theme::of(ui.ctx());
    let margin = Margin::symmetric(PANEL_PADDING as i8, 12);
    let frame = Frame::new().fill(theme.panel).inner_margin(margin);
    egui::Panel::bottom("notes")
        .resizable(true)
        .default_size(140.0)
        .max_size(NOTES_HEIGHT * 2.0)
        .frame(frame)
        .show(ui, |ui| {
            parts::heading(ui, "Notes on this target");
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                if file.fate == FileFate::EditedByYou {
                    let text = "You edited this file since it was written: it is kept unless you choose to write over it.";
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

fn note(ui: &mut Ui, shape: StateShape, text: &str) {
    let muted = Theme::of(ui.ctx()).muted;
    ui.horizontal_top(|ui| {
        shape.ui(ui);
        ui.add(Label::new(RichText::new(text).size(ROW_SIZE).color(muted)).wrap());
    });
}
