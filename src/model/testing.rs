//! A design in one line, for tests.
//!
//! `shop(+cart, stock:database{replicas=2}); cart -> stock{timeout=500 breaker}`
//!
//! * `boundary(…)` holds services; `(…)` without a name holds services without one.
//! * A service is `name`, `+name` if public, `name:kind`, with `{key=value …}`:
//!   `replicas`, `criticality`, `port`, `published`, `image`, `health`, `slo`,
//!   `availability`, `technology`, `owner`, `env.NAME`, `after.NAME` (start order).
//! * `a -> b` waits, `a => b` does not; with `{…}`: `timeout`, `retries`, `backoff`,
//!   `breaker`, `fallback`, `hard`, `soft`, `calls`, `p99`, `bulkhead`, `static`,
//!   `read`, `write`, `publish`, `consume`, `http`, `sql`.
//! * `gateway/prefix -> service{…}` is a route: `host`, `timeout`, `port`, `rate`, `body`.

use std::sync::Arc;

use super::{
    Access, Boundary, BoundaryId, Breaker, Dependency, Fallback, HealthCheck, Mode, Model, Port,
    PortProtocol, Protocol, RateLimit, Retries, Route, RouteId, Service, ServiceId, ServiceKind,
    StartCondition,
};

/// Reads the notation; a mistake in it fails the test.
pub(crate) fn model(text: &str) -> Model {
    let mut model = Model::default();
    for statement in split(text, ';') {
        if statement.contains("->") || statement.contains("=>") {
            connect(&mut model, statement);
        } else {
            boundary(&mut model, statement);
        }
    }
    model
}

/// Splits at a separator that is not inside braces or parentheses.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0;
    let parts = text.split(|it: char| {
        depth += i32::from(it == '{' || it == '(') - i32::from(it == '}' || it == ')');
        it == separator && depth == 0
    });
    parts.map(str::trim).filter(|it| !it.is_empty()).collect()
}

fn attributes(text: &str) -> (&str, Vec<(&str, &str)>) {
    let Some((head, rest)) = text.split_once('{') else {
        return (text.trim(), Vec::new());
    };
    let body = rest.trim_end().strip_suffix('}').expect("a closing brace");
    let pairs = body
        .split_whitespace()
        .map(|it| it.split_once('=').unwrap_or((it, "")));
    (head.trim(), pairs.collect())
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a number")
}

fn boundary(model: &mut Model, statement: &str) {
    let (name, members) = statement.split_once('(').expect("boundary(…)");
    let members = members.strip_suffix(')').expect("a closing parenthesis");
    let id = (!name.is_empty()).then(|| BoundaryId::new(name.trim()).expect("an id"));
    if let Some(id) = &id {
        model
            .boundaries
            .insert(id.clone(), Arc::new(Boundary::default()));
    }
    for member in split(members, ',') {
        service(model, id.clone(), member);
    }
}

fn service(model: &mut Model, boundary: Option<BoundaryId>, text: &str) {
    let (head, attributes) = attributes(text);
    let (name, kind) = head.split_once(':').unwrap_or((head, "service"));
    let kind = ServiceKind::ALL
        .into_iter()
        .find(|it| it.label().eq_ignore_ascii_case(kind))
        .expect("a kind");
    let mut service = Service {
        boundary,
        public: name.starts_with('+'),
        ..Service::of_kind(kind)
    };
    for (key, value) in attributes {
        match key {
            "replicas" => service.replicas = Some(number(value)),
            "criticality" => service.criticality = Some(number(value)),
            "image" => value.clone_into(&mut service.image),
            "technology" => value.clone_into(&mut service.technology),
            "owner" => value.clone_into(&mut service.owner),
            "slo" => service.slo_percent = Some(number(value)),
            "availability" => service.availability_percent = Some(number(value)),
            "port" | "grpc" => service.ports.push(port(key, number(value))),
            "published" => match service.ports.last_mut() {
                Some(port) => port.published = Some(number(value)),
                None => service.ports.push(Port {
                    number: number(value),
                    published: Some(number(value)),
                    ..Port::default()
                }),
            },
            "health" => {
                service.health = Some(HealthCheck {
                    path: value.to_owned(),
                    ..HealthCheck::default()
                });
            }
            _ => {
                if let Some(variable) = key.strip_prefix("env.") {
                    service
                        .environment
                        .insert(variable.to_owned(), value.to_owned());
                } else if let Some(other) = key.strip_prefix("after.") {
                    let condition = match value {
                        "healthy" => StartCondition::Healthy,
                        "completed" => StartCondition::Completed,
                        _ => StartCondition::Started,
                    };
                    let other = ServiceId::new(other).expect("an id");
                    service.starts_after.insert(other, condition);
                } else {
                    panic!("unknown service attribute {key}");
                }
            }
        }
    }
    let id = ServiceId::new(name.trim_start_matches('+')).expect("an id");
    model.services.insert(id, Arc::new(service));
}

