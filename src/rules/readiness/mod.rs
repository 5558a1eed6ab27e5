//! How ready a design is for production: seven practices, each with what is missing.
//!
//! The first three are worth doing today, the others next. What is missing is said in
//! sentences with the elements it is about, and with fixes where there are any; flaws
//! that a rule knows are taken from that rule, so that both say the same.

mod boundaries;
mod delivery;
mod traffic;

use super::{Context, Finding, Findings, Fix, Rule};
use crate::model::{ElementId, Model};

/// How many practices there are.
pub const PRACTICES: usize = 7;

/// When a practice is worth doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Now.
    Today,
    /// Once the first three are in place.
    Next,
}

/// A practice and how far a design follows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Practice {
    /// What people call it: `API gateway`.
    pub name: &'static str,
    /// When it is worth doing.
    pub group: Group,
    /// How much it counts in the whole; ours.
    pub weight: u32,
    /// What is done.
    pub fulfilled: usize,
    /// What there is to do; 0 if the design gives no occasion.
    pub of: usize,
    /// What is left.
    pub missing: Vec<Missing>,
}

/// Something that a practice asks for and a design lacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    /// What it is about, the element to select first; none if it is about the whole.
    pub subjects: Vec<ElementId>,
    /// What is missing, as a person would say it.
    pub message: String,
    /// What can be done about it at once.
    pub fixes: Vec<Fix>,
}

/// How far a design follows the seven practices, in the order to follow them.
pub fn readiness(model: &Model) -> [Practice; PRACTICES] {
    let context = Context::new(model);
    [
        boundaries::practice(&context),
        traffic::gateway(&context),
        delivery::containers(&context),
        traffic::discovery(&context),
        traffic::breakers(&context),
        delivery::automation(&context),
        delivery::monitoring(&context),
    ]
}

/// The whole in percent, rounded down, each practice by its weight; `None` if a design
/// gives no occasion for any.
pub fn score(practices: &[Practice]) -> Option<u32> {
    let (mut done, mut all) = (0.0, 0.0);
    for practice in practices.iter().filter(|it| it.of > 0) {
        let weight = f64::from(practice.weight);
        done += weight * practice.fulfilled as f64 / practice.of as f64;
        all += weight;
    }
    (all > 0.0).then(|| (100.0 * done / all) as u32)
}

/// What a practice asks for, ticked off one by one.
#[derive(Default)]
struct Checklist {
    fulfilled: usize,
    missing: Vec<Missing>,
}

impl Checklist {
    fn tick(&mut self) {
        self.fulfilled += 1;
    }

    fn miss(&mut self, subject: ElementId, message: String, fix: Option<Fix>) {
        self.missing.push(Missing {
            subjects: vec![subject],
            message,
            fixes: fix.into_iter().collect(),
        });
    }

    fn miss_all(&mut self, findings: Vec<Finding>) {
        self.missing.extend(findings.into_iter().map(Missing::from));
    }

    fn done(self, name: &'static str, group: Group, weight: u32) -> Practice {
        Practice {
            name,
            group,
            weight,
            fulfilled: self.fulfilled,
            of: self.fulfilled + self.missing.len(),
            missing: self.missing,
        }
    }
}

impl From<Finding> for Missing {
    fn from(finding: Finding) -> Self {
        Self {
            subjects: finding.subjects,
            message: finding.message,
            fixes: finding.fixes,
        }
    }
}

/// What a rule finds, whatever the team decided about it.
fn found(rule: &'static Rule, context: &Context<'_>) -> Vec<Finding> {
    Findings::of(rule, None, context)
}

#[cfg(test)]
mod tests {
    use super::{Group, Practice, readiness, score};
    use crate::{edit::Document, model::testing::model, project::Project};

    const BARE: &str =
        "(shop{published=80}, stock, db:database); shop -> stock; shop -> db; stock -> db";
    const READY: &str = "shop(g:gateway{image=envoyproxy/envoy:v1.36.2}, +cart{technology=go image=shop/cart:1 health=/health})";

    fn shares(text: &str) -> Vec<(usize, usize)> {
        let practices = readiness(&model(text));
        practices.iter().map(|it| (it.fulfilled, it.of)).collect()
    }

    fn sentences(practice: &Practice) -> String {
        let lines = practice
            .missing
            .iter()
            .map(|it| format!("{}\n", it.message));
        lines.collect()
    }

    #[test]
    fn the_first_three_are_for_today() {
        let practices = readiness(&model(BARE));
        let today: Vec<_> = practices
            .iter()
            .filter(|it| it.group == Group::Today)
            .map(|it| it.name)
            .collect();
        assert_eq!(
            today,
            ["Clear service boundaries", "API gateway", "Containers"]
        );
        let heaviest = practices.iter().max_by_key(|it| it.weight).unwrap();
        assert_eq!(heaviest.name, "Clear service boundaries");
    }

    #[test]
    fn what_is_missing_is_said_in_sentences() {
        let practices = readiness(&model(BARE));
        assert_eq!(
            sentences(&practices[0]),
            "shop belongs to no boundary\n\
             stock belongs to no boundary\n\
             shop and stock share db\n"
        );
        assert_eq!(
            sentences(&practices[1]),
            "shop is reached from outside on port 80, past any gateway\n"
        );
        assert_eq!(
            sentences(&practices[6]),
            "shop has no health check, metrics path and log format\n\
             stock has no health check, metrics path and log format\n"
        );
    }

    #[test]
    fn what_is_done_counts() {
        assert_eq!(
            shares(&format!("{READY}; g/cart -> cart; g -> cart{{breaker}}")),
            [(1, 2), (1, 1), (2, 2), (0, 1), (1, 1), (1, 1), (0, 1)]
        );
    }

    #[test]
    fn an_empty_design_has_no_score_and_a_good_one_a_better_one() {
        assert_eq!(score(&readiness(&model(""))), None);
        let bare = score(&readiness(&model(BARE)));
        let ready = score(&readiness(&model(&format!("{READY}; g/cart -> cart"))));
        assert!(bare < ready, "{bare:?} {ready:?}");
    }

    #[test]
    fn every_fix_brings_the_design_closer() {
        let start = Project {
            model: model(
                "x(g:gateway, a{published=80}); y(b, c:database); a -> b; a -> c; g/b -> b",
            ),
            ..Project::default()
        };
        let before = readiness(&start.model);
        for (index, practice) in before.iter().enumerate() {
            for fix in practice.missing.iter().flat_map(|it| &it.fixes) {
                let mut document = Document::new(start.clone());
                document.apply(fix.edit.clone()).unwrap();
                let after = &readiness(&document.project().model)[index];
                let is_gone = |missing| practice.missing.contains(missing);
                assert!(
                    !after.missing.iter().all(is_gone)
                        || after.missing.len() < practice.missing.len(),
                    "{} does not help {}",
                    fix.label,
                    practice.name
                );
            }
        }
    }
}
