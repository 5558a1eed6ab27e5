//! G01: the outside reaches a service without a gateway in between.

use std::collections::HashSet;

use super::{
    Context, Findings, Fix, Rule,
    fix::{change_dependency, change_service},
    words,
};
use crate::{
    edit::Edit,
    model::{
        ElementId, Port, PortProtocol, Route, RouteId, Service, ServiceId, ServiceKind, Severity,
        technology,
    },
};

pub(super) const RULE: Rule = Rule {
    code: "G01",
    name: "missing-gateway",
    severity: Severity::Warning,
    summary: "The outside reaches a service without a gateway in between.",
    explanation: "\
Whoever is called from outside must authenticate, limit and log by itself, and can never move without its callers noticing. \
Let a gateway take the calls and pass them on by a route. \
A service that is routed and published as well is G02's concern.",
    source: "MicroFreshener (no API gateway); Taibi and Lenarduzzi 2018.",
    check,
};

/// The technology of a gateway that a fix adds.
const GATEWAY: &str = "nginx";

/// The gateway that a fix uses, and what it already has.
struct Gateway<'a> {
    id: ServiceId,
    exists: bool,
    /// The paths of its routes, and the services they lead to.
    paths: HashSet<&'a str>,
    routed: HashSet<&'a ServiceId>,
    /// Who asks it.
    asking: HashSet<usize>,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let routed: HashSet<&ServiceId> = context
        .model
        .routes
        .values()
        .map(|it| &it.service)
        .collect();
    let gateway = Gateway::of(context);
    for (number, id, service) in context.services() {
        if !service.kind.is_our_code() {
            continue;
        }
        let asked_by = asked_by(context, number);
        let bypassed = service.is_exposed() && routed.contains(id);
        if bypassed || (!service.is_exposed() && asked_by.is_empty()) {
            continue;
        }
        let message = message(context, number, &asked_by);
        let fix = put_behind(context, number, &gateway, &asked_by);
        findings
            .report(vec![context.element(number)], message)
            .fix([fix]);
    }
}

impl<'a> Gateway<'a> {
    /// The first gateway there is, or else a new one.
    fn of(context: &Context<'a>) -> Self {
        let existing = context
            .services()
            .find(|(_, _, it)| it.kind == ServiceKind::Gateway);
        let id = existing.map_or_else(
            || {
                ServiceId::from_display_name("gateway", "gateway")
                    .made_unique(|it| context.model.services.contains_key(it))
            },
            |(_, id, _)| id.clone(),
        );
        let mut gateway = Self {
            id,
            exists: existing.is_some(),
            paths: HashSet::new(),
            routed: HashSet::new(),
            asking: HashSet::new(),
        };
        let routes = context.model.routes.values();
        for route in routes.filter(|it| it.gateway == gateway.id) {
            gateway
                .paths
                .insert(route.path_prefix.trim_end_matches('/'));
            gateway.routed.insert(&route.service);
        }
        if let Some((number, ..)) = existing {
            let graph = &context.numbers.graph;
            let incoming = graph.incoming[number].iter();
            gateway.asking = incoming.map(|&it| graph.edges[it].from).collect();
        }
        gateway
    }
}

/// The dependencies by which clients ask a service, as positions in the graph.
fn asked_by(context: &Context<'_>, number: usize) -> Vec<usize> {
    let graph = &context.numbers.graph;
    graph.incoming[number]
        .iter()
        .copied()
        .filter(|&it| context.kind(graph.edges[it].from) == ServiceKind::Client)
        .collect()
}

fn message(context: &Context<'_>, number: usize, asked_by: &[usize]) -> String {
    let name = context.name(number);
    if asked_by.is_empty() {
        let published = context.numbers.service(number).ports.iter();
        let ports: Vec<String> = published
            .filter_map(|it| it.published.map(|it| it.to_string()))
            .collect();
        return format!(
            "{name} is reached from outside on port {}, past any gateway",
            words::list(&ports)
        );
    }
    let graph = &context.numbers.graph;
    let mut clients: Vec<&str> = asked_by
        .iter()
        .map(|&it| context.name(graph.edges[it].from))
        .collect();
    clients.dedup();
    let ask = if clients.len() == 1 { "asks" } else { "ask" };
    format!(
        "{} {ask} {name} directly, past any gateway",
        words::list(&clients)
    )
}

