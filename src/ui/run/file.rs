//! Saving, and leaving a project with unsaved work.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use egui::{Context, ViewportCommand};

use super::Departure;
use crate::{
    project::{self, DiskState, FILE_SUFFIX, Project, SaveError},
    ui::{
        App,
        action::Action,
        command::{Command, Purpose},
        dialogs::{Conflict, Dialog},
    },
};

/// A file dialog that is gone sooner than anybody could close it was never there:
/// the desktop has none.
const FASTEST_ANSWER: Duration = Duration::from_millis(250);

impl App {
    pub(super) fn act_on_file(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::New => self.state.dialog = Some(Dialog::New),
            Action::Open => self.pick(Purpose::Open),
            Action::Import => self.pick(Purpose::Import),
            Action::Reload => self.leave_for(ctx, Departure::Reload),
            Action::Save => match self.state.path.clone() {
                Some(path) => self.save_to(path),
                None => self.pick(Purpose::Save),
            },
            Action::SaveAs => self.pick(Purpose::Save),
            Action::Quit => self.leave_for(ctx, Departure::Quit),
            _ => {}
        }
    }

    /// Asks the desktop for a path; the dialog is made here, on the window's thread,
    /// and awaited in a job.
    pub(super) fn pick(&mut self, purpose: Purpose) {
        if !self.dialogs.uses_desktop {
            self.state.dialog = Some(Dialog::Path(purpose));
            return;
        }
        let dialog = rfd::AsyncFileDialog::new().set_title(purpose.title());
        let dialog = match self.state.path.as_ref().and_then(|it| it.parent()) {
            Some(folder) if !folder.as_os_str().is_empty() => dialog.set_directory(folder),
            Some(_) | None => dialog,
        };
        let name = format!("{}{FILE_SUFFIX}", self.state.file_stem().to_lowercase());
        let asked = Instant::now();
        self.tasks.spawn(async move {
            let picked = match purpose {
                Purpose::Open => {
                    let dialog = dialog.add_filter("Meshboard project", &["json"]);
                    dialog.pick_file().await
                }
                Purpose::Import => dialog.pick_file().await,
                Purpose::Save => dialog.set_file_name(name).save_file().await,
                Purpose::ExportFolder => dialog.pick_folder().await,
            };
            let path = picked.map(|it| it.path().to_owned());
            Command::Picked(purpose, path, asked.elapsed())
        });
    }

    pub(super) fn picked(&mut self, purpose: Purpose, path: Option<PathBuf>, after: Duration) {
        match path {
            Some(path) => {
                if matches!(self.state.dialog, Some(Dialog::Path(_))) {
                    self.state.dialog = None;
                }
                self.use_path(purpose, path);
            }
            None if after < FASTEST_ANSWER => {
                // From now on the path is typed.
                self.dialogs.uses_desktop = false;
                self.state.dialog = Some(Dialog::Path(purpose));
            }
            None => {}
        }
    }

    fn use_path(&mut self, purpose: Purpose, path: PathBuf) {
        match purpose {
            Purpose::Open => self.commands.push(Command::OpenPath(path)),
            Purpose::Import => self.commands.push(Command::ImportPaths(vec![path])),
            Purpose::Save => self.save_to(with_suffix(path)),
            Purpose::ExportFolder => self.export_to(path),
        }
    }

    /// Writes the project in the background.
    pub(super) fn save_to(&mut self, path: PathBuf) {
        let expected = self
            .state
            .disk_state
            .filter(|_| self.state.path.as_ref() == Some(&path));
        self.write_project(path, expected);
    }

    /// Writes it over whatever is on disk now.
    pub(super) fn save_anyway(&mut self) {
        self.state.dialog = None;
        if let Some(path) = self.state.path.clone() {
            self.write_project(path, None);
        }
    }

    fn write_project(&mut self, path: PathBuf, expected: Option<DiskState>) {
        let document = Arc::clone(self.state.document.project());
        let to_save = self.state.document.to_save(Some(self.canvas.camera()));
        self.tasks.spawn_blocking(move || {
            let result = project::save(&to_save, &path, expected);
            Command::Saved(path, document, result)
        });
    }

    pub(super) fn saved(
        &mut self,
        ctx: &Context,
        path: PathBuf,
        project: Arc<Project>,
        result: Result<DiskState, SaveError>,
    ) {
        match result {
            Ok(disk_state) => {
                self.desk.autosave.forget(self.state.path.as_deref());
                self.state.document.mark_saved(project);
                self.state.disk_state = Some(disk_state);
                self.state.settings.remember_file(&path);
                self.state.path = Some(path);
                self.watch_disk();
                if self.desk.departure.is_some() {
                    self.go_on(ctx);
                }
            }
            Err(SaveError::ChangedOnDisk { path }) => {
                self.desk.departure = None;
                self.read_theirs(path);
            }
            Err(error @ SaveError::NotWritten { .. }) => {
                self.desk.departure = None;
                self.notify(error.to_string(), true);
            }
        }
    }

    /// Looks every few seconds whether somebody else changes the file.
    pub(super) fn watch_disk(&mut self) {
        self.desk.disk_watch = None;
        let (Some(path), Some(known)) = (self.state.path.clone(), self.state.disk_state) else {
            return;
        };
        let reports = self.tasks.reports();
        self.desk.disk_watch = Some(self.tasks.spawn_job(async move {
            if let Some(state) = changed(&path, known).await {
                reports.send(Command::DiskChanged(path, state));
            }
        }));
    }

    pub(super) fn disk_changed(&mut self, path: PathBuf, disk_state: DiskState) {
        let is_news =
            self.state.path.as_ref() == Some(&path) && self.state.disk_state != Some(disk_state);
        if is_news {
            self.read_theirs(path);
        }
    }

    /// Reads what somebody else wrote, to ask what to do about it.
    fn read_theirs(&mut self, path: PathBuf) {
        self.tasks.spawn_blocking(move || {
            let result = project::open(&path).map(Box::new);
            Command::TheirsRead(path, result)
        });
    }

    pub(super) fn theirs_read(
        &mut self,
        path: PathBuf,
        result: Result<Box<project::Opened>, project::OpenError>,
    ) {
        if self.state.path.as_ref() != Some(&path) {
            return;
        }
        let (theirs, problem) = match result {
            Ok(opened) => (Some(opened), None),
            Err(error) => (None, Some(error.to_string())),
        };
        self.ask_in(Dialog::ChangedOnDisk(Conflict {
            path,
            theirs,
            problem,
        }));
    }

    /// The next save writes over what somebody else wrote.
    pub(super) fn keep_mine(&mut self) {
        if let Some(Dialog::ChangedOnDisk(conflict)) = self.state.dialog.take() {
            self.state.disk_state = conflict.theirs.map(|it| it.disk_state);
            self.state.document.mark_saved(Arc::default());
            self.watch_disk();
        }
    }

    /// Goes on if nothing is lost by it, or asks.
    pub(super) fn leave_for(&mut self, ctx: &Context, departure: Departure) {
        self.desk.departure = Some(departure);
        if self.state.has_design && self.state.document.is_unsaved() {
            self.state.dialog = Some(Dialog::Unsaved);
        } else {
            self.go_on(ctx);
        }
    }

    pub(super) fn save_and_go_on(&mut self) {
        self.state.dialog = None;
        match self.state.path.clone() {
            Some(path) => self.save_to(path),
            None => self.pick(Purpose::Save),
        }
    }

    /// Does what waited for an answer about unsaved work.
    pub(super) fn go_on(&mut self, ctx: &Context) {
        self.state.dialog = None;
        match self.desk.departure.take() {
            None => {}
            Some(Departure::Quit) => {
                self.desk.autosave.forget(self.state.path.as_deref());
                self.desk.may_close = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            Some(Departure::Open(path)) => self.read(path),
            Some(Departure::Import(paths)) => self.import(paths),
            Some(Departure::Template(name)) => self.use_template(name),
            Some(Departure::Reload) => {
                if let Some(path) = self.state.path.clone() {
                    self.read(path);
                }
            }
        }
    }
}

fn with_suffix(path: PathBuf) -> PathBuf {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if Path::new(&name).extension().is_some() {
        return path;
    }
    path.with_file_name(format!("{name}{FILE_SUFFIX}"))
}

/// Waits until the file is another than it was.
async fn changed(path: &Path, known: DiskState) -> Option<DiskState> {
    const EVERY: Duration = Duration::from_secs(2);
    let stamp = |path: PathBuf| async move {
        let time = tokio::task::spawn_blocking(move || DiskState::time_of_file(&path)).await;
        time.ok().flatten()
    };
    let mut last = None;
    loop {
        tokio::time::sleep(EVERY).await;
        let now = stamp(path.to_owned()).await;
        if now.is_none() || now == last {
            continue;
        }
        last = now;
        let file = path.to_owned();
        let state = tokio::task::spawn_blocking(move || DiskState::of_file(&file)).await;
        if let Ok(Ok(Some(state))) = state
            && state != known
        {
            return Some(state);
        }
    }
}
