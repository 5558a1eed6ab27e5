//! What changed when: a lane for each service and breaker that did, and a cursor that
//! takes the whole window to any moment of it.

mod header;
mod keyboard;
mod rows;

use egui::{
    Align2, CursorIcon, Id, Rect, ScrollArea, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2,
};
use jiff::{SignedDuration, Timestamp};

use self::rows::Row;
use crate::{
    monitor::Snapshot,
    ui::{
        command::{Command, Commands},
        past::{Extent, Record, Span},
        state::State,
        theme::{CONTROL_RADIUS, FontKind, PANEL_PADDING, Theme, mixed},
        widgets::{
            parts,
            words::{clock_on, day_or_clock},
        },
    },
};

pub(super) use header::header;
pub(in crate::ui) use rows::{Bar, bars};

/// Where lanes begin, from the left.
const NAMES_WIDTH: f32 = 172.0;
/// Height of a lane.
const LANE: f32 = 24.0;
/// Height of the cursor's time above.
const CURSOR: f32 = 20.0;
/// Height of the times below.
const TIMES: f32 = 22.0;
/// The least time that is shown, so that a first second does not fill the width.
const LEAST_SECONDS: i64 = 120;

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let model = &state.document.project().model;
    if let Some(record) = state.past.recorded() {
        let shown = state.past.extent(Timestamp::now());
        let lanes = Lanes {
            rows: rows::recorded(model, record, shown),
            shown,
            moment: state.past.moment,
            is_recorded: true,
        };
        let nothing = nothing(record, state.past.span, shown);
        lanes.ui(ui, commands, (state, &nothing));
    } else if let Some(snapshot) = &state.snapshot {
        let lanes = Lanes {
            rows: rows::watched(model, snapshot),
            shown: watched_extent(snapshot),
            moment: None,
            is_recorded: false,
        };
        let nothing = "Nothing has changed since polling began.";
        lanes.ui(ui, commands, (state, nothing));
    } else {
        let margin = egui::Margin::symmetric(PANEL_PADDING as i8, 0);
        egui::Frame::new().inner_margin(margin).show(ui, |ui| {
            parts::empty(
                ui,
                "Nothing was watched yet",
                "Start polling with F5: what changes appears here, one lane for each service and breaker.",
            );
            problem(ui, state);
        });
    }
}

/// Why there are no lanes.
fn nothing(record: &Record, span: Span, shown: Extent) -> String {
    let is_recorded = record
        .recorded
        .is_some_and(|(from, to)| from <= shown.to && to >= shown.from);
    if is_recorded {
        format!("Nothing that was recorded {} has changed.", span.in_words())
    } else {
        format!("Nothing was recorded {}.", span.in_words())
    }
}

fn problem(ui: &mut Ui, state: &State) {
    let record = state.past.record.as_ref();
    if let Some(problem) = record.and_then(|it| it.problem.as_ref()) {
        parts::hint(ui, format!("The history cannot be read: {problem}"));
    }
}

fn watched_extent(snapshot: &Snapshot) -> Extent {
    let to = snapshot.at;
    let least = to - SignedDuration::from_secs(LEAST_SECONDS);
    let first = snapshot.transitions.first().map(|it| it.at);
    let from = first.map_or(snapshot.started, |it| it.min(snapshot.started));
    let is_known = snapshot.started != Timestamp::UNIX_EPOCH;
    Extent {
        from: if is_known { from.min(least) } else { least },
        to,
    }
}

/// Lanes over times, with a cursor.
struct Lanes {
    rows: Vec<Row>,
    shown: Extent,
    moment: Option<Timestamp>,
    /// Whether one can go back to what is shown.
    is_recorded: bool,
}

