//! What a team decided about rules, applied to what the rules find.

use std::collections::HashMap;

use super::{Context, Finding, Findings, Rule};
use crate::{
    edit::Edit,
    model::{Dismissal, Governance, Severity, SeverityChange},
};

/// Runs one rule as the design wants it, and marks what was dismissed.
pub(super) fn check(
    rule: &'static Rule,
    context: &Context<'_>,
    today: &str,
    found: &mut Vec<Finding>,
) {
    let governance = &context.model.governance;
    let severity = match governance.severity_change(rule.code) {
        Some(SeverityChange::Off) => return,
        Some(SeverityChange::Info) => Some(Severity::Info),
        Some(SeverityChange::Warning) => Some(Severity::Warning),
        Some(SeverityChange::Error) => Some(Severity::Error),
        None => None,
    };
    let mut findings = Findings::of(rule, severity, context);
    mark_dismissed(rule, governance, today, &mut findings);
    found.append(&mut findings);
}

fn mark_dismissed(
    rule: &'static Rule,
    governance: &Governance,
    today: &str,
    findings: &mut [Finding],
) {
    let by_subjects: HashMap<Vec<String>, &Dismissal> = governance
        .dismissals
        .iter()
        .filter(|it| it.rule == rule.code && holds(it, today))
        .map(|it| (sorted(&it.subjects), it))
        .collect();
    if by_subjects.is_empty() {
        return;
    }
    let everywhere = by_subjects.get(&Vec::new()).copied();
    for finding in findings {
        finding.dismissal = by_subjects
            .get(&finding.subject_ids())
            .copied()
            .or(everywhere)
            .cloned();
    }
}

/// Days in ISO order compare as text.
fn holds(dismissal: &Dismissal, today: &str) -> bool {
    dismissal.until.is_empty() || today <= dismissal.until.as_str()
}

fn sorted(subjects: &[String]) -> Vec<String> {
    let mut subjects = subjects.to_vec();
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

/// The edit that adds a dismissal; one of the same finding is replaced.
pub fn dismiss(governance: &Governance, dismissal: Dismissal) -> Edit {
    let mut governance = governance.clone();
    governance
        .dismissals
        .retain(|it| it.rule != dismissal.rule || it.subjects != dismissal.subjects);
    governance.dismissals.push(dismissal);
    Edit::Govern(governance)
}

/// The edit that takes the dismissal of a finding back.
pub fn restore(governance: &Governance, finding: &Finding) -> Edit {
    let mut governance = governance.clone();
    governance
        .dismissals
        .retain(|it| Some(it) != finding.dismissal.as_ref());
    Edit::Govern(governance)
}
