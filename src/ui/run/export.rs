//! Files: planning what an export would do, and writing it.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use crate::ui::{
    App,
    command::{Command, Purpose},
    exports::{self, ExportPlan, Written},
    state::Mode,
};

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
        let Some(folder) = self.state.exports.folder.clone() else {
            return;
        };
        if self.state.exports.is_busy || self.state.mode != Mode::Export {
            return;
        }
        self.state.exports.is_busy = true;
        let project = Arc::clone(self.state.document.project());
        self.tasks.spawn_blocking(move || {
            Command::Planned(exports::plan(project, &folder).map(Box::new))
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

    pub(super) fn write_target(&mut self, id: &'static str, writes: bool) {
        let left_out = &mut self.state.exports.left_out;
        if writes {
            left_out.remove(id);
        } else {
            left_out.insert(id);
        }
    }

    pub(super) fn overwrite(&mut self, path: String, overwrites: bool) {
        let overwritten = &mut self.state.exports.overwritten;
        if overwrites {
            overwritten.insert(path);
        } else {
            overwritten.remove(&path);
        }
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
        let paths: BTreeSet<_> = plan.to_write(exports).map(|it| it.path.clone()).collect();
        self.tasks
            .spawn_blocking(move || Command::Written(exports::write(&plan, &paths)));
    }

    pub(super) fn written(&mut self, result: Result<Written, String>) {
        self.state.exports.is_busy = false;
        self.state.exports.overwritten.clear();
        match result {
            Ok(written) => {
                let count = written.paths.len();
                let files = if count == 1 { "file" } else { "files" };
                let folder = written.folder.display();
                self.notify(format!("Wrote {count} {files} to {folder}."), false);
            }
            Err(error) => self.notify(error, true),
        }
        self.plan_export();
    }
}
