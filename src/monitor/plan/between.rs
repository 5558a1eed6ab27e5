//! Which dependency leads from one service to another.

use std::collections::BTreeMap;

use crate::model::{DependencyId, Mode, Model, ServiceId};

/// The dependency between each two services that have one.
pub(super) fn between(model: &Model) -> BTreeMap<(ServiceId, ServiceId), DependencyId> {
    let mut found: BTreeMap<_, &DependencyId> = BTreeMap::new();
    for (id, it) in &model.dependencies {
        let known = found.entry((it.from.clone(), it.to.clone())).or_insert(id);
        let is_sync = |id: &DependencyId| model.dependencies[id].mode == Mode::Sync;
        if is_sync(id) && !is_sync(known) {
            *known = id;
        }
    }
    let owned = found.into_iter().map(|(ends, id)| (ends, id.clone()));
    owned.collect()
}
