//! What a skeleton in Rust says.

use super::{WIDTH, files};
use crate::{
    export::{
        FileSet,
        hostile::{HARMLESS, HOSTILE},
        skeleton::facts::testing::{service_a, taken_apart, with_text},
    },
    model::{Model, testing::model},
};

fn of_a(model: &Model) -> FileSet {
    let (id, service) = service_a(model);
    files(model, &id, service)
}

#[test]
fn a_service_says_where_it_listens_and_whom_it_calls() {
    let model = model("x(a{technology=axum}, b{port=7002}); a -> b{fallback}");
    let files = of_a(&model);
    let design = &files["src/design.rs"];
    for part in [
        "pub const PORT: u16 = 3000;\n",
        "        address: \"B_URL\",\n",
        "        is_idempotent: None,\n        is_hard: false,\n        fallback: Some(\"",
    ] {
        assert!(design.contains(part), "{design}");
    }
    let operations = &files["src/operations.rs"];
    assert!(
        operations.contains(".route(\"/\", routing::get(root))"),
        "{operations}"
    );
}

#[test]
fn a_job_serves_nothing() {
    let files = of_a(&model("x(a:job{technology=axum}, b); a -> b"));
    assert!(files["src/main.rs"].contains("Runs once"));
    assert!(!files.contains_key("src/server.rs") && !files.contains_key("tests/server.rs"));
    assert!(!files["src/lib.rs"].contains("operations;"));
}

#[test]
fn methods_of_one_path_share_its_route() {
    let files = of_a(&with_text("axum", HARMLESS));
    let operations = &files["src/operations.rs"];
    let route = ".route(\"/first/{id}\", routing::get(harmless).post(harmless_2))";
    assert!(operations.contains(route), "{operations}");
}

#[test]
fn no_text_of_a_design_becomes_code() {
    let harmless = of_a(&with_text("axum", HARMLESS));
    let (expected, _) = taken_apart(&harmless["src/design.rs"]);
    let long = "long ".repeat(30);
    for text in HOSTILE.iter().copied().chain([long.as_str()]) {
        let files = of_a(&with_text("axum", text));
        let (design, _) = taken_apart(&files["src/design.rs"]);
        assert_eq!(design, expected, "{text:?}");
        let file = &files["src/operations.rs"];
        let (operations, _) = taken_apart(file);
        let count = operations.matches(").await\n}\n").count();
        assert!((2..=5).contains(&count), "{text:?}: {operations}");
        assert_eq!(operations.matches("\nasync fn ").count(), count);
        let mut lines = file.lines().filter(|it| !it.starts_with("        .route("));
        assert!(lines.all(|it| it.chars().count() <= WIDTH), "{file}");
    }
}
