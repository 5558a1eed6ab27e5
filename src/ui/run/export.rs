//! Files: planning what an export would do, and writing it.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

use crate::{
    ui::{
        App,
        command::{Command, Purpose},
        exports::{self, Choice, ExportPlan, FileFate, Written},
        state::Mode,
        widgets::words::counted,
    },
    write::Chosen,
};

/// Files between two reports of how far the writing is.
const REPORT_EVERY: usize = 16;

impl App {
    pub(super) fn ask_for_export_folder(&mut self) {
        self.pick(Purpose::ExportFolder);
    }

    pub(super) fn export_to(&mut self, folder: PathBuf) {
        let path = self.state.path.clone();
        let settings = &mut self.state.settings;
        settings.remember_export_folder(path.as_deref(), folder.clone());
        self.state.exports.folder = Some(folder);
        self.state.exports.plan = None;
        self.state.mode = Mode::Export;
        self.plan_export();
    }

    /// Works out what an export would do, in the background.
    pub(in crate::ui) fn plan_export(&mut self) {
        let exports = &mut self.state.exports;
        let Some(folder) = exports.folder.clone() else {
            return;
        };
        if exports.is_busy || self.state.mode != Mode::Export {
            return;
        }
        exports.is_busy = true;
        exports.stop.store(false, Ordering::Relaxed);
        let stop = Arc::clone(&exports.stop);
        let project = Arc::clone(self.state.document.project());
        self.tasks.spawn_blocking(move || {
            Command::Planned(exports::plan(project, &folder, &stop).map(Box::new))
        });
    }

    pub(super) fn planned(&mut self, plan: Result<Box<ExportPlan>, String>) {
        let exports = &mut self.state.exports;
        exports.is_busy = false;
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => {
                // Another folder may do; this one would only say the same again.
                exports.folder = None;
                exports.plan = None;
                self.notify(error, true);
                return;
            }
        };
        if exports.folder.as_ref() != Some(&plan.folder) {
            self.plan_export();
            return;
        }
        let shown = exports.shown.take();
        exports.shown = shown
            .filter(|shown| plan.files().any(|(_, it)| it.path == *shown))
            .or_else(|| plan.to_write(exports).next().map(|it| it.path.clone()))
            .or_else(|| plan.files().next().map(|(_, it)| it.path.clone()));
        exports.plan = Some(Arc::from(plan));
    }

    /// Writes what was shown and chosen, nothing else.
    pub(super) fn write_files(&mut self) {
        let exports = &mut self.state.exports;
        let Some(plan) = exports.plan.clone() else {
            return;
        };
        if exports.is_busy {
            return;
        }
        exports.is_busy = true;
        exports.stop.store(false, Ordering::Relaxed);
        let chosen: Chosen = plan
            .to_write(exports)
            .map(|it| {
                let choice = match it.fate {
                    FileFate::Orphan => Choice::New,
                    _ => exports.choice(&it.path),
                };
                (it.path.clone(), choice)
            })
            .collect();
        exports.progress = Some((0, chosen.len()));
        let stop = Arc::clone(&exports.stop);
        let reports = self.tasks.reports();
        self.tasks.spawn_blocking(move || {
            let report = |done: usize, total| {
                if done.is_multiple_of(REPORT_EVERY) {
                    reports.send(Command::Writing(done, total));
                }
            };
            Command::Written(exports::write(&plan, &chosen, &stop, &report))
        });
    }

    pub(super) fn writing(&mut self, done: usize, total: usize) {
        self.state.exports.progress = Some((done, total));
    }

    pub(super) fn written(&mut self, result: Result<Written, String>) {
        let exports = &mut self.state.exports;
        exports.is_busy = false;
        exports.progress = None;
        match result {
            Ok(written) => {
                exports.choices.clear();
                exports.removed.clear();
                let count = counted(written.paths.len(), "file", "files");
                let folder = written.folder.display();
                let removed = match written.removed.len() {
                    0 => String::new(),
                    number => format!(", removed {number}"),
                };
                self.notify(format!("Wrote {count} to {folder}{removed}."), false);
            }
            Err(error) => self.notify(error, true),
        }
        self.plan_export();
    }
}
