//! D01: several services use one datastore.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    Context, Findings, Fix, Rule, fix::change_dependency, split_datastore::split_off, words,
};
use crate::{
    edit::Edit,
    model::{Access, Severity},
};

pub(super) const RULE: Rule = Rule {
    code: "D01",
    name: "shared-datastore",
    severity: Severity::Warning,
    summary: "Several services use one datastore.",
    explanation: "\
Services that share a datastore share its schema, its load and its failures: none can change its tables alone. \
Give each its own store, or let one service own the data and the others ask it. \
Two writers are an error, otherwise it is a warning; within one boundary it weighs one level less.",
    source: "MicroFreshener (shared persistency); Taibi and Lenarduzzi 2018; Neri et al. 2019.",
    check,
};

/// What one service does with a store.
#[derive(Default)]
struct Use {
    edges: Vec<usize>,
    writes: bool,
    reads_only: bool,
}

type Uses = BTreeMap<usize, Use>;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (store, _, service) in context.services() {
        if !service.kind.is_store() {
            continue;
        }
        let uses = uses(context, store);
        if uses.len() > 1 {
            report(context, store, &uses, findings);
        }
    }
}

fn uses(context: &Context<'_>, store: usize) -> Uses {
    let graph = &context.numbers.graph;
    let mut uses = Uses::new();
    for &index in &graph.incoming[store] {
        let edge = &graph.edges[index];
        if !context.kind(edge.from).is_our_code() {
            continue;
        }
        let access = edge.dependency.access;
        let first = !uses.contains_key(&edge.from);
        let it = uses.entry(edge.from).or_default();
        it.edges.push(index);
        it.writes |= access == Access::Write;
        it.reads_only = (first || it.reads_only) && access == Access::Read;
    }
    uses
}

fn report(context: &Context<'_>, store: usize, uses: &Uses, findings: &mut Findings) {
    let sharing: Vec<usize> = uses.keys().copied().collect();
    let names: Vec<&str> = sharing.iter().map(|&it| context.name(it)).collect();
    let writers = uses.values().filter(|it| it.writes).count();
    let written = match writers {
        0 => String::new(),
        1 => ", and one of them writes".to_owned(),
        _ => format!(", and {writers} of them write"),
    };
    let message = format!(
        "{} share {}{written}",
        words::list(&names),
        context.name(store)
    );
    let mut severity = if writers > 1 {
        Severity::Error
    } else {
        Severity::Warning
    };
    if let Some(boundary) = context.boundary(sharing[0])
        && sharing
            .iter()
            .all(|&it| context.boundary(it) == Some(boundary))
    {
        severity = match severity {
            Severity::Error => Severity::Warning,
            Severity::Warning | Severity::Info => Severity::Info,
        };
    }
    let mut subjects = vec![context.element(store)];
    subjects.extend(sharing.iter().map(|&it| context.element(it)));
    let owner = owner(context, store, uses);
    findings
        .report(subjects, message)
        .weighing(severity)
        .fix([split(context, store, owner, uses)])
        .fix(ask_the_owner(context, store, uses));
}

/// Who keeps the store: its only writer, or else the first user in its boundary.
fn owner(context: &Context<'_>, store: usize, uses: &Uses) -> usize {
    let is_near = |it: usize| context.boundary(it) == context.boundary(store);
    let best = uses
        .iter()
        .min_by_key(|(user, it)| (!it.writes, !is_near(**user)));
    best.map_or(store, |(user, _)| *user)
}

fn split(context: &Context<'_>, store: usize, owner: usize, uses: &Uses) -> Fix {
    let others = uses.iter().filter(|(user, _)| **user != owner);
    let mut taken = BTreeSet::new();
    let edits: Vec<Edit> = others
        .flat_map(|(&user, it)| split_off(context, store, user, &it.edges, &mut taken))
        .collect();
    Fix::new(
        format!(
            "Give {} own store, leave {} to {}",
            if uses.len() == 2 {
                "the other its"
            } else {
                "the others their"
            },
            context.name(store),
            context.name(owner)
        ),
        edits,
    )
}

/// Where one service writes and all others only read, they can ask it instead.
fn ask_the_owner(context: &Context<'_>, store: usize, uses: &Uses) -> Option<Fix> {
    let mut writers = uses.iter().filter(|(_, it)| it.writes);
    let owner = *writers.next()?.0;
    let readers: Vec<_> = uses.iter().filter(|(user, _)| **user != owner).collect();
    let graph = &context.numbers.graph;
    let called: HashSet<usize> = context.numbers.calls_of(owner).map(|it| it.to).collect();
    let may_ask = |user: usize, it: &Use| it.reads_only && !called.contains(&user);
    if !readers.iter().all(|(user, it)| may_ask(**user, it)) {
        return None;
    }
    let edges = readers.iter().flat_map(|(_, it)| &it.edges);
    let edits = edges.map(|&index| {
        let edge = &graph.edges[index];
        change_dependency(edge.id, edge.dependency, "target", |it| {
            it.to = context.numbers.id(owner).clone();
            it.access = Access::Call;
            it.protocol = None;
        })
    });
    let label = format!(
        "Let {} answer for {}",
        context.name(owner),
        context.name(store)
    );
    Some(Fix::new(label, edits.collect()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{after, fixes, messages};

    #[test]
    fn a_store_of_ones_own_is_fine() {
        assert_eq!(
            messages(&RULE, "x(a, b, d:database); a -> d; a -> d{read}; a -> b"),
            ""
        );
    }

    #[test]
    fn two_writers_are_an_error_and_one_is_a_warning() {
        let text = "x(a, d:database); y(b); a -> d{write}; b -> d{write}";
        assert_eq!(
            messages(&RULE, text),
            "error: a and b share d, and 2 of them write\n"
        );
        let text = "x(a, d:database); y(b); a -> d{write}; b -> d{read}";
        assert_eq!(
            messages(&RULE, text),
            "warning: a and b share d, and one of them writes\n"
        );
    }

    #[test]
    fn within_a_boundary_it_weighs_less() {
        let text = "x(a, b, d:database); a -> d{write}; b -> d{write}";
        assert!(messages(&RULE, text).starts_with("warning:"));
        assert!(messages(&RULE, "x(a, b, d:database); a -> d; b -> d").starts_with("info:"));
    }

    #[test]
    fn the_others_get_their_own_store_or_ask_the_owner() {
        let text =
            "x(a, d:database{published=5432}); y(b{after.d=healthy}); a -> d{write}; b -> d{read}";
        assert_eq!(
            fixes(&RULE, text),
            "Give the other its own store, leave d to a\nLet a answer for d\n"
        );
        let model = after(&RULE, text, "Give");
        let store = &model.services["b-d"];
        assert_eq!(store.boundary, model.services["b"].boundary);
        assert!(!store.is_exposed(), "two stores cannot have one host port");
        assert!(model.services["b"].starts_after.contains_key("b-d"));
        assert!(!model.services["b"].starts_after.contains_key("d"));
    }
}
