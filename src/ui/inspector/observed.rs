//! What was last seen of a dependency, and of the system as a whole: calls, sources,
//! calls that nobody drew, and incidents.

use egui::{Align, Label, Layout, RichText, Ui};
use jiff::Timestamp;

use super::{live::insecure, plots::millis};
use crate::{
    model::{DependencyId, ElementId, Model, ServiceId},
    monitor::{Incident, Reach, Snapshot, SourceState, Traffic, Undrawn},
    ui::{
        command::{Command, Commands},
        state::State,
        theme::{ROW_SIZE, SECONDARY_SIZE, Theme, semibold},
        widgets::{
            parts,
            state_shape::StateShape,
            words::{age, clock, counted, duration_ms, per_second, reach, trimmed},
        },
    },
};

/// Rows of a list before the rest is counted.
const MAX_ROWS: usize = 12;

/// The calls along a dependency, where a source tells of them.
pub(super) fn traffic(ui: &mut Ui, state: &State, id: &DependencyId) {
    let Some(traffic) = state.live().and_then(|it| it.traffic.get(id)) else {
        return;
    };
    parts::heading_with(ui, "Observed calls", &format!("told by {}", traffic.source));
    let text = Theme::of(ui.ctx()).text;
    let unknown = || "not known".to_owned();
    let rate = traffic.rate_per_second.map_or_else(unknown, per_second);
    parts::key_value(ui, "Calls", &rate, text);
    if let Some(share) = traffic.error_share {
        let failed = format!("{} %", trimmed(share * 100.0, 2));
        parts::key_value(ui, "Failed", &failed, text);
    }
    if let Some(p95) = traffic.p95_ms {
        parts::key_value(ui, "p95", &millis(p95), text);
    }
    parts::hint(ui, taken(traffic));
    parts::rule(ui);
}

/// `over 5 min, until 14:02:11`.
fn taken(traffic: &Traffic) -> String {
    let window = duration_ms(traffic.window_seconds.saturating_mul(1000));
    let stale = if traffic.is_stale { ", stale" } else { "" };
    format!("over {window}, until {}{stale}", clock(traffic.at))
}

/// Everything that is known of the system beside its services.
pub(super) fn system(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let Some(snapshot) = state.live() else { return };
    let model = &state.document.project().model;
    ui.add_space(4.0);
    incidents(ui, model, commands, snapshot);
    if !snapshot.sources.is_empty() {
        parts::heading(ui, "Sources");
        for it in &snapshot.sources {
            source(ui, it, snapshot.at);
        }
        parts::rule(ui);
    }
    undrawn(ui, model, commands, &snapshot.undrawn);
}

fn incidents(ui: &mut Ui, model: &Model, commands: &mut Commands, snapshot: &Snapshot) {
    if snapshot.incidents.is_empty() {
        return;
    }
    parts::heading(ui, "Incidents");
    for it in snapshot.incidents.iter().take(MAX_ROWS) {
        incident(ui, model, commands, it, snapshot.at);
    }
    more(ui, snapshot.incidents.len());
    parts::rule(ui);
}

fn incident(ui: &mut Ui, model: &Model, commands: &mut Commands, it: &Incident, now: Timestamp) {
    let theme = Theme::of(ui.ctx());
    let shape = if it.until.is_none() {
        StateShape::Down
    } else {
        StateShape::Unknown
    };
    parts::row(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        shape.ui(ui);
        let text = RichText::new(&it.summary).family(semibold()).size(ROW_SIZE);
        let label = Label::new(text.color(theme.text)).truncate();
        if ui.add(label.sense(egui::Sense::click())).clicked() {
            let services = it.causes.iter().chain(&it.impacted);
            commands.push(Command::Focus(services.cloned().collect()));
            if let Some(cause) = it.causes.first() {
                commands.push(Command::Reveal(ElementId::Service(cause.clone())));
            }
        }
    });
    let lasted = age(it.since, it.until.unwrap_or(now));
    let when = match it.until {
        None => format!("since {} ({lasted})", clock(it.since)),
        Some(until) => format!("{} to {} ({lasted})", clock(it.since), clock(until)),
    };
    let mut facts = vec![when];
    let name = |id: &ServiceId| model.service_name(id).to_owned();
    if it.path.len() > 1 {
        let path: Vec<_> = it.path.iter().map(name).collect();
        facts.push(format!("it spread: {}", path.join(", then ")));
    }
    let mut hit = Vec::new();
    for (count, one, many) in [
        (it.impacted.len(), "service impacted", "services impacted"),
        (it.at_risk.len(), "more at risk", "more at risk"),
        (it.routes.len(), "route affected", "routes affected"),
    ] {
        if count > 0 {
            hit.push(counted(count, one, many));
        }
    }
    if !hit.is_empty() {
        facts.push(hit.join(", "));
    }
    for fact in facts {
        parts::hint(ui, fact);
    }
    ui.add_space(4.0);
}

