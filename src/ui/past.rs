//! The time before now: what the timeline shows of it, and the moment that is looked at.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{
    history::{History, Lane, Point, Subject},
    model::EnvironmentId,
    monitor::Snapshot,
};

/// Stretches into which a series is divided.
const POINTS: usize = 150;

/// The least time that is shown.
const LEAST: SignedDuration = SignedDuration::from_mins(2);

/// How much time the timeline shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Span {
    /// 15 minutes.
    #[default]
    Quarter,
    /// An hour.
    Hour,
    /// Six hours.
    SixHours,
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
}

impl Span {
    /// Every span, the shortest first.
    pub const ALL: [Self; 6] = [
        Self::Quarter,
        Self::Hour,
        Self::SixHours,
        Self::Day,
        Self::Week,
        Self::Month,
    ];

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Quarter => "15 min",
            Self::Hour => "1 h",
            Self::SixHours => "6 h",
            Self::Day => "1 day",
            Self::Week => "7 days",
            Self::Month => "30 days",
        }
    }

    /// It within a sentence: `in this hour`.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Quarter => "in these 15 minutes",
            Self::Hour => "in this hour",
            Self::SixHours => "in these 6 hours",
            Self::Day => "in this day",
            Self::Week => "in these 7 days",
            Self::Month => "in these 30 days",
        }
    }

    /// Its length.
    pub fn duration(self) -> SignedDuration {
        match self {
            Self::Quarter => SignedDuration::from_mins(15),
            Self::Hour => SignedDuration::from_hours(1),
            Self::SixHours => SignedDuration::from_hours(6),
            Self::Day => SignedDuration::from_hours(24),
            Self::Week => SignedDuration::from_hours(24 * 7),
            Self::Month => SignedDuration::from_hours(24 * 30),
        }
    }

    /// Seconds after which it is read again while it goes on.
    fn pace(self) -> i64 {
        match self {
            Self::Quarter | Self::Hour => 2,
            Self::SixHours => 10,
            Self::Day => 30,
            Self::Week | Self::Month => 60,
        }
    }
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Where it begins.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
}

impl Extent {
    /// Where a time lies in it: 0 at its start, 1 at its end.
    pub fn share(self, at: Timestamp) -> f64 {
        at.duration_since(self.from).as_secs_f64() / self.seconds()
    }

    /// The time at such a place.
    pub fn at(self, share: f64) -> Timestamp {
        let offset = SignedDuration::from_secs_f64(self.seconds() * share.clamp(0.0, 1.0));
        self.from.saturating_add(offset).unwrap_or(self.to)
    }

    /// Its length.
    pub fn seconds(self) -> f64 {
        self.to.duration_since(self.from).as_secs_f64().max(1.0)
    }

    /// Round times in it, at most so many, as the clock on the wall has them.
    pub fn ticks(self, most: usize) -> Vec<Timestamp> {
        const STEPS: [i64; 17] = [
            10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
            172_800, 432_000, 864_000,
        ];
        let most = most.max(1) as f64;
        let step = STEPS
            .into_iter()
            .find(|it| self.seconds() / *it as f64 <= most)
            .unwrap_or(2_592_000);
        let zone = i64::from(TimeZone::system().to_offset(self.from).seconds());
        let first = (self.from.as_second() + zone + step - 1).div_euclid(step) * step - zone;
        (0..=most as i64)
            .filter_map(|it| Timestamp::from_second(first + it * step).ok())
            .filter(|it| (self.from..=self.to).contains(it))
            .collect()
    }
}

/// What is looked at of the time before now.
#[derive(Debug, Default)]
pub struct Past {
    /// How much time the timeline shows.
    pub span: Span,
    /// Where it ends, once somebody pulled it away from now.
    pub until: Option<Timestamp>,
    /// The moment that everything is shown as it was at.
    pub moment: Option<Timestamp>,
    /// How it was at that moment, or at the one before while that is being read.
    pub seen: Option<Seen>,
    /// What the timeline and the plots were read from.
    pub record: Option<Record>,
    /// Whether what is seen now is being recorded.
    pub is_recording: bool,
}

/// How everything was at a moment.
#[derive(Debug, Clone)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// How it was; empty if nobody recorded then.
    pub snapshot: Arc<Snapshot>,
    /// Whether somebody recorded then.
    pub is_recorded: bool,
}

impl Past {
    /// Of another project or environment nothing is known.
    pub(super) fn forget(&mut self) {
        *self = Self {
            span: self.span,
            ..Self::default()
        };
    }

    /// What the timeline shows.
    pub fn extent(&self, now: Timestamp) -> Extent {
        let to = self.until.unwrap_or(now);
        let from = to.saturating_sub(self.span.duration());
        let from = from.unwrap_or(Timestamp::MIN);
        let begun = self.recorded().and_then(|it| it.recorded).map(|it| it.0);
        let is_first = |it: &Timestamp| self.span == Span::Quarter && from < *it && *it <= to;
        let from = match begun.filter(is_first) {
            // The first minutes of all would be a thin line at the right.
            Some(begun) => begun.min(to.saturating_sub(LEAST).unwrap_or(from)),
            None => from,
        };
        Extent { from, to }
    }

    /// The same, moved in steps while time goes on.
    fn extent_to_read(&self, now: Timestamp) -> Extent {
        let pace = self.span.pace();
        let second = now.as_second().div_euclid(pace) * pace;
        self.extent(Timestamp::from_second(second).unwrap_or(now))
    }

