//! R02: a caller that may wait for ever.

use super::{
    Context, Findings, Fix, Rule, fix::change_dependency, timeouts_not_nested::room_above_ms,
    words::duration,
};
use crate::model::{Call, Dependency, DependencyId, ServiceKind, Severity};

pub(super) const RULE: Rule = Rule {
    code: "R02",
    name: "missing-timeout",
    severity: Severity::Warning,
    summary: "A caller waits for an answer without a timeout.",
    explanation: "\
A call without a timeout waits as long as the other side likes, and holds a thread, a connection and its own caller meanwhile. \
It weighs more where the other side is external or in another boundary. \
The timeout offered is twice the 99th percentile if that is said, else 2 s, and never less than the called service may need itself; these numbers are ours.",
    source: "Nygard, Release It!; Amazon Builders' Library, timeouts, retries and backoff with jitter.",
    check,
};

/// What is offered where nothing is known of the call; ours.
const USUAL_TIMEOUT_MS: u64 = 2_000;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for call in &context.numbers.calls {
        let Some((id, dependency)) = call.dependency() else {
            continue;
        };
        // How long somebody else waits for us is not ours to decide.
        if call.timeout_ms.is_some() || context.kind(call.from) == ServiceKind::External {
            continue;
        }
        let is_external = context.kind(call.to) == ServiceKind::External;
        let severity = if is_external || context.is_between_boundaries(call.from, call.to) {
            Severity::Error
        } else {
            Severity::Warning
        };
        let message = format!(
            "{} waits for {} without a timeout",
            context.name(call.from),
            context.name(call.to)
        );
        findings
            .report(vec![call.element()], message)
            .weighing(severity)
            .fix([add_timeout(context, call, (id, dependency))]);
    }
}

/// A timeout that leaves the called service the time it needs, in milliseconds.
pub(super) fn suggested_timeout_ms(context: &Context<'_>, call: &Call<'_>) -> u64 {
    let p99_ms = call.dependency().and_then(|(_, it)| it.p99_ms);
    let usual = p99_ms.map_or(USUAL_TIMEOUT_MS, |it| it.saturating_mul(2).max(1));
    usual.max(room_above_ms(context, call.to))
}

pub(super) fn add_timeout(
    context: &Context<'_>,
    call: &Call<'_>,
    (id, dependency): (&DependencyId, &Dependency),
) -> Fix {
    let timeout_ms = suggested_timeout_ms(context, call);
    let edit = change_dependency(id, dependency, "timeout", |it| {
        it.timeout_ms = Some(timeout_ms);
    });
    Fix::new(
        format!("Use a timeout of {}", duration(timeout_ms)),
        vec![edit],
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn timeouts_and_messages_are_fine() {
        assert_eq!(
            messages(
                &RULE,
                "x(a, b, e:external, q:broker); a -> b{timeout=1}; a => b; a -> q{publish}; e -> a"
            ),
            ""
        );
    }

    #[test]
    fn stores_and_externals_need_a_timeout_too() {
        let text = "x(a, d:database, e:external); a -> d; a -> e";
        assert_eq!(
            messages(&RULE, text),
            "warning: a waits for d without a timeout\nerror: a waits for e without a timeout\n"
        );
    }

    #[test]
    fn another_boundary_weighs_more_but_an_unknown_one_does_not() {
        assert!(messages(&RULE, "x(a); y(b); a -> b").starts_with("error"));
        assert!(messages(&RULE, "x(a); (b); a -> b").starts_with("warning"));
    }

    #[test]
    fn the_timeout_offered_leaves_room_for_what_is_called() {
        assert_eq!(fixes(&RULE, "x(a, b); a -> b"), "Use a timeout of 2 s\n");
        assert_eq!(
            fixes(&RULE, "x(a, b); a -> b{p99=40}"),
            "Use a timeout of 80 ms\n"
        );
        let text = "x(a, b, c); a -> b; b -> c{timeout=1000 retries=2 backoff=100}";
        assert_eq!(fixes(&RULE, text), "Use a timeout of 3.4 s\n");
    }
}
