//! The incident that lasts, above the canvas.

use egui::{Align, Color32, Frame, Label, Layout, Margin, RichText, Stroke, Ui};
use jiff::Timestamp;

use crate::{
    model::{Model, RouteId, ServiceId},
    monitor::{Incident, Snapshot},
    ui::{
        action::Action,
        command::{Command, Commands},
        state::{Mode, State},
        theme::{CONTROL_RADIUS, ROW_SIZE, Theme},
        widgets::{
            parts,
            state_shape::StateShape,
            words::{age, clock, clock_on, counted},
        },
    },
};

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    if state.mode == Mode::Live {
        looking_back(ui, state, commands);
    }
    let Some(snapshot) = state.live() else { return };
    if !state.is_polling && state.past.moment.is_none() {
        stopped(ui, snapshot, commands);
    }
    let model = &state.document.project().model;
    if snapshot.is_offline {
        let text = "This machine seems to be offline: nothing is judged until it is back.";
        bar(ui, text, StateShape::Unknown, |_| {});
    }
    let lasting: Vec<_> = snapshot
        .incidents
        .iter()
        .filter(|it| it.until.is_none())
        .collect();
    if let Some(incident) = lasting.first() {
        let text = in_words(model, incident, state.live_now());
        bar(ui, &text, StateShape::Down, |ui| {
            if parts::link(ui, "Focus").clicked() {
                let services = incident.causes.iter().chain(&incident.impacted);
                commands.push(Command::Focus(services.cloned().collect()));
                if let Some(cause) = incident.causes.first() {
                    let element = crate::model::ElementId::Service(cause.clone());
                    commands.push(Command::Reveal(element));
                }
            }
            // Beside the sentence, which may be cut.
            if let more @ 1.. = lasting.len() - 1 {
                let more = counted(more, "more incident", "more incidents");
                let muted = Theme::of(ui.ctx()).muted;
                ui.label(RichText::new(more).size(ROW_SIZE).color(muted));
            }
        });
    }
    if state.focus.is_some() {
        bar(
            ui,
            "Only a part of the design is shown.",
            StateShape::Unknown,
            |ui| {
                if parts::link(ui, "Show all").clicked() {
                    commands.act(Action::FocusSelection);
                }
            },
        );
    }
}

/// What is shown was seen last and is not watched any more.
fn stopped(ui: &mut Ui, snapshot: &Snapshot, commands: &mut Commands) {
    let at = clock_on(snapshot.at, Timestamp::now());
    let text = format!("Polling has stopped: this is how everything was at {at}.");
    bar(ui, &text, StateShape::Unknown, |ui| {
        if parts::link(ui, "Poll again").clicked() {
            commands.act(Action::StartPolling);
        }
    });
}

/// Says plainly that what is shown is over, and leads back.
fn looking_back(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let past = &state.past;
    let Some(moment) = past.moment else { return };
    let now = Timestamp::now();
    let seen = past.seen.as_ref();
    let when = clock_on(seen.map_or(moment, |it| it.at), now);
    let ago = age(moment, now);
    let text = match seen {
        Some(seen) if seen.is_recorded => format!("As it was at {when}, {ago} ago"),
        Some(_) => format!("Nothing was recorded at {when}, {ago} ago"),
        None => format!("Reading how it was at {when}…"),
    };
    let theme = Theme::of(ui.ctx());
    let colors = (theme.accent_surface, theme.accent);
    framed(ui, colors, |ui| {
        let back = parts::link(ui, "Back to now");
        if back.on_hover_text("Escape").clicked() {
            commands.push(Command::LookBack(None));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let text = RichText::new(text).size(ROW_SIZE).color(theme.text);
            ui.add(Label::new(text).truncate());
        });
    });
}

/// `bank is not answering since 14:02:11 (48 s). Impacted: payments, orders, route /orders.`
fn in_words(model: &Model, incident: &Incident, now: Timestamp) -> String {
    let mut hit: Vec<String> = incident
        .impacted
        .iter()
        .map(|it: &ServiceId| model.service_name(it).to_owned())
        .collect();
    hit.extend(incident.routes.iter().filter_map(|it: &RouteId| {
        let route = model.routes.get(it)?;
        Some(format!("route {}", route.label()))
    }));
    let impact = if hit.is_empty() {
        "Nothing else is impacted.".to_owned()
    } else {
        format!("Impacted: {}.", hit.join(", "))
    };
    let since = incident.since;
    format!(
        "{} since {} ({}). {impact}",
        incident.summary,
        clock(since),
        age(since, now)
    )
}

fn bar(ui: &mut Ui, text: &str, shape: StateShape, action: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui.ctx());
    let (fill, line) = if shape == StateShape::Down {
        (theme.incident_surface, theme.down)
    } else {
        (theme.panel, theme.line)
    };
    framed(ui, (fill, line), |ui| {
        action(ui);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            shape.ui(ui);
            ui.add(Label::new(RichText::new(text).size(ROW_SIZE)).truncate());
        });
    });
}

/// A row across the canvas, filled from the right.
fn framed(ui: &mut Ui, (fill, line): (Color32, Color32), contents: impl FnOnce(&mut Ui)) {
    Frame::new()
        .fill(fill)
        .stroke(Stroke::new(1.0, line))
        .corner_radius(CONTROL_RADIUS)
        .inner_margin(Margin::symmetric(10, 2))
        .outer_margin(Margin::symmetric(12, 4))
        .show(ui, |ui| parts::from_right(ui, contents));
}
