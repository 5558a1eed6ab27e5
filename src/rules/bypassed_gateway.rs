//! G02: a service is reached through a gateway and past it.

use super::{Context, Findings, Fix, Rule, fix::change_service, missing_gateway::unpublish, words};
use crate::model::Severity;

pub(super) const RULE: Rule = Rule {
    code: "G02",
    name: "bypassed-gateway",
    severity: Severity::Warning,
    summary: "A service has a route through a gateway and a published port as well.",
    explanation: "\
Whoever knows the port goes past the gateway's authentication, limits and log. \
Take the port off the host; within the network nothing changes.",
    source: "Neri et al. 2019.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (number, id, service) in context.services() {
        if !service.kind.is_our_code() || !service.is_exposed() {
            continue;
        }
        let mut gateways = Vec::new();
        let mut subjects = vec![context.element(number)];
        for &index in &context.numbers.incoming[number] {
            let call = &context.numbers.calls[index];
            if call.dependency().is_none() {
                subjects.push(call.element());
                gateways.push(context.name(call.from));
            }
        }
        if gateways.is_empty() {
            continue;
        }
        gateways.sort_unstable();
        gateways.dedup();
        let published: Vec<String> = service
            .ports
            .iter()
            .filter_map(|it| it.published.map(|it| it.to_string()))
            .collect();
        let ports = words::list(&published);
        let message = format!(
            "{} is routed by {}, but port {ports} of the host leads past it",
            context.name(number),
            words::list(&gateways),
        );
        let edit = change_service(id, service, "ports", unpublish);
        findings
            .report(subjects, message)
            .fix([Fix::new(format!("Unpublish port {ports}"), vec![edit])]);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn either_alone_is_fine() {
        let text = "x(g:gateway, a, b{published=81}); g/a -> a";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn a_routed_service_with_a_host_port_is_reported() {
        let text = "x(g:gateway, a{port=8000 published=81}); g/a -> a";
        assert_eq!(
            messages(&RULE, text),
            "warning: a is routed by g, but port 81 of the host leads past it\n"
        );
        assert_eq!(fixes(&RULE, text), "Unpublish port 81\n");
    }
}
