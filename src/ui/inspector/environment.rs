//! Environments, and where each service is observed in one.

use std::collections::BTreeMap;

use egui::{CollapsingHeader, RichText, Ui};

use super::{service::words, sources};
use crate::{
    edit::Edit,
    model::{DependencyId, EnvironmentId, ServiceId},
    project::{Credential, Environment, Target},
    ui::{
        command::Commands,
        state::State,
        theme::semibold,
        watching,
        widgets::{
            fields::{Form, Measure},
            parts,
            words::counted,
        },
    },
};

/// An environment with what holds for all its targets.
pub(super) fn element(
    ui: &mut Ui,
    commands: &mut Commands,
    id: &EnvironmentId,
    environment: &Environment,
) {
    let name = if environment.name.is_empty() {
        id.as_str()
    } else {
        &environment.name
    };
    let title = RichText::new(name).family(semibold());
    CollapsingHeader::new(title)
        .id_salt(id.as_str())
        .show_unindented(ui, |ui| {
            let mut next = environment.clone();
            let mut form = Form::new(ui, commands);
            form.text("Environment name", &mut next.name, "as the id");
            form.number(
                "Poll every",
                &mut next.interval_ms,
                Measure::new("ms", 500.0, 86_400_000.0),
            );
            let asked = counted(environment.targets.len(), "service is", "services are");
            let text = format!("{asked} asked directly, each at what its own tab Service says.");
            parts::hint(form.ui, text);
            sources::ui(&mut form, &mut next.sources);
            sources::webhook(&mut form, &mut next.webhook);
            sources::names(&mut form, &mut next.service_aliases);
            aliases(&mut form, &mut next.breaker_aliases);
            if let Some(field) = form.changed {
                let edit = Edit::ChangeEnvironment(id.clone(), Box::new(next), field);
                form.commands.edit(edit);
            }
            if parts::small_button(ui, "Remove environment").clicked() {
                commands.edit(Edit::RemoveEnvironment(id.clone()));
            }
        });
}

fn aliases(form: &mut Form<'_>, aliases: &mut BTreeMap<String, DependencyId>) {
    let mut texts: BTreeMap<String, String> = aliases
        .iter()
        .map(|(name, id)| (name.clone(), id.to_string()))
        .collect();
    let before = texts.clone();
    form.pairs(
        words("Breaker names", "Breaker name", "dependency's id"),
        &mut texts,
        &|it| {
            if it.contains('/') {
                Ok(it.trim().to_owned())
            } else {
                Err("caller/name of the breaker".to_owned())
            }
        },
    );
    parts::hint(
        form.ui,
        "What a breaker is called, as caller/name, where that is not what it protects.",
    );
    if texts != before {
        // A value counts once it is an id.
        let read = |(name, id): (String, String)| Some((name, DependencyId::new(id).ok()?));
        *aliases = texts.into_iter().filter_map(read).collect();
    }
}

/// Where a service is observed in the environment that is looked at.
pub(super) fn target(ui: &mut Ui, state: &State, commands: &mut Commands, service: &ServiceId) {
    let project = state.document.project();
    let Some(id) = &state.environment else { return };
    let Some(environment) = project.environments.get(id) else {
        return;
    };
    parts::rule(ui);
    parts::heading(ui, &format!("Observed in {id}"));
    let mut target = environment
        .targets
        .get(service)
        .cloned()
        .unwrap_or_default();
    let mut form = Form::new(ui, commands);
    form.texts(
        words("Instances", "Instance", "http://127.0.0.1:8080"),
        &mut target.instances,
    );
    for address in &target.instances {
        if let Err(problem) = watching::check_address(address) {
            parts::hint(form.ui, format!("{address}: {problem}"));
        }
    }
    if !target.instances.is_empty() {
        form.switch("Each address of a name", &mut target.is_each_address);
        form.text("Asked at", &mut target.health_path, "the health path");
        form.texts(
            words("Further paths", "Path", "/actuator/circuitbreakers"),
            &mut target.more_paths,
        );
        form.number(
            "Asked every",
            &mut target.interval_ms,
            Measure::new("ms", 500.0, 86_400_000.0),
        );
        form.number(
            "Gives up after",
            &mut target.timeout_ms,
            Measure::new("ms", 50.0, 60_000.0),
        );
        credential(&mut form, &mut target.credential);
        sources::way(&mut form, &mut target.tls, &mut target.proxy);
    }
    let Some(field) = form.changed else { return };
    let mut next = Environment::clone(environment);
    if target == Target::default() {
        next.targets.remove(service);
    } else {
        next.targets.insert(service.clone(), target);
    }
    commands.edit(Edit::ChangeEnvironment(id.clone(), Box::new(next), field));
}

/// Who asks, by the name of a variable; the secret itself is never in the file.
pub(super) fn credential(form: &mut Form<'_>, credential: &mut Option<Credential>) {
    let (mut way, mut variable) = match credential {
        None => (0, String::new()),
        Some(Credential::BearerFromEnvironment(it)) => (1, it.clone()),
        Some(Credential::BasicFromEnvironment(it)) => (2, it.clone()),
        Some(Credential::BearerFromKeyring(it)) => (3, it.clone()),
        Some(Credential::BasicFromKeyring(it)) => (4, it.clone()),
    };
    let ways = [
        (0, "nothing"),
        (1, "token (variable)"),
        (2, "password (variable)"),
        (3, "token (keyring)"),
        (4, "password (keyring)"),
    ];
    form.choice(
        "Proves itself by",
        &mut way,
        &ways.map(|(it, text)| (it, text.to_owned())),
    );
    match way {
        0 => {}
        1 | 2 => form.text("Variable", &mut variable, "SHOP_TOKEN"),
        _ => form.text("Keyring entry", &mut variable, "shop-token"),
    }
    if matches!(way, 2 | 4) {
        parts::hint(form.ui, "What is kept there is user:password.");
    }
    *credential = match way {
        1 => Some(Credential::BearerFromEnvironment(variable)),
        2 => Some(Credential::BasicFromEnvironment(variable)),
        3 => Some(Credential::BearerFromKeyring(variable)),
        4 => Some(Credential::BasicFromKeyring(variable)),
        _ => None,
    };
}
