//! Rows of code with one, two or three sides.

use std::sync::Arc;

use egui::{Align2, Color32, FontId, Galley, Rect, Response, Sense, Stroke, Ui, pos2, vec2};

use similar::ChangeTag;

use super::colored;
use crate::ui::{
    exports::{Trio, WhoseLine},
    theme::{FontKind, PANEL_PADDING, Theme},
};

/// Height of a line.
pub(super) const LINE: f32 = 22.0;
/// Space before the code: number and sign.
const BEFORE: f32 = 76.0;
/// The same where three stand beside one another.
const BEFORE_NARROW: f32 = 48.0;

/// What a ground says about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tint {
    None,
    Comes,
    Goes,
    Yours,
}

/// A line of one side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) number: Option<usize>,
    pub(super) text: &'a str,
    pub(super) tint: Tint,
}

/// What goes and what comes.
pub(super) fn tint(tag: ChangeTag) -> Tint {
    match tag {
        ChangeTag::Equal => Tint::None,
        ChangeTag::Insert => Tint::Comes,
        ChangeTag::Delete => Tint::Goes,
    }
}

/// The cells of three sides.
pub(super) fn three(trio: &Trio) -> Vec<Option<Cell<'_>>> {
    let (mine, new) = match trio.whose {
        WhoseLine::Nobodys => (Tint::None, Tint::None),
        WhoseLine::Mine => (Tint::Yours, Tint::None),
        WhoseLine::New => (Tint::None, Tint::Comes),
        WhoseLine::Both => (Tint::Yours, Tint::Comes),
        WhoseLine::Conflict => (Tint::Goes, Tint::Goes),
    };
    let sides = [
        (&trio.base, Tint::None),
        (&trio.mine, mine),
        (&trio.new, new),
    ];
    let cells = sides.map(|(side, tint)| {
        side.as_ref().map(|it| Cell {
            number: Some(it.number),
            text: &it.text,
            tint,
        })
    });
    cells.into()
}

/// Draws a row; sides without a line are blank. Also whether something did not fit.
pub(super) fn ui(
    ui: &mut Ui,
    path: &str,
    cells: &[Option<Cell<'_>>],
    is_marked: bool,
) -> (Response, bool) {
    let theme = Theme::of(ui.ctx());
    let galleys: Vec<_> = cells
        .iter()
        .map(|cell| cell.map(|it| (it, galley(ui, theme, path, it.text))))
        .collect();
    let mut width = ui.available_width();
    if let [Some((_, galley))] = galleys.as_slice() {
        width = width.max(galley.size().x + BEFORE + 14.0);
    }
    // Clicked by a pointer only: Tab would never get to the end of a file.
    let (rect, response) = ui.allocate_exact_size(vec2(width, LINE), Sense::CLICK);
    let count = cells.len();
    let each = rect.width() / count as f32;
    let mut is_cut = false;
    for (index, cell) in galleys.into_iter().enumerate() {
        let left = rect.left() + each * index as f32;
        let place = rect.with_min_x(left).with_max_x(left + each);
        match cell {
            Some((cell, galley)) => {
                is_cut |= galley.size().x + BEFORE_NARROW > each;
                paint(ui, place, cell, galley, (is_marked, count > 2));
            }
            None => {
                ui.painter().rect_filled(place, 0, theme.panel);
            }
        }
        if index > 0 {
            let stroke = Stroke::new(1.0, theme.line);
            ui.painter().vline(left, rect.y_range(), stroke);
        }
    }
    if is_marked {
        let bar = rect.with_max_x(rect.left() + 3.0);
        ui.painter().rect_filled(bar, 0, theme.accent);
    }
    (response, is_cut)
}

/// The names of the sides.
pub(super) fn captions(ui: &mut Ui, names: &[&str]) {
    let theme = Theme::of(ui.ctx());
    let size = vec2(ui.available_width(), LINE);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect_filled(rect, 0, theme.panel);
    let each = rect.width() / names.len() as f32;
    for (index, name) in names.iter().enumerate() {
        let left = rect.left() + each * index as f32;
        let inner = rect
            .with_min_x(left + PANEL_PADDING)
            .with_max_x(left + each);
        let mut child = crate::ui::widgets::parts::row_in(ui, inner);
        let text = egui::RichText::new(*name).font(FontKind::Secondary.id());
        child.label(text.color(theme.muted));
    }
    let stroke = Stroke::new(1.0, theme.line);
    ui.painter().hline(rect.x_range(), rect.bottom(), stroke);
}

fn galley(ui: &Ui, theme: &Theme, path: &str, text: &str) -> Arc<Galley> {
    let job = colored::line(theme, path, text, &FontKind::Code.id());
    ui.fonts_mut(|it| it.layout_job(job))
}

fn paint(
    ui: &Ui,
    rect: Rect,
    cell: Cell<'_>,
    galley: Arc<Galley>,
    (is_marked, is_narrow): (bool, bool),
) {
    let theme = Theme::of(ui.ctx());
    let painter = ui.painter_at(rect);
    let marked = is_marked.then_some(theme.accent_surface);
    let (ground, sign, color): (Option<Color32>, &str, Color32) = match cell.tint {
        Tint::None => (marked, "", theme.muted),
        Tint::Comes => (Some(theme.added_surface), "+", theme.up),
        Tint::Goes => (Some(theme.removed_surface), "-", theme.down),
        Tint::Yours => (Some(theme.tint(theme.event)), "", theme.event),
    };
    if let Some(ground) = ground {
        painter.rect_filled(rect, 0, ground);
    }
    let middle = rect.center().y;
    let font: FontId = FontKind::Code.id();
    let number_right = if is_narrow { 38.0 } else { 42.0 };
    if let Some(number) = cell.number {
        let at = pos2(rect.left() + number_right, middle);
        painter.text(at, Align2::RIGHT_CENTER, number, font.clone(), theme.muted);
    }
    if !is_narrow {
        let at = pos2(rect.left() + 56.0, middle);
        painter.text(at, Align2::LEFT_CENTER, sign, font, color);
    }
    let before = if is_narrow { BEFORE_NARROW } else { BEFORE };
    let at = pos2(rect.left() + before, middle - galley.size().y / 2.0);
    painter.galley(at, galley, theme.text);
}
