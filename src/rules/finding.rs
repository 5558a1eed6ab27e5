//! What a rule reports, and what can be done about it.
//!
//! `Findings` knows the running rule, so that none can report under another's code.

use super::Rule;
use crate::{
    edit::Edit,
    model::{Dismissal, ElementId, Severity},
};

/// A flaw that was found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// Its weight in this design.
    pub severity: Severity,
    /// The smallest set of elements that shows it, the one to select first.
    pub subjects: Vec<ElementId>,
    /// What is wrong, as a person would say it, with numbers.
    pub message: String,
    /// What can be done about it at once.
    pub fixes: Vec<Fix>,
    /// Who accepted it, why and until when.
    pub dismissal: Option<Dismissal>,
}

/// What tells one finding from another, also after the design has changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingKey {
    /// The rule's code.
    pub code: &'static str,
    /// What it is about, in the finding's order.
    pub subjects: Vec<ElementId>,
}

/// Something that can be done about a finding at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// What the button says: `Add breaker`.
    pub label: String,
    /// What it does.
    pub edit: Edit,
}

/// Takes what the running rule reports.
#[derive(Debug)]
pub struct Findings {
    rule: &'static Rule,
    severity: Severity,
    found: Vec<Finding>,
}

/// A finding that was just reported and can still be described further.
#[derive(Debug)]
pub struct Reported<'a>(&'a mut Finding);

impl Finding {
    /// What tells it from others.
    pub fn key(&self) -> FindingKey {
        FindingKey {
            code: self.rule.code,
            subjects: self.subjects.clone(),
        }
    }

    /// The ids of its subjects as a dismissal has them: sorted, each once.
    pub fn subject_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self
            .subjects
            .iter()
            .map(|it| it.as_str().to_owned())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The dismissal of this very finding. `until` is its last day, such as
    /// `2027-03-31`; empty means for good.
    pub fn dismissed_by(&self, by: &str, reason: &str, until: &str) -> Dismissal {
        Dismissal {
            rule: self.rule.code.to_owned(),
            subjects: self.subject_ids(),
            by: by.to_owned(),
            reason: reason.to_owned(),
            until: until.to_owned(),
        }
    }
}

impl Findings {
    /// Runs a rule. `severity` is what the design says of its weight, if anything.
    pub(super) fn of(
        rule: &'static Rule,
        severity: Option<Severity>,
        context: &super::Context<'_>,
    ) -> Vec<Finding> {
        let mut findings = Self {
            rule,
            severity: rule.severity,
            found: Vec::new(),
        };
        (rule.check)(context, &mut findings);
        if let Some(severity) = severity {
            for finding in &mut findings.found {
                finding.severity = severity;
            }
        }
        findings.found
    }

    /// Reports a flaw of these elements, the one to select first.
    pub fn report(&mut self, subjects: Vec<ElementId>, message: String) -> Reported<'_> {
        let index = self.found.len();
        self.found.push(Finding {
            rule: self.rule,
            severity: self.severity,
            subjects,
            message,
            fixes: Vec::new(),
            dismissal: None,
        });
        Reported(&mut self.found[index])
    }
}

impl Reported<'_> {
    /// Weighs this one otherwise than the rule usually does.
    pub fn weighing(&mut self, severity: Severity) -> &mut Self {
        self.0.severity = severity;
        self
    }

    /// Offers something that can be done about it.
    pub fn fix(&mut self, fix: impl IntoIterator<Item = Fix>) -> &mut Self {
        self.0.fixes.extend(fix);
        self
    }
}
