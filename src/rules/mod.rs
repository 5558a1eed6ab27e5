//! What is wrong with a design.
//!
//! One file a rule, named for the flaw; each rule is a constant with its code, name,
//! weight, words and check. A rule never fires on what a design does not say, and it
//! names the smallest set of elements that shows the flaw: code and elements together
//! are a finding's identity, which dismissals and selections hold on to.
//! `meshboard rules`, the Problems panel and the README's list come from [`ALL`].

mod bypassed_gateway;
mod colliding_host_ports;
mod colliding_routes;
mod context;
mod cycle;
mod cyclic_contexts;
mod cyclic_dependency;
mod data_of_another_context;
mod finding;
mod fix;
mod governance;
mod long_call_chain;
mod missing_breaker;
mod missing_gateway;
mod missing_health_check;
mod missing_timeout;
#[cfg(test)]
mod properties;
mod readiness;
mod reference;
mod retry_amplification;
mod route_to_missing_port;
#[cfg(test)]
mod scale;
mod secret_in_environment;
mod shared_datastore;
mod single_point_of_failure;
mod split_datastore;
mod start_order_cycle;
mod timeouts_not_nested;
mod unpinned_image;
mod unprotected_call;
pub mod words;

#[cfg(test)]
mod testing;

use crate::model::{Model, Severity};

pub use context::Context;
pub use finding::{Finding, FindingKey, Findings, Fix, Reported};
pub use governance::{dismiss, restore};
pub use readiness::{Group, Missing, PRACTICES, Practice, readiness, score};
pub use reference::reference;
pub use timeouts_not_nested::raise_timeouts_bottom_up;

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
    pub check: fn(&Context<'_>, &mut Findings),
}

/// Every rule, sorted by code.
pub const ALL: &[&Rule] = &[
    &shared_datastore::RULE,
    &missing_gateway::RULE,
    &bypassed_gateway::RULE,
    &colliding_routes::RULE,
    &route_to_missing_port::RULE,
    &missing_health_check::RULE,
    &unpinned_image::RULE,
    &colliding_host_ports::RULE,
    &secret_in_environment::RULE,
    &unprotected_call::RULE,
    &missing_timeout::RULE,
    &missing_breaker::RULE,
    &timeouts_not_nested::RULE,
    &retry_amplification::RULE,
    &single_point_of_failure::RULE,
    &start_order_cycle::RULE,
    &cyclic_dependency::RULE,
    &cyclic_contexts::RULE,
    &long_call_chain::RULE,
    &data_of_another_context::RULE,
];

/// The rule with a code such as `R04` or a name such as `timeouts-not-nested`.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    ALL.iter()
        .copied()
        .find(|it| it.code.eq_ignore_ascii_case(code_or_name) || it.name == code_or_name)
}

/// Judges a design: the worst first, then by rule and subject, without what was
/// dismissed. `today`, such as `2027-03-31`, decides which dismissals still hold.
pub fn check(model: &Model, today: &str) -> Vec<Finding> {
    let mut found = check_all(model, today);
    found.retain(|it| it.dismissal.is_none());
    found
}

/// Judges a design like [`check`], and keeps what was dismissed: marked, and at the end.
pub fn check_all(model: &Model, today: &str) -> Vec<Finding> {
    let context = Context::new(model);
    let mut found = Vec::new();
    for rule in ALL {
        governance::check(rule, &context, today, &mut found);
    }
    found.sort_by(|one, other| {
        (one.dismissal.is_some().cmp(&other.dismissal.is_some()))
            .then(other.severity.cmp(&one.severity))
            .then(one.rule.code.cmp(other.rule.code))
            .then_with(|| one.subjects.cmp(&other.subjects))
    });
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{ALL, check, check_all, dismiss, find, restore};
    use crate::{
        edit::Edit,
        model::{Model, Severity, SeverityChange, testing::model},
    };

    const WOBBLY: &str = "x(a, b); a -> b";

    fn codes(model: &Model) -> Vec<(&'static str, Severity)> {
        let found = check(model, "2027-01-01");
        found.iter().map(|it| (it.rule.code, it.severity)).collect()
    }

    fn governed(mut model: Model, edit: Edit) -> Model {
        let Edit::Govern(governance) = edit else {
            panic!("a decision, not {edit:?}");
        };
        model.governance = governance;
        model
    }

    #[test]
    fn codes_and_names_are_unique_and_sorted_and_the_words_are_sentences() {
        assert!(ALL.is_sorted_by(|one, other| one.code < other.code));
        for rule in ALL {
            assert_eq!(find(rule.name).unwrap().code, rule.code);
            for text in [rule.summary, rule.explanation, rule.source] {
                assert!(text.ends_with('.'), "{}: {text}", rule.code);
            }
        }
    }

    #[test]
    fn the_worst_comes_first() {
        let model = model("x(a, b{image=redis}); a -> b");
        let severities: Vec<_> = codes(&model).into_iter().map(|(_, it)| it).collect();
        assert!(severities.is_sorted_by(|one, other| one >= other));
        assert_eq!(severities[0], Severity::Error);
    }

    #[test]
    fn a_team_can_weigh_rules_itself_or_switch_them_off() {
        let mut model = model(WOBBLY);
        for (pattern, change) in [
            ("*", SeverityChange::Off),
            ("R*", SeverityChange::Info),
            ("R02", SeverityChange::Error),
        ] {
            model
                .governance
                .severities
                .insert(pattern.to_owned(), change);
        }
        assert_eq!(
            codes(&model),
            [("R02", Severity::Error), ("R01", Severity::Info)]
        );
    }

    #[test]
    fn a_dismissal_hides_one_finding_until_its_last_day_and_does_not_lose_it() {
        let original = model(WOBBLY);
        let found = check(&original, "2027-01-01");
        let target = found.iter().find(|it| it.rule.code == "R01").unwrap();
        let dismissal = target.dismissed_by("Ana", "the client retries", "2027-01-31");
        let model = governed(original.clone(), dismiss(&original.governance, dismissal));

        assert_eq!(check(&model, "2027-01-31").len(), found.len() - 1);
        assert_eq!(check(&model, "2027-02-01").len(), found.len());
        let all = check_all(&model, "2027-01-31");
        let dismissed = all.last().unwrap();
        assert_eq!(dismissed.key(), target.key());
        assert_eq!(dismissed.dismissal.as_ref().unwrap().by, "Ana");

        let model = governed(model.clone(), restore(&model.governance, dismissed));
        assert!(model.governance.is_empty());
    }

    #[test]
    fn a_dismissal_without_subjects_holds_wherever_the_rule_fires() {
        let mut model = model("x(a, b, c); a -> b; b -> c");
        let everywhere = crate::model::Dismissal {
            rule: "R01".to_owned(),
            ..Default::default()
        };
        model.governance.dismissals.push(everywhere);
        assert!(codes(&model).iter().all(|(code, _)| *code != "R01"));
    }

    #[test]
    fn messages_use_display_names() {
        let mut model = model(WOBBLY);
        let service = Arc::make_mut(model.services.get_mut("b").unwrap());
        service.name = "Stock keeping".to_owned();
        let found = check(&model, "");
        assert!(found.iter().any(|it| it.message.contains("Stock keeping")));
    }

    #[test]
    fn an_empty_design_has_no_flaws() {
        assert!(check(&Model::default(), "").is_empty());
    }
}
