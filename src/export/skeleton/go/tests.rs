//! What a skeleton in Go says.

use super::{files, notes};
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
    let model = model(
        "x(a{technology=go port=7001}, b{port=7002}, d:database{technology=postgres}); \
         a -> b{fallback}; a -> d",
    );
    let files = of_a(&model);
    let design = &files["design.go"];
    for part in [
        "const serviceName = \"a\"\n",
        "const usualPort = \"7001\"\n",
        "{name: \"b\", prefix: \"B\", address: \"B_URL\", method: \"GET\", path: \"/\", hasFallback: true, ",
    ] {
        assert!(design.contains(part), "{design}");
    }
    assert!(!design.contains("\"d\""), "{design}");
    assert!(files["operations.go"].contains("mux.HandleFunc(\"GET \"+exactly(\"/\"), a.Root)"));
    let (id, service) = service_a(&model);
    assert_eq!(notes(&model, &id, service).len(), 1);
}

#[test]
fn a_job_serves_nothing() {
    let files = of_a(&model("x(a:job{technology=go}, b); a -> b"));
    assert!(files["main.go"].contains("A job runs once"));
    assert!(!files.contains_key("server.go") && !files.contains_key("operations.go"));
    assert!(!files["design.go"].contains("usualPort"));
}

#[test]
fn no_text_of_a_design_becomes_code() {
    let harmless = of_a(&with_text("go", HARMLESS));
    let (expected, _) = taken_apart(&harmless["design.go"]);
    for text in HOSTILE {
        let files = of_a(&with_text("go", text));
        let (design, texts) = taken_apart(&files["design.go"]);
        assert_eq!(design, expected, "{text:?}");
        assert_eq!(texts.len(), taken_apart(&harmless["design.go"]).1.len());
        let (operations, titles) = taken_apart(&files["operations.go"]);
        for start in [
            "mux.HandleFunc(\"\"+exactly(\"\"), a.",
            "a.example(w, r, \"\")",
        ] {
            let count = operations.matches(start).count();
            assert!((2..=5).contains(&count), "{text:?}: {operations}");
        }
        assert_eq!(
            operations.matches('{').count(),
            operations.matches('}').count()
        );
        let is_plain = text
            .chars()
            .all(|it| it == ' ' || it.is_ascii_alphanumeric());
        assert!(
            !is_plain || titles.iter().any(|it| it == text),
            "{titles:?}"
        );
    }
}
