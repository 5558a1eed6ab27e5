//! What the documents show, and that no text becomes their syntax.

use super::EXPORTER;
use crate::{
    export::{Export, export_one, hostile},
    model::{Model, testing::model},
};

fn export(model: &Model) -> Export {
    export_one(&EXPORTER, model).unwrap()
}

const SHOP: &str = "o(orders{technology=fastapi}, d:database{technology=postgres}); \
     c(+catalog{technology=go}, g:gateway); (bank:external); \
     orders -> d; orders -> catalog{timeout=750 breaker retries=2}; orders => bank; g/cat -> catalog";

#[test]
fn every_picture_shows_every_service_and_call() {
    let files = export(&model(SHOP)).files;
    for (file, arrow) in [
        (
            "architecture.mmd",
            "s_orders -->|\"calls, 750 ms, 2 retries, breaker\"| s_catalog",
        ),
        (
            "architecture.puml",
            "Rel(s_orders, s_catalog, \"calls<U+002C> 750 ms<U+002C> 2 retries<U+002C> breaker\"",
        ),
        (
            "workspace.dsl",
            "s_orders -> s_catalog \"calls, 750 ms, 2 retries, breaker\"",
        ),
        (
            "architecture.dot",
            "\"orders\" -> \"catalog\" [label=\"calls, 750 ms, 2 retries, breaker\"]",
        ),
        (
            "architecture.svg",
            "orders → catalog: calls, 750 ms, 2 retries, breaker",
        ),
    ] {
        let text = &files[&format!("docs/{file}")];
        assert!(text.contains(arrow), "{file}: {text}");
        for name in ["orders", "catalog", "bank"] {
            assert!(text.contains(name), "{file}: {name}");
        }
    }
    let catalogue = &files["docs/ARCHITECTURE.md"];
    assert!(
        catalogue.contains("| orders → catalog | 750 ms | 2 |"),
        "{catalogue}"
    );
}

#[test]
fn a_column_that_nothing_fills_is_left_out() {
    let text = &export(&model("x(a)")).files["docs/ARCHITECTURE.md"];
    assert!(
        text.contains("| service | id | kind | boundary |"),
        "{text}"
    );
    assert!(!text.contains("criticality"), "{text}");
}

/// Lines with everything taken out that a person may have written.
fn skeleton(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| {
        let mut out = String::new();
        let mut is_inside = false;
        for it in line.chars() {
            if it == '"' {
                is_inside = !is_inside;
            }
            if !is_inside {
                out.push(it);
            }
        }
        out
    });
    lines.collect()
}

#[test]
fn no_text_of_a_design_leaves_its_quotes() {
    let harmless = export(&hostile::design(hostile::HARMLESS)).files;
    for text in hostile::HOSTILE {
        let files = export(&hostile::design(text)).files;
        for name in ["architecture.mmd", "architecture.puml"] {
            let of = |files: &crate::export::FileSet| {
                let text = files[&format!("docs/{name}")].clone();
                let lines = skeleton(&text);
                lines
                    .into_iter()
                    .filter(|it| !it.starts_with("title "))
                    .collect::<Vec<_>>()
            };
            assert_eq!(of(&files), of(&harmless), "{text:?} in {name}");
        }
        let dsl = files["docs/workspace.dsl"].replace("\\\"", "");
        // Two calls that read the same are one there.
        let of = |text: &str| {
            let lines = skeleton(text);
            lines
                .into_iter()
                .filter(|it| !it.contains("->"))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&dsl), of(&harmless["docs/workspace.dsl"]), "{text:?}");
        let dot = files["docs/architecture.dot"]
            .replace("\\\\", "")
            .replace("\\\"", "");
        assert_eq!(
            skeleton(&dot),
            skeleton(&harmless["docs/architecture.dot"]),
            "{text:?}"
        );
    }
}

#[test]
fn a_picture_has_no_element_that_a_text_brought() {
    let tags = |text: &str| -> Vec<String> {
        let parts = text.split('<').skip(1);
        parts
            .map(|it| it.split([' ', '>', '/']).next().unwrap_or(it).to_owned())
            .collect()
    };
    let harmless = export(&hostile::design(hostile::HARMLESS)).files;
    for text in hostile::HOSTILE {
        let files = export(&hostile::design(text)).files;
        let svg = &files["docs/architecture.svg"];
        assert_eq!(
            tags(svg),
            tags(&harmless["docs/architecture.svg"]),
            "{text:?}"
        );
        let markdown = &files["docs/ARCHITECTURE.md"];
        assert!(
            !markdown.contains("<script") && !markdown.contains("]("),
            "{text:?}"
        );
        let heads = |text: &str| text.lines().filter(|it| it.starts_with('#')).count();
        assert_eq!(
            heads(markdown),
            heads(&harmless["docs/ARCHITECTURE.md"]),
            "{text:?}"
        );
    }
}
