//! What the numbers of a design say: how long a call may take, how often a retry
//! may arrive, how available a way in is, and what one failure takes along.
//!
//! The rules and the inspector both ask here, so that no number has two formulas.
//! What is absent stays unknown: a sum says what is missing from it, and an
//! availability that lacks a factor is none.

mod attempts;
mod availability;
mod condensation;
mod entries;
mod failure;
mod summary;
mod time;

use std::{cell::OnceCell, collections::HashMap};

use super::{
    Dependency, DependencyId, ElementId, Graph, Model, Route, RouteId, Service, ServiceId,
    ServiceKind,
};

pub use attempts::{Attempts, Reached};
pub use condensation::Condensation;
pub use failure::BlastRadius;
pub use summary::{DependencyNumbers, ServiceNumbers};
pub use time::ServiceTime;

/// A model prepared for questions about its numbers. Building it is linear; keep it
/// as long as the model.
#[derive(Debug)]
pub struct Numbers<'a> {
    /// What is asked about.
    pub model: &'a Model,
    /// Its services, numbered.
    pub graph: Graph<'a>,
    /// Everything that somebody waits for: synchronous dependencies, then routes.
    pub calls: Vec<Call<'a>>,
    /// For each service, the calls it makes, as positions in `calls`.
    pub outgoing: Vec<Vec<usize>>,
    /// For each service, the calls it gets, as positions in `calls`.
    pub incoming: Vec<Vec<usize>>,
    /// For each service its kind, close together because every walk asks for it.
    kinds: Vec<ServiceKind>,
    /// Computed when first asked for, because several rules ask.
    condensation: OnceCell<Condensation>,
    condensation_of_services: OnceCell<Condensation>,
}

/// A call that one service makes to another, and waits for.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Number of the caller.
    pub from: usize,
    /// Number of the called.
    pub to: usize,
    /// What the design says it with.
    pub by: CallBy<'a>,
    /// Milliseconds after which an attempt is given up. Where a gateway has a
    /// dependency and routes to the same service, each fills in for the other.
    pub timeout_ms: Option<u64>,
    /// Attempts of one call: the first and its retries.
    pub attempts: u32,
}

/// What says that there is a call.
#[derive(Debug, Clone, Copy)]
pub enum CallBy<'a> {
    /// A dependency.
    Dependency(&'a DependencyId, &'a Dependency),
    /// A route of a gateway.
    Route(&'a RouteId, &'a Route),
}

impl<'a> Call<'a> {
    /// The element that says it.
    pub fn element(&self) -> ElementId {
        match self.by {
            CallBy::Dependency(id, _) => ElementId::Dependency(id.clone()),
            CallBy::Route(id, _) => ElementId::Route(id.clone()),
        }
    }

    /// The dependency that says it, unless a route does.
    pub fn dependency(&self) -> Option<(&'a DependencyId, &'a Dependency)> {
        match self.by {
            CallBy::Dependency(id, it) => Some((id, it)),
            CallBy::Route(..) => None,
        }
    }

    /// The timeout that this very element says, in milliseconds.
    pub fn own_timeout_ms(&self) -> Option<u64> {
        match self.by {
            CallBy::Dependency(_, it) => it.timeout_ms,
            CallBy::Route(_, it) => it.timeout_ms,
        }
    }

    /// Milliseconds it may take at worst, `None` without a bound.
    pub fn worst_case_ms(&self) -> Option<u64> {
        self.timeout_ms.map(|timeout_ms| match self.by {
            CallBy::Dependency(_, it) => it.worst_case_within_ms(timeout_ms),
            CallBy::Route(..) => timeout_ms,
        })
    }
}

impl<'a> Numbers<'a> {
    /// Prepares a model. References that lead nowhere are left out.
    pub fn new(model: &'a Model) -> Self {
        let graph = Graph::new(model);
        let calls = calls(model, &graph);
        let mut outgoing = vec![Vec::new(); graph.services.len()];
        let mut incoming = vec![Vec::new(); graph.services.len()];
        for (index, call) in calls.iter().enumerate() {
            outgoing[call.from].push(index);
            incoming[call.to].push(index);
        }
        let kinds = graph.services.iter().map(|(_, it)| it.kind).collect();
        Self {
            model,
            graph,
            calls,
            outgoing,
            incoming,
            kinds,
            condensation: OnceCell::new(),
            condensation_of_services: OnceCell::new(),
        }
    }

