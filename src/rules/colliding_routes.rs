//! G07: two routes of a gateway claim the same requests.

use std::collections::{BTreeSet, HashMap};

use super::{Context, Findings, Fix, Rule, fix::change_route};
use crate::model::{ElementId, Method, Route, RouteId, ServiceId, Severity};

pub(super) const RULE: Rule = Rule {
    code: "G07",
    name: "colliding-routes",
    severity: Severity::Error,
    summary: "Two routes of a gateway claim the same requests for different targets.",
    explanation: "\
Only one of two routes with the same host, path and method can win, and which one depends on the gateway; the other is never reached. \
Give one of them another path. Routes are matched by the longest path, whatever their order, and a slash at the end makes no difference.",
    source: "After Kiali's validations KIA0301 and KIA1106.",
    check,
};

/// Where a route leads: a service and a port of it.
type Target<'a> = (&'a ServiceId, Option<u16>);

/// What two colliding routes have in common: gateway, host, path and method.
type Claim<'a> = (&'a ServiceId, String, &'a str, Method);

/// The paths of each gateway's routes.
type Paths<'a> = HashMap<&'a ServiceId, BTreeSet<&'a str>>;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let paths = paths(context);
    // Of each claim the first route, and the first that leads elsewhere, are enough to
    // find a partner for every other.
    let mut claims: HashMap<Claim<'_>, Vec<(&RouteId, Target<'_>)>> = HashMap::new();
    for (id, route) in &context.model.routes {
        let target = (&route.service, route.port);
        let mut rivals = BTreeSet::new();
        for method in methods(route) {
            let claim = (
                &route.gateway,
                route.host.to_ascii_lowercase(),
                path(route),
                method,
            );
            let claimed = claims.entry(claim).or_default();
            let rival = claimed.iter().find(|(_, it)| *it != target);
            rivals.extend(rival.map(|(it, _)| *it));
            if claimed.len() < 2 && claimed.iter().all(|(_, it)| *it != target) {
                claimed.push((id, target));
            }
        }
        for rival in rivals {
            report(context, &paths, (id, route), rival, findings);
        }
    }
}

fn methods(route: &Route) -> Vec<Method> {
    if route.methods.is_empty() {
        Method::ALL.to_vec()
    } else {
        route.methods.clone()
    }
}

fn path(route: &Route) -> &str {
    route.path_prefix.trim_end_matches('/')
}

fn report(
    context: &Context<'_>,
    paths: &Paths<'_>,
    (id, route): (&RouteId, &Route),
    rival: &RouteId,
    findings: &mut Findings,
) {
    let Some(other) = context.model.routes.get(rival) else {
        return;
    };
    let name = |it: &Route| {
        let name = context.model.service_name(&it.service).to_owned();
        match it.port {
            Some(port) if it.service == route.service && it.service == other.service => {
                format!("{name} on port {port}")
            }
            Some(_) | None => name,
        }
    };
    let message = format!(
        "{} sends {} to {} and to {}",
        context.model.service_name(&route.gateway),
        route.label(),
        name(other),
        name(route)
    );
    let subjects = vec![
        ElementId::Route(id.clone()),
        ElementId::Route(rival.clone()),
    ];
    let free = free_path(paths, route);
    let edit = change_route(id, route, "path", |it| it.path_prefix.clone_from(&free));
    let label = format!(
        "Move {} to {free}",
        context.model.service_name(&route.service)
    );
    findings
        .report(subjects, message)
        .fix([Fix::new(label, vec![edit])]);
}

/// The paths of all routes of each gateway.
fn paths<'a>(context: &Context<'a>) -> Paths<'a> {
    let mut paths = Paths::new();
    for route in context.model.routes.values() {
        paths.entry(&route.gateway).or_default().insert(path(route));
    }
    paths
}

/// A path that no route of the gateway has, named for the service.
fn free_path(paths: &Paths<'_>, route: &Route) -> String {
    let is_taken = |path: &str| {
        let taken = paths.get(&route.gateway);
        taken.is_some_and(|it| it.contains(path))
    };
    let id = route.service.made_unique(|it| is_taken(&format!("/{it}")));
    format!("/{id}")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::{
        model::{Method, testing::model},
        rules::{
            Context, Findings,
            testing::{fixes, messages},
        },
    };

    #[test]
    fn other_hosts_paths_and_gateways_do_not_collide() {
        let text = "x(g:gateway, h:gateway, a, b); g/a -> a; g/b -> b; h/a -> b; g/a -> b{host=b.example}; g/a/x -> b";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn one_path_to_two_services_is_reported() {
        let text = "x(g:gateway, a, b); g/a -> a; g/a/ -> b; g/b -> b";
        assert_eq!(messages(&RULE, text), "error: g sends /a/ to a and to b\n");
        assert_eq!(fixes(&RULE, text), "Move b to /b-2\n");
    }

    #[test]
    fn two_ports_of_one_service_are_two_targets() {
        let text = "x(g:gateway, a); g/a -> a{port=1}; g/a -> a{port=2}; g/a -> a{port=2}";
        assert_eq!(
            messages(&RULE, text),
            "error: g sends /a to a on port 1 and to a on port 2\n\
             error: g sends /a to a on port 1 and to a on port 2\n"
        );
    }

    #[test]
    fn reading_here_and_writing_there_is_fine() {
        let mut model = model("x(g:gateway, a, b); g/a -> a; g/a -> b");
        let methods = [vec![Method::Get, Method::Head], vec![Method::Post]];
        for (id, methods) in ["g-a", "g-a-2"].into_iter().zip(methods) {
            let route = model.routes.get_mut(id).unwrap();
            std::sync::Arc::make_mut(route).methods = methods;
        }
        assert!(Findings::of(&RULE, None, &Context::new(&model)).is_empty());
    }
}
