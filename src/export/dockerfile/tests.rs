//! What Dockerfiles say.

use super::EXPORTER;
use crate::{
    export::{Export, bundle::Stack},
    model::testing::model,
};

fn export(notation: &str) -> Export {
    (EXPORTER.export)(&model(notation)).unwrap()
}

#[test]
fn every_stack_is_built_in_two_stages_and_runs_without_privileges() {
    for stack in Stack::ALL {
        let export = export(&format!("x(a{{technology={} port=1234}})", stack.id()));
        let text = &export.files["services/a/Dockerfile"];
        assert_eq!(text.matches("\nFROM ").count(), 2, "{text}");
        for part in [
            "\nUSER 10001:10001\n",
            "\nSTOPSIGNAL SIGTERM\n",
            "\nENTRYPOINT [\"",
            "\nEXPOSE 1234\n",
            "127.0.0.1:1234/",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(
            !text.contains("curl") && !text.contains(":latest"),
            "{text}"
        );
        assert!(export.files["services/a/.dockerignore"].contains("\n**\n!"));
    }
}

#[test]
fn a_job_has_no_port_and_no_health_check() {
    for stack in Stack::ALL {
        let export = export(&format!("x(a:job{{technology={} port=1234}})", stack.id()));
        let text = &export.files["services/a/Dockerfile"];
        assert!(text.contains("\nHEALTHCHECK NONE\n"), "{text}");
        for part in ["EXPOSE", "PORT="] {
            assert!(!text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn what_cargo_built_for_one_service_never_gets_into_the_image_of_another() {
    let export = export("x(a{technology=axum}, b{technology=axum})");
    for (id, other) in [("a", "b"), ("b", "a")] {
        let text = &export.files[&format!("services/{id}/Dockerfile")];
        let cache = |of: &str| format!("id={of}-target,target=/build/target,sharing=locked");
        assert!(text.contains(&cache(id)), "{text}");
        assert!(!text.contains(&cache(other)), "{text}");
    }
}

#[test]
fn package_managers_stay_out_of_the_image_that_runs() {
    let export = export("x(a{technology=express}, b{technology=fastapi})");
    let node = &export.files["services/a/Dockerfile"];
    let (_, runtime) = node.split_once(" AS runtime\n").unwrap();
    assert!(runtime.contains("/usr/local/bin/npm"), "{runtime}");
    let python = &export.files["services/b/Dockerfile"];
    assert!(python.contains("pip uninstall --yes pip\n"), "{python}");
}

#[test]
fn a_technology_that_is_not_known_gets_a_note_and_no_file() {
    let export = export("x(a{technology=cobol}, b{image=x:1}, d:database{technology=postgres})");
    assert!(export.files.is_empty());
    assert_eq!(export.notes.len(), 1, "{:?}", export.notes);
    assert!(export.notes[0].contains("services/a/Dockerfile"));
}
