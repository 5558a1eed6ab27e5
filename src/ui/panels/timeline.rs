//! What changed when: a lane for each service and breaker that did.

use std::collections::BTreeMap;

use egui::{Align2, Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2};
use jiff::Timestamp;

use crate::{
    model::{DependencyId, ElementId, Model, ServiceId},
    monitor::{Change, Snapshot},
    ui::{
        command::{Command, Commands},
        state::State,
        theme::{FontKind, PANEL_PADDING, Theme, mixed},
        widgets::{
            parts,
            state_shape::StateShape,
            words::{age, clock},
        },
    },
};

/// Where lanes begin, from the left.
const NAMES_WIDTH: f32 = 172.0;
/// Height of a lane.
const LANE: f32 = 24.0;
/// Height of the times below.
const TIMES: f32 = 24.0;
/// The least time that is shown, so that a first second does not fill the width.
const LEAST_SECONDS: f64 = 120.0;

/// Something that has states.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    /// A breaker: its caller, its name, and the call it protects.
    Breaker(ServiceId, String, Option<DependencyId>),
    /// A service.
    Service(ServiceId),
}

/// From when on it was so, and why.
type Step = (Timestamp, StateShape, String);

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let model = &state.document.project().model;
    let Some(snapshot) = &state.snapshot else {
        let margin = egui::Margin::symmetric(PANEL_PADDING as i8, 0);
        egui::Frame::new().inner_margin(margin).show(ui, |ui| {
            parts::empty(
                ui,
                "Nothing was watched yet",
                "Start polling with F5: what changes appears here, one lane for each service and breaker.",
            );
        });
        return;
    };
    let lanes = lanes(snapshot);
    let now = snapshot.at;
    let start = shown_from(snapshot);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(6.0);
        let top = ui.cursor().top();
        for (lane, steps) in &lanes {
            draw_lane(ui, model, commands, (lane, steps), (start, now));
        }
        if lanes.is_empty() {
            parts::hint(ui, "  Nothing has changed since polling began.");
        }
        times(ui, (start, now), top);
    });
}

fn shown_from(snapshot: &Snapshot) -> Timestamp {
    let first = snapshot
        .transitions
        .first()
        .map_or(snapshot.started, |it| it.at);
    let first = first.min(snapshot.started).max(Timestamp::UNIX_EPOCH);
    let least = snapshot.at - jiff::SignedDuration::from_secs_f64(LEAST_SECONDS);
    if snapshot.started == Timestamp::UNIX_EPOCH {
        least
    } else {
        first.min(least)
    }
}

/// Every lane with its steps; what changed last first.
fn lanes(snapshot: &Snapshot) -> Vec<(Lane, Vec<Step>)> {
    let mut lanes: BTreeMap<Lane, Vec<Step>> = BTreeMap::new();
    for transition in snapshot.transitions.iter() {
        let (lane, from, to) = match &transition.change {
            Change::Health { service, from, to } => (
                Lane::Service(service.clone()),
                StateShape::of_health(*from),
                StateShape::of_health(*to),
            ),
            Change::Circuit {
                from_service,
                dependency,
                name,
                from,
                to,
            } => (
                Lane::Breaker(from_service.clone(), name.clone(), dependency.clone()),
                StateShape::of_circuit(*from),
                StateShape::of_circuit(*to),
            ),
        };
        let steps = lanes.entry(lane).or_default();
        if steps.is_empty() {
            // Nothing is known of the time before.
            steps.push((snapshot.started, from, String::new()));
        }
        steps.push((transition.at, to, transition.cause.clone()));
    }
    let mut lanes: Vec<_> = lanes.into_iter().collect();
    // Those that changed more than once tell more; the order stays while nothing changes.
    lanes.sort_by_key(|(lane, steps)| (std::cmp::Reverse(steps.len().min(3)), lane.clone()));
    lanes
}

