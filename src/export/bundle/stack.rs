//! What our own code is written with, where we know how to build and ask it.

use super::{docker_duration, health_path, health_port, health_timing};
use crate::model::Service;

/// A technology whose services we can build, test and ask for their health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::export) enum Stack {
    FastApi,
    Express,
    Go,
    SpringBoot,
    Axum,
    AspNet,
}

impl Stack {
    /// Every stack, in the order of its jobs in a pipeline.
    pub(in crate::export) const ALL: [Self; 6] = [
        Self::FastApi,
        Self::Express,
        Self::Go,
        Self::SpringBoot,
        Self::Axum,
        Self::AspNet,
    ];

    /// The stack of a service's technology.
    pub(in crate::export) fn of(service: &Service) -> Option<Self> {
        let known = service.known_technology()?;
        Self::ALL.into_iter().find(|it| it.id() == known.id)
    }

    /// The id of its technology.
    pub(in crate::export) fn id(self) -> &'static str {
        match self {
            Self::FastApi => "fastapi",
            Self::Express => "express",
            Self::Go => "go",
            Self::SpringBoot => "spring-boot",
            Self::Axum => "axum",
            Self::AspNet => "aspnet",
        }
    }

    /// Mebibytes one replica may use where the design does not say. Ours: runtimes
    /// with a virtual machine need more before they serve anything.
    pub(in crate::export) fn memory_mib(self) -> u32 {
        match self {
            Self::Go | Self::Axum => 128,
            Self::FastApi | Self::Express | Self::AspNet => 256,
            Self::SpringBoot => 512,
        }
    }

    /// The command that asks the service for its health from inside its container,
    /// with what its image has anyway. `None` where its path cannot stand in a command.
    pub(in crate::export) fn health_command(self, service: &Service) -> Option<Vec<String>> {
        let command = service.health.as_ref().map(|it| &it.command);
        if let Some(command) = command.filter(|it| !it.is_empty()) {
            return Some(command.clone());
        }
        let url = format!(
            "http://127.0.0.1:{}{}",
            health_port(service),
            health_path(service)?
        );
        let timing = health_timing(service.health.as_ref());
        // Docker gives up then, so the request may as well.
        let seconds = docker_duration(timing.timeout_ms);
        let seconds = seconds.trim_end_matches('s');
        let words: [&str; 5] = match self {
            Self::FastApi => [
                "python",
                "-c",
                &format!(
                    "import urllib.request as u; u.urlopen('{url}', timeout={seconds}).read()"
                ),
                "",
                "",
            ],
            Self::Express => [
                "node",
                "-e",
                &format!(
                    "fetch('{url}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
                ),
                "",
                "",
            ],
            // The Alpine images carry BusyBox, and with it wget.
            Self::Go | Self::SpringBoot | Self::Axum | Self::AspNet => {
                ["wget", "-q", "-O", "/dev/null", &url]
            }
        };
        let words = words.into_iter().filter(|it| !it.is_empty());
        Some(words.map(str::to_owned).collect())
    }
}
