//! What is wrong with a design.
//!
//! One file a rule; each rule is a constant with its code, name, weight, words and
//! check. A rule never fires on what a design does not say. `meshboard rules`, the
//! Problems panel and the README's list come from [`ALL`].

use crate::{
    edit::Edit,
    model::{ElementId, Model, Severity},
};

/// A rule of the catalogue.
#[derive(Debug)]
pub struct Rule {
    /// Stable, never reused: a letter for the area and a number.
    pub code: &'static str,
    /// The flaw, as it reads after "allow": `cyclic-dependency`.
    pub name: &'static str,
    /// Its weight where the design does not say otherwise.
    pub severity: Severity,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// Why that matters and what to do, in a few sentences; thresholds of our own are named as such.
    pub explanation: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Looks for the flaw.
    pub check: fn(&Model, &mut Findings),
}

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
    severity: Option<Severity>,
    found: Vec<Finding>,
}

/// Every rule, sorted by code.
pub const ALL: &[&Rule] = &[];

/// Judges a design: the worst first, then by rule and subject. `today`, such as
/// `2027-03-31`, decides which dismissals still hold.
pub fn check(_model: &Model, _today: &str) -> Vec<Finding> {
    Vec::new()
}
