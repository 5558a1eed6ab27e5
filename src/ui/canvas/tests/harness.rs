//! A window with nothing but the canvas, which does what the canvas asks for.

use egui::{Modifiers, Pos2, Vec2, vec2};
use egui_kittest::{Harness, kittest::Queryable};

use crate::{
    edit::{Document, Edit},
    model::{BoundaryId, ElementId, Model, ServiceId, testing::model},
    project::{Position, Project},
    ui::{
        canvas::Canvas,
        command::{Action, Command, Commands},
        state::State,
        theme,
    },
};

/// The canvas, what it shows, and what it asked for.
pub(super) struct Window {
    pub(super) canvas: Canvas,
    pub(super) state: State,
    pub(super) told: Vec<String>,
    pub(super) acted: Vec<Action>,
    pub(super) frames: u32,
    commands: Commands,
}

impl Window {
    fn frame(&mut self, ui: &mut egui::Ui) {
        self.frames += 1;
        for command in self.commands.take() {
            match command {
                Command::Edit(edit) => self.state.document.apply(edit).expect("a valid edit"),
                Command::Select(selection) => self.state.selection = selection,
                Command::Do(action) => self.acted.push(action),
                Command::Tell(text) => self.told.push(text),
                _ => {}
            }
        }
        self.canvas.ui(ui, &self.state, &mut self.commands);
    }

    pub(super) fn project(&self) -> &Project {
        self.state.document.project()
    }

    pub(super) fn position(&self, id: &str) -> Position {
        self.project().view.positions[&service(id)]
    }

    pub(super) fn boundary(&self, id: &str) -> Option<&str> {
        let boundary = self.project().model.boundary_of(&service(id));
        boundary.map(BoundaryId::as_str)
    }

    pub(super) fn selected(&self) -> Vec<&str> {
        self.state.selection.iter().map(ElementId::as_str).collect()
    }
}

pub(super) fn service(id: &str) -> ServiceId {
    ServiceId::new(id).expect("an id")
}

/// Two boundaries and a service outside, far enough apart to point at each:
/// `shop(cart, orders)` on the left, `money(payments)` on the right, `bank` below.
pub(super) fn shop() -> Project {
    project(
        model("shop(cart, orders); money(payments); (bank); orders -> payments{timeout=1000}"),
        &[
            ("cart", -300, -100),
            ("orders", -300, 40),
            ("payments", 200, 40),
            ("bank", 200, 220),
        ],
    )
}

pub(super) fn project(model: Model, positions: &[(&str, i32, i32)]) -> Project {
    let mut project = Project {
        model,
        ..Project::default()
    };
    for (id, x, y) in positions {
        let position = Position::new(*x, *y);
        project.view.positions.insert(service(id), position);
    }
    project
}

/// A window of 1000 × 700 with the canvas point (0, 0) in its middle, not zoomed.
pub(super) fn window(project: Project) -> Harness<'static, Window> {
    let mut canvas = Canvas::default();
    canvas.set_camera(crate::project::Camera {
        center: Position::new(0, 0),
        zoom_percent: 100,
    });
    let window = Window {
        canvas,
        state: State::new(Document::new(project)),
        told: Vec::new(),
        acted: Vec::new(),
        frames: 0,
        commands: Commands::default(),
    };
    let mut has_fonts = false;
    let mut harness = Harness::builder()
        .with_size(vec2(1000.0, 700.0))
        .with_pixels_per_point(1.0)
        // As fast as a screen, so that two clicks are a double click.
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(60)
        .build_ui_state(
            move |ui, window: &mut Window| {
                if !has_fonts {
                    theme::install_fonts(ui.ctx());
                    theme::choose(ui.ctx(), theme::Appearance::Dark);
                    has_fonts = true;
                    return;
                }
                window.frame(ui);
            },
            window,
        );
    harness.run();
    harness
}

/// Where a canvas point is in the window.
pub(super) fn at(harness: &Harness<'_, Window>, x: f32, y: f32) -> Pos2 {
    harness.state().canvas.view.to_screen(Pos2::new(x, y))
}

/// Drags from one canvas point to another, in steps as a hand would.
pub(super) fn drag(harness: &mut Harness<'_, Window>, from: (f32, f32), to: (f32, f32)) {
    let start = at(harness, from.0, from.1);
    let way: Vec2 = at(harness, to.0, to.1) - start;
    harness.hover_at(start);
    harness.step();
    harness.drag_at(start);
    harness.step();
    for step in 1..=4_u8 {
        harness.hover_at(start + way * f32::from(step) / 4.0);
        harness.step();
    }
    harness.drop_at(start + way);
    harness.run();
}

/// Clicks a canvas point with these keys held.
pub(super) fn click(harness: &mut Harness<'_, Window>, x: f32, y: f32, modifiers: Modifiers) {
    let pos = at(harness, x, y);
    harness.hover_at(pos);
    harness.step();
    for pressed in [true, false] {
        harness.event_modifiers(
            egui::Event::PointerButton {
                pos,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers,
            },
            modifiers,
        );
        harness.step();
    }
    harness.run();
}

/// Does an edit as another part of the window would.
pub(super) fn apply(harness: &mut Harness<'_, Window>, edit: Edit) {
    harness
        .state_mut()
        .state
        .document
        .apply(edit)
        .expect("a valid edit");
    harness.run();
}

/// Types a name into the field that is open, and keeps it.
pub(super) fn type_name(harness: &mut Harness<'_, Window>, name: &str) {
    harness.get_by_label("Name").type_text(name);
    harness.step();
    harness.key_press(egui::Key::Enter);
    harness.run();
}