impl Lanes {
    fn ui(&self, ui: &mut Ui, commands: &mut Commands, (state, nothing): (&State, &str)) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let room = ui.available_rect_before_wrap();
        ui.add_space(CURSOR);
        let height = (room.height() - CURSOR - TIMES).max(LANE);
        ScrollArea::vertical()
            .max_height(height)
            .auto_shrink(false)
            .show(ui, |ui| {
                for row in &self.rows {
                    self.lane(ui, commands, row);
                }
                if self.rows.is_empty() {
                    let margin = egui::Margin::symmetric(PANEL_PADDING as i8, 4);
                    egui::Frame::new().inner_margin(margin).show(ui, |ui| {
                        parts::hint(ui, nothing);
                        self.way_to_the_last(ui, state, commands);
                        problem(ui, state);
                    });
                }
                if !self.is_recorded {
                    why_not_recorded(ui, state);
                }
            });
        self.times(ui, state, commands);
        self.cursor(ui, room);
    }

    /// Where something was recorded, if nothing was in what is shown.
    fn way_to_the_last(&self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let recorded = state.past.recorded().and_then(|it| it.recorded);
        let Some((from, to)) = recorded.filter(|_| self.is_recorded) else {
            return;
        };
        let is_elsewhere = to < self.shown.from || from > self.shown.to;
        if is_elsewhere && parts::small_button(ui, "Show what was recorded last").clicked() {
            let a_little = SignedDuration::from_secs(state.past.span.duration().as_secs() / 20);
            let until = to.saturating_add(a_little).unwrap_or(to);
            commands.push(Command::ShowTime(state.past.span, Some(until)));
        }
    }

    fn lane(&self, ui: &mut Ui, commands: &mut Commands, row: &Row) {
        let theme = Theme::of(ui.ctx());
        let size = vec2(ui.available_width(), LANE);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let id = ui.id().with(("lane", &row.name, &row.element));
        name(ui, commands, row, (rect, id.with("name")));
        let plot = plot_of(rect);
        let sense = if self.is_recorded {
            Sense::click_and_drag()
        } else {
            Sense::click()
        };
        let response = ui.interact(plot, id, sense);
        response.widget_info(|| {
            let label = format!("{} through time", row.name);
            WidgetInfo::labeled(WidgetType::Button, true, label)
        });
        let track = mixed(theme.panel, theme.line, 0.35);
        ui.painter().rect_filled(bar_rect(plot, 0.0, 1.0), 2, track);
        for it in &row.bars {
            let bar = self.place(plot, it);
            let color = mixed(theme.panel, it.shape.color(theme), 0.75);
            ui.painter().rect_filled(bar, 2, color);
        }
        parts::focus_ring(ui, &response);
        if self.is_recorded && response.has_focus() {
            self.follow_keyboard(ui, commands, (row, id));
        }
        let pointer = response.hover_pos().or(response.interact_pointer_pos());
        let Some(at) = pointer.map(|it| self.time_at(plot, it.x)) else {
            return;
        };
        if (response.clicked() || response.dragged()) && self.is_recorded {
            response.request_focus();
            commands.push(Command::LookBack(Some(at)));
        } else if response.clicked() {
            commands.push(Command::Reveal(row.element.clone()));
        }
        let text = self.words(row, at);
        response
            .on_hover_cursor(CursorIcon::PointingHand)
            .on_hover_text_at_pointer(text);
    }

    /// `payments: down since 14:02:11` with why, and what a click does.
    fn words(&self, row: &Row, at: Timestamp) -> String {
        let bar = row.bars.iter().rfind(|it| it.from <= at && at <= it.to);
        let mut lines = match bar {
            Some(it) => vec![format!(
                "{}: {} since {}",
                row.name,
                it.state,
                clock_on(it.from, self.shown.to)
            )],
            None => vec![format!("{}: nothing was recorded", row.name)],
        };
        lines.extend(bar.map(|it| it.cause.clone()).filter(|it| !it.is_empty()));
        if self.is_recorded {
            let at = clock_on(at, self.shown.to);
            let offer = "Click to see everything as it was at";
            lines.push(format!("{offer} {at}; arrow keys lead on"));
        }
        lines.join("\n")
    }

    fn place(&self, plot: Rect, bar: &Bar) -> Rect {
        let share = |at| self.shown.share(at).clamp(0.0, 1.0) as f32;
        let mut rect = bar_rect(plot, share(bar.from), share(bar.to));
        // A gap tells one state from the next.
        if rect.width() > 3.0 {
            rect.max.x -= 1.0;
        }
        let is_within = bar.to >= self.shown.from && bar.from <= self.shown.to;
        if is_within {
            // What lasted a moment is seen too.
            rect.max.x = rect.max.x.max(rect.min.x + 2.0);
        }
        rect
    }

    fn time_at(&self, plot: Rect, x: f32) -> Timestamp {
        let share = f64::from((x - plot.left()) / plot.width().max(1.0));
        self.shown.at(share)
    }

    /// The times below, by which what is shown can be moved.
    fn times(&self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let theme = Theme::of(ui.ctx());
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), TIMES), Sense::hover());
        let plot = plot_of(rect);
        let most = (plot.width() / 84.0).floor().max(1.0) as usize;
        let font = FontKind::Secondary.id();
        for at in self.shown.ticks(most) {
            let x = plot.left() + plot.width() * self.shown.share(at) as f32;
            let mark = Stroke::new(1.0, theme.line);
            ui.painter().vline(x, rect.top()..=rect.top() + 4.0, mark);
            let text = day_or_clock(at, self.shown.seconds());
            let at = pos2(x, rect.center().y + 1.0);
            ui.painter()
                .text(at, Align2::CENTER_CENTER, text, font.clone(), theme.muted);
        }
        if !self.is_recorded {
            return;
        }
        let response = ui
            .interact(plot, ui.id().with("times"), Sense::drag())
            .on_hover_and_drag_cursor(CursorIcon::Grab)
            .on_hover_text("Drag to move to an earlier or a later time");
        let moved = f64::from(response.drag_delta().x / plot.width().max(1.0));
        if response.dragged() && moved != 0.0 {
            let offset = SignedDuration::from_secs_f64(-moved * self.shown.seconds());
            let until = self
                .shown
                .to
                .saturating_add(offset)
                .unwrap_or(self.shown.to);
            commands.push(Command::ShowTime(state.past.span, Some(until)));
        }
    }

    /// A line at the moment that is looked at, or at now, with its time above.
    fn cursor(&self, ui: &Ui, room: Rect) {
        let theme = Theme::of(ui.ctx());
        let plot = plot_of(room);
        let (at, text) = match self.moment {
            Some(at) => (at, clock_on(at, Timestamp::now())),
            None => (self.shown.to, "now".to_owned()),
        };
        let is_now = self.moment.is_none();
        let is_away = is_now && Timestamp::now().duration_since(at).as_secs() > LEAST_SECONDS;
        let share = self.shown.share(at);
        if is_away || !(0.0..=1.0).contains(&share) {
            return;
        }
        let x = plot.left() + plot.width() * share as f32;
        let font = FontKind::Secondary.id();
        let galley = ui.painter().layout_no_wrap(text, font, theme.on_accent);
        let size = galley.size() + vec2(12.0, 2.0);
        let middle = x.clamp(room.left() + size.x / 2.0, room.right() - size.x / 2.0);
        let chip = Rect::from_center_size(pos2(middle, room.top() + CURSOR / 2.0), size);
        let bottom = room.bottom() - TIMES + 2.0;
        let line = Stroke::new(1.5, theme.accent);
        ui.painter().vline(x, chip.bottom()..=bottom, line);
        ui.painter().rect_filled(chip, CONTROL_RADIUS, theme.accent);
        let at = chip.center() - galley.size() / 2.0;
        ui.painter().galley(at, galley, theme.on_accent);
    }
}

