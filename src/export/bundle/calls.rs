//! What a service is told of those it needs, as environment variables.
//!
//! `PAYMENTS_URL`, `PAYMENTS_TIMEOUT_MS`, `PAYMENTS_BREAKER_OPEN_MS`: the prefix is the
//! target's id. Numbers stand there in the unit their name says.

use std::collections::{BTreeMap, BTreeSet};

use super::{host, port};
use crate::model::{
    Access, Breaker, Dependency, Model, PortProtocol, Protocol, Retries, Service, ServiceId,
    ServiceKind,
};

/// What a variable is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::export) enum Variable {
    /// This text.
    Text(String),
    /// The address of something outside, which whoever starts the system says.
    Asked,
}

/// The start of the names of the variables that tell of a service.
pub(in crate::export) fn prefix(target: &ServiceId) -> String {
    let name = target.as_str().to_ascii_uppercase().replace('-', "_");
    if name.starts_with(|it: char| it.is_ascii_digit()) {
        return format!("SERVICE_{name}");
    }
    name
}

/// A dependency of a caller, and what it is called there.
#[derive(Debug, Clone)]
pub(in crate::export) struct Named<'a> {
    /// As drawn.
    pub(in crate::export) dependency: &'a Dependency,
    /// The target's id, with a number where it is not the first.
    pub(in crate::export) name: String,
    /// What its variables start with.
    pub(in crate::export) prefix: String,
    /// What its breaker is called, if it has one: as drawn, else as the call. No two of a
    /// caller are called the same, because in its metrics they would be one.
    pub(in crate::export) breaker: Option<String>,
}

/// The dependencies of a service by the names that it has for them.
pub(in crate::export) fn named<'a>(model: &'a Model, id: &'a ServiceId) -> Vec<Named<'a>> {
    let mut seen: BTreeMap<&ServiceId, u32> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let known = model.dependencies_of(id);
    let known = known.filter(|(_, it)| model.services.contains_key(&it.to));
    let named = known.map(|(_, dependency)| {
        let count = seen.entry(&dependency.to).or_default();
        *count += 1;
        let (mut name, mut prefix) = (dependency.to.to_string(), prefix(&dependency.to));
        if *count > 1 {
            name = format!("{name}-{count}");
            prefix = format!("{prefix}_{count}");
        }
        let breaker = dependency.breaker.as_ref().map(|it| {
            let said = if it.name.is_empty() { &name } else { &it.name };
            untaken(said, &mut taken)
        });
        Named {
            dependency,
            name,
            prefix,
            breaker,
        }
    });
    named.collect()
}

/// A name that nobody has yet: with a number behind it where somebody has.
fn untaken(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = name.to_owned();
    let mut count = 1;
    while !taken.insert(free.clone()) {
        count += 1;
        free = format!("{name}-{count}");
    }
    free
}

/// What a service is told of those it needs, sorted by name.
pub(in crate::export) fn variables_of(model: &Model, id: &ServiceId) -> BTreeMap<String, Variable> {
    let mut variables = BTreeMap::new();
    for call in named(model, id) {
        let (dependency, prefix) = (call.dependency, &call.prefix);
        let Some(target) = model.services.get(&dependency.to) else {
            continue;
        };
        let is_first = call.name == dependency.to.as_str();
        // What an import saw knows its address already.
        if is_first && dependency.evidence.is_empty() {
            address(&mut variables, &dependency.to, target, dependency);
        }
        let drawn = dependency.breaker.as_ref().map_or("", |it| &it.name);
        let breaker = call
            .breaker
            .filter(|it| !drawn.is_empty() || *it != call.name);
        let mut settings = settings(dependency);
        settings.extend(breaker.map(|it| ("BREAKER_NAME", it)));
        for (name, value) in settings {
            variables
                .entry(format!("{prefix}_{name}"))
                .or_insert(Variable::Text(value));
        }
    }
    variables
}

