//! The window. The only module that may name egui, eframe, `egui_graphs` and rfd.
//!
//! One frame: `logic` runs what was asked for in the last frame and what jobs ended
//! in, and only there anything changes; `ui` draws the state and collects what is
//! asked for next.

pub mod action;
mod app;
mod autosave;
pub mod canvas;
mod clipboard;
pub mod command;
pub mod dialogs;
pub mod exports;
mod icon;
mod inspector;
mod notifying;
mod panels;
pub mod past;
mod run;
pub mod settings;
pub mod state;
pub mod tasks;
mod templates;
#[cfg(test)]
mod tests;
pub mod theme;
mod watching;
mod widgets;

use std::{any::Any, path::PathBuf};

use tokio::runtime::Handle;

pub use app::App;

use crate::{model::EnvironmentId, project::Project};

/// What a window begins with.
#[derive(Default)]
pub struct Start {
    /// A file to open.
    pub file: Option<PathBuf>,
    /// A design to show instead, such as the demo's.
    pub project: Option<Project>,
    /// The environment to look at, and to watch at once if all its hosts are this machine.
    pub environment: Option<EnvironmentId>,
    /// Where unsaved work is kept aside; `None` keeps nothing.
    pub state_folder: Option<PathBuf>,
    /// What must live as long as the window, such as the demo's services.
    pub keep_alive: Option<Box<dyn Any + Send>>,
}

impl std::fmt::Debug for Start {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Start")
            .field("file", &self.file)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// The desktop gave none.
    #[error(
        "cannot open a window: {0}\n  is there a desktop? the command line works without one: meshboard --help"
    )]
    NotOpened(String),
}

/// The folder in which unsaved work is kept aside, where the desktop has one.
pub fn state_folder() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "meshboard")?;
    let folder = folders.state_dir().unwrap_or(folders.data_local_dir());
    Some(folder.join("recovery"))
}

/// Opens the window and returns once it is closed.
pub fn run(start: Start, runtime: Handle) -> Result<(), WindowError> {
    let viewport = egui::ViewportBuilder::default()
        .with_title("Meshboard")
        .with_app_id("meshboard")
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([900.0, 600.0])
        .with_icon(icon::draw(128))
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Glow,
        persist_window: true,
        ..eframe::NativeOptions::default()
    };
    eframe::run_native(
        "meshboard",
        options,
        Box::new(|cc| Ok(Box::new(App::new(cc, start, runtime)))),
    )
    .map_err(|error| WindowError::NotOpened(error.to_string()))
}
