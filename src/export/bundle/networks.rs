//! Who can reach whom: one network per boundary, one for its stores, one for those
//! who call in from other boundaries.
//!
//! Names made here carry an underscore where a boundary's id alone would not be
//! right; ids have none, so nothing can collide.

use std::collections::{BTreeMap, BTreeSet};

use super::{is_container, is_imported};
use crate::model::{BoundaryId, Model, Service, ServiceId, ServiceKind};

/// What a network is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::export) enum NetworkKind {
    /// Published ports come in here.
    Published,
    /// Calls to what is not ours leave here.
    Outside,
    /// The services of one boundary.
    Boundary,
    /// The stores of one boundary and who uses them.
    Data,
    /// The services of one boundary that others call, and those others.
    Callers,
    /// The network that an imported compose file left unsaid.
    Default,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::export) struct Network {
    /// What it is for.
    pub(in crate::export) kind: NetworkKind,
    /// The boundary it serves; `None` for those without one, and for the shared ones.
    pub(in crate::export) boundary: Option<BoundaryId>,
}

/// Every network and who is on it.
#[derive(Debug, Default)]
pub(in crate::export) struct Networks {
    /// By name.
    pub(in crate::export) all: BTreeMap<String, Network>,
    members: BTreeMap<ServiceId, BTreeSet<String>>,
}

impl Networks {
    /// Works out the networks of a design.
    pub(in crate::export) fn of(model: &Model) -> Self {
        let mut networks = Self::default();
        let drawn = |it: &Service| is_container(it) && !is_imported(it);
        for (id, service) in &model.services {
            if !drawn(service) {
                continue;
            }
            let boundary = service.boundary.as_ref();
            if service.kind.is_store() {
                networks.join(id, NetworkKind::Data, boundary);
            } else {
                networks.join(id, NetworkKind::Boundary, boundary);
            }
            if service.is_exposed() && !service.kind.is_store()
                || service.kind == ServiceKind::Gateway
            {
                networks.join(id, NetworkKind::Published, None);
            }
        }
        let calls = model.dependencies.values().map(|it| (&it.from, &it.to));
        // A gateway passes nothing on to the outside.
        let routes = model
            .routes
            .values()
            .map(|it| (&it.gateway, &it.service))
            .filter(|(_, to)| model.services.get(*to).is_some_and(|it| is_container(it)));
        for (from, to) in calls.chain(routes) {
            let ends = (model.services.get(from), model.services.get(to));
            if let (Some(caller), Some(target)) = ends
                && is_container(caller)
            {
                networks.connect((from, caller), (to, target));
            }
        }
        networks
    }

    /// The networks a service is on, sorted.
    pub(in crate::export) fn of_service(&self, id: &ServiceId) -> Vec<&str> {
        let names = self.members.get(id).into_iter().flatten();
        names.map(String::as_str).collect()
    }

    fn connect(&mut self, from: (&ServiceId, &Service), to: (&ServiceId, &Service)) {
        if !is_container(to.1) {
            if !is_imported(from.1) {
                self.join(from.0, NetworkKind::Outside, None);
            }
            return;
        }
        match (is_imported(from.1), is_imported(to.1)) {
            (true, true) => {}
            (true, false) => self.join(to.0, NetworkKind::Default, None),
            (false, true) => self.join(from.0, NetworkKind::Default, None),
            (false, false) => {
                let boundary = to.1.boundary.as_ref();
                if to.1.kind.is_store() {
                    self.join(from.0, NetworkKind::Data, boundary);
                } else if from.1.boundary.as_ref() != boundary || from.1.kind.is_store() {
                    self.join(from.0, NetworkKind::Callers, boundary);
                    self.join(to.0, NetworkKind::Callers, boundary);
                }
            }
        }
    }

    fn join(&mut self, id: &ServiceId, kind: NetworkKind, boundary: Option<&BoundaryId>) {
        let of = boundary.map_or("no_boundary", BoundaryId::as_str);
        let name = match kind {
            NetworkKind::Published => "published_ports".to_owned(),
            NetworkKind::Outside => "outside_calls".to_owned(),
            // Compose would take a boundary of this name for the network of everybody.
            NetworkKind::Boundary if of == "default" => "default_boundary".to_owned(),
            NetworkKind::Boundary => of.to_owned(),
            NetworkKind::Data => format!("{of}_data"),
            NetworkKind::Callers => format!("{of}_callers"),
            NetworkKind::Default => "default".to_owned(),
        };
        self.all.entry(name.clone()).or_insert_with(|| Network {
            kind,
            boundary: boundary.cloned(),
        });
        self.members.entry(id.clone()).or_default().insert(name);
    }
}

#[cfg(test)]
mod tests {
    use super::Networks;
    use crate::model::{ServiceId, testing::model};

    fn networks(notation: &str, id: &str) -> String {
        let model = model(notation);
        let networks = Networks::of(&model);
        networks.of_service(&ServiceId::new(id).unwrap()).join(" ")
    }

    #[test]
    fn a_store_is_reached_only_by_those_who_use_it() {
        let shop = "o(a, b, d:database); c(e); a -> d; e -> a";
        assert_eq!(networks(shop, "d"), "o_data");
        assert_eq!(networks(shop, "a"), "o o_callers o_data");
        assert_eq!(networks(shop, "b"), "o");
        assert_eq!(networks(shop, "e"), "c o_callers");
    }

    #[test]
    fn only_who_calls_the_outside_gets_there() {
        let shop = "o(a, b, g:gateway); (bank:external); a -> bank";
        assert_eq!(networks(shop, "a"), "o outside_calls");
        assert_eq!(networks(shop, "b"), "o");
        assert_eq!(networks(shop, "g"), "o published_ports");
        assert_eq!(networks(shop, "bank"), "");
    }
}
