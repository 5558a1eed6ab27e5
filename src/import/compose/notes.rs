//! What a person should know about an import, in sentences.

use std::collections::BTreeSet;

use super::node::Node;
use crate::model::{Model, ServiceId, ServiceKind};

/// Names written out before the rest is only counted.
const MOST_NAMES: usize = 6;

/// What was renamed, what starts only sometimes, and what could not be seen.
pub(super) fn about(model: &Model, services: &[(&ServiceId, &Node)]) -> Vec<String> {
    let mut notes = Vec::new();
    for (id, service) in &model.services {
        if !service.name.is_empty() {
            notes.push(format!(
                "{} has the id {id} here, because ids are host names; its name in Compose is kept.",
                service.name
            ));
        }
    }
    for (id, node) in services {
        let profiles = super::load::texts(node.get("profiles"));
        if !profiles.is_empty() {
            notes.push(format!(
                "{} starts only with the profile {}.",
                model.service_name(id),
                profiles.join(" or ")
            ));
        }
        if node.get("provider").is_some() {
            notes.push(format!(
                "{} is run by a provider outside Docker, so little is known of it.",
                model.service_name(id)
            ));
        }
    }
    if services.is_empty() {
        notes.push("The files define no service.".to_owned());
    }
    notes.extend(about_links(model));
    notes
}

/// What start orders say, and what nothing says.
fn about_links(model: &Model) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut pairs = BTreeSet::new();
    for dependency in model.dependencies.values() {
        seen.extend([&dependency.from, &dependency.to]);
        pairs.insert((&dependency.from, &dependency.to));
    }
    let mut notes = Vec::new();
    let orders = model
        .services
        .iter()
        .flat_map(|(id, it)| it.starts_after.keys().map(move |other| (id, other)))
        .filter(|it| !pairs.contains(it))
        .count();
    if orders > 0 {
        let (links, are) = if orders == 1 {
            ("start order", "is")
        } else {
            ("start orders", "are")
        };
        notes.push(format!(
            "{orders} {links} from depends_on {are} kept as such: waiting for a service does not show that it is called."
        ));
    }
    let unseen: Vec<_> = model
        .services
        .iter()
        // Stores and brokers are called and call nobody.
        .filter(|(id, it)| {
            !seen.contains(id) && !it.kind.is_store() && it.kind != ServiceKind::Broker
        })
        .map(|it| it.0)
        .collect();
    if unseen.len() > 1 || (unseen.len() == 1 && model.services.len() > 1) {
        let names: Vec<_> = unseen
            .iter()
            .take(MOST_NAMES)
            .map(|it| model.service_name(it))
            .collect();
        let more = unseen.len() - names.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        notes.push(format!(
            "The files show no dependency of {}{more}; where there are some, their addresses stand in code or settings outside these files, so draw them by hand.",
            names.join(", ")
        ));
    }
    notes
}

/// How many values stayed outside the design.
pub(super) fn about_secrets(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 secret is kept by its name only; its value stays where it is.".to_owned()),
        _ => Some(format!(
            "{count} secrets are kept by their names only; their values stay where they are."
        )),
    }
}
