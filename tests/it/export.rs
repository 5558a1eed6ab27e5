//! Exporting again into a folder where a person went on, as the real program.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
};

use serde_json::{Value, json};

use crate::cli::{code, json as answer, run, said, with_shop};

const EXPORT: &[&str] = &["export", "s.json", "--to", "out"];

fn export(folder: &Path, more: &[&str]) -> std::process::Output {
    run(folder, &[EXPORT, more].concat())
}

fn write(folder: &Path, path: &str, text: &str) {
    let mut file = File::create(folder.join(path)).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn compose(folder: &Path) -> String {
    fs::read_to_string(folder.join("out/compose.yaml")).unwrap()
}

/// An exported shop whose design changes afterwards: orders gets a third replica.
fn exported_shop() -> tempfile::TempDir {
    let folder = with_shop();
    assert_eq!(code(&export(folder.path(), &[])), 0);
    let text = fs::read_to_string(folder.path().join("s.json")).unwrap();
    let mut project: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(project["services"]["orders"]["replicas"], 2);
    project["services"]["orders"]["replicas"] = json!(3);
    write(folder.path(), "s.json", &project.to_string());
    folder
}

fn file_of<'a>(plan: &'a Value, path: &str) -> &'a Value {
    let mut files = plan["files"].as_array().unwrap().iter();
    files.find(|it| it["path"] == path).expect("the file")
}

#[test]
fn changes_of_a_person_are_merged_when_asked_for() {
    let folder = exported_shop();
    let edited = format!("# mine\n{}", compose(folder.path()));
    write(folder.path(), "out/compose.yaml", &edited);

    let shown = export(folder.path(), &["--dry-run", "--format", "json", "--diff"]);
    assert_eq!(code(&shown), 1, "{}", said(&shown));
    let plan = answer(&shown);
    assert_eq!(plan["version"], 1);
    let file = file_of(&plan, "compose.yaml");
    assert_eq!(file["state"], "merge");
    assert_eq!(file["target"], "compose");
    assert_eq!(file["conflicts"], 0);
    assert!(file["diff"].as_str().unwrap().contains("replicas: 3"));
    assert!(file.get("result").is_none(), "nothing was done");
    assert_eq!(plan["counts"]["merge"], 1);
    assert_eq!(compose(folder.path()), edited);

    let merged = export(folder.path(), &["--merge", "--format", "json"]);
    assert_eq!(code(&merged), 0, "{}", said(&merged));
    assert_eq!(
        file_of(&answer(&merged), "compose.yaml")["result"],
        "merged"
    );
    let text = compose(folder.path());
    assert!(
        text.starts_with("# mine\n") && text.contains("replicas: 3"),
        "{text}"
    );

    let again = export(folder.path(), &["--merge"]);
    assert_eq!(code(&again), 0, "nothing is left to do: {}", said(&again));
    assert_eq!(compose(folder.path()), text);
}

#[test]
fn conflicts_are_left_alone_unless_marks_are_asked_for() {
    let folder = exported_shop();
    let edited = compose(folder.path()).replace("replicas: 2", "replicas: 9");
    write(folder.path(), "out/compose.yaml", &edited);

    let kept = export(folder.path(), &["--merge"]);
    assert_eq!(code(&kept), 1, "{}", said(&kept));
    let text = String::from_utf8(kept.stdout.clone()).unwrap();
    assert!(text.contains("conflict       compose.yaml"), "{text}");
    assert!(text.contains("(1 conflict with your changes)"), "{text}");
    assert!(
        said(&kept).contains("--conflict-markers"),
        "{}",
        said(&kept)
    );
    assert_eq!(compose(folder.path()), edited);

    let marked = export(folder.path(), &["--conflict-markers"]);
    assert_eq!(code(&marked), 1, "{}", said(&marked));
    let text = compose(folder.path());
    assert_eq!(text.matches("<<<<<<< yours").count(), 1, "{text}");

    let both = export(folder.path(), &["--merge", "--force"]);
    assert_eq!(code(&both), 2, "{}", said(&both));
    assert_eq!(code(&export(folder.path(), &["--force"])), 0);
    assert!(compose(folder.path()).contains("replicas: 3"));
}

#[test]
fn a_marked_part_is_no_conflict_and_survives_even_force() {
    let folder = exported_shop();
    let part = "# meshboard:keep mine\nx-mine: {}\n# meshboard:end\n";
    let edited = compose(folder.path()).replace("name: shop\n", &format!("name: shop\n{part}"));
    write(folder.path(), "out/compose.yaml", &edited);
    assert_eq!(code(&export(folder.path(), &["--force"])), 0);
    let text = compose(folder.path());
    assert!(
        text.contains(part) && text.contains("replicas: 3"),
        "{text}"
    );
}

#[test]
fn what_an_earlier_export_left_is_removed_only_when_asked_for() {
    let folder = with_shop();
    assert_eq!(code(&export(folder.path(), &[])), 0);
    let dockerfile = folder.path().join("out/services/shipping/Dockerfile");
    assert!(dockerfile.exists());
    let text = fs::read_to_string(folder.path().join("s.json")).unwrap();
    write(
        folder.path(),
        "s.json",
        &text.replace("\"shipping\"", "\"delivery\""),
    );

    let listed = export(folder.path(), &[]);
    assert_eq!(code(&listed), 0, "{}", said(&listed));
    assert!(
        said(&listed).contains("--remove-orphans"),
        "{}",
        said(&listed)
    );
    assert!(dockerfile.exists());

    let removed = export(folder.path(), &["--remove-orphans", "--format", "json"]);
    let orphan = file_of(&answer(&removed), "services/shipping/Dockerfile").clone();
    assert_eq!(
        (&orphan["state"], &orphan["result"]),
        (&json!("orphan"), &json!("removed"))
    );
    assert_eq!(orphan["target"], Value::Null);
    assert!(!folder.path().join("out/services/shipping").exists());
    assert!(
        !folder
            .path()
            .join("out/.meshboard/base/services/shipping")
            .exists()
    );
}

#[test]
fn the_help_says_what_the_answer_looks_like() {
    let folder = tempfile::tempdir().unwrap();
    let help = run(folder.path(), &["export", "--help"]);
    let text = String::from_utf8(help.stdout).unwrap();
    for words in [
        "--merge",
        "--remove-orphans",
        "conflicts",
        "meshboard:keep",
        "Exits with 1",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}
