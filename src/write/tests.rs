//! Plans and applies in temporary folders.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::{Edited, Kind, MANIFEST_PATH, Plan, WriteError, apply, plan};
use crate::export::FileSet;

fn files(pairs: &[(&str, &str)]) -> FileSet {
    pairs
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}

fn all(plan: &Plan) -> BTreeSet<String> {
    plan.changes.iter().map(|it| it.path.clone()).collect()
}

fn write(pairs: &[(&str, &str)], folder: &Path) {
    let plan = plan(&files(pairs), folder).unwrap();
    apply(&plan, &all(&plan), Edited::Keep).unwrap();
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
    let done = apply(&first, &all(&first), Edited::Keep).unwrap();
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
        "a edited by you, b update, never-ours edited by you"
    );

    let done = apply(&planned, &all(&planned), Edited::Keep).unwrap();
    assert_eq!(
        (done.written, done.kept),
        (
            vec!["b".to_owned()],
            vec!["a".to_owned(), "never-ours".to_owned()]
        )
    );
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "mine");
    let again = plan(&wanted, folder.path()).unwrap();
    assert_eq!(again.count(Kind::EditedByYou), 2, "{}", kinds(&again));

    apply(&again, &all(&again), Edited::Overwrite).unwrap();
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

    apply(&planned, &BTreeSet::from(["a".to_owned()]), Edited::Keep).unwrap();
    let planned = plan(&files(&[("a", "1")]), folder.path()).unwrap();
    let done = apply(&planned, &all(&planned), Edited::Keep).unwrap();
    assert_eq!(
        (done.removed, done.kept),
        (vec!["old/x".to_owned()], vec!["old/y".to_owned()])
    );
    let planned = plan(&files(&[("a", "1")]), folder.path()).unwrap();
    apply(&planned, &all(&planned), Edited::Overwrite).unwrap();
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
    apply(&planned, &BTreeSet::from(["b".to_owned()]), Edited::Keep).unwrap();
    assert_eq!(
        kinds(&plan(&wanted, folder.path()).unwrap()),
        "a update, b unchanged"
    );
}

#[test]
fn a_folder_that_changed_since_planning_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", "1"), ("b", "1")], folder.path());
    let planned = plan(&files(&[("a", "2"), ("b", "2")]), folder.path()).unwrap();
    by_hand(folder.path(), "b", "just now");
    let error = apply(&planned, &all(&planned), Edited::Overwrite).unwrap_err();
    assert!(
        matches!(&error, WriteError::Changed { path } if path == "b"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "1");
}

#[test]
fn paths_that_lead_out_of_the_folder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["../x", "/tmp/x", "a/../../x", MANIFEST_PATH] {
        let error = plan(&files(&[(path, "x")]), folder.path()).unwrap_err();
        assert!(
            matches!(error, WriteError::Outside { .. }),
            "{path}: {error}"
        );
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_of_the_folder_are_refused() {
    use std::os::unix::fs::symlink;
    let home = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (home.path().join("deploy"), home.path().join("elsewhere"));
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(folder.join("real")).unwrap();
    fs::create_dir_all(&elsewhere).unwrap();
    by_hand(&elsewhere, "secret", "secret");
    symlink(&elsewhere, folder.join("out")).unwrap();
    symlink(elsewhere.join("secret"), folder.join("file")).unwrap();
    symlink(elsewhere.join("nothing"), folder.join("dangling")).unwrap();
    symlink(folder.join("real"), folder.join("in")).unwrap();
    for path in ["out/x", "file", "dangling"] {
        let error = plan(&files(&[(path, "x")]), &folder).unwrap_err();
        assert!(
            matches!(error, WriteError::Outside { .. }),
            "{path}: {error}"
        );
    }
    write(&[("in/x", "1")], &folder);
    assert_eq!(fs::read_to_string(folder.join("real/x")).unwrap(), "1");
}

#[test]
fn a_manifest_cannot_point_outside_and_a_broken_one_knows_nothing() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("deploy");
    by_hand(home.path(), "victim", "x");
    by_hand(
        &folder,
        MANIFEST_PATH,
        "{\"version\":1,\"files\":{\"../victim\":\"00\"}}",
    );
    assert_eq!(plan(&files(&[]), &folder).unwrap().changes.len(), 0);
    by_hand(&folder, MANIFEST_PATH, "{not json");
    by_hand(&folder, "a", "1");
    assert_eq!(
        kinds(&plan(&files(&[("a", "2")]), &folder).unwrap()),
        "a edited by you"
    );
}

#[test]
fn something_in_the_way_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("a")).unwrap();
    by_hand(folder.path(), "b", "1");
    for path in ["a", "b/c"] {
        let error = plan(&files(&[(path, "x")]), folder.path()).unwrap_err();
        assert!(
            matches!(error, WriteError::InTheWay { .. }),
            "{path}: {error}"
        );
    }
}

#[test]
fn a_place_that_cannot_be_written_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", "1")], folder.path());
    let planned = plan(&files(&[("a", "2"), ("b/c", "2")]), folder.path()).unwrap();
    // A file where a folder has to be: nobody can write there, whatever their rights.
    by_hand(folder.path(), "b", "in the way");
    let error = apply(&planned, &all(&planned), Edited::Keep).unwrap_err();
    assert!(matches!(error, WriteError::InTheWay { .. }), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "1");
    assert!(leftovers(folder.path()).is_empty());
}

#[test]
fn line_ends_and_bytes_are_written_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", "x\ny\r\nz")], folder.path());
    assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"x\ny\r\nz");
}
