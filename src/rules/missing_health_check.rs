//! O01: nobody can ask a service whether it is well.

use super::{Context, Findings, Fix, Rule, fix::change_service};
use crate::model::{HealthCheck, Service, ServiceKind, Severity};

pub(super) const RULE: Rule = Rule {
    code: "O01",
    name: "missing-health-check",
    severity: Severity::Warning,
    summary: "A service of ours says no way to ask whether it is well.",
    explanation: "\
Without a health check a hung service stays in rotation, nothing can wait until it is ready, and no monitor sees it fail. \
Programs that run from a known image are left out, because the exports know how to ask them.",
    source: "Tighilt et al. 2020.",
    check,
};

/// Where most programs answer, if their technology has no usual path.
const USUAL_PATH: &str = "/health";

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (number, id, service) in context.services() {
        if !lacks_health(service) {
            continue;
        }
        let message = format!("{} has no health check", context.name(number));
        let path = usual_path(service);
        let edit = change_service(id, service, "health", add_health);
        findings
            .report(vec![context.element(number)], message)
            .fix([Fix::new(format!("Add {path}"), vec![edit])]);
    }
}

fn lacks_health(service: &Service) -> bool {
    let is_known_program = service
        .known_technology()
        .is_some_and(|it| it.image.is_some());
    service.kind == ServiceKind::Service && service.health.is_none() && !is_known_program
}

fn usual_path(service: &Service) -> &'static str {
    let known = service.known_technology().and_then(|it| it.health_path);
    known.unwrap_or(USUAL_PATH)
}

/// Gives a service the usual health check of its technology, unless it has one.
pub(super) fn add_health(service: &mut Service) {
    let path = usual_path(service);
    service.health.get_or_insert_with(|| HealthCheck {
        path: path.to_owned(),
        ..HealthCheck::default()
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn jobs_stores_and_known_images_are_fine() {
        let text = "x(a{health=/up}, j:job, d:database, c{image=hashicorp/consul:1.21.5})";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn the_path_is_the_one_of_the_technology() {
        let text = "x(a{technology=spring-boot}, b)";
        assert_eq!(
            messages(&RULE, text),
            "warning: a has no health check\nwarning: b has no health check\n"
        );
        assert_eq!(fixes(&RULE, text), "Add /actuator/health\nAdd /health\n");
    }
}
