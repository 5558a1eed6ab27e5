//! What was last seen of a service.

use egui::{Align, Color32, Frame, Label, Layout, Margin, RichText, Stroke, Ui};
use jiff::Timestamp;

use super::plots;
use crate::{
    model::{Dependency, DependencyId, ElementId, Model, ServiceId},
    monitor::{BreakerState, Confidence, Health, InstanceState, Reach, ServiceState, Snapshot},
    ui::{
        command::{Command, Commands},
        state::State,
        theme::{CARD_RADIUS, ROW_SIZE, SECONDARY_SIZE, Theme, semibold},
        widgets::{
            breaker_glyph::{self, BreakerGlyph},
            parts,
            sparkline::sparkline,
            state_shape::StateShape,
            words::{age, circuit, clock, health, reach, trimmed},
        },
    },
};

pub(super) fn service(ui: &mut Ui, state: &State, commands: &mut Commands, id: &ServiceId) {
    let Some(snapshot) = state.live() else {
        plots::service(ui, state, commands, id);
        return;
    };
    let model = &state.document.project().model;
    match snapshot.services.get(id) {
        Some(seen) => {
            headline(ui, seen);
            if let Some(cause) = &seen.impacted_by {
                impacted_by(ui, model, commands, snapshot, cause);
            }
            if let Some(note) = &seen.note {
                parts::hint(ui, note.as_str());
            }
            if !plots::service(ui, state, commands, id) {
                last_latencies(ui, seen);
            }
        }
        None if state.past.moment.is_some() => parts::empty(
            ui,
            "Not recorded",
            "Nothing is known of it at this moment: it was not watched, or nobody recorded.",
        ),
        None => parts::empty(
            ui,
            "Not watched",
            "Nothing says where it runs: add an instance on the tab Service.",
        ),
    }
    breakers(ui, model, commands, snapshot, id);
    if let Some(seen) = snapshot.services.get(id) {
        instances(ui, seen);
        read_from(ui, seen, state.live_now());
    }
}

fn last_latencies(ui: &mut Ui, seen: &ServiceState) {
    ui.add_space(8.0);
    parts::heading(ui, "Latency of the last answers");
    let busiest = seen
        .instances
        .iter()
        .max_by_key(|it| it.recent_latencies_ms.len());
    sparkline(ui, busiest.map_or(&[], |it| &it.recent_latencies_ms));
}

fn headline(ui: &mut Ui, seen: &ServiceState) {
    let theme = Theme::of(ui.ctx());
    let shape = StateShape::of(Some(seen));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        shape.ui(ui);
        let text = if seen.is_stale {
            "Stale"
        } else {
            health(seen.health)
        };
        let text = RichText::new(text)
            .family(semibold())
            .color(shape.color(theme));
        ui.label(text);
        let (up, all) = seen.instances_up();
        let rest = format!("since {} · {up} of {all} instances", clock(seen.since));
        ui.add(Label::new(RichText::new(rest).size(ROW_SIZE).color(theme.muted)).truncate());
    });
}

fn card(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui.ctx());
    Frame::new()
        .fill(theme.field)
        .stroke(Stroke::new(1.0, theme.line))
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 3.0;
            contents(ui);
        });
}

fn impacted_by(
    ui: &mut Ui,
    model: &Model,
    commands: &mut Commands,
    snapshot: &Snapshot,
    cause: &ServiceId,
) {
    let why = snapshot
        .services
        .get(cause)
        .map(|it| reach(it.reach))
        .unwrap_or_default();
    card(ui, |ui| {
        parts::hint(ui, "impacted by");
        ui.horizontal(|ui| {
            if parts::link(ui, model.service_name(cause)).clicked() {
                commands.push(Command::Reveal(ElementId::Service(cause.clone())));
            }
            right(ui, why);
        });
    });
}

fn right(ui: &mut Ui, text: &str) {
    let muted = Theme::of(ui.ctx()).muted;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let text = RichText::new(text).size(SECONDARY_SIZE).color(muted);
        ui.add(Label::new(text).truncate());
    });
}

fn breakers(
    ui: &mut Ui,
    model: &Model,
    commands: &mut Commands,
    snapshot: &Snapshot,
    id: &ServiceId,
) {
    let leads_here = |it: &BreakerState| {
        let dependency = it
            .dependency
            .as_ref()
            .and_then(|it| model.dependencies.get(it));
        dependency.is_some_and(|it| it.to == *id)
    };
    let mut shown = snapshot
        .breakers
        .iter()
        .filter(|it| it.from == *id || leads_here(it))
        .peekable();
    if shown.peek().is_none() {
        return;
    }
    ui.add_space(8.0);
    parts::heading(ui, "Breakers");
    for breaker in shown {
        card(ui, |ui| {
            self::breaker(ui, model, commands, breaker, snapshot.at);
        });
    }
}

/// The breakers of a dependency as they are now, or that nothing tells of the one that
/// is drawn.
pub(super) fn of_dependency(
    ui: &mut Ui,
    state: &State,
    commands: &mut Commands,
    (id, dependency): (&DependencyId, &Dependency),
) {
    let Some(snapshot) = state.live() else { return };
    let all = snapshot.breakers.iter();
    let seen: Vec<_> = all
        .filter(|it| it.dependency.as_ref() == Some(id))
        .collect();
    if seen.is_empty() && dependency.breaker.is_none() {
        return;
    }
    let model = &state.document.project().model;
    ui.add_space(4.0);
    parts::heading(ui, "Breaker now");
    if seen.is_empty() {
        parts::hint(ui, "Nothing that is asked tells of this breaker.");
    }
    for it in seen {
        card(ui, |ui| breaker(ui, model, commands, it, snapshot.at));
    }
    parts::rule(ui);
}

