//! The window's side of polling: starting, stopping and the newest snapshot.

use std::{collections::BTreeSet, sync::Arc};

use super::tasks::Tasks;
use crate::{
    model::EnvironmentId,
    monitor::Snapshot,
    project::{Environment, Project},
};

/// Polls an environment while it is started.
#[derive(Debug, Default)]
pub(super) struct Watching {
    seen: Option<Arc<Snapshot>>,
}

impl Watching {
    /// Polls an environment of a project.
    pub(super) fn start(
        &mut self,
        _tasks: &Tasks,
        _project: &Project,
        _environment: &EnvironmentId,
        _allowed: &BTreeSet<String>,
    ) -> Result<(), String> {
        Ok(())
    }

    /// Stops polling.
    pub(super) fn stop(&mut self) {
        self.seen = None;
    }

    /// A snapshot that was not taken yet.
    pub(super) fn latest(&mut self) -> Option<Arc<Snapshot>> {
        None
    }
}

/// The hosts that an environment's targets are on.
pub(super) fn hosts(environment: &Environment) -> BTreeSet<String> {
    environment
        .targets
        .values()
        .flat_map(|it| &it.instances)
        .filter_map(|it| url::Url::parse(it).ok()?.host_str().map(ToOwned::to_owned))
        .collect()
}

/// Whether a host is this machine.
pub(super) fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|it| it.is_loopback())
}

/// Whether a text can be the start of an instance's address.
pub(super) fn check_address(text: &str) -> Result<(), &'static str> {
    let url = url::Url::parse(text).map_err(|_| "this is no address: write http://host:port")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("only http and https are asked");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("a host is missing");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_address, is_this_machine};

    #[test]
    fn only_this_machine_needs_no_consent() {
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "::1"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "localhost.example.com",
            "10.0.0.1",
            "[::2]",
            "169.254.169.254",
            "",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn an_address_says_what_is_wrong_with_it() {
        assert_eq!(check_address("https://shop.example.com/base"), Ok(()));
        assert!(check_address("127.0.0.1:8080").is_err());
        assert!(check_address("file:///etc/passwd").is_err());
    }
}
