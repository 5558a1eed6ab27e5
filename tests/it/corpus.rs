//! Real systems, where they lie beside the checkout: every compose file imports, and
//! what it becomes is whole. Without them there is nothing to check, and that is fine.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use meshboard::import::{ALL, ImportError, Imported, Request};

/// Systems whose parts only stand together, with the files that make one.
const TOGETHER: &[&[&str]] = &[
    &[
        "robot-shop/docker-compose.yaml",
        "robot-shop/docker-compose-load.yaml",
    ],
    &[
        "piggymetrics/docker-compose.yml",
        "piggymetrics/docker-compose.dev.yml",
    ],
    &[
        "sock-shop/deploy/docker-compose/docker-compose.yml",
        "sock-shop/deploy/docker-compose/docker-compose.logging.yml",
    ],
    &[
        "sock-shop/deploy/docker-compose/docker-compose.yml",
        "sock-shop/deploy/docker-compose/docker-compose.monitoring.yml",
    ],
];

/// Files that Docker Compose refuses on their own; the rest of their path tells them.
const REFUSED: &[&str] = &[
    "compose-depends-on-cycle.yaml",
    "compose-depends-on-profile-no-cycle.yaml",
    "compose-depends-on-self.yaml",
    "compose-include-cycle.yaml",
    "docker-compose-example.yml",
    "docker-compose-load.yaml",
    "docker-compose-prometheus.yml",
    "docker-compose-ui.yml",
    "docker-compose.dev.yml",
    "docker-compose.logging.yml",
    "remote/cycle/compose-cycle.yaml",
    "remote/cycle/compose.yaml",
    "remote/nested/compose.yaml",
];

/// Dependencies that the files themselves show, from → to.
const SHOWN: &[(&str, &[(&str, &str)])] = &[
    (
        "aks-store/docker-compose.yml",
        &[
            ("makeline-service", "documentdb"),
            ("makeline-service", "rabbitmq"),
            ("order-service", "rabbitmq"),
            ("product-service", "ai-service"),
            ("virtual-customer", "order-service"),
            ("virtual-worker", "makeline-service"),
        ],
    ),
    ("robot-shop/docker-compose.yaml", &[]),
    (
        "sock-shop/deploy/docker-compose/docker-compose.yml",
        &[("user-sim", "edge-router"), ("user", "user-db")],
    ),
    (
        "teastore/examples/docker/docker-compose_default.yaml",
        &[
            ("auth", "registry"),
            ("image", "registry"),
            ("persistence", "db"),
            ("persistence", "registry"),
            ("recommender", "registry"),
            ("webui", "registry"),
        ],
    ),
    ("voting-app/docker-compose.yml", &[]),
];

#[allow(
    clippy::print_stdout,
    reason = "a check that found nothing to check should say so"
)]
fn corpus() -> Option<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.is_dir() {
        println!("no systems beside the checkout, nothing to import");
        return None;
    }
    Some(corpus)
}

fn import(files: &[PathBuf]) -> Result<Imported, ImportError> {
    let read = |path: &Path| fs::read(path);
    (ALL[0].import)(&Request {
        files,
        read: &read,
        variables: &BTreeMap::new(),
    })
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|it| it == "yml" || it == "yaml")
}

/// Every compose file below a folder, sorted.
fn compose_files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            compose_files(&path, found)?;
        } else if name.contains("compose") && is_yaml(&path) {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn every_compose_file_imports_or_is_refused_like_docker_does() {
    let Some(corpus) = corpus() else { return };
    let mut files = Vec::new();
    compose_files(&corpus, &mut files).unwrap();
    assert!(files.len() > 80, "only {} files", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let is_refused = REFUSED.iter().any(|it| file.ends_with(it));
        match import(&[file]) {
            Ok(imported) if !is_refused => {
                let model = &imported.project.model;
                model.check_references().unwrap();
                assert!(!model.name.is_empty() && !model.services.is_empty());
            }
            Err(error) if is_refused => assert!(!error.what.is_empty()),
            Ok(imported) => wrong.push(format!("{} was not refused", imported.project.model.name)),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn several_files_of_a_system_import_together() {
    let Some(corpus) = corpus() else { return };
    for files in TOGETHER {
        let files: Vec<_> = files.iter().map(|it| corpus.join(it)).collect();
        let imported = import(&files).unwrap();
        imported.project.model.check_references().unwrap();
    }
}

#[test]
fn dependencies_are_those_the_files_show_and_no_others() {
    let Some(corpus) = corpus() else { return };
    for (file, expected) in SHOWN {
        let model = import(&[corpus.join(file)]).unwrap().project.model;
        let seen: Vec<_> = model
            .dependencies
            .values()
            .map(|it| (it.from.as_str(), it.to.as_str()))
            .collect();
        assert_eq!(&seen, expected, "{file}");
        assert!(
            model
                .dependencies
                .values()
                .all(|it| !it.evidence.is_empty())
        );
    }
}
