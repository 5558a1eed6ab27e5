//! Import, export, layout and watch, as the real program in a fresh folder.

use std::{fs, path::Path};

use serde_json::Value;

use crate::cli::{code, json, run, said, with_shop};

const COMPOSE: &str = "\
name: small
services:
  web:
    image: nginx:1.29
    ports: ['8080:80']
    depends_on: [api]
  api:
    image: example/api:1.0
    environment:
      DATABASE_URL: postgres://db:5432/app
  db:
    image: postgres:17
";

fn write(folder: &Path, name: &str, text: &str) {
    let file = fs::File::create(folder.join(name)).unwrap();
    std::io::Write::write_all(&mut &file, text.as_bytes()).unwrap();
}

#[test]
fn a_compose_file_becomes_a_project_with_every_service_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "compose.yaml", COMPOSE);
    // A folder stands for the file in it.
    let output = run(folder.path(), &["import", "compose", ".", "-o", "p.json"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let text = fs::read_to_string(folder.path().join("p.json")).unwrap();
    let project: Value = serde_json::from_str(&text).unwrap();
    for service in ["web", "api", "db"] {
        assert!(project["services"][service].is_object(), "{text}");
        assert!(project["view"]["positions"][service].is_object(), "{text}");
    }
    let again = run(folder.path(), &["import", "compose", ".", "-o", "p.json"]);
    assert_eq!(code(&again), 2);
    assert!(said(&again).contains("--force"));
}

#[test]
fn a_file_that_cannot_be_imported_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "compose.yaml", "services: [\n");
    let broken = run(
        folder.path(),
        &["import", "compose", "compose.yaml", "-o", "p.json"],
    );
    assert_eq!(code(&broken), 2, "{}", said(&broken));
    assert!(
        said(&broken).starts_with("error: compose.yaml"),
        "{}",
        said(&broken)
    );
    assert!(!folder.path().join("p.json").exists());
}

#[test]
fn an_export_is_shown_then_written_and_leaves_alone_what_a_person_changed() {
    let folder = with_shop();
    let export = ["export", "s.json", "--to", "out"];
    let dry: Vec<_> = export
        .iter()
        .copied()
        .chain(["--dry-run", "--diff"])
        .collect();
    let shown = run(folder.path(), &dry);
    assert_eq!(code(&shown), 0, "{}", said(&shown));
    assert!(
        String::from_utf8(shown.stdout)
            .unwrap()
            .contains("compose.yaml")
    );
    assert!(!folder.path().join("out").exists());

    let written = run(folder.path(), &export);
    assert_eq!(code(&written), 0, "{}", said(&written));
    let compose = folder.path().join("out/compose.yaml");
    let ours = fs::read_to_string(&compose).unwrap();

    write(folder.path(), "out/compose.yaml", "# mine\n");
    let kept = run(folder.path(), &export);
    assert_eq!(code(&kept), 1, "{}", said(&kept));
    assert_eq!(fs::read_to_string(&compose).unwrap(), "# mine\n");

    let forced: Vec<_> = export.iter().copied().chain(["--force"]).collect();
    assert_eq!(code(&run(folder.path(), &forced)), 0);
    assert_eq!(fs::read_to_string(&compose).unwrap(), ours);
}

#[test]
fn a_layout_is_written_into_the_file() {
    let folder = with_shop();
    let path = folder.path().join("s.json");
    let before = fs::read_to_string(&path).unwrap();
    let placed = run(folder.path(), &["layout", "s.json", "--missing"]);
    assert_eq!(code(&placed), 0, "{}", said(&placed));
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    let arranged = run(folder.path(), &["layout", "s.json"]);
    assert_eq!(code(&arranged), 0, "{}", said(&arranged));
    assert_ne!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn the_flawed_example_shows_what_it_promises() {
    let folder = tempfile::tempdir().unwrap();
    run(
        folder.path(),
        &["new", "--template", "flawed", "-o", "f.json"],
    );
    let output = run(folder.path(), &["check", "f.json", "--format", "json"]);
    assert_eq!(code(&output), 1, "{}", said(&output));
    let found = json(&output);
    let codes: Vec<_> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["code"].as_str().unwrap())
        .collect();
    for promised in [
        "S01", "S02", "S12", "D01", "S18", "G01", "G02", "G07", "G10", "R01", "R02", "R03", "R04",
        "R07", "R14", "R26", "O01", "O06", "O08", "O11",
    ] {
        assert!(
            codes.contains(&promised),
            "{promised} is not among {codes:?}"
        );
    }
}

#[test]
fn a_running_demo_is_watched_through_its_project() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = meshboard::demo::Options::default();
    let cluster = runtime.block_on(meshboard::demo::Cluster::start(options));
    let cluster = cluster.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.json");
    meshboard::project::save(cluster.project(), &path, None).unwrap();

    let words = [
        "watch", "s.json", "--env", "demo", "--once", "--format", "json",
    ];
    let output = run(folder.path(), &words);
    let seen = json(&output);
    for service in cluster.addresses().keys() {
        let health = seen["services"][service.as_str()]["health"].as_str();
        assert!(
            health.is_some_and(|it| it != "unknown"),
            "{service}: {seen:#}"
        );
    }
    let breakers = seen["breakers"].as_array().unwrap();
    for (from, to) in [
        ("payments", "bank"),
        ("orders", "payments"),
        ("catalog", "search"),
        ("gateway", "orders"),
        ("notifications", "events"),
    ] {
        let of_pair: Vec<_> = breakers
            .iter()
            .filter(|it| it["from"] == from && it["to"] == to)
            .collect();
        assert_eq!(of_pair.len(), 1, "{from} → {to}: {seen:#}");
    }

    drop(cluster);
    let gone = run(folder.path(), &words);
    assert_eq!(code(&gone), 1, "{}", said(&gone));
}

#[test]
fn other_hosts_are_polled_only_if_that_is_said() {
    let folder = with_shop();
    let path = folder.path().join("s.json");
    let text = fs::read_to_string(&path).unwrap();
    let elsewhere = text.replace("http://127.0.0.1:7100", "http://bank.example:7100");
    write(folder.path(), "s.json", &elsewhere);
    let output = run(folder.path(), &["watch", "s.json", "--once"]);
    assert_eq!(code(&output), 2);
    assert!(
        said(&output).contains("--allow bank.example"),
        "{}",
        said(&output)
    );

    let unknown = run(
        folder.path(),
        &["watch", "s.json", "--env", "moon", "--once"],
    );
    assert_eq!(code(&unknown), 2);
    assert!(
        said(&unknown).contains("choose from demo"),
        "{}",
        said(&unknown)
    );
}
