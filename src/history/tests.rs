//! Recording and reading by handed-in time.

mod reading;
mod trouble;

use jiff::SignedDuration;

use super::{
    Retention, Subject, Table,
    testing::{Recorded, at, id, local},
};
use crate::monitor::Health;

const HOUR: i64 = 3600;

/// Down in the first six minutes of the second hour.
fn outage(second: i64) -> Health {
    if (HOUR..HOUR + 360).contains(&second) {
        Health::Down
    } else {
        Health::Up
    }
}

fn short() -> Retention {
    Retention {
        raw: SignedDuration::from_mins(30),
        minutes: SignedDuration::from_hours(2),
        hours: SignedDuration::from_hours(24),
        ..Retention::default()
    }
}

#[test]
fn polls_become_minutes_and_minutes_become_hours() {
    let mut recorded = Recorded::new(short());
    recorded.record(0, 4 * HOUR - 10, outage);
    let hours = recorded.rows(Table::Hours);
    let wanted = [
        "0 service a 360 0 1.00 9.90 9.90 9.90 - -",
        "3600 service a 360 36 0.90 9.90 9.90 9.90 - -",
        "7200 service a 360 0 1.00 9.90 9.90 9.90 - -",
    ];
    assert_eq!(hours.len(), 3, "{hours:?}");
    for (found, wanted) in hours.iter().zip(wanted) {
        let counts = |it: &str| it.split(' ').take(6).collect::<Vec<_>>().join(" ");
        assert_eq!(counts(found), counts(wanted));
    }
    // Two hours of minutes, half an hour of polls, each with what is not over yet.
    let minutes = recorded.rows(Table::Minutes).len();
    assert!((119..=122).contains(&minutes), "{minutes} minutes");
    let polls = recorded.rows(Table::Samples).len();
    assert!((180..=186).contains(&polls), "{polls} polls");
}

#[test]
fn a_series_has_every_poll_at_any_resolution_whatever_is_thrown_away() {
    let mut recorded = Recorded::new(short());
    recorded.record(0, 4 * HOUR - 10, outage);
    let subject = Subject::Service(id("a"));
    for points in [1, 3, 4, 24, 100, 240, 1000, 4000] {
        let series = recorded
            .history
            .series(&local(), &subject, at(0), at(4 * HOUR), points);
        assert!(series.len() <= points);
        let count: u64 = series.iter().map(|it| it.count).sum();
        let failures: u64 = series.iter().map(|it| it.failures).sum();
        assert_eq!((count, failures), (1440, 36), "{points} points");
        assert!(series.is_sorted_by_key(|it| it.at));
    }
    let by_hour = recorded
        .history
        .series(&local(), &subject, at(0), at(4 * HOUR), 4);
    let availability: Vec<_> = by_hour.iter().map(|it| it.availability.unwrap()).collect();
    assert_eq!(availability, [1.0, 0.9, 1.0, 1.0]);
    let p99 = by_hour[3].p99_ms.unwrap();
    assert!((p99 - 10.0).abs() <= 0.1, "{p99} ms");
}

#[test]
fn what_is_over_its_limit_goes_before_its_time() {
    let mut recorded = Recorded::new(Retention {
        bytes: 200_000,
        ..Retention::default()
    });
    recorded.record(0, 6 * HOUR, |_| Health::Up);
    let polls = recorded.rows(Table::Samples).len();
    assert!(polls < 6 * 360, "{polls} polls");
    let file = recorded.history.path().metadata().unwrap().len();
    assert!(file < 400_000, "{file} bytes");
}

#[test]
fn states_that_held_until_lately_are_kept_however_old_they_are() {
    let mut recorded = Recorded::new(short());
    recorded.record(0, 4 * HOUR, outage);
    let now = recorded.history.at(&local(), at(4 * HOUR)).unwrap();
    assert_eq!(now.services[&id("a")].health, Health::Up);
    assert_eq!(
        now.services[&id("a")].since.as_second() - at(0).as_second(),
        4 * HOUR
    );
}
