//! The numbers of one element, as plain values that a window can keep.

use super::{Attempts, BlastRadius, Numbers, ServiceTime};
use crate::model::{DependencyId, Model, ServiceId};

/// What the numbers say of a service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServiceNumbers {
    /// How long it may wait for others.
    pub time: ServiceTime,
    /// How often one incoming request may reach it.
    pub attempts: Attempts,
    /// Share of requests it can answer, in percent, if all it needs says so.
    pub availability_percent: Option<f64>,
    /// Whom its failure takes along.
    pub blast_radius: BlastRadius,
}

/// What the numbers say of a dependency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DependencyNumbers {
    /// Attempts of one call.
    pub attempts: u32,
    /// Milliseconds one call may take at worst; `None` without a bound.
    pub worst_case_ms: Option<u64>,
    /// How long the called service may wait for others.
    pub called_time: ServiceTime,
    /// How often one incoming request may reach the called service.
    pub attempts_reaching: Attempts,
}

impl ServiceNumbers {
    /// The numbers of a service; `None` if there is none with this id.
    pub fn of(model: &Model, id: &ServiceId) -> Option<Self> {
        let numbers = Numbers::new(model);
        let number = numbers.graph.number(id)?;
        let reached = numbers.attempts_reaching();
        Some(Self {
            time: numbers.service_time(number),
            attempts: reached[number].attempts,
            availability_percent: numbers.availability_percent(number),
            blast_radius: numbers.blast_radius(number),
        })
    }
}

impl DependencyNumbers {
    /// The numbers of a dependency; `None` if there is none with this id, or if its
    /// caller does not wait for it.
    pub fn of(model: &Model, id: &DependencyId) -> Option<Self> {
        let numbers = Numbers::new(model);
        let call = numbers
            .calls
            .iter()
            .find(|it| it.dependency().is_some_and(|(it, _)| it == id))?;
        let reached = numbers.attempts_reaching();
        Some(Self {
            attempts: call.attempts,
            worst_case_ms: call.worst_case_ms(),
            called_time: numbers.service_time(call.to),
            attempts_reaching: reached[call.to].attempts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, DependencyNumbers, ServiceNumbers};
    use crate::model::testing::model;

    #[test]
    fn a_dependency_says_how_long_a_call_may_take() {
        let model = model("x(a, b); a -> b{timeout=1000 retries=2 backoff=200}");
        let id = model.dependencies.keys().next().unwrap();
        let numbers = DependencyNumbers::of(&model, id).unwrap();
        assert_eq!(numbers.worst_case_ms, Some(3600));
        assert_eq!(numbers.attempts_reaching, Attempts::Times(3));
        assert_eq!(numbers.called_time.bound_ms(), None);
    }

    #[test]
    fn a_service_says_what_its_failure_takes_along() {
        let model = model("x(a, b); a -> b");
        let id = model.services.keys().nth(1).unwrap();
        let numbers = ServiceNumbers::of(&model, id).unwrap();
        assert_eq!(
            (numbers.blast_radius.fails, numbers.blast_radius.of),
            (1, 2)
        );
        assert_eq!(numbers.availability_percent, None);
    }
}
