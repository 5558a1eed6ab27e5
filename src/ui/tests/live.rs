//! Polling asks first, and says what it saw.

use std::sync::Arc;

use egui_kittest::kittest::Queryable as _;
use jiff::{SignedDuration, Timestamp};

use super::window::{Window, project, service};
use crate::{
    edit::Edit,
    model::{ElementId, EnvironmentId, ServiceId},
    monitor::{
        BreakerState, Circuit, Confidence, Health, Incident, InstanceState, Reach, ServiceState,
        Snapshot,
    },
    project::{Environment, Project, Target},
    ui::{Start, action::Action, command::Command, dialogs::Dialog, state::Mode},
};

fn watched(address: &str) -> Project {
    let mut project = project("shop(cart, stock); cart -> stock");
    let target = Target {
        instances: vec![address.to_owned()],
        ..Target::default()
    };
    let environment = Environment {
        targets: [(ServiceId::new("cart").unwrap(), target)].into(),
        ..Environment::default()
    };
    let id = EnvironmentId::new("staging").unwrap();
    project.environments.insert(id, Arc::new(environment));
    project
}

#[test]
fn no_host_but_this_machine_is_polled_unasked() {
    let mut window = Window::open(Start {
        project: Some(watched("http://cart.example.invalid:8080")),
        ..Start::default()
    });
    window.ask(Command::Do(Action::StartPolling));
    assert!(matches!(
        window.state().state().dialog,
        Some(Dialog::Consent(_))
    ));
    window.get_by_label("cart.example.invalid");
    assert!(!window.state().state().is_polling);
    window.click("Cancel");
    assert!(!window.state().state().is_polling);
    window.ask(Command::Do(Action::StartPolling));
    window.click("Allow 1 host");
    assert!(window.state().state().is_polling);
    window.ask(Command::Do(Action::StopPolling));
    assert!(!window.state().state().is_polling);
    window.ask(Command::Do(Action::StartPolling));
    assert!(
        window.state().state().is_polling,
        "a host is asked for once"
    );
}

#[test]
fn an_environment_without_targets_says_what_to_do() {
    let mut window = Window::on("shop(cart)");
    window.ask(Command::Do(Action::AddEnvironment));
    window.ask(Command::Do(Action::StartPolling));
    let notice = &window.state().state().notices[0];
    assert!(
        notice.is_error && notice.text.contains("add an instance"),
        "{notice:?}"
    );
}

#[test]
fn an_incident_is_named_and_the_service_says_why() {
    let mut window = Window::open(Start {
        project: Some(watched("http://127.0.0.1:9")),
        ..Start::default()
    });
    let instance = InstanceState {
        address: "http://127.0.0.1:9".to_owned(),
        health: Health::Down,
        reach: Reach::Refused,
        raw: String::new(),
        read_from: Vec::new(),
        latency_ms: None,
        recent_latencies_ms: vec![3.0, 4.0],
        last_answer: None,
        going_down: None,
        source: None,
        is_insecure: false,
    };
    let now = Timestamp::now();
    let cart = ServiceState {
        health: Health::Down,
        reach: Reach::Refused,
        instances: vec![instance],
        since: now,
        is_stale: false,
        impacted_by: None,
        note: None,
    };
    let id = ServiceId::new("cart").unwrap();
    let snapshot = Snapshot {
        at: now,
        started: now,
        services: [(id.clone(), Arc::new(cart))].into_iter().collect(),
        incidents: vec![Incident {
            causes: vec![id],
            id: 1,
            path: Vec::new(),
            at_risk: Vec::new(),
            impacted: Vec::new(),
            routes: Vec::new(),
            since: now,
            until: None,
            summary: "cart is not answering (connection refused)".to_owned(),
        }],
        ..Snapshot::default()
    };
    // What the real poller sees meanwhile must not take the place of what is shown here.
    window.ask(Command::Do(Action::StopPolling));
    window.state_mut().state.snapshot = Some(Arc::new(snapshot));
    window.ask(Command::Show(Mode::Live));
    window.ask(Command::Select([service("cart")].into()));
    window.get_by_label_contains("Polling has stopped: this is how everything was at");
    window.get_by_label("Down");
    window.get_by_label("connection refused");
    window.get_by_label("cart, down");
    window.click("Focus");
    assert_eq!(window.state().state().focus.as_ref().unwrap().len(), 1);
    window.click("Show all");
    assert!(window.state().state().focus.is_none());
}

#[test]
fn a_selected_call_says_how_its_breaker_is_now() {
    let mut window = Window::open(Start {
        project: Some(watched("http://127.0.0.1:9")),
        ..Start::default()
    });
    let model = &window.project().model;
    let call = model.dependencies.keys().next().unwrap().clone();
    let now = Timestamp::now();
    let breaker = BreakerState {
        from: ServiceId::new("cart").unwrap(),
        name: "stock".to_owned(),
        dependency: Some(call.clone()),
        circuit: Circuit::Open,
        confidence: Confidence::Reported,
        failure_rate_percent: Some(100.0),
        buffered_calls: Some(10),
        not_permitted_calls: None,
        instances_open: (1, 1),
        detail: String::new(),
        since: now - SignedDuration::from_secs(14),
        source: "/breakers".to_owned(),
        is_flapping: false,
        is_stale: false,
    };
    let snapshot = Snapshot {
        at: now,
        started: now,
        breakers: vec![breaker],
        ..Snapshot::default()
    };
    window.state_mut().state.snapshot = Some(Arc::new(snapshot));
    window.ask(Command::Show(Mode::Live));
    window.ask(Command::Select([ElementId::Dependency(call)].into()));
    window.get_by_label("Open");
    window.get_by_label("for 14 s · 100 % of 10 failed");
}

#[test]
fn a_removed_environment_is_not_looked_at_any_more() {
    let mut window = Window::open(Start {
        project: Some(watched("http://127.0.0.1:9")),
        ..Start::default()
    });
    let id = EnvironmentId::new("staging").unwrap();
    assert_eq!(window.state().state().environment, Some(id.clone()));
    window.ask(Command::Edit(Edit::RemoveEnvironment(id)));
    assert_eq!(window.state().state().environment, None);
}
