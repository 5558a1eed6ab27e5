//! S02: boundaries need each other, even where no service does.

use std::collections::BTreeMap;

use super::{Context, Findings, Fix, Rule, context::coupling, cycle, fix::as_event, words};
use crate::model::{
    Access, BoundaryId, Dependency, DependencyId, ElementId, Severity,
    numbers::{CallBy, Condensation},
};

pub(super) const RULE: Rule = Rule {
    code: "S02",
    name: "cyclic-contexts",
    severity: Severity::Error,
    summary: "Boundaries call, or write into, one another in a circle.",
    explanation: "\
Teams whose boundaries need each other cannot release alone, even if no two services call each other. \
Let one side publish events, or move what both need into a boundary of its own, so that all calls run one way.",
    source: "Taibi and Lenarduzzi 2018, applied to contexts; Context Mapper AR-9, suspend partnership.",
    check,
};

/// What makes one boundary need another.
#[derive(Default)]
struct Need<'a> {
    /// The element of each reason, in order.
    reasons: Vec<ElementId>,
    /// One reason in words.
    example: String,
    /// Those that are calls by a dependency.
    calls: Vec<(&'a DependencyId, &'a Dependency)>,
}

type Needs<'a> = BTreeMap<(usize, usize), Need<'a>>;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let boundaries: Vec<&BoundaryId> = context.model.boundaries.keys().collect();
    let needs = needs(context, &boundaries);
    let mut next = vec![Vec::new(); boundaries.len()];
    for &(from, to) in needs.keys() {
        next[from].push(to);
    }
    let condensation = Condensation::of(next);
    for members in condensation.cycles() {
        let cycle = cycle::shortest(members, &condensation.successors);
        report(context, &boundaries, &needs, &cycle, findings);
    }
}

fn needs<'a>(context: &Context<'a>, boundaries: &[&BoundaryId]) -> Needs<'a> {
    let mut needs = Needs::default();
    let mut add = |from: usize, to: usize, by: CallBy<'a>, is_call: bool| {
        let number = |it: usize| {
            let boundary = context.boundary(it)?;
            boundaries.binary_search(&boundary).ok()
        };
        let (Some(one), Some(other)) = (number(from), number(to)) else {
            return;
        };
        if one == other {
            return;
        }
        let need = needs.entry((one, other)).or_default();
        if need.reasons.is_empty() {
            need.example = context.link(from, to);
        }
        match by {
            CallBy::Dependency(id, it) => {
                need.reasons.push(ElementId::Dependency(id.clone()));
                if is_call {
                    need.calls.push((id, it));
                }
            }
            CallBy::Route(id, _) => need.reasons.push(ElementId::Route(id.clone())),
        }
    };
    for call in context.service_calls() {
        add(call.from, call.to, call.by, true);
    }
    for edge in &context.numbers.graph.edges {
        if edge.dependency.access == Access::Write && context.kind(edge.to).is_store() {
            add(
                edge.from,
                edge.to,
                CallBy::Dependency(edge.id, edge.dependency),
                false,
            );
        }
    }
    needs
}

fn report(
    context: &Context<'_>,
    boundaries: &[&BoundaryId],
    needs: &Needs<'_>,
    cycle: &[usize],
    findings: &mut Findings,
) {
    let name = |it: usize| context.model.boundary_name(boundaries[it]);
    let next = cycle.iter().cycle().skip(1);
    let steps: Vec<(usize, usize)> = cycle.iter().copied().zip(next.copied()).collect();
    let links: Vec<&Need<'_>> = steps.iter().filter_map(|it| needs.get(it)).collect();

    let mut subjects: Vec<_> = cycle
        .iter()
        .map(|&it| ElementId::Boundary(boundaries[it].clone()))
        .collect();
    subjects.extend(links.iter().filter_map(|it| it.reasons.first().cloned()));
    let names: Vec<&str> = cycle.iter().map(|&it| name(it)).collect();
    let examples: Vec<&str> = links.iter().map(|it| it.example.as_str()).collect();
    let message = format!(
        "{} need each other: {}",
        words::list(&names),
        words::list(&examples)
    );

    let weakest = steps
        .iter()
        .zip(&links)
        .filter(|(_, need)| need.calls.len() == need.reasons.len())
        .map(|(step, need)| {
            (
                need.calls.iter().map(|(_, it)| coupling(it)).sum(),
                step,
                need,
            )
        })
        .min_by(|(one, ..): &(f64, _, _), (other, ..)| one.total_cmp(other));
    let fix = weakest.map(|(_, &(from, to), need)| {
        let label = format!(
            "Turn {} from {} to {} into {}",
            words::counted(need.calls.len(), "call"),
            name(from),
            name(to),
            if need.calls.len() == 1 {
                "an event"
            } else {
                "events"
            }
        );
        let edits = need.calls.iter().map(|(id, it)| as_event(id, it)).collect();
        Fix::new(label, edits)
    });
    findings.report(subjects, message).fix(fix);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn calls_one_way_are_fine() {
        assert_eq!(messages(&RULE, "x(a, b); y(c, d); a -> c; b -> d"), "");
    }

    #[test]
    fn boundaries_that_need_each_other_are_reported_without_a_service_cycle() {
        let text = "x(a, b); y(c, d); a -> c; b -> d; d -> b{write}; c -> a{write}";
        assert_eq!(
            messages(&RULE, text),
            "error: x and y need each other: a → c and c → a\n"
        );
        assert_eq!(fixes(&RULE, text), "Turn 2 calls from x to y into events\n");
    }

    #[test]
    fn a_write_into_the_others_store_counts_but_reading_does_not() {
        let text = "x(a, s:database); y(b); a -> b; b -> s{write}";
        assert_eq!(
            messages(&RULE, text),
            "error: x and y need each other: a → b and b → s\n"
        );
        assert_eq!(
            fixes(&RULE, text),
            "Turn 1 call from x to y into an event\n"
        );
        assert_eq!(
            messages(&RULE, "x(a, s:database); y(b); a -> b; b -> s{read}"),
            ""
        );
    }

    #[test]
    fn services_without_a_boundary_are_not_judged() {
        assert_eq!(messages(&RULE, "x(a); (b); a -> b; b -> a"), "");
    }
}
