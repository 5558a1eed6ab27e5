//! The whole system, shown while nothing is selected.

use egui::Ui;

use super::{environment, initials, observed, title};
use crate::{
    edit::Edit,
    model::Ci,
    ui::{
        action::Action,
        command::Commands,
        state::State,
        theme::Theme,
        widgets::{fields::Form, parts},
    },
};

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let model = &state.document.project().model;
    let called = if model.name.is_empty() {
        "Unnamed system"
    } else {
        &model.name
    };
    title(
        ui,
        &initials(called),
        called,
        "System · nothing is selected",
    );
    observed::system(ui, state, commands);
    let (mut name, mut description) = (model.name.clone(), model.description.clone());
    let mut form = Form::new(ui, commands);
    form.text("Name", &mut name, "what people call it");
    form.long_text("Description", &mut description, "what it is for");
    let is_described = form.changed.is_some();
    let choices = Ci::ALL.map(|it| (it, it.label().to_owned()));
    let mut ci = model.ci.unwrap_or_default();
    form.choice("Built by", &mut ci, &choices);
    if is_described {
        form.commands
            .edit(Edit::DescribeSystem { name, description });
    } else if form.changed.is_some() {
        form.commands.edit(Edit::ChooseCi(Some(ci)));
    }
    parts::rule(ui);
    let text = Theme::of(ui.ctx()).text;
    for (key, count) in [
        ("Services", model.services.len()),
        ("Dependencies", model.dependencies.len()),
        ("Boundaries", model.boundaries.len()),
        ("Routes", model.routes.len()),
    ] {
        parts::key_value(ui, key, &count.to_string(), text);
    }
    parts::rule(ui);
    parts::heading(ui, "Environments");
    let environments = &state.document.project().environments;
    if environments.is_empty() {
        parts::hint(
            ui,
            "An environment says where the services run, so that they can be watched.",
        );
    }
    for (id, it) in environments {
        environment::element(ui, commands, id, it);
    }
    ui.add_space(4.0);
    if parts::small_button(ui, "Add environment").clicked() {
        commands.act(Action::AddEnvironment);
    }
}
