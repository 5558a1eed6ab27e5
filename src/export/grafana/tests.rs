//! What the dashboard shows, read back.

use serde_json::Value;

use super::EXPORTER;
use crate::{
    export::{
        FileSet, bundle, export_one,
        hostile::{HARMLESS, HOSTILE, design, yaml},
    },
    model::{Model, testing::model},
};

fn files(model: &Model) -> FileSet {
    export_one(&EXPORTER, model).unwrap().files
}

fn dashboard(model: &Model) -> Value {
    let path = format!("grafana/dashboards/{}.json", bundle::system(model));
    serde_json::from_str(&files(model)[&path]).unwrap()
}

fn queries(dashboard: &Value, kind: &str) -> Vec<(String, String)> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let panels = panels.filter(|it| it["type"] == kind);
    let targets = panels.flat_map(|it| it["targets"].as_array().unwrap());
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    targets
        .map(|it| (text(&it["legendFormat"]), text(&it["expr"])))
        .collect()
}

#[test]
fn every_service_and_every_breaker_is_shown() {
    let model = model(
        "x(a{technology=go}, b{technology=spring-boot}); y(c{technology=fastapi}, d:database); \
         a -> b{breaker}; b -> c{breaker}; c -> d",
    );
    let dashboard = dashboard(&model);
    let up = queries(&dashboard, "stat");
    let up: Vec<_> = up.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(up, ["a", "b", "c"]);
    let states = queries(&dashboard, "state-timeline");
    let names: Vec<_> = states.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(names, ["a → b", "b → c"]);
    assert!(
        states[0]
            .1
            .contains("service=\"a\",name=\"b\",state=\"open\"")
    );
}

#[test]
fn panels_have_numbers_of_their_own_and_do_not_overlap() {
    let model = model(
        "x(g:gateway, a{technology=go slo=99}, b{technology=go}); y(c{technology=go}); \
         z(d{technology=go}); w(e{technology=go}); g/a -> a; a -> b{breaker}",
    );
    let dashboard = dashboard(&model);
    let mut taken = std::collections::BTreeSet::new();
    let mut ids = std::collections::BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()));
        let number = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(number("x") + number("w") <= 24);
        for x in number("x")..number("x") + number("w") {
            for y in number("y")..number("y") + number("h") {
                assert!(taken.insert((x, y)), "{}", panel["title"]);
            }
        }
    }
}

#[test]
fn the_prometheus_of_the_design_is_asked_where_there_is_one() {
    for (notation, address) in [
        ("x(a)", "http://prometheus:9090"),
        ("x(m{technology=prometheus port=9091})", "http://m:9091"),
    ] {
        let files = files(&model(notation));
        let path = "grafana/provisioning/datasources/prometheus.yaml";
        let file = yaml(&files, path, notation);
        assert_eq!(file["datasources"][0]["url"].as_str(), Some(address));
    }
}

#[test]
fn no_text_of_a_design_is_a_variable_or_ends_its_label() {
    let shape = |text: &str| -> Vec<String> {
        let dashboard = dashboard(&design(text));
        assert!(text.is_empty() || dashboard["title"] == text);
        let queries = queries(&dashboard, "state-timeline").into_iter();
        queries.map(|it| it.1).collect()
    };
    for text in HOSTILE {
        for (expression, known) in shape(text).iter().zip(shape(HARMLESS)) {
            assert!(!expression.contains('$') && !expression.contains("[["));
            // Between the quotes stands something else, and nothing else does.
            let outside = |it: &str| -> String {
                let it = it.replace("\\\\", "").replace("\\\"", "");
                it.split('"').step_by(2).collect()
            };
            assert_eq!(outside(expression), outside(&known), "{text:?}");
        }
    }
}
