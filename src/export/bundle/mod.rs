//! Facts that several targets derive from a design, each in one place.
//!
//! Host names, ports, health checks, image names, variables and networks must agree
//! in every file of a bundle, so no target works them out by itself. What a design
//! does not say gets a default here; defaults are ours and named as constants.

mod calls;
mod edge;
mod endpoints;
mod gateways;
mod metrics;
mod networks;
mod passages;
mod protection;
mod requests;
mod stack;

use crate::model::{
    HealthCheck, Model, Service, ServiceId,
    technology::{self, Technology},
};

pub(super) use calls::{
    Named, Variable, is_needed_at_start, named, prefix, speaks_grpc, speaks_http, variables_of,
};
pub(super) use edge::{
    CROSS_ORIGIN_HEADERS, CROSS_ORIGIN_SECONDS, MAX_CONNECT_MS, OWN_ERRORS, REQUEST_ID,
    SERVICE_KEEPALIVE, burst_notes, call, calls_of_gateway, credentials_header, lets_cookies,
    regex_escaped, route_notes,
};
pub(super) use endpoints::{Endpoint, endpoints};
pub(super) use gateways::{
    Gateway, gateway_health_path, gateway_program, gateways, gateways_of, is_nginx, no_gateway,
};
pub(super) use metrics::{Measured, Metrics, measured};
pub(super) use networks::{NetworkKind, Networks};
pub(super) use passages::{Checked, Limits, Passage, USUAL_LIMITS, passages};
pub(super) use protection::{
    BREAKER_SETTINGS_TARGET, breaker_settings, breaker_settings_path, is_protected,
};
pub(super) use requests::{Call, calls, metrics_path};
pub(super) use stack::Stack;

/// The port of our own code where neither the design nor the technology says one.
const DEFAULT_PORT: u16 = 8080;
/// Milliseconds between two health checks.
const DEFAULT_INTERVAL_MS: u64 = 10_000;
/// Milliseconds after which a health check has failed.
const DEFAULT_TIMEOUT_MS: u64 = 2_000;
/// Failed checks in a row that count as down.
const DEFAULT_RETRIES: u32 = 3;
/// Milliseconds after the start in which failures do not count.
const DEFAULT_START_PERIOD_MS: u64 = 15_000;
/// The user our own images run as; any number without rights would do.
pub(super) const APPLICATION_USER: &str = "10001:10001";
/// Seconds our own code has to end after it was asked to.
pub(super) const STOP_SECONDS: u32 = 20;

/// Where the program of a container comes from, which decides what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Our code, in an image whose Dockerfile we write.
    Ours(Stack),
    /// A well-known program from its image.
    Program(&'static Technology),
    /// An image or a Dockerfile of which nothing is known.
    Foreign,
}

/// Where the program of a service comes from.
pub(super) fn origin(service: &Service) -> Origin {
    if is_nginx(service) && service.build.is_none() {
        // A gateway of which nothing is said is nginx.
        return technology::find("nginx").map_or(Origin::Foreign, Origin::Program);
    }
    let ours = service.kind.is_our_code() && service.image.is_empty() && service.build.is_none();
    match (Stack::of(service), service.known_technology()) {
        (Some(stack), _) if ours => Origin::Ours(stack),
        (_, Some(known)) if known.image.is_some() && service.build.is_none() => {
            Origin::Program(known)
        }
        (_, _) => Origin::Foreign,
    }
}

/// Whether the service came from a compose file, so that what it does not say is not
/// ours to add.
pub(super) fn is_imported(service: &Service) -> bool {
    service.extra.contains_key("compose") || service.extra.contains_key("compose_source")
}

/// The container of the design that runs this program, the first if there are several.
pub(super) fn drawn<'a>(
    model: &'a Model,
    technology: &str,
) -> Option<(&'a ServiceId, &'a Service)> {
    let mut services = model.services.iter().map(|(id, it)| (id, it.as_ref()));
    services.find(|(_, it)| {
        is_container(it) && it.known_technology().is_some_and(|it| it.id == technology)
    })
}

/// The system's name as a DNS label.
pub(super) fn system(model: &Model) -> String {
    ServiceId::from_display_name(&model.name, "system").to_string()
}

/// A team as a word in a sentence: many are called one already.
pub(super) fn team_words(team: &str) -> String {
    if team.to_lowercase().contains("team") {
        team.to_owned()
    } else {
        format!("team {team}")
    }
}

/// The name callers find a service under: its id, unless a resolver would take that
/// for a number and never ask. Ids have no dot, so no two services share a name.
pub(super) fn host(id: &ServiceId) -> String {
    let text = id.as_str();
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let is_number = text.bytes().all(|it| it.is_ascii_digit())
        || digits != text && digits.bytes().all(|it| it.is_ascii_hexdigit());
    if is_number {
        format!("{id}.internal")
    } else {
        text.to_owned()
    }
}

/// The port callers use.
pub(super) fn port(service: &Service) -> u16 {
    service
        .main_port()
        .filter(|it| *it != 0)
        .unwrap_or(DEFAULT_PORT)
}

