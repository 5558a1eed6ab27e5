//! R03: a call whose failure nobody contains.

use super::{Context, Findings, Rule, fix::add_breaker};
use crate::model::{Call, Dependency, ServiceKind, Severity};

pub(super) const RULE: Rule = Rule {
    code: "R03",
    name: "missing-breaker",
    severity: Severity::Warning,
    summary: "A call that is likely to fail, or costly if it does, has no breaker.",
    explanation: "\
A breaker stops calling what keeps failing, so that the caller fails fast and the other side can recover. \
It is missed where a call leaves to an external or another boundary, where a more critical service needs a less critical one, \
and on the way of incoming requests where nobody says how long answers take.",
    source: "Nygard, Release It!; Neri et al. 2019.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let served = served(context);
    for call in context.service_calls() {
        let Some((id, dependency)) = call.dependency() else {
            continue;
        };
        // What somebody else does when we fail is not ours to decide.
        if dependency.breaker.is_some() || context.kind(call.from) == ServiceKind::External {
            continue;
        }
        if let Some(reason) = reason(context, call, dependency, served[call.from]) {
            let message = format!(
                "{} calls {} without a breaker, and {reason}",
                context.name(call.from),
                context.name(call.to)
            );
            findings
                .report(vec![call.element()], message)
                .fix([add_breaker(id, dependency)]);
        }
    }
}

/// For each service, whether work that comes in from outside reaches it by calls.
fn served(context: &Context<'_>) -> Vec<bool> {
    let mut served = vec![false; context.numbers.graph.services.len()];
    let mut open = context.numbers.entries();
    for &entry in &open {
        served[entry] = true;
    }
    while let Some(number) = open.pop() {
        for call in context.numbers.calls_of(number) {
            if !served[call.to] {
                served[call.to] = true;
                open.push(call.to);
            }
        }
    }
    served
}

/// Why this call needs a breaker, if it does.
fn reason(
    context: &Context<'_>,
    call: &Call<'_>,
    dependency: &Dependency,
    is_served: bool,
) -> Option<String> {
    let name = context.name(call.to);
    if context.kind(call.to) == ServiceKind::External {
        return Some(format!("{name} is not ours"));
    }
    if context.is_between_boundaries(call.from, call.to) {
        let boundary = context.boundary(call.to)?;
        let boundary = context.model.boundary_name(boundary);
        return Some(format!("{name} belongs to {boundary}"));
    }
    let critical = |it: usize| context.numbers.service(it).criticality;
    if let Some((from, to)) = critical(call.from).zip(critical(call.to))
        && to < from
    {
        return Some(format!("{name} is less critical ({to} against {from})"));
    }
    (is_served && dependency.p99_ms.is_none())
        .then(|| "nothing says how long its answers take".to_owned())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn a_call_with_a_breaker_or_without_a_reason_is_fine() {
        let text = "x(a, b, d:database, e:external); a -> b; a -> d; a -> e{breaker}; e -> a";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn each_reason_is_said() {
        let text = "x(g:gateway, a{criticality=4}, b{criticality=1}, e:external); y(c, f); \
                    a -> b; a -> c; a -> e; g -> a; c -> f{p99=20}; g -> c{breaker}";
        assert_eq!(
            messages(&RULE, text),
            "warning: a calls b without a breaker, and b is less critical (1 against 4)\n\
             warning: a calls c without a breaker, and c belongs to y\n\
             warning: a calls e without a breaker, and e is not ours\n\
             warning: g calls a without a breaker, and nothing says how long its answers take\n"
        );
        assert_eq!(fixes(&RULE, text), "Add breaker\n".repeat(4));
    }
}
