//! R26: services wait for each other to start.

use super::{Context, Findings, Fix, Rule, cycle, fix::change_service, words};
use crate::model::{Severity, StartCondition, numbers::Condensation};

pub(super) const RULE: Rule = Rule {
    code: "R26",
    name: "start-order-cycle",
    severity: Severity::Error,
    summary: "Services wait for each other to start.",
    explanation: "\
None of them can be the first, so Docker Compose refuses the whole file. \
Drop the weakest wait, and let that service try again until the other is there. \
To wait for a start is weaker than for a passed health check, and that than for an end; \
of equal ones a wait for something that is not called is dropped first.",
    source: "Docker Compose, depends_on.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let graph = &context.numbers.graph;
    let successors = graph.services.iter().map(|(_, service)| {
        let after = service.starts_after.keys();
        after.filter_map(|it| graph.number(it)).collect()
    });
    let condensation = Condensation::of(successors.collect());
    for members in condensation.cycles() {
        let cycle = cycle::shortest(members, &condensation.successors);
        report(context, &cycle, findings);
    }
}

fn report(context: &Context<'_>, cycle: &[usize], findings: &mut Findings) {
    let mut names: Vec<&str> = cycle.iter().map(|&it| context.name(it)).collect();
    let message = if let [only] = names[..] {
        format!("{only} waits for itself to start")
    } else {
        let all = words::list(&names);
        names.push(names[0]);
        format!(
            "{all} wait for each other to start: {}",
            words::path(&names)
        )
    };
    let subjects = cycle.iter().map(|&it| context.element(it)).collect();
    let next = cycle.iter().cycle().skip(1);
    let weakest = cycle
        .iter()
        .copied()
        .zip(next.copied())
        .min_by_key(|&(from, to)| strength(context, from, to));
    let fix = weakest.map(|(from, to)| {
        let service = context.numbers.service(from);
        let edit = change_service(context.numbers.id(from), service, "start order", |it| {
            it.starts_after.remove(context.numbers.id(to));
        });
        let label = format!(
            "Start {} without waiting for {}",
            context.name(from),
            context.name(to)
        );
        Fix::new(label, vec![edit])
    });
    findings.report(subjects, message).fix(fix);
}

/// How much one service needs another to be there before it starts.
fn strength(context: &Context<'_>, from: usize, to: usize) -> (u8, bool) {
    let after = &context.numbers.service(from).starts_after;
    let condition = match after.get(context.numbers.id(to)) {
        None | Some(StartCondition::Started) => 0,
        Some(StartCondition::Healthy) => 1,
        Some(StartCondition::Completed) => 2,
    };
    let graph = &context.numbers.graph;
    let is_called = graph.outgoing[from]
        .iter()
        .any(|&it| graph.edges[it].to == to);
    (condition, is_called)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn an_order_is_fine() {
        assert_eq!(
            messages(&RULE, "x(a{after.b=healthy}, b{after.c=started}, c)"),
            ""
        );
    }

    #[test]
    fn the_weakest_wait_is_dropped() {
        let text = "x(a{after.b=healthy}, b{after.c=started}, c{after.a=completed})";
        assert_eq!(
            messages(&RULE, text),
            "error: a, b and c wait for each other to start: a → b → c → a\n"
        );
        assert_eq!(fixes(&RULE, text), "Start b without waiting for c\n");
    }

    #[test]
    fn of_equal_waits_the_one_for_something_that_is_not_called_is_dropped() {
        let text = "x(a{after.b=healthy}, b{after.a=healthy}); a -> b";
        assert_eq!(fixes(&RULE, text), "Start b without waiting for a\n");
    }

    #[test]
    fn a_service_can_wait_for_itself() {
        assert_eq!(
            messages(&RULE, "x(a{after.a=started})"),
            "error: a waits for itself to start\n"
        );
    }
}
