//! What people see of a name whose addresses are instances, as they come and go.

use std::{collections::BTreeMap, sync::Arc};

use super::{PathResult, Sample, Store, Watch, moment, path};
use crate::{
    model::{EnvironmentId, ServiceId, testing::model},
    monitor::{
        Change, Consent, Health, MonitorPlan, Reach, ServiceState, fetch::Failure, store::Seated,
    },
    project::{Environment, Project, Target},
};

/// A service `a` behind the name pay.test, and one more address.
fn watch() -> Watch {
    let target = Target {
        instances: vec![
            "http://127.0.0.1:1".to_owned(),
            "http://pay.test:80".to_owned(),
        ],
        is_each_address: true,
        ..Target::default()
    };
    let id = EnvironmentId::new("here").unwrap();
    let environment = Environment {
        targets: BTreeMap::from([(ServiceId::new("a").unwrap(), target)]),
        ..Environment::default()
    };
    let project = Project {
        model: model("x(a, bank); a -> bank"),
        environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
        ..Project::default()
    };
    let plan = MonitorPlan::new(&project, &id, &Consent::to(["pay.test"])).unwrap();
    Watch {
        store: Store::new(Arc::new(plan), moment(0)),
        millis: 0,
    }
}

impl Watch {
    /// Probe and address of each.
    fn seat(&mut self, seats: &[(usize, &str)]) {
        let seats = seats.iter().map(|(it, ip)| (*it, ip.parse().unwrap()));
        let seated = Seated {
            group: 0,
            seats: seats.collect(),
            note: None,
        };
        self.store.ingest_seated(seated, moment(self.millis));
    }

    fn service(&mut self) -> ServiceState {
        let snapshot = self.snapshot();
        ServiceState::clone(snapshot.services.values().next().unwrap())
    }

    fn addresses(&mut self) -> Vec<String> {
        let service = self.service();
        service.instances.into_iter().map(|it| it.address).collect()
    }
}

#[test]
fn each_address_is_an_instance_in_the_place_of_the_name() {
    let mut watch = watch();
    assert_eq!(
        watch.addresses(),
        ["http://127.0.0.1:1", "http://pay.test:80"]
    );
    watch.seat(&[(1, "10.0.0.7"), (2, "10.0.0.5")]);
    let [five, seven] = ["5", "7"].map(|it| format!("http://10.0.0.{it} (pay.test)"));
    assert_eq!(watch.addresses(), ["http://127.0.0.1:1", &five, &seven]);
    for (probe, answer) in [(0, "up"), (1, "up"), (2, "refused")] {
        watch.after(0, probe, answer);
    }
    let service = watch.service();
    assert_eq!(
        (service.health, service.instances_up()),
        (Health::Degraded, (2, 3))
    );
    let snapshot = watch.snapshot();
    let cause = "http://10.0.0.5 (pay.test): connection refused";
    assert_eq!(snapshot.transitions[0].cause, cause);
}

#[test]
fn who_goes_takes_its_failure_and_its_breakers_along() {
    let mut watch = watch();
    watch.seat(&[(1, "10.0.0.5"), (2, "10.0.0.6")]);
    watch.after(0, 0, "up");
    for (probe, answer, circuit) in [(1, "up", "CLOSED"), (2, "refused", "OPEN")] {
        let body = format!(r#"{{"circuitBreakers":{{"bank":{{"state":"{circuit}"}}}}}}"#);
        let sample = Sample {
            probe,
            health: path("/health", answer),
            more: vec![path("/breakers", &body)],
        };
        watch.store.ingest(sample, moment(0));
    }
    assert_eq!(watch.snapshot().breakers[0].instances_open, (1, 2));
    watch.seat(&[(1, "10.0.0.5")]);
    let service = watch.service();
    assert_eq!(
        (service.health, service.instances_up()),
        (Health::Up, (2, 2))
    );
    let snapshot = watch.snapshot();
    assert_eq!(snapshot.breakers[0].instances_open, (0, 1));
    let last = snapshot.transitions.last().unwrap();
    assert_eq!(last.cause, "pay.test has other addresses now");
    assert!(matches!(last.change, Change::Health { to: Health::Up, .. }));
}

#[test]
fn whoever_takes_a_seat_is_somebody_else() {
    let mut watch = watch();
    watch.seat(&[(1, "10.0.0.5")]);
    watch.after(0, 0, "up");
    watch.after(0, 1, "refused");
    watch.seat(&[(1, "10.0.0.9")]);
    let service = watch.service();
    let instance = &service.instances[1];
    assert_eq!(instance.address, "http://10.0.0.9 (pay.test)");
    assert_eq!(
        (instance.health, instance.reach),
        (Health::Unknown, Reach::Ok)
    );
    assert_eq!(service.health, Health::Degraded, "nobody new was asked yet");
    watch.after(0, 1, "up");
    assert_eq!(watch.health("a"), Health::Up);
}

#[test]
fn a_name_that_leads_nowhere_is_one_instance_until_it_leads_somewhere() {
    let mut watch = watch();
    watch.after(0, 0, "up");
    let unknown = Failure::new(Reach::NameUnknown, "the name pay.test is unknown");
    let sample = Sample {
        probe: 1,
        health: PathResult {
            path: "/health".to_owned(),
            result: Err(unknown),
        },
        more: Vec::new(),
    };
    watch.store.ingest(sample, moment(0));
    let service = watch.service();
    assert_eq!(
        (service.health, service.reach),
        (Health::Degraded, Reach::NameUnknown)
    );
    watch.seat(&[(1, "10.0.0.5"), (2, "10.0.0.6")]);
    watch.after(1000, 1, "up");
    watch.after(0, 2, "up");
    let service = watch.service();
    assert_eq!(
        (service.health, service.instances_up()),
        (Health::Up, (3, 3))
    );
}
