//! A person's edits and a new export in one file.

use std::{fs, path::Path};

use super::{all, apply, by_hand, files, kinds, plan, write};
use crate::write::{Choice, Kind, Merge};

const OLD: &str = "image: a:1\nports: 80\n\nmemory: 1G\ncpus: 1\n";
const NEW: &str = "image: a:2\nports: 80\n\nmemory: 1G\ncpus: 1\n";

fn text(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

/// A folder where `a` was exported as `OLD` and edited since.
fn edited(from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", OLD)], folder.path());
    by_hand(folder.path(), "a", &OLD.replace(from, to));
    folder
}

#[test]
fn edits_in_another_place_are_merged_when_asked_for() {
    let folder = edited("cpus: 1", "cpus: 4");
    let wanted = files(&[("a", NEW)]);
    let planned = plan(&wanted, folder.path()).unwrap();
    assert_eq!(kinds(&planned), "a merge");
    let change = &planned.changes[0];
    let merged = "image: a:2\nports: 80\n\nmemory: 1G\ncpus: 4\n";
    assert_eq!(change.base.as_deref(), Some(OLD));
    assert_eq!(
        change.merged,
        Some(Merge {
            text: merged.to_owned(),
            conflicts: 0
        })
    );
    let done = apply(&planned, &all(&planned), Choice::Mine).unwrap();
    assert_eq!(done.kept, ["a"]);
    apply(&planned, &all(&planned), Choice::Merged).unwrap();
    assert_eq!(text(folder.path(), "a"), merged);

    let again = plan(&wanted, folder.path()).unwrap();
    assert_eq!(kinds(&again), "a edited by you");
    assert!(again.changes[0].is_settled(), "the export adds nothing");
    let third = NEW.replace("ports: 80", "ports: 81");
    let third = plan(&files(&[("a", &third)]), folder.path()).unwrap();
    assert_eq!(kinds(&third), "a merge", "what was exported last is known");
}

#[test]
fn a_conflict_is_written_only_when_marks_are_asked_for() {
    let folder = edited("a:1", "a:mine");
    let wanted = files(&[("a", NEW)]);
    let planned = plan(&wanted, folder.path()).unwrap();
    assert_eq!(kinds(&planned), "a conflict");
    let done = apply(&planned, &all(&planned), Choice::Merged).unwrap();
    assert_eq!(done.kept, ["a"]);
    assert!(text(folder.path(), "a").starts_with("image: a:mine\n"));

    apply(&planned, &all(&planned), Choice::Marked).unwrap();
    assert!(text(folder.path(), "a").starts_with("<<<<<<< yours\nimage: a:mine\n=======\n"));
    let marked = plan(&wanted, folder.path()).unwrap();
    assert_eq!(kinds(&marked), "a conflict", "until somebody resolves it");
    apply(&marked, &all(&marked), Choice::New).unwrap();
    assert_eq!(text(folder.path(), "a"), NEW);
}

#[test]
fn an_edit_that_the_new_export_makes_too_is_nobodys() {
    let folder = edited("a:1", "a:2");
    let planned = plan(&files(&[("a", NEW)]), folder.path()).unwrap();
    assert_eq!(kinds(&planned), "a unchanged");
    let more = NEW.replace("cpus: 1", "cpus: 2");
    let planned = plan(&files(&[("a", &more)]), folder.path()).unwrap();
    assert_eq!(kinds(&planned), "a update");
    apply(&planned, &all(&planned), Choice::Mine).unwrap();
    assert_eq!(text(folder.path(), "a"), more);
}

#[test]
fn without_the_last_export_there_are_two_sides_only() {
    for spoil in [true, false] {
        let folder = edited("cpus: 1", "cpus: 4");
        let base = folder.path().join(".meshboard/base/a");
        if spoil {
            by_hand(
                folder.path(),
                ".meshboard/base/a",
                "not what was exported\n",
            );
        } else {
            fs::remove_file(base).unwrap();
        }
        let planned = plan(&files(&[("a", NEW)]), folder.path()).unwrap();
        assert_eq!(kinds(&planned), "a edited by you");
        let change = &planned.changes[0];
        assert_eq!((change.base.as_ref(), change.merged.as_ref()), (None, None));
        assert!(!change.is_settled());
        let done = apply(&planned, &all(&planned), Choice::Marked).unwrap();
        assert_eq!(done.kept, ["a"]);
    }
}

#[test]
fn a_file_that_is_no_text_is_kept_or_replaced() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", OLD)], folder.path());
    let mut file = fs::File::create(folder.path().join("a")).unwrap();
    std::io::Write::write_all(&mut file, b"\xff\xfe").unwrap();
    let planned = plan(&files(&[("a", NEW)]), folder.path()).unwrap();
    assert_eq!(kinds(&planned), "a edited by you");
    assert_eq!(planned.changes[0].merged, None);
}

