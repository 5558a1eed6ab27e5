//! The keys that mean the canvas while it has the keyboard: arrows nudge what is
//! selected, Alt and arrows walk along edges, Enter names, Escape gives up.
//!
//! Everything that is an action has its key there.

use std::collections::BTreeSet;

use egui::{EventFilter, Id, Key, Modifiers, Pos2, Ui, Vec2, vec2};

use super::{Canvas, snap::GRID, stage::SELECTED, view::to_position};
use crate::{
    edit::Edit,
    model::ElementId,
    ui::{
        command::{Command, Commands},
        state::State,
    },
};

const ARROWS: [(Key, Vec2); 4] = [
    (Key::ArrowLeft, vec2(-1.0, 0.0)),
    (Key::ArrowRight, vec2(1.0, 0.0)),
    (Key::ArrowUp, vec2(0.0, -1.0)),
    (Key::ArrowDown, vec2(0.0, 1.0)),
];
/// How far an arrow moves with Shift, in canvas points.
const FAR: f32 = 20.0;

impl Canvas {
    /// Follows the keyboard, if it is the canvas's.
    pub(super) fn follow_keyboard(&mut self, ui: &Ui, state: &State, commands: &mut Commands) {
        let focused = ui.memory(egui::Memory::focused);
        let is_covered = ui.memory(|it| it.top_modal_layer().is_some());
        let is_ours = !is_covered
            && focused.is_none_or(|it| it == self.id || self.focusable.contains_key(&it));
        if !is_ours || self.naming.is_some() || egui::Popup::is_any_open(ui.ctx()) {
            return;
        }
        if let Some(id) = focused {
            // Arrows and Escape would otherwise move or drop the focus.
            let filter = EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                escape: true,
                tab: false,
            };
            ui.memory_mut(|it| it.set_focus_lock_filter(id, filter));
        }
        for (key, toward) in ARROWS {
            let pressed = |modifiers| ui.input_mut(|it| it.consume_key(modifiers, key));
            if pressed(Modifiers::ALT) {
                self.walk(ui, toward, state, commands);
            } else if pressed(Modifiers::SHIFT) {
                self.nudge(toward * FAR, state, commands);
            } else if pressed(Modifiers::NONE) {
                self.nudge(toward * GRID, state, commands);
            }
        }
        if ui.input_mut(|it| it.consume_key(Modifiers::NONE, Key::Enter))
            && let (Some(only), 1) = (state.selection.first(), state.selection.len())
        {
            self.rename(only);
        }
        if ui.input_mut(|it| it.consume_key(Modifiers::NONE, Key::Escape))
            && !self.cancel_gesture()
            && !state.selection.is_empty()
        {
            commands.push(Command::Select(BTreeSet::new()));
        }
    }

    fn nudge(&self, by: Vec2, state: &State, commands: &mut Commands) {
        if state.document.project().view.locked {
            return;
        }
        let selected = self
            .flags
            .iter()
            .enumerate()
            .filter(|(_, it)| *it & SELECTED != 0);
        let moves: Vec<_> = selected
            .filter_map(|(number, _)| {
                let node = self.scene.nodes.get(number)?;
                Some((node.service()?.0.clone(), to_position(node.home + by)))
            })
            .collect();
        if !moves.is_empty() {
            commands.edit(Edit::Move(moves));
        }
    }

    /// From a card to its edge in that direction, from an edge to its end there.
    fn walk(&mut self, ui: &Ui, toward: Vec2, state: &State, commands: &mut Commands) {
        let next = match state.selection.iter().next_back() {
            Some(ElementId::Dependency(id)) => self.scene.edge_of(id).map(|it| {
                let edge = &self.scene.edges[it];
                let along = self.scene.nodes[edge.to].center - self.scene.nodes[edge.from].center;
                let end = if along.dot(toward) >= 0.0 {
                    edge.to
                } else {
                    edge.from
                };
                self.scene.nodes[end].element()
            }),
            Some(ElementId::Service(id)) => self
                .scene
                .node_of(id)
                .and_then(|it| self.edge_toward(it, toward)),
            Some(ElementId::Boundary(id)) => self
                .scene
                .collapsed_node(id)
                .and_then(|it| self.edge_toward(it, toward)),
            Some(ElementId::Route(_)) => None,
            None => self.nearest_to(self.view.center),
        };
        if let Some(element) = next {
            self.bring_into_view(&element);
            self.focus_on(ui, Some(&element));
            commands.select(element);
        }
    }

    fn edge_toward(&self, node: usize, toward: Vec2) -> Option<ElementId> {
        let from = self.scene.nodes[node].center;
        let edges = self.scene.nodes[node].edges.iter();
        edges
            .filter_map(|&edge| {
                let edge = &self.scene.edges[edge];
                let away = self.scene.nodes[edge.other_end(node)].center - from;
                let along = away.dot(toward);
                // What lies off to the side counts as farther away.
                let cost = along + 2.0 * (away - toward * along).length();
                (along > 0.0).then_some((cost, edge.element()?))
            })
            .min_by(|one, other| one.0.total_cmp(&other.0))
            .map(|it| it.1)
    }

    fn nearest_to(&self, point: Pos2) -> Option<ElementId> {
        let nodes = self.scene.nodes.iter().filter(|it| !it.is_ghost);
        let nearest = nodes.min_by(|one, other| {
            let distance = |it: Pos2| (it - point).length_sq();
            distance(one.center).total_cmp(&distance(other.center))
        })?;
        Some(nearest.element())
    }

    /// Gives the keyboard to a card, or to the canvas for what has no widget.
    pub(super) fn focus_on(&self, ui: &Ui, element: Option<&ElementId>) {
        let id = match element {
            Some(element @ ElementId::Service(_)) => self.widget_of(element),
            Some(_) | None => self.id,
        };
        ui.memory_mut(|it| it.request_focus(id));
    }

    /// The widget of an element.
    pub(super) fn widget_of(&self, element: &ElementId) -> Id {
        self.id.with(element)
    }
}
