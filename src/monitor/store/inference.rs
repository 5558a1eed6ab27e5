//! What follows from how counters grow, where a source says no state.
//!
//! A breaker inside a process is judged by what changed between two polls of that process.
//! Where the counters alone leave one state, that is it; else what grew last tells; else
//! it is what it was. A counter that went down means that the process began anew: then only
//! its new counters count. What is left open is [`Circuit::Unknown`], never a guess.

use crate::monitor::{Circuit, format::Evidence};

/// So many polls without a refusal say that calls are no longer refused, or not made.
const QUIET_POLLS: u8 = 3;

/// What is known of one breaker of one process.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Inference {
    last: Option<(Evidence, Circuit)>,
    /// Polls since calls were refused last.
    quiet_polls: u8,
}

impl Inference {
    /// Takes what the process counts now, and says what state that is.
    pub(super) fn judge(&mut self, now: Evidence) -> Circuit {
        let certain = now.at_first_sight();
        let circuit = match self.last {
            Some((before, known)) if !has_restarted(&before, &now) => {
                self.after(&before, &now, known, certain)
            }
            _ => certain,
        };
        self.last = Some((now, circuit));
        circuit
    }

    fn after(
        &mut self,
        before: &Evidence,
        now: &Evidence,
        known: Circuit,
        certain: Circuit,
    ) -> Circuit {
        if certain != Circuit::Unknown {
            return certain;
        }
        let grown: Vec<_> = before
            .counters()
            .iter()
            .zip(now.counters())
            .map(|(before, now)| now - before)
            .collect();
        match (now, &grown[..]) {
            (Evidence::Events { half_opened, .. }, &[opened, trials, closed]) => {
                by_events(known, opened, half_opened.map(|_| trials), closed)
            }
            (Evidence::TimeIn { .. }, &[open, half_open, closed]) => {
                by_time(known, open > 0.0, half_open > 0.0, closed > 0.0)
            }
            (Evidence::Removals { removed, revived }, _) => {
                by_removals(known, *removed, *revived, &grown)
            }
            (Evidence::Refusals(_), &[refused, ..]) => self.by_refusals(known, refused > 0.0),
            _ => Circuit::Unknown,
        }
    }

    /// It refuses calls, or nothing is known: that none are refused may also mean that
    /// none are made.
    fn by_refusals(&mut self, known: Circuit, has_refused: bool) -> Circuit {
        self.quiet_polls = if has_refused {
            0
        } else {
            self.quiet_polls.saturating_add(1)
        };
        if has_refused {
            Circuit::NotClosed
        } else if self.quiet_polls < QUIET_POLLS {
            known
        } else {
            Circuit::Unknown
        }
    }
}

/// By what happened since the poll before. Where half-open is not counted, one that opened
/// may be half-open by now.
fn by_events(known: Circuit, opened: f64, trials: Option<f64>, closed: f64) -> Circuit {
    let happened = |it: f64| it > 0.5;
    let has_tried = trials.is_some_and(happened);
    match (happened(opened), has_tried, happened(closed)) {
        (false, false, false) => known,
        // Whatever happened before, there was no way out of closed since.
        (false, _, true) => Circuit::Closed,
        (true, false, false) if trials.is_none() => Circuit::NotClosed,
        (true, false, false) => Circuit::Open,
        (false, true, false) => Circuit::HalfOpen,
        (true, true, false) => after_trials(known, opened - trials.unwrap_or_default()),
        (true, _, true) => after_closing(known, opened - closed),
    }
}

/// Open and half-open in turn; `surplus` is how much more often it opened.
fn after_trials(known: Circuit, surplus: f64) -> Circuit {
    match known {
        _ if surplus > 0.5 => Circuit::Open,
        _ if surplus < -0.5 => Circuit::HalfOpen,
        Circuit::Open => Circuit::Open,
        Circuit::Closed | Circuit::HalfOpen => Circuit::HalfOpen,
        _ => Circuit::NotClosed,
    }
}

/// It opened and closed; `surplus` is how much more often it opened. A trial that fails
/// opens it again, so most of that is open to doubt.
fn after_closing(known: Circuit, surplus: f64) -> Circuit {
    let was_closed = known == Circuit::Closed;
    let is_even = surplus.abs() < 0.5;
    let was_tripped = known.is_tripped();
    if (was_closed && is_even) || (was_tripped && surplus < -0.5) {
        Circuit::Closed
    } else {
        Circuit::Unknown
    }
}

/// By the times that grew.
fn by_time(known: Circuit, open: bool, half_open: bool, closed: bool) -> Circuit {
    match (open, half_open, closed) {
        (false, false, false) => known,
        (true, false, false) => Circuit::Open,
        (false, true, false) => Circuit::HalfOpen,
        (false, false, true) => Circuit::Closed,
        // There is no way from open to closed but through half-open.
        (true, false, true) if known == Circuit::Closed => Circuit::Open,
        (false, true, true) if known.is_tripped() => Circuit::Closed,
        (true, true, false) => Circuit::NotClosed,
        _ => Circuit::Unknown,
    }
}

/// Hosts that vanish while they are out never come back, so only growth tells that some
/// are out.
fn by_removals(known: Circuit, removed: f64, revived: f64, grown: &[f64]) -> Circuit {
    let out = (removed - revived).max(0.0) as u32;
    let is_growing = matches!(grown, [removed, revived, ..] if removed > revived);
    let was_ejected = matches!(known, Circuit::Ejected { .. });
    if out > 0 && (is_growing || was_ejected) {
        Circuit::Ejected {
            count: out,
            of: out,
        }
    } else {
        Circuit::Unknown
    }
}

