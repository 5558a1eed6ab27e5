//! The paths of an instance, and how each is read.

use url::Url;

use super::Draft;
use crate::{
    model::Service,
    monitor::{
        address::{AddressError, join, parse_grpc},
        fetch::{MAX_HEALTH_BYTES, MAX_LIST_BYTES},
        stream,
    },
};

const DEFAULT_HEALTH_PATH: &str = "/health";

/// What a path is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::monitor) enum Role {
    /// Health, and breakers if they are in it.
    Health,
    /// Breakers, because a person said so.
    More,
    /// Breakers, if there turn out to be any.
    Candidate,
}

impl Role {
    pub(in crate::monitor) fn max_bytes(self) -> usize {
        match self {
            Self::Health => MAX_HEALTH_BYTES,
            Self::More | Self::Candidate => MAX_LIST_BYTES,
        }
    }
}

/// How a path is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::monitor) enum Manner {
    /// By a GET, again and again; one that answers with a stream of events is followed.
    Page,
    /// It is known to be such a stream.
    Stream,
    /// By gRPC's health check for this service; empty for the whole server.
    GrpcHealth(String),
}

/// One path of an instance.
#[derive(Debug, Clone)]
pub(in crate::monitor) struct ProbePath {
    pub path: String,
    /// For gRPC that of the HTTP/2 below.
    pub url: Url,
    pub role: Role,
    pub manner: Manner,
    /// Whether it belongs to the instance's own origin, so that it may see the secret.
    pub is_own: bool,
}

impl Draft<'_> {
    /// The paths of an address, that of its health first.
    pub(super) fn paths(&self, address: &str, base: &Url) -> Result<Vec<ProbePath>, AddressError> {
        let is_grpc = parse_grpc(address).is_some();
        let wanted = if is_grpc {
            self.wanted_of_grpc(base)
        } else {
            self.wanted()
        };
        let mut paths: Vec<ProbePath> = Vec::new();
        for (path, role) in wanted {
            let (url, manner) = way_to(base, is_grpc, path, role)?;
            if paths.iter().all(|it| it.url != url) {
                paths.push(ProbePath {
                    path: path.to_owned(),
                    is_own: url.origin() == base.origin(),
                    url,
                    role,
                    manner,
                });
            }
        }
        Ok(paths)
    }

    fn wanted(&self) -> Vec<(&str, Role)> {
        let technology = self.service.and_then(Service::known_technology);
        let own = self.service.and_then(|it| it.health.as_ref());
        let health = [
            self.target.health_path.as_str(),
            own.map_or("", |it| it.path.as_str()),
            technology.and_then(|it| it.health_path).unwrap_or_default(),
            DEFAULT_HEALTH_PATH,
        ];
        let health = health.into_iter().find(|it| !it.is_empty());
        let mut wanted: Vec<_> = health.map(|it| (it, Role::Health)).into_iter().collect();
        wanted.extend(self.more());
        let metrics = self.service.map_or("", |it| it.metrics_path.as_str());
        if !metrics.is_empty() {
            wanted.push((metrics, Role::Candidate));
        }
        if technology.is_some_and(|it| it.id == "spring-boot") {
            wanted.push(("/actuator/circuitbreakers", Role::Candidate));
        }
        wanted
    }

    /// A path that starts with `/` was meant for HTTP, unless it stands at the target.
    fn wanted_of_grpc<'a>(&'a self, base: &'a Url) -> Vec<(&'a str, Role)> {
        let own = self.service.and_then(|it| it.health.as_ref());
        let own = own.map_or("", |it| it.path.as_str());
        let health = [
            self.target.health_path.as_str(),
            base.path().trim_matches('/'),
            if own.starts_with('/') { "" } else { own },
        ];
        let health = health.into_iter().find(|it| !it.is_empty());
        let mut wanted = vec![(health.unwrap_or_default(), Role::Health)];
        wanted.extend(self.more());
        wanted
    }

    fn more(&self) -> impl Iterator<Item = (&str, Role)> {
        let more = self.target.more_paths.iter();
        more.map(|it| (it.as_str(), Role::More))
    }
}

/// Where a path leads, and how it is asked for.
fn way_to(
    base: &Url,
    is_grpc: bool,
    path: &str,
    role: Role,
) -> Result<(Url, Manner), AddressError> {
    let other = parse_grpc(path).transpose()?;
    let server = other.or_else(|| (is_grpc && !path.contains("://")).then(|| base.clone()));
    let Some(server) = server else {
        let url = join(base, path)?;
        let manner = if stream::is_known(url.path()) {
            Manner::Stream
        } else {
            Manner::Page
        };
        return Ok((url, manner));
    };
    if role != Role::Health {
        return Err(AddressError::GrpcPath(path.to_owned()));
    }
    let service = if path.contains("://") {
        server.path()
    } else {
        path
    };
    let service = service.trim_matches('/').to_owned();
    Ok((server, Manner::GrpcHealth(service)))
}
