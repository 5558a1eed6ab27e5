//! Opening, importing and starting projects.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::Departure;
use crate::{
    edit::Document,
    project::{self, DiskState, OpenError, Opened, Project},
    ui::{App, command::Command, dialogs::Dialog, state::Mode, templates},
};

impl App {
    /// A project is opened, anything else is imported.
    pub(super) fn open_path(&mut self, path: PathBuf) {
        let departure = if is_project(&path) {
            Departure::Open(path)
        } else {
            Departure::Import(vec![path])
        };
        let ctx = self.tasks.context();
        self.leave_for(&ctx, departure);
    }

    pub(super) fn read(&mut self, path: PathBuf) {
        self.state.busy = Some(format!("Opening {}", path.display()));
        self.tasks.spawn_blocking(move || {
            let result = project::open(&path).map(Box::new);
            Command::Opened(path, result)
        });
    }

    pub(super) fn opened(&mut self, path: PathBuf, result: Result<Box<Opened>, OpenError>) {
        self.state.busy = None;
        match result {
            Ok(opened) => {
                self.state.settings.remember_file(&path);
                self.adopt(opened.project, Some(path), Some(opened.disk_state));
            }
            Err(error) => {
                self.state.settings.recent.retain(|it| *it != path);
                self.notify(error.to_string(), true);
            }
        }
    }

    pub(super) fn import(&mut self, paths: Vec<PathBuf>) {
        self.state.busy = Some("Importing".to_owned());
        self.tasks
            .spawn_blocking(move || Command::Imported(templates::import(&paths)));
    }

    pub(super) fn imported(&mut self, result: Result<(Box<Project>, Vec<String>), String>) {
        self.state.busy = None;
        match result {
            Ok((project, notes)) => {
                let services = project.model.services.len();
                self.adopt(*project, None, None);
                self.state.document =
                    Document::unsaved(Project::clone(self.state.document.project()));
                let mut told = format!("Imported {services} services.");
                for note in notes {
                    told.push('\n');
                    told.push_str(&note);
                }
                self.notify(told, false);
            }
            Err(error) => self.notify(error, true),
        }
    }

    pub(super) fn use_template(&mut self, name: &'static str) {
        match templates::project(name) {
            Ok(project) => {
                let is_blank = project.model.services.is_empty();
                self.adopt(project, None, None);
                if !is_blank {
                    let project = Project::clone(self.state.document.project());
                    self.state.document = Document::unsaved(project);
                }
            }
            Err(error) => self.notify(error, true),
        }
    }

    /// Shows another project in this window.
    pub(in crate::ui) fn adopt(
        &mut self,
        project: Project,
        path: Option<PathBuf>,
        disk_state: Option<DiskState>,
    ) {
        if self.state.has_design {
            self.desk.autosave.forget(self.state.path.as_deref());
        }
        self.stop_polling();
        let is_same_file = self.state.path.is_some() && self.state.path == path;
        let camera = project.view.camera;
        let state = &mut self.state;
        state.document = Document::new(project);
        state.path = path;
        state.disk_state = disk_state;
        state.has_design = true;
        state.dialog = None;
        state.judgement = Arc::default();
        state.exports = crate::ui::exports::Exports {
            folder: state.settings.export_folder(state.path.as_deref()),
            ..Default::default()
        };
        self.desk.judging = None;
        if is_same_file {
            self.forget_what_is_gone();
        } else {
            self.state.selection.clear();
            self.state.focus = None;
            self.state.snapshot = None;
            self.state.past.forget();
            self.state.mode = Mode::Design;
            let environments = &self.state.document.project().environments;
            self.state.environment = environments.keys().next().cloned();
            match camera {
                Some(camera) => self.canvas.set_camera(camera),
                None => self.canvas.forget_camera(),
            }
        }
        self.watch_disk();
    }

    pub(super) fn recover(&mut self, index: usize) {
        let Some(Dialog::Recovered(offers)) = &mut self.state.dialog else {
            return;
        };
        if index >= offers.len() {
            return;
        }
        let recovered = offers.remove(index);
        let rest = std::mem::take(offers);
        self.desk.autosave.discard(&recovered);
        let disk_state = recovered
            .original
            .as_deref()
            .and_then(|it| DiskState::of_file(it).ok().flatten());
        self.adopt(recovered.project.clone(), recovered.original, disk_state);
        self.state.document = Document::unsaved(recovered.project);
        if !rest.is_empty() {
            self.state.dialog = Some(Dialog::Recovered(rest));
        }
    }

    pub(super) fn drop_recovered(&mut self, index: usize) {
        if let Some(Dialog::Recovered(offers)) = &mut self.state.dialog {
            if index < offers.len() {
                self.desk.autosave.discard(&offers.remove(index));
            }
            if offers.is_empty() {
                self.state.dialog = None;
            }
        }
    }
}

fn is_project(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // By custom `.meshboard.json`, but a person may call a file as they like.
    name.to_lowercase().ends_with(".json")
}
