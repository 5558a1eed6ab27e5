//! A dependency: what is said of a call and what protects it.

use egui::{CollapsingHeader, RichText, Ui};

use super::{live, numbers, observed, plots, service::id_field};
use crate::{
    edit::Edit,
    model::{
        Access, Breaker, Dependency, DependencyId, ElementId, Evidence, Fallback, Mode, Model,
        Protocol, Retries, ServiceId,
    },
    ui::{
        command::Commands,
        state::State,
        theme::{ROW_SIZE, Theme, semibold},
        widgets::{
            fields::{Form, Measure},
            parts,
            words::duration_ms,
        },
    },
};

/// The only thing that is selected.
pub(super) fn element(ui: &mut Ui, state: &State, commands: &mut Commands, id: &DependencyId) {
    let model = &state.document.project().model;
    if let Some(dependency) = model.dependencies.get(id) {
        parts::heading_with(ui, &model.dependency_name(id), &remark(dependency));
        ui.add_space(4.0);
        id_field(ui, commands, model, &ElementId::Dependency(id.clone()));
        one(ui, state, commands, (id, dependency));
    }
}

/// Everything a service calls, one opened at a time, and who calls it.
pub(super) fn calls(ui: &mut Ui, state: &State, commands: &mut Commands, id: &ServiceId) {
    let model = &state.document.project().model;
    let calls: Vec<_> = model.dependencies_of(id).collect();
    if calls.is_empty() {
        parts::empty(
            ui,
            "It calls nothing",
            "Drag from the rim of its card to another service to draw a dependency.",
        );
    }
    let is_only_one = calls.len() == 1;
    for (id, dependency) in calls {
        let name = model.dependency_name(id);
        if is_only_one {
            parts::heading_with(ui, &name, &remark(dependency));
            ui.add_space(4.0);
            one(ui, state, commands, (id, dependency));
            continue;
        }
        let title = RichText::new(&name).family(semibold()).size(13.0);
        CollapsingHeader::new(title)
            .id_salt(id.as_str())
            .show_unindented(ui, |ui| {
                parts::hint(ui, remark(dependency));
                one(ui, state, commands, (id, dependency));
            });
    }
    called_by(ui, model, commands, id);
}

fn called_by(ui: &mut Ui, model: &Model, commands: &mut Commands, id: &ServiceId) {
    let mut callers = model.dependents_of(id).peekable();
    if callers.peek().is_none() {
        return;
    }
    parts::rule(ui);
    parts::heading(ui, "Called by");
    for (dependency_id, dependency) in callers {
        let name = model.service_name(&dependency.from);
        if parts::link(ui, name).clicked() {
            commands.select(ElementId::Dependency(dependency_id.clone()));
        }
    }
}

/// `HTTP · sync · hard`.
fn remark(dependency: &Dependency) -> String {
    let protocol = dependency.protocol.map_or("any protocol", protocol_label);
    let mode = match dependency.mode {
        Mode::Sync => "sync",
        Mode::Async => "async",
    };
    let weight = if dependency.is_hard() {
        "hard"
    } else {
        "optional"
    };
    format!("{protocol} · {mode} · {weight}")
}

fn protocol_label(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Http => "HTTP",
        Protocol::Grpc => "gRPC",
        Protocol::Sql => "SQL",
        Protocol::Redis => "Redis",
        Protocol::Amqp => "AMQP",
        Protocol::Kafka => "Kafka",
        Protocol::Nats => "NATS",
        Protocol::Tcp => "TCP",
    }
}

fn one(
    ui: &mut Ui,
    state: &State,
    commands: &mut Commands,
    (id, dependency): (&DependencyId, &Dependency),
) {
    let model = &state.document.project().model;
    ui.push_id(id.as_str(), |ui| {
        live::of_dependency(ui, state, commands, (id, dependency));
        observed::traffic(ui, state, id);
        plots::dependency(ui, state, commands, id);
        let mut next = dependency.clone();
        let mut form = Form::new(ui, commands);
        limits(&mut form, &mut next);
        parts::rule(form.ui);
        breaker(&mut form, model, &mut next);
        parts::rule(form.ui);
        parts::heading(form.ui, "What the numbers say");
        numbers::dependency(form.ui, state, id);
        parts::rule(form.ui);
        parts::heading(form.ui, "What it is");
        what_it_is(&mut form, model, &mut next);
        if let Some(field) = form.changed {
            let edit = Edit::ChangeDependency(id.clone(), Box::new(next), field);
            form.commands.edit(edit);
        }
        parts::rule(form.ui);
        evidence(form.ui, &dependency.evidence);
    });
}

fn limits(form: &mut Form<'_>, next: &mut Dependency) {
    form.number("Timeout", &mut next.timeout_ms, Measure::MILLIS);
    let attempts = match next.attempts() {
        1 => "1 attempt",
        2 => "2 attempts",
        3 => "3 attempts",
        4 => "4 attempts",
        _ => "retries",
    };
    let mut count = next.retries.as_ref().map(|it| it.count);
    form.number("Retries", &mut count, Measure::new(attempts, 0.0, 100.0));
    match (count, &mut next.retries) {
        (Some(count), Some(retries)) => retries.count = count,
        (Some(count), retries) => {
            *retries = Some(Retries {
                count,
                ..Retries::default()
            });
        }
        (None, retries) => *retries = None,
    }
    if let Some(retries) = &mut next.retries {
        form.number("Backoff", &mut retries.backoff_ms, Measure::MILLIS);
        form.number(
            "Longest backoff",
            &mut retries.max_backoff_ms,
            Measure::MILLIS,
        );
        form.maybe("Jitter", &mut retries.jitter);
    }
    form.number(
        "Calls / request",
        &mut next.calls_per_request,
        Measure::new("", 0.0, 1e6),
    );
    form.number(
        "Bulkhead",
        &mut next.bulkhead,
        Measure::new("at once", 1.0, 1e6),
    );
    form.number("p99", &mut next.p99_ms, Measure::MILLIS);
    fallback(form, &mut next.fallback);
}

