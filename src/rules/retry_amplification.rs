//! R07: retries at several layers multiply.

use super::{Context, Findings, Fix, Rule, fix::change_dependency, words};
use crate::{
    edit::Edit,
    model::{
        Call, ElementId, Severity,
        numbers::{Attempts, Reached},
    },
};

pub(super) const RULE: Rule = Rule {
    code: "R07",
    name: "retry-amplification",
    severity: Severity::Error,
    summary: "Retries at several layers multiply, so that one request may arrive many times.",
    explanation: "\
When the innermost service fails, every layer tries again, and each attempt of one is several of the next: \
three layers of four attempts make 64 calls of one, just when the service can bear least. \
Try again at one layer only, next to what fails. Calls that are tried again in a circle have no end. \
Eight times is a warning and 27 an error; both thresholds are ours.",
    source: "Google SRE book, addressing cascading failures; Amazon Builders' Library.",
    check,
};

/// Arrivals of one request that are worth a warning; ours: three layers of one retry.
const MANY: u64 = 8;
/// Arrivals of one request that will hurt; ours: three layers of two retries.
const TOO_MANY: u64 = 27;
/// Retries that stay at the one layer that keeps them (SRE: three attempts a request).
const KEPT_RETRIES: u32 = 2;
/// Layers a finding names at most.
const MOST_LAYERS: usize = 12;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let numbers = &context.numbers;
    let condensation = numbers.condensation();
    for members in condensation.cycles() {
        if numbers.is_retried_cycle(members) {
            report_circle(context, members, findings);
        }
    }
    let reached = numbers.attempts_reaching();
    let goes_on = multiplies_further(context, &reached);
    for (number, it) in reached.iter().enumerate() {
        let (Attempts::Times(count), Some(last)) = (it.attempts, it.last_retried) else {
            continue;
        };
        let is_last = it.last_call == Some(last) && numbers.calls[last].to == number;
        if count >= MANY && is_last && !goes_on[number] {
            report(
                context,
                number,
                count,
                &layers(context, &reached, last),
                findings,
            );
        }
    }
}

/// For each service, whether the worst path to it leads on to a further retry.
fn multiplies_further(context: &Context<'_>, reached: &[Reached]) -> Vec<bool> {
    let numbers = &context.numbers;
    let condensation = numbers.condensation();
    let mut goes_on = vec![false; reached.len()];
    for members in condensation.components.iter().rev() {
        let further = members.iter().any(|&member| {
            numbers.outgoing[member].iter().any(|&index| {
                let call = &numbers.calls[index];
                let leads_on = reached[call.to].last_call == Some(index);
                leads_on && (call.attempts > 1 || goes_on[call.to])
            })
        });
        for &member in members {
            goes_on[member] = further;
        }
    }
    goes_on
}

/// The calls on the worst path that are tried again, the outermost first.
fn layers<'c, 'a>(context: &'c Context<'a>, reached: &[Reached], last: usize) -> Vec<&'c Call<'a>> {
    let mut layers = Vec::new();
    let mut at = Some(last);
    while let Some(index) = at
        && layers.len() < MOST_LAYERS
    {
        let call = &context.numbers.calls[index];
        layers.push(call);
        at = reached[call.from].last_retried;
    }
    layers.reverse();
    layers
}

fn report(
    context: &Context<'_>,
    number: usize,
    count: u64,
    layers: &[&Call<'_>],
    findings: &mut Findings,
) {
    let factors: Vec<String> = layers.iter().map(|it| it.attempts.to_string()).collect();
    let first = layers.first().map_or(number, |it| it.from);
    let how = if factors.len() == 1 {
        format!("{} attempts at once", factors[0])
    } else {
        format!("{} attempts", factors.join(" × "))
    };
    let message = format!(
        "one request to {} may reach {} {} ({how})",
        context.name(first),
        context.name(number),
        words::times(count)
    );
    let mut subjects = vec![context.element(number)];
    subjects.extend(layers.iter().map(|it| it.element()));
    let severity = if count >= TOO_MANY {
        Severity::Error
    } else {
        Severity::Warning
    };
    findings
        .report(subjects, message)
        .weighing(severity)
        .fix(at_one_layer(context, layers));
}

/// Keeps the retries next to what fails, and no more than a few, and drops all others.
fn at_one_layer(context: &Context<'_>, layers: &[&Call<'_>]) -> Option<Fix> {
    let (last, outer) = layers.split_last()?;
    let mut edits = without_retries(outer);
    if u64::from(last.attempts) >= MANY
        && let Some((id, dependency)) = last.dependency()
    {
        edits.push(change_dependency(id, dependency, "retries", |it| {
            if let Some(retries) = &mut it.retries {
                retries.count = KEPT_RETRIES;
            }
        }));
    }
    let link = context.link(last.from, last.to);
    let label = if outer.is_empty() {
        format!("Try {link} at most {KEPT_RETRIES} times again")
    } else {
        format!("Try again at {link} only")
    };
    Some(Fix::new(label, edits))
}

