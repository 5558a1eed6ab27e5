//! Where requests come in.

use super::Numbers;
use crate::model::{Access, Mode, ServiceKind};

impl Numbers<'_> {
    /// The services that the design says work comes in at, sorted: gateways, services
    /// with a published port, jobs, and those that messages start.
    pub fn entries(&self) -> Vec<usize> {
        (0..self.graph.services.len())
            .filter(|&it| self.is_entry(it))
            .collect()
    }

    /// Whether the design says that work comes in at this service.
    pub fn is_entry(&self, number: usize) -> bool {
        match self.kind(number) {
            ServiceKind::Gateway | ServiceKind::Job => true,
            ServiceKind::Service => {
                self.service(number).is_exposed() || self.is_started_by_messages(number)
            }
            ServiceKind::Client
            | ServiceKind::Database
            | ServiceKind::Cache
            | ServiceKind::Broker
            | ServiceKind::Search
            | ServiceKind::External => false,
        }
    }

    fn is_started_by_messages(&self, number: usize) -> bool {
        let dependency = |edge: &usize| self.graph.edges[*edge].dependency;
        self.graph.outgoing[number]
            .iter()
            .any(|it| dependency(it).access == Access::Consume)
            || self.graph.incoming[number].iter().any(|it| {
                dependency(it).mode == Mode::Async && dependency(it).access != Access::Consume
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;
    use crate::model::testing::model;

    #[test]
    fn work_comes_in_at_gateways_published_services_jobs_and_consumers() {
        let model = model(
            "x(g:gateway, shop{port=80 published=80}, nightly:job, mail, log, plain, db:database{port=1 published=1}, q:broker); \
             mail -> q{consume}; plain => log; plain -> db",
        );
        let numbers = Numbers::new(&model);
        let names: Vec<_> = numbers
            .entries()
            .into_iter()
            .map(|it| numbers.name(it))
            .collect();
        assert_eq!(names, ["g", "log", "mail", "nightly", "shop"]);
    }
}
