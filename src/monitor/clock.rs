//! The time as the poller sees it: by a clock that never jumps, for ages and waits, and
//! by the one on the wall, for people.
//!
//! The clock on the wall may be set, back or ahead, at any time. So nothing is judged by
//! it alone; it only tells that the machine slept, while ours stood still.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::store::Moment;

/// The wall clock runs ahead of ours by this much if the machine slept. If somebody set
/// it instead, no harm is done: everything is asked again a little earlier.
const SLEPT: Duration = Duration::from_secs(10);

/// Two clocks that started together.
pub(super) struct Clock {
    started: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    pub(super) fn now(&self) -> Moment {
        Moment {
            millis: self.started.elapsed().as_millis() as u64,
            wall: Timestamp::now(),
        }
    }
}

/// Whether the machine slept in between: ours stands still then, the wall clock not.
pub(super) fn has_slept(last: Moment, now: Moment) -> bool {
    let ours = Duration::from_millis(now.millis.saturating_sub(last.millis));
    let wall = now.wall.duration_since(last.wall);
    Duration::try_from(wall).is_ok_and(|wall| wall > ours + SLEPT)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Moment, has_slept};

    fn moment(millis: u64, wall: i64) -> Moment {
        Moment {
            millis,
            wall: Timestamp::from_millisecond(wall).unwrap(),
        }
    }

    #[test]
    fn a_sleep_of_the_machine_is_noticed_by_its_clocks() {
        let last = moment(0, 0);
        assert!(!has_slept(last, moment(250, 250)));
        assert!(
            !has_slept(last, moment(60_000, 60_000)),
            "a busy machine has not slept"
        );
        assert!(has_slept(last, moment(250, 3_600_000)));
    }

    #[test]
    fn a_clock_that_is_set_back_or_corrected_a_little_is_no_sleep() {
        let last = moment(0, 0);
        assert!(!has_slept(last, moment(250, -3_600_000)));
        assert!(!has_slept(last, moment(250, 9000)), "a usual correction");
        let back = moment(250, -3_600_000);
        assert!(
            !has_slept(back, moment(500, -3_599_750)),
            "nor what follows"
        );
    }
}
