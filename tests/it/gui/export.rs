//! Files: shown before they are written, and never written over what a person did.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
    sync::Arc,
};

use egui::Key;
use meshboard::{export, model::ElementId, project};

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

/// Appends a line to a file.
fn append(folder: &Path, path: &str, line: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .open(folder.join(path))
        .unwrap();
    file.write_all(line.as_bytes()).unwrap();
}

/// An exported shop whose design changed since: orders has a third replica.
fn shop_exported_before(folder: &Path) -> Window {
    let mut window = shop_exported_to(folder);
    let count = window.names_ending(", create").len();
    write(&mut window, count);
    let mut project = window.project().clone();
    let orders = project.model.services.get_mut("orders").unwrap();
    Arc::make_mut(orders).replicas = Some(3);
    let file = folder.with_file_name("changed.meshboard.json");
    project::save(&project, &file, None).unwrap();
    drop(window);
    let mut window = Window::on_file(&file);
    window.without_file_dialogs();
    window.click("Export");
    window
}

fn show_export(window: &mut Window, folder: &Path) {
    window.click("Choose folder…");
    choose(window, folder);
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

#[test]
fn edits_and_a_new_export_are_merged_when_that_is_chosen() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deploy");
    let mut window = shop_exported_before(&folder);
    append(&folder, COMPOSE, "# mine\n");
    show_export(&mut window, &folder);
    assert_eq!(window.names_ending(", merge"), [COMPOSE]);
    window.click(&format!("{COMPOSE}, merge"));
    assert!(window.says("your edits and the new export fit together"));
    window.click("Three ways");
    assert!(window.shows("last export") && window.shows("yours") && window.shows("new"));

    window.click(&format!("Merge {COMPOSE}"));
    let others = window.names_ending(", update").len();
    write(&mut window, others + 1);
    let text = text(&folder, COMPOSE);
    assert!(
        text.contains("replicas: 3") && text.ends_with("# mine\n"),
        "{text}"
    );
    assert_eq!(window.names_ending(", edited by you"), [COMPOSE]);
    assert!(window.shows("Write 0 files"));
}

#[test]
fn what_is_selected_is_marked_in_files_and_a_line_selects_what_it_is_about() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deploy");
    let mut window = shop_exported_to(&folder);
    window.click(&format!("{COMPOSE}, create"));
    let mentioning = " mentions what is selected";
    assert!(window.names_ending(mentioning).is_empty());

    window.select(ElementId::Service("shipping".parse().unwrap()));
    let files = window.names_ending(mentioning);
    assert!(files.iter().any(|it| it == COMPOSE), "{files:?}");
    assert!(
        files.iter().any(|it| it == "services/shipping/Dockerfile"),
        "{files:?}"
    );
    assert!(
        !files.iter().any(|it| it == "services/orders/Dockerfile"),
        "{files:?}"
    );
    let names = window.names();
    let is_seen = |it: &&String| it.starts_with("Line ") && it.ends_with(": shipping:");
    assert!(
        names.iter().any(|it| is_seen(&it)),
        "it is scrolled to: {names:#?}"
    );

    let service_name = names
        .iter()
        .find(|it| it.ends_with(": SERVICE_NAME: shipping"));
    window.select(ElementId::Service("bank".parse().unwrap()));
    window.select(ElementId::Service("shipping".parse().unwrap()));
    window.click(service_name.expect("a line of its block"));
    assert_eq!(selected(&window), ["shipping"]);
    let variable = window.names();
    let variable = variable
        .iter()
        .find(|it| it.contains(": CATALOG_") || it.contains(": EVENTS_"));
    let variable = variable.expect("a variable that tells of somebody else");
    window.click(variable);
    assert!(matches!(
        window.state().selected_element(),
        Some(ElementId::Dependency(_))
    ));
}

#[test]
fn only_what_changes_and_only_what_is_wanted() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deploy");
    let mut window = shop_exported_before(&folder);
    show_export(&mut window, &folder);
    assert!(!window.names_ending(", unchanged").is_empty());
    window.click("Only what changes");
    assert!(window.names_ending(", unchanged").is_empty());
    let updates = window.names_ending(", update");
    assert!(updates.iter().any(|it| it == COMPOSE), "{updates:?}");
    window.click(&format!("Write {COMPOSE}"));
    write(&mut window, updates.len() - 1);
    assert!(!text(&folder, COMPOSE).contains("replicas: 3"));
}

#[test]
fn notes_and_checkers_of_a_target_can_be_read() {
    let parent = tempfile::tempdir().unwrap();
    let mut window = shop_exported_to(&parent.path().join("deploy"));
    let compose = export::ALL.iter().find(|it| it.id == "compose").unwrap();
    window.click(&format!("{COMPOSE}, create"));
    assert!(window.shows("Notes on Docker Compose"));
    assert!(window.says(&compose.checked_by.join(", ")));
    let model = &window.project().model;
    for note in export::export_one(compose, model).unwrap().notes {
        assert!(window.shows(&note), "{note}");
    }
    window.click("Files of Docker Compose");
    assert!(!window.shows(&format!("{COMPOSE}, create")));
}

#[test]
fn what_an_earlier_export_left_goes_when_that_is_chosen() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deploy");
    let mut window = shop_exported_to(&folder);
    let count = window.names_ending(", create").len();
    write(&mut window, count);
    let manifest = ".meshboard/manifest.json";
    let known = text(&folder, manifest);
    let (path, hash) = (
        "old/file",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    fs::create_dir_all(folder.join("old")).unwrap();
    put(&folder, path, "abc");
    let with_old = known.replacen(
        "{\n    ",
        &format!("{{\n    \"{path}\": \"{hash}\",\n    "),
        1,
    );
    put(&folder, manifest, &with_old);

    window.click("Change…");
    choose(&mut window, &folder);
    assert_eq!(window.names_ending(", orphan"), [path]);
    assert!(window.shows("Write 0 files"));
    window.click("Only what changes");
    window.click("Remove all that is left over");
    window.click("Write 0 files, remove 1");
    assert!(!folder.join("old").exists());
}

/// Writes a file anew.
fn put(folder: &Path, path: &str, text: &str) {
    let mut file = fs::File::create(folder.join(path)).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn selected(window: &Window) -> Vec<String> {
    let selection = window.state().selection.iter();
    selection.map(|it| it.as_str().to_owned()).collect()
}
