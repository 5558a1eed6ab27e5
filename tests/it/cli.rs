//! The command line, as the real program in a fresh folder.

use std::{
    fs::File,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meshboard"));
    command.args(words).current_dir(folder).stdin(Stdio::null());
    command
}

pub(crate) fn run(folder: &Path, words: &[&str]) -> Output {
    command(folder, words).output().unwrap()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().expect("the program ended by itself")
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A fresh folder with the shop in `s.json`.
pub(crate) fn with_shop() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let output = run(
        folder.path(),
        &["new", "--template", "shop", "-o", "s.json"],
    );
    assert_eq!(code(&output), 0, "{}", said(&output));
    folder
}

/// Fails unless the output is a complaint of one cause that names the file.
fn assert_refused(output: &Output, file: &str, reason: &str) {
    let text = said(output);
    assert_eq!(code(output), 2, "{text}");
    assert!(output.stdout.is_empty());
    assert!(text.starts_with("error: "), "{text}");
    assert_eq!(text.matches("error:").count(), 1, "{text}");
    assert!(text.contains(file), "{text}");
    assert!(text.contains(reason), "{text}");
    assert!(text.len() < 2_000, "an error of {} bytes", text.len());
}

#[test]
fn a_new_shop_passes_its_check() {
    let folder = with_shop();
    let output = run(folder.path(), &["check", "s.json"]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(code(&output), 0, "{text}{}", said(&output));
    assert!(text.contains("0 errors"), "{text}");
}

#[test]
fn findings_come_as_json_and_as_sarif() {
    let folder = with_shop();
    let found = json(&run(
        folder.path(),
        &["check", "s.json", "--format", "json"],
    ));
    assert_eq!(found["version"], 1);
    assert!(found["findings"].is_array());
    assert_eq!(found["counts"]["error"], 0);

    let found = json(&run(
        folder.path(),
        &["check", "s.json", "--format", "sarif"],
    ));
    assert_eq!(found["version"], "2.1.0");
    assert!(found["runs"][0]["results"].is_array());
}

#[test]
fn a_file_is_not_overwritten_unless_that_is_said() {
    let folder = with_shop();
    let again = ["new", "--template", "blank", "-o", "s.json"];
    assert_refused(&run(folder.path(), &again), "s.json", "--force");

    let mut forced = again.to_vec();
    forced.push("--force");
    assert_eq!(code(&run(folder.path(), &forced)), 0);
    assert!(folder.path().join("s.json.bak").exists());
}

#[test]
fn every_template_can_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    for template in ["blank", "shop", "event-driven", "flawed"] {
        let file = format!("{template}.meshboard.json");
        let made = run(folder.path(), &["new", "--template", template, "-o", &file]);
        assert_eq!(code(&made), 0, "{}", said(&made));
        let checked = run(folder.path(), &["check", &file]);
        assert_ne!(code(&checked), 2, "{}", said(&checked));
    }
    let text = std::fs::read_to_string(folder.path().join("blank.meshboard.json")).unwrap();
    assert!(text.contains(r#""name": "blank""#), "{text}");
}

#[test]
fn the_schema_is_that_of_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let schema = json(&run(folder.path(), &["schema"]));
    assert_eq!(schema["title"], "Meshboard project");
    assert!(schema["properties"]["services"].is_object());
}

#[test]
fn references_come_as_text_and_as_json() {
    let folder = tempfile::tempdir().unwrap();
    for (name, list) in [
        ("rules", "rules"),
        ("targets", "targets"),
        ("formats", "formats"),
    ] {
        assert_eq!(code(&run(folder.path(), &[name])), 0);
        let listed = json(&run(folder.path(), &[name, "--format", "json"]));
        assert!(listed[list].is_array());
    }
    let output = run(folder.path(), &["rules", "Z99"]);
    assert_refused(&output, "Z99", "meshboard rules");
}

#[test]
fn an_answer_in_a_file_is_read_as_it_would_be_when_polled() {
    let folder = tempfile::tempdir().unwrap();
    let page = "breaker_state{name=\"bank\",state=\"open\"} 1\nnot a line\n\
                caddy_reverse_proxy_upstreams_healthy{upstream=\"tax:80\"} 0\n# EOF\n";
    let mut file = File::create(folder.path().join("page")).unwrap();
    file.write_all(page.as_bytes()).unwrap();
    let kind = "application/openmetrics-text; version=1.0.0";
    let output = run(
        folder.path(),
        &["formats", "--read", "page", "--type", kind],
    );
    assert_eq!(code(&output), 0, "{}", said(&output));
    let read = json(&output);
    assert_eq!(read["breakers"][0]["state"], "open");
    assert_eq!(read["breakers"][0]["confidence"], "reported");
    assert_eq!(read["others"]["instances"][0]["health"], "down");
    assert_eq!(read["metrics"]["first_left_out"], serde_json::json!([2]));
    assert_eq!(read["metrics"]["ends_with_eof"], true);
    let output = run(folder.path(), &["formats", "--read", "none"]);
    assert_refused(&output, "none", "cannot read");
}

#[test]
fn a_file_cut_in_half_is_refused_with_its_place() {
    let folder = with_shop();
    let path = folder.path().join("s.json");
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let output = run(folder.path(), &["check", "s.json"]);
    assert_refused(&output, "s.json", "line ");
}

#[test]
fn a_file_of_brackets_is_refused_without_falling_over() {
    let folder = tempfile::tempdir().unwrap();
    let brackets = vec![b'['; 1024 * 1024];

    let mut deep = File::create(folder.path().join("deep.json")).unwrap();
    deep.write_all(&brackets).unwrap();
    drop(deep);
    let output = run(folder.path(), &["check", "deep.json"]);
    assert_refused(&output, "deep.json", "line 1");

    // 200 MB, of which only the first are on the disk.
    let mut large = File::create(folder.path().join("large.json")).unwrap();
    large.write_all(&brackets).unwrap();
    large.seek(SeekFrom::Start(200 * 1024 * 1024)).unwrap();
    large.write_all(b"[").unwrap();
    drop(large);
    let output = run(folder.path(), &["check", "large.json"]);
    assert_refused(&output, "large.json", "MiB");
}

#[test]
fn a_long_name_is_fine_and_a_long_id_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(10_000);
    let write = |file: &str, text: String| {
        let mut file = File::create(folder.path().join(file)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    write(
        "name.json",
        format!(r#"{{"meshboard":1,"services":{{"a":{{"name":"{long}"}}}}}}"#),
    );
    assert_ne!(code(&run(folder.path(), &["check", "name.json"])), 2);

    write(
        "id.json",
        format!(r#"{{"meshboard":1,"services":{{"{long}":{{}}}}}}"#),
    );
    let output = run(folder.path(), &["check", "id.json"]);
    assert_refused(&output, "id.json", "is no id");
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["check", "nowhere.json"]);
    assert_refused(&output, "nowhere.json", "cannot read");
}

#[test]
fn a_wrong_call_exits_with_2_and_without_colors() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        &["frobnicate"][..],
        &["check"],
        &["check", "s.json", "--format", "xml"],
        &["new", "--template", "nothing", "-o", "x.json"],
        &["demo", "--seconds", "3"],
    ] {
        let output = run(folder.path(), words);
        assert_eq!(code(&output), 2, "{words:?}");
        assert!(!said(&output).contains('\u{1b}'), "{words:?}");
        assert!(said(&output).starts_with("error: "), "{words:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path(), &["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0);
    assert_eq!(said(&output), "");
}

#[test]
fn the_demo_without_a_window_lists_its_addresses_and_ends_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["demo", "--headless", "--seconds", "0"]);
    let text = said(&output);
    assert_eq!(code(&output), 0, "{text}");
    assert_eq!(text.matches("http://127.0.0.1:").count(), 14, "{text}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let words = ["demo", "--headless", "--seconds", "0", "--port-base", &port];
    assert_refused(&run(folder.path(), &words), &port, "cannot listen");
}

#[cfg(not(feature = "window"))]
#[test]
fn a_build_without_the_window_says_so() {
    let folder = tempfile::tempdir().unwrap();
    assert_refused(&run(folder.path(), &[]), "window", "--help");
}

#[test]
fn the_readme_has_the_table_of_fields_as_the_program_prints_it() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), &["targets", "--format", "markdown"]);
    let table = String::from_utf8(printed.stdout).unwrap();
    let readme = include_str!("../../README.md");
    assert!(table.lines().count() > 50);
    assert!(
        readme.contains(&table),
        "put the output of `meshboard targets --format markdown` into README.md"
    );
}