fn connect(model: &mut Model, statement: &str) {
    let (ends, attributes) = attributes(statement);
    let (from, to, mode) = if let Some((from, to)) = ends.split_once("->") {
        (from.trim(), to.trim(), Mode::Sync)
    } else {
        let (from, to) = ends.split_once("=>").expect("an arrow");
        (from.trim(), to.trim(), Mode::Async)
    };
    let to = ServiceId::new(to).expect("an id");
    if let Some((gateway, prefix)) = from.split_once('/') {
        let gateway = ServiceId::new(gateway).expect("an id");
        let mut route = Route::new(gateway, format!("/{prefix}"), to);
        for (key, value) in attributes {
            describe_route(&mut route, key, value);
        }
        let id = RouteId::from_display_name(&format!("{from}-{}", route.host), "route")
            .made_unique(|it| model.routes.contains_key(it));
        model.routes.insert(id, Arc::new(route));
        return;
    }
    let mut dependency = Dependency::new(ServiceId::new(from).expect("an id"), to);
    dependency.mode = mode;
    for (key, value) in attributes {
        describe_dependency(&mut dependency, key, value);
    }
    let id = model.free_dependency_id(&dependency.from, &dependency.to);
    model.dependencies.insert(id, Arc::new(dependency));
}

fn describe_route(route: &mut Route, key: &str, value: &str) {
    match key {
        "host" => value.clone_into(&mut route.host),
        "timeout" => route.timeout_ms = Some(number(value)),
        "port" => route.port = Some(number(value)),
        "body" => route.body_limit_kib = Some(number(value)),
        "rate" => {
            route.rate_limit = Some(RateLimit {
                requests_per_second: number(value),
                burst: None,
            });
        }
        _ => panic!("unknown route attribute {key}"),
    }
}

fn port(key: &str, number: u16) -> Port {
    let mut port = Port {
        number,
        ..Port::default()
    };
    if key == "grpc" {
        port.protocol = PortProtocol::Grpc;
    }
    port
}

fn describe_dependency(dependency: &mut Dependency, key: &str, value: &str) {
    match key {
        "timeout" => dependency.timeout_ms = Some(number(value)),
        "retries" => {
            dependency
                .retries
                .get_or_insert_with(Retries::default)
                .count = number(value);
        }
        "backoff" => {
            dependency
                .retries
                .get_or_insert_with(Retries::default)
                .backoff_ms = Some(number(value));
        }
        "breaker" => dependency.breaker = Some(Breaker::recommended()),
        "fallback" => dependency.fallback = Some(Fallback::default()),
        "hard" => dependency.hard = Some(true),
        "soft" => dependency.hard = Some(false),
        "static" => dependency.dynamic_discovery = Some(false),
        "calls" => dependency.calls_per_request = Some(number(value)),
        "p99" => dependency.p99_ms = Some(number(value)),
        "bulkhead" => dependency.bulkhead = Some(number(value)),
        "read" => dependency.access = Access::Read,
        "write" => dependency.access = Access::Write,
        "publish" => dependency.access = Access::Publish,
        "consume" => dependency.access = Access::Consume,
        "http" => dependency.protocol = Some(Protocol::Http),
        "sql" => dependency.protocol = Some(Protocol::Sql),
        _ => panic!("unknown dependency attribute {key}"),
    }
}
