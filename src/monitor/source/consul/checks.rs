//! Consul's lists of checks and of instances, and the instances they make.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use crate::monitor::{
    Health, InstanceReading,
    format::{CheckReading, display_text, health_word},
    observation::MAX_ENTRIES,
};

/// The most checks of one instance that are kept.
const MAX_CHECKS: usize = 50;

/// One check of `/v1/health/state/any`. Its `Output` is left out: it may hold secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Check {
    pub node: String,
    #[serde(rename = "CheckID")]
    pub id: String,
    pub name: String,
    /// `passing`, `warning` or `critical`.
    pub status: String,
    /// Empty for a check of the node.
    #[serde(rename = "ServiceID")]
    pub service_id: String,
    pub service_name: String,
}

/// One instance of `/v1/catalog/service/NAME`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Entry {
    pub node: String,
    /// The node's address, for instances that have none of their own.
    pub address: String,
    #[serde(rename = "ServiceID")]
    pub service_id: String,
    pub service_address: String,
    pub service_port: u32,
}

/// What makes an instance one of its own: service, node and id there.
type Key<'a> = (&'a str, &'a str, &'a str);

/// The services whose instances, as far as checks tell, are not the same any more.
pub(super) fn changed_services(before: &[Check], after: &[Check]) -> BTreeSet<String> {
    let keys = |it: &'_ [Check]| -> BTreeSet<(String, String, String)> {
        let own = it.iter().filter(|it| !it.service_id.is_empty());
        own.map(|it| {
            let (service, node) = (it.service_name.clone(), it.node.clone());
            (service, node, it.service_id.clone())
        })
        .collect()
    };
    let (before, after) = (keys(before), keys(after));
    let changed = before.symmetric_difference(&after);
    changed.map(|(service, ..)| service.clone()).collect()
}

/// Every instance that a check or the catalog tells of, sorted by service.
pub(super) fn instances(
    checks: &[Check],
    catalog: &BTreeMap<String, Vec<Entry>>,
) -> Vec<InstanceReading> {
    let mut of_nodes: HashMap<&str, Vec<&Check>> = HashMap::new();
    let mut own: BTreeMap<Key<'_>, Vec<&Check>> = BTreeMap::new();
    for check in checks {
        if check.service_id.is_empty() {
            of_nodes.entry(&check.node).or_default().push(check);
        } else {
            let key = (&*check.service_name, &*check.node, &*check.service_id);
            own.entry(key).or_default().push(check);
        }
    }
    let mut addresses: HashMap<Key<'_>, String> = HashMap::new();
    for (name, entries) in catalog {
        for entry in entries {
            let key = (&**name, &*entry.node, &*entry.service_id);
            own.entry(key).or_default();
            if let Some(address) = entry.whole_address() {
                addresses.insert(key, address);
            }
        }
    }
    let mut taken = BTreeSet::new();
    let readings = own.iter().take(MAX_ENTRIES).map(|(key, own)| {
        let (service, node, id) = *key;
        let of_node = of_nodes.get(node).into_iter().flatten();
        let known = addresses.get(key).cloned();
        let mut address = known.unwrap_or_else(|| format!("{id} on {node}"));
        if !taken.insert((service, address.clone())) {
            address = format!("{address} ({id} on {node})");
        }
        let all: Vec<_> = own.iter().chain(of_node).copied().collect();
        reading(service, &address, &all)
    });
    readings.collect()
}

impl Entry {
    /// `10.0.0.1:8080`; `None` if it says nowhere where it is.
    fn whole_address(&self) -> Option<String> {
        let own = [&self.service_address, &self.address];
        let host = own.into_iter().find(|it| !it.is_empty())?;
        Some(match self.service_port {
            0 => host.clone(),
            port if host.contains(':') => format!("[{host}]:{port}"),
            port => format!("{host}:{port}"),
        })
    }
}

fn reading(service: &str, address: &str, checks: &[&Check]) -> InstanceReading {
    let worst = checks.iter().max_by_key(|it| severity(it.health()));
    let (health, raw) = match worst {
        None => (Health::Up, "no checks".to_owned()),
        Some(it) if it.health() == Health::Up => (Health::Up, it.status.clone()),
        Some(it) => (it.health(), format!("{}: {}", it.status, it.title())),
    };
    let kept = checks.iter().take(MAX_CHECKS).map(|it| CheckReading {
        name: display_text(it.title()),
        health: it.health(),
        raw: display_text(&it.status),
    });
    InstanceReading {
        service: display_text(service),
        address: display_text(address),
        health,
        raw: display_text(&raw),
        checks: kept.collect(),
    }
}

impl Check {
    /// Maintenance is a critical check with a name of its own.
    fn health(&self) -> Health {
        let is_maintenance =
            self.id == "_node_maintenance" || self.id.starts_with("_service_maintenance:");
        match health_word(&self.status) {
            Health::Down if is_maintenance => Health::OutOfService,
            health => health,
        }
    }

    fn title(&self) -> &str {
        if self.name.is_empty() {
            &self.id
        } else {
            &self.name
        }
    }
}

/// The worst check speaks for its instance; what an operator did comes before all.
fn severity(health: Health) -> u8 {
    match health {
        Health::Up => 0,
        Health::Unknown => 1,
        Health::Starting => 2,
        Health::Degraded => 3,
        Health::Down => 4,
        Health::OutOfService => 5,
    }
}
