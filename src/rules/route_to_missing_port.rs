//! G10: a route leads to a port that its service does not listen on.

use super::{Context, Findings, Fix, Rule, fix::change_route, words};
use crate::model::{ElementId, PortProtocol, Severity};

pub(super) const RULE: Rule = Rule {
    code: "G10",
    name: "route-to-missing-port",
    severity: Severity::Error,
    summary: "A route leads to a port that its service does not listen on.",
    explanation: "\
Every request on such a route fails, and only at run time. \
A service of which no port is said is not judged.",
    source: "After Kiali's validation KIA0701.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, route) in &context.model.routes {
        let Some(service) = context.model.services.get(&route.service) else {
            continue;
        };
        let Some(port) = route.port else { continue };
        let listens = |it: u16| {
            let mut ports = service.ports.iter();
            ports.any(|port| port.number == it && port.protocol != PortProtocol::Udp)
        };
        if service.ports.is_empty() || listens(port) {
            continue;
        }
        let usable = service
            .ports
            .iter()
            .filter(|it| it.protocol != PortProtocol::Udp);
        let ports: Vec<String> = service
            .ports
            .iter()
            .map(|it| it.number.to_string())
            .collect();
        let name = context.model.service_name(&route.service);
        let message = format!(
            "{} sends {} to port {port} of {name}, which listens on {}",
            context.model.service_name(&route.gateway),
            route.label(),
            words::list(&ports)
        );
        let subjects = vec![
            ElementId::Route(id.clone()),
            ElementId::Service(route.service.clone()),
        ];
        let fix = usable.map(|it| it.number).next().map(|number| {
            let edit = change_route(id, route, "port", |it| it.port = Some(number));
            Fix::new(format!("Use port {number}"), vec![edit])
        });
        findings.report(subjects, message).fix(fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn a_port_that_is_there_or_not_said_is_fine() {
        let text =
            "x(g:gateway, a{port=80 port=81}, b); g/a -> a{port=81}; g/b -> b{port=1}; g/c -> a";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn a_missing_port_is_corrected_to_the_main_one() {
        let text = "x(g:gateway, a{port=8000 port=9000}); g/a -> a{port=8080}";
        assert_eq!(
            messages(&RULE, text),
            "error: g sends /a to port 8080 of a, which listens on 8000 and 9000\n"
        );
        assert_eq!(fixes(&RULE, text), "Use port 8000\n");
    }
}
