//! The table of fields is true: of the model, and of every target's files.

#![allow(clippy::match_same_arms, reason = "a table in the order of the fields")]

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ALL, Carried, NOWHERE, Scope};
use crate::{
    export::{ALL as TARGETS, Export, Exporter, export_one},
    model::Model,
};

/// A design in which every field is set, to a value that nothing else has.
const ODD: &str = include_str!("../../../tests/real/designs/numbers.meshboard.json");

/// The design, fit for a target.
fn odd(target: &Exporter) -> Value {
    let mut design: Value = serde_json::from_str(ODD).unwrap();
    if let Scope::Gateways(program) = target.scope {
        design["services"]["gateway"]["technology"] = program.into();
    }
    if target.id == "gitlab-ci" {
        design["ci"] = "gitlab-ci".into();
    }
    if target.id == "breakers" {
        // The others read these numbers from their environment.
        design["services"]["orders"]["technology"] = "spring-boot".into();
    }
    design
}

/// The JSON pointer of a field in the odd design. What a gateway target says of calls,
/// it says of those of its gateway.
fn pointer(path: &str, scope: Scope) -> String {
    let call = match scope {
        // Its route says a timeout of its own.
        Scope::Gateways(_) if path == "dependency.timeout_ms" => "gateway-catalog",
        Scope::Gateways(_) => "gateway-orders",
        Scope::System => "orders-payments",
    };
    let Some((kind, inside)) = path.split_once('.') else {
        return format!("/{path}");
    };
    let element = match kind {
        "boundary" => "boundaries/ordering".to_owned(),
        // An image and a build leave no room for a technology's own ones.
        "service" if path.starts_with("service.build") => "services/built".to_owned(),
        "service" if path == "service.image" || path.starts_with("service.volumes") => {
            "services/cache".to_owned()
        }
        "service" if matches!(path, "service.ports.published" | "service.ports.host_ip") => {
            "services/gateway".to_owned()
        }
        "service" if matches!(scope, Scope::Gateways(_)) => "services/gateway".to_owned(),
        "service" if path == "service.health.command" || path == "service.technology" => {
            "services/payments".to_owned()
        }
        "service" => "services/orders".to_owned(),
        "dependency" => format!("dependencies/{call}"),
        _ => "routes/orders".to_owned(),
    };
    let inside = inside.replace('.', "/");
    let inside = inside
        .replace("ports/", "ports/0/")
        .replace("operations/", "operations/0/")
        .replace("volumes/", "volumes/0/");
    format!("/{element}/{inside}")
}

/// What a required field, or one whose absence means the same, becomes instead.
fn otherwise(path: &str) -> Option<Value> {
    Some(match path {
        "name" => "Another System".into(),
        "ci" => "gitlab-ci".into(),
        "service.kind" => "external".into(),
        "service.technology" => "go".into(),
        "service.ports.number" => 5999.into(),
        "service.ports.protocol" => "udp".into(),
        "service.volumes.target" => "/elsewhere".into(),
        "service.build.context" => "./elsewhere".into(),
        "service.operations.name" => "another".into(),
        "service.operations.path" => "/another".into(),
        "service.operations.method" => "PUT".into(),
        "service.boundary" => "outer".into(),
        "service.metrics_path" => "/elsewhere".into(),
        "service.health.path" => "/elsewhere".into(),
        // Rounded up to seconds it may be what it is without being said.
        "service.health.timeout_ms" => 4_100.into(),
        "dependency.from" => "catalog".into(),
        "dependency.to" => "catalog".into(),
        "dependency.mode" => "async".into(),
        "dependency.protocol" => "grpc".into(),
        "dependency.access" => "read".into(),
        "dependency.breaker.name" => "another".into(),
        "route.gateway" => "gateway-2".into(),
        "route.path_prefix" => "/another".into(),
        "route.service" => "catalog".into(),
        "route.authentication" => "none".into(),
        "route.cors.origins" => json!(["https://another.example.com"]),
        _ => return None,
    })
}

/// The odd design without this field, or with another value where it must have one.
fn without(path: &str, target: &Exporter) -> Value {
    let mut design = odd(target);
    let mut pointer = pointer(path, target.scope);
    if target.id == "breakers" && path == "service.technology" {
        // Only a caller has breakers.
        pointer = pointer.replace("/payments/", "/orders/");
    }
    if path == "ci" && target.id == "gitlab-ci" {
        design["ci"] = "github-actions".into();
        return design;
    }
    if let Some(value) = otherwise(path) {
        *design.pointer_mut(&pointer).unwrap() = value;
        return design;
    }
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = design.pointer_mut(parent).unwrap();
    parent.as_object_mut().unwrap().remove(key);
    design
}

