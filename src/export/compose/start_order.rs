//! Who starts after whom. Compose refuses circles, so a circle of calls starts in no
//! particular order: whoever calls in it must bear with the other side being away.

use std::collections::BTreeMap;

use super::health;
use crate::{
    export::bundle,
    model::{Model, ServiceId, ServiceKind, StartCondition, strong_components},
};

/// For each service, what must have come how far before it.
pub(super) type StartOrder = BTreeMap<ServiceId, BTreeMap<ServiceId, StartCondition>>;

/// Works out the order; what a circle forbids is told in `notes`.
pub(super) fn of(model: &Model, notes: &mut Vec<String>) -> StartOrder {
    let mut said = StartOrder::new();
    for (id, service) in &model.services {
        for (other, condition) in &service.starts_after {
            if other == id || !runs(model, id) || !runs(model, other) {
                continue;
            }
            let mut condition = *condition;
            let is_deaf = usual_condition(model, other) == StartCondition::Started;
            if condition == StartCondition::Healthy && is_deaf && !bundle::is_imported(service) {
                // Compose would wait for ever.
                condition = StartCondition::Started;
                notes.push(format!(
                    "{id} starts after {other} has started: nothing says how to ask {other} for its health."
                ));
            }
            let after = said.entry(id.clone()).or_default();
            after.insert(other.clone(), condition);
        }
    }
    without_circles(model, &mut said, |_, _| false, notes);

    let mut all = said.clone();
    for (from, to) in needs(model) {
        let known = all.entry(from.clone()).or_default();
        if !known.contains_key(to) {
            known.insert(to.clone(), usual_condition(model, to));
        }
    }
    let is_said =
        |from: &ServiceId, to: &ServiceId| said.get(from).is_some_and(|it| it.contains_key(to));
    without_circles(model, &mut all, is_said, notes);
    all
}

fn runs(model: &Model, id: &ServiceId) -> bool {
    model
        .services
        .get(id)
        .is_some_and(|it| bundle::is_container(it))
}

/// Who cannot work before whom, as the drawn calls and routes say.
fn needs(model: &Model) -> impl Iterator<Item = (&ServiceId, &ServiceId)> {
    let calls = model
        .dependencies
        .values()
        .filter(|it| bundle::is_needed_at_start(it) && it.evidence.is_empty())
        .map(|it| (&it.from, &it.to));
    let routes = model.routes.values().map(|it| (&it.gateway, &it.service));
    calls.chain(routes).filter(|(from, to)| {
        let is_ours = |it: &ServiceId| {
            model
                .services
                .get(it)
                .is_some_and(|it| !bundle::is_imported(it))
        };
        let target_is_job = model
            .services
            .get(*to)
            .is_some_and(|it| it.kind == ServiceKind::Job);
        from != to && runs(model, from) && runs(model, to) && is_ours(from) && !target_is_job
    })
}

fn usual_condition(model: &Model, id: &ServiceId) -> StartCondition {
    match model.services.get(id) {
        Some(service) if health::has_check(model, id, service) => StartCondition::Healthy,
        Some(_) | None => StartCondition::Started,
    }
}

/// Takes out every step inside a circle that may be taken out.
fn without_circles(
    model: &Model,
    order: &mut StartOrder,
    keep: impl Fn(&ServiceId, &ServiceId) -> bool,
    notes: &mut Vec<String>,
) {
    let ids: Vec<_> = model.services.keys().collect();
    let numbers: BTreeMap<_, _> = ids.iter().enumerate().map(|(it, id)| (*id, it)).collect();
    let successors = |node: usize| {
        let after = order.get(ids[node]).into_iter().flatten();
        after
            .filter_map(|(id, _)| numbers.get(id).copied())
            .collect()
    };
    let circles = strong_components(ids.len(), successors);
    for circle in circles.iter().filter(|it| it.len() > 1) {
        let mut dropped = false;
        for &from in circle {
            let Some(after) = order.get_mut(ids[from]) else {
                continue;
            };
            let before = after.len();
            after.retain(|to, _| {
                let inside = numbers.get(to).is_some_and(|it| circle.contains(it));
                !inside || keep(ids[from], to)
            });
            dropped |= after.len() < before;
        }
        if dropped {
            let names: Vec<_> = circle.iter().map(|it| ids[*it].as_str()).collect();
            notes.push(format!(
                "{} need one another: Compose starts them in no particular order.",
                names.join(", ")
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::model::testing::model;

    fn order(notation: &str) -> (String, usize) {
        let mut notes = Vec::new();
        let order = of(&model(notation), &mut notes);
        let lines = order.iter().flat_map(|(id, after)| {
            after
                .iter()
                .map(move |(to, condition)| format!("{id}>{to}:{condition:?}"))
        });
        (lines.collect::<Vec<_>>().join(" "), notes.len())
    }

    #[test]
    fn a_service_waits_until_what_it_needs_is_healthy() {
        let (order, notes) =
            order("x(a, d:database{technology=postgres}, b); a -> d; a => b; b -> d{soft}");
        assert_eq!((order.as_str(), notes), ("a>d:Healthy", 0));
    }

    #[test]
    fn a_circle_of_calls_is_cut_and_a_drawn_order_is_kept() {
        let (order, notes) = order("x(a{after.b=started}, b, c); a -> b; b -> c; c -> a");
        assert_eq!((order.as_str(), notes), ("a>b:Started", 1));
    }

    #[test]
    fn a_drawn_order_that_runs_in_a_circle_is_cut_as_well() {
        let (order, notes) = order("x(a{after.b=started}, b{after.a=started})");
        assert_eq!((order.as_str(), notes), ("", 1));
    }
}
