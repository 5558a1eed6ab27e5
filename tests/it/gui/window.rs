//! A window without a screen, as large as a new one, that is woken as a real one is.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use egui::{
    Event, Key, Modifiers, PointerButton, Pos2, Rect, Vec2, ViewportId, accesskit::Role, vec2,
};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use meshboard::{
    model::ElementId,
    project::Project,
    ui::{
        App, Start,
        command::{Command, Purpose},
        state::State,
    },
};
use tokio::runtime::Runtime;

/// More than anything takes that is waited for, even on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);

/// What jobs run on.
pub(super) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// The example that the demo runs.
pub(super) fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop/shop.meshboard.json")
}

/// A window, and the runtime its jobs run on.
pub(super) struct Window {
    harness: Harness<'static, App>,
    /// When frames are wanted, as they are asked for.
    woken: Receiver<Instant>,
    _runtime: Runtime,
}

impl Window {
    /// Opens as asked for.
    pub(super) fn open(start: Start) -> Self {
        Self::open_on(start, runtime())
    }

    /// Opens as asked for, its jobs on this runtime.
    pub(super) fn open_on(start: Start, runtime: Runtime) -> Self {
        let handle = runtime.handle().clone();
        let (wake, woken) = channel();
        let harness = Harness::builder()
            .with_size(vec2(1280.0, 800.0))
            // As fast as a screen, so that two clicks are a double click.
            .with_step_dt(1.0 / 60.0)
            .with_max_steps(120)
            .build_eframe(|cc| {
                cc.egui_ctx.set_request_repaint_callback(move |asked| {
                    if let Some(due) = Instant::now().checked_add(asked.delay) {
                        // Fails only once the window is gone.
                        wake.send(due).ok();
                    }
                });
                App::new(cc, start, handle)
            });
        let mut window = Self {
            harness,
            woken,
            _runtime: runtime,
        };
        window.settle();
        window
    }

    /// Opens a project file.
    pub(super) fn on_file(path: &Path) -> Self {
        Self::open(Start {
            file: Some(path.to_owned()),
            ..Start::default()
        })
    }

    /// What the window knows.
    pub(super) fn state(&self) -> &State {
        self.harness.state().state()
    }

    /// The design as it is now.
    pub(super) fn project(&self) -> &Project {
        self.state().document.project()
    }

    /// Waits until every job has ended and nothing moves any more.
    pub(super) fn settle(&mut self) {
        self.harness.run();
        let ctx = self.harness.ctx.clone();
        self.harness.state_mut().finish_jobs(&ctx);
        self.harness.run();
    }

    /// Frames until nothing asks for another one at once.
    pub(super) fn frames_until_rest(&mut self) -> u64 {
        self.harness.run()
    }

    /// When the last frame wants the next one; `Duration::MAX` is never.
    pub(super) fn next_frame_after(&self) -> Duration {
        self.harness.output().viewport_output[&ViewportId::ROOT].repaint_delay
    }

