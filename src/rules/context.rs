//! What every rule looks at: a model with its numbers, prepared once for all rules.

use crate::model::{
    BoundaryId, Call, Dependency, ElementId, Model, Numbers, Service, ServiceId, ServiceKind,
};

/// A model, prepared for judging.
#[derive(Debug)]
pub struct Context<'a> {
    /// What is judged.
    pub model: &'a Model,
    /// Its services and calls, numbered.
    pub numbers: Numbers<'a>,
}

impl<'a> Context<'a> {
    /// Prepares a model; linear.
    pub fn new(model: &'a Model) -> Self {
        Self {
            model,
            numbers: Numbers::new(model),
        }
    }

    /// Every service with its number, sorted by id.
    pub fn services(&self) -> impl Iterator<Item = (usize, &'a ServiceId, &'a Service)> {
        self.numbers
            .graph
            .services
            .iter()
            .enumerate()
            .map(|(number, &(id, service))| (number, id, service))
    }

    /// What people call the service with a number.
    pub fn name(&self, number: usize) -> &'a str {
        self.numbers.name(number)
    }

    /// The service with a number, as a subject.
    pub fn element(&self, number: usize) -> ElementId {
        ElementId::Service(self.numbers.id(number).clone())
    }

    /// The kind of the service with a number.
    pub fn kind(&self, number: usize) -> ServiceKind {
        self.numbers.kind(number)
    }

    /// The boundary of the service with a number.
    pub fn boundary(&self, number: usize) -> Option<&'a BoundaryId> {
        self.numbers.service(number).boundary.as_ref()
    }

    /// Whether both ends say their boundary and it is not the same.
    pub fn is_between_boundaries(&self, from: usize, to: usize) -> bool {
        self.boundary(from)
            .zip(self.boundary(to))
            .is_some_and(|(from, to)| from != to)
    }

    /// The calls between programs that call on one another, access to stores left out.
    pub fn service_calls(&self) -> impl Iterator<Item = &Call<'a>> {
        self.numbers
            .calls
            .iter()
            .filter(|it| self.numbers.is_between_services(it))
    }

    /// `orders → payments`, as people read it.
    pub fn link(&self, from: usize, to: usize) -> String {
        format!("{} → {}", self.name(from), self.name(to))
    }
}

/// How tightly a dependency couples its ends: a write 10, any other call 3, a message 1,
/// each by the binary logarithm of one more than its calls a request. The steps follow
/// Service Cutter's 10, 3 and 1.
pub(super) fn coupling(dependency: &Dependency) -> f64 {
    use crate::model::{Access, Mode};
    let weight = match (dependency.mode, dependency.access) {
        (Mode::Sync, Access::Write) => 10.0,
        (Mode::Sync, Access::Call | Access::Read) => 3.0,
        (Mode::Sync, Access::Publish | Access::Consume) | (Mode::Async, _) => 1.0,
    };
    let calls = dependency.calls_per_request.unwrap_or(1.0).max(0.0);
    weight * (1.0 + calls).log2()
}
