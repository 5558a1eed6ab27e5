//! What a person does with the pointer. A gesture changes only what is seen; what it
//! means for the design is asked for once, when it ends.

use std::collections::BTreeSet;

use egui::{CursorIcon, Key, PointerButton, Pos2, Rect, Response, Ui, Vec2};

use super::{
    Canvas,
    drag::Drag,
    hit::{self, Hit},
    naming::Naming,
    stage::SELECTED,
};
use crate::{
    edit::Edit,
    model::{Access, Dependency, ElementId, Mode as CallMode, ServiceKind},
    ui::{
        command::{Command, Commands},
        state::State,
    },
};

/// What the pointer is doing.
#[derive(Debug, Default)]
pub(super) enum Gesture {
    /// Nothing.
    #[default]
    None,
    /// Moving what is seen.
    Pan,
    /// Moving cards or frames.
    Drag(Drag),
    /// Drawing a rectangle around what is to be selected.
    Marquee {
        /// Where it began, on the canvas.
        from: Pos2,
        /// Where it is now, on the canvas.
        to: Pos2,
        /// What was selected before and stays so.
        kept: BTreeSet<ElementId>,
    },
    /// Drawing a dependency.
    Connect {
        /// Number of the caller's card.
        from: usize,
        /// Where the pointer is, on the canvas.
        to: Pos2,
    },
}

impl Canvas {
    /// Follows the pointer.
    pub(super) fn follow_pointer(
        &mut self,
        ui: &Ui,
        response: &Response,
        state: &State,
        commands: &mut Commands,
    ) {
        self.follow_wheel(ui, response);
        let pointer = ui.input(|it| it.pointer.latest_pos());
        let is_over = response.contains_pointer() || response.dragged();
        self.hover = pointer
            .filter(|_| is_over)
            .map(|it| hit::at(&self.scene, self.view, &self.flags, it));
        self.show_cursor(ui);
        self.begin(ui, response, state, commands);
        self.go_on(ui, response);
        if response.drag_stopped() {
            self.end(state, commands);
        }
        self.click(ui, response, state, commands);
    }

    fn show_cursor(&self, ui: &Ui) {
        let icon = match (&self.gesture, self.hover) {
            (Gesture::Pan, _) => CursorIcon::Grabbing,
            (Gesture::Drag(_), _) => CursorIcon::Move,
            (Gesture::Connect { .. }, _) | (Gesture::None, Some(Hit::Rim(_))) => {
                CursorIcon::Crosshair
            }
            (Gesture::None, Some(Hit::Node(_) | Hit::Edge(_))) => CursorIcon::PointingHand,
            (Gesture::None, Some(Hit::Header(_))) => CursorIcon::Grab,
            (Gesture::None | Gesture::Marquee { .. }, _) => return,
        };
        ui.ctx().set_cursor_icon(icon);
    }

    fn follow_wheel(&mut self, ui: &Ui, response: &Response) {
        let Some(pointer) = response.hover_pos() else {
            return;
        };
        let speed = ui.ctx().options(|it| it.input_options.scroll_zoom_speed);
        let (scroll, pinch, shift) = ui.input(|it| {
            let scroll = it.smooth_scroll_delta();
            (scroll, it.zoom_delta(), it.modifiers.shift)
        });
        if (pinch - 1.0).abs() > f32::EPSILON {
            self.look_at(self.view.zoomed(pinch, pointer));
        } else if shift || scroll.x != 0.0 {
            self.look_at(self.view.panned(scroll));
        } else if scroll.y != 0.0 {
            self.look_at(self.view.zoomed((scroll.y * speed).exp(), pointer));
        }
    }

    fn begin(&mut self, ui: &Ui, response: &Response, state: &State, commands: &mut Commands) {
        let pressed = ui.input(|it| it.pointer.press_origin());
        let Some(pressed) = pressed.filter(|_| response.drag_started()) else {
            return;
        };
        response.request_focus();
        let wants_pan = response.drag_started_by(PointerButton::Middle)
            || ui.input(|it| it.key_down(Key::Space));
        if wants_pan {
            self.gesture = Gesture::Pan;
            return;
        }
        if !response.drag_started_by(PointerButton::Primary) {
            return;
        }
        let from = self.view.to_canvas(pressed);
        let hit = hit::at(&self.scene, self.view, &self.flags, pressed);
        let adds = ui.input(|it| it.modifiers.shift || it.modifiers.command);
        self.gesture = match hit {
            Hit::Rim(node) => Gesture::Connect {
                from: node,
                to: from,
            },
            Hit::Node(_) | Hit::Header(_) if state.document.project().view.locked => {
                commands.push(Command::Tell(
                    "Positions are locked: unlock them in Arrange to move anything.".to_owned(),
                ));
                Gesture::None
            }
            Hit::Node(node) => {
                let mut nodes = self.selected_nodes();
                let mut frames = self.selected_frames(state);
                if self.flags[node] & SELECTED == 0 {
                    commands.select(self.scene.nodes[node].element());
                    (nodes, frames) = (vec![node], Vec::new());
                }
                Gesture::Drag(Drag::of_cards(&self.scene, node, nodes, &frames, from))
            }
            Hit::Header(frame) => {
                if let Some(element) = hit::element(&self.scene, hit) {
                    commands.select(element);
                }
                Gesture::Drag(Drag::of_frame(&self.scene, frame, from))
            }
            Hit::Edge(_) | Hit::Empty(_) => Gesture::Marquee {
                from,
                to: from,
                kept: if adds {
                    state.selection.clone()
                } else {
                    BTreeSet::new()
                },
            },
        };
    }

