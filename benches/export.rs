//! Exporting a design of 1,000 services to every target, and planning it over a folder
//! that has it already.
//!
//! Prints CPU milliseconds of this process, medians over rounds, target by target; of the
//! plan, which uses every core, also those until it is there.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has no figures"
)]

use std::{hint::black_box, ops::ControlFlow, sync::Arc, time::Instant};

use cpu_time::ProcessTime;
use meshboard::{
    export::{self, export_all, export_one},
    model::{
        Boundary, BoundaryId, Breaker, Dependency, Model, Port, Retries, Route, RouteId, Service,
        ServiceId, ServiceKind,
    },
    write::{Wanted, apply, plan},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 9;
const SERVICES: usize = 1_000;
const TECHNOLOGIES: [&str; 5] = ["fastapi", "express", "go", "spring-boot", "axum"];

fn median_ms(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = ProcessTime::now();
            work();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

fn design() -> Model {
    let mut random = fastrand::Rng::with_seed(1);
    let id = |number: usize| ServiceId::from_display_name(&format!("service-{number}"), "service");
    let mut model = Model {
        name: "Thousand".to_owned(),
        ..Model::default()
    };
    for number in 0..SERVICES {
        let boundary = BoundaryId::from_display_name(&format!("context-{}", number / 25), "x");
        model
            .boundaries
            .insert(boundary.clone(), Arc::new(Boundary::default()));
        let service = Service {
            boundary: Some(boundary),
            technology: TECHNOLOGIES[number % TECHNOLOGIES.len()].to_owned(),
            ports: vec![Port {
                number: 8000,
                ..Port::default()
            }],
            ..Service::default()
        };
        model.services.insert(id(number), Arc::new(service));
    }
    let gateway = ServiceId::from_display_name("gateway", "gateway");
    model.services.insert(
        gateway.clone(),
        Arc::new(Service::of_kind(ServiceKind::Gateway)),
    );
    for _ in 0..2 * SERVICES {
        let (from, to) = (id(random.usize(..SERVICES)), id(random.usize(..SERVICES)));
        let name = model.free_dependency_id(&from, &to);
        let mut dependency = Dependency::new(from, to);
        dependency.timeout_ms = Some(500);
        dependency.breaker = Some(Breaker::recommended());
        dependency.retries = Some(Retries {
            count: 2,
            ..Retries::default()
        });
        model.dependencies.insert(name, Arc::new(dependency));
    }
    for number in 0..SERVICES / 5 {
        let route = Route::new(gateway.clone(), format!("/part-{number}"), id(number));
        let name = RouteId::from_display_name(&format!("route-{number}"), "route");
        model.routes.insert(name, Arc::new(route));
    }
    model
}

fn main() {
    let model = design();
    for target in export::ALL {
        let ms = median_ms(|| {
            black_box(export_one(target, &model).unwrap());
        });
        println!("{:<16} {ms:>8.1} ms", target.id);
    }
    let ms = median_ms(|| {
        black_box(export_all(&model, &[]).unwrap());
    });
    let bundle = export_all(&model, &[]).unwrap();
    println!("{:<16} {ms:>8.1} ms, {} files", "all", bundle.files.len());
    let folder = tempfile::tempdir().unwrap();
    let go_on = |_, _| ControlFlow::Continue(());
    let first = plan(Wanted::from(&bundle), folder.path(), &go_on).unwrap();
    let chosen = first
        .changes
        .iter()
        .map(|it| (it.path.clone(), meshboard::write::Choice::New))
        .collect();
    apply(&first, &chosen, &go_on).unwrap();
    let mut elapsed = Vec::new();
    let ms = median_ms(|| {
        let start = Instant::now();
        black_box(plan(Wanted::from(&bundle), folder.path(), &go_on).unwrap());
        elapsed.push(start.elapsed().as_secs_f64() * 1000.0);
    });
    elapsed.sort_by(f64::total_cmp);
    let waited = elapsed[elapsed.len() / 2];
    println!(
        "{:<16} {ms:>8.1} ms, {waited:.1} ms to wait",
        "unchanged plan"
    );
}
