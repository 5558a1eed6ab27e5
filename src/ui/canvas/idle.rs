//! Repeats the last picture while nothing changed.
//!
//! `GraphView::show` asks for another frame each time it runs, so that a window with
//! a graph would never rest. It runs only when the picture differs from the last; all
//! other frames add the shapes of that one again.

use std::{collections::BTreeSet, sync::Arc};

use egui::{Color32, FontId, Galley, Ui, epaint::ClippedShape};

use super::{hit::Hit, view::View};
use crate::{
    model::ElementId,
    ui::{
        state::{Judgement, Mode, State},
        theme::Theme,
    },
};

/// Everything that a picture depends on.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) view: View,
    pub(super) hover: Option<Hit>,
    /// Grows with every change of the scene or of a gesture.
    pub(super) picture: u64,
    selection: BTreeSet<ElementId>,
    judgement: Arc<Judgement>,
    mode: Mode,
    theme: &'static Theme,
    pixels_per_point: f32,
    /// Lives as long as the fonts that texts were laid out in.
    fonts: Arc<Galley>,
}

impl Subject {
    /// What would be drawn now.
    pub(super) fn new(
        ui: &Ui,
        state: &State,
        view: View,
        hover: Option<Hit>,
        picture: u64,
    ) -> Self {
        let font = FontId::proportional(8.0);
        let fonts = ui
            .ctx()
            .fonts_mut(|it| it.layout_no_wrap("fonts".to_owned(), font, Color32::PLACEHOLDER));
        Self {
            view,
            hover,
            picture,
            selection: state.selection.clone(),
            judgement: Arc::clone(&state.judgement),
            mode: state.mode,
            theme: Theme::of(ui.ctx()),
            pixels_per_point: ui.ctx().pixels_per_point(),
            fonts,
        }
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.view == other.view
            && self.hover == other.hover
            && self.picture == other.picture
            && self.mode == other.mode
            && std::ptr::eq(self.theme, other.theme)
            && self.pixels_per_point.to_bits() == other.pixels_per_point.to_bits()
            && Arc::ptr_eq(&self.judgement, &other.judgement)
            && Arc::ptr_eq(&self.fonts, &other.fonts)
            && self.selection == other.selection
    }
}

/// The last picture.
#[derive(Debug, Default)]
pub(super) struct IdleGuard {
    shapes: Vec<ClippedShape>,
    subject: Option<Subject>,
    /// Pictures drawn so far; repeated ones do not count.
    pub(super) drawn: u64,
}

impl IdleGuard {
    /// Draws, or repeats the last picture if it is of the same subject.
    pub(super) fn show(&mut self, ui: &mut Ui, subject: Subject, draw: impl FnOnce(&mut Ui)) {
        let layer = ui.layer_id();
        if self
            .subject
            .as_ref()
            .is_some_and(|it| it.is_same_as(&subject))
        {
            // Drawing takes one automatic id; those of widgets that follow must not shift.
            ui.skip_ahead_auto_ids(1);
            ui.ctx().graphics_mut(|it| {
                let list = it.entry(layer);
                for shape in &self.shapes {
                    list.add(shape.clip_rect, shape.shape.clone());
                }
            });
            return;
        }
        self.drawn += 1;
        let first = ui.ctx().graphics_mut(|it| it.entry(layer).next_idx().0);
        draw(ui);
        self.shapes = ui.ctx().graphics_mut(|it| {
            let all = it.entry(layer).all_entries();
            all.skip(first).cloned().collect()
        });
        self.subject = Some(subject);
    }
}
