//! Questions about who reaches whom.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Access, BoundaryId, Dependency, DependencyId, Mode, Model, Route, RouteId, Service, ServiceId,
    callers,
};

/// A model with its services numbered, for questions that walk it.
///
/// Numbers are positions in [`Graph::services`], which is sorted by id; they hold
/// for this graph only.
#[derive(Debug)]
pub struct Graph<'a> {
    /// Every service, sorted by id.
    pub services: Vec<(&'a ServiceId, &'a Service)>,
    /// Every dependency, sorted by id.
    pub edges: Vec<Edge<'a>>,
    /// For each service, the numbers of the edges that leave it.
    pub outgoing: Vec<Vec<usize>>,
    /// For each service, the numbers of the edges that reach it.
    pub incoming: Vec<Vec<usize>>,
    numbers: HashMap<&'a ServiceId, usize>,
}

/// A dependency between numbered services.
#[derive(Debug, Clone, Copy)]
pub struct Edge<'a> {
    /// Its id.
    pub id: &'a DependencyId,
    /// What is said of it.
    pub dependency: &'a Dependency,
    /// Number of the caller.
    pub from: usize,
    /// Number of the called.
    pub to: usize,
}

impl Edge<'_> {
    /// Whether the caller waits for the answer of another program (`Gs` and store access).
    pub fn is_sync(&self) -> bool {
        self.dependency.mode == Mode::Sync
            && !matches!(self.dependency.access, Access::Publish | Access::Consume)
    }
}

impl<'a> Graph<'a> {
    /// Numbers the services of a model. References that lead nowhere are left out.
    pub fn new(model: &'a Model) -> Self {
        let services: Vec<_> = model
            .services
            .iter()
            .map(|(id, it)| (id, it.as_ref()))
            .collect();
        let numbers: HashMap<_, _> = services
            .iter()
            .enumerate()
            .map(|(number, (id, _))| (*id, number))
            .collect();
        let mut outgoing = vec![Vec::new(); services.len()];
        let mut incoming = vec![Vec::new(); services.len()];
        let mut edges = Vec::with_capacity(model.dependencies.len());
        for (id, dependency) in &model.dependencies {
            let (Some(&from), Some(&to)) =
                (numbers.get(&dependency.from), numbers.get(&dependency.to))
            else {
                continue;
            };
            outgoing[from].push(edges.len());
            incoming[to].push(edges.len());
            edges.push(Edge {
                id,
                dependency,
                from,
                to,
            });
        }
        Self {
            services,
            edges,
            outgoing,
            incoming,
            numbers,
        }
    }

    /// The number of a service.
    pub fn number(&self, id: &ServiceId) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// The strongly connected components over the edges that `is_used` admits, each
    /// sorted, those of one service left out unless it uses itself. Order: by first member.
    pub fn cycles(&self, is_used: impl Fn(&Edge<'a>) -> bool) -> Vec<Vec<usize>> {
        let successors = |node: usize| {
            self.outgoing[node]
                .iter()
                .map(|&it| &self.edges[it])
                .filter(|it| is_used(it))
                .map(|it| it.to)
                .collect()
        };
        strong_components(self.services.len(), successors)
            .into_iter()
            .filter(|it| {
                it.len() > 1
                    || self.outgoing[it[0]]
                        .iter()
                        .any(|&edge| self.edges[edge].to == it[0] && is_used(&self.edges[edge]))
            })
            .collect()
    }

    /// Every service reachable from `start` over the edges that `is_used` admits,
    /// `start` itself only if a cycle leads back to it.
    pub fn reachable(&self, start: usize, is_used: impl Fn(&Edge<'a>) -> bool) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            for &edge in &self.outgoing[node] {
                let edge = &self.edges[edge];
                if is_used(edge) && seen.insert(edge.to) {
                    open.push(edge.to);
                }
            }
        }
        seen
    }
}

/// Tarjan's strongly connected components of the nodes `0..count`, without
/// recursion, because a design may be a chain of ten thousand. Each component is
/// sorted; components are sorted by their first node.
pub fn strong_components(
    count: usize,
    successors: impl Fn(usize) -> Vec<usize>,
) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let mut order = vec![UNSEEN; count];
    let mut low = vec![0; count];
    let mut on_stack = vec![false; count];
    let mut stack = Vec::new();
    let mut next_order = 0;
    let mut components = Vec::new();

    for root in 0..count {
        if order[root] != UNSEEN {
            continue;
        }
        let mut calls: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut entering = Some(root);
        loop {
            if let Some(node) = entering.take() {
                order[node] = next_order;
                low[node] = next_order;
                next_order += 1;
                stack.push(node);
                on_stack[node] = true;
                calls.push((node, successors(node)));
            }
            let Some((node, pending)) = calls.last_mut() else {
                break;
            };
            let node = *node;
            if let Some(next) = pending.pop() {
                if order[next] == UNSEEN {
                    entering = Some(next);
                } else if on_stack[next] {
                    low[node] = low[node].min(order[next]);
                }
                continue;
            }
            calls.pop();
            if let Some((parent, _)) = calls.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
            if low[node] == order[node] {
                let start = stack.iter().rposition(|it| *it == node).unwrap_or(0);
                let mut component = stack.split_off(start);
                for member in &component {
                    on_stack[*member] = false;
                }
                component.sort_unstable();
                components.push(component);
            }
        }
    }
    components.sort_unstable();
    components
}

