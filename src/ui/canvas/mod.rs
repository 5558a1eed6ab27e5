//! The canvas: cards, edges and frames, and everything a pointer or a key does to them.

use egui::Ui;

use super::{command::Commands, state::State, theme::Theme};
use crate::{
    model::{ElementId, ServiceId},
    project::{Camera, Position},
};

/// Something the canvas should do in the next frame.
#[derive(Debug, Clone)]
pub enum Request {
    Fit,
    FitSelection,
    ZoomIn,
    ZoomOut,
    ActualSize,
    Reveal(ElementId),
    Rename(ElementId),
    AnimateFrom(Vec<(ServiceId, Position)>),
}

/// The canvas.
#[derive(Debug, Default)]
pub struct Canvas {
    camera: Option<Camera>,
}

impl Canvas {
    /// Draws the design.
    pub fn ui(&mut self, ui: &mut Ui, state: &State, _commands: &mut Commands) {
        let theme = Theme::of(ui.ctx());
        ui.painter().rect_filled(ui.max_rect(), 0.0, theme.canvas);
        ui.label(format!("{} selected", state.selection.len()));
    }

    /// Asks for something.
    pub fn ask(&mut self, _request: Request) {}

    /// What is seen.
    pub fn camera(&self) -> Option<Camera> {
        self.camera
    }

    /// Sees this.
    pub fn set_camera(&mut self, camera: Option<Camera>) {
        self.camera = camera;
    }

    /// The middle of what is seen.
    pub fn center(&self) -> Position {
        Position::default()
    }
}
