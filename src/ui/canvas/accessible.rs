//! Cards and edges for who does not see them: named nodes in the accessibility tree.
//!
//! Cards in sight are widgets, so that Tab and screen readers walk them; all others,
//! edges and frames are named nodes. They are told anew in every frame, also in those
//! that only repeat the last picture.

use egui::{
    Event, Id, Rect, Sense, Ui,
    accesskit::{self, Action, Role},
};

use super::{
    Canvas,
    scene::Line,
    stage::{SEEN, SELECTED},
    view::Detail,
    words,
};
use crate::{
    model::ElementId,
    ui::{command::Commands, state::State},
};

/// More cards than this are never widgets at once: nobody tabs through them.
const MOST_WIDGETS: usize = 600;
/// Of more edges than this, only those in sight are told.
const MOST_EDGES: usize = 3000;

impl Canvas {
    /// Tells what is on the canvas, and does what was asked for that way.
    pub(super) fn tell(&mut self, ui: &Ui, state: &State, commands: &mut Commands) {
        let is_told = ui
            .ctx()
            .accesskit_node_builder(self.id, |it| {
                it.set_role(Role::GraphicsDocument);
                it.set_label("Canvas");
            })
            .is_some();
        let asked = asked_for(ui);
        self.focusable.clear();
        let are_widgets = self.view.detail() != Detail::Dots;
        for number in 0..self.flags.len() {
            let flags = self.flags[number];
            let is_widget = flags & SELECTED != 0 || (are_widgets && flags & SEEN != 0);
            if is_widget && self.focusable.len() < MOST_WIDGETS {
                self.tell_widget(ui, number, state, commands);
            }
            if (is_told || !asked.is_empty()) && !self.scene.nodes[number].is_ghost {
                self.tell_node(ui, number, state);
                self.select_if_asked(&asked, &self.scene.nodes[number].element(), commands);
            }
        }
        if !is_told && asked.is_empty() {
            return;
        }
        for number in 0..self.scene.edges.len() {
            let is_far = self.edge_flags.get(number).is_none_or(|it| *it == 0);
            if is_far && self.edge_flags.len() > MOST_EDGES {
                continue;
            }
            if let Some(element) = self.scene.edges[number].element()
                && self.scene.edges[number].line != Line::StartOrder
            {
                self.tell_edge(ui, number, &element, state);
                self.select_if_asked(&asked, &element, commands);
            }
        }
        for frame in &self.scene.frames {
            let element = ElementId::Boundary(frame.id.clone());
            let id = self.widget_of(&element);
            let bounds = bounds(self.view.rect_to_screen(frame.rect));
            ui.ctx().accesskit_node_builder(id, |it| {
                it.set_role(Role::Group);
                it.set_label(format!("{}, boundary", frame.name));
                it.set_bounds(bounds);
                it.add_action(Action::Click);
            });
            self.select_if_asked(&asked, &element, commands);
        }
    }

    fn tell_widget(&mut self, ui: &Ui, number: usize, state: &State, commands: &mut Commands) {
        let node = &self.scene.nodes[number];
        let element = node.element();
        let id = self.widget_of(&element);
        let rect = self.view.rect_to_screen(node.rect());
        // Takes the keyboard only: clicks and drags are the canvas's.
        let response = ui.interact(rect, id, Sense::focusable_noninteractive());
        self.focusable.insert(id, number);
        if response.gained_focus() && !state.selection.contains(&element) {
            commands.select(element.clone());
        }
        if response.has_focus() && !self.view.rect.contains(rect.center()) {
            self.bring_into_view(&element);
        }
    }

    fn tell_node(&self, ui: &Ui, number: usize, state: &State) {
        let node = &self.scene.nodes[number];
        let element = node.element();
        let badge = state.judgement.badges.get(&element).copied();
        let mark = self.live.marks.get(number).copied();
        let id = self.widget_of(&element);
        let bounds = bounds(self.view.rect_to_screen(node.rect()));
        let is_selected = self.flags.get(number).is_some_and(|it| it & SELECTED != 0);
        ui.ctx().accesskit_node_builder(id, |it| {
            it.set_role(Role::ListBoxOption);
            it.set_label(node.name.as_str());
            it.set_description(words::node_description(node, mark, badge));
            it.set_selected(is_selected);
            it.set_bounds(bounds);
            it.add_action(Action::Click);
        });
    }

    fn tell_edge(&self, ui: &Ui, number: usize, element: &ElementId, state: &State) {
        let id = self.widget_of(element);
        let edge = &self.scene.edges[number];
        let bounds = bounds(self.view.rect_to_screen(edge.bounds));
        let badge = state.judgement.badges.get(element).copied();
        ui.ctx().accesskit_node_builder(id, |it| {
            it.set_role(Role::GraphicsObject);
            it.set_label(words::edge_name(&self.scene, &self.live, number));
            let (words, _) = words::edge_label(edge, &self.live, number);
            if !words.is_empty() {
                it.set_description(words.join(", "));
            } else if let Some(badge) = badge {
                it.set_description(format!("{} findings", badge.count));
            }
            it.set_selected(state.selection.contains(element));
            it.set_bounds(bounds);
            it.add_action(Action::Click);
        });
    }

    fn select_if_asked(
        &self,
        asked: &[accesskit::NodeId],
        element: &ElementId,
        commands: &mut Commands,
    ) {
        if !asked.is_empty() && asked.contains(&node_id(self.widget_of(element))) {
            commands.select(element.clone());
        }
    }
}

fn node_id(id: Id) -> accesskit::NodeId {
    id.accesskit_id()
}

/// What a screen reader clicked in this frame.
fn asked_for(ui: &Ui) -> Vec<accesskit::NodeId> {
    ui.input(|it| {
        let events = it.events.iter();
        events
            .filter_map(|it| match it {
                Event::AccessKitActionRequest(request) if request.action == Action::Click => {
                    Some(request.target_node)
                }
                _ => None,
            })
            .collect()
    })
}

fn bounds(rect: Rect) -> accesskit::Rect {
    accesskit::Rect {
        x0: rect.left().into(),
        y0: rect.top().into(),
        x1: rect.right().into(),
        y1: rect.bottom().into(),
    }
}
