//! What counters tell of a breaker at first sight, before there is anything to compare
//! them with. Only what must be so is said; the rest follows from how they grow.

use super::{BreakerReading, Evidence};
use crate::monitor::{Circuit, Confidence};

impl Evidence {
    /// The state that follows from the counters alone; [`Circuit::Unknown`] if several may.
    pub fn at_first_sight(&self) -> Circuit {
        match *self {
            Self::Events {
                opened,
                half_opened,
                closed,
            } => by_events(opened, half_opened, closed),
            Self::TimeIn {
                open,
                half_open,
                closed,
            } => match (open > 0.0, half_open > 0.0, closed > 0.0) {
                (true, false, false) => Circuit::Open,
                (false, true, false) => Circuit::HalfOpen,
                (false, false, true) => Circuit::Closed,
                _ => Circuit::Unknown,
            },
            Self::Removals { removed, revived } if is_same(removed, revived) => Circuit::Closed,
            Self::Refusals(_) | Self::Removals { .. } => Circuit::Unknown,
        }
    }
}

/// A breaker closes once for each time that it left closed, so as often open as closed
/// means closed. One that never closed is not closed. In between it may be either, because
/// a trial that fails opens it again.
fn by_events(opened: f64, half_opened: Option<f64>, closed: f64) -> Circuit {
    if is_same(opened, closed) {
        return Circuit::Closed;
    }
    if closed > 0.0 || opened <= 0.0 {
        return Circuit::Unknown;
    }
    match half_opened {
        Some(trials) if is_same(trials, opened) => Circuit::HalfOpen,
        Some(trials) if is_same(trials + 1.0, opened) => Circuit::Open,
        Some(_) | None => Circuit::NotClosed,
    }
}

/// Whether two counts are the same.
fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.5
}

impl BreakerReading {
    /// A breaker whose source only counts.
    pub(super) fn inferred(name: &str, evidence: Evidence) -> Self {
        Self {
            confidence: Confidence::Inferred,
            evidence: Some(evidence),
            ..Self::new(name, evidence.at_first_sight())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Evidence;
    use crate::monitor::Circuit;

    #[test]
    fn only_what_must_be_so_is_said_at_first_sight() {
        let events = |opened, half_opened, closed| {
            let evidence = Evidence::Events {
                opened,
                half_opened,
                closed,
            };
            evidence.at_first_sight()
        };
        assert_eq!(events(0.0, None, 0.0), Circuit::Closed);
        assert_eq!(events(3.0, None, 3.0), Circuit::Closed);
        assert_eq!(events(1.0, None, 0.0), Circuit::NotClosed);
        assert_eq!(events(3.0, None, 1.0), Circuit::Unknown);
        assert_eq!(events(1.0, Some(0.0), 0.0), Circuit::Open);
        assert_eq!(events(2.0, Some(2.0), 0.0), Circuit::HalfOpen);
        assert_eq!(events(5.0, Some(1.0), 0.0), Circuit::NotClosed);
        assert_eq!(events(0.0, None, 1.0), Circuit::Unknown);

        let time_in = |open, half_open, closed| {
            let evidence = Evidence::TimeIn {
                open,
                half_open,
                closed,
            };
            evidence.at_first_sight()
        };
        assert_eq!(time_in(0.0, 0.0, 9.0), Circuit::Closed);
        assert_eq!(time_in(4.0, 0.0, 9.0), Circuit::Unknown);
        assert_eq!(Evidence::Refusals(9.0).at_first_sight(), Circuit::Unknown);
    }
}