/// Whether the process began anew: a counter went down, or it counts something else.
fn has_restarted(before: &Evidence, now: &Evidence) -> bool {
    let is_other = std::mem::discriminant(before) != std::mem::discriminant(now);
    let (before, now) = (before.counters(), now.counters());
    is_other || before.iter().zip(now).any(|(before, now)| now < *before)
}

impl Evidence {
    /// Its counters; those it lacks are zero.
    fn counters(&self) -> [f64; 3] {
        match *self {
            Self::Events {
                opened,
                half_opened,
                closed,
            } => [opened, half_opened.unwrap_or_default(), closed],
            Self::TimeIn {
                open,
                half_open,
                closed,
            } => [open, half_open, closed],
            Self::Refusals(refused) => [refused, 0.0, 0.0],
            Self::Removals { removed, revived } => [removed, revived, 0.0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Inference;
    use crate::monitor::{Circuit, format::Evidence};

    /// The states after each evidence.
    fn course(evidence: impl IntoIterator<Item = Evidence>) -> String {
        let mut inference = Inference::default();
        let states = evidence.into_iter().map(|it| match inference.judge(it) {
            Circuit::Ejected { count, .. } => format!("Ejected{count}"),
            other => format!("{other:?}"),
        });
        states.collect::<Vec<_>>().join(" ")
    }

    /// Times it opened and closed, and half-opened where that is counted.
    fn events(counts: &[(u32, Option<u32>, u32)]) -> String {
        course(
            counts
                .iter()
                .map(|&(opened, trials, closed)| Evidence::Events {
                    opened: opened.into(),
                    half_opened: trials.map(f64::from),
                    closed: closed.into(),
                }),
        )
    }

    fn times(times: &[(f64, f64, f64)]) -> String {
        course(
            times
                .iter()
                .map(|&(open, half_open, closed)| Evidence::TimeIn {
                    open,
                    half_open,
                    closed,
                }),
        )
    }

    #[test]
    fn what_was_counted_last_tells_and_without_half_open_it_is_only_not_closed() {
        let counts = [
            (0, None, 0),
            (1, None, 0),
            (1, None, 0),
            (1, None, 1),
            (3, None, 1),
            (4, None, 1),
            (4, None, 2),
            (4, None, 2),
            (5, None, 2),
        ];
        assert_eq!(
            events(&counts),
            "Closed NotClosed NotClosed Closed NotClosed NotClosed Closed Closed NotClosed"
        );
    }

    #[test]
    fn what_already_happened_is_unknown_until_something_happens() {
        assert_eq!(
            events(&[(5, None, 2), (5, None, 2), (6, None, 2), (6, None, 3)]),
            "Unknown Unknown NotClosed Closed"
        );
        assert_eq!(
            events(&[(5, None, 2), (7, None, 3)]),
            "Unknown Unknown",
            "it opened and closed since, in an order that is not known"
        );
    }

    #[test]
    fn where_half_open_is_counted_every_state_is_known() {
        let counts = [
            (2, Some(1), 1),
            (3, Some(1), 1),
            (3, Some(2), 1),
            (4, Some(3), 1),
            (4, Some(4), 2),
            (6, Some(6), 2),
        ];
        assert_eq!(
            events(&counts),
            "Unknown Open HalfOpen HalfOpen Closed HalfOpen"
        );
    }

    #[test]
    fn one_that_opened_and_closed_between_two_polls_is_closed() {
        assert_eq!(
            events(&[(3, None, 1), (3, None, 2), (4, None, 3)]),
            "Unknown Closed Closed"
        );
    }

    #[test]
    fn a_counter_that_went_down_begins_anew() {
        assert_eq!(
            events(&[(4, None, 2), (5, None, 2), (0, None, 0), (1, None, 0)]),
            "Unknown NotClosed Closed NotClosed"
        );
        assert_eq!(
            times(&[
                (5.0, 1.0, 9.0),
                (6.0, 1.0, 9.0),
                (0.5, 0.1, 2.0),
                (0.5, 0.1, 3.0)
            ]),
            "Unknown Open Unknown Closed"
        );
    }

    #[test]
    fn the_time_that_grows_is_that_of_the_state() {
        let course = [
            (0.0, 0.0, 1.0),
            (0.0, 0.0, 2.0),
            (0.4, 0.0, 2.6),
            (1.4, 0.0, 2.6),
            (2.0, 0.4, 2.6),
            (2.0, 0.8, 2.6),
            (2.0, 0.9, 3.5),
            (2.0, 0.9, 3.5),
        ];
        assert_eq!(
            times(&course),
            "Closed Closed Open Open NotClosed HalfOpen Closed Closed"
        );
    }

    #[test]
    fn refused_calls_mean_not_closed_until_none_were_for_a_while() {
        let counts = [3.0, 5.0, 5.0, 5.0, 5.0, 6.0, 0.0];
        assert_eq!(
            course(counts.map(Evidence::Refusals)),
            "Unknown NotClosed NotClosed NotClosed Unknown NotClosed Unknown"
        );
    }

    #[test]
    fn hosts_that_were_taken_out_and_not_let_back_are_out() {
        let counts = [(1.0, 0.0), (1.0, 0.0), (3.0, 1.0), (3.0, 2.0), (3.0, 3.0)];
        let removals = counts.map(|(removed, revived)| Evidence::Removals { removed, revived });
        assert_eq!(course(removals), "Unknown Unknown Ejected2 Ejected1 Closed");
    }

    #[test]
    fn a_source_that_counts_something_else_now_begins_anew() {
        let both = [
            Evidence::Refusals(3.0),
            Evidence::Events {
                opened: 4.0,
                half_opened: None,
                closed: 1.0,
            },
        ];
        assert_eq!(course(both), "Unknown Unknown");
    }
}