fn fallback(form: &mut Form<'_>, fallback: &mut Option<Fallback>) {
    let mut has_fallback = fallback.is_some();
    form.switch("Fallback", &mut has_fallback);
    match (has_fallback, fallback) {
        (true, Some(fallback)) => {
            form.text(
                "Instead",
                &mut fallback.description,
                "answer from the cache",
            );
        }
        (true, fallback) => *fallback = Some(Fallback::default()),
        (false, fallback) => *fallback = None,
    }
}

fn breaker(form: &mut Form<'_>, model: &Model, next: &mut Dependency) {
    let mut is_on = next.breaker.is_some();
    let target = model.service_name(&next.to).to_owned();
    let caller = model.service_name(&next.from).to_owned();
    parts::heading(form.ui, "Circuit breaker");
    form.switch("Circuit breaker", &mut is_on);
    if !is_on {
        next.breaker = None;
        let text = format!("Off: a failing {target} is called on every request of {caller}.");
        parts::hint(form.ui, text);
        if parts::offer(form.ui, &offer_text(&Breaker::recommended())).clicked() {
            next.breaker = Some(Breaker::recommended());
            form.changed = Some("Circuit breaker");
        }
        return;
    }
    let breaker = next.breaker.get_or_insert_with(Breaker::recommended);
    form.number(
        "Opens at",
        &mut breaker.failure_rate_percent,
        Measure::PERCENT,
    );
    form.number(
        "Failures in a row",
        &mut breaker.consecutive_failures,
        Measure::COUNT,
    );
    form.number(
        "Window",
        &mut breaker.window_calls,
        Measure::new("calls", 1.0, 1e6),
    );
    form.number("Window of time", &mut breaker.window_ms, Measure::MILLIS);
    form.number(
        "Minimum calls",
        &mut breaker.minimum_calls,
        Measure::new("calls", 1.0, 1e6),
    );
    form.number("Slow from", &mut breaker.slow_call_ms, Measure::MILLIS);
    form.number(
        "Opens at slow",
        &mut breaker.slow_call_rate_percent,
        Measure::PERCENT,
    );
    form.number("Open for", &mut breaker.open_ms, Measure::MILLIS);
    form.number(
        "Trial calls",
        &mut breaker.half_open_calls,
        Measure::new("calls", 1.0, 1e6),
    );
    form.text("Breaker's name", &mut breaker.name, "as its target");
}

/// `Add breaker: 50 % of 20 calls, open 30 s`.
fn offer_text(breaker: &Breaker) -> String {
    format!(
        "Add breaker: {} % of {} calls, open {}",
        breaker.failure_rate_percent.unwrap_or_default(),
        breaker.window_calls.unwrap_or_default(),
        duration_ms(breaker.open_ms.unwrap_or_default())
    )
}

fn what_it_is(form: &mut Form<'_>, model: &Model, next: &mut Dependency) {
    let services: Vec<_> = model
        .services
        .keys()
        .map(|it| (it.clone(), model.service_name(it).to_owned()))
        .collect();
    form.choice("From", &mut next.from, &services);
    form.choice("To", &mut next.to, &services);
    let ways = [
        (Mode::Sync, "sync: the caller waits".to_owned()),
        (Mode::Async, "async: the caller goes on".to_owned()),
    ];
    form.choice("Mode", &mut next.mode, &ways);
    let accesses = [
        (Access::Call, "calls"),
        (Access::Read, "reads"),
        (Access::Write, "writes"),
        (Access::Publish, "publishes"),
        (Access::Consume, "consumes"),
    ];
    form.choice(
        "Access",
        &mut next.access,
        &accesses.map(|(it, text)| (it, text.to_owned())),
    );
    let mut protocols = vec![(None, "not set".to_owned())];
    let all = [
        Protocol::Http,
        Protocol::Grpc,
        Protocol::Sql,
        Protocol::Redis,
        Protocol::Amqp,
        Protocol::Kafka,
        Protocol::Nats,
        Protocol::Tcp,
    ];
    protocols.extend(all.map(|it| (Some(it), protocol_label(it).to_owned())));
    form.choice("Protocol", &mut next.protocol, &protocols);
    form.text("Operation", &mut next.operation, "not set");
    form.maybe("Hard", &mut next.hard);
    form.maybe("Idempotent", &mut next.idempotent);
    form.maybe("Found at run time", &mut next.dynamic_discovery);
    form.long_text("Description", &mut next.description, "what it is for");
}

fn evidence(ui: &mut Ui, evidence: &[Evidence]) {
    let theme = Theme::of(ui.ctx());
    parts::heading(ui, "Evidence");
    let text = |text: String| RichText::new(text).size(ROW_SIZE).color(theme.muted);
    for seen in evidence {
        let line = seen
            .line
            .map(|it| format!(" line {it}"))
            .unwrap_or_default();
        ui.label(text(format!("{} in {}{line}", seen.text, seen.file)));
    }
    if evidence.is_empty() {
        ui.label(text("drawn by hand".to_owned()));
    }
}
