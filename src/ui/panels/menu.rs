//! The menus, made from the list of all actions.

use egui::{Button, MenuBar, Ui};

use crate::ui::{
    action::{Action, Menu},
    command::Commands,
    state::State,
};

/// The menus side by side.
pub(super) fn bar(ui: &mut Ui, state: &State, commands: &mut Commands) {
    MenuBar::new().ui(ui, |ui| {
        for menu in Menu::ALL {
            ui.menu_button(menu.label(), |ui| items(ui, menu, state, commands));
        }
    });
}

/// All menus behind one button.
pub(super) fn compact(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let response = crate::ui::widgets::glyph::Glyph::Menu.button(ui, "Menu");
    egui::Popup::menu(&response).show(|ui| {
        for menu in Menu::ALL {
            ui.menu_button(menu.label(), |ui| items(ui, menu, state, commands));
        }
    });
}

fn items(ui: &mut Ui, menu: Menu, state: &State, commands: &mut Commands) {
    ui.set_min_width(230.0);
    let mut is_first = true;
    for action in Action::ALL.into_iter().filter(|it| it.info().menu == menu) {
        if action.info().starts_group && !is_first {
            ui.separator();
        }
        is_first = false;
        item(ui, action, state, commands);
    }
}

/// An action with its keys, grey while it cannot be done.
pub(in crate::ui) fn item(ui: &mut Ui, action: Action, state: &State, commands: &mut Commands) {
    let mut button = Button::new(action.label_in(state));
    if let Some(shortcut) = action.info().shortcut {
        button = button.shortcut_text(ui.ctx().format_shortcut(&shortcut));
    }
    if ui
        .add_enabled(action.is_enabled_in(state), button)
        .clicked()
    {
        commands.act(action);
        ui.close();
    }
}
