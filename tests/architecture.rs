//! Who may use whom, and how long a file may be.
//!
//! Reads the sources as text and links nothing, so that it runs in no time. Tests at
//! the bottom of a file may use what they like.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of a test may fail it"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each module with the only modules it may use, in reading order: all arrows point up.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("project", &["model"]),
    ("edit", &["model", "project"]),
    ("rules", &["model", "edit"]),
    ("layout", &["model", "project"]),
    ("export", &["model", "project", "layout"]),
    ("write", &["export"]),
    ("monitor", &["model", "project"]),
    ("history", &["model", "project", "monitor"]),
    ("import", &["model", "project", "layout"]),
    ("demo", &["model", "project"]),
    (
        "ui",
        &[
            "model", "project", "edit", "rules", "layout", "export", "write", "monitor", "history",
            "import",
        ],
    ),
    (
        "cli",
        &[
            "model", "project", "edit", "rules", "layout", "export", "write", "monitor", "history",
            "import", "demo",
        ],
    ),
];

/// What only some places may name: the start of a path, and the files, by the start
/// of theirs under `src`.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("egui", &["ui/"]),
    ("eframe", &["ui/"]),
    ("egui_graphs", &["ui/"]),
    ("petgraph", &["ui/"]),
    ("rfd", &["ui/"]),
    ("clap", &["cli/", "main.rs"]),
    // One exporter writes programs that use it.
    ("axum", &["demo/", "export/skeleton/axum_service/"]),
    (
        "tokio",
        &["monitor/", "history/", "demo/", "ui/", "cli/", "main.rs"],
    ),
    ("reqwest", &["monitor/", "demo/"]),
    ("rusqlite", &["history/"]),
    ("csv", &["monitor/format/haproxy.rs", "cli/"]),
    // The monitor reads certificates, in one place.
    (
        "std::fs",
        &[
            "project/",
            "write/",
            "history/",
            "cli/",
            "monitor/fetch/files.rs",
        ],
    ),
    ("std::process::Command", &[]),
];

/// What a file may have in lines.
const MOST_LINES: usize = 400;

