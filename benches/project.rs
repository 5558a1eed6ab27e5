//! Opening, saving and editing a project of 10,000 services and 20,000 dependencies.
//!
//! Prints CPU milliseconds of this thread, medians over rounds, beside what
//! `serde_json` alone needs for the same text as untyped values.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{hint::black_box, sync::Arc};

use cpu_time::ThreadTime;
use meshboard::{
    edit::{Document, Edit},
    model::{
        Boundary, BoundaryId, Breaker, Dependency, DependencyId, Model, Port, Retries, Service,
        ServiceId,
    },
    project::{Position, Project, parse, to_json},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 15;

fn median_ms(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = ThreadTime::now();
            work();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

fn project(services: usize) -> Project {
    let mut random = fastrand::Rng::with_seed(1);
    let id = |number: usize| ServiceId::from_display_name(&format!("service-{number}"), "service");
    let mut model = Model::default();
    for number in 0..services / 25 {
        let boundary = BoundaryId::from_display_name(&format!("context-{number}"), "context");
        model
            .boundaries
            .insert(boundary, Arc::new(Boundary::default()));
    }
    let mut project = Project::default();
    for number in 0..services {
        let context = format!("context-{}", number / 25 % (services / 25).max(1));
        let service = Service {
            name: format!("Service {number}"),
            boundary: Some(BoundaryId::from_display_name(&context, "context")),
            technology: "fastapi".to_owned(),
            description: "Takes orders and passes them on".to_owned(),
            ports: vec![Port {
                number: 8000,
                ..Port::default()
            }],
            replicas: Some(2),
            ..Service::default()
        };
        model.services.insert(id(number), Arc::new(service));
        let position = Position::new(random.i32(0..50_000), random.i32(0..30_000));
        project.view.positions.insert(id(number), position);
    }
    for number in 0..services * 2 {
        let (from, to) = (random.usize(0..services), random.usize(0..services));
        let dependency = Dependency {
            timeout_ms: Some(500),
            retries: Some(Retries {
                count: 2,
                backoff_ms: Some(100),
                ..Retries::default()
            }),
            breaker: Some(Breaker::recommended()),
            ..Dependency::new(id(from), id(to))
        };
        let dependency_id =
            DependencyId::from_display_name(&format!("dependency-{number}"), "dependency");
        model
            .dependencies
            .insert(dependency_id, Arc::new(dependency));
    }
    project.model = model;
    project
}

fn main() {
    let project = project(10_000);
    let text = to_json(&project);
    println!(
        "10,000 services, 20,000 dependencies, {:.1} MB, CPU ms, median of {ROUNDS}",
        text.len() as f64 / 1e6
    );
    let values = median_ms(|| {
        black_box(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    });
    println!("serde_json, untyped read   {values:8.1}");
    let open = median_ms(|| {
        black_box(parse(text.as_bytes()).is_ok());
    });
    println!("open                       {open:8.1}");
    let save = median_ms(|| {
        black_box(to_json(&project).len());
    });
    println!("save                       {save:8.1}");
    let mut document = Document::new(project);
    let mut number = 0;
    let edit = median_ms(|| {
        number += 1;
        let id = ServiceId::from_display_name(&format!("service-{number}"), "service");
        let moved = Edit::Move(vec![(id, Position::new(number, number))]);
        black_box(document.apply(moved).is_ok());
    });
    println!("move one service           {edit:8.3}");
    let change = median_ms(|| {
        number += 1;
        let id = ServiceId::from_display_name(&format!("service-{number}"), "service");
        let service = Service {
            name: "Renamed".to_owned(),
            ..Service::default()
        };
        let changed = Edit::ChangeService(id, Box::new(service), "name");
        black_box(document.apply(changed).is_ok());
    });
    println!("change one service         {change:8.3}");
    let undo = median_ms(|| {
        black_box(document.undo());
    });
    println!("undo                       {undo:8.3}");
}