    fn go_on(&mut self, ui: &Ui, response: &Response) {
        let Some(pointer) = ui.input(|it| it.pointer.latest_pos()) else {
            return;
        };
        let here = self.view.to_canvas(pointer);
        let (view, is_free) = (self.view, ui.input(|it| it.modifiers.alt));
        match &mut self.gesture {
            Gesture::None => return,
            Gesture::Pan => {
                let by: Vec2 = response.drag_delta();
                self.look_at(view.panned(by));
                return;
            }
            Gesture::Drag(drag) => drag.follow(&mut self.scene, here, view, is_free),
            Gesture::Marquee { to, .. } | Gesture::Connect { to, .. } => *to = here,
        }
        self.picture += 1;
    }

    fn end(&mut self, state: &State, commands: &mut Commands) {
        self.picture += 1;
        match std::mem::take(&mut self.gesture) {
            Gesture::None | Gesture::Pan => {}
            Gesture::Drag(drag) => {
                self.is_unsettled = true;
                if let Some(edit) = drag.edit(&self.scene, state.document.project()) {
                    commands.edit(edit);
                }
            }
            Gesture::Marquee { from, to, mut kept } => {
                let area = Rect::from_two_pos(from, to);
                let touched = hit::touched(&self.scene, area);
                kept.extend(touched.map(|it| self.scene.nodes[it].element()));
                commands.push(Command::Select(kept));
            }
            Gesture::Connect { from, to } => self.connect(from, to, state, commands),
        }
    }

    fn connect(&mut self, from: usize, to: Pos2, state: &State, commands: &mut Commands) {
        let Some((caller, _)) = self.scene.nodes[from].service() else {
            return;
        };
        let caller = caller.clone();
        let pointer = self.view.to_screen(to);
        match hit::at(&self.scene, self.view, &self.flags, pointer) {
            Hit::Node(node) | Hit::Rim(node) if node == from => {}
            Hit::Node(node) | Hit::Rim(node) => {
                let Some((target, service)) = self.scene.nodes[node].service() else {
                    return;
                };
                let id = state
                    .document
                    .project()
                    .model
                    .free_dependency_id(&caller, target);
                let mut dependency = Dependency::new(caller, target.clone());
                if service.kind == ServiceKind::Broker {
                    dependency.mode = CallMode::Async;
                    dependency.access = Access::Publish;
                }
                commands.edit(Edit::AddDependency(id.clone(), Box::new(dependency)));
                commands.select(ElementId::Dependency(id));
            }
            Hit::Edge(_) | Hit::Header(_) | Hit::Empty(_) => {
                self.name(Naming::new_service(&self.scene, to, Some(caller)));
            }
        }
    }

    fn click(&mut self, ui: &Ui, response: &Response, state: &State, commands: &mut Commands) {
        let Some(pointer) = response.interact_pointer_pos() else {
            return;
        };
        let hit = hit::at(&self.scene, self.view, &self.flags, pointer);
        let element = hit::element(&self.scene, hit);
        let toggles = ui.input(|it| it.modifiers.shift || it.modifiers.command);
        let before = self.clicked;
        if response.clicked() {
            self.clicked = Some((hit, pointer));
        }
        // Two quick clicks on two things are two clicks, and a click elsewhere just before
        // makes egui count three.
        let is_repeated = response.double_clicked() || response.triple_clicked();
        let is_same = before.is_some_and(|(other, at)| other == hit && at.distance(pointer) < 8.0);
        if response.secondary_clicked() {
            self.menu = Some((hit, self.view.to_canvas(pointer)));
            match element {
                Some(element) if !state.selection.contains(&element) => commands.select(element),
                Some(_) => {}
                None => commands.push(Command::Select(BTreeSet::new())),
            }
        } else if is_repeated && is_same && !toggles {
            self.clicked = None;
            self.double_click(hit, pointer);
        } else if response.clicked() {
            let mut selection = BTreeSet::new();
            if toggles {
                selection.clone_from(&state.selection);
            }
            match element {
                Some(element) if selection.contains(&element) => {
                    self.focus_on(ui, None);
                    selection.remove(&element);
                }
                Some(element) => {
                    self.focus_on(ui, Some(&element));
                    selection.insert(element);
                }
                None => self.focus_on(ui, None),
            }
            if selection != state.selection {
                commands.push(Command::Select(selection));
            }
        }
    }

    fn double_click(&mut self, hit: Hit, pointer: Pos2) {
        match hit {
            Hit::Empty(_) => {
                let at = self.view.to_canvas(pointer);
                self.name(Naming::new_service(&self.scene, at, None));
            }
            Hit::Node(_) | Hit::Rim(_) | Hit::Header(_) => {
                if let Some(element) = hit::element(&self.scene, hit) {
                    self.rename(&element);
                }
            }
            Hit::Edge(_) => {}
        }
    }

    /// Gives up what the pointer is doing; nothing has changed.
    pub(super) fn cancel_gesture(&mut self) -> bool {
        let was_busy = !matches!(self.gesture, Gesture::None);
        self.gesture = Gesture::None;
        if was_busy {
            self.settle();
        }
        was_busy
    }

    fn selected_nodes(&self) -> Vec<usize> {
        let flags = self.flags.iter().enumerate();
        flags
            .filter(|(_, it)| *it & SELECTED != 0)
            .map(|(number, _)| number)
            .collect()
    }

    fn selected_frames(&self, state: &State) -> Vec<usize> {
        let selected = state.selected_boundaries();
        selected.filter_map(|it| self.scene.frame_of(it)).collect()
    }
}
