//! Rules on the one-line notation, for tests.

use super::{Context, Finding, Findings, Rule};
use crate::{
    edit::Document,
    model::{Model, testing::model},
    project::{Project, to_json},
};

/// What a rule finds in a design.
pub(super) fn findings(rule: &'static Rule, text: &str) -> Vec<Finding> {
    findings_in(rule, &model(text))
}

fn findings_in(rule: &'static Rule, model: &Model) -> Vec<Finding> {
    Findings::of(rule, None, &Context::new(model))
}

/// What a rule says of a design, a line each: `error: orders calls itself`.
pub(super) fn messages(rule: &'static Rule, text: &str) -> String {
    let line = |it: &Finding| format!("{}: {}\n", it.severity.label(), it.message);
    findings(rule, text).iter().map(line).collect()
}

/// The labels of all fixes a rule offers in a design, a line each. Each is tried: it
/// must apply, the finding must be gone, and undo must give back the very same bytes.
pub(super) fn fixes(rule: &'static Rule, text: &str) -> String {
    let mut labels = String::new();
    let start = Project {
        model: model(text),
        ..Project::default()
    };
    for finding in findings_in(rule, &start.model) {
        for fix in &finding.fixes {
            labels.push_str(&fix.label);
            labels.push('\n');
            let mut document = Document::new(start.clone());
            document.apply(fix.edit.clone()).expect("a fix applies");
            let left = findings_in(rule, &document.project().model);
            assert!(
                left.iter().all(|it| it.key() != finding.key()),
                "{} does not help: {}",
                fix.label,
                finding.message
            );
            assert!(document.undo(), "{} changes nothing", fix.label);
            assert_eq!(to_json(document.project()), to_json(&start));
        }
    }
    labels
}

/// The design as JSON after the first fix that starts with a label.
pub(super) fn after(rule: &'static Rule, text: &str, label: &str) -> Model {
    let start = model(text);
    let fix = findings_in(rule, &start)
        .into_iter()
        .flat_map(|it| it.fixes)
        .find(|it| it.label.starts_with(label))
        .expect("a fix with that label");
    let mut document = Document::new(Project {
        model: start,
        ..Project::default()
    });
    document.apply(fix.edit).expect("a fix applies");
    document.project().model.clone()
}
