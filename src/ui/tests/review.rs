//! Findings lead to what they are about, and to what can be done.

use std::sync::Arc;

use egui_kittest::kittest::Queryable as _;

use super::window::{Window, service};
use crate::{
    edit::Edit,
    model::{Service, Severity},
    rules::{Context, Finding, Findings, Fix, Rule, readiness},
    ui::{
        command::Command,
        state::{Judgement, Mode},
    },
};

const RULE: Rule = Rule {
    code: "O12",
    name: "single-entry",
    severity: Severity::Warning,
    summary: "An entry has one replica.",
    explanation: "If it fails, nobody gets in.",
    source: "ours",
    check: nothing,
};

fn nothing(_: &Context<'_>, _: &mut Findings) {}

/// A window in which one finding about `cart` is shown.
fn window() -> Window {
    let mut window = Window::on("shop(cart, stock)");
    let id = "cart".parse().unwrap();
    let fixed = Service {
        replicas: Some(2),
        ..Service::clone(&window.project().model.services["cart"])
    };
    let finding = Finding {
        rule: &RULE,
        severity: Severity::Warning,
        subjects: vec![service("cart")],
        message: "cart is the only way in and runs once".to_owned(),
        fixes: vec![Fix {
            label: "Add a replica".to_owned(),
            edit: Edit::ChangeService(id, Box::new(fixed), "Replicas"),
        }],
        dismissal: None,
    };
    let practices = readiness(&window.project().model);
    let state = &mut window.state_mut().state;
    let revision = state.document.revision();
    let judgement = Judgement {
        practices: practices.into(),
        ..Judgement::of(vec![finding], revision)
    };
    state.judgement = Arc::new(judgement);
    window.settle();
    window
}

#[test]
fn a_fix_changes_the_design_and_can_be_undone() {
    let mut window = window();
    window.get_by_label("Problems 1");
    window.click("Add a replica: cart is the only way in and runs once");
    assert_eq!(window.project().model.services["cart"].replicas, Some(2));
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    window.settle();
    assert_eq!(window.project().model.services["cart"].replicas, None);
}

#[test]
fn a_finding_leads_to_what_it_is_about_and_says_why() {
    let mut window = window();
    window.click("warning O12: cart is the only way in and runs once");
    assert_eq!(window.state().state().selection, [service("cart")].into());
    window.click("Why: cart is the only way in and runs once");
    window.get_by_label("If it fails, nobody gets in.");
}

#[test]
fn a_dismissal_says_who_and_why_and_can_be_taken_back() {
    let mut window = window();
    window.click("Dismiss: cart is the only way in and runs once");
    window.type_into("Who", "Ada");
    window.type_into("Why", "a test system");
    window.click("Dismiss");
    let dismissals = &window.project().model.governance.dismissals;
    assert_eq!(dismissals[0].subjects, ["cart"]);
    assert_eq!(dismissals[0].by, "Ada");
}

#[test]
fn review_shows_how_far_the_seven_practices_are() {
    let mut window = window();
    window.ask(Command::Show(Mode::Review));
    let practices = window.state().state().judgement.practices.clone();
    assert_eq!(practices.len(), 7);
    for practice in practices {
        window.get_by_label(practice.name);
    }
}

#[test]
fn a_design_is_judged_whenever_it_changes() {
    let mut window = Window::on("shop(cart, stock); cart -> stock");
    let judgement = window.state().state().judgement.clone();
    assert!(
        judgement.findings.iter().any(|it| it.subjects.len() == 1),
        "{judgement:?}"
    );
    window.ask(Command::Select([service("cart")].into()));
    window.ask(Command::Do(crate::ui::action::Action::Delete));
    let after = window.state().state().judgement.clone();
    assert!(after.findings.len() < judgement.findings.len());
}

#[test]
fn what_was_dismissed_is_shown_on_demand_and_can_be_taken_back() {
    let mut window = Window::on("shop(cart, stock); cart -> stock");
    let first = window.state().state().judgement.findings[0].clone();
    let dismissal = first.dismissed_by("Ada", "a test system", "");
    let governance = &window.project().model.governance;
    let edit = crate::rules::dismiss(governance, dismissal);
    window.ask(Command::Edit(edit));
    window.click("Show 1 dismissed");
    window.click("Take back");
    assert!(window.project().model.governance.dismissals.is_empty());
}
