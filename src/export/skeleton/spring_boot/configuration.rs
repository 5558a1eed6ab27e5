//! The settings of Spring Boot: where everything is, and how it is written down.

use super::Facts;
use crate::export::yaml::{Map, Value};

/// How long an idle connection of a caller is kept, as in every other skeleton.
const KEEP_ALIVE: &str = "75s";

/// `application.yaml`. No free text of a design stands in it, because Spring would read
/// `${…}` there.
pub(super) fn application(facts: &Facts<'_>) -> String {
    let mut file = Map::spaced();
    file.set("spring", spring(facts));
    if facts.is_server {
        let mut server = Map::from([
            ("port", facts.port.into()),
            ("shutdown", "graceful".into()),
            ("error", [("include-message", "never".into())].into()),
        ]);
        server.set_with_comment(
            "tomcat",
            Value::from([("keep-alive-timeout", KEEP_ALIVE.into())]),
            "Longer than a gateway keeps its connections, so that none is closed under a request.",
        );
        file.set("server", server);
        file.set("management", management(facts));
    }
    file.set(
        "logging",
        Value::from([(
            "structured",
            [("format", [("console", "app.EcsLog".into())].into())].into(),
        )]),
    );
    let refusal: Value = "org.springframework.web.client.HttpClientErrorException".into();
    let rules = Value::from([("ignore-exceptions", Value::List(vec![refusal]))]);
    let mut configs = Map::default();
    configs.set_with_comment(
        "default",
        rules,
        "A refusal (4xx) tells nothing of the other side.",
    );
    file.set(
        "resilience4j",
        Value::from([("circuitbreaker", [("configs", configs.into())].into())]),
    );
    file.to_file("How this service is set up. SERVER_PORT says another port.")
}

fn spring(facts: &Facts<'_>) -> Map {
    let name = format!("${{SERVICE_NAME:{}}}", facts.id);
    let mut main = Map::from([("banner-mode", "off".into())]);
    if !facts.is_server {
        main.set("web-application-type", "none");
    }
    let mut config = Map::default();
    config.set_with_comment(
        "import",
        "optional:file:/config/breakers.yaml",
        "The numbers of breakers, where somebody mounts them.",
    );
    let mut spring = Map::from([
        ("application", [("name", name.into())].into()),
        ("config", config.into()),
        ("main", main.into()),
    ]);
    if facts.is_server {
        spring.set(
            "lifecycle",
            Value::from([("timeout-per-shutdown-phase", "15s".into())]),
        );
    }
    spring
}

/// Health, breakers and metrics stand where the design says.
fn management(facts: &Facts<'_>) -> Map {
    let place = |path: &str| Value::from(path.trim_start_matches('/'));
    let is_at_root = facts.health_path == "/";
    let health_path = if is_at_root {
        "/actuator/health"
    } else {
        facts.health_path
    };
    let exposed: Vec<Value> = ["health", "circuitbreakers", "prometheus"]
        .into_iter()
        .map(Value::from)
        .collect();
    let mut health = Map::from([("show-components", "always".into())]);
    health.set("probes", Value::from([("enabled", true.into())]));
    let ready = format!("server:{}", facts.ready_path);
    health.set(
        "group",
        Value::from([("readiness", [("additional-path", ready.into())].into())]),
    );
    let web = Value::from([
        ("base-path", "/".into()),
        ("exposure", [("include", Value::List(exposed))].into()),
        (
            "path-mapping",
            [
                ("health", place(health_path)),
                ("circuitbreakers", place(facts.breakers_path)),
                ("prometheus", place(facts.metrics_path)),
            ]
            .into(),
        ),
    ]);
    let mut breakers = Map::default();
    breakers.set_with_comment(
        "access",
        "read-only",
        "Nobody opens a breaker from outside.",
    );
    Map::from([
        ("endpoints", [("web", web)].into()),
        (
            "endpoint",
            [
                ("health", health.into()),
                ("circuitbreakers", breakers.into()),
            ]
            .into(),
        ),
    ])
}
