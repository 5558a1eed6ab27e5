//! What Prometheus is told, read back.

use std::collections::BTreeSet;

use saphyr::Yaml;

use super::EXPORTER;
use crate::{
    export::{
        FileSet, export_one,
        hostile::{HARMLESS, HOSTILE, design, keys, yaml},
    },
    model::{Model, testing::model},
};

fn files(model: &Model) -> FileSet {
    export_one(&EXPORTER, model).unwrap().files
}

/// The job of a service.
fn job<'a>(config: &'a Yaml<'a>, name: &str) -> &'a Yaml<'a> {
    let mut jobs = config["scrape_configs"].as_sequence().unwrap().iter();
    jobs.find(|it| it["job_name"].as_str() == Some(name))
        .unwrap_or_else(|| panic!("nobody asks {name}"))
}

/// What is recorded under a name: its expression.
fn recorded(files: &FileSet, name: &str) -> Vec<String> {
    let rules = yaml(files, "prometheus/recording.yml", name);
    let groups = rules["groups"].as_sequence().unwrap().iter();
    let rules = groups.flat_map(|it| it["rules"].as_sequence().unwrap());
    rules
        .filter(|it| it["record"].as_str() == Some(name))
        .map(|it| it["expr"].as_str().unwrap().to_owned())
        .collect()
}

fn alerts(files: &FileSet) -> BTreeSet<String> {
    let rules = yaml(files, "prometheus/alerts.yml", "alerts");
    let groups = rules["groups"].as_sequence().unwrap().iter();
    let rules = groups.flat_map(|it| it["rules"].as_sequence().unwrap());
    rules
        .map(|it| it["alert"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_service_is_asked_under_its_own_name_and_every_replica_is() {
    let files = files(&model(
        "b(a{technology=go port=5000 owner=crew}, c{technology=go replicas=3})",
    ));
    let config = yaml(&files, "prometheus/prometheus.yml", "jobs");
    let one = &job(&config, "a")["static_configs"][0];
    assert_eq!(one["targets"][0].as_str(), Some("a:5000"));
    assert_eq!(one["labels"]["team"].as_str(), Some("crew"));
    assert_eq!(one["labels"]["boundary"].as_str(), Some("b"));
    let many = job(&config, "c");
    assert_eq!(many["dns_sd_configs"][0]["names"][0].as_str(), Some("c"));
    assert_eq!(
        recorded(&files, "service:drawn_replicas:count"),
        ["vector(3)"]
    );
}

#[test]
fn numbers_of_the_design_are_what_alerts_compare_with() {
    let files = files(&model(
        "x(a{technology=go}, b{technology=go slo=99.9}); a -> b{timeout=750 p99=210 breaker}",
    ));
    for (name, value) in [
        ("service:drawn_errors_allowed:ratio", "vector(0.001)"),
        ("service:drawn_timeout:seconds", "vector(0.75)"),
        ("service:drawn_p99:seconds", "vector(0.21)"),
        ("service:drawn_breaker:info", "vector(1)"),
    ] {
        assert_eq!(recorded(&files, name), [value], "{name}");
    }
    assert!(alerts(&files).contains("CircuitBreakerMissing"));
}

#[test]
fn an_alert_is_there_only_where_it_could_fire_and_has_two_tests() {
    let plain = files(&model("x(a{technology=go})"));
    assert_eq!(alerts(&plain), ["ServiceDown".to_owned()].into());
    let all = files(&model(
        "x(a{technology=spring-boot}, b{technology=go slo=99}); a -> b{timeout=1 p99=1 breaker}",
    ));
    let tests = yaml(&all, "prometheus/alerts_test.yml", "tests");
    let tests = tests["tests"].as_sequence().unwrap();
    let names: BTreeSet<_> = tests
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    for alert in alerts(&all) {
        for state in ["fires", "stays quiet"] {
            assert!(
                names.contains(format!("{alert} {state}").as_str()),
                "{alert}"
            );
        }
    }
    assert!(alerts(&all).contains("ErrorBudgetGoneInTwoDays"));
}

#[test]
fn texts_of_a_design_are_labels_and_nothing_else() {
    for path in [
        "prometheus/prometheus.yml",
        "prometheus/recording.yml",
        "prometheus/alerts.yml",
        "prometheus/alerts_test.yml",
    ] {
        let harmless = files(&design(HARMLESS));
        let expected = keys(&yaml(&harmless, path, HARMLESS));
        for text in HOSTILE.iter().filter(|it| !it.is_empty()) {
            let files = files(&design(text));
            assert_eq!(
                keys(&yaml(&files, path, text)),
                expected,
                "{path}: {text:?}"
            );
        }
    }
    for text in HOSTILE.iter().filter(|it| !it.is_empty()) {
        let files = files(&design(text));
        let config = yaml(&files, "prometheus/prometheus.yml", text);
        let labels = &job(&config, "a")["static_configs"][0]["labels"];
        assert_eq!(labels["team"].as_str(), Some(*text));
    }
}
