//! Moments, lanes, incidents and breakers, read back.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    history::{
        LaneState, Retention, Subject, Table,
        testing::{Recorded, at, breaker, id, instance, local, poll, snapshot},
    },
    model::{DependencyId, EnvironmentId},
    monitor::{Change, Circuit, Health, Incident, Snapshot, Traffic, Transition},
};

/// Up, down from second 60 on, up from second 120 on, until second 180; then an hour of
/// silence and another minute.
fn recorded() -> Recorded {
    let mut recorded = Recorded::new(Retention::default());
    for second in (0..=180).chain(3780..=3840) {
        let is_down = (60..120).contains(&second);
        let health = if is_down { Health::Down } else { Health::Up };
        let mut now = snapshot(second, &[("a", health), ("b", Health::Up)]);
        let from_the_start = now.services.into_iter().map(|(id, mut service)| {
            Arc::make_mut(&mut service).since = at(0);
            (id, service)
        });
        now.services = from_the_start.collect();
        let circuit = if is_down {
            Circuit::Open
        } else {
            Circuit::Closed
        };
        let mut bank = breaker("a", "bank", circuit, 0);
        bank.failure_rate_percent = Some(25.0);
        now.breakers = vec![bank];
        if second % 5 == 0 {
            recorded.log.take_poll(poll(second, health, second as f64));
        }
        for (when, from, to) in [
            (60, Health::Up, Health::Down),
            (120, Health::Down, Health::Up),
        ] {
            if when == second {
                let service = id("a");
                recorded.log.take_transition(Transition {
                    at: at(second),
                    change: Change::Health { service, from, to },
                    cause: "connection refused".to_owned(),
                });
            }
        }
        recorded.log.write(&now, at(second));
    }
    recorded
}

#[test]
fn the_whole_is_shown_as_it_was_at_any_moment() {
    let recorded = recorded();
    let at_moment = |second| recorded.history.at(&local(), at(second));
    let down = at_moment(100).unwrap();
    let service = &down.services[&id("a")];
    assert_eq!(service.health, Health::Down);
    assert_eq!(service.instances[0].latency_ms, None);
    assert_eq!(service.instances[0].raw, "down");
    assert_eq!(service.instances[0].last_answer, Some(at(55)));
    assert_eq!(down.services[&id("b")].health, Health::Up);
    assert_eq!(down.breakers[0].circuit, Circuit::Open);
    assert_eq!(down.transitions.len(), 1);
    assert_eq!(down.at, at(100));

    let up = at_moment(130).unwrap();
    assert_eq!(up.services[&id("a")].health, Health::Up);
    let latencies = &up.services[&id("a")].instances[0].recent_latencies_ms;
    assert_eq!(latencies.last(), Some(&130.0));
    assert_eq!(latencies.len(), 15);
}

#[test]
fn a_moment_at_which_nobody_recorded_is_not_made_up() {
    let recorded = recorded();
    for second in [-10, 1000, 4000] {
        assert!(
            recorded.history.at(&local(), at(second)).is_none(),
            "{second}"
        );
    }
    let other = EnvironmentId::new("elsewhere").unwrap();
    assert!(recorded.history.at(&other, at(100)).is_none());
    assert_eq!(recorded.history.span(&other), None);
    let span = recorded.history.span(&local());
    assert_eq!(span, Some((at(0), at(3840))));
}

#[test]
fn a_lane_has_every_change_with_its_cause_and_says_where_nobody_recorded() {
    let recorded = recorded();
    let lanes = recorded.history.lanes(&local(), at(0), at(3840));
    let steps = |subject: &Subject| {
        let lane = lanes.iter().find(|it| it.subject == *subject).unwrap();
        let words = lane.steps.iter().map(|it| {
            let state = match it.state {
                LaneState::NotRecorded => "nobody",
                LaneState::Health(health) => health.label(),
                LaneState::Circuit(circuit) => circuit.label(),
            };
            let second = it.at.as_second() - at(0).as_second();
            format!("{state}@{second}{}", it.cause.replace(' ', "_"))
        });
        words.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        steps(&Subject::Service(id("a"))),
        "up@0 down@60connection_refused up@120connection_refused nobody@180 up@3780"
    );
    let bank = Subject::Breaker {
        from: id("a"),
        name: "bank".to_owned(),
    };
    assert_eq!(
        steps(&bank),
        "closed@0 open@60 closed@120 nobody@180 closed@3780"
    );
    // What was well all the time has no lane.
    assert_eq!(lanes.len(), 2);
}