/// What people call a breaker: the call it protects, or what its process calls it.
pub(in crate::ui) fn breaker_name(model: &Model, breaker: &BreakerState) -> String {
    match &breaker.dependency {
        Some(id) => model.dependency_name(id),
        None => format!("{}: {}", model.service_name(&breaker.from), breaker.name),
    }
}

fn breaker(
    ui: &mut Ui,
    model: &Model,
    commands: &mut Commands,
    breaker: &BreakerState,
    now: Timestamp,
) {
    let theme = Theme::of(ui.ctx());
    let glyph = BreakerGlyph::of(breaker);
    ui.horizontal(|ui| {
        let (room, _) = ui.allocate_exact_size(breaker_glyph::SIZE, egui::Sense::hover());
        let shapes = glyph.shapes((theme, theme.field), room.center(), false, 1.0);
        ui.painter().extend(shapes);
        let name = breaker_name(model, breaker);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let color: Color32 = glyph.color(theme);
            let text = RichText::new(circuit(breaker.circuit)).family(semibold());
            ui.label(text.size(ROW_SIZE).color(color));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = RichText::new(name).family(semibold()).color(theme.text);
                let label = Label::new(text).truncate().sense(egui::Sense::click());
                if ui.add(label).clicked()
                    && let Some(id) = &breaker.dependency
                {
                    commands.push(Command::Reveal(ElementId::Dependency(id.clone())));
                }
            });
        });
    });
    let mut facts = vec![format!("for {}", age(breaker.since, now))];
    match (breaker.failure_rate_percent, breaker.buffered_calls) {
        (Some(rate), Some(calls)) => {
            facts.push(format!("{} % of {calls} failed", trimmed(rate, 1)));
        }
        (Some(rate), None) => facts.push(format!("{} % failed", trimmed(rate, 1))),
        (None, Some(calls)) => facts.push(format!("{calls} calls")),
        (None, None) => {}
    }
    let (open, all) = breaker.instances_open;
    if all > 1 {
        facts.push(format!("open in {open} of {all} instances"));
    }
    if !breaker.detail.is_empty() {
        facts.push(breaker.detail.clone());
    }
    if breaker.confidence == Confidence::Inferred {
        facts.push("inferred".to_owned());
    }
    if breaker.is_flapping {
        facts.push("changes often".to_owned());
    }
    if breaker.is_stale {
        facts.push("stale".to_owned());
    }
    parts::hint(ui, facts.join(" · ")).on_hover_text(&breaker.source);
}

fn instances(ui: &mut Ui, seen: &ServiceState) {
    ui.add_space(8.0);
    parts::heading(ui, "Instances");
    for instance in &seen.instances {
        parts::row(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            StateShape::of_health(instance.health).ui(ui);
            let address = instance.address.split("://").last().unwrap_or_default();
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if instance.is_insecure {
                    insecure(ui);
                }
                let muted = Theme::of(ui.ctx()).muted;
                ui.label(
                    RichText::new(said(instance))
                        .size(SECONDARY_SIZE)
                        .color(muted),
                );
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(RichText::new(address).monospace()).truncate());
                });
            });
        })
        .on_hover_text(&instance.raw);
    }
}

/// A badge that cannot be overlooked: whoever answers may be somebody else.
pub(super) fn insecure(ui: &mut Ui) {
    let theme = Theme::of(ui.ctx());
    let text = RichText::new("not verified")
        .size(SECONDARY_SIZE)
        .color(theme.down);
    Frame::new()
        .stroke(Stroke::new(1.0, theme.down))
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::symmetric(5, 0))
        .show(ui, |ui| ui.label(text))
        .response
        .on_hover_text("Its certificate is not checked: whoever answers may be somebody else.");
}

fn said(instance: &InstanceState) -> String {
    if let Some((failed, of)) = instance.going_down {
        return format!("{failed} of {of} failures");
    }
    match (instance.reach, instance.health, instance.latency_ms) {
        (Reach::Ok, Health::Up, Some(millis)) => format!("{} ms", trimmed(millis, 1)),
        (Reach::Ok, Health::Up, None) => match &instance.source {
            Some(source) => format!("{source} says up"),
            None => reach(Reach::Ok).to_owned(),
        },
        (Reach::Ok, other, _) => format!("says {}", health(other).to_lowercase()),
        (other, ..) => reach(other).to_owned(),
    }
}

fn read_from(ui: &mut Ui, seen: &ServiceState, now: Timestamp) {
    ui.add_space(8.0);
    parts::heading(ui, "Read from");
    let mut told: Vec<(&str, Option<Timestamp>)> = Vec::new();
    for instance in &seen.instances {
        for source in &instance.read_from {
            if !told.iter().any(|(it, _)| it == source) {
                told.push((source, instance.last_answer));
            }
        }
    }
    if told.is_empty() {
        parts::hint(ui, "Nothing was understood yet.");
    }
    let muted = Theme::of(ui.ctx()).muted;
    let text = |text: String| RichText::new(text).size(SECONDARY_SIZE).color(muted);
    for (source, at) in told {
        parts::row(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let at = at.map_or_else(String::new, |it| format!("{} ago", age(it, now)));
                ui.label(text(at));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(text(source.to_owned())).truncate());
                });
            });
        });
    }
}