fn put_behind(
    context: &Context<'_>,
    number: usize,
    gateway: &Gateway<'_>,
    asked_by: &[usize],
) -> Fix {
    let id = context.numbers.id(number);
    let service = context.numbers.service(number);
    let name = context.name(number);
    let mut edits = Vec::new();
    let label = if gateway.exists {
        format!(
            "Route {name} through {}",
            context.model.service_name(&gateway.id)
        )
    } else {
        let added = Box::new(new_gateway(service));
        edits.push(Edit::AddService(gateway.id.clone(), added, None));
        format!("Add a gateway with a route to {name}")
    };
    if service.is_exposed() {
        edits.push(change_service(id, service, "ports", unpublish));
    }
    if !gateway.routed.contains(id) {
        edits.push(new_route(context, gateway, id, service));
    }
    edits.extend(redirect(context, gateway, asked_by));
    Fix::new(label, edits)
}

/// Takes every port of a service off the host.
pub(super) fn unpublish(service: &mut Service) {
    for port in &mut service.ports {
        port.published = None;
        port.host_ip.clear();
    }
}

/// A gateway that takes over the host port of the service it protects.
fn new_gateway(service: &Service) -> Service {
    let old = service.ports.iter().find(|it| it.published.is_some());
    let number = technology::find(GATEWAY).and_then(|it| it.port);
    Service {
        boundary: None,
        public: true,
        technology: GATEWAY.to_owned(),
        ports: vec![Port {
            number: number.unwrap_or(80),
            protocol: PortProtocol::Http,
            published: old.and_then(|it| it.published),
            host_ip: old.map(|it| it.host_ip.clone()).unwrap_or_default(),
        }],
        ..Service::of_kind(ServiceKind::Gateway)
    }
}

fn new_route(
    context: &Context<'_>,
    gateway: &Gateway<'_>,
    id: &ServiceId,
    service: &Service,
) -> Edit {
    let name = id.made_unique(|it| gateway.paths.contains(format!("/{it}").as_str()));
    let mut route = Route::new(gateway.id.clone(), format!("/{name}"), id.clone());
    route.strip_prefix = true;
    route.port = service
        .ports
        .iter()
        .position(|it| it.published.is_some())
        .filter(|&position| position > 0)
        .map(|position| service.ports[position].number);
    let route_id = RouteId::from_display_name(&format!("{}-{id}", gateway.id), "route")
        .made_unique(|it| context.model.routes.contains_key(it));
    Edit::AddRoute(route_id, Box::new(route))
}

/// Lets clients ask the gateway; a client that already does loses its way past it.
fn redirect(context: &Context<'_>, gateway: &Gateway<'_>, asked_by: &[usize]) -> Vec<Edit> {
    let graph = &context.numbers.graph;
    let mut redirected = HashSet::new();
    let redirect = |&index: &usize| {
        let edge = &graph.edges[index];
        if !gateway.asking.contains(&edge.from) && redirected.insert(edge.from) {
            change_dependency(edge.id, edge.dependency, "target", |it| {
                it.to.clone_from(&gateway.id);
            })
        } else {
            Edit::Remove([ElementId::Dependency(edge.id.clone())].into())
        }
    };
    asked_by.iter().map(redirect).collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{after, fixes, messages};

    #[test]
    fn gateways_stores_and_inner_services_are_fine() {
        let text = "x(g:gateway{published=80}, a, d:database{published=5432}); g -> a; a -> d";
        assert_eq!(messages(&RULE, text), "");
    }

    #[test]
    fn a_published_service_gets_a_gateway_that_takes_over_its_port() {
        let text = "x(a{port=8000 published=80})";
        assert_eq!(
            messages(&RULE, text),
            "warning: a is reached from outside on port 80, past any gateway\n"
        );
        assert_eq!(fixes(&RULE, text), "Add a gateway with a route to a\n");
        let model = after(&RULE, text, "Add");
        assert_eq!(model.services["gateway"].ports[0].published, Some(80));
        assert!(!model.services["a"].is_exposed());
        let route = model.routes.values().next().unwrap();
        assert_eq!(
            (route.path_prefix.as_str(), route.strip_prefix),
            ("/a", true)
        );
    }

    #[test]
    fn a_client_is_sent_to_the_gateway_there_is() {
        let text = "x(page:client, g:gateway, a, b); page -> a; page -> b; page -> g; g/a -> b";
        assert_eq!(
            messages(&RULE, text),
            "warning: page asks a directly, past any gateway\nwarning: page asks b directly, past any gateway\n"
        );
        assert_eq!(fixes(&RULE, text), "Route a through g\nRoute b through g\n");
        let model = after(&RULE, text, "Route a");
        let route = model.routes.values().find(|it| it.service.as_str() == "a");
        assert_eq!(route.unwrap().path_prefix, "/a-2", "the prefix is free");
    }

    #[test]
    fn a_service_that_is_routed_too_is_left_to_the_rule_of_bypasses() {
        let text = "x(g:gateway, a{published=80}); g/a -> a";
        assert_eq!(messages(&RULE, text), "");
    }
}