#[test]
fn modules_use_only_what_is_above_them() {
    let mut breaches = Vec::new();
    for file in product_sources() {
        let Some((_, allowed)) = MAY_USE.iter().find(|(it, _)| *it == file.module()) else {
            continue;
        };
        for used in used_modules(&file.code) {
            let is_module = MAY_USE.iter().any(|(it, _)| *it == used);
            if is_module && used != file.module() && !allowed.contains(&used.as_str()) {
                breaches.push(format!("{} uses crate::{used}", file.path));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn every_module_has_a_row() {
    for file in sources("src") {
        let is_top = matches!(file.path.as_str(), "lib.rs" | "main.rs");
        let has_row = MAY_USE.iter().any(|(it, _)| *it == file.module());
        assert!(is_top || has_row, "{} is in no row of MAY_USE", file.path);
    }
}

#[test]
fn each_crate_is_named_only_where_it_belongs() {
    let mut breaches = Vec::new();
    for file in product_sources() {
        for (name, places) in ONLY_IN {
            let is_allowed = places.iter().any(|it| file.path.starts_with(it));
            if !is_allowed && names(&file.code, name) {
                breaches.push(format!("{} names {name}", file.path));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut breaches = Vec::new();
    for file in sources("src").into_iter().chain(sources("tests")) {
        if file.lines > MOST_LINES {
            let (path, lines) = (&file.path, file.lines);
            breaches.push(format!("{path} has {lines} lines: split it by topic"));
        }
        if !file.starts_with_doc {
            breaches.push(format!("{} does not start with //!", file.path));
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_test_itself_sees_grouped_imports() {
    let code = "use crate::{\n    edit::Edit,\n    model::{self, Service},\n};\nfn f() { crate::ui::run() }";
    let used: Vec<_> = used_modules(code).into_iter().collect();
    assert_eq!(used, ["edit", "model", "ui"]);
    assert!(names("use std::{fs, io};", "std::fs"));
    assert!(names("let it = std::fs::read(path);", "std::fs"));
    assert!(!names("use std::fmt;", "std::fs"));
    assert!(!names("let egui_like = 1;", "egui"));
}

struct Source {
    /// Under its folder, with `/`.
    path: String,
    /// Without comments and without the tests at its bottom.
    code: String,
    lines: usize,
    starts_with_doc: bool,
}

impl Source {
    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }
}

/// The sources without those that are compiled for tests alone.
fn product_sources() -> Vec<Source> {
    let mut found = sources("src");
    let for_tests: Vec<String> = found.iter().flat_map(modules_for_tests).collect();
    found.retain(|file| {
        let stem = file.path.trim_end_matches(".rs");
        let is_inside = |it: &String| stem == it || stem.starts_with(&format!("{it}/"));
        !for_tests.iter().any(is_inside)
    });
    found
}

/// The paths, without `.rs`, of what a file declares as `#[cfg(test)] mod name;`.
fn modules_for_tests(file: &Source) -> Vec<String> {
    let folder = file.path.trim_end_matches(".rs").trim_end_matches("mod");
    let folder = folder.trim_end_matches('/');
    let declared = file
        .code
        .split("#[cfg(test)]\n")
        .skip(1)
        .filter_map(|rest| {
            let line = rest.lines().next()?.trim();
            let (_, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
            Some(format!("{folder}/{name}"))
        });
    declared.collect()
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                found.push(source(&root, &path));
            }
        }
    }
    assert!(!found.is_empty(), "no sources under {}", root.display());
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn source(root: &Path, path: &PathBuf) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let under_root = path.strip_prefix(root).unwrap();
    let without_tests = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    let code: Vec<&str> = without_tests
        .lines()
        .filter(|it| !it.trim_start().starts_with("//"))
        .collect();
    Source {
        path: under_root.to_str().unwrap().replace('\\', "/"),
        code: code.join("\n"),
        lines: text.lines().count(),
        starts_with_doc: text.starts_with("//!"),
    }
}

/// What follows each `crate::`, alone or in a group.
fn used_modules(code: &str) -> BTreeSet<String> {
    code.split("crate::").skip(1).flat_map(members).collect()
}

/// The first names of a path, which may be a group: `{a::b, c}` gives `a` and `c`.
fn members(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![first_name(path)];
    };
    let mut depth = 0_usize;
    let mut names = Vec::new();
    let mut member = String::new();
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(first_name(&std::mem::take(&mut member))),
            _ if depth == 0 => member.push(character),
            _ => {}
        }
    }
    names.push(first_name(&member));
    names.retain(|it| !it.is_empty());
    names
}

fn first_name(path: &str) -> String {
    let is_part = |it: &char| it.is_alphanumeric() || *it == '_';
    path.trim_start().chars().take_while(is_part).collect()
}

/// Whether code names a path such as `std::fs`, written out or in a group.
fn names(code: &str, path: &str) -> bool {
    let is_part = |it: char| it.is_alphanumeric() || it == '_' || it == ':';
    let is_whole = |at: usize| {
        let before = code[..at].chars().next_back();
        let after = code[at + path.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(|it| it.is_alphanumeric() || it == '_')
    };
    let is_path = |at: usize| {
        let rest = &code[at + path.len()..];
        path.contains("::") || rest.starts_with("::") || code[..at].ends_with("use ")
    };
    let is_written_out = code
        .match_indices(path)
        .any(|(at, _)| is_whole(at) && is_path(at));
    let is_in_group = path.rsplit_once("::").is_some_and(|(parent, name)| {
        code.split(&format!("{parent}::"))
            .skip(1)
            .any(|rest| rest.starts_with('{') && members(rest).iter().any(|it| it == name))
    });
    is_written_out || is_in_group
}
