//! What goes wrong in the demo, and when: the bank slows down, then refuses, then
//! is well again, over and over.
//!
//! Short enough that a viewer sees all of it within a minute, long enough that each
//! breaker opens, tries in vain and closes.

use std::time::Duration;

/// One round; then it begins again.
pub(super) const ROUND: Duration = Duration::from_mins(1);
/// Until then everything is well, so that a viewer sees what that looks like.
const SLOW_FROM: Duration = Duration::from_secs(5);
/// From then on the bank does not even take connections.
const REFUSING_FROM: Duration = Duration::from_secs(14);
/// From then on it is well again: late enough for trials in vain.
const WELL_FROM: Duration = Duration::from_secs(30);

/// The service that fails.
pub(super) const VICTIM: &str = "bank";

/// How long a slow bank takes to answer: longer than anybody waits for it.
pub(super) const SLOW_ANSWER: Duration = Duration::from_millis(1_500);

/// How the bank is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// It answers in time.
    #[default]
    Well,
    /// It answers too late.
    Slow,
    /// It takes no connections.
    Refusing,
}

/// How the bank is, so long after the start.
pub(super) fn phase_at(elapsed: Duration) -> Phase {
    let position = Duration::from_millis((elapsed.as_millis() % ROUND.as_millis()) as u64);
    if position < SLOW_FROM || position >= WELL_FROM {
        Phase::Well
    } else if position < REFUSING_FROM {
        Phase::Slow
    } else {
        Phase::Refusing
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Phase, phase_at};

    #[test]
    fn the_bank_slows_down_refuses_and_recovers_in_every_round() {
        let phases: Vec<_> = [0, 5, 14, 30, 60, 66, 80, 119]
            .map(|it| phase_at(Duration::from_secs(it)))
            .into();
        let (well, slow, refusing) = (Phase::Well, Phase::Slow, Phase::Refusing);
        assert_eq!(
            phases,
            [well, slow, refusing, well, well, slow, refusing, well]
        );
    }
}
