//! The canvas: services as cards, dependencies as lines, boundaries as frames.
//!
//! `egui_graphs` walks the graph and paints it; what it paints, where the camera is
//! and what the pointer means is ours. The canvas reads the state and asks by
//! commands. Positions never move unless a person moves them or asks for a layout,
//! and while nothing changes nothing is painted.

mod accessible;
mod brush;
mod card;
mod corner;
mod drag;
mod empty;
mod flat;
mod geometry;
mod gesture;
mod ground;
mod hit;
mod icon;
mod idle;
mod keyboard;
mod label;
mod line;
mod live;
mod menu;
mod mirror;
mod motion;
mod naming;
mod overlay;
mod picture;
mod pinned;
mod scene;
mod snap;
mod stage;
mod state_mark;
#[cfg(test)]
mod tests;
mod view;
mod words;

use std::collections::HashMap;

use egui::{Id, Pos2, Rect, Sense, Ui};

use self::{
    gesture::Gesture,
    hit::Hit,
    idle::IdleGuard,
    live::Live,
    mirror::Mirror,
    motion::Motion,
    naming::Naming,
    scene::Scene,
    view::{View, ZOOM_STEP, to_pos, to_position},
};
use super::{command::Commands, state::State};
use crate::{
    model::{ElementId, ServiceId},
    project::{Camera, Position},
};

/// Something the canvas does because another part of the window asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Shows everything.
    Fit,
    /// Shows what is selected.
    FitSelection,
    /// Shows things larger.
    ZoomIn,
    /// Shows things smaller.
    ZoomOut,
    /// One window point for one canvas point.
    ActualSize,
    /// Brings an element into view.
    Reveal(ElementId),
    /// Opens the name field of an element.
    Rename(ElementId),
    /// A layout was applied: cards glide from these earlier positions to their new ones.
    AnimateFrom(Vec<(ServiceId, Position)>),
}

/// The canvas and what only it needs to remember.
#[derive(Debug)]
pub struct Canvas {
    id: Id,
    scene: Scene,
    live: Live,
    mirror: Mirror,
    view: View,
    /// Whether it was decided what to show first.
    is_placed: bool,
    /// For each card and each edge whether it is in sight, selected, or near either.
    flags: Vec<u8>,
    edge_flags: Vec<u8>,
    hover: Option<Hit>,
    gesture: Gesture,
    /// Whether cards may be where a gesture left them rather than where they are.
    is_unsettled: bool,
    naming: Option<Naming>,
    menu: Option<(Hit, Pos2)>,
    /// What was clicked last, and where in the window.
    clicked: Option<(Hit, Pos2)>,
    motions: Vec<Motion>,
    requests: Vec<Request>,
    focusable: HashMap<Id, usize>,
    shows_legend: bool,
    /// Grows with every change of what is seen that nothing else tells.
    picture: u64,
    guard: IdleGuard,
}

impl Default for Canvas {
    fn default() -> Self {
        Self {
            id: Id::new("canvas"),
            scene: Scene::default(),
            live: Live::default(),
            mirror: Mirror::default(),
            view: View::default(),
            is_placed: false,
            flags: Vec::new(),
            edge_flags: Vec::new(),
            hover: None,
            gesture: Gesture::default(),
            is_unsettled: false,
            naming: None,
            menu: None,
            clicked: None,
            motions: Vec::new(),
            requests: Vec::new(),
            focusable: HashMap::new(),
            shows_legend: false,
            picture: 0,
            guard: IdleGuard::default(),
        }
    }
}

impl Canvas {
    /// Asks for something; the next frame does it.
    pub fn ask(&mut self, request: Request) {
        self.requests.push(request);
    }

    /// What part is seen, as a project file remembers it.
    pub fn camera(&self) -> Camera {
        self.view.to_camera()
    }

    /// Shows a part that was seen before.
    pub fn set_camera(&mut self, camera: Camera) {
        self.is_placed = true;
        self.look_at(self.view.with_camera(camera));
    }

    /// Another document was opened: shows what its camera says, or all of it.
    pub fn forget_camera(&mut self) {
        self.is_placed = false;
        self.naming = None;
        self.cancel_gesture();
    }

    /// The canvas point in the middle of the window.
    pub fn center(&self) -> Position {
        to_position(self.view.center)
    }

    /// The nearest place to the middle of the window that takes one more card.
    pub fn free_spot(&self) -> Position {
        to_position(hit::free_spot(&self.scene, self.view.center))
    }

