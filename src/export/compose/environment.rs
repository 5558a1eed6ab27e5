//! What a container is told: the design's own variables, then what follows from its
//! dependencies, then what its program needs.

use std::collections::BTreeMap;

use super::{
    imported, program,
    secrets::{self, Secrets},
    words,
};
use crate::{
    export::{
        bundle::{self, Origin, Variable},
        yaml::{Map, Value},
    },
    model::{Model, Service, ServiceId, ServiceKind},
};

/// The environment and the secrets of a container.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Variables, sorted by name.
    pub(super) environment: BTreeMap<String, String>,
    /// The secrets it reads, as Compose writes them.
    pub(super) secrets: Vec<Value>,
}

impl Told {
    /// The variables as a mapping.
    pub(super) fn environment(&self) -> Map {
        self.environment
            .iter()
            .map(|(name, value)| (name.as_str(), Value::from(value.as_str())))
            .collect()
    }
}

/// What whoever starts the system says: variable → what it is for.
pub(super) type Asked = BTreeMap<String, String>;

/// What a container is told.
pub(super) fn of(
    model: &Model,
    (id, service): (&ServiceId, &Service),
    secrets: &mut Secrets,
    asked: &mut Asked,
    notes: &mut Vec<String>,
) -> Told {
    let mut told = Told::default();
    for (name, value) in &service.environment {
        if words::is_variable_name(name) {
            let written = imported::written_variable(service, name, Some(value));
            let text = written.unwrap_or_else(|| words::literal(value));
            told.environment.insert(name.clone(), text);
        } else {
            notes.push(format!(
                "{id} leaves out the variable {name:?}: it has no usable name."
            ));
        }
    }
    drawn_secrets(model, (id, service), secrets, &mut told, notes);
    // A well-known program would not read what our own code is told.
    let is_told = !matches!(bundle::origin(service), Origin::Program(_));
    let variables = bundle::variables_of(model, id);
    for (name, value) in variables.into_iter().filter(|_| is_told) {
        if told.environment.contains_key(&name) {
            continue;
        }
        let value = match value {
            Variable::Text(text) => words::literal(&text),
            Variable::Asked => {
                asked
                    .entry(name.clone())
                    .or_insert_with(|| what_for(model, (id, service), &name));
                format!("${{{name}:-}}")
            }
        };
        told.environment.insert(name, value);
    }
    if !bundle::is_imported(service) {
        if is_told {
            let read = secrets::of_caller(model, id, secrets, &mut told.environment);
            told.secrets.extend(read);
        }
        program_settings((id, service), secrets, &mut told);
    }
    told
}

/// What a variable is for; a skeleton does not start without whom it needs.
fn what_for(model: &Model, (id, service): (&ServiceId, &Service), name: &str) -> String {
    let mut calls = model.dependencies_of(id);
    let is_hard =
        calls.any(|(_, it)| it.is_hard() && format!("{}_URL", bundle::prefix(&it.to)) == name);
    if is_hard && matches!(bundle::origin(service), Origin::Ours(_)) {
        format!("needed by {id}, which does not start without it")
    } else {
        format!("needed by {id}")
    }
}

fn program_settings((id, service): (&ServiceId, &Service), secrets: &mut Secrets, told: &mut Told) {
    match bundle::origin(service) {
        Origin::Program(known) => {
            let Some(program) = program::find(known.id) else {
                return;
            };
            for (name, value) in program.environment {
                told.environment
                    .entry((*name).to_owned())
                    .or_insert_with(|| secrets::filled(value, id, service, program));
            }
            let read = secrets::of_program(id, service, secrets, &mut told.environment);
            told.secrets.extend(read);
        }
        Origin::Ours(stack) => {
            let mut tell = |name: &str, value: String| {
                told.environment.entry(name.to_owned()).or_insert(value);
            };
            tell("SERVICE_NAME", id.to_string());
            if service.kind == ServiceKind::Job {
                return;
            }
            let port = bundle::port(service).to_string();
            match stack {
                bundle::Stack::SpringBoot => tell("SERVER_PORT", port),
                bundle::Stack::AspNet => tell("ASPNETCORE_HTTP_PORTS", port),
                bundle::Stack::FastApi
                | bundle::Stack::Express
                | bundle::Stack::Go
                | bundle::Stack::Axum => tell("PORT", port),
            }
        }
        Origin::Foreign => {}
    }
}

/// A drawn secret is a variable that names its file, or a file at a path of its own.
fn drawn_secrets(
    model: &Model,
    (id, service): (&ServiceId, &Service),
    secrets: &mut Secrets,
    told: &mut Told,
    notes: &mut Vec<String>,
) {
    for (place, name) in &service.secrets {
        if bundle::is_imported(service) {
            imported_secret(service, place, name, told);
            continue;
        }
        let recipe = secrets::recipe(model, (id, service), place);
        let what = match recipe {
            secrets::Recipe::MadeUp => "a secret".to_owned(),
            _ => format!("`{}`", place.trim_end_matches("_FILE")),
        };
        let name = secrets.read_by(id, &secrets::name_of(name), "txt", &what);
        secrets.comes_about(&name, recipe);
        if place.starts_with('/') {
            let target = words::literal(place);
            told.secrets.push(Value::from([
                ("source", name.into()),
                ("target", target.into()),
            ]));
            continue;
        }
        if !words::is_variable_name(place) {
            notes.push(format!(
                "{id} leaves out the secret {place:?}: it is neither a variable nor a path."
            ));
            continue;
        }
        let variable = if place.ends_with("_FILE") {
            place.clone()
        } else {
            format!("{place}_FILE")
        };
        told.environment.insert(variable, secrets::path(&name));
        told.secrets.push(name.into());
    }
}

/// An imported secret stays what it was: a file of the compose file's own secrets, or a
/// variable whose value comes from outside.
fn imported_secret(service: &Service, place: &str, name: &str, told: &mut Told) {
    if place.starts_with('/') {
        let target = words::literal(place);
        told.secrets.push(Value::from([
            ("source", name.into()),
            ("target", target.into()),
        ]));
    } else {
        let written = imported::written_variable(service, place, None);
        let text = written.unwrap_or_else(|| format!("${{{}}}", secrets::name_of(name)));
        told.environment.insert(place.to_owned(), text);
    }
}
