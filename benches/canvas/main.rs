//! What a frame of the canvas costs: processor time of this thread for running the
//! interface and tessellating what it drew, without a graphics card.
//!
//! `cargo bench --bench canvas` prints medians and worst frames in milliseconds.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::expect_used, reason = "a benchmark may stop")]
#![expect(
    clippy::cast_possible_wrap,
    reason = "steps and places of a benchmark are small"
)]

mod design;

use std::sync::Arc;

use cpu_time::ThreadTime;
use egui::{Context, Event, Pos2, RawInput, Rect, pos2, vec2};
use meshboard::{
    edit::{Document, Edit},
    model::{ElementId, ServiceId},
    monitor::Snapshot,
    project::{Camera, Position, Project},
    ui::{
        canvas::Canvas,
        command::Commands,
        state::{Mode, State},
        theme,
    },
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WINDOW: egui::Vec2 = vec2(1600.0, 900.0);
const FRAMES: u32 = 120;
const WARM_UP: u32 = 12;

/// A window without a window.
struct Bench {
    ctx: Context,
    canvas: Canvas,
    state: State,
    commands: Commands,
    frame: u32,
    vertices: usize,
}

impl Bench {
    fn new(project: Project) -> Self {
        let ctx = Context::default();
        theme::install_fonts(&ctx);
        theme::choose(&ctx, theme::Appearance::Dark);
        let mut bench = Self {
            ctx,
            canvas: Canvas::default(),
            state: State::new(Document::new(project)),
            commands: Commands::default(),
            frame: 0,
            vertices: 0,
        };
        for _ in 0..3 {
            bench.frame_ms();
        }
        bench
    }

    /// One frame with the pointer moving over the canvas.
    fn frame_ms(&mut self) -> (f64, f64) {
        self.frame += 1;
        let wobble = (self.frame % 7) as f32;
        let pointer: Pos2 = pos2(700.0 + wobble, 420.0);
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, WINDOW)),
            time: Some(f64::from(self.frame) / 60.0),
            events: vec![Event::PointerMoved(pointer)],
            ..RawInput::default()
        };
        let start = ThreadTime::now();
        let output = self.ctx.run_ui(input, |ui| {
            self.canvas.ui(ui, &self.state, &mut self.commands);
        });
        let run = start.elapsed().as_secs_f64() * 1000.0;
        let meshes = self.ctx.tessellate(output.shapes, 1.0);
        let spent = start.elapsed().as_secs_f64() * 1000.0;
        self.vertices = meshes
            .iter()
            .map(|it| match &it.primitive {
                egui::epaint::Primitive::Mesh(mesh) => mesh.vertices.len(),
                egui::epaint::Primitive::Callback(_) => 0,
            })
            .sum();
        drop(self.commands.take());
        (run, spent)
    }

    /// Frames before each of which something happens.
    fn run(&mut self, name: &str, mut happens: impl FnMut(&mut Self, u32)) {
        let (mut spent, mut runs) = (Vec::new(), Vec::new());
        for step in 0..WARM_UP + FRAMES {
            happens(self, step);
            let (run, frame) = self.frame_ms();
            if step >= WARM_UP {
                spent.push(frame);
                runs.push(run);
            }
        }
        spent.sort_by(f64::total_cmp);
        runs.sort_by(f64::total_cmp);
        let run = runs[runs.len() / 2];
        let (median, worst) = (spent[spent.len() / 2], spent[spent.len() - 1]);
        println!(
            "{name:<44} {median:>8.2} {worst:>8.2} {run:>8.2} {:>9}",
            self.vertices
        );
    }

    fn look(&mut self, x: i32, y: i32, zoom_percent: u32) {
        self.canvas.set_camera(Camera {
            center: Position::new(x, y),
            zoom_percent,
        });
    }
}

