//! How calls come in and get on: the gateway, discovery and breakers.

use std::collections::BTreeSet;

use super::{Checklist, Group, Missing, Practice, found};
use crate::{
    model::{ElementId, ServiceKind},
    rules::{
        Context, Fix, bypassed_gateway,
        fix::{add_breaker, change_dependency},
        missing_gateway,
    },
};

/// Everything from outside goes through a gateway.
pub(super) fn gateway(context: &Context<'_>) -> Practice {
    let mut list = Checklist::default();
    let mut flaws = found(&missing_gateway::RULE, context);
    flaws.extend(found(&bypassed_gateway::RULE, context));
    let flawed: BTreeSet<ElementId> = flaws
        .iter()
        .filter_map(|it| it.subjects.first().cloned())
        .collect();
    let routed: BTreeSet<_> = context
        .model
        .routes
        .values()
        .map(|it| &it.service)
        .collect();
    for id in routed {
        if !flawed.contains(&ElementId::Service(id.clone())) {
            list.tick();
        }
    }
    list.miss_all(flaws);
    let has_way_in = list.fulfilled > 0
        || !list.missing.is_empty()
        || context
            .services()
            .any(|(_, _, it)| it.kind == ServiceKind::Gateway);
    let has_services = context.services().any(|(_, _, it)| it.kind.is_our_code());
    if !has_way_in && has_services {
        list.missing.push(Missing {
            subjects: Vec::new(),
            message: "no way in from outside is drawn".to_owned(),
            fixes: Vec::new(),
        });
    }
    list.done("API gateway", Group::Today, 2)
}

/// Nobody is wired to an address.
pub(super) fn discovery(context: &Context<'_>) -> Practice {
    let mut list = Checklist::default();
    for call in context.service_calls() {
        let Some((id, dependency)) = call.dependency() else {
            continue;
        };
        if context.kind(call.to) == ServiceKind::External {
            continue;
        }
        let (from, to) = (context.name(call.from), context.name(call.to));
        let message = match dependency.dynamic_discovery {
            Some(true) => {
                list.tick();
                continue;
            }
            Some(false) => format!("{from} is wired to one address of {to}"),
            None => format!("nothing says how {from} finds {to}"),
        };
        let edit = change_dependency(id, dependency, "discovery", |it| {
            it.dynamic_discovery = Some(true);
        });
        let fix = Fix::new(format!("Find {to} at run time"), vec![edit]);
        list.miss(call.element(), message, Some(fix));
    }
    list.done("Service discovery", Group::Next, 1)
}

/// Nobody goes on calling what keeps failing.
pub(super) fn breakers(context: &Context<'_>) -> Practice {
    let mut list = Checklist::default();
    for call in context.service_calls() {
        let Some((id, dependency)) = call.dependency() else {
            continue;
        };
        if dependency.breaker.is_some() {
            list.tick();
            continue;
        }
        let message = format!(
            "{} calls {} without a breaker",
            context.name(call.from),
            context.name(call.to)
        );
        let fix = add_breaker(id, dependency);
        list.miss(call.element(), message, Some(fix));
    }
    list.done("Circuit breakers", Group::Next, 1)
}
