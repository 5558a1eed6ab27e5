//! Measures the layout: CPU time and quality on generated designs of several sizes.
//!
//! `cargo bench --bench layout` prints a table; `-- picture NAME` writes a design as
//! SVG to standard output, where NAME is `shop`, `events`, `flat`, `sock` or a number
//! of generated services; `-- dot NUMBER` writes the graph for Graphviz.

mod designs;
mod figures;
mod picture;

use std::{
    io::{self, Write},
    sync::Arc,
};

use cpu_time::ProcessTime;
use imbl::OrdMap;
use meshboard::{
    layout::{Rect, Request, Router, arrange, card_at, place_missing},
    model::{Dependency, Model, Service, ServiceId},
    project::{Position, View},
};

const SIZES: [usize; 5] = [200, 1_000, 2_000, 5_000, 10_000];
/// Runs of each size, of which the median counts.
const RUNS: usize = 5;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("picture"), Some(name)) => {
            let model = design(&name);
            let positions = arrange(&model, &OrdMap::new(), &Request::default());
            out.write_all(picture::svg(&model, &positions)?.as_bytes())
        }
        (Some("dot"), Some(name)) => write_dot(&mut out, &design(&name)),
        _ => print_table(&mut out),
    }
}

fn design(name: &str) -> Model {
    match name.parse() {
        Ok(count) => designs::generated(count),
        Err(_) => designs::named(name).unwrap_or_default(),
    }
}

fn print_table(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "services  layout s  route s  drag ms  crossings/edge  edge px  forward  overlaps  \
         width × height  shift: placed, arranged"
    )?;
    let mut times = Vec::new();
    for count in SIZES {
        let model = designs::generated(count);
        let (seconds, positions) = median(|| arrange(&model, &OrdMap::new(), &Request::default()));
        let (cards, edges) = cards_and_edges(&model, &positions);
        let (route_seconds, router) = median(|| Router::new(cards.clone(), edges.clone()));
        let (drag_seconds, _) = median(|| drag(router.clone(), &cards));
        let (clone_seconds, _) = median(|| router.clone());
        let figures = figures::measure(&model, &positions);
        let (placed, arranged) = shifts(&model, &positions);
        writeln!(
            out,
            "{count:8}  {seconds:8.3}  {route_seconds:7.3}  {:7.3}  {:14.1}  {:7.0}  {:6.1}%  \
             {:8}  {:.0} × {:.0}  {placed:.0}, {arranged:.0}",
            (drag_seconds - clone_seconds) / 100.0 * 1000.0,
            figures.crossings_per_edge,
            figures.mean_edge,
            figures.forward * 100.0,
            figures.overlaps,
            figures.width,
            figures.height,
        )?;
        times.push((count as f64, seconds + route_seconds));
    }
    if let (Some(first), Some(last)) = (times.get(1), times.last()) {
        let growth = (last.1 / first.1).ln() / (last.0 / first.0).ln();
        writeln!(out, "growth exponent, 1,000 to 10,000: {growth:.2}")?;
    }
    Ok(())
}

/// Median CPU seconds of a few runs, and the last result.
fn median<T>(run: impl Fn() -> T) -> (f64, T) {
    let timed = || {
        let start = ProcessTime::now();
        let result = run();
        (start.elapsed().as_secs_f64(), result)
    };
    let mut seconds: Vec<f64> = (1..RUNS).map(|_| timed().0).collect();
    let (last, result) = timed();
    seconds.push(last);
    seconds.sort_by(f64::total_cmp);
    (seconds[RUNS / 2], result)
}

fn cards_and_edges(
    model: &Model,
    positions: &OrdMap<ServiceId, Position>,
) -> (Vec<Rect>, Vec<(usize, usize)>) {
    let ids: Vec<_> = positions.keys().collect();
    let number = |id| ids.binary_search(&id).ok();
    let dependencies = model.dependencies.values();
    let edges = dependencies.filter_map(|it| Some((number(&it.from)?, number(&it.to)?)));
    let cards = positions.values().map(|it| card_at(*it)).collect();
    (cards, edges.collect())
}

/// A hundred steps of dragging one card.
fn drag(mut router: Router, cards: &[Rect]) -> usize {
    let mut card = cards[cards.len() / 2];
    let mut edges = 0;
    for _ in 0..100 {
        card.min.x += 4.0;
        card.max.x += 4.0;
        edges += router.reroute(&[(cards.len() / 2, card)]).len();
    }
    edges
}

/// Mean shift of the others when one service is added: placed by itself, and when
/// everything is arranged again.
fn shifts(model: &Model, positions: &OrdMap<ServiceId, Position>) -> (f64, f64) {
    let mut model = model.clone();
    let new = ServiceId::from_display_name("added", "service");
    let neighbor = model.services.keys().nth(model.services.len() / 2).cloned();
    if let Some(neighbor) = neighbor {
        let boundary = model.boundary_of(&neighbor).cloned();
        let service = Service {
            boundary,
            ..Service::default()
        };
        model.services.insert(new.clone(), Arc::new(service));
        let id = model.free_dependency_id(&neighbor, &new);
        let dependency = Dependency::new(neighbor, new);
        model.dependencies.insert(id, Arc::new(dependency));
    }
    let mut placed = positions.clone();
    placed.extend(place_missing(&model, positions, &View::default()));
    let arranged = arrange(&model, &placed, &Request::default());
    (
        figures::mean_shift(positions, &placed),
        figures::mean_shift(positions, &arranged),
    )
}

fn write_dot(out: &mut impl Write, model: &Model) -> io::Result<()> {
    writeln!(
        out,
        "digraph {{ rankdir=LR; node [shape=box width=2.56 height=.78 fixedsize=true];"
    )?;
    for dependency in model.dependencies.values() {
        writeln!(out, "\"{}\" -> \"{}\";", dependency.from, dependency.to)?;
    }
    writeln!(out, "}}")
}
