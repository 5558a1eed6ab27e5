//! What a service is: the first tab.

use egui::Ui;

use super::{container, environment, numbers};
use crate::{
    edit::Edit,
    model::{
        BoundaryId, ElementId, HealthCheck, Model, Operation, OperationKind, Port, PortProtocol,
        Service, ServiceId, ServiceKind, technology,
    },
    ui::{
        command::Commands,
        state::State,
        widgets::{
            fields::{Form, Measure},
            lists::ListWords,
            parts,
        },
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
    id_field(ui, commands, model, &ElementId::Service(id.clone()));
    let mut next = service.clone();
    let mut form = Form::new(ui, commands);
    what_it_is(&mut form, model, &mut next);
    parts::rule(form.ui);
    parts::heading(form.ui, "How much of it");
    form.number("Replicas", &mut next.replicas, Measure::COUNT);
    form.number(
        "Criticality",
        &mut next.criticality,
        Measure::new("of 4", 1.0, 4.0),
    );
    form.number(
        "Availability",
        &mut next.availability_percent,
        Measure::PERCENT,
    );
    form.number("Objective", &mut next.slo_percent, Measure::PERCENT);
    parts::rule(form.ui);
    parts::heading(form.ui, "Ports");
    form.parts(words("Ports", "Port", ""), &mut next.ports, port);
    parts::rule(form.ui);
    health(&mut form, &mut next.health);
    form.text(
        "Metrics path",
        &mut next.metrics_path,
        "not set, such as /metrics",
    );
    form.text("Log format", &mut next.log_format, "not set, such as json");
    parts::rule(form.ui);
    parts::heading(form.ui, "Operations");
    form.parts(
        words("Operations", "Operation", ""),
        &mut next.operations,
        operation,
    );
    parts::rule(form.ui);
    container::fields(&mut form, &mut next);
    finish(&mut form, id, next);
    parts::rule(ui);
    parts::heading(ui, "What the numbers say");
    numbers::service(ui, state, id);
    environment::target(ui, state, commands, id);
}

/// Sends what was changed.
pub(super) fn finish(form: &mut Form<'_>, id: &ServiceId, next: Service) {
    if let Some(field) = form.changed {
        form.commands
            .edit(Edit::ChangeService(id.clone(), Box::new(next), field));
    }
}

pub(super) const fn words(field: &'static str, one: &'static str, hint: &'static str) -> ListWords {
    ListWords { field, one, hint }
}

/// The id of an element: every reference follows when it changes.
pub(super) fn id_field(ui: &mut Ui, commands: &mut Commands, model: &Model, element: &ElementId) {
    let check = |text: &str| {
        let with = |error: Option<crate::model::IdError>| match error {
            Some(error) => Err(error.to_string()),
            None => Ok(()),
        };
        with(ServiceId::new(text).err())?;
        let is_taken = match element {
            ElementId::Boundary(_) => model.boundaries.contains_key(text),
            ElementId::Service(_) => model.services.contains_key(text),
            ElementId::Dependency(_) => model.dependencies.contains_key(text),
            ElementId::Route(_) => model.routes.contains_key(text),
        };
        if is_taken {
            return Err(format!("there already is a {} {text}", element.kind()));
        }
        Ok(())
    };
    let entered = Form::new(ui, commands).entered("Id", element.as_str(), "", &check);
    if let Some(id) = entered {
        commands.edit(Edit::ChangeId(element.clone(), id));
    }
}

/// Every boundary, and none.
pub(super) fn boundaries(model: &Model) -> Vec<(Option<BoundaryId>, String)> {
    let mut choices = vec![(None, "none".to_owned())];
    choices.extend(model.boundaries.keys().map(|id| {
        let name = model.boundary_name(id).to_owned();
        (Some(id.clone()), name)
    }));
    choices
}

fn what_it_is(form: &mut Form<'_>, model: &Model, next: &mut Service) {
    form.text("Name", &mut next.name, "as the id");
    let kinds: Vec<_> = ServiceKind::ALL
        .into_iter()
        .map(|it| (it, it.label().to_owned()))
        .collect();
    form.choice("Kind", &mut next.kind, &kinds);
    form.choice("Boundary", &mut next.boundary, &boundaries(model));
    form.switch("Public", &mut next.public);
    form.text("Owner", &mut next.owner, "the boundary's team");
    form.long_text("Description", &mut next.description, "what it does");
    let mut technologies = vec![(String::new(), "not set".to_owned())];
    technologies.extend(
        technology::ALL
            .iter()
            .map(|it| (it.id.to_owned(), it.label.to_owned())),
    );
    if !technologies.iter().any(|(it, _)| *it == next.technology) {
        technologies.push((next.technology.clone(), next.technology.clone()));
    }
    form.choice("Technology", &mut next.technology, &technologies);
    form.text("Other technology", &mut next.technology, "not set");
}

fn port(form: &mut Form<'_>, port: &mut Port) {
    form.needed_number("Number", &mut port.number, Measure::PORT);
    let protocols = PortProtocol::ALL.map(|it| (it, it.label().to_owned()));
    form.choice("Protocol", &mut port.protocol, &protocols);
    form.number("Published as", &mut port.published, Measure::PORT);
    if port.published.is_some() {
        form.text("On address", &mut port.host_ip, "every address of the host");
    }
}

fn operation(form: &mut Form<'_>, operation: &mut Operation) {
    form.text("Operation name", &mut operation.name, "what people call it");
    form.text("Method", &mut operation.method, "not set, such as GET");
    form.text("Path", &mut operation.path, "not set, such as /orders/{id}");
    let kinds = [
        (None, "not set"),
        (Some(OperationKind::Query), "query: only answers"),
        (Some(OperationKind::Command), "command: changes something"),
    ];
    let kinds = kinds.map(|(it, text)| (it, text.to_owned()));
    form.choice("Effect", &mut operation.kind, &kinds);
}

fn health(form: &mut Form<'_>, health: &mut Option<HealthCheck>) {
    parts::heading(form.ui, "Health check");
    let Some(check) = health else {
        parts::hint(form.ui, "Nothing says how to ask whether it is well.");
        if parts::small_button(form.ui, "Add health check").clicked() {
            *health = Some(HealthCheck {
                path: "/health".to_owned(),
                ..HealthCheck::default()
            });
            form.changed = Some("Health check");
        }
        return;
    };
    let mut removes = false;
    form.nested("Health check", "health", |form| {
        form.text("Health path", &mut check.path, "its port only");
        form.number("Health port", &mut check.port, Measure::PORT);
        form.text("Answer's format", &mut check.format, "seen by its content");
        form.number("Every", &mut check.interval_ms, Measure::MILLIS);
        form.number("Fails after", &mut check.timeout_ms, Measure::MILLIS);
        form.number("Failures in a row", &mut check.retries, Measure::COUNT);
        form.number("Start period", &mut check.start_period_ms, Measure::MILLIS);
        form.texts(
            words("Health command", "Word", "such as curl"),
            &mut check.command,
        );
        removes = parts::small_button(form.ui, "Remove health check").clicked();
    });
    if removes {
        *health = None;
        form.changed = Some("Health check");
    }
}
