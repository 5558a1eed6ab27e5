//! R01: a call with neither a breaker nor a timeout.

use super::{
    Context, Findings, Fix, Rule,
    fix::{add_breaker, change_dependency},
    missing_timeout::{add_timeout, suggested_timeout_ms},
    words::duration,
};
use crate::model::{Breaker, ServiceKind, Severity};

pub(super) const RULE: Rule = Rule {
    code: "R01",
    name: "unprotected-call",
    severity: Severity::Error,
    summary: "A service or gateway waits for another with neither a breaker nor a timeout.",
    explanation: "\
When the called service hangs, the caller hangs with it until it has no thread or connection left, and so on upwards. \
A timeout ends the wait; a breaker stops asking what keeps failing. Use both.",
    source: "MicroFreshener (wobbly service interaction); Neri et al. 2019.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for call in context.service_calls() {
        let Some((id, dependency)) = call.dependency() else {
            continue;
        };
        let is_external = |it: usize| context.kind(it) == ServiceKind::External;
        let is_protected = dependency.breaker.is_some() || call.timeout_ms.is_some();
        if is_protected || is_external(call.from) || is_external(call.to) {
            continue;
        }
        let message = format!(
            "{} calls {} with neither a breaker nor a timeout",
            context.name(call.from),
            context.name(call.to)
        );
        let timeout_ms = suggested_timeout_ms(context, call);
        let both = change_dependency(id, dependency, "protection", |it| {
            it.breaker = Some(Breaker::recommended());
            it.timeout_ms = Some(timeout_ms);
        });
        let label = format!("Add breaker and a timeout of {}", duration(timeout_ms));
        findings.report(vec![call.element()], message).fix([
            Fix::new(label, vec![both]),
            add_timeout(context, call, (id, dependency)),
            add_breaker(id, dependency),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn one_protection_is_enough_and_stores_clients_and_externals_are_left_out() {
        let text = "x(a, b, c, d:database, e:external, u:client); \
                    a -> b{timeout=500}; a -> c{breaker}; a -> d; a -> e; u -> a; b => c";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn a_call_without_any_can_get_both() {
        let text = "x(g:gateway, b); g -> b{p99=300}";
        assert_eq!(
            messages(&RULE, text),
            "error: g calls b with neither a breaker nor a timeout\n"
        );
        assert_eq!(
            fixes(&RULE, text),
            "Add breaker and a timeout of 0.6 s\nUse a timeout of 0.6 s\nAdd breaker\n"
        );
    }

    #[test]
    fn the_timeout_of_a_route_protects_the_same_call() {
        let text = "x(g:gateway, b); g -> b; g/b -> b{timeout=500}";
        assert_eq!(messages(&RULE, text), "");
    }
}
