//! What will be polled: worked out and judged before the first request.
//!
//! Opening a file polls nothing. A plan exists only once every host that is not this
//! machine was agreed to, so the poller cannot ask anybody else.

mod between;
mod consent;
mod groups;
mod paths;
mod shared;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use url::Url;

use super::{
    address::{AddressError, host_of, is_loopback, parse_target},
    credential,
    fetch::{Secret, Way},
    format::GaugeStates,
    naming::Naming,
    placing::Placing,
    resolving::Names,
    webhook::Webhook,
};
use crate::{
    model::{DependencyId, EnvironmentId, Model, Service, ServiceId},
    project::{Environment, Project, Reference, Target},
};

use between::between;
pub use consent::{Consent, hosts_needing_consent};
pub(super) use groups::{Group, MAX_ADDRESSES};
pub(super) use paths::{Manner, ProbePath, Role};
pub(super) use source::SourcePlan;

use shared::{Shared, is_insecure};

/// Time between two polls where neither target nor environment say one.
pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(10);
const MIN_INTERVAL: Duration = Duration::from_secs(5);
const MIN_LOOPBACK_INTERVAL: Duration = Duration::from_secs(1);
const MAX_INTERVAL: Duration = Duration::from_hours(1);
const MAX_TIMEOUT: Duration = Duration::from_secs(5);

/// Why nothing can be polled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There is no such environment.
    #[error("there is no environment {0}")]
    NoEnvironment(EnvironmentId),
    /// The environment says of no service where it runs.
    #[error(
        "the environment {0} has neither targets nor sources; give at least one service an address"
    )]
    NoTargets(EnvironmentId),
    /// An address cannot be polled.
    #[error("{service} cannot be polled at {address}: {error}")]
    Address {
        /// Whose it is.
        service: ServiceId,
        /// As it stands in the file.
        address: String,
        /// What is wrong with it.
        error: AddressError,
    },
    /// A source cannot be asked.
    #[error("the source {name} cannot be asked: {reason}")]
    Source {
        /// The name it has in the environment.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody agreed to poll these hosts yet.
    #[error("nobody has agreed to poll {} yet", .0.join(", "))]
    ConsentMissing(Vec<String>),
}

/// One instance and how it is polled.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    pub service: ServiceId,
    pub address: String,
    /// Its host; `None` for this machine.
    pub host: Option<String>,
    /// Polls with the same slot share the limit per host.
    pub slot: String,
    pub interval: Duration,
    pub timeout: Duration,
    /// The path of its health comes first.
    pub paths: Vec<ProbePath>,
    /// Position in [`MonitorPlan::ways`].
    pub way: usize,
    /// Whether the other side's certificate is not checked.
    pub is_insecure: bool,
    pub secret: Option<Secret>,
    /// Id of the format its health has, where a person said so.
    pub format: String,
    /// What numbers of its gauges mean, where a person said so.
    pub gauges: GaugeStates,
    /// Something wrong that does not stop polling.
    pub note: Option<String>,
    /// The number of the name of which it asks one address; see [`Group`].
    pub group: Option<usize>,
}

/// What will be polled in one environment of a project.
#[derive(Debug, Clone)]
pub struct MonitorPlan {
    pub(super) model: Model,
    pub(super) placing: std::sync::Arc<Placing>,
    pub(super) naming: std::sync::Arc<Naming>,
    /// Every service that may be told of, sorted: those with a target, and with sources all.
    pub(super) services: Vec<ServiceId>,
    pub(super) probes: Vec<Probe>,
    /// Names each of whose addresses is an instance.
    pub(super) groups: Vec<Group>,
    /// What looks these up.
    pub(super) names: Names,
    /// Sorted by name.
    pub(super) sources: Vec<SourcePlan>,
    /// The ways in which these are reached.
    pub(super) ways: Vec<Way>,
    /// Where incidents are told of, or why they cannot be.
    pub(super) webhook: Option<Result<Webhook, String>>,
    pub(super) between: BTreeMap<(ServiceId, ServiceId), DependencyId>,
}

impl MonitorPlan {
    /// Works out what to poll, or says why it cannot be polled.
    pub fn new(
        project: &Project,
        environment_id: &EnvironmentId,
        consent: &Consent,
    ) -> Result<Self, PlanError> {
        let environment = project
            .environments
            .get(environment_id)
            .ok_or_else(|| PlanError::NoEnvironment(environment_id.clone()))?;
        if environment.targets.is_empty() && environment.sources.is_empty() {
            return Err(PlanError::NoTargets(environment_id.clone()));
        }
        let mut shared = Shared::default();
        let (probes, groups) = planned(project, environment, &mut shared)?;
        let sources = environment.sources.iter();
        let sources = sources.map(|(name, it)| source::planned(name, it, &mut shared));
        let sources = sources.collect::<Result<Vec<_>, _>>()?;
        let asked = probes.iter().flat_map(|it| &it.paths).map(|it| &it.url);
        let webhook = environment.webhook.as_ref().map(webhook);
        let told = webhook
            .iter()
            .filter_map(|it| Some(it.as_ref().ok()?.url()));
        let missing: BTreeSet<_> = asked
            .chain(sources.iter().filter_map(|it| it.base.as_ref()))
            .chain(told)
            .chain(&shared.proxies())
            .filter(|it| !consent.covers(it))
            .map(host_of)
            .collect();
        if !missing.is_empty() {
            return Err(PlanError::ConsentMissing(missing.into_iter().collect()));
        }
        let mut services: BTreeSet<_> = environment.targets.keys().collect();
        if !sources.is_empty() {
            services.extend(project.model.services.keys());
        }
        Ok(Self {
            model: project.model.clone(),
            placing: Placing::new(&project.model, &environment.breaker_aliases).into(),
            naming: Naming::new(&project.model, &environment.service_aliases).into(),
            services: services.into_iter().cloned().collect(),
            probes,
            groups,
            names: Names::default(),
            sources,
            ways: shared.ways,
            between: between(&project.model),
            webhook,
        })
    }

