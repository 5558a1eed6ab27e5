//! Which services tell numbers of themselves, where, and under which names.

use super::{Origin, Stack, is_container, is_imported, is_plain_path, origin, port};
use crate::model::{Model, Service, ServiceId, ServiceKind};

/// The names of the numbers that a service tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::export) enum Metrics {
    /// `http_server_requests_total` and `circuit_breaker_state`.
    Ours,
    /// Micrometer's, as Spring Boot tells them.
    Micrometer,
    /// Those of a well-known program: its technology's id.
    Program(&'static str),
}

/// Where a service tells its numbers.
#[derive(Debug, Clone)]
pub(in crate::export) struct Measured<'a> {
    /// Its id.
    pub(in crate::export) id: &'a ServiceId,
    /// As drawn.
    pub(in crate::export) service: &'a Service,
    /// The port, and the path there.
    pub(in crate::export) port: u16,
    pub(in crate::export) path: String,
    /// Under which names.
    pub(in crate::export) names: Metrics,
}

/// Programs that tell numbers by themselves: technology, port, path. No gateway is here:
/// what is written for them opens no port but the one they serve.
const PROGRAMS: [(&str, u16, &str); 3] = [
    ("rabbitmq", 15_692, "/metrics"),
    ("grafana", 3000, "/metrics"),
    ("prometheus", 9090, "/metrics"),
];

/// Every service that tells numbers, sorted by id.
pub(in crate::export) fn measured(model: &Model) -> Vec<Measured<'_>> {
    let containers = model.services.iter().filter(|(_, it)| is_container(it));
    containers
        .filter_map(|(id, service)| {
            let (port, path, names) = place(service)?;
            Some(Measured {
                id,
                service,
                port,
                path,
                names,
            })
        })
        .collect()
}

fn place(service: &Service) -> Option<(u16, String, Metrics)> {
    let said = Some(service.metrics_path.as_str()).filter(|it| is_plain_path(it));
    let known = service.known_technology();
    let usual = PROGRAMS
        .iter()
        .find(|it| known.is_some_and(|known| known.id == it.0));
    match (origin(service), usual) {
        // A job is gone before anybody asks.
        _ if service.kind == ServiceKind::Job => None,
        (Origin::Ours(stack), _) => {
            let path = said.or(known.and_then(|it| it.metrics_path))?;
            let names = match stack {
                Stack::SpringBoot => Metrics::Micrometer,
                Stack::FastApi | Stack::Express | Stack::Go | Stack::Axum | Stack::AspNet => {
                    Metrics::Ours
                }
            };
            Some((port(service), path.to_owned(), names))
        }
        (_, Some((id, number, path))) if !is_imported(service) => {
            let path = said.unwrap_or(path);
            Some((*number, path.to_owned(), Metrics::Program(id)))
        }
        (_, _) => {
            let is_spring = Stack::of(service) == Some(Stack::SpringBoot);
            let names = if is_spring {
                Metrics::Micrometer
            } else {
                Metrics::Ours
            };
            Some((port(service), said?.to_owned(), names))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Metrics, measured};
    use crate::model::testing::model;

    #[test]
    fn code_of_ours_and_programs_that_can_tell_numbers_and_nobody_else_does() {
        let model = model(
            "x(a{technology=go port=5000}, b{technology=spring-boot}, c:job{technology=go}, \
             d:database{technology=postgres}, e{image=x/y:1}, f:gateway{technology=traefik}, \
             g:gateway, r:broker{technology=rabbitmq})",
        );
        let all = measured(&model);
        let all: Vec<_> = all
            .iter()
            .map(|it| (it.id.as_str(), it.port, it.path.as_str(), it.names))
            .collect();
        assert_eq!(
            all,
            [
                ("a", 5000, "/metrics", Metrics::Ours),
                ("b", 8080, "/actuator/prometheus", Metrics::Micrometer),
                ("r", 15_692, "/metrics", Metrics::Program("rabbitmq")),
            ]
        );
    }
}