fn main() {
    println!(
        "{:<44} {:>8} {:>8} {:>8} {:>9}",
        "frame, ms of processor time", "median", "worst", "run only", "vertices"
    );
    for count in [100, 1000, 10_000] {
        views(count);
    }
    live(10_000);
    edits(10_000);
}

fn views(count: usize) {
    let start = ThreadTime::now();
    let mut bench = Bench::new(design::design(count));
    let built = start.elapsed().as_secs_f64() * 1000.0;
    println!("{count} services: {built:.0} ms until the third frame");
    let fitted = bench.canvas.camera();
    let (x, y) = (fitted.center.x, fitted.center.y);
    let fit = fitted.zoom_percent;
    bench.run(&format!("{count}: whole, nothing changes"), |_, _| {});
    bench.run(&format!("{count}: whole, panning"), |it, step| {
        let by = (step % 40) as i32 * 100 / fit as i32;
        it.look(x + by, y, fit);
    });
    bench.run(&format!("{count}: about 100 cards, panning"), |it, step| {
        it.look(x + step as i32 * 9, y + step as i32 * 3, 60);
    });
    bench.run(&format!("{count}: 56–100 %, zooming"), |it, step| {
        let wave = step % 88;
        it.look(x, y, 56 + wave.min(88 - wave));
    });
    bench.run(&format!("{count}: 35 %, panning"), |it, step| {
        it.look(x + step as i32 * 9, y, 35);
    });
    bench.ctx.enable_accesskit();
    bench.run(
        &format!("{count}: about 100 cards, screen reader"),
        |it, step| {
            it.look(x + step as i32 * 9, y + step as i32 * 3, 60);
        },
    );
}

/// Every service changes its state before every frame, or, as the poller has it, four times
/// a second.
fn live(count: usize) {
    let mut bench = Bench::new(design::design(count));
    let project = Arc::clone(bench.state.document.project());
    let snapshots: Vec<Arc<Snapshot>> = (0..4)
        .map(|turn| Arc::new(design::snapshot(&project, turn)))
        .collect();
    let fitted = bench.canvas.camera();
    bench.state.mode = Mode::Live;
    bench.run(&format!("{count} live: whole, all change"), |it, step| {
        it.state.snapshot = Some(Arc::clone(&snapshots[step as usize % 4]));
        let by = (step % 40) as i32 * 10;
        it.look(fitted.center.x + by, fitted.center.y, fitted.zoom_percent);
    });
    bench.run(&format!("{count} live: whole, as polled"), |it, step| {
        it.state.snapshot = Some(Arc::clone(&snapshots[step as usize / 15 % 4]));
        let by = (step % 40) as i32 * 10;
        it.look(fitted.center.x + by, fitted.center.y, fitted.zoom_percent);
    });
    bench.run(
        &format!("{count} live: about 100 cards, all change"),
        |it, step| {
            it.state.snapshot = Some(Arc::clone(&snapshots[step as usize % 4]));
            it.look(fitted.center.x + step as i32 * 9, fitted.center.y, 60);
        },
    );
}

/// One edit before every frame: what the canvas takes to follow.
fn edits(count: usize) {
    let mut bench = Bench::new(design::design(count));
    let ids: Vec<ServiceId> = bench
        .state
        .document
        .project()
        .model
        .services
        .keys()
        .cloned()
        .collect();
    let fitted = bench.canvas.camera();
    bench.look(fitted.center.x, fitted.center.y, 60);
    bench.run(&format!("{count}: one card moved"), |it, step| {
        let id = ids[step as usize * 7].clone();
        let at = it.state.document.project().view.positions[&id];
        let moved = Edit::Move(vec![(id, Position::new(at.x + 4, at.y))]);
        it.state.document.apply(moved).expect("it exists");
    });
    bench.run(&format!("{count}: one card deleted"), |it, step| {
        let id = ElementId::Service(ids[step as usize * 7 + 1].clone());
        let gone = Edit::Remove([id].into());
        it.state.document.apply(gone).expect("it exists");
    });
}
