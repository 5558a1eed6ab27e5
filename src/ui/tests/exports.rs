//! Files are shown before they are written, and what a person edited stays.

use std::{fs, io::Write as _, time::Duration};

use egui_kittest::kittest::Queryable as _;

use super::window::Window;
use crate::ui::{
    Start,
    action::Action,
    command::{Command, Purpose},
    exports::FileFate,
    state::Mode,
};

#[test]
fn an_export_is_shown_then_written_and_edited_files_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let deploy = folder.path().join("deploy");
    let mut window = Window::open(Start::default());
    window.click("Shop");
    window.ask(Command::Picked(
        Purpose::ExportFolder,
        Some(deploy.clone()),
        Duration::MAX,
    ));
    assert_eq!(window.state().state().mode, Mode::Export);
    assert!(
        !deploy.exists(),
        "nothing is written before it was asked for"
    );
    window.click("compose.yaml, create");
    window.ask(Command::Do(Action::WriteFiles));
    let compose = deploy.join("compose.yaml");
    let written = fs::read_to_string(&compose).unwrap();
    window.get_by_label("compose.yaml, unchanged");

    let mut file = fs::OpenOptions::new().append(true).open(&compose).unwrap();
    file.write_all(b"# mine\n").unwrap();
    drop(file);
    window.ask(Command::Show(Mode::Design));
    window.ask(Command::Show(Mode::Export));
    window.get_by_label("compose.yaml, edited by you");
    let plan = window.state().state().exports.plan.clone().unwrap();
    assert_eq!(plan.count(FileFate::EditedByYou), 1);
    window.get_by_label("Write 0 files");

    window.click("Write over compose.yaml");
    window.click("Write 1 file");
    assert_eq!(fs::read_to_string(&compose).unwrap(), written);
}