#[test]
fn what_was_exported_last_goes_with_an_orphan() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", "1"), ("old/x", "1")], folder.path());
    assert_eq!(text(folder.path(), ".meshboard/base/old/x"), "1");
    let planned = plan(&files(&[("a", "1")]), folder.path()).unwrap();
    apply(&planned, &all(&planned), Choice::Mine).unwrap();
    assert!(!folder.path().join(".meshboard/base/old").exists());
    assert!(folder.path().join(".meshboard/base/a").exists());
}

#[test]
fn what_was_exported_last_is_learnt_for_a_folder_of_before() {
    let folder = tempfile::tempdir().unwrap();
    write(&[("a", OLD)], folder.path());
    fs::remove_dir_all(folder.path().join(".meshboard/base")).unwrap();
    write(&[("a", OLD)], folder.path());
    assert_eq!(text(folder.path(), ".meshboard/base/a"), OLD);
}

const MINE: &str = "# meshboard:keep mine\nextra: 1\n# meshboard:end\n";

#[test]
fn a_marked_part_survives_every_choice_and_is_no_edit() {
    let folder = edited("ports: 80\n", &format!("ports: 80\n{MINE}"));
    let same = plan(&files(&[("a", OLD)]), folder.path()).unwrap();
    assert_eq!(kinds(&same), "a unchanged");
    apply(&same, &all(&same), Choice::New).unwrap();
    assert!(text(folder.path(), "a").contains(MINE));

    let planned = plan(&files(&[("a", NEW)]), folder.path()).unwrap();
    assert_eq!(kinds(&planned), "a update");
    apply(&planned, &all(&planned), Choice::Mine).unwrap();
    let expected = NEW.replace("ports: 80\n", &format!("ports: 80\n{MINE}"));
    assert_eq!(text(folder.path(), "a"), expected);
    let again = plan(&files(&[("a", NEW)]), folder.path()).unwrap();
    assert_eq!(kinds(&again), "a unchanged");

    by_hand(folder.path(), "a", &expected.replace("cpus: 1", "cpus: 4"));
    let next = NEW.replace("a:2", "a:3");
    let planned = plan(&files(&[("a", &next)]), folder.path()).unwrap();
    assert_eq!(kinds(&planned), "a merge");
    apply(&planned, &all(&planned), Choice::New).unwrap();
    assert!(
        text(folder.path(), "a").contains(MINE),
        "even when the rest is replaced"
    );
}

#[test]
fn a_marked_part_without_a_place_makes_a_conflict() {
    let folder = edited("ports: 80\n", &format!("ports: 80\n{MINE}"));
    let without = OLD.replace("ports: 80\n", "");
    let planned = plan(&files(&[("a", &without)]), folder.path()).unwrap();
    assert_eq!(planned.count(Kind::Conflict), 1, "{}", kinds(&planned));
    let done = apply(&planned, &all(&planned), Choice::Merged).unwrap();
    assert_eq!(done.kept, ["a"]);
    assert!(text(folder.path(), "a").contains(MINE));
}
