//! What things are called in a cluster.
//!
//! A Service must start with a letter, and what makes names of its own from one needs
//! room; ids promise neither.

use std::collections::BTreeMap;

use crate::{
    export::bundle,
    model::{Model, ServiceId},
};

/// The longest name from which a `StatefulSet` can still make the names of its revisions.
const MOST: usize = 52;

/// The name of a service in the cluster: its id, unless that starts with a digit.
pub(super) fn service(id: &ServiceId) -> String {
    let text = id.as_str();
    if text.starts_with(|it: char| it.is_ascii_digit()) {
        shortened(&format!("service-{text}"), 63)
    } else {
        text.to_owned()
    }
}

/// A name with room for what is put behind it.
pub(super) fn workload(name: &str) -> String {
    shortened(name, MOST)
}

/// The name of a secret; drawn ones may have an underscore, which no name may.
pub(super) fn secret(name: &str) -> String {
    let mut text: String = name
        .to_ascii_lowercase()
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() { it } else { '-' })
        .collect();
    text = text.trim_matches('-').to_owned();
    if text.is_empty() {
        "secret".to_owned()
    } else {
        shortened(&text, 63)
    }
}

/// Shorter, and still unlike the others that start alike.
fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let kept = text[..most - 9].trim_end_matches('-');
    format!("{kept}-{}", hash(text))
}

/// What tells texts apart: FNV-1a is short, stable over versions, and nobody has a reason
/// to attack it.
pub(super) fn hash(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{hash:08x}")
}

/// Tells a caller the names that others have in the cluster, where they differ.
pub(super) fn tell(model: &Model, caller: &ServiceId, environment: &mut BTreeMap<String, String>) {
    for (_, dependency) in model.dependencies_of(caller) {
        let (host, name) = (bundle::host(&dependency.to), service(&dependency.to));
        if host == name {
            continue;
        }
        let prefix = bundle::prefix(&dependency.to);
        for ending in ["URL", "HOST"] {
            if let Some(text) = environment.get_mut(&format!("{prefix}_{ending}")) {
                *text = if ending == "HOST" {
                    text.replace(&host, &name)
                } else {
                    text.replace(&format!("://{host}:"), &format!("://{name}:"))
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{secret, service, workload};
    use crate::model::ServiceId;

    #[test]
    fn names_are_what_a_cluster_takes() {
        let of = |id: &str| service(&ServiceId::new(id).unwrap());
        assert_eq!(of("orders"), "orders");
        assert_eq!(of("3d"), "service-3d");
        assert_eq!(of(&"9".repeat(63)).len(), 63);
        assert_eq!(workload(&"x".repeat(63)).len(), 52);
        assert_ne!(
            workload(&format!("{}a", "x".repeat(62))),
            workload(&format!("{}b", "x".repeat(62)))
        );
        assert_eq!(secret("orders_db_password"), "orders-db-password");
        assert_eq!(secret("__"), "secret");
    }
}
