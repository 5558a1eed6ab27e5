//! The names of a design, by how files write them.

use std::collections::HashMap;

use crate::{
    export::bundle,
    model::{BoundaryId, DependencyId, Model, RouteId, ServiceId},
};

/// How the networks of a boundary end.
const NETWORK_ENDS: &[&str] = &["_callers", "_data", "-callers", "-data"];

/// The elements of a design by their names.
#[derive(Debug)]
pub(super) struct Index<'a> {
    model: &'a Model,
    services: HashMap<&'a str, &'a ServiceId>,
    routes: HashMap<&'a str, &'a RouteId>,
    /// As limits and lists are called: `route_orders`.
    limited_routes: HashMap<String, &'a RouteId>,
    dependencies: HashMap<&'a str, &'a DependencyId>,
    networks: HashMap<String, &'a BoundaryId>,
    /// By caller and called.
    calls: HashMap<&'a str, HashMap<&'a str, Vec<&'a DependencyId>>>,
    /// What a caller's variables start with, and whom they tell of.
    told: HashMap<&'a str, HashMap<String, &'a ServiceId>>,
}

impl<'a> Index<'a> {
    pub(super) fn of(model: &'a Model) -> Self {
        let mut index = Self {
            model,
            services: model.services.keys().map(|it| (it.as_str(), it)).collect(),
            routes: model.routes.keys().map(|it| (it.as_str(), it)).collect(),
            limited_routes: HashMap::new(),
            dependencies: HashMap::new(),
            networks: HashMap::new(),
            calls: HashMap::new(),
            told: HashMap::new(),
        };
        for id in model.routes.keys() {
            for name in [format!("route_{id}"), format!("route-{id}")] {
                let plain = name.replace('-', "_");
                index.limited_routes.insert(plain, id);
                index.limited_routes.insert(name, id);
            }
        }
        for id in model.boundaries.keys() {
            index.networks.insert(id.as_str().to_owned(), id);
            index.networks.insert(id.as_str().replace('-', "_"), id);
        }
        for (id, dependency) in &model.dependencies {
            index.dependencies.insert(id.as_str(), id);
            let (from, to) = (&dependency.from, &dependency.to);
            let calls = index.calls.entry(from.as_str()).or_default();
            calls.entry(to.as_str()).or_default().push(id);
            let told = index.told.entry(from.as_str()).or_default();
            told.insert(bundle::prefix(to), to);
        }
        index
    }

    pub(super) fn service(&self, name: &str) -> Option<&'a ServiceId> {
        self.services.get(name).copied()
    }

    pub(super) fn route(&self, name: &str) -> Option<&'a RouteId> {
        self.routes.get(name).copied()
    }

    pub(super) fn limited_route(&self, name: &str) -> Option<&'a RouteId> {
        self.limited_routes.get(name).copied()
    }

    /// A dependency by its own name; one that is called as a service is goes by that.
    pub(super) fn dependency(&self, name: &str) -> Option<&'a DependencyId> {
        let found = self.dependencies.get(name).copied();
        found.filter(|_| !self.services.contains_key(name))
    }

    /// The boundary whose network this is.
    pub(super) fn network(&self, name: &str) -> Option<&'a BoundaryId> {
        let ends = NETWORK_ENDS.iter().filter_map(|it| name.strip_suffix(it));
        let mut names = std::iter::once(name).chain(ends);
        names.find_map(|it| self.networks.get(it)).copied()
    }

    pub(super) fn boundary_of(&self, id: &ServiceId) -> Option<&'a BoundaryId> {
        self.model.services.get(id)?.boundary.as_ref()
    }

    /// How one service depends on another.
    pub(super) fn calls(&self, from: &ServiceId, to: &ServiceId) -> &[&'a DependencyId] {
        let calls = self.calls.get(from.as_str());
        let calls = calls.and_then(|it| it.get(to.as_str()));
        calls.map_or(&[], Vec::as_slice)
    }

    /// What a variable of a caller tells of: `PAYMENTS_TIMEOUT_MS`.
    pub(super) fn told_by(&self, caller: Option<&ServiceId>, name: &str) -> &[&'a DependencyId] {
        let is_variable = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_';
        let Some(caller) = caller.filter(|_| name.bytes().all(is_variable)) else {
            return &[];
        };
        let Some(told) = self.told.get(caller.as_str()) else {
            return &[];
        };
        // The longest start counts: CATALOG_DB_HOST tells of catalog-db.
        let mut start = name;
        loop {
            if let Some(to) = told.get(start) {
                return self.calls(caller, to);
            }
            let Some((shorter, _)) = start.rsplit_once('_') else {
                return &[];
            };
            start = shorter;
        }
    }

    /// The service that a whole file belongs to: by the last folder, or the name of the
    /// file, that is one.
    pub(super) fn of_path(&self, path: &str) -> Option<&'a ServiceId> {
        let (folder, file) = path.rsplit_once('/')?;
        let folders: Vec<&str> = folder.split('/').collect();
        if folders.iter().any(|it| it.starts_with('.')) {
            return None;
        }
        if let ["services", id, ..] = folders[..] {
            return self.service(id);
        }
        let stem = file.split('.').next().unwrap_or(file);
        let stem = Some(stem).filter(|_| file.contains('.'));
        let names = stem.into_iter().chain(folders.iter().rev().copied());
        names.into_iter().find_map(|it| self.service(it))
    }
}
