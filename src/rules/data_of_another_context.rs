//! S18: a service uses a datastore of another boundary or team.

use std::collections::{BTreeSet, HashMap};

use super::{Context, Findings, Fix, Rule, fix::change_service, split_datastore::split_off};
use crate::{
    edit::Edit,
    model::{BoundaryId, ElementId, Severity},
};

pub(super) const RULE: Rule = Rule {
    code: "S18",
    name: "data-of-another-context",
    severity: Severity::Error,
    summary: "A service uses a datastore that belongs to another boundary or team.",
    explanation: "\
A boundary that reads or writes another's tables ties both teams to one schema, unseen by any interface. \
Move the store to those who use it, give the service a store of its own, or ask the owner's service. \
A boundary inside another counts as the same context.",
    source: "MicroFreshener (shared bounded context); Neri et al. 2019.",
    check,
};

/// How far a boundary may lie inside another to be looked for; ours.
const DEEPEST: usize = 32;
/// Neighbours up to which a service is offered to move; ours, a hub belongs nowhere.
const MOST_NEIGHBOURS: usize = 64;

/// Where the users of a store are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Users<'a> {
    /// All in one boundary, or all in none.
    Together(Option<&'a BoundaryId>),
    Apart,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut users = HashMap::new();
    for edge in &context.numbers.graph.edges {
        let (service, store) = if context.kind(edge.to).is_store() {
            (edge.from, edge.to)
        } else {
            (edge.to, edge.from)
        };
        if !context.kind(service).is_our_code() || !context.kind(store).is_store() {
            continue;
        }
        if let Some(message) = difference(context, service, store) {
            let users = *users
                .entry(store)
                .or_insert_with(|| users_of(context, store));
            let subjects = vec![
                ElementId::Dependency(edge.id.clone()),
                context.element(service),
                context.element(store),
            ];
            let mut reported = findings.report(subjects, message);
            if users == Users::Together(context.boundary(service)) {
                reported.fix([move_store(context, service, store)]);
            } else if edge.to == store {
                reported
                    .fix([own_store(context, service, store)])
                    .fix(move_service(context, service, store));
            }
        }
    }
}

/// In words how the contexts of two differ, if both say theirs.
fn difference(context: &Context<'_>, service: usize, store: usize) -> Option<String> {
    let model = context.model;
    let names = format!("{} uses {}", context.name(service), context.name(store));
    if let Some((of_service, of_store)) = context.boundary(service).zip(context.boundary(store))
        && !is_within(context, of_service, of_store)
        && !is_within(context, of_store, of_service)
    {
        return Some(format!(
            "{names}, which belongs to {}, not {}",
            model.boundary_name(of_store),
            model.boundary_name(of_service)
        ));
    }
    let team = |it: usize| model.team_of(context.numbers.id(it));
    let (of_service, of_store) = team(service).zip(team(store))?;
    (of_service != of_store)
        .then(|| format!("{names}, which belongs to team {of_store}, not {of_service}"))
}

fn is_within(context: &Context<'_>, inner: &BoundaryId, outer: &BoundaryId) -> bool {
    let mut at = Some(inner);
    for _ in 0..DEEPEST {
        let Some(id) = at else { return false };
        if id == outer {
            return true;
        }
        at = context
            .model
            .boundaries
            .get(id)
            .and_then(|it| it.parent.as_ref());
    }
    false
}

/// Where the services of ours at either end of a store's dependencies are.
fn users_of<'a>(context: &Context<'a>, store: usize) -> Users<'a> {
    let graph = &context.numbers.graph;
    let callers = graph.incoming[store].iter().map(|&it| graph.edges[it].from);
    let called = graph.outgoing[store].iter().map(|&it| graph.edges[it].to);
    let mut boundaries = callers
        .chain(called)
        .filter(|&it| context.kind(it).is_our_code())
        .map(|it| context.boundary(it));
    let first = boundaries.next().flatten();
    if boundaries.all(|it| it == first) {
        Users::Together(first)
    } else {
        Users::Apart
    }
}

