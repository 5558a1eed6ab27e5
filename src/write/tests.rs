//! Plans and applies in temporary folders.

mod failing;
mod merging;
mod reading;
mod starting;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{Choice, Chosen, Kind, Plan, Wanted, WriteError, Written, quietly};
use crate::export::SharedFiles;

/// A plan of these files, none of which only starts a folder.
fn plan(files: &SharedFiles, folder: &Path) -> Result<Plan, WriteError> {
    let starters = &BTreeMap::new();
    super::plan(Wanted { files, starters }, folder, &quietly)
}

fn apply(plan: &Plan, chosen: &[String], choice: Choice) -> Result<Written, WriteError> {
    let chosen: Chosen = chosen.iter().map(|it| (it.clone(), choice)).collect();
    super::apply(plan, &chosen, &quietly)
}

fn files(pairs: &[(&str, &str)]) -> SharedFiles {
    pairs
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).into()))
        .collect()
}

fn all(plan: &Plan) -> Vec<String> {
    plan.changes.iter().map(|it| it.path.clone()).collect()
}

fn write(pairs: &[(&str, &str)], folder: &Path) {
    let plan = plan(&files(pairs), folder).unwrap();
    apply(&plan, &all(&plan), Choice::Mine).unwrap();
}

fn by_hand(folder: &Path, path: &str, text: &str) {
    let place = folder.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    let mut file = fs::File::create(place).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

fn kinds(plan: &Plan) -> String {
    let words = plan
        .changes
        .iter()
        .map(|it| format!("{} {}", it.path, it.kind.label()));
    words.collect::<Vec<_>>().join(", ")
}

fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|it| it.path())
        .filter(|it| {
            it.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with(".meshboard-")
        })
        .collect()
}

#[test]
fn a_folder_is_created_then_unchanged_then_updated() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("deploy");
    let first = plan(&files(&[("a", "1\n"), ("b/c", "2\n")]), &folder).unwrap();
    assert_eq!(kinds(&first), "a create, b/c create");
    assert!(!folder.exists(), "a plan changes nothing");
    let done = apply(&first, &all(&first), Choice::Mine).unwrap();
    assert_eq!(done.written, ["a", "b/c"]);
    assert_eq!(fs::read_to_string(folder.join("b/c")).unwrap(), "2\n");
    assert!(leftovers(&folder).is_empty());

    let second = plan(&files(&[("a", "1\n"), ("b/c", "3\n")]), &folder).unwrap();
    assert_eq!(kinds(&second), "a unchanged, b/c update");
    let change = &second.changes[1];
    assert_eq!(
        (change.old.as_deref(), change.new.as_deref()),
        (Some("2\n"), Some("3\n"))
    );
}

#[test]
fn what_a_person_changed_is_kept_unless_that_person_says_so() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", "1"), ("b", "1")], folder.path());
    by_hand(folder.path(), "a", "mine");
    by_hand(folder.path(), "never-ours", "mine");
    let wanted = files(&[("a", "2"), ("b", "2"), ("never-ours", "2")]);
    let planned = plan(&wanted, folder.path()).unwrap();
    assert_eq!(
        kinds(&planned),
        "a conflict, b update, never-ours edited by you"
    );

    let done = apply(&planned, &all(&planned), Choice::Mine).unwrap();
    assert_eq!(
        (done.written, done.kept),
        (
            vec!["b".to_owned()],
            vec!["a".to_owned(), "never-ours".to_owned()]
        )
    );
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "mine");
    let again = plan(&wanted, folder.path()).unwrap();
    assert_eq!(
        kinds(&again),
        "a conflict, b unchanged, never-ours edited by you"
    );

    apply(&again, &all(&again), Choice::New).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "2");
    assert_eq!(
        plan(&wanted, folder.path()).unwrap().count(Kind::Unchanged),
        3
    );
}

#[test]
fn an_edit_that_says_what_we_would_write_is_no_conflict() {
    let folder = tempfile::tempdir().unwrap();
    by_hand(folder.path(), "a", "1");
    write(&[("a", "1")], folder.path());
    let planned = plan(&files(&[("a", "2")]), folder.path()).unwrap();
    assert_eq!(kinds(&planned), "a update");
}

#[test]
fn orphans_are_listed_and_go_only_when_selected() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", "1"), ("old/x", "1"), ("old/y", "1")], folder.path());
    by_hand(folder.path(), "old/y", "mine");
    let planned = plan(&files(&[("a", "1")]), folder.path()).unwrap();
    assert_eq!(kinds(&planned), "a unchanged, old/x orphan, old/y orphan");

    apply(&planned, &["a".to_owned()], Choice::Mine).unwrap();
    let planned = plan(&files(&[("a", "1")]), folder.path()).unwrap();
    let done = apply(&planned, &all(&planned), Choice::Mine).unwrap();
    assert_eq!(
        (done.removed, done.kept),
        (vec!["old/x".to_owned()], vec!["old/y".to_owned()])
    );
    let planned = plan(&files(&[("a", "1")]), folder.path()).unwrap();
    apply(&planned, &all(&planned), Choice::New).unwrap();
    assert!(
        !folder.path().join("old").exists(),
        "an empty folder goes, too"
    );
}

#[test]
fn only_what_is_selected_is_written() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", "1"), ("b", "1")], folder.path());
    let wanted = files(&[("a", "2"), ("b", "2")]);
    let planned = plan(&wanted, folder.path()).unwrap();
    apply(&planned, &["b".to_owned()], Choice::Mine).unwrap();
    assert_eq!(
        kinds(&plan(&wanted, folder.path()).unwrap()),
        "a update, b unchanged"
    );
}

#[test]
fn line_ends_and_bytes_are_written_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", "x\ny\r\nz")], folder.path());
    assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"x\ny\r\nz");
}
