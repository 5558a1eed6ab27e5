//! The tree of boundaries and services, with what was last seen of each.
//!
//! Rows are worked out once for each change, and only those in view are drawn, so that
//! ten thousand services scroll as lightly as ten.

mod rows;

use std::collections::BTreeSet;

use egui::{
    Align, EventFilter, FontId, Key, Layout, Margin, Rect, RichText, ScrollArea, Sense, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use self::rows::{Row, element_of, row_key, rows};
use crate::{
    model::{BoundaryId, ElementId, Model, ServiceId},
    ui::{
        command::{Command, Commands},
        state::State,
        theme::{
            BODY_SIZE, CONTROL_RADIUS, PANEL_PADDING, ROW_HEIGHT, ROW_SIZE, SECONDARY_SIZE, Theme,
            semibold,
        },
        widgets::{fields::line, glyph::Glyph, lists::name, state_shape::StateShape},
    },
};

/// Keeps the filter and what is closed.
#[derive(Debug, Default)]
pub(super) struct Explorer {
    filter: String,
    closed: BTreeSet<Option<BoundaryId>>,
    rows: Vec<Row>,
    /// What the rows were worked out for.
    key: Option<(u64, usize, String, BTreeSet<Option<BoundaryId>>)>,
    last_selection: BTreeSet<ElementId>,
}

impl Explorer {
    pub(super) fn ui(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let model = &state.document.project().model;
        self.head(ui, model);
        self.refresh(state);
        let has_moved = self.last_selection != state.selection;
        if has_moved {
            self.last_selection.clone_from(&state.selection);
        }
        let shown = has_moved.then(|| self.place_of_selection(state)).flatten();
        ui.spacing_mut().item_spacing.y = 0.0;
        if model.services.is_empty() && model.boundaries.is_empty() {
            let text = "No services yet. Double-click the canvas, or press Ctrl+Enter.";
            egui::Frame::new()
                .inner_margin(Margin::symmetric(16, 4))
                .show(ui, |ui| {
                    crate::ui::widgets::parts::hint(ui, text);
                });
        }
        let area = ScrollArea::vertical().auto_shrink(false);
        let top = ui.cursor().top();
        area.show_rows(ui, ROW_HEIGHT, self.rows.len(), |ui, range| {
            if let Some(shown) = shown.filter(|it| !range.contains(it)) {
                let y = top + shown as f32 * ROW_HEIGHT - range.start as f32 * ROW_HEIGHT;
                let rect =
                    Rect::from_min_size(pos2(ui.min_rect().left(), y), vec2(1.0, ROW_HEIGHT));
                ui.scroll_to_rect(rect, Some(Align::Center));
            }
            for index in range {
                self.row(ui, state, commands, index);
            }
        });
    }

    fn head(&mut self, ui: &mut Ui, model: &Model) {
        let theme = Theme::of(ui.ctx());
        let margin = Margin {
            left: PANEL_PADDING as i8,
            right: PANEL_PADDING as i8,
            top: 12,
            bottom: 4,
        };
        egui::Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(RichText::new("Services").family(semibold()));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let count = model.services.len().to_string();
                    ui.label(RichText::new(count).size(ROW_SIZE).color(theme.faint));
                });
            });
            let response = ui.add(line(&mut self.filter, "Filter"));
            name(ui, &response, "Filter");
        });
    }

    fn refresh(&mut self, state: &State) {
        let document = &state.document;
        let project = std::sync::Arc::as_ptr(document.project()) as usize;
        let is_current = self
            .key
            .as_ref()
            .is_some_and(|(revision, it, filter, closed)| {
                *revision == document.revision()
                    && *it == project
                    && *filter == self.filter
                    && *closed == self.closed
            });
        if is_current {
            return;
        }
        self.rows = rows(&document.project().model, &self.filter, &self.closed);
        self.key = Some((
            document.revision(),
            project,
            self.filter.clone(),
            self.closed.clone(),
        ));
    }

    fn place_of_selection(&self, state: &State) -> Option<usize> {
        let element = state.selected_element()?;
        self.rows
            .iter()
            .position(|row| element_of(row).as_ref() == Some(element))
    }

    fn row(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands, index: usize) {
        let row = self.rows[index].clone();
        let element = element_of(&row);
        let size = vec2(ui.available_width(), ROW_HEIGHT);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let id = ui.id().with(("row", row_key(&row)));
        let response = ui.interact(rect, id, Sense::click());
        let is_selected = element
            .as_ref()
            .is_some_and(|it| state.selection.contains(it));
        let theme = Theme::of(ui.ctx());
        let ground = rect.shrink2(vec2(8.0, 0.0));
        if is_selected {
            ui.painter()
                .rect_filled(ground, CONTROL_RADIUS, theme.accent_surface);
        } else if response.hovered() {
            ui.painter()
                .rect_filled(ground, CONTROL_RADIUS, ui.visuals().faint_bg_color);
        }
        if response.has_focus() {
            let line = egui::Stroke::new(1.5, theme.accent);
            let kind = egui::StrokeKind::Inside;
            ui.painter().rect_stroke(ground, CONTROL_RADIUS, line, kind);
            self.take_keys(ui, commands, index);
        }
        let label = match &row {
            Row::Boundary(boundary, depth, turn) => {
                self.paint_boundary(ui, state, rect, (boundary.as_ref(), *depth, *turn))
            }
            Row::Service(service, depth) => paint_service(ui, state, rect, service, *depth),
        };
        response.widget_info(|| {
            WidgetInfo::selected(WidgetType::SelectableLabel, true, is_selected, &label)
        });
        self.take_pointer(ui, state, commands, &response, &row);
    }

    fn take_pointer(
        &mut self,
        ui: &Ui,
        state: &State,
        commands: &mut Commands,
        response: &egui::Response,
        row: &Row,
    ) {
        if !response.clicked() {
            return;
        }
        let is_at_chevron = response
            .interact_pointer_pos()
            .is_some_and(|it| it.x < response.rect.left() + 26.0);
        match (row, element_of(row)) {
            (Row::Boundary(id, ..), element) if is_at_chevron || element.is_none() => {
                self.toggle(id.clone());
            }
            (_, Some(element)) => {
                let adds = ui.input(|it| it.modifiers.command || it.modifiers.shift);
                if response.double_clicked() {
                    commands.push(Command::Reveal(element));
                } else if adds {
                    let mut selection = state.selection.clone();
                    if !selection.remove(&element) {
                        selection.insert(element);
                    }
                    commands.push(Command::Select(selection));
                } else {
                    commands.select(element);
                }
                response.request_focus();
            }
            (_, None) => {}
        }
    }

    fn toggle(&mut self, id: Option<BoundaryId>) {
        if !self.closed.remove(&id) {
            self.closed.insert(id);
        }
    }

    fn take_keys(&mut self, ui: &Ui, commands: &mut Commands, index: usize) {
        let row = self.rows[index].clone();
        let id = ui.id().with(("row", row_key(&row)));
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|it| it.set_focus_lock_filter(id, filter));
        let pressed = |key| ui.input(|it| it.key_pressed(key));
        let next = if pressed(Key::ArrowDown) {
            (index + 1 < self.rows.len()).then_some(index + 1)
        } else if pressed(Key::ArrowUp) {
            index.checked_sub(1)
        } else {
            None
        };
        if let Some(next) = next {
            let row = &self.rows[next];
            ui.memory_mut(|it| it.request_focus(ui.id().with(("row", row_key(row)))));
            if let Some(element) = element_of(row) {
                commands.select(element);
            }
        }
        if let Row::Boundary(boundary, ..) = &row {
            let is_closed = self.closed.contains(boundary);
            if (pressed(Key::ArrowLeft) && !is_closed) || (pressed(Key::ArrowRight) && is_closed) {
                self.toggle(boundary.clone());
            }
        } else if pressed(Key::Enter)
            && let Some(element) = element_of(&row)
        {
            commands.push(Command::Reveal(element));
        }
    }

    fn paint_boundary(
        &self,
        ui: &Ui,
        state: &State,
        rect: Rect,
        (id, depth, turn): (Option<&BoundaryId>, usize, usize),
    ) -> String {
        let theme = Theme::of(ui.ctx());
        let model = &state.document.project().model;
        let left = rect.left() + indent(depth);
        let is_closed = self.closed.contains(&id.cloned());
        let chevron = if is_closed { Glyph::Right } else { Glyph::Down };
        chevron.paint(
            ui.painter(),
            pos2(left + 19.0, rect.center().y),
            theme.muted,
        );
        let boundary = id.and_then(|it| model.boundaries.get(it));
        let mut text_left = left + 30.0;
        if let Some(boundary) = boundary {
            let square =
                Rect::from_center_size(pos2(left + 35.0, rect.center().y), vec2(10.0, 10.0));
            ui.painter()
                .rect_filled(square, 3, theme.boundary(boundary.color, turn));
            text_left = left + 48.0;
        }
        let mut right = rect.right() - PANEL_PADDING;
        if let Some(boundary) = boundary.filter(|it| !it.team.is_empty()) {
            let team = crate::ui::widgets::words::team(&boundary.team);
            let font = FontId::new(SECONDARY_SIZE - 0.5, egui::FontFamily::Proportional);
            let team = short(ui, &team, font, rect.width() * 0.42);
            right -= team.size().x;
            let at = pos2(right, rect.center().y - team.size().y / 2.0);
            ui.painter().galley(at, team, theme.faint);
        }
        let label = match id {
            Some(id) => model.boundary_name(id),
            None if model.boundaries.is_empty() => "No boundary yet",
            None => "Outside",
        };
        let font = FontId::new(BODY_SIZE, semibold());
        let galley = short(ui, label, font, right - 8.0 - text_left);
        let at = pos2(text_left, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, theme.text);
        label.to_owned()
    }
}