    /// The nearest place to another that takes one more card.
    pub fn free_spot_near(&self, position: Position) -> Position {
        to_position(hit::free_spot(&self.scene, to_pos(position)))
    }

    /// Pictures drawn so far; repeating the last one does not count.
    pub fn pictures_drawn(&self) -> u64 {
        self.guard.drawn
    }

    /// Shows the canvas in all the room there is.
    pub fn ui(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let rect = ui.available_rect_before_wrap();
        ui.allocate_rect(rect, Sense::hover());
        self.view.rect = rect;
        self.follow_state(ui, state);
        let senses = Sense::click_and_drag();
        let response = ui.interact(rect, self.id, senses);
        self.follow_pointer(ui, &response, state, commands);
        self.follow_keyboard(ui, state, commands);
        self.advance(ui.ctx());
        self.flag(state);
        self.show_picture(ui, state);
        self.map_ui(ui);
        self.tell(ui, state, commands);
        self.zoom_ui(ui);
        self.empty_ui(ui, state, commands);
        self.naming_ui(ui, state, commands);
        self.menu_ui(&response, state, commands);
        if !commands.is_empty() || self.is_unsettled || !self.requests.is_empty() {
            ui.ctx().request_repaint();
        }
    }

    /// Brings scene, live overlay and camera up to date.
    fn follow_state(&mut self, ui: &Ui, state: &State) {
        let structure = self.scene.structure;
        if self
            .scene
            .show(state.document.project(), state.focus.as_ref())
        {
            self.picture += 1;
        }
        if structure != self.scene.structure {
            // Numbers mean other cards now.
            self.hover = None;
            self.menu = None;
            self.motions.clear();
            self.gesture = Gesture::None;
        }
        if std::mem::take(&mut self.is_unsettled) {
            self.settle();
        }
        if self.live.show(&self.scene, state.live()) {
            self.picture += 1;
        }
        let has_room = self.view.rect.width() > 1.0 && self.view.rect.height() > 1.0;
        if !self.is_placed && has_room {
            self.is_placed = true;
            let all = self.scene.bounds();
            self.view = match (state.document.project().view.camera, all) {
                (Some(camera), _) => self.view.with_camera(camera),
                (None, Some(bounds)) => self.view.fitted(bounds, 1.0),
                (None, None) => View {
                    center: Pos2::ZERO,
                    zoom: 1.0,
                    ..self.view
                },
            };
        }
        for request in std::mem::take(&mut self.requests) {
            self.answer(request, state);
            ui.ctx().request_repaint();
        }
    }

    fn answer(&mut self, request: Request, state: &State) {
        let middle = self.view.rect.center();
        match request {
            Request::Fit => {
                if let Some(bounds) = self.scene.bounds() {
                    self.glide_to(self.view.fitted(bounds, 1.0));
                }
            }
            Request::FitSelection => {
                let places = state
                    .selection
                    .iter()
                    .filter_map(|it| self.scene.place_of(it));
                if let Some(bounds) = places.reduce(Rect::union) {
                    self.glide_to(self.view.fitted(bounds.expand(40.0), 1.5));
                }
            }
            Request::ZoomIn => self.glide_to(self.view.zoomed(ZOOM_STEP, middle)),
            Request::ZoomOut => self.glide_to(self.view.zoomed(1.0 / ZOOM_STEP, middle)),
            Request::ActualSize => {
                self.glide_to(self.view.zoomed(1.0 / self.view.zoom, middle));
            }
            Request::Reveal(element) => self.bring_into_view(&element),
            Request::Rename(element) => {
                self.bring_into_view(&element);
                self.rename(&element);
            }
            Request::AnimateFrom(positions) => self.glide_cards(&positions),
        }
    }

    /// Moves what is seen so that the element is in it and large enough to read.
    fn bring_into_view(&mut self, element: &ElementId) {
        let Some(place) = self.scene.place_of(element) else {
            return;
        };
        let room = self.view.visible().shrink(24.0 / self.view.zoom);
        let is_small = self.view.detail() == view::Detail::Dots;
        if room.contains_rect(place) && !is_small {
            return;
        }
        let mut view = self.view;
        view.center = place.center();
        let fits =
            view.visible().size().x >= place.width() && view.visible().size().y >= place.height();
        if is_small || !fits {
            view = view.fitted(place.expand(120.0), 1.0);
        }
        self.glide_to(view);
    }

    /// Puts every card where the document has it.
    fn settle(&mut self) {
        self.scene.move_home();
        self.scene.fit_frames(|_| false);
        self.picture += 1;
    }
}