/// The folder that holds the code of a service.
pub(super) fn source_folder(id: &ServiceId) -> String {
    format!("services/{id}")
}

/// Whether a container runs for this service: it is ours to deploy, or an import says
/// that it has an image.
pub(super) fn is_container(service: &Service) -> bool {
    service.kind.is_deployed() || !service.image.is_empty() || service.build.is_some()
}

/// Whether a path has nothing but letters, digits and the usual signs, so that it
/// means the same in a shell, in a program text and in a configuration.
pub(super) fn is_plain_path(path: &str) -> bool {
    path.starts_with('/')
        && path
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || "/-_.~".contains(it))
        && path.split('/').all(|it| !matches!(it, "." | ".."))
}

/// How a service is asked whether it is well, with every number decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HealthTiming {
    /// Milliseconds between two checks.
    pub(super) interval_ms: u64,
    /// Milliseconds after which one has failed.
    pub(super) timeout_ms: u64,
    /// Failures in a row that count as down.
    pub(super) retries: u32,
    /// Milliseconds after the start in which failures do not count.
    pub(super) start_period_ms: u64,
}

/// When a service is asked whether it is well.
pub(super) fn health_timing(health: Option<&HealthCheck>) -> HealthTiming {
    timing_or(
        health,
        HealthTiming {
            interval_ms: DEFAULT_INTERVAL_MS,
            timeout_ms: DEFAULT_TIMEOUT_MS,
            retries: DEFAULT_RETRIES,
            start_period_ms: DEFAULT_START_PERIOD_MS,
        },
    )
}

/// When a program that takes its time is asked whether it is well.
pub(super) fn slow_health_timing(health: Option<&HealthCheck>) -> HealthTiming {
    timing_or(
        health,
        HealthTiming {
            interval_ms: 15_000,
            timeout_ms: 10_000,
            retries: 5,
            start_period_ms: 60_000,
        },
    )
}

fn timing_or(health: Option<&HealthCheck>, usual: HealthTiming) -> HealthTiming {
    let said = |value: Option<u64>, default| value.filter(|it| *it > 0).unwrap_or(default);
    HealthTiming {
        interval_ms: said(health.and_then(|it| it.interval_ms), usual.interval_ms),
        timeout_ms: said(health.and_then(|it| it.timeout_ms), usual.timeout_ms),
        retries: health
            .and_then(|it| it.retries)
            .filter(|it| *it > 0)
            .unwrap_or(usual.retries),
        start_period_ms: health
            .and_then(|it| it.start_period_ms)
            .unwrap_or(usual.start_period_ms),
    }
}

/// The path of our code's health check, where it can stand in a command.
pub(super) fn health_path(service: &Service) -> Option<&str> {
    let said = service.health.as_ref().map_or("", |it| it.path.as_str());
    let usual = service.known_technology().and_then(|it| it.health_path);
    if said.is_empty() {
        usual
    } else if is_plain_path(said) {
        Some(said)
    } else {
        None
    }
}

/// The port of a health check.
pub(super) fn health_port(service: &Service) -> u16 {
    service
        .health
        .as_ref()
        .and_then(|it| it.port)
        .filter(|it| *it != 0)
        .unwrap_or_else(|| port(service))
}

/// `10s`, or `1.5s`, as Docker takes it everywhere.
pub(super) fn docker_duration(ms: u64) -> String {
    let fraction = format!("{:03}", ms % 1000);
    match fraction.trim_end_matches('0') {
        "" => format!("{}s", ms / 1000),
        digits => format!("{}.{digits}s", ms / 1000),
    }
}

/// `10s`, or `1500ms` where seconds cannot say it.
pub(super) fn duration(ms: u64) -> String {
    if ms > 0 && ms.is_multiple_of(1000) {
        format!("{}s", ms / 1000)
    } else {
        format!("{ms}ms")
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, Stack, host, origin, system};
    use crate::model::{ServiceId, testing::model};

    #[test]
    fn a_service_without_image_is_built_and_one_with_an_image_is_not() {
        let model = model(
            "x(a{technology=FastAPI}, b{technology=go image=ghcr.io/x/b:1}, c:database{technology=postgres}, d)",
        );
        let of = |id: &str| origin(&model.services[id]);
        assert_eq!(of("a"), Origin::Ours(Stack::FastApi));
        assert_eq!(of("b"), Origin::Foreign);
        assert!(matches!(of("c"), Origin::Program(it) if it.id == "postgres"));
        assert_eq!(of("d"), Origin::Foreign);
    }

    #[test]
    fn an_id_that_reads_like_an_address_gets_a_name_that_does_not() {
        let host = |id: &str| host(&ServiceId::new(id).unwrap());
        assert_eq!(host("123"), "123.internal");
        assert_eq!(host("0x1f"), "0x1f.internal");
        assert_eq!(
            (host("1e3"), host("orders")),
            ("1e3".to_owned(), "orders".to_owned())
        );
    }

    #[test]
    fn a_system_without_a_usable_name_has_one_all_the_same() {
        assert_eq!(system(&model("x(a)")), "system");
    }
}
