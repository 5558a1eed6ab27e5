//! The window. The only module that may name egui, eframe, `egui_graphs` and rfd.
//!
//! One frame: `logic` runs what was asked for in the last frame and what jobs ended
//! in, and only there anything changes; `ui` draws the state and collects what is
//! asked for next.

pub mod canvas;
pub mod command;
pub mod state;
pub mod tasks;
pub mod theme;