impl Model {
    /// What a service needs.
    pub fn dependencies_of<'a>(
        &'a self,
        id: &'a ServiceId,
    ) -> impl Iterator<Item = (&'a DependencyId, &'a Dependency)> {
        let all = &self.dependencies;
        let found: Vec<_> = if let Some(ids) = callers::remembered(all, id) {
            let found = ids.iter().filter_map(|it| all.get_key_value(it));
            found.map(|(id, it)| (id, it.as_ref())).collect()
        } else {
            let all = all.iter().map(|(id, it)| (id, it.as_ref()));
            all.filter(|(_, it)| it.from == *id).collect()
        };
        found.into_iter()
    }

    /// What needs a service.
    pub fn dependents_of<'a>(
        &'a self,
        id: &'a ServiceId,
    ) -> impl Iterator<Item = (&'a DependencyId, &'a Dependency)> {
        self.dependencies
            .iter()
            .map(|(id, it)| (id, it.as_ref()))
            .filter(move |(_, it)| it.to == *id)
    }

    /// The routes of a gateway.
    pub fn routes_of<'a>(
        &'a self,
        gateway: &'a ServiceId,
    ) -> impl Iterator<Item = (&'a RouteId, &'a Route)> {
        self.routes
            .iter()
            .map(|(id, it)| (id, it.as_ref()))
            .filter(move |(_, it)| it.gateway == *gateway)
    }

    /// The boundary a service belongs to.
    pub fn boundary_of(&self, id: &ServiceId) -> Option<&BoundaryId> {
        self.services.get(id)?.boundary.as_ref()
    }

    /// Whether a dependency leads out of the boundary it starts in.
    pub fn crosses_boundary(&self, dependency: &Dependency) -> bool {
        self.boundary_of(&dependency.from) != self.boundary_of(&dependency.to)
    }

    /// The team of a service: its own owner, or else that of its boundary.
    pub fn team_of(&self, id: &ServiceId) -> Option<&str> {
        let service = self.services.get(id)?;
        let team = if service.owner.is_empty() {
            &self.boundaries.get(service.boundary.as_ref()?)?.team
        } else {
            &service.owner
        };
        (!team.is_empty()).then_some(team.as_str())
    }

    /// The members of each boundary, sorted; services without one are under `None`.
    pub fn members(&self) -> BTreeMap<Option<&BoundaryId>, Vec<&ServiceId>> {
        let mut members: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, service) in &self.services {
            members
                .entry(service.boundary.as_ref())
                .or_default()
                .push(id);
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::{Graph, strong_components};
    use crate::model::testing::model;

    fn names(graph: &Graph<'_>, numbers: impl IntoIterator<Item = usize>) -> String {
        let names: Vec<_> = numbers
            .into_iter()
            .map(|it| graph.services[it].0.as_str())
            .collect();
        names.join(" ")
    }

    #[test]
    fn a_cycle_is_found_with_its_members() {
        let model = model("x(a, b, c, d); a -> b; b -> c; c -> a; c -> d");
        let graph = Graph::new(&model);
        let cycles = graph.cycles(super::Edge::is_sync);
        assert_eq!(cycles.len(), 1);
        assert_eq!(names(&graph, cycles[0].clone()), "a b c");
    }

    #[test]
    fn a_service_that_calls_itself_is_a_cycle() {
        let model = model("x(a, b); a -> a; a -> b");
        let graph = Graph::new(&model);
        assert_eq!(graph.cycles(|_| true), [[0]]);
    }

    #[test]
    fn messages_are_left_out_of_sync_cycles() {
        let model = model("x(a, b); a -> b; b => a");
        let graph = Graph::new(&model);
        assert!(graph.cycles(super::Edge::is_sync).is_empty());
    }

    #[test]
    fn what_is_reachable_follows_the_arrows() {
        let model = model("x(a, b, c, d); a -> b; b -> c; d -> a");
        let graph = Graph::new(&model);
        assert_eq!(names(&graph, graph.reachable(0, |_| true)), "b c");
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_does_not_overflow_the_stack() {
        let count = 100_000;
        let chain = |it: usize| if it + 1 < count { vec![it + 1] } else { vec![] };
        assert_eq!(strong_components(count, chain).len(), count);
    }
}
