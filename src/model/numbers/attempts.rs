//! How often one request may arrive, once every caller on the way tries again.

use super::Numbers;

/// How often one incoming request may reach a service at worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attempts {
    /// So many times; the largest number means at least so many.
    Times(u64),
    /// Without end: a cycle of calls that are tried again.
    Endless,
}

/// How a service is reached by the path with the most attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// How often.
    pub attempts: Attempts,
    /// The last call on that path, as a position in [`Numbers::calls`]; none at its start.
    pub last_call: Option<usize>,
    /// The last call on that path that is tried again.
    pub last_retried: Option<usize>,
}

impl Default for Reached {
    fn default() -> Self {
        Self {
            attempts: Attempts::Times(1),
            last_call: None,
            last_retried: None,
        }
    }
}

impl Numbers<'_> {
    /// For each service, how often one request may reach it at worst: the product of
    /// the attempts along the worst path of calls. A path starts where nobody calls.
    pub fn attempts_reaching(&self) -> Vec<Reached> {
        let condensation = self.condensation();
        let mut reached = vec![Reached::default(); self.graph.services.len()];
        for members in &condensation.components {
            self.settle_cycle(members, &mut reached);
            for &member in members {
                for &index in &self.outgoing[member] {
                    let call = &self.calls[index];
                    if !condensation.are_together(call.from, call.to) {
                        self.pass_on(index, &mut reached);
                    }
                }
            }
        }
        reached
    }

    fn pass_on(&self, index: usize, reached: &mut [Reached]) {
        let call = &self.calls[index];
        let from = reached[call.from];
        let attempts = match from.attempts {
            Attempts::Times(times) => {
                Attempts::Times(times.saturating_mul(u64::from(call.attempts)))
            }
            Attempts::Endless => Attempts::Endless,
        };
        let to = &mut reached[call.to];
        if to.last_call.is_none() || attempts > to.attempts {
            *to = Reached {
                attempts,
                last_call: Some(index),
                last_retried: if call.attempts > 1 {
                    Some(index)
                } else {
                    from.last_retried
                },
            };
        }
    }

    /// Within a cycle each member is reached as often as the one that is reached most;
    /// with a retry in it, there is no end.
    fn settle_cycle(&self, members: &[usize], reached: &mut [Reached]) {
        let Some(mut most) = members.iter().map(|&it| reached[it]).reduce(|one, other| {
            if other.attempts > one.attempts {
                other
            } else {
                one
            }
        }) else {
            return;
        };
        if self.is_retried_cycle(members) {
            most.attempts = Attempts::Endless;
        }
        for &member in members {
            reached[member] = most;
        }
    }

    /// Whether a call inside a component is tried again.
    pub fn is_retried_cycle(&self, members: &[usize]) -> bool {
        let condensation = self.condensation();
        members
            .iter()
            .flat_map(|&member| self.calls_of(member))
            .any(|it| it.attempts > 1 && condensation.are_together(it.from, it.to))
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, Numbers};
    use crate::model::testing::model;

    fn attempts(text: &str, name: &str) -> Attempts {
        let model = model(text);
        let numbers = Numbers::new(&model);
        let number = (0..numbers.graph.services.len()).find(|&it| numbers.name(it) == name);
        numbers.attempts_reaching()[number.unwrap()].attempts
    }

    #[test]
    fn three_layers_of_four_attempts_make_sixty_four() {
        let text =
            "x(a, b, c, d:database); a -> b{retries=3}; b -> c{retries=3}; c -> d{retries=3}";
        assert_eq!(attempts(text, "d"), Attempts::Times(64));
        assert_eq!(attempts(text, "c"), Attempts::Times(16));
        assert_eq!(attempts(text, "a"), Attempts::Times(1));
    }

    #[test]
    fn five_layers_of_three_attempts_make_two_hundred_and_forty_three() {
        let text = "x(a, b, c, d, e, f); a -> b{retries=2}; b -> c{retries=2}; \
                    c -> d{retries=2}; d -> e{retries=2}; e -> f{retries=2}";
        assert_eq!(attempts(text, "f"), Attempts::Times(243));
    }

    #[test]
    fn the_worst_path_counts() {
        let text = "x(a, b, c, d); a -> d{retries=2}; a -> b{retries=1}; \
                    b -> c; c -> d{retries=1}";
        assert_eq!(attempts(text, "d"), Attempts::Times(4));
    }

    #[test]
    fn a_cycle_with_a_retry_has_no_end_and_one_without_adds_nothing() {
        let text = "x(a, b, c); a -> b; b -> a{retries=1}; b -> c";
        assert_eq!(attempts(text, "c"), Attempts::Endless);
        let text = "x(e, a, b, c); e -> a{retries=2}; a -> b; b -> a; b -> c";
        assert_eq!(attempts(text, "c"), Attempts::Times(3));
    }

    #[test]
    fn absurd_numbers_saturate() {
        let text = "x(a, b, c, d); a -> b{retries=4294967295}; \
                    b -> c{retries=4294967295}; c -> d{retries=4294967295}";
        assert_eq!(attempts(text, "d"), Attempts::Times(u64::MAX));
    }
}
