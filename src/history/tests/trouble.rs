//! Full disks, damaged files, and several that write.

use std::{fs, io::Write as _};

use crate::{
    history::{
        History, HistoryError, Retention, Table,
        testing::{Recorded, at, local, log_of, poll, snapshot},
    },
    model::EnvironmentId,
    monitor::Health,
};

#[test]
fn a_full_disk_is_told_once_and_nothing_is_lost_when_there_is_room_again() {
    let mut recorded = Recorded::new(Retention::default());
    recorded.record(0, 10, |_| Health::Up);
    recorded.log.leave_room(0);
    for second in 11..20 {
        for _ in 0..200 {
            let mut many = poll(second, Health::Up, 5.0);
            many.at += jiff::SignedDuration::from_millis(i64::from(fastrand::u8(..)));
            recorded.log.take_poll(many);
        }
        recorded.log.take_poll(poll(second, Health::Up, 5.0));
        recorded
            .log
            .write(&snapshot(second, &[("a", Health::Up)]), at(second));
        if recorded.log.state().error.is_some() {
            break;
        }
    }
    let error = recorded.log.state().error.clone().unwrap();
    assert!(error.contains("the disk is full"), "{error}");
    assert!(error.contains("watching goes on"), "{error}");
    assert_eq!(recorded.rows(Table::Samples)[..2].len(), 2);

    recorded.log.leave_room(1000);
    recorded
        .log
        .write(&snapshot(40, &[("a", Health::Up)]), at(40));
    assert_eq!(recorded.log.state().error, None);
    assert_eq!(recorded.log.state().missed, 0);
    let rows = recorded.rows(Table::Samples);
    assert!(rows.iter().any(|it| it.starts_with("11 ")), "{rows:?}");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told_and_tried_again() {
    let mut recorded = Recorded::new(Retention::default());
    // A folder has the file's name: nobody can write to that, not even root.
    fs::create_dir(recorded.history.path()).unwrap();
    recorded.log.take_poll(poll(0, Health::Up, 5.0));
    recorded
        .log
        .write(&snapshot(0, &[("a", Health::Up)]), at(0));
    let error = recorded.log.state().error.clone().unwrap();
    assert!(error.contains("x.history.sqlite"), "{error}");
    fs::remove_dir(recorded.history.path()).unwrap();
    recorded
        .log
        .write(&snapshot(6, &[("a", Health::Up)]), at(6));
    assert_eq!(recorded.log.state().error, None);
    assert_eq!(recorded.rows(Table::Samples).len(), 1);
}

#[test]
fn a_damaged_file_is_kept_and_a_new_one_begun() {
    let mut recorded = Recorded::new(Retention::default());
    let rubbish = "rubbish ".repeat(1000);
    let mut file = fs::File::create(recorded.history.path()).unwrap();
    file.write_all(rubbish.as_bytes()).unwrap();
    drop(file);
    let project = recorded.folder.path().join("x.meshboard.json");
    let error = History::open_recorded(&project).unwrap_err();
    assert!(matches!(error, HistoryError::Damaged { .. }), "{error}");

    recorded.record(0, 10, |_| Health::Up);
    let notice = recorded.log.state().notice.clone().unwrap();
    assert!(notice.contains("x.history.sqlite.damaged-"), "{notice}");
    assert_eq!(recorded.rows(Table::Samples).len(), 2);
    let kept = fs::read_dir(recorded.folder.path()).unwrap().flatten();
    let mut kept = kept.filter(|it| it.file_name().to_string_lossy().contains("damaged"));
    let kept = fs::read_to_string(kept.next().unwrap().path()).unwrap();
    assert_eq!(kept, rubbish);
}

#[test]
fn a_file_that_is_taken_away_while_recording_is_begun_anew() {
    let mut recorded = Recorded::new(Retention::default());
    recorded.record(0, 10, |_| Health::Up);
    for part in ["", "-wal", "-shm"] {
        let path = format!("{}{part}", recorded.history.path().display());
        fs::remove_file(path).ok();
    }
    recorded.record(20, 30, |_| Health::Up);
    assert_eq!(recorded.rows(Table::Samples).len(), 2);
    assert!(recorded.history.at(&local(), at(30)).is_some());
}

#[test]
fn of_two_that_record_the_same_one_waits_until_the_other_stops() {
    let mut recorded = Recorded::new(Retention::default());
    let mut second = log_of(&recorded.history, &local());
    for now in 0..20 {
        let snapshot = snapshot(now, &[("a", Health::Up)]);
        recorded.log.take_poll(poll(now, Health::Up, 5.0));
        recorded.log.write(&snapshot, at(now));
        second.take_poll(poll(now, Health::Up, 5.0));
        second.write(&snapshot, at(now));
    }
    assert_eq!(recorded.log.state().error, None);
    let error = second.state().error.clone().unwrap();
    assert!(error.contains("another Meshboard records local"), "{error}");
    assert_eq!(recorded.rows(Table::Samples).len(), 20);

    recorded.log.end();
    second.take_poll(poll(20, Health::Up, 5.0));
    second.write(&snapshot(20, &[("a", Health::Up)]), at(20));
    assert_eq!(second.state().error, None);
    // What both have seen is there once.
    assert_eq!(recorded.rows(Table::Samples).len(), 21);
}

#[test]
fn who_was_killed_is_waited_for_and_nothing_is_lost_meanwhile() {
    let mut recorded = Recorded::new(Retention::default());
    recorded.record(0, 10, |_| Health::Up);
    // Not ended: killed.
    let mut next = log_of(&recorded.history, &local());
    for now in 12..=17 {
        next.take_poll(poll(now, Health::Up, 5.0));
        next.write(&snapshot(now, &[("a", Health::Up)]), at(now));
    }
    assert_eq!(next.state().error, None);
    assert_eq!(recorded.rows(Table::Samples).len(), 2 + 6);
}

#[test]
fn two_environments_are_recorded_into_one_file_at_the_same_time() {
    let mut recorded = Recorded::new(Retention::default());
    let staging = EnvironmentId::new("staging").unwrap();
    let mut other = log_of(&recorded.history, &staging);
    for second in (0..200).step_by(10) {
        recorded.record(second, second, |_| Health::Up);
        other.take_poll(poll(second, Health::Down, 5.0));
        other.write(&snapshot(second, &[("a", Health::Down)]), at(second));
        assert_eq!(other.state().error, None);
    }
    let rows = recorded.rows(Table::Samples);
    assert_eq!(rows.len(), 20);
    assert!(rows.iter().all(|it| it.contains(" up ok ")), "{rows:?}");
    let there = recorded.history.at(&staging, at(100)).unwrap();
    assert!(there.services.values().all(|it| it.health == Health::Down));
}
