//! Menus, palette, shortcuts and help agree, because they come from one list.

use std::collections::{BTreeSet, HashSet};

use egui_kittest::kittest::Queryable as _;

use super::window::{Window, service};
use crate::{
    edit::Document,
    ui::{
        action::{Action, Menu},
        command::Command,
        dialogs::entries,
        state::{Mode, State},
    },
};

#[test]
fn every_action_has_a_name_and_keys_of_its_own() {
    let labels: HashSet<_> = Action::ALL.into_iter().map(|it| it.info().label).collect();
    assert_eq!(labels.len(), Action::ALL.len());
    let keys: Vec<_> = Action::ALL
        .into_iter()
        .filter_map(|it| it.info().shortcut)
        .collect();
    let different: HashSet<_> = keys.iter().map(|it| format!("{it:?}")).collect();
    assert_eq!(different.len(), keys.len());
    let all: HashSet<_> = Action::ALL.into_iter().collect();
    assert_eq!(all.len(), Action::ALL.len());
}

#[test]
fn every_action_is_in_a_menu_and_in_the_palette() {
    let state = State::new(Document::new(crate::project::Project::default()));
    let found: BTreeSet<_> = entries(&state, "").into_iter().map(|it| it.text).collect();
    for action in Action::ALL {
        assert!(Menu::ALL.contains(&action.info().menu));
        assert!(found.contains(&action.label_in(&state)), "{action:?}");
    }
}

#[test]
fn the_palette_does_what_its_letters_find() {
    let mut window = Window::on("shop(cart, stock); cart -> stock");
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    window.settle();
    window.get_by_label("Search").type_text("stock");
    window.settle();
    window.key_press(egui::Key::Enter);
    window.settle();
    let state = window.state().state();
    assert_eq!(state.selection, [service("stock")].into());
    assert!(state.dialog.is_none());

    window.ask(Command::Do(Action::Find));
    window.get_by_label("Search").type_text("review");
    window.settle();
    window.key_press(egui::Key::Enter);
    window.settle();
    assert_eq!(window.state().state().mode, Mode::Review);
}

#[test]
fn keys_do_what_the_menu_says_and_not_while_a_text_is_typed() {
    let mut window = Window::on("shop(cart, stock)");
    window.ask(Command::Select([service("cart")].into()));
    window.key_press(egui::Key::Delete);
    window.settle();
    assert_eq!(window.project().model.services.len(), 1);
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    window.settle();
    assert_eq!(window.project().model.services.len(), 2);

    window.ask(Command::Select([service("cart")].into()));
    window.get_by_label("Filter").focus();
    window.settle();
    window.key_press(egui::Key::Delete);
    window.settle();
    assert_eq!(window.project().model.services.len(), 2);
}

#[test]
fn the_help_window_names_every_key() {
    let mut window = Window::on("shop(cart)");
    window.key_press(egui::Key::F1);
    window.settle();
    for action in Action::ALL {
        if action.info().shortcut.is_some() {
            let label = action.info().label;
            assert!(window.query_all_by_label(label).next().is_some(), "{label}");
        }
    }
    window.key_press(egui::Key::Escape);
    window.settle();
    assert!(window.state().state().dialog.is_none());
}

#[test]
fn an_idle_window_stops_painting() {
    let mut window = Window::on("shop(cart, stock); cart -> stock");
    for mode in Mode::ALL {
        window.ask(Command::Show(mode));
        assert!(window.try_run().is_ok(), "{mode:?}");
    }
}
