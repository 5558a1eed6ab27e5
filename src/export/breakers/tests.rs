//! What the settings of breakers say, read back.

use saphyr::{LoadableYamlNode as _, Yaml};

use super::EXPORTER;
use crate::{
    export::{
        Export, export_one,
        hostile::{HARMLESS, HOSTILE, yaml},
    },
    model::{Model, testing::model},
};

fn export(model: &Model) -> Export {
    export_one(&EXPORTER, model).unwrap()
}

fn looked(model: &Model, path: &str, look: impl FnOnce(&Yaml<'_>)) {
    let export = export(model);
    let text = export
        .files
        .get(path)
        .unwrap_or_else(|| panic!("{export:#?}"));
    let documents = Yaml::load_from_str(text).unwrap_or_else(|it| panic!("{it}\n{text}"));
    look(&documents[0]);
}

fn text(yaml: &Yaml<'_>) -> String {
    yaml.as_str().unwrap_or_default().to_owned()
}

#[test]
fn spring_boot_gets_every_number_in_its_units() {
    let design = "x(a{technology=spring-boot}, b{technology=go}); \
                  a -> b{timeout=733 retries=2 backoff=40 breaker bulkhead=9}";
    looked(&model(design), "breakers/a/application.yaml", |file| {
        let of = |kind: &str| &file["resilience4j"][kind]["instances"]["b"];
        let breaker = of("circuitbreaker");
        assert_eq!(text(&breaker["sliding-window-type"]), "COUNT_BASED");
        assert_eq!(breaker["sliding-window-size"].as_integer(), Some(20));
        assert_eq!(breaker["minimum-number-of-calls"].as_integer(), Some(10));
        assert_eq!(breaker["failure-rate-threshold"].as_integer(), Some(50));
        assert_eq!(text(&breaker["wait-duration-in-open-state"]), "30s");
        let retry = of("retry");
        assert_eq!(retry["max-attempts"].as_integer(), Some(3));
        assert_eq!(text(&retry["wait-duration"]), "40ms");
        assert_eq!(text(&of("timelimiter")["timeout-duration"]), "733ms");
        assert_eq!(of("bulkhead")["max-concurrent-calls"].as_integer(), Some(9));
    });
}

#[test]
fn failures_in_a_row_are_a_window_that_failed_as_a_whole() {
    let mut model = model("x(a{technology=spring-boot}, b); a -> b{breaker}");
    let id = model.dependencies.keys().next().unwrap().clone();
    let mut call = model.dependencies[&id].as_ref().clone();
    let breaker = call.breaker.as_mut().unwrap();
    breaker.failure_rate_percent = None;
    breaker.consecutive_failures = Some(6);
    breaker.name = "odd.name".to_owned();
    model.dependencies.insert(id, call.into());
    looked(&model, "breakers/a/application.yaml", |file| {
        let breaker = &file["resilience4j"]["circuitbreaker"]["instances"]["[odd.name]"];
        assert_eq!(breaker["sliding-window-size"].as_integer(), Some(6));
        assert_eq!(breaker["minimum-number-of-calls"].as_integer(), Some(6));
        assert_eq!(breaker["failure-rate-threshold"].as_integer(), Some(100));
    });
}

#[test]
fn a_service_without_a_breaker_of_its_own_gets_an_envoy_beside_it() {
    let design = "x(a{technology=aspnet}, b{port=15001}, c{technology=postgres}, e:external); \
                  a -> b{timeout=300 retries=2 breaker}; a -> c{timeout=1 sql}; a -> e{timeout=2 http}";
    looked(&model(design), "breakers/a/envoy.yaml", |file| {
        let resources = &file["static_resources"];
        let listeners = resources["listeners"].as_sequence().unwrap();
        assert_eq!(listeners.len(), 1);
        let at = &listeners[0]["address"]["socket_address"];
        assert_eq!(text(&at["address"]), "127.0.0.1");
        assert_eq!(at["port_value"].as_integer(), Some(15_001));
        let cluster = &resources["clusters"][0];
        assert_eq!(text(&cluster["name"]), "b");
        assert_eq!(
            cluster["outlier_detection"]["failure_percentage_threshold"].as_integer(),
            Some(50)
        );
        let manager = &listeners[0]["filter_chains"][0]["filters"][0]["typed_config"];
        let route = &manager["route_config"]["virtual_hosts"][0]["routes"][0]["route"];
        assert_eq!(text(&route["timeout"]), "0.9s");
        assert_eq!(text(&route["host_rewrite_literal"]), "b:15001");
    });
    let export = export(&model(design));
    assert!(export.files["breakers/a/envoy.yaml"].contains("B_URL=http://127.0.0.1:15001"));
    let notes = export.notes.join("\n");
    for part in [
        "a → c does not pass",
        "its address is not known",
        "beside it",
    ] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
}

#[test]
fn a_sidecars_ports_are_none_of_the_services_own() {
    let design = "x(a{image=i:1 port=15000}, b); a -> b{timeout=300}";
    looked(&model(design), "breakers/a/envoy.yaml", |file| {
        let admin = &file["admin"]["address"]["socket_address"];
        assert_eq!(admin["port_value"].as_integer(), Some(15_001));
    });
}

#[test]
fn the_others_read_their_environment_and_that_is_said() {
    let design =
        "x(a{technology=fastapi}, p{technology=prometheus}, b); a -> b{breaker}; p -> b{timeout=1}";
    let export = export(&model(design));
    assert!(export.files.is_empty(), "{:?}", export.files);
    let notes = export.notes.join("\n");
    assert!(notes.contains("compose.yaml says: a."), "{notes}");
    assert!(notes.contains("nowhere: p."), "{notes}");
}

#[test]
fn a_text_is_no_name_unless_it_is_a_plain_one() {
    let files = |text: &str| {
        let mut model = model("x(a{technology=spring-boot}, b); a -> b{breaker}");
        let id = model.dependencies.keys().next().unwrap().clone();
        let mut call = model.dependencies[&id].as_ref().clone();
        text.clone_into(&mut call.breaker.as_mut().unwrap().name);
        model.dependencies.insert(id, call.into());
        text.clone_into(&mut model.name);
        let mut service = model.services["a"].as_ref().clone();
        text.clone_into(&mut service.name);
        *model.services.get_mut("a").unwrap() = service.into();
        export(&model).files
    };
    let path = "breakers/a/application.yaml";
    for text in HOSTILE.iter().chain([&HARMLESS]) {
        let files = files(text);
        let file = yaml(&files, path, text);
        let instances = file["resilience4j"]["circuitbreaker"]["instances"].as_mapping();
        let names: Vec<_> = instances
            .unwrap()
            .keys()
            .map(|it| it.as_str().unwrap())
            .collect();
        let expected = if *text == HARMLESS { HARMLESS } else { "b" };
        assert_eq!(names, [expected], "{text:?}");
    }
}
