//! How Compose asks a container whether it is well.

use super::{program, secrets, words};
use crate::{
    export::{
        bundle::{self, Origin},
        yaml::{Map, Value},
    },
    model::{Model, Service, ServiceId, ServiceKind},
};

/// Whether a container is asked for its health, here or by its imported settings.
pub(super) fn has_check(model: &Model, id: &ServiceId, service: &Service) -> bool {
    let imported = service
        .extra
        .get("compose")
        .and_then(|it| it.get("healthcheck"));
    imported.is_some() || check(model, id, service).is_some()
}

/// The health check of a service, where there is a way to ask.
pub(super) fn check(model: &Model, id: &ServiceId, service: &Service) -> Option<Map> {
    let imported = bundle::is_imported(service);
    let health = service.health.as_ref();
    if imported && health.is_none() {
        return None;
    }
    let test = test(model, id, service)?;
    let mut map = Map::from([("test", test.into())]);
    let timing = timing(service);
    let mut set = |key: &str, said: bool, value: Value| {
        if said || !imported {
            map.set(key, value);
        }
    };
    set(
        "interval",
        health.is_some_and(|it| it.interval_ms.is_some()),
        bundle::duration(timing.interval_ms).into(),
    );
    set(
        "timeout",
        health.is_some_and(|it| it.timeout_ms.is_some()),
        bundle::duration(timing.timeout_ms).into(),
    );
    set(
        "retries",
        health.is_some_and(|it| it.retries.is_some()),
        timing.retries.into(),
    );
    set(
        "start_period",
        health.is_some_and(|it| it.start_period_ms.is_some()),
        bundle::duration(timing.start_period_ms).into(),
    );
    Some(map)
}

/// When a service is asked, with every number decided.
pub(super) fn timing(service: &Service) -> bundle::HealthTiming {
    let health = service.health.as_ref();
    match bundle::origin(service) {
        Origin::Program(known) if program::find(known.id).is_some_and(|it| it.is_slow) => {
            bundle::slow_health_timing(health)
        }
        Origin::Program(_) | Origin::Ours(_) | Origin::Foreign => bundle::health_timing(health),
    }
}

/// The words of the health check, as Compose writes them.
pub(super) fn test(model: &Model, id: &ServiceId, service: &Service) -> Option<Vec<String>> {
    let said = service.health.as_ref();
    if let Some(command) = said.map(|it| &it.command).filter(|it| !it.is_empty()) {
        let command = command.iter().map(|it| words::literal(it));
        let is_whole = matches!(said?.command[0].as_str(), "CMD" | "CMD-SHELL" | "NONE");
        let start = (!is_whole).then(|| "CMD".to_owned());
        return Some(start.into_iter().chain(command).collect());
    }
    let gateway = bundle::gateway_program(service).and_then(|it| program::find(it.id));
    if gateway.is_some_and(|it| it.asks_gateway) {
        let url = format!(
            "http://127.0.0.1:{}{}",
            bundle::port(service),
            bundle::gateway_health_path(model, id)
        );
        return Some(wget(&url, service));
    }
    match bundle::origin(service) {
        Origin::Ours(_) if service.kind == ServiceKind::Job => None,
        Origin::Ours(stack) => {
            let command = stack.health_command(service)?;
            let words = command.into_iter().map(|it| words::literal(&it));
            Some(std::iter::once("CMD".to_owned()).chain(words).collect())
        }
        Origin::Program(known) => {
            let program = program::find(known.id)?;
            let words = program.health.iter();
            Some(
                words
                    .map(|it| secrets::filled(it, id, service, program))
                    .collect(),
            )
        }
        Origin::Foreign => {
            let path = said
                .map(|it| it.path.as_str())
                .filter(|it| bundle::is_plain_path(it))?;
            let url = format!("http://127.0.0.1:{}{path}", bundle::health_port(service));
            Some(wget_or_curl(&url))
        }
    }
}

/// The Alpine images carry wget, the Debian ones carry curl.
fn wget(url: &str, service: &Service) -> Vec<String> {
    if service.image.is_empty() || service.image.contains("alpine") {
        let words = ["CMD", "wget", "-q", "-O", "/dev/null", url];
        return words.map(str::to_owned).to_vec();
    }
    wget_or_curl(url)
}

fn wget_or_curl(url: &str) -> Vec<String> {
    let command = format!("wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url}");
    vec!["CMD-SHELL".to_owned(), command]
}