fn paint_service(ui: &Ui, state: &State, rect: Rect, id: &ServiceId, depth: usize) -> String {
    let theme = Theme::of(ui.ctx());
    let model = &state.document.project().model;
    let label = model.service_name(id);
    let left = rect.left() + indent(depth) + 30.0;
    let right = rect.right() - 24.0;
    let seen = state
        .live()
        .map(|it| StateShape::of(it.services.get(id).map(AsRef::as_ref)));
    let shape = seen.unwrap_or(StateShape::Unknown);
    shape.paint(ui.painter(), pos2(right, rect.center().y), theme);
    let font = FontId::new(BODY_SIZE, egui::FontFamily::Proportional);
    let galley = short(ui, label, font, right - 12.0 - left);
    let at = pos2(left, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, theme.text);
    match seen {
        Some(seen) => format!("{label}, {}", seen.label()),
        None => label.to_owned(),
    }
}

/// A text in at most this width, its end left out if need be.
fn short(ui: &Ui, text: &str, font: FontId, width: f32) -> std::sync::Arc<egui::Galley> {
    let color = Theme::of(ui.ctx()).text;
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.sections
        .iter_mut()
        .for_each(|it| it.format.color = egui::Color32::PLACEHOLDER);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(10.0));
    ui.fonts_mut(|it| it.layout_job(job))
}

fn indent(depth: usize) -> f32 {
    // Deeper ones still need room for their names.
    depth.min(6) as f32 * 18.0
}
