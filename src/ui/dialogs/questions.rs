//! Questions with a few buttons.

use egui::{Button, Ui};

use crate::{
    project::Recovered,
    ui::{
        command::{Command, Commands},
        state::State,
        widgets::{parts, words::counted},
    },
};

pub(super) fn unsaved(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let name = state.file_stem();
    parts::hint(ui, format!("{name} has changes that no file holds yet."));
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        if parts::primary_button(ui, true, "Save").clicked() {
            commands.push(Command::SaveAndGoOn);
        }
        if ui.button("Don't save").clicked() {
            commands.push(Command::GoOnWithoutSaving);
        }
        if ui.button("Cancel").clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}

pub(super) fn recovered(ui: &mut Ui, commands: &mut Commands, offers: &[Recovered]) {
    parts::hint(
        ui,
        "Meshboard ended before this was saved. What was kept aside:",
    );
    for (index, offer) in offers.iter().enumerate() {
        parts::rule(ui);
        let name = match &offer.original {
            Some(path) => path.display().to_string(),
            None => "a project without a file".to_owned(),
        };
        ui.label(name);
        let model = &offer.project.model;
        let size = counted(model.services.len(), "service", "services");
        let calls = counted(model.dependencies.len(), "dependency", "dependencies");
        parts::hint(ui, format!("{size}, {calls}"));
        ui.horizontal(|ui| {
            if parts::primary_button(ui, true, "Recover").clicked() {
                commands.push(Command::Recover(index));
            }
            if ui.button("Discard").clicked() {
                commands.push(Command::DropRecovered(index));
            }
        });
    }
    ui.add_space(6.0);
    if parts::link(ui, "Decide later").clicked() {
        commands.push(Command::CloseDialog);
    }
}

pub(super) fn consent(ui: &mut Ui, state: &State, commands: &mut Commands, hosts: &[String]) {
    let environment = state
        .environment
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    parts::hint(
        ui,
        format!(
            "The environment {environment} asks to poll hosts beside this machine. Only GET requests are sent, to the addresses this project names. Allow only what you know:"
        ),
    );
    ui.add_space(4.0);
    for host in hosts {
        ui.monospace(host);
    }
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        let text = format!("Allow {}", counted(hosts.len(), "host", "hosts"));
        if ui.add(Button::new(text)).clicked() {
            commands.push(Command::AllowHosts(hosts.to_vec()));
        }
        if ui.button("Cancel").clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}
