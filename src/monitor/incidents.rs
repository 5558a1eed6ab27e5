//! Which failures are causes and which are consequences (A04).
//!
//! A failing service is explained by a failing one it needs: over a hard dependency,
//! or over an edge whose breaker has tripped. What no other failure explains is a
//! cause; services that fail in a circle are one cause together. A degraded service
//! may be explained in the same way, but never explains. Pure: only what is given.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::{DependencyId, Graph, Model, ServiceId, strong_components};

use super::Health;

/// One cause and what it explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The failing services that no other failure explains, sorted: one, or a circle.
    pub causes: Vec<ServiceId>,
    /// What they explain, sorted.
    pub impacted: Vec<ServiceId>,
    /// How the failure spreads the farthest: from the cause to what it hit last, one call
    /// after the other. Of several that go as far, the first by name.
    pub path: Vec<ServiceId>,
    /// What needs a cause over hard dependencies and works nevertheless, sorted.
    pub at_risk: Vec<ServiceId>,
}

/// The causes, and for each consequence the nearest cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// Each cause once, sorted.
    pub causes: Vec<Cause>,
    /// For each impacted service the cause that is the fewest calls away.
    pub impacted_by: BTreeMap<ServiceId, ServiceId>,
}

/// Sorts failures into causes and consequences.
pub fn diagnose(
    model: &Model,
    healths: &BTreeMap<ServiceId, Health>,
    tripped: &BTreeSet<DependencyId>,
) -> Diagnosis {
    let failing_somewhere = healths.values().any(|it| it.is_failing());
    if !failing_somewhere {
        return Diagnosis::default();
    }
    let graph = Graph::new(model);
    let health: Vec<_> = graph
        .services
        .iter()
        .map(|(id, _)| healths.get(*id).copied().unwrap_or_default())
        .collect();
    let explains = |edge: usize| {
        graph.edges[edge].dependency.is_hard() || tripped.contains(graph.edges[edge].id)
    };
    let mut diagnosis = Diagnosis::default();
    let mut distances: BTreeMap<ServiceId, usize> = BTreeMap::new();
    for causes in roots(&graph, &health, &explains) {
        let reached = consequences(&graph, &health, &explains, &causes);
        let name = |number: usize| graph.services[number].0.clone();
        let mut impacted = Vec::new();
        let path = farthest(&reached, &causes, &name);
        let at_risk = at_risk(&graph, &health, &causes, &reached);
        for Reached {
            service,
            distance,
            cause,
            ..
        } in reached
        {
            let id = name(service);
            let known = distances.get(&id).copied().unwrap_or(usize::MAX);
            if distance < known {
                distances.insert(id.clone(), distance);
                diagnosis.impacted_by.insert(id.clone(), name(cause));
            }
            impacted.push(id);
        }
        impacted.sort();
        diagnosis.causes.push(Cause {
            causes: causes.into_iter().map(name).collect(),
            impacted,
            path,
            at_risk: at_risk.into_iter().map(name).collect(),
        });
    }
    diagnosis
}

/// The circles, mostly of one, of failing services that no failure outside explains.
fn roots(
    graph: &Graph<'_>,
    health: &[Health],
    explains: &impl Fn(usize) -> bool,
) -> Vec<Vec<usize>> {
    let failing_needs = |node: usize| -> Vec<usize> {
        if !health[node].is_failing() {
            return Vec::new();
        }
        graph.outgoing[node]
            .iter()
            .filter(|&&edge| explains(edge))
            .map(|&edge| graph.edges[edge].to)
            .filter(|&to| health[to].is_failing())
            .collect()
    };
    strong_components(graph.services.len(), failing_needs)
        .into_iter()
        .filter(|circle| circle.iter().all(|&it| health[it].is_failing()))
        .filter(|circle| {
            let is_inside = |it: &usize| circle.binary_search(it).is_ok();
            circle
                .iter()
                .all(|&it| failing_needs(it).iter().all(is_inside))
        })
        .collect()
}

/// A service that some cause explains, by numbers of the graph.
struct Reached {
    service: usize,
    /// Calls away from the cause.
    distance: usize,
    /// The nearest of the causes.
    cause: usize,
    /// What it calls on the way there.
    through: usize,
}

/// What these causes explain, the nearest first.
fn consequences(
    graph: &Graph<'_>,
    health: &[Health],
    explains: &impl Fn(usize) -> bool,
    causes: &[usize],
) -> Vec<Reached> {
    let mut seen: BTreeSet<usize> = causes.iter().copied().collect();
    let mut open: VecDeque<_> = causes.iter().map(|&it| (it, 0, it)).collect();
    let mut found = Vec::new();
    while let Some((node, distance, cause)) = open.pop_front() {
        for &edge in graph.incoming[node].iter().filter(|&&it| explains(it)) {
            let from = graph.edges[edge].from;
            let suffers = health[from].is_failing() || health[from] == Health::Degraded;
            if suffers && seen.insert(from) {
                found.push(Reached {
                    service: from,
                    distance: distance + 1,
                    cause,
                    through: node,
                });
                open.push_back((from, distance + 1, cause));
            }
        }
    }
    found
}

