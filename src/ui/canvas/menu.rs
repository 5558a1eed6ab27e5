//! The context menu: the actions that make sense where it was opened.

use egui::{Button, Pos2, Response, Ui};

use super::{Canvas, hit::Hit, naming::Naming};
use crate::{
    edit::Edit,
    model::{Breaker, Dependency, DependencyId},
    ui::{
        command::{Action, Commands},
        state::State,
    },
};

const ON_CARD: &[Action] = &[
    Action::Rename,
    Action::Cut,
    Action::Copy,
    Action::Duplicate,
    Action::Delete,
    Action::ConnectSelected,
    Action::GroupIntoBoundary,
    Action::FocusSelection,
    Action::ZoomToSelection,
];
const ON_FRAME: &[Action] = &[
    Action::Rename,
    Action::Collapse,
    Action::Delete,
    Action::ZoomToSelection,
];
const ON_EDGE: &[Action] = &[Action::Delete, Action::ZoomToSelection];
const ON_NOTHING: &[Action] = &[
    Action::AddBoundary,
    Action::Paste,
    Action::SelectAll,
    Action::Layout,
    Action::ZoomToFit,
    Action::ToggleLock,
];

impl Canvas {
    /// Shows the menu, if it was asked for.
    pub(super) fn menu_ui(&mut self, response: &Response, state: &State, commands: &mut Commands) {
        let Some((hit, at)) = self.menu else {
            return;
        };
        response.context_menu(|ui| {
            ui.set_min_width(190.0);
            match hit {
                Hit::Node(node) | Hit::Rim(node) if node < self.scene.nodes.len() => {
                    let is_service = self.scene.nodes[node].service().is_some();
                    actions(
                        ui,
                        if is_service { ON_CARD } else { ON_FRAME },
                        state,
                        commands,
                    );
                }
                Hit::Header(_) => actions(ui, ON_FRAME, state, commands),
                Hit::Edge(edge) if edge < self.scene.edges.len() => {
                    if let Some(id) = self.scene.edges[edge].dependencies.first() {
                        dependency_items(ui, id, state, commands);
                    }
                    actions(ui, ON_EDGE, state, commands);
                }
                Hit::Node(_) | Hit::Rim(_) | Hit::Edge(_) | Hit::Empty(_) => {
                    self.ground_items(ui, at);
                    actions(ui, ON_NOTHING, state, commands);
                }
            }
        });
    }

    fn ground_items(&mut self, ui: &mut Ui, at: Pos2) {
        if ui.button("New service here").clicked() {
            self.name(Naming::new_service(&self.scene, at, None));
            ui.close();
        }
    }
}

/// The actions that can be done now, with their keys.
fn actions(ui: &mut Ui, list: &[Action], state: &State, commands: &mut Commands) {
    for action in list.iter().filter(|it| it.is_enabled_in(state)) {
        let info = action.info();
        let mut button = Button::new(info.label);
        if let Some(shortcut) = &info.shortcut {
            button = button.shortcut_text(ui.ctx().format_shortcut(shortcut));
        }
        if ui.add(button).clicked() {
            commands.act(*action);
            ui.close();
        }
    }
}

fn dependency_items(ui: &mut Ui, id: &DependencyId, state: &State, commands: &mut Commands) {
    let Some(dependency) = state.document.project().model.dependencies.get(id) else {
        return;
    };
    let has_breaker = dependency.breaker.is_some();
    let label = if has_breaker {
        "Remove breaker"
    } else {
        "Add breaker"
    };
    if ui.button(label).clicked() {
        let mut changed = Dependency::clone(dependency);
        changed.breaker = (!has_breaker).then(Breaker::recommended);
        commands.edit(Edit::ChangeDependency(
            id.clone(),
            Box::new(changed),
            "breaker",
        ));
        ui.close();
    }
    if ui.button("Turn around").clicked() {
        let mut changed = Dependency::clone(dependency);
        std::mem::swap(&mut changed.from, &mut changed.to);
        commands.edit(Edit::ChangeDependency(
            id.clone(),
            Box::new(changed),
            "direction",
        ));
        ui.close();
    }
}
