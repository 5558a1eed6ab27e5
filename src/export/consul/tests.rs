//! What Consul is told, read back.

use serde_json::Value;

use super::EXPORTER;
use crate::{
    export::{Export, export_one, hostile},
    model::{Model, Port, PortProtocol, testing::model},
};

fn export(model: &Model) -> Export {
    export_one(&EXPORTER, model).unwrap()
}

fn file(export: &Export, path: &str) -> Value {
    let text = export.files.get(&format!("consul/{path}.json"));
    let text = text.unwrap_or_else(|| panic!("there is no {path}: {:?}", export.files.keys()));
    serde_json::from_str(text).unwrap()
}

fn callers(export: &Export, id: &str) -> Vec<(String, String)> {
    let entry = file(export, &format!("config/{id}.intentions"));
    let sources = entry["Sources"].as_array().unwrap().iter();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    sources
        .map(|it| (text(&it["Name"]), text(&it["Action"])))
        .collect()
}

#[test]
fn a_service_is_registered_with_its_check_and_whom_it_calls() {
    let export = export(&model(
        "shop(a{port=5000 health=/well criticality=3 technology=go replicas=2}, b, c); a -> b; a => c",
    ));
    let a = &file(&export, "a")["service"];
    assert_eq!((&a["address"], &a["port"]), (&"a".into(), &5000.into()));
    assert_eq!(
        a["tags"],
        serde_json::json!(["shop", "go", "criticality-3"])
    );
    assert_eq!(a["weights"]["passing"], 2);
    let check = &a["checks"][0];
    assert_eq!(check["http"], "http://a:5000/well");
    assert_eq!(
        (&check["interval"], &check["timeout"]),
        (&"10s".into(), &"2s".into())
    );
    assert_eq!(check["failures_before_critical"], 3);
    let upstreams = &a["connect"]["sidecar_service"]["proxy"]["upstreams"];
    assert_eq!(upstreams.as_array().unwrap().len(), 1);
    assert_eq!(upstreams[0]["destination_name"], "b");
}

#[test]
fn only_who_is_drawn_may_call() {
    let export = export(&model(
        "x(g:gateway, a, b, d:database, web:client); g/a -> a; web -> g; b -> a; a -> d",
    ));
    let allow = |name: &str| (name.to_owned(), "allow".to_owned());
    let deny = || ("*".to_owned(), "deny".to_owned());
    assert_eq!(callers(&export, "a"), [allow("b"), allow("g"), deny()]);
    assert_eq!(callers(&export, "d"), [allow("a"), deny()]);
    assert_eq!(callers(&export, "g"), [deny()]);
    assert_eq!(file(&export, "agent")["default_intention_policy"], "deny");
}

#[test]
fn the_protection_of_a_call_is_in_the_defaults_of_its_caller() {
    let export = export(&model(
        "x(a, b, c); a -> b{timeout=700 bulkhead=19 breaker}; c -> b{timeout=900}",
    ));
    let defaults = file(&export, "config/a.defaults");
    let of_b = &defaults["UpstreamConfig"]["Overrides"][0];
    assert_eq!(of_b["Name"], "b");
    assert_eq!(of_b["Limits"]["MaxConcurrentRequests"], 19);
    assert_eq!(of_b["PassiveHealthCheck"]["BaseEjectionTime"], "30s");
    let resolver = file(&export, "config/b.resolver");
    assert_eq!(
        (&resolver["RequestTimeout"], &resolver["ConnectTimeout"]),
        (&"900ms".into(), &"900ms".into())
    );
    let notes = export.notes.join("\n");
    for part in ["one timeout for all callers of b", "no half-open state"] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
}

#[test]
fn stores_speak_tcp_and_have_no_time_for_a_request() {
    let export = export(&model("x(a, d:database); a -> d{timeout=50}"));
    assert_eq!(file(&export, "config/d.defaults")["Protocol"], "tcp");
    let resolver = file(&export, "config/d.resolver");
    assert_eq!(resolver.get("RequestTimeout"), None);
    assert_eq!(resolver["ConnectTimeout"], "50ms");
    assert!(file(&export, "d")["service"]["checks"][0]["tcp"].is_string());
}

#[test]
fn a_port_of_udp_is_asked_by_udp() {
    let mut model = model("x(a)");
    let mut service = model.services["a"].as_ref().clone();
    service.ports = vec![Port {
        number: 53,
        protocol: PortProtocol::Udp,
        ..Port::default()
    }];
    *model.services.get_mut("a").unwrap() = service.into();
    let check = &file(&export(&model), "a")["service"]["checks"][0];
    assert_eq!(check["udp"], "a:53");
}

#[test]
fn who_is_not_called_by_name_is_not_registered() {
    let export = export(&model(
        "x(a, j:job, e:external, w:client, consul{technology=consul}); a -> e",
    ));
    let files: Vec<_> = export.files.keys().map(String::as_str).collect();
    assert_eq!(
        files,
        [
            "consul/README.md",
            "consul/a.json",
            "consul/agent.json",
            "consul/config/a.defaults.json",
            "consul/config/a.intentions.json"
        ]
    );
    assert!(export.notes.iter().any(|it| it.contains("a job")));
}

#[test]
fn names_are_dns_names_and_no_file_meets_another() {
    let long = "x".repeat(63);
    let export = export(&model(&format!(
        "x(agent, readme, config, {long}); agent -> {long}; {long} -> agent"
    )));
    assert_eq!(file(&export, "agent_service")["service"]["name"], "agent");
    assert_eq!(file(&export, "agent")["server"], true);
    let service = &file(&export, &long)["service"];
    assert_eq!(service.get("connect"), None);
    assert!(export.notes.iter().any(|it| it.contains("has no sidecar")));
}

#[test]
fn an_interval_below_what_consul_asks_is_raised_with_a_note() {
    let mut model = model("x(a{health=/h})");
    let mut service = model.services["a"].as_ref().clone();
    service.health.as_mut().unwrap().interval_ms = Some(300);
    *model.services.get_mut("a").unwrap() = service.into();
    let export = export(&model);
    assert_eq!(file(&export, "a")["service"]["checks"][0]["interval"], "1s");
    assert!(
        export
            .notes
            .iter()
            .any(|it| it.contains("not every 300 ms"))
    );
}

#[test]
fn texts_stay_values_as_long_as_consul_takes_them() {
    let paths = |text: &str| -> Vec<String> {
        let export = export(&hostile::design(text));
        export.files.keys().cloned().collect()
    };
    for text in hostile::HOSTILE {
        assert_eq!(paths(text), paths(hostile::HARMLESS), "{text:?}");
        let export = export(&hostile::design(text));
        let meta = &file(&export, "a")["service"]["meta"];
        assert_eq!(meta["owner"].as_str().unwrap_or_default(), *text);
    }
    let mut model = model("x(a{owner=y})");
    let mut service = model.services["a"].as_ref().clone();
    service.owner = "ö".repeat(400);
    *model.services.get_mut("a").unwrap() = service.into();
    let export = export(&model);
    let owner = file(&export, "a")["service"]["meta"]["owner"].clone();
    assert_eq!(owner.as_str().unwrap().len(), 512);
}
