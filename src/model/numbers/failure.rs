//! What one failure takes along: who needs whom, and what breakers contain.

use std::collections::BTreeSet;

use super::{Condensation, Numbers};
use crate::model::{Dependency, Edge, Mode};

/// How many of the services that run our code one failure takes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlastRadius {
    /// Services that fail with it, as the design stands.
    pub fails: usize,
    /// Services that would fail with it without any breaker or fallback.
    pub fails_unprotected: usize,
    /// Services there are, the failed one included if it is one.
    pub of: usize,
}

/// How much of the way ahead is bits of one word.
const ENTRIES_AT_ONCE: usize = 64;

impl Numbers<'_> {
    /// What a service fails without, itself left out unless a cycle leads back to it.
    pub fn needed_by(&self, number: usize) -> BTreeSet<usize> {
        let mut needed = BTreeSet::new();
        let mut open = vec![number];
        while let Some(node) = open.pop() {
            for next in self.hard_successors(node) {
                if needed.insert(next) {
                    open.push(next);
                }
            }
        }
        needed
    }

    /// What a service calls and fails without: hard dependencies, and a gateway's routes.
    pub fn hard_successors(&self, number: usize) -> Vec<usize> {
        let by_dependency = self.graph.outgoing[number]
            .iter()
            .map(|&it| &self.graph.edges[it])
            .filter(|it| it.dependency.is_hard())
            .map(|it| it.to);
        by_dependency.chain(self.routed_to(number)).collect()
    }

    fn routed_to(&self, number: usize) -> impl Iterator<Item = usize> {
        self.calls_of(number)
            .filter(|it| it.dependency().is_none())
            .map(|it| it.to)
    }

    /// For each service, how many of `entries` fail without it, an entry counted for itself.
    pub fn entries_that_need(&self, entries: &[usize]) -> Vec<usize> {
        let count = self.graph.services.len();
        let successors = (0..count).map(|it| self.hard_successors(it));
        let condensation = Condensation::of(successors.collect());
        let mut needing = vec![0; count];
        for chunk in entries.chunks(ENTRIES_AT_ONCE) {
            let mut reached_by = vec![0_u64; condensation.components.len()];
            for (bit, &entry) in chunk.iter().enumerate() {
                reached_by[condensation.component_of[entry]] |= 1 << bit;
            }
            for (component, members) in condensation.components.iter().enumerate() {
                let bits = reached_by[component];
                if bits == 0 {
                    continue;
                }
                for &member in members {
                    needing[member] += bits.count_ones() as usize;
                    for &next in &condensation.successors[member] {
                        reached_by[condensation.component_of[next]] |= bits;
                    }
                }
            }
        }
        needing
    }

    /// How many services one failure takes along.
    pub fn blast_radius(&self, number: usize) -> BlastRadius {
        let contained =
            |it: &Dependency| it.is_hard() && !(it.breaker.is_some() && it.fallback.is_some());
        let unprotected = |it: &Dependency| it.mode == Mode::Sync || it.is_hard();
        BlastRadius {
            fails: self.failing_with(number, contained),
            fails_unprotected: self.failing_with(number, unprotected),
            of: (0..self.graph.services.len())
                .filter(|&it| self.kind(it).is_our_code())
                .count(),
        }
    }

    fn failing_with(&self, number: usize, passes_on: impl Fn(&Dependency) -> bool) -> usize {
        let mut seen = BTreeSet::from([number]);
        let mut open = vec![number];
        while let Some(node) = open.pop() {
            let by_dependency = self.graph.incoming[node]
                .iter()
                .map(|&it| &self.graph.edges[it])
                .filter(|it: &&Edge<'_>| passes_on(it.dependency))
                .map(|it| it.from);
            let by_route = self.incoming[node]
                .iter()
                .map(|&it| &self.calls[it])
                .filter(|it| it.dependency().is_none())
                .map(|it| it.from);
            for user in by_dependency.chain(by_route) {
                if seen.insert(user) {
                    open.push(user);
                }
            }
        }
        seen.remove(&number);
        seen.into_iter()
            .filter(|&it| self.kind(it).is_our_code())
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::{BlastRadius, Numbers};
    use crate::model::testing::model;

    fn number(numbers: &Numbers<'_>, name: &str) -> usize {
        (0..numbers.graph.services.len())
            .find(|&it| numbers.name(it) == name)
            .unwrap()
    }

    #[test]
    fn a_failure_takes_along_who_needs_it_and_a_breaker_with_fallback_contains_it() {
        let model =
            model("x(a, b, c, d, db:database); a -> b; b -> db; c -> db{breaker fallback}; d => b");
        let numbers = Numbers::new(&model);
        assert_eq!(
            numbers.blast_radius(number(&numbers, "db")),
            BlastRadius {
                fails: 2,
                fails_unprotected: 3,
                of: 4
            }
        );
    }

    #[test]
    fn each_entry_is_counted_once_for_all_it_needs() {
        let model = model(
            "x(g:gateway, h:gateway, a, b, db:database); g/a -> a; h -> b; a -> db; b -> db; b -> a; a -> b",
        );
        let numbers = Numbers::new(&model);
        let needing = numbers.entries_that_need(&numbers.entries());
        assert_eq!(needing[number(&numbers, "db")], 2);
        assert_eq!(needing[number(&numbers, "a")], 2);
        assert_eq!(needing[number(&numbers, "g")], 1);
    }

    #[test]
    fn more_entries_than_bits_of_a_word_are_all_counted() {
        let gateways: Vec<_> = (0..130).map(|it| format!("g{it}:gateway")).collect();
        let calls: Vec<_> = (0..130).map(|it| format!("g{it} -> db")).collect();
        let gateways = gateways.join(", ");
        let model = model(&format!("x(db:database, {gateways}); {}", calls.join("; ")));
        let numbers = Numbers::new(&model);
        let needing = numbers.entries_that_need(&numbers.entries());
        assert_eq!(needing[number(&numbers, "db")], 130);
    }
}
