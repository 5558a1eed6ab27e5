//! How long a service may take to answer, as far as its timeouts tell.

use super::{Call, Numbers};
use crate::model::ServiceKind;

/// How long a service may wait for others while it answers one request.
///
/// A service is taken to call one after the other, each dependency once; a gateway
/// passes a request on to one service only, so that the slowest counts. The time of
/// its own is unknown and counts as none: the sum is what it may take at least.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ServiceTime {
    /// Milliseconds that its calls with a timeout may take at worst.
    pub at_least_ms: u64,
    /// Its calls that are given up after some time.
    pub bounded_calls: usize,
    /// Its calls that are never given up, as far as the design says.
    pub unbounded_calls: usize,
}

impl ServiceTime {
    /// Milliseconds it may take at worst; `None` if nothing bounds it or it calls nobody.
    pub fn bound_ms(&self) -> Option<u64> {
        (self.unbounded_calls == 0 && self.bounded_calls > 0).then_some(self.at_least_ms)
    }

    /// Whether it may wait for ever.
    pub fn is_unbounded(&self) -> bool {
        self.unbounded_calls > 0
    }
}

impl Numbers<'_> {
    /// How long a service may wait for others while it answers one request.
    pub fn service_time(&self, number: usize) -> ServiceTime {
        self.time_of_calls(number, self.calls_of(number))
    }

    /// How long a service may wait if these were its calls.
    pub fn time_of_calls<'c, 'a: 'c>(
        &self,
        number: usize,
        calls: impl Iterator<Item = &'c Call<'a>>,
    ) -> ServiceTime {
        let passes_on = self.kind(number) == ServiceKind::Gateway;
        let mut time = ServiceTime::default();
        for call in calls {
            let Some(worst_case_ms) = call.worst_case_ms() else {
                time.unbounded_calls += 1;
                continue;
            };
            time.bounded_calls += 1;
            time.at_least_ms = if passes_on {
                time.at_least_ms.max(worst_case_ms)
            } else {
                time.at_least_ms.saturating_add(worst_case_ms)
            };
        }
        time
    }
}

#[cfg(test)]
mod tests {
    use super::{Numbers, ServiceTime};
    use crate::model::testing::model;

    fn time(text: &str, name: &str) -> ServiceTime {
        let model = model(text);
        let numbers = Numbers::new(&model);
        let number = (0..numbers.graph.services.len()).find(|&it| numbers.name(it) == name);
        numbers.service_time(number.unwrap())
    }

    #[test]
    fn a_service_calls_one_after_the_other() {
        let text = "x(a, b, c); a -> b{timeout=1000 retries=2 backoff=100}; a -> c{timeout=50}";
        assert_eq!(time(text, "a").bound_ms(), Some(3300 + 50));
    }

    #[test]
    fn a_gateway_passes_on_to_one() {
        let text = "x(g:gateway, a, b); g/a -> a{timeout=1000}; g/b -> b{timeout=3000}";
        assert_eq!(time(text, "g").bound_ms(), Some(3000));
    }

    #[test]
    fn a_call_without_a_timeout_has_no_bound_but_the_rest_is_known() {
        let time = time("x(a, b, c); a -> b{timeout=200}; a -> c", "a");
        assert!(time.is_unbounded());
        assert_eq!((time.bound_ms(), time.at_least_ms), (None, 200));
    }

    #[test]
    fn of_a_service_that_calls_nobody_nothing_is_known() {
        assert_eq!(time("x(a, b); a -> b", "b").bound_ms(), None);
    }
}
