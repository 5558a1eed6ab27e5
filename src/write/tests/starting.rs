//! Folders that are only started.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{all, apply, by_hand, files, kinds};
use crate::{
    export::SharedFiles,
    write::{Choice, Plan, Wanted, WriteError, quietly},
};

const STARTED: &str = "services/orders";

fn bundle(version: &str) -> SharedFiles {
    files(&[
        ("compose.yaml", version),
        ("services/orders/Dockerfile", version),
        ("services/orders/go.mod", version),
        ("services/orders/main.go", version),
    ])
}

fn plan_in(files: &SharedFiles, folder: &Path) -> Plan {
    let paths = files
        .keys()
        .filter(|it| it.ends_with("go.mod") || it.ends_with("main.go"));
    let paths: BTreeSet<_> = paths.cloned().collect();
    let mut starters = BTreeMap::new();
    if !paths.is_empty() {
        starters.insert(STARTED.to_owned(), paths);
    }
    let starters = &starters;
    crate::write::plan(Wanted { files, starters }, folder, &quietly).unwrap()
}

fn started() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let planned = plan_in(&bundle("1"), folder.path());
    apply(&planned, &all(&planned), Choice::Mine).unwrap();
    folder
}

fn after(version: &str, folder: &Path) -> String {
    kinds(&plan_in(&bundle(version), folder)).replace("services/orders/", "")
}

const ALL_YOURS: &str = "compose.yaml update, Dockerfile update, go.mod yours, main.go yours";

#[test]
fn a_folder_that_nobody_touched_is_updated() {
    let folder = started();
    let droppings = [
        "node_modules/x/y.js",
        "a/__pycache__/x.pyc",
        ".venv/z",
        "target/debug/x",
    ];
    for path in droppings {
        by_hand(
            folder.path(),
            &format!("{STARTED}/{path}"),
            "left by a tool",
        );
    }
    assert_eq!(
        after("2", folder.path()),
        "compose.yaml update, Dockerfile update, go.mod update, main.go update"
    );
}

#[test]
fn a_folder_with_a_file_of_a_persons_is_theirs() {
    let folder = started();
    by_hand(folder.path(), "services/orders/internal/store.go", "mine");
    assert_eq!(after("2", folder.path()), ALL_YOURS);
}

#[test]
fn a_folder_where_a_file_was_edited_is_theirs_and_nothing_in_it_is_written() {
    let folder = started();
    by_hand(folder.path(), "services/orders/main.go", "mine");
    assert_eq!(after("2", folder.path()), ALL_YOURS);
    let planned = plan_in(&bundle("2"), folder.path());
    apply(&planned, &all(&planned), Choice::New).unwrap();
    let text = |path| fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(text("services/orders/main.go"), "mine");
    assert_eq!(text("services/orders/go.mod"), "1");
    assert_eq!(text("services/orders/Dockerfile"), "2");
    assert_eq!(
        after("2", folder.path()),
        ALL_YOURS.replace("update", "unchanged")
    );
}

#[test]
fn a_folder_where_a_file_was_removed_is_theirs_for_good() {
    let folder = started();
    fs::remove_file(folder.path().join("services/orders/main.go")).unwrap();
    assert_eq!(after("2", folder.path()), ALL_YOURS);
    let planned = plan_in(&bundle("2"), folder.path());
    apply(&planned, &all(&planned), Choice::New).unwrap();
    assert!(!folder.path().join("services/orders/main.go").exists());
    assert_eq!(
        after("3", folder.path()),
        ALL_YOURS,
        "it is still known that it was removed"
    );
}

#[test]
fn a_folder_that_was_there_before_us_is_theirs() {
    let folder = tempfile::tempdir().unwrap();
    by_hand(folder.path(), "services/orders/pom.xml", "mine");
    assert_eq!(
        after("1", folder.path()),
        "compose.yaml create, Dockerfile create, go.mod yours, main.go yours"
    );
}

#[test]
fn the_rest_of_a_folder_that_is_theirs_is_no_orphan_when_the_service_goes() {
    let folder = started();
    by_hand(folder.path(), "services/orders/main.go", "mine");
    let planned = plan_in(&files(&[("compose.yaml", "1")]), folder.path());
    assert_eq!(
        kinds(&planned),
        "compose.yaml unchanged, services/orders/Dockerfile orphan"
    );
    apply(&planned, &all(&planned), Choice::New).unwrap();
    assert!(folder.path().join("services/orders/go.mod").exists());
}

#[test]
fn a_folder_that_is_still_as_we_left_it_goes_with_its_service_and_may_come_back() {
    let folder = started();
    let planned = plan_in(&files(&[("compose.yaml", "1")]), folder.path());
    assert_eq!(planned.count(crate::write::Kind::Orphan), 3);
    apply(&planned, &all(&planned), Choice::Mine).unwrap();
    assert!(!folder.path().join("services").exists());
    assert_eq!(
        after("1", folder.path()),
        "compose.yaml unchanged, Dockerfile create, go.mod create, main.go create"
    );
}

#[test]
fn a_folder_that_becomes_theirs_while_the_difference_is_shown_is_not_written() {
    let folder = started();
    let planned = plan_in(&bundle("2"), folder.path());
    by_hand(folder.path(), "services/orders/mine.go", "just now");
    let error = apply(&planned, &all(&planned), Choice::New).unwrap_err();
    assert!(
        matches!(&error, WriteError::Changed { path } if path == STARTED),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_link_in_a_started_folder_is_a_persons_and_nobody_follows_it() {
    let folder = started();
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(home.path(), folder.path().join("services/orders/data")).unwrap();
    assert_eq!(after("2", folder.path()), ALL_YOURS);
}