fn export(target: &Exporter, design: Value) -> Export {
    let model: Model = serde_json::from_value(design).unwrap();
    export_one(target, &model).unwrap()
}

/// Every path of the schema of a model that leads to a value.
fn schema_paths() -> BTreeSet<String> {
    let schema = schemars::schema_for!(Model).to_value();
    let mut paths = BTreeSet::new();
    let of = |name: &str| schema["$defs"][name].clone();
    for (kind, name) in [
        ("", "Model"),
        ("boundary.", "Boundary"),
        ("service.", "Service"),
        ("dependency.", "Dependency"),
        ("route.", "Route"),
    ] {
        let at = if kind.is_empty() {
            schema.clone()
        } else {
            of(name)
        };
        walk(&schema, &at, kind, &mut paths);
    }
    paths
}

fn walk(schema: &Value, at: &Value, path: &str, paths: &mut BTreeSet<String>) {
    for (key, value) in at["properties"].as_object().into_iter().flatten() {
        let here = format!("{path}{key}");
        let reference = value.to_string();
        let inner = reference
            .split("#/$defs/")
            .nth(1)
            .map(|it| &schema["$defs"][it.split('"').next().unwrap()]);
        match inner.filter(|it| it["properties"].is_object()) {
            // What a model holds by id has a walk of its own.
            Some(_) if path.is_empty() => {}
            Some(inner) => walk(schema, inner, &format!("{here}."), paths),
            None => {
                paths.insert(here);
            }
        }
    }
}

#[test]
fn every_field_of_the_model_is_in_the_table_and_no_other() {
    let listed: BTreeSet<_> = ALL.iter().map(|it| (*it).to_owned()).collect();
    // Imports and governance are no settings of what runs.
    let meta = [
        "extra",
        "service.extra",
        "dependency.extra",
        "dependency.evidence.file",
        "dependency.evidence.line",
        "dependency.evidence.text",
    ];
    let mut paths = schema_paths();
    paths.retain(|it| !meta.contains(&it.as_str()));
    assert_eq!(listed, paths);
}

#[test]
fn the_odd_design_sets_every_field() {
    let design: Value = serde_json::from_str(ODD).unwrap();
    for path in ALL {
        let at = pointer(path, Scope::System);
        assert!(design.pointer(&at).is_some(), "{path}: nothing at {at}");
    }
}

#[test]
fn every_field_is_carried_by_a_target_or_said_to_be_nowhere() {
    let wrong = |path: &&&str| {
        let mut targets = TARGETS.iter();
        let is_carried = targets.any(|it| {
            let mut fields = it.fields.iter();
            fields.any(|it| it.path == **path && matches!(it.carried, Carried::As(_)))
        });
        is_carried == NOWHERE.iter().any(|(it, _)| it == *path)
    };
    assert_eq!(ALL.iter().filter(wrong).collect::<Vec<_>>(), [&""; 0]);
}

#[test]
fn a_target_lists_known_fields_once() {
    for target in TARGETS {
        let mut seen = BTreeSet::new();
        for field in target.fields {
            assert!(ALL.contains(&field.path), "{}: {}", target.id, field.path);
            assert!(seen.insert(field.path), "{}: {}", target.id, field.path);
        }
    }
}

#[test]
fn a_gateway_says_something_of_every_field_of_routes_and_of_its_calls_protection() {
    for target in TARGETS {
        if !matches!(target.scope, Scope::Gateways(_)) {
            continue;
        }
        let protects = ["timeout_ms", "retries.", "breaker.", "bulkhead"];
        let is_its = |path: &str| {
            path.starts_with("route.")
                || path.strip_prefix("dependency.").is_some_and(|inside| {
                    inside != "breaker.name" && protects.iter().any(|it| inside.starts_with(it))
                })
        };
        for path in ALL.iter().filter(|it| is_its(it)) {
            let mut fields = target.fields.iter();
            assert!(
                fields.any(|it| it.path == *path),
                "{} says nothing of {path}",
                target.id
            );
        }
    }
}

#[test]
fn a_carried_field_changes_the_files_and_another_is_named_in_the_notes() {
    let mut wrong = Vec::new();
    for target in TARGETS {
        let with = export(target, odd(target));
        for field in target.fields {
            let is_true = match field.carried {
                Carried::As(_) => export(target, without(field.path, target)).files != with.files,
                Carried::Not(why) => {
                    let mut notes = with.notes.iter();
                    notes.any(|it| it.ends_with(&format!(": {why}.")))
                }
            };
            if !is_true {
                wrong.push(format!("{}: {}", target.id, field.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
