//! R14: one program without a stand-in, and requests that fail without it.

use super::{
    Context, Findings, Fix, Rule,
    fix::{change_dependency, change_service},
    words::counted,
};
use crate::{
    edit::Edit,
    model::{Fallback, ServiceKind, Severity},
};

pub(super) const RULE: Rule = Rule {
    code: "R14",
    name: "single-point-of-failure",
    severity: Severity::Warning,
    summary: "Incoming requests fail without a program that has no stand-in.",
    explanation: "\
When it stops, everything that needs it stops, and a restart is an outage. \
Run a second one, or let callers do without. \
It is an error if at least half of the entries need it, or two entries and its criticality is 3 or 4, which is our reading of high. \
Entries are gateways, published services, jobs and services that messages start. \
Where the number of replicas is not said, nothing is reported; what is external counts as one.",
    source: "Nygard, Release It!; Coroot, risks.",
    check,
};

/// Criticality from which a failure of two entries is an error; ours.
const CRITICAL: u8 = 3;
/// What a fix raises the replicas to.
const ENOUGH: u32 = 2;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let entries = context.numbers.entries();
    let needing = context.numbers.entries_that_need(&entries);
    for (number, _, service) in context.services() {
        let has_stand_in = match service.kind {
            ServiceKind::External => false,
            ServiceKind::Client => true,
            ServiceKind::Service
            | ServiceKind::Gateway
            | ServiceKind::Database
            | ServiceKind::Cache
            | ServiceKind::Broker
            | ServiceKind::Search
            | ServiceKind::Job => service.replicas.is_none_or(|it| it >= ENOUGH),
        };
        if !has_stand_in && needing[number] > 0 {
            report(context, number, needing[number], entries.len(), findings);
        }
    }
}

fn report(
    context: &Context<'_>,
    number: usize,
    needing: usize,
    entries: usize,
    findings: &mut Findings,
) {
    let service = context.numbers.service(number);
    let is_critical = service.criticality.is_some_and(|it| it >= CRITICAL);
    let severity = if needing * 2 >= entries || (needing >= 2 && is_critical) {
        Severity::Error
    } else {
        Severity::Warning
    };
    let name = context.name(number);
    let what = match (service.kind, service.replicas) {
        (ServiceKind::External, _) => "is external without an alternative".to_owned(),
        (_, Some(0)) => "runs no replica".to_owned(),
        (..) => "runs once".to_owned(),
    };
    let fail = if needing == 1 { "fails" } else { "fail" };
    let message = format!(
        "{name} {what}, and {needing} of {} {fail} without it",
        counted(entries, "entry")
    );
    findings
        .report(vec![context.element(number)], message)
        .weighing(severity)
        .fix(if service.kind == ServiceKind::External {
            do_without(context, number)
        } else {
            Some(add_replica(context, number))
        });
}

fn add_replica(context: &Context<'_>, number: usize) -> Fix {
    let service = context.numbers.service(number);
    let edit = change_service(context.numbers.id(number), service, "replicas", |it| {
        it.replicas = Some(ENOUGH);
    });
    Fix::new(format!("Run {ENOUGH} replicas"), vec![edit])
}

/// Makes every need for it optional, with something else to do instead. Whoever asks a
/// route that leads there cannot do without.
fn do_without(context: &Context<'_>, number: usize) -> Option<Fix> {
    let calls = &context.numbers.calls;
    let mut incoming = context.numbers.incoming[number].iter();
    if incoming.any(|&it| calls[it].dependency().is_none()) {
        return None;
    }
    let graph = &context.numbers.graph;
    let edits: Vec<Edit> = graph.incoming[number]
        .iter()
        .map(|&it| &graph.edges[it])
        .filter(|it| it.dependency.is_hard())
        .map(|edge| {
            change_dependency(edge.id, edge.dependency, "fallback", |it| {
                it.hard = Some(false);
                it.fallback.get_or_insert_with(Fallback::default);
            })
        })
        .collect();
    let label = format!("Let callers do without {}", context.name(number));
    Some(Fix::new(label, edits))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn replicas_that_are_not_said_and_what_no_entry_needs_are_fine() {
        let text = "x(g:gateway, a, b{replicas=2}, c{replicas=1}, e:external, u:client{replicas=1}); \
                    g -> a; g -> b; g -> e{fallback}; c -> a";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn half_of_the_entries_make_it_an_error() {
        let text = "x(g:gateway, h:gateway, i:gateway, a, d:database{replicas=1}); \
                    g -> a; a -> d; h -> d";
        assert_eq!(
            messages(&RULE, text),
            "error: d runs once, and 2 of 3 entries fail without it\n"
        );
        assert_eq!(fixes(&RULE, text), "Run 2 replicas\n");
        let text = "x(g:gateway, h:gateway, i:gateway, a{replicas=1}); g -> a";
        assert_eq!(
            messages(&RULE, text),
            "warning: a runs once, and 1 of 3 entries fails without it\n"
        );
    }

    #[test]
    fn two_entries_are_enough_for_what_is_critical() {
        let entries = "g:gateway, h:gateway, i:gateway, j:gateway, k:gateway";
        let text = format!("x({entries}, a{{replicas=1 criticality=4}}); g -> a; h -> a");
        assert!(messages(&RULE, &text).starts_with("error"));
        let text = format!("x({entries}, a{{replicas=1}}); g -> a; h -> a");
        assert!(messages(&RULE, &text).starts_with("warning"));
    }

    #[test]
    fn a_single_gateway_is_a_point_of_failure_itself() {
        let text = "x(g:gateway{replicas=1})";
        assert_eq!(
            messages(&RULE, text),
            "error: g runs once, and 1 of 1 entry fails without it\n"
        );
    }

    #[test]
    fn callers_can_do_without_an_external() {
        let text = "x(g:gateway, a, e:external); g -> a; a -> e";
        assert_eq!(
            messages(&RULE, text),
            "error: e is external without an alternative, and 1 of 1 entry fails without it\n"
        );
        assert_eq!(fixes(&RULE, text), "Let callers do without e\n");
    }
}
