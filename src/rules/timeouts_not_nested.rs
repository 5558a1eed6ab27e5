//! R04: a caller gives up while the called service may still be at work.

use std::collections::{BTreeMap, HashSet};

use super::{
    Context, Findings, Fix, Rule,
    fix::{change_dependency, change_route},
    words::{self, duration},
};
use crate::{
    edit::Edit,
    model::{Call, CallBy, Model, Numbers, ServiceKind, Severity},
};

pub(super) const RULE: Rule = Rule {
    code: "R04",
    name: "timeouts-not-nested",
    severity: Severity::Error,
    summary: "A caller gives up while the called service may still be at work.",
    explanation: "\
The work goes on for nobody, and a retry starts it again beside the old one. \
A call takes at worst (1 + retries) × timeout + backoff; a service takes the sum of its calls, one after the other, and a gateway the longest of its routes. \
The time a service needs by itself is unknown and counts as none, and so do calls without a timeout, which R02 reports: what is said here is the least that may happen. \
Equal timeouts are a warning, shorter ones an error. Raise timeouts from the innermost call outwards, or wait less inside. \
A fix rounds up to the next tenth of a second, finer below 0.1 s and coarser from 10 s on; these steps are ours.",
    source: "Google SRE book, deadline propagation.",
    check,
};

/// The steps a raised timeout is rounded up to: below 0.1 s, below 10 s, and above; ours.
const STEPS_MS: [(u64, u64); 3] = [(100, 10), (10_000, 100), (u64::MAX, 1_000)];
/// Findings up to which each offers to mend all of them at once; ours.
const MOST_OFFERS: usize = 50;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let numbers = &context.numbers;
    let times: Vec<Callee> = (0..numbers.graph.services.len())
        .map(|it| Callee::of(numbers, it))
        .collect();
    let condensation = numbers.condensation();
    let broken: Vec<(&Call<'_>, u64)> = numbers
        .calls
        .iter()
        .filter_map(|call| Some((call, call.own_timeout_ms()?)))
        .filter(|(call, timeout_ms)| {
            // In a circle no timeout is long enough: S01 has more to say there.
            !condensation.are_together(call.from, call.to) && times[call.to].outlasts(*timeout_ms)
        })
        .collect();
    let at_once = (2..=MOST_OFFERS)
        .contains(&broken.len())
        .then(|| raise_all(numbers))
        .flatten();
    for (call, timeout_ms) in broken {
        let needed = times[call.to];
        let severity = if timeout_ms < needed.at_least_ms {
            Severity::Error
        } else {
            Severity::Warning
        };
        let raised_ms = above_ms(needed.at_least_ms);
        let label = format!("Raise to {}", duration(raised_ms));
        findings
            .report(
                vec![call.element(), context.element(call.to)],
                message(context, call, timeout_ms, needed),
            )
            .weighing(severity)
            .fix([Fix::new(label, vec![with_timeout(call, raised_ms)])])
            .fix(at_once.clone());
    }
}

/// How long a called service may be at work.
#[derive(Debug, Clone, Copy)]
struct Callee {
    /// Milliseconds its calls with a timeout may take.
    at_least_ms: u64,
    /// The longest timeout among them, in milliseconds; none if there is none.
    longest_ms: Option<u64>,
}

impl Callee {
    fn of(numbers: &Numbers<'_>, number: usize) -> Self {
        Self {
            at_least_ms: numbers.service_time(number).at_least_ms,
            longest_ms: numbers
                .calls_of(number)
                .filter_map(|it| it.timeout_ms)
                .max(),
        }
    }

    /// Whether a caller with this timeout gives up too early, or at the same moment.
    fn outlasts(self, timeout_ms: u64) -> bool {
        self.longest_ms
            .is_some_and(|longest_ms| timeout_ms < self.at_least_ms || timeout_ms <= longest_ms)
    }
}

fn message(context: &Context<'_>, call: &Call<'_>, timeout_ms: u64, needed: Callee) -> String {
    let (from, to) = (context.name(call.from), context.name(call.to));
    let on = match call.by {
        CallBy::Route(_, route) => route.label(),
        CallBy::Dependency(..) => to.to_owned(),
    };
    let verb = if timeout_ms < needed.at_least_ms {
        format!("but {to} may take {}", duration(needed.at_least_ms))
    } else {
        format!("and {to} itself waits {}", duration(needed.at_least_ms))
    };
    format!(
        "{from} gives up on {on} after {}, {verb} ({})",
        duration(timeout_ms),
        sum(context, call.to)
    )
}