fn draw_lane(
    ui: &mut Ui,
    model: &Model,
    commands: &mut Commands,
    (lane, steps): (&Lane, &[Step]),
    (start, now): (Timestamp, Timestamp),
) {
    let theme = Theme::of(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LANE), Sense::click());
    let (name, element) = match lane {
        Lane::Service(id) => (
            model.service_name(id).to_owned(),
            ElementId::Service(id.clone()),
        ),
        Lane::Breaker(_, _, Some(id)) => {
            (model.dependency_name(id), ElementId::Dependency(id.clone()))
        }
        Lane::Breaker(from, name, None) => (
            format!("{}: {name}", model.service_name(from)),
            ElementId::Service(from.clone()),
        ),
    };
    let names = Rect::from_min_size(
        rect.min + vec2(PANEL_PADDING, 0.0),
        vec2(NAMES_WIDTH - PANEL_PADDING - 8.0, LANE),
    );
    let at = pos2(names.left(), names.center().y);
    ui.painter_at(names).text(
        at,
        Align2::LEFT_CENTER,
        &name,
        FontKind::Row.id(),
        theme.muted,
    );
    let plot = plot_of(rect);
    let mut under_pointer = None;
    for (index, (since, shape, cause)) in steps.iter().enumerate() {
        let until = steps.get(index + 1).map_or(now, |it| it.0);
        let bar = Rect::from_x_y_ranges(
            place(plot, (start, now), *since)..=place(plot, (start, now), until) - 1.0,
            rect.center().y - 5.0..=rect.center().y + 5.0,
        );
        if bar.width() > 0.0 {
            let color = mixed(theme.panel, shape.color(theme), 0.75);
            ui.painter().rect_filled(bar, 2, color);
            if response
                .hover_pos()
                .is_some_and(|it| bar.x_range().contains(it.x))
            {
                under_pointer = Some((since, shape, cause));
            }
        }
    }
    let response = match under_pointer {
        Some((_, shape, cause)) if cause.is_empty() => {
            response.on_hover_text(format!("{name}: {}", shape.label()))
        }
        Some((since, shape, cause)) => response.on_hover_text(format!(
            "{name}: {} since {}\n{cause}",
            shape.label(),
            clock(*since)
        )),
        None => response,
    };
    if response.clicked() {
        commands.push(Command::Reveal(element));
    }
}

fn plot_of(lane: Rect) -> Rect {
    lane.with_min_x(lane.left() + NAMES_WIDTH)
        .with_max_x(lane.right() - 40.0)
}

/// Where a time is.
fn place(plot: Rect, (start, now): (Timestamp, Timestamp), at: Timestamp) -> f32 {
    let span = now.duration_since(start).as_secs_f64().max(1.0);
    let share = at.duration_since(start).as_secs_f64() / span;
    plot.left() + plot.width() * (share as f32).clamp(0.0, 1.0)
}

fn times(ui: &mut Ui, (start, now): (Timestamp, Timestamp), top: f32) {
    let theme = Theme::of(ui.ctx());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), TIMES), Sense::hover());
    let plot = plot_of(rect);
    let span = now.duration_since(start).as_secs_f64();
    let count = (plot.width() / 110.0).floor().clamp(1.0, 8.0);
    for index in 0..=(count as usize) {
        let share = index as f64 / f64::from(count);
        let at = start + jiff::SignedDuration::from_secs_f64(span * share);
        let x = plot.left() + plot.width() * share as f32;
        let align = match index {
            0 => Align2::LEFT_CENTER,
            _ => Align2::CENTER_CENTER,
        };
        let font = FontKind::Secondary.id();
        ui.painter().text(
            pos2(x, rect.center().y),
            align,
            clock(at),
            font,
            theme.muted,
        );
    }
    let x = plot.right();
    let line = Stroke::new(1.5, theme.accent);
    ui.painter().vline(x, top..=rect.top() + 2.0, line);
    let label = format!("now, {} after the start", age(start, now));
    ui.interact(
        Rect::from_x_y_ranges(x - 3.0..=x + 3.0, top..=rect.top()),
        ui.id().with("now"),
        Sense::hover(),
    )
    .on_hover_text(label);
}