fn address(
    variables: &mut BTreeMap<String, Variable>,
    id: &ServiceId,
    target: &Service,
    dependency: &Dependency,
) {
    let prefix = prefix(id);
    if !super::is_container(target) {
        variables.insert(format!("{prefix}_URL"), Variable::Asked);
        return;
    }
    let (host, port) = (host(id), port(target));
    if let Some(scheme) = scheme(target, dependency) {
        let url = format!("{scheme}://{host}:{port}");
        variables.insert(format!("{prefix}_URL"), Variable::Text(url));
    } else {
        variables.insert(format!("{prefix}_HOST"), Variable::Text(host));
        variables.insert(format!("{prefix}_PORT"), Variable::Text(port.to_string()));
    }
}

/// What an address starts with; `None` where clients take host and port apart.
fn scheme(target: &Service, dependency: &Dependency) -> Option<&'static str> {
    let usual = target.known_technology().map_or("", |it| it.id);
    match (dependency.protocol, usual) {
        (Some(Protocol::Http), _)
        | (None, "elasticsearch" | "consul" | "prometheus" | "grafana") => Some("http"),
        (Some(Protocol::Grpc), _) => Some("grpc"),
        (Some(Protocol::Redis), _) | (None, "redis") => Some("redis"),
        (Some(Protocol::Nats), _) | (None, "nats") => Some("nats"),
        (Some(Protocol::Sql | Protocol::Amqp | Protocol::Kafka | Protocol::Tcp), _) => None,
        (None, _) => match target.kind {
            ServiceKind::Service | ServiceKind::Gateway | ServiceKind::Job => {
                let spoken = target.ports.first().map(|it| it.protocol);
                match spoken {
                    None | Some(PortProtocol::Http) => Some("http"),
                    Some(PortProtocol::Grpc) => Some("grpc"),
                    Some(PortProtocol::Tcp | PortProtocol::Udp) => None,
                }
            }
            ServiceKind::Client
            | ServiceKind::Database
            | ServiceKind::Cache
            | ServiceKind::Broker
            | ServiceKind::Search
            | ServiceKind::External => None,
        },
    }
}

/// Whether a call is one of HTTP.
pub(in crate::export) fn speaks_http(target: &Service, dependency: &Dependency) -> bool {
    scheme(target, dependency) == Some("http")
}

/// Whether a port of a service speaks gRPC, which is nothing over HTTP/1.1.
pub(in crate::export) fn speaks_grpc(service: &Service, port: u16) -> bool {
    let mut ports = service.ports.iter();
    ports.any(|it| it.number == port && it.protocol == PortProtocol::Grpc)
}

/// The numbers of a dependency, each with the end of its variable's name. A limit of none
/// at all is no limit: every call would fail.
fn settings(dependency: &Dependency) -> Vec<(&'static str, String)> {
    let mut settings = Vec::new();
    let mut add = |name, value: Option<String>| settings.extend(value.map(|it| (name, it)));
    let timeout = dependency.timeout_ms.filter(|it| *it > 0);
    let bulkhead = dependency.bulkhead.filter(|it| *it > 0);
    add("TIMEOUT_MS", timeout.map(|it| it.to_string()));
    add("BULKHEAD", bulkhead.map(|it| it.to_string()));
    if let Some(retries) = &dependency.retries {
        let Retries {
            count,
            backoff_ms,
            max_backoff_ms,
            jitter,
        } = retries;
        add("RETRIES", Some(count.to_string()));
        add("RETRY_BACKOFF_MS", backoff_ms.map(|it| it.to_string()));
        add(
            "RETRY_MAX_BACKOFF_MS",
            max_backoff_ms.map(|it| it.to_string()),
        );
        add("RETRY_JITTER", jitter.map(|it| it.to_string()));
    }
    if let Some(breaker) = &dependency.breaker {
        settings.extend(breaker_settings(breaker));
    }
    settings
}

