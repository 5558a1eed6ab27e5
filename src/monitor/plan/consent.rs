//! Which hosts a person agreed to.

use std::collections::BTreeSet;

use url::Url;

use super::{MonitorPlan, PlanError};
use crate::{
    model::EnvironmentId,
    monitor::address::{
        host_of, is_forbidden, is_forbidden_name, is_loopback, literal, parse_target,
    },
    project::Project,
};

/// The hosts that a person agreed to poll.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent(BTreeSet<String>);

impl Consent {
    /// Consent to these hosts; a port is ignored.
    pub fn to(hosts: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let plain = |it: &str| parse_target(it).ok().map(|url| host_of(&url));
        Self(
            hosts
                .into_iter()
                .filter_map(|it| plain(it.as_ref()))
                .collect(),
        )
    }

    pub(super) fn covers(&self, url: &Url) -> bool {
        // What is never asked needs no consent; polling it tells why.
        let is_never_asked =
            literal(url).is_some_and(is_forbidden) || url.domain().is_some_and(is_forbidden_name);
        is_loopback(url) || is_never_asked || self.0.contains(&host_of(url))
    }
}

/// The hosts of an environment that a person must agree to before they are polled,
/// sorted; this machine is not among them. Addresses that cannot be polled have none.
pub fn hosts_needing_consent(project: &Project, environment_id: &EnvironmentId) -> Vec<String> {
    match MonitorPlan::new(project, environment_id, &Consent::default()) {
        Err(PlanError::ConsentMissing(hosts)) => hosts,
        Ok(_) | Err(_) => Vec::new(),
    }
}