    /// What was read, if something was recorded.
    pub fn recorded(&self) -> Option<&Record> {
        self.record.as_ref().filter(|it| it.recorded.is_some())
    }
}

/// What is to be read for the timeline and the plots.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The project's file.
    pub file: PathBuf,
    /// The environment.
    pub environment: EnvironmentId,
    /// The time.
    pub extent: Extent,
    /// What is plotted.
    pub subject: Option<Subject>,
    /// The most stretches it is plotted in.
    pub points: usize,
}

impl Wanted {
    /// What the past as it is shown now needs.
    pub(super) fn of(
        past: &Past,
        (file, environment): (&Path, &EnvironmentId),
        (subject, pause): (Option<Subject>, Duration),
    ) -> Self {
        let extent = past.extent_to_read(Timestamp::now());
        Self {
            file: file.to_owned(),
            environment: environment.clone(),
            extent,
            subject,
            points: points(extent, pause),
        }
    }
}

/// Stretches that each hold an answer of every instance, if one pauses so long between
/// two of them: of the others a curve would leap.
fn points(extent: Extent, pause: Duration) -> usize {
    let most = extent.seconds() / (2.0 * pause.as_secs_f64()).max(0.001);
    (most as usize).clamp(1, POINTS)
}

/// What was read.
#[derive(Debug)]
pub struct Record {
    /// What of.
    pub wanted: Wanted,
    /// From when to when something was recorded at all.
    pub recorded: Option<(Timestamp, Timestamp)>,
    /// What changed.
    pub lanes: Vec<Lane>,
    /// The subject through time.
    pub points: Vec<Point>,
    /// Why there is nothing.
    pub problem: Option<String>,
}

/// A history that was opened to read, to go on with.
pub type Kept = Option<History>;

/// A moment that was read.
#[derive(Debug)]
pub struct Moment {
    /// The project's file.
    pub file: PathBuf,
    /// The environment.
    pub environment: EnvironmentId,
    /// How it was.
    pub seen: Seen,
    /// Why nothing is known.
    pub problem: Option<String>,
}

fn opened(kept: Kept, file: &Path) -> Result<History, String> {
    match kept {
        Some(history) => Ok(history),
        None => History::open(file).map_err(|it| it.to_string()),
    }
}

/// Reads what the timeline needs; waits for the disk.
pub(super) fn read_record(kept: Kept, wanted: Wanted) -> (Record, Kept) {
    let mut record = Record {
        wanted,
        recorded: None,
        lanes: Vec::new(),
        points: Vec::new(),
        problem: None,
    };
    let history = match opened(kept, &record.wanted.file) {
        Ok(history) => history,
        Err(problem) => {
            record.problem = Some(problem);
            return (record, None);
        }
    };
    let Wanted {
        environment,
        extent,
        subject,
        points,
        ..
    } = &record.wanted;
    record.recorded = history.span(environment);
    if record.recorded.is_some() {
        record.lanes = history.lanes(environment, extent.from, extent.to);
        if let Some(subject) = subject {
            record.points = history.series(environment, subject, extent.from, extent.to, *points);
        }
    }
    record.problem = history.notice();
    (record, Some(history))
}

/// Reads how everything was at a moment; waits for the disk.
pub(super) fn read_moment(
    kept: Kept,
    (file, environment): (PathBuf, EnvironmentId),
    at: Timestamp,
) -> (Moment, Kept) {
    let (history, mut problem) = match opened(kept, &file) {
        Ok(history) => (Some(history), None),
        Err(problem) => (None, Some(problem)),
    };
    let snapshot = history.as_ref().and_then(|it| it.at(&environment, at));
    problem = problem.or_else(|| history.as_ref()?.notice());
    let is_recorded = snapshot.is_some();
    let snapshot = snapshot.unwrap_or_else(|| Snapshot {
        at,
        started: at,
        ..Snapshot::default()
    });
    let moment = Moment {
        file,
        environment,
        seen: Seen {
            at,
            snapshot: Arc::new(snapshot),
            is_recorded,
        },
        problem,
    };
    (moment, history)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};

    use super::{Extent, Past, Span, points};

    #[test]
    fn the_times_below_are_round_and_lie_within() {
        let from = Timestamp::from_second(1_790_000_123).unwrap();
        for span in Span::ALL {
            let to = from + span.duration();
            let ticks = Extent { from, to }.ticks(6);
            assert!((2..=7).contains(&ticks.len()), "{span:?}: {ticks:?}");
            for tick in &ticks {
                assert!((from..=to).contains(tick));
                assert_eq!(tick.as_second() % 10, 0, "{span:?}");
            }
        }
    }

    #[test]
    fn a_curve_has_no_stretch_in_which_an_instance_may_not_have_answered() {
        let to = Timestamp::from_second(1_790_000_000).unwrap();
        let from = to - SignedDuration::from_mins(15);
        let points = |pause| points(Extent { from, to }, Duration::from_secs(pause));
        assert_eq!([points(10), points(1), points(0)], [45, 150, 150]);
        assert_eq!(points(3_600), 1);
    }

    #[test]
    fn a_time_is_found_again_where_it_is_drawn() {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let extent = Past::default().extent(now);
        assert_eq!(extent.to, now);
        let at = now - SignedDuration::from_mins(5);
        assert_eq!(extent.at(extent.share(at)).as_second(), at.as_second());
        assert_eq!(extent.at(7.0), now);
    }
}
