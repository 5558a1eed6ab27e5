//! Names each of whose addresses is an instance of its own.
//!
//! Who is behind a name is known only while it is polled, so a plan keeps seats for the
//! addresses there may be: one probe each, alike but for the address.

use std::{
    net::{IpAddr, SocketAddr},
    ops::Range,
    time::Duration,
};

use url::Url;

use super::Probe;
use crate::{
    monitor::address::{host_of, is_forbidden_name, is_loopback},
    project::Target,
};

/// The most addresses of one name that are asked.
pub(in crate::monitor) const MAX_ADDRESSES: usize = 64;

/// The longest time between two look-ups; who polls often also looks up often.
const MAX_REFRESH: Duration = Duration::from_secs(30);

/// So many polls go by between two look-ups.
const POLLS_PER_REFRESH: u32 = 3;

/// A name in a target, and the seats of those behind it.
#[derive(Debug, Clone)]
pub(in crate::monitor) struct Group {
    /// What is looked up.
    pub name: String,
    /// The first of its probes; the others follow. It stands for the name itself as long
    /// as that leads nowhere.
    pub first: usize,
    /// Time between two look-ups.
    pub refresh: Duration,
    scheme: String,
    port: Option<u16>,
    path: String,
}

impl Group {
    /// The group of an instance's address; `None` if that is an instance by itself.
    pub(super) fn new(target: &Target, base: &Url, probe: &Probe, first: usize) -> Option<Self> {
        let is_known = is_loopback(base) || base.domain().is_none_or(is_forbidden_name);
        if !target.is_each_address || is_known || is_proxied(target) {
            return None;
        }
        let scheme = probe.address.split_once("://");
        Some(Self {
            name: host_of(base),
            first,
            refresh: (probe.interval * POLLS_PER_REFRESH).min(MAX_REFRESH),
            scheme: scheme.map_or("http", |(it, _)| it).to_owned(),
            port: base.port(),
            path: base.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Its probes, a seat each.
    pub(in crate::monitor) fn probes(&self) -> Range<usize> {
        self.first..self.first + MAX_ADDRESSES
    }

    /// `http://10.0.0.5:8080 (payments.internal)`.
    pub(in crate::monitor) fn address(&self, ip: IpAddr) -> String {
        let Self { scheme, path, .. } = self;
        let host = match (self.port, ip) {
            (Some(port), _) => SocketAddr::new(ip, port).to_string(),
            (None, IpAddr::V4(ip)) => ip.to_string(),
            (None, IpAddr::V6(ip)) => format!("[{ip}]"),
        };
        format!("{scheme}://{host}{path} ({})", self.name)
    }

    /// A probe for each seat; every address is a host of its own. `number` is that of the
    /// group.
    pub(super) fn seats(number: usize, probe: &Probe) -> impl Iterator<Item = Probe> {
        (0..MAX_ADDRESSES).map(move |seat| Probe {
            slot: format!("{} #{seat}", probe.slot),
            group: Some(number),
            ..probe.clone()
        })
    }
}

/// What is wrong with asking each address of a name, if something is.
pub(super) fn problem(target: &Target) -> Option<String> {
    let is_impossible = target.is_each_address && is_proxied(target);
    let problem = "a proxy looks names up by itself, so each address cannot be asked for itself";
    is_impossible.then(|| problem.to_owned())
}

fn is_proxied(target: &Target) -> bool {
    !target.proxy.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc, time::Duration};

    use super::MAX_ADDRESSES;
    use crate::{
        model::{EnvironmentId, ServiceId, testing::model},
        monitor::{Consent, MonitorPlan, hosts_needing_consent},
        project::{Environment, Project, Target},
    };

    fn project(target: Target) -> (Project, EnvironmentId) {
        let id = EnvironmentId::new("here").unwrap();
        let environment = Environment {
            targets: BTreeMap::from([(ServiceId::new("a").unwrap(), target)]),
            ..Environment::default()
        };
        let project = Project {
            model: model("x(a)"),
            environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
            ..Project::default()
        };
        (project, id)
    }

    fn plan(target: Target) -> MonitorPlan {
        let (project, id) = project(target);
        MonitorPlan::new(&project, &id, &Consent::to(["pay.test", "proxy.test"])).unwrap()
    }

    fn each_of(address: &str) -> Target {
        Target {
            instances: vec![address.to_owned()],
            is_each_address: true,
            ..Target::default()
        }
    }

    #[test]
    fn an_address_of_a_name_reads_as_an_address_and_names_the_name() {
        let shown = |address: &str, ip: &str| {
            let plan = plan(each_of(address));
            plan.groups[0].address(ip.parse().unwrap())
        };
        let payments = "http://10.0.0.5:8080 (pay.test)";
        assert_eq!(shown("http://Pay.test:8080/", "10.0.0.5"), payments);
        assert_eq!(shown("pay.test:8080", "10.0.0.5"), payments);
        let newer = "https://[fd00::5]/app (pay.test)";
        assert_eq!(shown("https://pay.test/app/", "fd00::5"), newer);
        let grpc = "grpc://10.0.0.5:50051 (pay.test)";
        assert_eq!(shown("grpc://pay.test:50051", "10.0.0.5"), grpc);
    }

    #[test]
    fn consent_stays_with_the_name_and_it_counts_as_one_until_it_was_looked_up() {
        let (project, id) = project(each_of("http://pay.test"));
        assert_eq!(hosts_needing_consent(&project, &id), ["pay.test"]);
        let plan = plan(each_of("http://pay.test"));
        assert_eq!(
            (plan.instance_count(), plan.probes.len()),
            (1, MAX_ADDRESSES)
        );
        assert_eq!(plan.groups[0].refresh, Duration::from_secs(30));
    }

    #[test]
    fn what_is_no_name_is_an_instance_by_itself() {
        for address in [
            "http://127.0.0.1:1",
            "localhost:1",
            "http://metadata.google.internal",
        ] {
            let plan = plan(each_of(address));
            assert_eq!((plan.probes.len(), plan.groups.len()), (1, 0), "{address}");
        }
    }

    #[test]
    fn through_a_proxy_a_name_stays_one_instance_and_that_is_said() {
        let plan = plan(Target {
            proxy: "http://proxy.test:3128".to_owned(),
            ..each_of("http://pay.test")
        });
        assert_eq!((plan.probes.len(), plan.groups.len()), (1, 0));
        let note = plan.probes[0].note.clone().unwrap();
        assert!(
            note.starts_with("a proxy looks names up by itself"),
            "{note}"
        );
    }
}
