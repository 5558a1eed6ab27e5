//! Clear service boundaries: everything belongs somewhere, keeps its data to itself and
//! is called only where it means to be.

use std::collections::{BTreeMap, BTreeSet};

use super::{Checklist, Group, Practice, found};
use crate::{
    edit::Edit,
    model::{BoundaryId, ElementId, ServiceKind},
    rules::{
        Context, Fix, cyclic_contexts, data_of_another_context, fix::change_service,
        shared_datastore,
    },
};

/// Counts as much as any two others: what is cut wrongly cannot be fixed by tools. Ours.
const WEIGHT: u32 = 4;
/// Neighbours up to which a service's place is guessed from them; ours.
const MOST_NEIGHBOURS: usize = 64;

pub(super) fn practice(context: &Context<'_>) -> Practice {
    let mut list = Checklist::default();
    membership(context, &mut list);
    teams(context, &mut list);
    public_faces(context, &mut list);
    data(context, &mut list);
    let circles = found(&cyclic_contexts::RULE, context);
    if circles.is_empty() && context.model.boundaries.len() > 1 {
        list.tick();
    }
    list.miss_all(circles);
    list.done("Clear service boundaries", Group::Today, WEIGHT)
}

fn membership(context: &Context<'_>, list: &mut Checklist) {
    for (number, id, service) in context.services() {
        if !service.kind.is_our_code() {
            continue;
        }
        if service.boundary.is_some() {
            list.tick();
            continue;
        }
        let fix = nearest_boundary(context, number).map(|boundary| {
            let name = context.model.boundary_name(boundary);
            let edit = Edit::Join(vec![id.clone()], Some(boundary.clone()));
            Fix::new(format!("Move into {name}"), vec![edit])
        });
        let message = format!("{} belongs to no boundary", context.name(number));
        list.miss(context.element(number), message, fix);
    }
}

/// The boundary that most of a service's neighbours belong to.
fn nearest_boundary<'a>(context: &Context<'a>, number: usize) -> Option<&'a BoundaryId> {
    let graph = &context.numbers.graph;
    let called = graph.outgoing[number].iter().map(|&it| graph.edges[it].to);
    let callers = graph.incoming[number]
        .iter()
        .map(|&it| graph.edges[it].from);
    let mut counts: BTreeMap<&BoundaryId, usize> = BTreeMap::new();
    for neighbour in called.chain(callers).take(MOST_NEIGHBOURS) {
        if let Some(boundary) = context.boundary(neighbour) {
            *counts.entry(boundary).or_default() += 1;
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map(|(boundary, _)| boundary)
}

fn teams(context: &Context<'_>, list: &mut Checklist) {
    let used: BTreeSet<&BoundaryId> = context
        .services()
        .filter_map(|(_, _, it)| it.boundary.as_ref())
        .collect();
    for (id, boundary) in &context.model.boundaries {
        if !used.contains(id) {
            continue;
        }
        if boundary.team.is_empty() {
            let message = format!("{} belongs to no team", context.model.boundary_name(id));
            list.miss(ElementId::Boundary(id.clone()), message, None);
        } else {
            list.tick();
        }
    }
}

/// Whoever is called from another boundary is meant to be.
fn public_faces(context: &Context<'_>, list: &mut Checklist) {
    let called: BTreeSet<usize> = context
        .service_calls()
        .filter(|it| context.is_between_boundaries(it.from, it.to))
        .map(|it| it.to)
        .filter(|&it| context.kind(it) == ServiceKind::Service)
        .collect();
    for number in called {
        let service = context.numbers.service(number);
        if service.public {
            list.tick();
            continue;
        }
        let name = context.name(number);
        let edit = change_service(context.numbers.id(number), service, "visibility", |it| {
            it.public = true;
        });
        list.miss(
            context.element(number),
            format!("{name} is called from another boundary, but is not public"),
            Some(Fix::new(format!("Make {name} public"), vec![edit])),
        );
    }
}

/// A store belongs to one service, and that one to the same boundary.
fn data(context: &Context<'_>, list: &mut Checklist) {
    let shared = found(&shared_datastore::RULE, context);
    let foreign = found(&data_of_another_context::RULE, context);
    let flawed: BTreeSet<&ElementId> = shared
        .iter()
        .chain(&foreign)
        .flat_map(|it| &it.subjects)
        .collect();
    for (number, _, service) in context.services() {
        let is_used = !context.numbers.graph.incoming[number].is_empty();
        if service.kind.is_store() && is_used && !flawed.contains(&context.element(number)) {
            list.tick();
        }
    }
    list.miss_all(shared);
    list.miss_all(foreign);
}
