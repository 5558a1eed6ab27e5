//! Which settings of breakers lie in a file of their own, and where.

use super::{Origin, Stack, is_imported, origin};
use crate::model::{Dependency, Model, Service, ServiceId};

/// Where the container of a Spring Boot service finds its breaker settings.
pub(in crate::export) const BREAKER_SETTINGS_TARGET: &str = "/config/breakers.yaml";

/// Whether a call has a timeout, retries, a breaker or a bulkhead.
pub(in crate::export) fn is_protected(call: &Dependency) -> bool {
    call.timeout_ms.is_some()
        || call.retries.is_some()
        || call.breaker.is_some()
        || call.bulkhead.is_some()
}

/// The path of that file in the bundle.
pub(in crate::export) fn breaker_settings_path(id: &ServiceId) -> String {
    format!("breakers/{id}/application.yaml")
}

/// The file of a service's breaker settings in the bundle, where there is one: Spring
/// Boot reads a file, the other stacks read the environment.
pub(in crate::export) fn breaker_settings(
    model: &Model,
    id: &ServiceId,
    service: &Service,
) -> Option<String> {
    if origin(service) != Origin::Ours(Stack::SpringBoot) || is_imported(service) {
        return None;
    }
    let mut calls = model.dependencies_of(id);
    calls
        .any(|(_, it)| is_protected(it))
        .then(|| breaker_settings_path(id))
}