fn without_retries(calls: &[&Call<'_>]) -> Vec<Edit> {
    calls
        .iter()
        .filter_map(|call| call.dependency())
        .map(|(id, it)| change_dependency(id, it, "retries", |it| it.retries = None))
        .collect()
}

fn report_circle(context: &Context<'_>, members: &[usize], findings: &mut Findings) {
    let condensation = context.numbers.condensation();
    let retried: Vec<&Call<'_>> = members
        .iter()
        .flat_map(|&it| context.numbers.calls_of(it))
        .filter(|it| it.attempts > 1 && condensation.are_together(it.from, it.to))
        .collect();
    let names: Vec<&str> = members.iter().map(|&it| context.name(it)).collect();
    let links: Vec<String> = retried
        .iter()
        .map(|it| context.link(it.from, it.to))
        .collect();
    let call = if names.len() == 1 {
        "calls itself"
    } else {
        "call each other in a circle"
    };
    let message = format!(
        "{} {call} and try again ({}), so one request may go round without end",
        words::list(&names),
        words::list(&links)
    );
    let subjects: Vec<ElementId> = retried.iter().map(|it| it.element()).collect();
    let fix = Fix::new("Drop the retries in the circle", without_retries(&retried));
    findings.report(subjects, message).fix([fix]);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn retries_at_one_layer_are_fine() {
        let text = "x(g:gateway, a, b, c); g/a -> a; a -> b; b -> c{retries=3}; a -> c{retries=3}";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn three_layers_of_four_attempts_are_sixty_four() {
        let text = "x(a, b, c, d); a -> b{retries=3}; b -> c{retries=3}; c -> d{retries=3}";
        assert_eq!(
            messages(&RULE, text),
            "error: one request to a may reach d 64 times (4 × 4 × 4 attempts)\n"
        );
        assert_eq!(fixes(&RULE, text), "Try again at c → d only\n");
    }

    #[test]
    fn five_layers_of_three_attempts_are_two_hundred_and_forty_three() {
        let text = "x(a, b, c, d, e, f:database); a -> b{retries=2}; b -> c{retries=2}; \
                    c -> d{retries=2}; d -> e{retries=2}; e -> f{retries=2}";
        assert_eq!(
            messages(&RULE, text),
            "error: one request to a may reach f 243 times (3 × 3 × 3 × 3 × 3 attempts)\n"
        );
    }

    #[test]
    fn eight_are_a_warning_and_only_where_the_path_ends() {
        let text = "x(a, b, c, d, e); a -> b{retries=1}; b -> c; c -> d{retries=3}; d -> e";
        assert_eq!(
            messages(&RULE, text),
            "warning: one request to a may reach d 8 times (2 × 4 attempts)\n"
        );
    }

    #[test]
    fn one_layer_can_be_too_much_by_itself() {
        let text = "x(a, b); a -> b{retries=9}";
        assert_eq!(fixes(&RULE, text), "Try a → b at most 2 times again\n");
    }

    #[test]
    fn retries_in_a_circle_have_no_end() {
        let text = "x(a, b, c); a -> b; b -> a{retries=1}; b -> c{retries=9}";
        assert_eq!(
            messages(&RULE, text),
            "error: a and b call each other in a circle and try again (b → a), so one request may go round without end\n"
        );
        assert_eq!(fixes(&RULE, text), "Drop the retries in the circle\n");
    }
}
