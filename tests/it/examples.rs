//! The examples: each opens, saves the very same bytes and fits the schema.

use std::{
    fs,
    path::{Path, PathBuf},
};

use meshboard::{
    model::Severity,
    project::{self, Project},
    rules,
};

/// Every project file under `examples`, with its contents.
fn examples() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found = Vec::new();
    for folder in fs::read_dir(root).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found.sort();
    found
}

fn example(name: &str) -> Project {
    let file = format!("{name}.meshboard.json");
    let (_, text) = examples()
        .into_iter()
        .find(|(path, _)| path.ends_with(&file))
        .expect("an example of that name");
    project::parse(text.as_bytes()).unwrap()
}

#[test]
fn each_example_saves_the_very_same_bytes() {
    assert_eq!(examples().len(), 3);
    for (path, text) in examples() {
        let project = project::parse(text.as_bytes()).unwrap();
        assert_eq!(project::to_json(&project), text, "{}", path.display());
    }
}

#[test]
fn each_example_fits_the_schema() {
    let schema = jsonschema::validator_for(&project::schema()).unwrap();
    for (path, text) in examples() {
        let document = serde_json::from_str(&text).unwrap();
        let errors: Vec<_> = schema
            .iter_errors(&document)
            .map(|it| format!("{}: {it}", it.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}

#[test]
fn each_service_of_an_example_has_its_place() {
    for (path, text) in examples() {
        let project = project::parse(text.as_bytes()).unwrap();
        for id in project.model.services.keys() {
            let has_place = project.view.positions.contains_key(id);
            assert!(has_place, "{id} in {}", path.display());
        }
    }
}

#[test]
fn the_shop_and_the_bicycle_rental_have_no_errors() {
    for name in ["shop", "event-driven"] {
        let findings = rules::check(&example(name).model, "2027-03-31");
        let errors: Vec<_> = findings
            .iter()
            .filter(|it| it.severity == Severity::Error)
            .map(|it| format!("{} {}", it.rule.code, it.message))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn the_shop_expects_the_demo_on_the_ports_from_7100_on() {
    let project = example("shop");
    let environment = &project.environments["demo"];
    let addresses = environment.targets.values().flat_map(|it| &it.instances);
    for (number, address) in addresses.enumerate() {
        let port = 7_100 + number;
        assert_eq!(address, &format!("http://127.0.0.1:{port}"));
    }
    assert_eq!(environment.targets.len(), project.model.services.len());
}
