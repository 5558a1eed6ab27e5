//! Building fixes: one labelled, undoable edit each.

use super::Fix;
use crate::{
    edit::Edit,
    model::{
        Breaker, Dependency, DependencyId, Mode, Route, RouteId, Service, ServiceId, numbers::Call,
    },
};

impl Fix {
    /// A fix that is done and undone as one step of its own.
    pub(super) fn new(label: impl Into<String>, edits: Vec<Edit>) -> Self {
        let label = label.into();
        let mut letters = label.chars();
        let first = letters.next().map(char::to_lowercase);
        let undo_label: String = first.into_iter().flatten().chain(letters).collect();
        Self {
            label,
            edit: Edit::All(undo_label, edits),
        }
    }
}

/// The service with something changed.
pub(super) fn change_service(
    id: &ServiceId,
    service: &Service,
    field: &'static str,
    change: impl FnOnce(&mut Service),
) -> Edit {
    let mut service = Box::new(service.clone());
    change(&mut service);
    Edit::ChangeService(id.clone(), service, field)
}

/// The dependency with something changed.
pub(super) fn change_dependency(
    id: &DependencyId,
    dependency: &Dependency,
    field: &'static str,
    change: impl FnOnce(&mut Dependency),
) -> Edit {
    let mut dependency = Box::new(dependency.clone());
    change(&mut dependency);
    Edit::ChangeDependency(id.clone(), dependency, field)
}

/// The route with something changed.
pub(super) fn change_route(
    id: &RouteId,
    route: &Route,
    field: &'static str,
    change: impl FnOnce(&mut Route),
) -> Edit {
    let mut route = Box::new(route.clone());
    change(&mut route);
    Edit::ChangeRoute(id.clone(), route, field)
}

/// The dependency as an event: nobody waits, so nothing is given up or tried again.
pub(super) fn as_event(id: &DependencyId, dependency: &Dependency) -> Edit {
    change_dependency(id, dependency, "mode", |it| {
        it.mode = Mode::Async;
        it.timeout_ms = None;
        it.retries = None;
        it.breaker = None;
        it.bulkhead = None;
        it.fallback = None;
        it.hard = None;
    })
}

/// Adds the breaker that Meshboard offers.
pub(super) fn add_breaker(id: &DependencyId, dependency: &Dependency) -> Fix {
    let edit = change_dependency(id, dependency, "breaker", |it| {
        it.breaker = Some(Breaker::recommended());
    });
    Fix::new("Add breaker", vec![edit])
}

/// All the calls as events; `None` if a route is among them.
pub(super) fn as_events(calls: &[&Call<'_>]) -> Option<Vec<Edit>> {
    calls
        .iter()
        .map(|call| call.dependency().map(|(id, it)| as_event(id, it)))
        .collect()
}
