//! The incident that lasts, above the canvas.

use egui::{Align, Color32, Frame, Label, Layout, Margin, RichText, Stroke, Ui};
use jiff::Timestamp;

use crate::{
    model::{Model, RouteId, ServiceId},
    monitor::Incident,
    ui::{
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
        let more = match lasting.len() {
            0 | 1 => String::new(),
            count => format!(
                " And {}.",
                counted(count - 1, "more incident", "more incidents")
            ),
        };
        let text = format!("{}{more}", in_words(model, incident, state.live_now()));
        bar(ui, &text, StateShape::Down, |ui| {
            if parts::link(ui, "Focus").clicked() {
                let services = incident.causes.iter().chain(&incident.impacted);
                commands.push(Command::Focus(services.cloned().collect()));
                if let Some(cause) = incident.causes.first() {
                    let element = crate::model::ElementId::Service(cause.clone());
                    commands.push(Command::Reveal(element));
                }
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
                    commands.act(crate::ui::action::Action::FocusSelection);
                }
            },
        );
    }
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