/// The numbers of a breaker, each with the end of its variable's name.
fn breaker_settings(breaker: &Breaker) -> Vec<(&'static str, String)> {
    let whole = |it: Option<u32>| it.map(|it| it.to_string());
    let ms = |it: Option<u64>| it.map(|it| it.to_string());
    let percent = |it: Option<f64>| it.map(|it| it.to_string());
    let all = [
        (
            "BREAKER_FAILURE_RATE",
            percent(breaker.failure_rate_percent),
        ),
        (
            "BREAKER_CONSECUTIVE_FAILURES",
            whole(breaker.consecutive_failures),
        ),
        ("BREAKER_WINDOW_CALLS", whole(breaker.window_calls)),
        ("BREAKER_WINDOW_MS", ms(breaker.window_ms)),
        ("BREAKER_MINIMUM_CALLS", whole(breaker.minimum_calls)),
        ("BREAKER_SLOW_CALL_MS", ms(breaker.slow_call_ms)),
        (
            "BREAKER_SLOW_CALL_RATE",
            percent(breaker.slow_call_rate_percent),
        ),
        ("BREAKER_OPEN_MS", ms(breaker.open_ms)),
        ("BREAKER_HALF_OPEN_CALLS", whole(breaker.half_open_calls)),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// Whether somebody must be up before the service can do its work.
pub(in crate::export) fn is_needed_at_start(dependency: &Dependency) -> bool {
    dependency.is_hard() || matches!(dependency.access, Access::Publish | Access::Consume)
}

#[cfg(test)]
mod tests {
    use super::{Variable, named, variables_of};
    use crate::model::{ServiceId, testing::model};

    fn told(notation: &str, id: &str) -> String {
        let model = model(notation);
        let variables = variables_of(&model, &ServiceId::new(id).unwrap());
        let lines = variables.into_iter().map(|(name, value)| match value {
            Variable::Text(text) => format!("{name}={text}"),
            Variable::Asked => format!("{name}?"),
        });
        lines.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_caller_is_told_address_timeout_retries_and_breaker() {
        assert_eq!(
            told(
                "x(a, b{port=5001}); a -> b{timeout=750 retries=2 backoff=40 breaker bulkhead=9}",
                "a"
            ),
            "B_BREAKER_FAILURE_RATE=50 B_BREAKER_HALF_OPEN_CALLS=3 B_BREAKER_MINIMUM_CALLS=10 \
             B_BREAKER_OPEN_MS=30000 B_BREAKER_WINDOW_CALLS=20 B_BULKHEAD=9 B_RETRIES=2 \
             B_RETRY_BACKOFF_MS=40 B_TIMEOUT_MS=750 B_URL=http://b:5001"
        );
    }

    #[test]
    fn stores_are_told_as_host_and_port_and_outsiders_are_asked_for() {
        assert_eq!(
            told(
                "x(a, d:database{technology=postgres}, r:cache{technology=redis}, e:external, 3d); \
                 a -> d; a -> r; a -> e; a -> 3d",
                "a"
            ),
            "D_HOST=d D_PORT=5432 E_URL? R_URL=redis://r:6379 SERVICE_3D_URL=http://3d:8080"
        );
    }

    #[test]
    fn no_two_breakers_of_a_caller_are_called_the_same() {
        let mut model = model(
            "x(a, b, c, d); a -> b{breaker}; a -> b{breaker}; a -> c{breaker}; a -> d{breaker}",
        );
        for (id, it) in model.dependencies.clone() {
            let mut it = it.as_ref().clone();
            if it.to.as_str() != "b" {
                it.breaker.as_mut().unwrap().name = "shared".to_owned();
            }
            model.dependencies.insert(id, it.into());
        }
        let caller = ServiceId::new("a").unwrap();
        let names: Vec<_> = named(&model, &caller)
            .into_iter()
            .filter_map(|it| it.breaker)
            .collect();
        assert_eq!(names, ["b", "b-2", "shared", "shared-2"]);
        let told = variables_of(&model, &caller);
        let name = |prefix: &str| told.get(&format!("{prefix}_BREAKER_NAME")).cloned();
        assert_eq!((name("B"), name("B_2")), (None, None));
        assert_eq!(name("C"), Some(Variable::Text("shared".to_owned())));
        assert_eq!(name("D"), Some(Variable::Text("shared-2".to_owned())));
    }

    #[test]
    fn a_limit_of_none_at_all_is_not_told() {
        assert_eq!(
            told("x(a, b); a -> b{timeout=0 bulkhead=0}", "a"),
            "B_URL=http://b:8080"
        );
    }

    #[test]
    fn a_second_dependency_on_the_same_service_keeps_its_own_numbers() {
        assert_eq!(
            told("x(a, b); a -> b{timeout=1}; a -> b{timeout=2}", "a"),
            "B_2_TIMEOUT_MS=2 B_TIMEOUT_MS=1 B_URL=http://b:8080"
        );
    }
}
