//! Several elements at once: what they are and what can be done with them.

use std::collections::BTreeSet;

use egui::Ui;

use super::{service::boundaries, title};
use crate::{
    edit::Edit,
    model::{BoundaryId, ElementId},
    ui::{
        action::Action,
        command::Commands,
        state::State,
        widgets::{fields::Form, parts},
    },
};

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let model = &state.document.project().model;
    let count = state.selection.len();
    let mut kinds: Vec<String> = Vec::new();
    for kind in ["boundary", "service", "dependency", "route"] {
        let of_kind = state
            .selection
            .iter()
            .filter(|it| it.kind() == kind)
            .count();
        match (of_kind, kind.strip_suffix('y')) {
            (0, _) => {}
            (1, _) => kinds.push(format!("1 {kind}")),
            (_, Some(stem)) => kinds.push(format!("{of_kind} {stem}ies")),
            (_, None) => kinds.push(format!("{of_kind} {kind}s")),
        }
    }
    title(
        ui,
        &count.to_string(),
        &format!("{count} elements"),
        &kinds.join(" · "),
    );
    boundary(ui, state, commands);
    parts::rule(ui);
    for action in [
        Action::ConnectSelected,
        Action::GroupIntoBoundary,
        Action::LayoutSelection,
        Action::AlignLeft,
        Action::AlignTop,
        Action::DistributeHorizontally,
        Action::DistributeVertically,
        Action::FocusSelection,
        Action::Duplicate,
        Action::Delete,
    ] {
        let is_enabled = action.is_enabled_in(state);
        if is_enabled && parts::link(ui, action.info().label).clicked() {
            commands.act(action);
        }
    }
    parts::rule(ui);
    for element in &state.selection {
        if parts::link(ui, &model.element_name(element)).clicked() {
            commands.select(ElementId::clone(element));
        }
    }
}

/// The boundary they share, or the one they all should join.
fn boundary(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let model = &state.document.project().model;
    let services: Vec<_> = state.selected_services().cloned().collect();
    if services.is_empty() {
        return;
    }
    let all: BTreeSet<_> = services
        .iter()
        .map(|it| model.boundary_of(it).cloned())
        .collect();
    let shared: Option<Option<BoundaryId>> = all.first().filter(|_| all.len() == 1).cloned();
    let mut chosen = shared.clone();
    let mut choices: Vec<_> = boundaries(model)
        .into_iter()
        .map(|(it, name)| (Some(it), name))
        .collect();
    if shared.is_none() {
        choices.push((None, "several".to_owned()));
    }
    Form::new(ui, commands).choice("Boundary", &mut chosen, &choices);
    if chosen != shared
        && let Some(boundary) = chosen
    {
        commands.edit(Edit::Join(services, boundary));
    }
}
