//! Nothing is half written, and nothing leaves the folder.

use std::{cell::Cell, fs, io, ops::ControlFlow};

use super::{all, apply, by_hand, files, kinds, leftovers, plan, write};
use crate::write::{Choice, Chosen, MANIFEST_PATH, Wanted, WriteError, apply::apply_with, quietly};

#[test]
fn a_folder_that_changed_since_planning_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", "1"), ("b", "1")], folder.path());
    let planned = plan(&files(&[("a", "2"), ("b", "2")]), folder.path()).unwrap();
    by_hand(folder.path(), "b", "just now");
    let error = apply(&planned, &all(&planned), Choice::New).unwrap_err();
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
    let error = apply(&planned, &all(&planned), Choice::Mine).unwrap_err();
    assert!(matches!(error, WriteError::InTheWay { .. }), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "1");
    assert!(leftovers(folder.path()).is_empty());
}

/// Everything below a folder, by relative path.
fn below(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(place).unwrap().flatten() {
            let path = entry.path();
            found.push(path.strip_prefix(folder).unwrap().display().to_string());
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", "1")], folder.path());
    let before = below(folder.path());
    let planned = plan(
        &files(&[("a", "2"), ("b/c/d", "2"), ("e", "full")]),
        folder.path(),
    );
    let planned = planned.unwrap();
    let chosen: Chosen = all(&planned)
        .into_iter()
        .map(|it| (it, Choice::New))
        .collect();
    let error = apply_with(&planned, &chosen, &quietly, |file, bytes| {
        if bytes == b"full" {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        io::Write::write_all(file, bytes)
    });
    let error = error.unwrap_err();
    assert!(
        matches!(&error, WriteError::NotWritten { written, of: 3, .. } if written.is_empty()),
        "{error}"
    );
    assert!(error.to_string().contains("0 of 3 files"), "{error}");
    assert_eq!(below(folder.path()), before, "no file and no folder is new");
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "1");
}

#[test]
fn whoever_stops_it_finds_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = files(&[("a", "1"), ("b/c", "1")]);
    let stop = |_: usize, _: usize| ControlFlow::Break(());
    let starters = &std::collections::BTreeMap::new();
    let stopped = Wanted {
        files: &wanted,
        starters,
    };
    let error = crate::write::plan(stopped, folder.path(), &stop).unwrap_err();
    assert!(matches!(error, WriteError::Stopped), "{error}");

    let planned = plan(&wanted, folder.path()).unwrap();
    let chosen: Chosen = all(&planned)
        .into_iter()
        .map(|it| (it, Choice::New))
        .collect();
    let calls = Cell::new(0);
    let stop_late = |done, _| {
        calls.set(calls.get() + 1);
        if done > 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let error = crate::write::apply(&planned, &chosen, &stop_late).unwrap_err();
    assert!(matches!(error, WriteError::Stopped), "{error}");
    assert_eq!(calls.get(), 2);
    assert_eq!(below(folder.path()), Vec::<String>::new());
}

#[test]
fn no_file_of_a_bundle_lies_where_we_keep_our_own() {
    let folder = tempfile::tempdir().unwrap();
    for path in [".meshboard/base/a", ".Meshboard/x", ".meshboard"] {
        let error = plan(&files(&[(path, "x")]), folder.path()).unwrap_err();
        assert!(
            matches!(error, WriteError::Outside { .. }),
            "{path}: {error}"
        );
    }
    let manifest = r#"{"version":1,"files":{".meshboard/base/a":"00"},
        "starters":{"../x":["../x/y"],"a":["b/c"]}}"#;
    by_hand(folder.path(), MANIFEST_PATH, manifest);
    let planned = plan(&files(&[]), folder.path()).unwrap();
    assert_eq!(planned.changes.len(), 0);
    assert!(planned.starters.is_empty());
}

#[cfg(unix)]
#[test]
fn texts_exported_before_are_not_kept_outside_the_folder() {
    let home = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (home.path().join("deploy"), home.path().join("elsewhere"));
    write(&[("a", "1")], &folder);
    fs::remove_dir_all(folder.join(".meshboard/base")).unwrap();
    fs::create_dir_all(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, folder.join(".meshboard/base")).unwrap();
    let planned = plan(&files(&[("a", "2")]), &folder).unwrap();
    let error = apply(&planned, &all(&planned), Choice::New).unwrap_err();
    assert!(matches!(error, WriteError::Outside { .. }), "{error}");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), "1");
}
