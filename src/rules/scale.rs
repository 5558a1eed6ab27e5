//! Designs of ten thousand services, of the shapes that make a careless check slow.
//!
//! No time is asserted: a check that takes the square of the design would not come back.

use std::sync::Arc;

use super::{check, readiness};
use crate::model::{
    Access, Dependency, DependencyId, Model, Port, Retries, Route, RouteId, Service, ServiceId,
    ServiceKind,
};

const SERVICES: usize = 10_000;

fn id(number: usize) -> ServiceId {
    ServiceId::new(format!("s{number:05}")).unwrap()
}

fn services(describe: impl Fn(usize) -> Service) -> Model {
    let mut model = Model::default();
    for number in 0..SERVICES {
        model
            .services
            .insert(id(number), Arc::new(describe(number)));
    }
    model
}

fn connect(model: &mut Model, from: usize, to: usize) {
    let mut dependency = Dependency::new(id(from), id(to));
    dependency.timeout_ms = Some(100 + (from % 7) as u64);
    dependency.retries = (from.is_multiple_of(3)).then(|| Retries {
        count: 2,
        ..Retries::default()
    });
    let count = model.dependencies.len();
    let dependency_id = DependencyId::new(format!("d{count:05}")).unwrap();
    model
        .dependencies
        .insert(dependency_id, Arc::new(dependency));
}

fn bare(_: usize) -> Service {
    Service::default()
}

#[test]
fn a_layered_design_is_judged() {
    let mut model = services(|number| Service {
        replicas: Some(1),
        kind: if number < 100 {
            ServiceKind::Gateway
        } else {
            ServiceKind::Service
        },
        ..Service::default()
    });
    for from in 0..SERVICES - 200 {
        connect(&mut model, from, from + 100 + from % 17);
        connect(&mut model, from, from + 150);
    }
    assert!(!check(&model, "").is_empty());
    assert!(!readiness(&model)[4].missing.is_empty());
}

#[test]
fn a_chain_is_judged() {
    let mut model = services(bare);
    for from in 0..SERVICES - 1 {
        connect(&mut model, from, from + 1);
    }
    let found = check(&model, "");
    assert!(found.iter().any(|it| it.rule.code == "S12"));
    assert!(found.iter().all(|it| it.message.len() < 400));
}

#[test]
fn a_ring_is_judged() {
    let mut model = services(bare);
    for from in 0..SERVICES {
        connect(&mut model, from, (from + 1) % SERVICES);
        connect(&mut model, from, (from * 7 + 3) % SERVICES);
    }
    assert!(check(&model, "").iter().any(|it| it.rule.code == "S01"));
}

#[test]
fn a_store_of_all_is_judged() {
    let mut model = services(|number| Service {
        kind: if number == 0 {
            ServiceKind::Database
        } else {
            ServiceKind::Service
        },
        owner: format!("team-{}", number % 50),
        ports: vec![Port {
            number: 80,
            published: Some(8080),
            ..Port::default()
        }],
        ..Service::default()
    });
    for from in 1..SERVICES {
        connect(&mut model, from, 0);
    }
    let dependencies: Vec<_> = model.dependencies.keys().cloned().collect();
    for id in dependencies {
        Arc::make_mut(model.dependencies.get_mut(&id).unwrap()).access = Access::Write;
    }
    let codes: Vec<_> = check(&model, "").iter().map(|it| it.rule.code).collect();
    assert!(codes.contains(&"D01") && codes.contains(&"S18") && codes.contains(&"O08"));
}

#[test]
fn ten_thousand_routes_of_one_path_are_judged() {
    let mut model = services(|number| Service {
        kind: if number == 0 {
            ServiceKind::Gateway
        } else {
            ServiceKind::Service
        },
        ..Service::default()
    });
    for number in 1..SERVICES {
        let route = Route::new(id(0), "/same", id(number));
        let id = RouteId::new(format!("r{number:05}")).unwrap();
        model.routes.insert(id, Arc::new(route));
    }
    assert!(check(&model, "").iter().any(|it| it.rule.code == "G07"));
}
