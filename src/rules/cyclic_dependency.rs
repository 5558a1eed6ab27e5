//! S01: services call one another in a circle and wait.

use super::{Context, Findings, Fix, Rule, context::coupling, cycle, fix::as_events, words};
use crate::model::{Severity, numbers::Call};

pub(super) const RULE: Rule = Rule {
    code: "S01",
    name: "cyclic-dependency",
    severity: Severity::Error,
    summary: "Services call one another in a circle and wait for the answer.",
    explanation: "\
Services in a circle can only be changed, started and scaled together, and one slow member stops them all. \
Turn the weakest call into an event, move what both need into a third service, or merge them. \
The weakest call is the one that couples least: a write counts 10, any other call 3, by the logarithm of its calls a request.",
    source: "Taibi and Lenarduzzi 2018; Walker, Das and Cerny 2020; Cerny et al. 2023.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let condensation = context.numbers.condensation_of_services();
    for members in condensation.cycles() {
        let cycle = cycle::shortest(members, &condensation.successors);
        report(context, &cycle, findings);
    }
}

fn report(context: &Context<'_>, cycle: &[usize], findings: &mut Findings) {
    let links = links(context, cycle);
    let mut subjects: Vec<_> = cycle.iter().map(|&it| context.element(it)).collect();
    subjects.extend(links.iter().flatten().map(|it| it.element()));

    let mut names: Vec<&str> = cycle.iter().map(|&it| context.name(it)).collect();
    let mut message = if let [only] = names[..] {
        format!("{only} calls itself and waits for the answer")
    } else {
        let all = words::list(&names);
        names.push(names[0]);
        format!("{all} call each other in a circle: {}", words::path(&names))
    };
    let weakest = links
        .iter()
        .filter_map(|calls| Some((weight(calls)?, calls)))
        .min_by(|(one, _), (other, _)| one.total_cmp(other));
    let mut fix = None;
    if let Some((_, calls)) = weakest {
        let link = context.link(calls[0].from, calls[0].to);
        if cycle.len() > 1 {
            message = format!("{message}; the weakest link is {link}");
        }
        fix = as_events(calls).map(|edits| Fix::new(format!("Turn {link} into an event"), edits));
    }
    findings.report(subjects, message).fix(fix);
}

/// For each step of the cycle, all calls that make it.
fn links<'c, 'a>(context: &'c Context<'a>, cycle: &[usize]) -> Vec<Vec<&'c Call<'a>>> {
    let next = cycle.iter().cycle().skip(1);
    cycle
        .iter()
        .zip(next)
        .map(|(&from, &to)| {
            let calls = context.numbers.calls_of(from);
            calls.filter(|it| it.to == to).collect()
        })
        .collect()
}

/// How tightly calls couple; `None` if one is a route, which cannot become an event.
fn weight(calls: &[&Call<'_>]) -> Option<f64> {
    calls.iter().try_fold(0.0, |sum, call| {
        call.dependency().map(|(_, it)| sum + coupling(it))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{findings, fixes, messages};

    #[test]
    fn a_chain_and_a_circle_of_messages_are_fine() {
        assert_eq!(messages(&RULE, "x(a, b, c); a -> b; b -> c; c => a"), "");
    }

    #[test]
    fn a_circle_is_named_with_its_weakest_link() {
        let text = "x(a, b, c, d); a -> b{write}; b -> c; c -> a{write}; c -> d";
        assert_eq!(
            messages(&RULE, text),
            "error: a, b and c call each other in a circle: a → b → c → a; the weakest link is b → c\n"
        );
        assert_eq!(fixes(&RULE, text), "Turn b → c into an event\n");
    }

    #[test]
    fn of_two_circles_the_shorter_is_shown() {
        let text = "x(a, b, c, d); a -> b; b -> c; c -> d; d -> a; c -> b";
        assert!(messages(&RULE, text).starts_with("error: b and c call each other"));
    }

    #[test]
    fn a_service_that_calls_itself_is_reported() {
        let text = "x(a); a -> a";
        assert_eq!(
            messages(&RULE, text),
            "error: a calls itself and waits for the answer\n"
        );
        assert_eq!(fixes(&RULE, text), "Turn a → a into an event\n");
    }

    #[test]
    fn a_route_is_part_of_the_circle_but_cannot_become_an_event() {
        let text = "x(g:gateway, a); g/a -> a; a -> g{write}";
        assert_eq!(findings(&RULE, text)[0].subjects.len(), 4);
        assert_eq!(fixes(&RULE, text), "Turn a → g into an event\n");
    }

    #[test]
    fn a_store_in_between_makes_no_circle() {
        assert_eq!(messages(&RULE, "x(a, d:database); a -> d; d -> a"), "");
    }
}