/// How the time of a service comes about: `1 s × 3 attempts + 0.4 s backoff`.
fn sum(context: &Context<'_>, number: usize) -> String {
    let mut calls: Vec<&Call<'_>> = context
        .numbers
        .calls_of(number)
        .filter(|it| it.timeout_ms.is_some())
        .collect();
    if context.kind(number) == ServiceKind::Gateway {
        let slowest = calls.iter().copied().max_by_key(|it| it.worst_case_ms());
        calls = slowest.into_iter().collect();
    }
    if let [only] = calls[..] {
        let term = term(only);
        return if term.contains('×') {
            term
        } else {
            format!("for {}", context.name(only.to))
        };
    }
    let terms: Vec<String> = calls
        .iter()
        .map(|it| {
            let worst_case_ms = it.worst_case_ms().unwrap_or_default();
            format!("{} for {}", duration(worst_case_ms), context.name(it.to))
        })
        .collect();
    words::list(&terms)
}

fn term(call: &Call<'_>) -> String {
    let timeout_ms = call.timeout_ms.unwrap_or_default();
    let mut term = duration(timeout_ms);
    if call.attempts > 1 {
        term = format!("{term} × {} attempts", call.attempts);
        let attempts_ms = timeout_ms.saturating_mul(u64::from(call.attempts));
        let backoff_ms = call
            .worst_case_ms()
            .unwrap_or_default()
            .saturating_sub(attempts_ms);
        if backoff_ms > 0 {
            term = format!("{term} + {} backoff", duration(backoff_ms));
        }
    }
    term
}

/// The next round timeout above a time, in milliseconds.
fn above_ms(time_ms: u64) -> u64 {
    let step = STEPS_MS
        .iter()
        .find(|(limit, _)| time_ms < *limit)
        .map_or(1, |(_, step)| *step);
    (time_ms / step).saturating_add(1).saturating_mul(step)
}

/// The shortest round timeout that leaves a service time for its calls, in
/// milliseconds; 0 if nothing is known of them.
pub(super) fn room_above_ms(context: &Context<'_>, number: usize) -> u64 {
    let needed = Callee::of(&context.numbers, number);
    needed
        .longest_ms
        .map_or(0, |_| above_ms(needed.at_least_ms))
}

fn with_timeout(call: &Call<'_>, timeout_ms: u64) -> Edit {
    match call.by {
        CallBy::Dependency(id, it) => {
            change_dependency(id, it, "timeout", |it| it.timeout_ms = Some(timeout_ms))
        }
        CallBy::Route(id, it) => {
            change_route(id, it, "timeout", |it| it.timeout_ms = Some(timeout_ms))
        }
    }
}

/// Raises every timeout of a design that is too short, from the innermost call
/// outwards, so that none is left; `None` if all are long enough. Calls in a circle
/// stay as they are, because no timeout there is long enough.
pub fn raise_timeouts_bottom_up(model: &Model) -> Option<Fix> {
    raise_all(&Numbers::new(model))
}

fn raise_all(numbers: &Numbers<'_>) -> Option<Fix> {
    let condensation = numbers.condensation();
    let mut calls = numbers.calls.clone();
    let mut raised: BTreeMap<usize, u64> = BTreeMap::new();
    for &called in condensation.components.iter().rev().flatten() {
        let needed = needed_after(numbers, &calls, called);
        let timeout_ms = above_ms(needed.at_least_ms);
        let mut raising = HashSet::new();
        for &index in &numbers.incoming[called] {
            let call = &mut calls[index];
            let is_circle = condensation.are_together(call.from, called);
            if !is_circle && call.own_timeout_ms().is_some_and(|it| needed.outlasts(it)) {
                call.timeout_ms = Some(timeout_ms);
                raising.insert(call.from);
                raised.insert(index, timeout_ms);
            }
        }
        // What a dependency or a route takes over from the other rises with it.
        for &index in &numbers.incoming[called] {
            let call = &mut calls[index];
            if call.own_timeout_ms().is_none() && raising.contains(&call.from) {
                call.timeout_ms = call.timeout_ms.map(|it| it.max(timeout_ms));
            }
        }
    }
    if raised.is_empty() {
        return None;
    }
    let label = format!(
        "Raise {} from the inside out",
        words::counted(raised.len(), "timeout")
    );
    let edits = raised
        .into_iter()
        .map(|(index, timeout_ms)| with_timeout(&numbers.calls[index], timeout_ms));
    Some(Fix::new(label, edits.collect()))
}