fn source(ui: &mut Ui, it: &SourceState, now: Timestamp) {
    let shape = match (it.reach, it.is_stale, it.last_answer) {
        (_, true, _) | (Reach::Ok, _, None) => StateShape::Unknown,
        (Reach::Ok, ..) => StateShape::Up,
        _ => StateShape::Down,
    };
    parts::row(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        shape.ui(ui);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if it.is_insecure {
                insecure(ui);
            }
            let muted = Theme::of(ui.ctx()).muted;
            let said = match (it.reach, it.last_answer) {
                (Reach::Ok, None) => "not asked yet".to_owned(),
                (Reach::Ok, Some(_)) => told(it.known),
                (other, _) => reach(other).to_owned(),
            };
            ui.label(RichText::new(said).size(SECONDARY_SIZE).color(muted));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = format!("{} · {}", it.name, it.title);
                ui.add(Label::new(name).truncate());
            });
        });
    })
    .on_hover_text(format!(
        "{}\nIt tells of instances, breakers and calls; some may be of nothing that is drawn.",
        it.address
    ));
    // What the row says already needs no second line.
    if let Some(note) = it.note.as_ref().filter(|note| *note != it.reach.label()) {
        parts::hint(ui, note.as_str());
    }
    if let Some(at) = it
        .last_answer
        .filter(|_| it.reach != Reach::Ok || it.is_stale)
    {
        parts::hint(ui, format!("last answer {} ago", age(at, now)));
    }
}

/// `tells of 16, 3 not drawn`: what a source told of, and what of it the design lacks.
fn told((known, all): (usize, usize)) -> String {
    match all.saturating_sub(known) {
        0 => format!("tells of {all}"),
        strange => format!("tells of {all}, {strange} not drawn"),
    }
}

fn undrawn(ui: &mut Ui, model: &Model, commands: &mut Commands, calls: &[Undrawn]) {
    if calls.is_empty() {
        return;
    }
    parts::heading_with(
        ui,
        "Seen and not drawn",
        &counted(calls.len(), "call", "calls"),
    );
    for it in calls.iter().take(MAX_ROWS) {
        let name = |id: &Option<ServiceId>, said: &str| match id {
            Some(id) => model.service_name(id).to_owned(),
            None => format!("{said} (not drawn)"),
        };
        let from = name(&it.from_service, &it.from);
        let text = format!("{from} → {}", name(&it.to_service, &it.to));
        parts::row(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let muted = Theme::of(ui.ctx()).muted;
                let rate = it
                    .traffic
                    .rate_per_second
                    .map_or_else(String::new, per_second);
                ui.label(RichText::new(rate).size(SECONDARY_SIZE).color(muted));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let label = Label::new(text).truncate().sense(egui::Sense::click());
                    if ui.add(label).clicked()
                        && let Some(id) = it.from_service.as_ref().or(it.to_service.as_ref())
                    {
                        commands.push(Command::Reveal(ElementId::Service(id.clone())));
                    }
                });
            });
        });
    }
    more(ui, calls.len());
    parts::rule(ui);
}

fn more(ui: &mut Ui, count: usize) {
    if count > MAX_ROWS {
        parts::hint(ui, format!("and {} more", count - MAX_ROWS));
    }
}