fn move_store(context: &Context<'_>, service: usize, store: usize) -> Fix {
    let (name, user) = (context.name(store), context.numbers.service(service));
    let label = match context.boundary(service) {
        Some(boundary) if context.boundary(store) != Some(boundary) => {
            format!("Move {name} into {}", context.model.boundary_name(boundary))
        }
        Some(_) | None => format!("Hand {name} over to the team of {}", context.name(service)),
    };
    let edit = change_service(
        context.numbers.id(store),
        context.numbers.service(store),
        "boundary",
        |it| {
            it.boundary.clone_from(&user.boundary);
            it.owner.clone_from(&user.owner);
        },
    );
    Fix::new(label, vec![edit])
}

fn own_store(context: &Context<'_>, service: usize, store: usize) -> Fix {
    let graph = &context.numbers.graph;
    let edges: Vec<usize> = graph.outgoing[service]
        .iter()
        .copied()
        .filter(|&it| graph.edges[it].to == store)
        .collect();
    let edits: Vec<Edit> = split_off(context, store, service, &edges, &mut BTreeSet::new());
    Fix::new(
        format!("Give {} a store of its own", context.name(service)),
        edits,
    )
}

/// Offered only where the service has at least as many neighbours over there as at home.
fn move_service(context: &Context<'_>, service: usize, store: usize) -> Option<Fix> {
    let there = context.boundary(store)?;
    if context.boundary(service) == Some(there) {
        return None;
    }
    let graph = &context.numbers.graph;
    if graph.outgoing[service].len() + graph.incoming[service].len() > MOST_NEIGHBOURS {
        return None;
    }
    let called = graph.outgoing[service].iter().map(|&it| graph.edges[it].to);
    let callers = graph.incoming[service]
        .iter()
        .map(|&it| graph.edges[it].from);
    let neighbours: BTreeSet<usize> = called.chain(callers).filter(|&it| it != service).collect();
    let count_in = |boundary: Option<&BoundaryId>| {
        neighbours
            .iter()
            .filter(|&&it| context.boundary(it) == boundary)
            .count()
    };
    if count_in(Some(there)) < count_in(context.boundary(service)) {
        return None;
    }
    let owner = &context.numbers.service(store).owner;
    let edit = change_service(
        context.numbers.id(service),
        context.numbers.service(service),
        "boundary",
        |it| {
            it.boundary = Some(there.clone());
            it.owner.clone_from(owner);
        },
    );
    let label = format!(
        "Move {} into {}",
        context.name(service),
        context.model.boundary_name(there)
    );
    Some(Fix::new(label, vec![edit]))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{after, fixes, messages};

    #[test]
    fn a_store_in_the_same_boundary_is_fine_and_so_is_one_of_which_none_is_said() {
        assert_eq!(messages(&RULE, "x(a, d:database); a -> d"), "");
        assert_eq!(messages(&RULE, "x(a); (d:database); a -> d"), "");
    }

    #[test]
    fn a_store_of_another_boundary_moves_to_its_only_users() {
        let text = "x(a); y(d:database); a -> d";
        assert_eq!(
            messages(&RULE, text),
            "error: a uses d, which belongs to y, not x\n"
        );
        assert_eq!(fixes(&RULE, text), "Move d into x\n");
        let model = after(&RULE, text, "Move");
        assert_eq!(model.services["d"].boundary, model.services["a"].boundary);
    }

    #[test]
    fn where_others_use_it_too_the_service_gets_its_own_or_moves() {
        let text = "x(a); y(b, d:database); a -> d; b -> d";
        assert_eq!(
            fixes(&RULE, text),
            "Give a a store of its own\nMove a into y\n"
        );
        let text = "x(a, e, f); y(b, d:database); a -> d; b -> d; a -> e; f -> a";
        assert_eq!(fixes(&RULE, text), "Give a a store of its own\n");
    }

    #[test]
    fn another_team_within_the_boundary_counts_too() {
        let text = "x(a{owner=red}, d:database{owner=blue}); a -> d";
        assert_eq!(
            messages(&RULE, text),
            "error: a uses d, which belongs to team blue, not red\n"
        );
        assert_eq!(fixes(&RULE, text), "Hand d over to the team of a\n");
    }

    #[test]
    fn the_direction_of_the_arrow_does_not_matter() {
        let text = "x(a); y(d:database); d -> a";
        assert_eq!(fixes(&RULE, text), "Move d into x\n");
    }
}
