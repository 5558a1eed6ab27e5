//! A window without a screen.

use std::{
    ops::{Deref, DerefMut},
    path::Path,
};

use egui::{accesskit::Role, vec2};
use egui_kittest::{Harness, kittest::Queryable as _};
use tokio::runtime::Runtime;

use crate::{
    model::{ElementId, ServiceId, testing::model},
    project::{Position, Project},
    ui::{App, Start, command::Command},
};

/// A window, and the runtime its jobs run on.
pub(super) struct Window {
    harness: Harness<'static, App>,
    _runtime: Runtime,
}

impl Deref for Window {
    type Target = Harness<'static, App>;

    fn deref(&self) -> &Self::Target {
        &self.harness
    }
}

impl DerefMut for Window {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.harness
    }
}

impl Window {
    /// Opens as asked for.
    pub(super) fn open(start: Start) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let handle = runtime.handle().clone();
        let harness = Harness::builder()
            .with_size(vec2(1280.0, 1600.0))
            // The canvas glides to what it shows.
            .with_max_steps(60)
            .build_eframe(|cc| App::new(cc, start, handle));
        let mut window = Self {
            harness,
            _runtime: runtime,
        };
        window.settle();
        window
    }

    /// Opens on a design in the tests' notation.
    pub(super) fn on(text: &str) -> Self {
        Self::open(Start {
            project: Some(project(text)),
            ..Start::default()
        })
    }

    /// Opens a project file.
    pub(super) fn on_file(path: &Path) -> Self {
        Self::open(Start {
            file: Some(path.to_owned()),
            ..Start::default()
        })
    }

    /// Waits until every job has ended and the window is at rest.
    pub(super) fn settle(&mut self) {
        self.harness.run();
        let ctx = self.harness.ctx.clone();
        self.harness.state_mut().finish_jobs(&ctx);
        self.harness.run();
    }

    /// Asks for something and waits until it is done.
    pub(super) fn ask(&mut self, command: Command) {
        self.harness.state_mut().ask(command);
        self.settle();
    }

    pub(super) fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.settle();
    }

    /// Replaces what a field says, letter by letter, and leaves it.
    pub(super) fn type_into(&mut self, label: &str, text: &str) {
        let role = match self.harness.query_by_role_and_label(Role::TextInput, label) {
            Some(_) => Role::TextInput,
            None => Role::MultilineTextInput,
        };
        self.harness.get_by_role_and_label(role, label).focus();
        self.harness.run();
        self.harness
            .key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.run();
        self.harness.key_press(egui::Key::Delete);
        self.harness.run();
        for letter in text.chars() {
            let node = self.harness.get_by_role_and_label(role, label);
            node.type_text(&letter.to_string());
            self.harness.run();
        }
        self.harness.key_press(egui::Key::Tab);
        self.settle();
    }

    pub(super) fn project(&self) -> &Project {
        self.harness.state().state().document.project()
    }
}

/// A project in the tests' notation, its services side by side.
pub(super) fn project(text: &str) -> Project {
    let mut project = Project {
        model: model(text),
        ..Project::default()
    };
    let ids: Vec<_> = project.model.services.keys().cloned().collect();
    for (index, id) in (0..).zip(ids) {
        project
            .view
            .positions
            .insert(id, Position::new(220 * index, 0));
    }
    project
}

pub(super) fn service(id: &str) -> ElementId {
    ElementId::Service(ServiceId::new(id).unwrap())
}
