//! A boundary: who owns it, what is in it and what crosses it.

use egui::Ui;

use super::{
    initials,
    service::{id_field, words},
    title,
};
use crate::{
    edit::Edit,
    model::{Boundary, BoundaryColor, BoundaryId, ElementId, Model},
    ui::{
        command::Commands,
        state::State,
        theme::Theme,
        widgets::{fields::Form, parts, words::counted},
    },
};

pub(super) fn element(ui: &mut Ui, state: &State, commands: &mut Commands, id: &BoundaryId) {
    let project = state.document.project();
    let model = &project.model;
    let Some(boundary) = model.boundaries.get(id) else {
        return;
    };
    let members = model
        .services
        .values()
        .filter(|it| it.boundary.as_ref() == Some(id))
        .count();
    let name = model.boundary_name(id);
    let remark = format!("Boundary · {}", counted(members, "service", "services"));
    title(ui, &initials(name), name, &remark);
    id_field(ui, commands, model, &ElementId::Boundary(id.clone()));
    fields(ui, model, commands, (id, boundary));
    parts::rule(ui);
    crossings(ui, model, id);
    let is_collapsed = project.view.collapsed.contains(id);
    let label = if is_collapsed { "Expand" } else { "Collapse" };
    if parts::small_button(ui, label).clicked() {
        commands.edit(Edit::Collapse([id.clone()].into(), !is_collapsed));
    }
}

fn fields(
    ui: &mut Ui,
    model: &Model,
    commands: &mut Commands,
    (id, boundary): (&BoundaryId, &Boundary),
) {
    let mut next = boundary.clone();
    let mut form = Form::new(ui, commands);
    form.text("Name", &mut next.name, "as the id");
    form.text("Team", &mut next.team, "not set");
    form.long_text("Purpose", &mut next.purpose, "why it exists");
    let mut colors = vec![(None, "by turn".to_owned())];
    colors.extend(BoundaryColor::ALL.map(|it| (Some(it), it.label().to_owned())));
    form.choice("Color", &mut next.color, &colors);
    let mut parents = vec![(None, "none".to_owned())];
    parents.extend(
        model
            .boundaries
            .keys()
            .filter(|it| *it != id)
            .map(|it| (Some(it.clone()), model.boundary_name(it).to_owned())),
    );
    form.choice("Inside", &mut next.parent, &parents);
    form.texts(
        words("Entities", "Entity", "such as Order"),
        &mut next.entities,
    );
    if let Some(field) = form.changed {
        let edit = Edit::ChangeBoundary(id.clone(), Box::new(next), field);
        form.commands.edit(edit);
    }
}

fn crossings(ui: &mut Ui, model: &Model, id: &BoundaryId) {
    let (mut inside, mut out, mut into) = (0, 0, 0);
    for dependency in model.dependencies.values() {
        let from = model.boundary_of(&dependency.from) == Some(id);
        let to = model.boundary_of(&dependency.to) == Some(id);
        match (from, to) {
            (true, true) => inside += 1,
            (true, false) => out += 1,
            (false, true) => into += 1,
            (false, false) => {}
        }
    }
    let text = Theme::of(ui.ctx()).text;
    parts::heading(ui, "Dependencies");
    for (key, count) in [("Inside", inside), ("Out of it", out), ("Into it", into)] {
        parts::key_value(ui, key, &count.to_string(), text);
    }
}