    /// The service with a number.
    pub fn service(&self, number: usize) -> &'a Service {
        self.graph.services[number].1
    }

    /// The kind of the service with a number.
    pub fn kind(&self, number: usize) -> ServiceKind {
        self.kinds[number]
    }

    /// The id of the service with a number.
    pub fn id(&self, number: usize) -> &'a ServiceId {
        self.graph.services[number].0
    }

    /// What people call the service with a number.
    pub fn name(&self, number: usize) -> &'a str {
        let (id, service) = self.graph.services[number];
        if service.name.is_empty() {
            id.as_str()
        } else {
            &service.name
        }
    }

    /// Whether a call runs between programs that call on one another: services,
    /// jobs, gateways and externals. Access to a store or a broker does not, nor
    /// does what a client asks.
    pub fn is_between_services(&self, call: &Call<'_>) -> bool {
        let takes_part = |number: usize| {
            matches!(
                self.kind(number),
                ServiceKind::Service
                    | ServiceKind::Job
                    | ServiceKind::Gateway
                    | ServiceKind::External
            )
        };
        takes_part(call.from) && takes_part(call.to)
    }

    /// The calls of a service.
    pub fn calls_of(&self, number: usize) -> impl Iterator<Item = &Call<'a>> {
        self.outgoing[number].iter().map(|&it| &self.calls[it])
    }

    /// Who calls whom and waits, component by component.
    pub fn condensation(&self) -> &Condensation {
        self.condensation
            .get_or_init(|| Condensation::of(self.called_where(|_| true)))
    }

    /// Who calls whom and waits, without stores, brokers and clients.
    pub fn condensation_of_services(&self) -> &Condensation {
        self.condensation_of_services
            .get_or_init(|| Condensation::of(self.called_where(|it| self.is_between_services(it))))
    }

    fn called_where(&self, is_meant: impl Fn(&Call<'a>) -> bool) -> Vec<Vec<usize>> {
        let called = |outgoing: &Vec<usize>| {
            let calls = outgoing.iter().map(|&it| &self.calls[it]);
            calls.filter(|it| is_meant(it)).map(|it| it.to).collect()
        };
        self.outgoing.iter().map(called).collect()
    }
}

fn calls<'a>(model: &'a Model, graph: &Graph<'a>) -> Vec<Call<'a>> {
    let mut calls: Vec<Call<'a>> = graph
        .edges
        .iter()
        .filter(|it| it.is_sync())
        .map(|it| Call {
            from: it.from,
            to: it.to,
            by: CallBy::Dependency(it.id, it.dependency),
            timeout_ms: it.dependency.timeout_ms,
            attempts: it.dependency.attempts(),
        })
        .collect();
    let dependencies = calls.len();
    for (id, route) in &model.routes {
        let (Some(from), Some(to)) = (graph.number(&route.gateway), graph.number(&route.service))
        else {
            continue;
        };
        calls.push(Call {
            from,
            to,
            by: CallBy::Route(id, route),
            timeout_ms: route.timeout_ms,
            attempts: 1,
        });
    }
    let (by_dependency, by_route) = calls.split_at_mut(dependencies);
    if !by_route.is_empty() {
        share_timeouts(by_dependency, by_route);
    }
    calls
}

/// Of calls between the same two, a dependency without a timeout takes the longest of
/// its routes if each says one, and a route without takes the dependencies' longest.
fn share_timeouts<'a>(by_dependency: &mut [Call<'a>], by_route: &mut [Call<'a>]) {
    let of_dependencies = longest_timeouts(by_dependency);
    let of_routes = longest_timeouts(by_route);
    for (calls, other) in [(by_dependency, of_routes), (by_route, of_dependencies)] {
        for call in calls.iter_mut().filter(|it| it.timeout_ms.is_none()) {
            call.timeout_ms = other.get(&(call.from, call.to)).copied().flatten();
        }
    }
}

fn longest_timeouts(calls: &[Call<'_>]) -> HashMap<(usize, usize), Option<u64>> {
    let mut longest = HashMap::new();
    for call in calls {
        longest
            .entry((call.from, call.to))
            .and_modify(|it: &mut Option<u64>| {
                *it = it.zip(call.timeout_ms).map(|(one, other)| one.max(other));
            })
            .or_insert(call.timeout_ms);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::Numbers;
    use crate::model::testing::model;

    fn timeouts(text: &str) -> Vec<Option<u64>> {
        let model = model(text);
        let numbers = Numbers::new(&model);
        numbers.calls.iter().map(|it| it.timeout_ms).collect()
    }

    #[test]
    fn a_dependency_of_a_gateway_takes_the_timeout_of_its_routes() {
        let text = "x(g:gateway, a); g -> a; g/a -> a{timeout=500}; g/b -> a{timeout=900}";
        assert_eq!(timeouts(text), [Some(900), Some(500), Some(900)]);
        let text = "x(g:gateway, a); g -> a; g/a -> a{timeout=500}; g/b -> a";
        assert_eq!(timeouts(text), [None, Some(500), None]);
        let text = "x(g:gateway, a); g -> a{timeout=300}; g/a -> a";
        assert_eq!(timeouts(text), [Some(300), Some(300)]);
    }

    #[test]
    fn messages_are_no_calls() {
        assert_eq!(timeouts("x(a, b, q:broker); a => b; a -> q{publish}"), []);
    }
}
