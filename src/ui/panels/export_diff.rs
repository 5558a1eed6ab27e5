//! The difference between a file on disk and what would be written, and which lines of
//! it are about what is selected.

use std::{collections::BTreeSet, sync::Arc};

use egui::{Align, Frame, Label, Layout, Margin, RichText, ScrollArea, Ui, WidgetInfo, WidgetType};
use similar::{ChangeTag, TextDiff};

use super::{
    export_choice::segment,
    export_notes,
    export_rows::{self, Cell, LINE},
};
use crate::{
    export::lines::{self, Spot},
    model::ElementId,
    ui::{
        command::{Command, Commands},
        exports::{
            Choice, Choosing, ExportPlan, FileFate, PlannedFile, Trio, View, WhoseLine, three_ways,
        },
        state::State,
        theme::{PANEL_PADDING, SECONDARY_SIZE, Theme, semibold},
        widgets::{parts, words::counted},
    },
};

/// Lines above the first one that is about what is selected.
const LINES_ABOVE: usize = 4;

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
    /// Three sides, if that is known.
    trios: Vec<Trio>,
    /// What the lines of the new side are about; of the old one, if there is no new.
    spots: Vec<Spot>,
    /// Lines of that side that are about what is selected.
    marked: BTreeSet<usize>,
    selection: BTreeSet<ElementId>,
    /// Whether the first of them is to be seen.
    scrolls: bool,
    /// What the lines were worked out for.
    key: Option<(usize, String, Choice, View)>,
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
        let view = view(state, file);
        self.refresh(plan, file, (exports.choice(&file.path), view));
        self.follow(&state.selection);
        self.head(ui, state, commands, (file, view));
        if let Some(target) = target {
            export_notes::ui(ui, target, file);
        }
        if view == View::ThreeWays {
            export_rows::captions(ui, &["last export", "yours", "new"]);
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area = ScrollArea::both().auto_shrink(false);
        if std::mem::take(&mut self.scrolls)
            && let Some(row) = self.first_of_interest(view)
        {
            area = area.vertical_scroll_offset(row.saturating_sub(LINES_ABOVE) as f32 * LINE);
        }
        let mut clicked = None;
        area.show_rows(ui, LINE, self.rows(view), |ui, range| {
            for row in range {
                if self.row(ui, plan, &file.path, (view, row)) {
                    clicked = self.element_of(view, row);
                }
            }
        });
        if let Some(element) = clicked {
            // Whoever clicked a line looks at it already.
            self.selection = [element.clone()].into();
            self.marked = self.about(&self.selection);
            commands.select(element.clone());
        }
    }

    fn refresh(
        &mut self,
        plan: &Arc<ExportPlan>,
        file: &PlannedFile,
        (choice, view): (Choice, View),
    ) {
        let key = (Arc::as_ptr(plan) as usize, file.path.clone(), choice, view);
        if self.key.as_ref() == Some(&key) {
            return;
        }
        let is_other = |it: &(_, String, _, View)| it.1 != file.path || it.3 != view;
        let scrolls = self.key.as_ref().is_none_or(is_other);
        self.key = Some(key);
        let before = file.before.as_deref().unwrap_or_default();
        // What stays as it is is compared with what it could be.
        let after = match (choice, &file.change.merged) {
            (Choice::Mine, Some(merged)) if file.fate != FileFate::EditedByYou => &merged.text,
            _ => file.outcome(choice),
        };
        let difference = TextDiff::from_lines(before, after);
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
        self.trios = three_ways(&file.change);
        let text = match (view, after) {
            (View::ThreeWays, _) => &file.after,
            (_, "") => before,
            (_, after) => after,
        };
        self.spots = lines::elements(&plan.project.model, &file.path, text);
        self.marked = self.about(&self.selection);
        self.scrolls |= scrolls;
    }

    /// Marks what is about the selection, once it changes.
    fn follow(&mut self, selection: &BTreeSet<ElementId>) {
        if self.selection != *selection {
            self.selection.clone_from(selection);
            self.marked = self.about(selection);
            self.scrolls = true;
        }
    }

    /// The lines that are about these elements, counted from 1.
    fn about(&self, selection: &BTreeSet<ElementId>) -> BTreeSet<usize> {
        let spots = self.spots.iter().filter(|(_, it)| selection.contains(it));
        spots
            .flat_map(|(lines, _)| lines.start + 1..=lines.end)
            .collect()
    }

    fn rows(&self, view: View) -> usize {
        match view {
            View::Changes => self.lines.len(),
            View::SideBySide => self.pairs.len(),
            View::ThreeWays => self.trios.len(),
        }
    }

    /// The line of the new side that stands in a row, counted from 1.
    fn number(&self, view: View, row: usize) -> Option<usize> {
        let of = |it: &DiffLine| {
            let is_gone = self.lines.iter().all(|it| it.after.is_none());
            if is_gone { it.before } else { it.after }
        };
        match view {
            View::Changes => of(self.lines.get(row)?),
            View::SideBySide => {
                let (left, right) = *self.pairs.get(row)?;
                of(self.lines.get(right.or(left)?)?)
            }
            View::ThreeWays => self.trios.get(row)?.new.as_ref().map(|it| it.number),
        }
    }

    fn is_marked(&self, view: View, row: usize) -> bool {
        !self.marked.is_empty()
            && self
                .number(view, row)
                .is_some_and(|it| self.marked.contains(&it))
    }

    /// The first row that is about what is selected, or else the first that changes.
    fn first_of_interest(&self, view: View) -> Option<usize> {
        let changes = |row: &usize| match view {
            View::Changes => self.lines[*row].tag != ChangeTag::Equal,
            View::SideBySide => {
                let (left, right) = self.pairs[*row];
                left != right
            }
            View::ThreeWays => self.trios[*row].whose != WhoseLine::Nobodys,
        };
        let mut rows = 0..self.rows(view);
        let marked = rows.clone().find(|it| self.is_marked(view, *it));
        marked.or_else(|| rows.find(changes))
    }

    fn element_of(&self, view: View, row: usize) -> Option<ElementId> {
        let number = self.number(view, row)?;
        lines::element_at(&self.spots, number - 1).cloned()
    }

    fn head(
        &self,
        ui: &mut Ui,
        state: &State,
        commands: &mut Commands,
        (file, view): (&PlannedFile, View),
    ) {
        let theme = Theme::of(ui.ctx());
        let margin = Margin::symmetric(PANEL_PADDING as i8, 6);
        let frame = Frame::new().fill(theme.panel).inner_margin(margin);
        let bar = frame.show(ui, |ui| {
            parts::from_right(ui, |ui| {
                if parts::small_button(ui, "Copy file").clicked() {
                    ui.ctx()
                        .copy_text(file.outcome(state.exports.choice(&file.path)).to_owned());
                    commands.push(Command::Tell(format!("Copied {}.", file.path)));
                }
                ui.spacing_mut().item_spacing.x = 2.0;
                views(ui, state, commands, (file, view));
                ui.spacing_mut().item_spacing.x = 8.0;
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let path = RichText::new(&file.path).family(semibold());
                    ui.add(Label::new(path).truncate());
                    let remark = RichText::new(self.remark(file))
                        .size(SECONDARY_SIZE)
                        .color(theme.muted);
                    ui.add(Label::new(remark).truncate());
                });
            });
        });
        let rect = bar.response.rect;
        let line = egui::Stroke::new(1.0, theme.line);
        ui.painter().hline(rect.x_range(), rect.bottom(), line);
    }

    fn remark(&self, file: &PlannedFile) -> String {
        let of = |tag| self.lines.iter().filter(|it| it.tag == tag).count();
        let (added, removed) = (of(ChangeTag::Insert), of(ChangeTag::Delete));
        match file.fate {
            FileFate::Create => format!("new, {}", counted(added, "line", "lines")),
            FileFate::Orphan => "no target writes it any more".to_owned(),
            FileFate::Unchanged => "as on disk".to_owned(),
            FileFate::LeftAlone => "yours, and left alone".to_owned(),
            FileFate::Conflict => match file.conflicts() {
                Some(1) => "1 conflict".to_owned(),
                Some(number) => format!("{number} conflicts"),
                None => "in conflict".to_owned(),
            },
            FileFate::Update | FileFate::EditedByYou | FileFate::Merge => {
                format!(
                    "{} added, {removed} removed",
                    counted(added, "line", "lines")
                )
            }
        }
    }

    /// Draws a row; true if it was clicked.
    fn row(&self, ui: &mut Ui, plan: &ExportPlan, path: &str, (view, row): (View, usize)) -> bool {
        let is_marked = self.is_marked(view, row);
        let cells = match view {
            View::Changes => vec![Some(self.unified(row))],
            View::SideBySide => self.both(row),
            View::ThreeWays => export_rows::three(&self.trios[row]),
        };
        let text = cells.iter().rev().flatten().next().map_or("", |it| it.text);
        let number = self.number(view, row);
        let name = match number {
            Some(number) => format!("Line {number}: {}", text.trim()),
            None => format!("Removed: {}", text.trim()),
        };
        let (response, is_cut) = export_rows::ui(ui, path, &cells, is_marked);
        response.widget_info(|| WidgetInfo::selected(WidgetType::Label, true, is_marked, &name));
        let is_clicked = response.clicked();
        if !response.hovered() {
            return is_clicked;
        }
        // What does not fit between the sides can be read all the same.
        let texts = cells.iter().flatten().map(|it| it.text.trim().to_owned());
        let mut said: Vec<String> = texts.filter(|_| is_cut).collect();
        said.dedup();
        if let Some(element) = self.element_of(view, row) {
            let model = &plan.project.model;
            said.push(format!(
                "{} {}",
                element.kind(),
                model.element_name(&element)
            ));
            ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        }
        if !said.is_empty() {
            response.on_hover_text_at_pointer(said.join("\n"));
        }
        is_clicked
    }

    fn unified(&self, row: usize) -> Cell<'_> {
        let line = &self.lines[row];
        Cell {
            number: line.after.or(line.before),
            text: &line.text,
            tint: export_rows::tint(line.tag),
        }
    }

    fn both(&self, row: usize) -> Vec<Option<Cell<'_>>> {
        let (left, right) = self.pairs[row];
        let cell = |at: Option<usize>, is_left: bool| {
            let line = &self.lines[at?];
            Some(Cell {
                number: if is_left { line.before } else { line.after },
                text: &line.text,
                tint: export_rows::tint(line.tag),
            })
        };
        vec![cell(left, true), cell(right, false)]
    }
}

/// How a file is looked at: as was chosen, if it has that many sides.
fn view(state: &State, file: &PlannedFile) -> View {
    if state.exports.view == View::ThreeWays && file.change.base.is_some() {
        View::ThreeWays
    } else if state.settings.is_side_by_side && file.before.is_some() {
        View::SideBySide
    } else {
        View::Changes
    }
}

/// The ways to look at a file.
fn views(ui: &mut Ui, state: &State, commands: &mut Commands, (file, shown): (&PlannedFile, View)) {
    let all = [
        (View::ThreeWays, "Three ways", file.change.base.is_some()),
        (View::SideBySide, "Side by side", file.before.is_some()),
        (View::Changes, "Changes", file.before.is_some()),
    ];
    for (view, label, is_possible) in all {
        if is_possible && segment(ui, label, label, view == shown) {
            commands.push(Command::Choose(Choosing::View(view)));
            let is_side_by_side = view == View::SideBySide;
            if view != View::ThreeWays && state.settings.is_side_by_side != is_side_by_side {
                let mut settings = state.settings.clone();
                settings.is_side_by_side = is_side_by_side;
                commands.push(Command::Remember(Box::new(settings)));
            }
        }
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
