//! Files: nothing is lost, and nothing is overwritten unasked.

use std::{fs, path::Path};

use egui_kittest::kittest::Queryable as _;

use super::window::{Window, project, service};
use crate::{
    edit::Edit,
    project::{self, Recovery, save},
    ui::{Start, action::Action, command::Command, dialogs::Dialog},
};

fn rename(name: &str) -> Command {
    Command::Edit(Edit::DescribeSystem {
        name: name.to_owned(),
        description: String::new(),
    })
}

fn name_in(path: &Path) -> String {
    project::open(path).unwrap().project.model.name
}

#[test]
fn a_file_is_opened_changed_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.meshboard.json");
    save(&project("shop(cart)"), &path, None).unwrap();
    let mut window = Window::on_file(&path);
    assert!(window.query_all_by_label("cart").next().is_some());
    window.ask(rename("mine"));
    assert!(window.state().state().document.is_unsaved());
    window.ask(Command::Do(Action::Save));
    assert!(!window.state().state().document.is_unsaved());
    assert_eq!(name_in(&path), "mine");
    assert_eq!(window.state().state().settings.recent, [path]);
}

#[test]
fn a_file_that_somebody_else_changed_is_not_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.meshboard.json");
    save(&project("shop(cart)"), &path, None).unwrap();
    let mut window = Window::on_file(&path);
    window.ask(rename("mine"));
    save(&project("shop(cart, theirs)"), &path, None).unwrap();
    window.ask(Command::Do(Action::Save));
    window.get_by_label("The file changed on disk");
    assert_eq!(name_in(&path), "");
    window.click("Show the difference");
    window.click("Keep mine");
    assert!(window.state().state().dialog.is_none());
    assert!(window.state().state().document.is_unsaved());
    window.ask(Command::Do(Action::Save));
    let state = window.state().state();
    assert!(
        state.dialog.is_none() && state.notices.is_empty(),
        "{state:?}"
    );
    assert_eq!(name_in(&path), "mine");
}

#[test]
fn theirs_can_be_taken_instead() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.meshboard.json");
    save(&project("shop(cart)"), &path, None).unwrap();
    let mut window = Window::on_file(&path);
    window.ask(rename("mine"));
    save(&project("shop(cart, theirs)"), &path, None).unwrap();
    window.ask(Command::Do(Action::Save));
    window.click("Reload theirs");
    assert_eq!(window.project().model.services.len(), 2);
    assert!(!window.state().state().document.is_unsaved());
}

#[test]
fn unsaved_work_is_asked_about_before_another_file_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.meshboard.json");
    save(&project("shop(other)"), &path, None).unwrap();
    let mut window = Window::on("shop(cart)");
    window.ask(rename("mine"));
    window.ask(Command::OpenPath(path.clone()));
    window.click("Cancel");
    assert!(window.project().model.services.contains_key("cart"));
    window.ask(Command::OpenPath(path));
    window.click("Don't save");
    assert!(window.project().model.services.contains_key("other"));
}

#[test]
fn without_a_file_dialog_the_path_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("typed.meshboard.json");
    let mut window = Window::on("shop(cart)");
    window.ask(Command::Do(Action::SaveAs));
    window.type_into("Path", &path.display().to_string());
    window.click("Continue");
    assert!(path.exists());
    assert_eq!(window.state().state().path, Some(path));
}

#[test]
fn a_file_that_is_no_project_is_a_clear_error_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.meshboard.json");
    save(&project("shop(cart)"), &path, None).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let half = folder.path().join("half.meshboard.json");
    tempfile::NamedTempFile::new_in(folder.path())
        .unwrap()
        .persist(&half)
        .unwrap();
    assert!(!text.is_empty());
    let mut window = Window::on_file(&path);
    window.ask(Command::OpenPath(half));
    let notices = &window.state().state().notices;
    assert!(
        notices[0].is_error && notices[0].text.contains("half"),
        "{notices:?}"
    );
    assert!(window.project().model.services.contains_key("cart"));
}

#[test]
fn work_that_was_lost_is_offered_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let state_folder = folder.path().join("recovery");
    Recovery::new(state_folder.clone())
        .keep(None, &project("shop(lost)"))
        .unwrap();
    // As if another process had kept it, and is gone.
    for entry in fs::read_dir(&state_folder).unwrap() {
        let file = entry.unwrap().path();
        let text = fs::read_to_string(&file).unwrap();
        let mine = format!("\"process\":{}", std::process::id());
        let text = text.replace(&mine, "\"process\":4294967295");
        let mut other = tempfile::NamedTempFile::new_in(&state_folder).unwrap();
        std::io::Write::write_all(&mut other, text.as_bytes()).unwrap();
        other.persist(&file).unwrap();
    }
    let mut window = Window::open(Start {
        state_folder: Some(state_folder.clone()),
        ..Start::default()
    });
    assert!(matches!(
        window.state().state().dialog,
        Some(Dialog::Recovered(_))
    ));
    window.click("Recover");
    assert!(window.project().model.services.contains_key("lost"));
    assert!(window.state().state().document.is_unsaved());
    assert!(Recovery::new(state_folder).left_behind().is_empty());
}

#[test]
fn copies_of_services_come_with_their_calls() {
    let mut window = Window::on("shop(cart, stock, web); cart -> stock");
    window.ask(Command::Select([service("cart"), service("stock")].into()));
    window.ask(Command::Do(Action::Duplicate));
    let model = &window.project().model;
    assert_eq!((model.services.len(), model.dependencies.len()), (5, 2));
    assert_eq!(window.state().state().selection.len(), 2);
    window.ask(Command::Do(Action::Undo));
    assert_eq!(window.project().model.services.len(), 3);
    window.ask(Command::PasteText("just text".to_owned()));
    assert!(window.state().state().notices.last().unwrap().is_error);
}

#[test]
fn the_start_page_offers_templates() {
    let mut window = Window::open(Start::default());
    window.click("Shop");
    let state = window.state().state();
    assert!(state.has_design && state.document.is_unsaved());
    assert!(window.project().model.services.contains_key("payments"));
}