/// The way from a cause to what is the most calls away.
fn farthest(
    reached: &[Reached],
    causes: &[usize],
    name: &impl Fn(usize) -> ServiceId,
) -> Vec<ServiceId> {
    let by_service: BTreeMap<_, _> = reached.iter().map(|it| (it.service, it)).collect();
    let last = reached
        .iter()
        .min_by_key(|it| (std::cmp::Reverse(it.distance), name(it.service)));
    let mut path = Vec::new();
    let mut at = last.map(|it| it.service);
    while let Some(service) = at {
        path.push(name(service));
        at = by_service.get(&service).map(|it| it.through);
    }
    if path.is_empty() {
        path.extend(causes.first().map(|it| name(*it)));
    }
    path.reverse();
    path
}

/// What needs a cause over hard dependencies, be it through others, and is not hit yet.
fn at_risk(
    graph: &Graph<'_>,
    health: &[Health],
    causes: &[usize],
    reached: &[Reached],
) -> Vec<usize> {
    let mut seen: BTreeSet<usize> = causes.iter().copied().collect();
    let mut open: VecDeque<_> = causes.iter().copied().collect();
    let hit: BTreeSet<_> = reached.iter().map(|it| it.service).collect();
    let mut found = Vec::new();
    while let Some(node) = open.pop_front() {
        for &edge in &graph.incoming[node] {
            let from = graph.edges[edge].from;
            if graph.edges[edge].dependency.is_hard() && seen.insert(from) {
                open.push_back(from);
                if !hit.contains(&from) && !health[from].is_failing() {
                    found.push(from);
                }
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::diagnose;
    use crate::{
        model::{DependencyId, ServiceId, testing::model},
        monitor::Health,
    };

    /// `cause…>impacted(nearest cause)…`, one word for each incident.
    fn diagnosed(design: &str, down: &str, degraded: &str, tripped: &str) -> String {
        let model = model(design);
        let ids = |text: &str, health| {
            let id = |it: &str| (ServiceId::new(it).unwrap(), health);
            text.split_whitespace().map(id).collect::<Vec<_>>()
        };
        let mut healths: BTreeMap<_, _> = ids(down, Health::Down).into_iter().collect();
        healths.extend(ids(degraded, Health::Degraded));
        let tripped: BTreeSet<_> = tripped
            .split_whitespace()
            .map(|it| DependencyId::new(it).unwrap())
            .collect();
        let diagnosis = diagnose(&model, &healths, &tripped);
        let incidents = diagnosis.causes.iter().map(|it| {
            let causes: Vec<_> = it.causes.iter().map(ToString::to_string).collect();
            let impacted = it.impacted.iter();
            let impacted = impacted.map(|it| format!("{it}({})", diagnosis.impacted_by[it]));
            let impacted: Vec<_> = impacted.collect();
            format!("{}>{}", causes.join("+"), impacted.join(","))
        });
        incidents.collect::<Vec<_>>().join(" ")
    }

    const CHAIN: &str = "x(web, api, orders, db); web -> api; api -> orders; orders -> db";

    #[test]
    fn one_cause_explains_a_whole_chain() {
        assert_eq!(
            diagnosed(CHAIN, "web api orders db", "", ""),
            "db>api(db),orders(db),web(db)"
        );
    }

    #[test]
    fn a_healthy_service_between_two_failures_makes_them_two_incidents() {
        assert_eq!(diagnosed(CHAIN, "web db", "", ""), "db> web>");
    }

    #[test]
    fn a_soft_dependency_explains_nothing_unless_its_breaker_has_tripped() {
        let design = "x(web, mail); web -> mail{soft}";
        assert_eq!(diagnosed(design, "web mail", "", ""), "mail> web>");
        assert_eq!(diagnosed(design, "mail", "web", ""), "mail>");
        assert_eq!(
            diagnosed(design, "mail", "web", "web-mail"),
            "mail>web(mail)"
        );
    }

    #[test]
    fn a_degraded_caller_is_explained_but_is_no_cause() {
        assert_eq!(
            diagnosed(CHAIN, "db", "orders api", ""),
            "db>api(db),orders(db)"
        );
        assert_eq!(diagnosed(CHAIN, "", "orders", ""), "");
        assert_eq!(diagnosed(CHAIN, "api", "orders", ""), "api>");
    }

    #[test]
    fn a_cause_tells_how_far_it_went_and_whom_it_may_still_hit() {
        let model = model(
            "x(web, api, orders, db, mail, report); web -> api; api -> orders; orders -> db; \
             report -> db; mail -> orders{soft}",
        );
        let down = ["api", "orders", "db"].map(|it| (ServiceId::new(it).unwrap(), Health::Down));
        let found = diagnose(&model, &down.into(), &BTreeSet::new());
        let names = |ids: &[ServiceId]| {
            ids.iter()
                .map(ServiceId::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let [cause] = found.causes.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(names(&cause.path), "db orders api");
        assert_eq!(names(&cause.at_risk), "report web");
    }

    #[test]
    fn services_that_fail_in_a_circle_are_one_cause() {
        let design = "x(a, b, c); a -> b; b -> a; c -> a";
        assert_eq!(diagnosed(design, "a b c", "", ""), "a+b>c(a)");
    }

    #[test]
    fn a_service_hit_by_two_causes_names_the_nearer_one() {
        let design = "x(a, b, c, far, near); a -> b; b -> far; a -> near";
        assert_eq!(
            diagnosed(design, "a b far near", "", ""),
            "far>a(near),b(far) near>a(near)"
        );
    }
}