    /// Relative paths of files, such as certificates, start at this folder: the project's.
    /// Without it they start where the program runs.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        for way in &mut self.ways {
            folder.clone_into(&mut way.folder);
        }
        self
    }

    /// How many instances will be polled; a name whose addresses are not known yet
    /// counts as one.
    pub fn instance_count(&self) -> usize {
        (0..self.probes.len())
            .filter(|it| self.is_listed_at_first(*it))
            .count()
    }

    /// Whether a probe is listed before any name was looked up.
    pub(super) fn is_listed_at_first(&self, probe: usize) -> bool {
        let group = self.probes.get(probe).and_then(|it| it.group);
        let group = group.and_then(|it| self.groups.get(it));
        group.is_none_or(|it| it.first == probe)
    }

    /// Where incidents are told of, if somewhere, or why that cannot be.
    pub fn webhook(&self) -> Option<&Result<Webhook, String>> {
        self.webhook.as_ref()
    }

    /// How many sources will be asked.
    pub fn source_count(&self) -> usize {
        self.sources.len()
    }

    /// The dependency that leads from one service to another: of several the first that
    /// is called in step.
    pub(super) fn dependency_between(
        &self,
        from: &ServiceId,
        to: &ServiceId,
    ) -> Option<&DependencyId> {
        self.between.get(&(from.clone(), to.clone()))
    }

    /// Time between two reports of a probe or, numbered after these, of a source.
    pub(super) fn interval_of(&self, teller: usize) -> Duration {
        let probe = self.probes.get(teller).map(|it| it.interval);
        let source = || self.sources.get(teller - self.probes.len());
        probe
            .or_else(|| source().map(|it| it.interval))
            .unwrap_or_default()
    }
}

/// A probe for each instance, and the names that are several.
fn planned(
    project: &Project,
    environment: &Environment,
    shared: &mut Shared,
) -> Result<(Vec<Probe>, Vec<Group>), PlanError> {
    let (mut probes, mut groups) = (Vec::new(), Vec::new());
    for (service_id, target) in &environment.targets {
        let service = project.model.services.get(service_id);
        for address in &target.instances {
            let draft = Draft {
                environment,
                target,
                service: service.map(AsRef::as_ref),
            };
            let found = parse_target(address)
                .and_then(|base| Ok((draft.probe(service_id, address, &base, shared)?, base)));
            let (probe, base) = found.map_err(|error| PlanError::Address {
                service: service_id.clone(),
                address: address.clone(),
                error,
            })?;
            match Group::new(target, &base, &probe, probes.len()) {
                Some(group) => {
                    probes.extend(Group::seats(groups.len(), &probe));
                    groups.push(group);
                }
                None => probes.push(probe),
            }
        }
    }
    Ok((probes, groups))
}

/// What is said of one target.
struct Draft<'a> {
    environment: &'a Environment,
    target: &'a Target,
    service: Option<&'a Service>,
}

impl Draft<'_> {
    fn probe(
        &self,
        id: &ServiceId,
        address: &str,
        base: &Url,
        shared: &mut Shared,
    ) -> Result<Probe, AddressError> {
        let is_local = is_loopback(base);
        let host = host_of(base);
        let interval = self.interval(is_local);
        let (secret, note) = shared.secrets.find(self.target.credential.as_ref());
        // On this machine each port is a program of its own.
        let slot = if is_local {
            format!("{host}:{}", base.port_or_known_default().unwrap_or(0))
        } else {
            host.clone()
        };
        let timeout = (interval * 4 / 5).min(MAX_TIMEOUT);
        let said = self.target.timeout_ms.map(Duration::from_millis);
        let health = self.service.and_then(|it| it.health.as_ref());
        let (gauges, wrong) = GaugeStates::new(&self.target.breaker_gauges);
        let tls = self.target.tls.as_ref();
        Ok(Probe {
            service: id.clone(),
            address: address.trim().to_owned(),
            host: (!is_local).then_some(host),
            slot,
            interval,
            timeout: said.map_or(timeout, |it| {
                it.clamp(Duration::from_millis(50), interval * 4 / 5)
            }),
            paths: self.paths(address, base)?,
            way: shared.way(Some(base), tls, &self.target.proxy, None),
            is_insecure: is_insecure(tls),
            secret,
            format: health.map(|it| it.format.clone()).unwrap_or_default(),
            gauges,
            note: note.or(wrong).or_else(|| groups::problem(self.target)),
            group: None,
        })
    }

    fn interval(&self, is_local: bool) -> Duration {
        let said = self.target.interval_ms.or(self.environment.interval_ms);
        let shortest = if is_local {
            MIN_LOOPBACK_INTERVAL
        } else {
            MIN_INTERVAL
        };
        said.map_or(DEFAULT_INTERVAL, Duration::from_millis)
            .clamp(shortest, MAX_INTERVAL)
    }
}

/// The webhook that a reference leads to.
fn webhook(reference: &Reference) -> Result<Webhook, String> {
    let address = credential::value(reference)?;
    Webhook::new(address.trim()).map_err(|it| it.to_string())
}

#[cfg(test)]
mod tests;