/// What a service needs once the timeouts further in are raised.
fn needed_after(numbers: &Numbers<'_>, calls: &[Call<'_>], number: usize) -> Callee {
    let outgoing = || numbers.outgoing[number].iter().map(|&it| &calls[it]);
    Callee {
        at_least_ms: numbers.time_of_calls(number, outgoing()).at_least_ms,
        longest_ms: outgoing().filter_map(|it| it.timeout_ms).max(),
    }
}

#[cfg(test)]
mod tests {
    use super::{RULE, above_ms, raise_timeouts_bottom_up};
    use crate::{
        edit::Document,
        model::testing::model,
        project::Project,
        rules::{
            check,
            testing::{fixes, messages},
        },
    };

    #[test]
    fn nested_and_unknown_timeouts_are_fine() {
        let text = "x(g:gateway, a, b, c); g/a -> a{timeout=4000}; a -> b{timeout=3000}; b -> c";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn a_gateway_that_gives_up_too_early_is_told_by_how_much() {
        let text = "x(gateway:gateway, orders, payments); gateway/orders -> orders{timeout=2000}; \
                    orders -> payments{timeout=1000 retries=2 backoff=133}";
        assert_eq!(
            messages(&RULE, text),
            "error: gateway gives up on /orders after 2 s, but orders may take 3.399 s \
             (1 s × 3 attempts + 0.399 s backoff)\n"
        );
        assert_eq!(fixes(&RULE, text), "Raise to 3.4 s\n");
    }

    #[test]
    fn calls_of_a_service_add_up() {
        let text = "x(a, b, c, d); a -> b{timeout=500}; b -> c{timeout=300}; b -> d{timeout=300}";
        assert_eq!(
            messages(&RULE, text),
            "error: a gives up on b after 0.5 s, but b may take 0.6 s (0.3 s for c and 0.3 s for d)\n"
        );
        assert_eq!(fixes(&RULE, text), "Raise to 0.7 s\n");
    }

    #[test]
    fn of_the_routes_of_a_gateway_the_slowest_counts() {
        let text = "x(u:client, g:gateway, a, b); u -> g{timeout=2000}; \
                    g/a -> a{timeout=3000}; g/b -> b{timeout=1000}";
        assert_eq!(
            messages(&RULE, text),
            "error: u gives up on g after 2 s, but g may take 3 s (for a)\n"
        );
    }

    #[test]
    fn a_circle_is_left_to_its_own_rule() {
        let text = "x(a, b); a -> b{timeout=100}; b -> a{timeout=100}; a -> a{timeout=1}";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn equal_timeouts_are_a_warning() {
        let text = "x(a, b, c); a -> b{timeout=500}; b -> c{timeout=500}";
        assert_eq!(
            messages(&RULE, text),
            "warning: a gives up on b after 0.5 s, and b itself waits 0.5 s (for c)\n"
        );
    }

    #[test]
    fn a_call_without_a_timeout_further_in_is_left_to_its_own_rule() {
        let text = "x(a, b, c, d); a -> b{timeout=500}; b -> c; b -> d{timeout=100}";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn all_timeouts_can_be_raised_from_the_inside_out() {
        let text = "x(a, b, c, d); a -> b{timeout=100}; b -> c{timeout=200}; c -> d{timeout=300}";
        let mut document = Document::new(Project {
            model: model(text),
            ..Project::default()
        });
        let fix = raise_timeouts_bottom_up(&document.project().model).unwrap();
        assert_eq!(fix.label, "Raise 2 timeouts from the inside out");
        document.apply(fix.edit).unwrap();
        let model = &document.project().model;
        let timeouts: Vec<_> = model
            .dependencies
            .values()
            .map(|it| it.timeout_ms)
            .collect();
        assert_eq!(timeouts, [Some(500), Some(400), Some(300)]);
        assert!(check(model, "").iter().all(|it| it.rule.code != "R04"));
        assert!(raise_timeouts_bottom_up(model).is_none());
    }

    #[test]
    fn a_raised_timeout_is_round_and_longer() {
        let raised = [0, 45, 99, 3400, 3450, 9_999, 30_000].map(above_ms);
        assert_eq!(raised, [10, 50, 100, 3500, 3500, 10_000, 31_000]);
    }
}
