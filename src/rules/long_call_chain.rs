//! S12: one request passes many services in a row.

use super::{Context, Findings, Rule, words};
use crate::model::{Severity, numbers::Condensation};

/// Calls in a row that are worth a warning; ours.
const LONG: usize = 4;
/// Calls in a row that will hurt; ours.
const TOO_LONG: usize = 6;
/// Subjects a finding names at most, so that one of a very long chain stays readable.
const MOST_SUBJECTS: usize = 32;

pub(super) const RULE: Rule = Rule {
    code: "S12",
    name: "long-call-chain",
    severity: Severity::Warning,
    summary: "One request passes many services in a row, each waiting for the next.",
    explanation: "\
Every call in a row adds its latency and its chance to fail. \
Let services publish events and keep the data they need, or ask from one place in parallel. \
Four calls are a warning and six an error; both thresholds are ours. A path starts where work comes in or where nobody calls.",
    source: "Gamage and Perera 2021; Cerny et al. 2023.",
    check,
};

/// The longest path onwards from a component.
#[derive(Clone, Copy, Default)]
struct Longest {
    calls: usize,
    /// The node it leaves the component at, and the one it goes to.
    step: Option<(usize, usize)>,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let numbers = &context.numbers;
    let condensation = numbers.condensation_of_services();
    let mut longest = vec![Longest::default(); condensation.components.len()];
    let mut is_called = vec![false; longest.len()];
    for (component, members) in condensation.components.iter().enumerate().rev() {
        for &member in members {
            for &next in &condensation.successors[member] {
                let to = condensation.component_of[next];
                if to == component {
                    continue;
                }
                is_called[to] = true;
                if longest[to].calls + 1 > longest[component].calls {
                    longest[component] = Longest {
                        calls: longest[to].calls + 1,
                        step: Some((member, next)),
                    };
                }
            }
        }
    }
    for (component, members) in condensation.components.iter().enumerate() {
        let calls = longest[component].calls;
        if calls < LONG {
            continue;
        }
        let start = members.iter().copied().find(|&it| numbers.is_entry(it));
        if let Some(start) = start.or_else(|| (!is_called[component]).then(|| members[0])) {
            let path = path(start, condensation, &longest);
            report(context, calls, &path, findings);
        }
    }
}

/// The services on the longest path from `start`, up to as many as a finding names; the
/// way through a cycle is left out.
fn path(start: usize, condensation: &Condensation, longest: &[Longest]) -> Vec<usize> {
    let mut path = vec![start];
    let mut at = start;
    while let Some((leaves, to)) = longest[condensation.component_of[at]].step {
        if path.len() >= MOST_SUBJECTS {
            break;
        }
        if leaves != at {
            path.push(leaves);
        }
        path.push(to);
        at = to;
    }
    path
}

fn report(context: &Context<'_>, calls: usize, path: &[usize], findings: &mut Findings) {
    let names: Vec<&str> = path.iter().map(|&it| context.name(it)).collect();
    let shown = words::path(&names);
    let subjects = path.iter().map(|&it| context.element(it)).collect();
    let message = format!(
        "a request to {} waits for {calls} calls in a row: {shown}",
        names[0]
    );
    let severity = if calls >= TOO_LONG {
        Severity::Error
    } else {
        Severity::Warning
    };
    findings.report(subjects, message).weighing(severity);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::messages;

    #[test]
    fn three_calls_in_a_row_are_fine() {
        let text = "x(a, b, c, d, e); a -> b; b -> c; c -> d; d => e";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn four_are_a_warning_and_six_an_error() {
        let text = "x(a, b, c, d, e, z); a -> b; b -> c; c -> d; d -> e; a -> z";
        assert_eq!(
            messages(&RULE, text),
            "warning: a request to a waits for 4 calls in a row: a → b → c → d → e\n"
        );
        let text = "x(a, b, c, d, e, f, g); a -> b; b -> c; c -> d; d -> e; e -> f; f -> g";
        assert!(messages(&RULE, text).starts_with("error: a request to a waits for 6 calls"));
    }

    #[test]
    fn a_route_is_a_call_and_a_store_is_not_in_the_row() {
        let text = "x(w:gateway, a, b, c, d:database); w/a -> a; a -> b; b -> c; c -> d";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn a_circle_counts_as_one_step() {
        let text = "x(a, b, c, d, e); a -> b; b -> a; b -> c; c -> d; d -> e";
        assert_eq!(messages(&RULE, text), "");
    }
}
