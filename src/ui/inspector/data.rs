//! What a service keeps, gets and mounts, and what starts before it.

use std::collections::BTreeMap;

use egui::Ui;

use super::service::{finish, words};
use crate::{
    model::{Model, Service, ServiceId, StartCondition, Unknown, Volume},
    ui::{
        command::Commands,
        state::State,
        widgets::{fields::Form, glyph::Glyph, parts},
    },
};

pub(super) fn fields(
    ui: &mut Ui,
    state: &State,
    commands: &mut Commands,
    id: &ServiceId,
    service: &Service,
) {
    let model = &state.document.project().model;
    let mut next = service.clone();
    let mut form = Form::new(ui, commands);
    parts::heading(form.ui, "Business entities");
    form.texts(
        words("Entities", "Entity", "such as Order"),
        &mut next.entities,
    );
    parts::rule(form.ui);
    parts::heading(form.ui, "Environment variables");
    form.pairs(
        words("Environment", "Variable", "empty"),
        &mut next.environment,
        &|it| variable(it),
    );
    parts::rule(form.ui);
    parts::heading(form.ui, "Secrets");
    parts::hint(
        form.ui,
        "By reference: a variable or file, and the secret's name.",
    );
    form.pairs(
        words("Secrets", "Secret", "name of the secret"),
        &mut next.secrets,
        &|it| filled(it),
    );
    parts::rule(form.ui);
    parts::heading(form.ui, "Volumes");
    form.parts(words("Volumes", "Volume", ""), &mut next.volumes, volume);
    parts::rule(form.ui);
    parts::heading(form.ui, "Starts after");
    starts_after(&mut form, model, id, &mut next.starts_after);
    imported(form.ui, &next.extra);
    finish(&mut form, id, next);
}

/// A name of an environment variable.
pub(super) fn variable(text: &str) -> Result<String, String> {
    let is_good = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '.' || it == '-';
    match text.chars().find(|it| !is_good(*it)) {
        Some(bad) => Err(format!("{bad:?} cannot be part of a variable's name")),
        None => filled(text),
    }
}

fn filled(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("a name is needed here".to_owned());
    }
    Ok(text.to_owned())
}

fn volume(form: &mut Form<'_>, volume: &mut Volume) {
    form.text("Source", &mut volume.source, "an unnamed volume");
    form.text("Mounted at", &mut volume.target, "path in the container");
    form.switch("Read only", &mut volume.read_only);
}

fn starts_after(
    form: &mut Form<'_>,
    model: &Model,
    id: &ServiceId,
    orders: &mut BTreeMap<ServiceId, StartCondition>,
) {
    let mut removed = None;
    for (other, condition) in orders.iter_mut() {
        form.nested("Starts after", other.as_str(), |form| {
            let name = model.service_name(other).to_owned();
            form.ui.horizontal(|ui| {
                if Glyph::Cross
                    .button(ui, &format!("Do not wait for {name}"))
                    .clicked()
                {
                    removed = Some(other.clone());
                }
                ui.label(&name);
            });
            let conditions = [
                (StartCondition::Started, "its process runs"),
                (StartCondition::Healthy, "its health check passes"),
                (StartCondition::Completed, "it ended without an error"),
            ];
            let conditions = conditions.map(|(it, text)| (it, text.to_owned()));
            form.choice("Once", condition, &conditions);
        });
    }
    if let Some(other) = removed {
        orders.remove(&other);
        form.changed = Some("Starts after");
    }
    let mut added: Option<ServiceId> = None;
    let mut choices = vec![(None, "choose a service…".to_owned())];
    choices.extend(
        model
            .services
            .keys()
            .filter(|it| *it != id && !orders.contains_key(*it))
            .map(|it| (Some(it.clone()), model.service_name(it).to_owned())),
    );
    form.choice("Also after", &mut added, &choices);
    if let Some(added) = added {
        orders.insert(added, StartCondition::default());
        form.changed = Some("Starts after");
    }
}

/// Settings of another program that are kept as they are.
fn imported(ui: &mut Ui, extra: &Unknown) {
    if extra.is_empty() {
        return;
    }
    parts::rule(ui);
    parts::heading(ui, "Imported settings");
    parts::hint(ui, "Kept as they are and exported again.");
    for (origin, value) in extra {
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        egui::CollapsingHeader::new(origin).show(ui, |ui| ui.monospace(text));
    }
}