/// What a lane is of; a click shows it.
fn name(ui: &mut Ui, commands: &mut Commands, row: &Row, (rect, id): (Rect, Id)) {
    let theme = Theme::of(ui.ctx());
    let names = Rect::from_min_size(
        rect.min + vec2(PANEL_PADDING, 0.0),
        vec2(NAMES_WIDTH - PANEL_PADDING - 8.0, LANE),
    );
    let name = ui.interact(names, id, Sense::click());
    let color = if name.hovered() {
        theme.text
    } else {
        theme.muted
    };
    let galley = egui::WidgetText::from(
        egui::RichText::new(&row.name)
            .font(FontKind::Row.id())
            .color(color),
    )
    .into_galley(
        ui,
        Some(egui::TextWrapMode::Truncate),
        names.width(),
        egui::TextStyle::Body,
    );
    let at = pos2(names.left(), names.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, color);
    if name.on_hover_text(&row.name).clicked() {
        commands.push(Command::Reveal(row.element.clone()));
    }
}

/// What to do so that one can go back.
fn why_not_recorded(ui: &mut Ui, state: &State) {
    let text = if state.path.is_none() {
        "Save the project: what happens is then recorded, and you can go back to any moment."
    } else if !state.settings.is_recording {
        "Nothing is recorded. Turn on “Record history” in the menu Live to go back to any moment."
    } else {
        return;
    };
    let margin = egui::Margin::symmetric(PANEL_PADDING as i8, 4);
    egui::Frame::new().inner_margin(margin).show(ui, |ui| {
        parts::hint(ui, text);
        problem(ui, state);
    });
}

fn plot_of(lane: Rect) -> Rect {
    lane.with_min_x(lane.left() + NAMES_WIDTH)
        .with_max_x(lane.right() - 40.0)
}

fn bar_rect(plot: Rect, from: f32, to: f32) -> Rect {
    let x = |share: f32| plot.left() + plot.width() * share;
    let middle = plot.center().y;
    Rect::from_x_y_ranges(x(from)..=x(to).max(x(from)), middle - 5.0..=middle + 5.0)
}