#[test]
fn a_lane_that_begins_later_begins_with_what_held_then() {
    let recorded = recorded();
    let lanes = recorded.history.lanes(&local(), at(90), at(150));
    let first: Vec<_> = lanes.iter().map(|it| it.steps[0].state).collect();
    let wanted = [
        LaneState::Health(Health::Down),
        LaneState::Circuit(Circuit::Open),
    ];
    assert_eq!(first, wanted);
    assert!(lanes.iter().all(|it| it.steps[0].at == at(90)));
}

#[test]
fn a_breakers_series_tells_how_long_it_let_calls_pass() {
    let recorded = recorded();
    let bank = Subject::Breaker {
        from: id("a"),
        name: "bank".to_owned(),
    };
    let series = recorded.history.series(&local(), &bank, at(0), at(180), 3);
    let availability: Vec<_> = series.iter().map(|it| it.availability.unwrap()).collect();
    assert_eq!(availability, [1.0, 0.0, 1.0]);
    assert_eq!(series[0].error_share, Some(0.25));
}

fn incident(causes: &[&str], until: Option<Timestamp>) -> Incident {
    Incident {
        id: 1,
        path: Vec::new(),
        at_risk: Vec::new(),
        causes: causes.iter().map(|it| id(it)).collect(),
        impacted: vec![id("web")],
        routes: Vec::new(),
        since: at(5),
        until,
        summary: format!("{} is down", causes[0]),
    }
}

#[test]
fn an_incident_has_one_row_from_its_first_sign_to_its_end() {
    let mut recorded = Recorded::new(Retention::default());
    let mut write = |second: i64, incidents: Vec<Incident>| {
        let mut now: Snapshot = snapshot(second, &[("a", Health::Down)]);
        now.incidents = incidents;
        recorded.log.write(&now, at(second));
    };
    write(5, vec![incident(&["orders"], None)]);
    // The cause is seen after its consequence.
    write(8, vec![incident(&["db"], None)]);
    write(20, vec![incident(&["db"], Some(at(20)))]);
    write(21, vec![incident(&["db"], Some(at(20)))]);
    assert_eq!(recorded.rows(Table::Incidents), ["5 20 db web  db is down"]);
    let then = recorded.history.at(&local(), at(10)).unwrap();
    assert_eq!(then.incidents, [incident(&["db"], None)]);
    let found = recorded.history.incidents(&local(), at(21), at(30));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn an_incident_that_a_killed_run_left_open_ended_with_it() {
    let mut recorded = Recorded::new(Retention::default());
    let mut now = snapshot(5, &[("a", Health::Down)]);
    now.incidents = vec![incident(&["db"], None)];
    recorded.log.write(&now, at(5));
    let mut next = crate::history::testing::log_of(&recorded.history, &local());
    let mut now = snapshot(100, &[("a", Health::Up)]);
    now.started = at(99);
    next.write(&now, at(100));
    assert_eq!(recorded.rows(Table::Incidents), ["5 5 db web  db is down"]);
}

#[test]
fn what_sources_tell_of_calls_is_kept_and_added_up() {
    let mut recorded = Recorded::new(Retention::default());
    let orders = DependencyId::new("a-b").unwrap();
    for second in (0..300).step_by(10) {
        let mut now = snapshot(second, &[("a", Health::Up)]);
        let traffic = Traffic {
            rate_per_second: Some(20.0),
            error_share: Some(if second < 120 { 0.0 } else { 0.5 }),
            p95_ms: Some(80.0),
            window_seconds: 60,
            source: "prometheus".to_owned(),
            at: at(second),
            is_stale: false,
        };
        now.traffic.insert(orders.clone(), traffic);
        recorded.log.write(&now, at(second));
    }
    let subject = Subject::Dependency(orders.clone());
    let series = recorded
        .history
        .series(&local(), &subject, at(0), at(240), 2);
    let told: Vec<_> = series.iter().map(|it| (it.count, it.error_share)).collect();
    assert_eq!(told, [(12, Some(0.0)), (12, Some(0.5))]);
    assert_eq!(series[0].rate_per_second, Some(20.0));
    assert_eq!(recorded.rows(Table::Minutes).len(), 4);
    let then = recorded.history.at(&local(), at(200)).unwrap();
    assert_eq!(then.traffic[&orders].error_share, Some(0.5));
}

#[test]
fn an_instance_that_only_a_source_tells_of_has_samples_too() {
    let mut recorded = Recorded::new(Retention::default());
    for second in 0..30 {
        let mut now = snapshot(second, &[("b", Health::Up)]);
        instance(&mut now, "b").source = Some("consul".to_owned());
        instance(&mut now, "b").last_answer = Some(at(second / 10 * 10));
        recorded.log.write(&now, at(second));
    }
    let rows = recorded.rows(Table::Samples);
    assert_eq!(
        rows,
        [
            "0 b http://b up ok -",
            "10 b http://b up ok -",
            "20 b http://b up ok -"
        ]
    );
}