    /// Draws whenever the window is woken, until something is so.
    pub(super) fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let limit = Instant::now() + PATIENCE;
        loop {
            self.harness.step();
            if is_so(self) {
                return;
            }
            self.wait_for_frame(limit);
            let is_patient = Instant::now() < limit;
            assert!(is_patient, "never saw {what}, but {:#?}", self.names());
        }
    }

    /// Waits until a frame is due.
    fn wait_for_frame(&self, limit: Instant) {
        let mut due = limit;
        loop {
            let left = due.saturating_duration_since(Instant::now());
            match self.woken.recv_timeout(left) {
                Ok(asked) => due = due.min(asked),
                Err(_) => return,
            }
        }
    }

    /// From now on this desktop has no file dialogs, so paths are typed.
    pub(super) fn without_file_dialogs(&mut self) {
        let none = Command::Picked(Purpose::Open, None, Duration::ZERO);
        self.harness.state_mut().ask(none);
        self.settle();
        self.click("Cancel");
    }

    /// Every name in the window.
    pub(super) fn names(&self) -> Vec<String> {
        self.controls().into_iter().map(|it| it.1).collect()
    }

    /// Everything in the window: its role, its name, and where it is.
    pub(super) fn controls(&self) -> Vec<(Role, String, Option<Rect>)> {
        let nodes = self.harness.queryable_node().children_recursive();
        nodes
            .map(|node| {
                let inner = node.accesskit_node();
                // A label is what it says.
                let name = inner.label().or_else(|| inner.value()).unwrap_or_default();
                let place = inner.bounding_box().map(|_| node.rect());
                (inner.role(), name, place)
            })
            .collect()
    }

    /// Whether something is called so.
    pub(super) fn shows(&self, name: &str) -> bool {
        self.harness.query_all_by_label(name).next().is_some()
    }

    /// Whether something's name has this in it.
    pub(super) fn says(&self, words: &str) -> bool {
        self.names().iter().any(|it| it.contains(words))
    }

    /// The names with this end, without it.
    pub(super) fn names_ending(&self, end: &str) -> Vec<String> {
        let names = self.names();
        let those = names.iter().filter_map(|it| it.strip_suffix(end));
        those.map(ToOwned::to_owned).collect()
    }

    /// The name of what takes keys, and its role.
    pub(super) fn focused(&self) -> Option<(Role, String)> {
        let mut nodes = self.harness.queryable_node().children_recursive();
        let node = nodes.find(egui_kittest::Node::is_focused)?;
        let inner = node.accesskit_node();
        Some((inner.role(), inner.label().unwrap_or_default()))
    }

    /// Where something on the canvas is.
    pub(super) fn place(&self, role: Role, name: &str) -> Rect {
        self.harness.get_by_role_and_label(role, name).rect()
    }

    /// Where a service's card is.
    pub(super) fn card(&self, name: &str) -> Rect {
        self.place(Role::ListBoxOption, name)
    }

    /// Makes the window as large as this, in points.
    pub(super) fn resize(&mut self, size: Vec2) {
        self.harness.set_size(size);
        self.settle();
    }

    /// Selects exactly this, as the canvas does.
    pub(super) fn select(&mut self, element: ElementId) {
        let command = Command::Select([element].into());
        self.harness.state_mut().ask(command);
        self.settle();
    }

    /// Clicks in the middle of what is called so.
    pub(super) fn click(&mut self, name: &str) {
        self.harness.get_by_label(name).click();
        self.settle();
    }

    /// Clicks here, so many times in quick succession.
    pub(super) fn click_at(&mut self, pos: Pos2, times: usize) {
        self.harness.hover_at(pos);
        for _ in 0..times {
            for pressed in [true, false] {
                self.harness.event(Event::PointerButton {
                    pos,
                    button: PointerButton::Primary,
                    pressed,
                    modifiers: Modifiers::NONE,
                });
            }
        }
        self.settle();
    }

    /// Drags from here to there, in steps as a hand does.
    pub(super) fn drag(&mut self, from: Pos2, to: Pos2) {
        self.harness.hover_at(from);
        self.harness.drag_at(from);
        for step in 1..=4_u8 {
            self.harness
                .hover_at(from + (to - from) * f32::from(step) / 4.0);
        }
        self.harness.drop_at(to);
        self.settle();
    }

    /// Presses a key.
    pub(super) fn press(&mut self, key: Key) {
        self.harness.key_press(key);
        self.settle();
    }

    /// Presses a key while Ctrl is held.
    pub(super) fn press_ctrl(&mut self, key: Key) {
        self.harness.key_press_modifiers(Modifiers::COMMAND, key);
        self.settle();
    }

    /// Types into what takes keys, which must be called so.
    pub(super) fn type_into(&mut self, name: &str, text: &str) {
        let focused = self.focused();
        assert_eq!(focused.map(|it| it.1).as_deref(), Some(name));
        self.harness.event(Event::Text(text.to_owned()));
        self.settle();
    }
}
