//! Files: shown before they are written, and never written over what a person did.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
};

use egui::Key;

use super::window::{Window, shop};

const COMPOSE: &str = "compose.yaml";

/// Types the folder to export to, after the window asked for it.
fn choose(window: &mut Window, folder: &Path) {
    window.press_ctrl(Key::A);
    window.type_into("Path", folder.to_str().unwrap());
    window.press(Key::Enter);
}

/// A shop whose export to this folder is shown.
fn shop_exported_to(folder: &Path) -> Window {
    let mut window = Window::on_file(&shop());
    window.without_file_dialogs();
    window.click("Export");
    window.click("Choose folder…");
    choose(&mut window, folder);
    window
}

fn write(window: &mut Window, count: usize) {
    let files = if count == 1 { "file" } else { "files" };
    window.click(&format!("Write {count} {files}"));
}

fn text(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

#[test]
fn files_are_shown_then_written_then_left_alone() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deploy");
    let mut window = shop_exported_to(&folder);
    let planned = window.names_ending(", create");
    assert!(planned.iter().any(|it| it == COMPOSE), "{planned:?}");
    assert!(
        !folder.exists(),
        "nothing is written before it is asked for"
    );

    write(&mut window, planned.len());
    for path in &planned {
        assert!(folder.join(path).is_file(), "{path}");
    }
    assert_eq!(window.names_ending(", unchanged"), planned);
    assert!(window.shows("Write 0 files"));
    let count = planned.len();
    assert!(window.says(&format!("Wrote {count} files to")));
}

#[test]
fn a_file_that_a_person_edited_is_kept_until_they_say_otherwise() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deploy");
    let mut window = shop_exported_to(&folder);
    let planned = window.names_ending(", create");
    write(&mut window, planned.len());
    let ours = text(&folder, COMPOSE);
    let mut file = OpenOptions::new()
        .append(true)
        .open(folder.join(COMPOSE))
        .unwrap();
    file.write_all(b"# mine\n").unwrap();
    drop(file);

    window.click("Change…");
    choose(&mut window, &folder);
    assert_eq!(window.names_ending(", edited by you"), [COMPOSE]);
    assert!(window.shows("Write 0 files"));
    fs::remove_file(folder.join(&planned[planned.len() - 1])).unwrap();
    window.click("Change…");
    choose(&mut window, &folder);
    write(&mut window, 1);
    assert_eq!(text(&folder, COMPOSE), format!("{ours}# mine\n"));

    window.click(&format!("Write over {COMPOSE}"));
    write(&mut window, 1);
    assert_eq!(text(&folder, COMPOSE), ours);
    assert_eq!(window.names_ending(", unchanged").len(), planned.len());
}
