//! Services on the clipboard: JSON with a version, so that another window can paste it.
//!
//! What comes from the clipboard is hostile until it is parsed: its size is bounded,
//! ids are made unique, and references that lead nowhere are left out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    edit::Edit,
    model::{Dependency, DependencyId, ElementId, Service, ServiceId},
    project::{Position, Project},
};

/// The version of the envelope this program writes and reads.
const VERSION: u32 = 1;
/// The longest text that is looked at; a design of 20,000 services is about as long.
const MAX_BYTES: usize = 64 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Envelope {
    meshboard_clipboard: u32,
    services: BTreeMap<ServiceId, Service>,
    #[serde(default)]
    dependencies: BTreeMap<DependencyId, Dependency>,
    #[serde(default)]
    positions: BTreeMap<ServiceId, Position>,
}

/// What pasting does.
#[derive(Debug)]
pub(super) struct Pasted {
    pub(super) edit: Edit,
    pub(super) elements: BTreeSet<ElementId>,
}

/// Why nothing is pasted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PasteError {
    #[error("the clipboard holds no services: copy some on a canvas first")]
    NoServices,
    #[error("the clipboard was filled by a newer Meshboard: use that one to paste")]
    Newer,
    #[error("the clipboard holds more than can be pasted")]
    TooLong,
}

/// Services and the dependencies among them, as text.
pub(super) fn copy(project: &Project, services: BTreeSet<ServiceId>) -> String {
    let model = &project.model;
    let dependencies = model
        .dependencies
        .iter()
        .filter(|(_, it)| services.contains(&it.from) && services.contains(&it.to))
        .map(|(id, it)| (id.clone(), Dependency::clone(it)));
    let positions = services
        .iter()
        .filter_map(|it| Some((it.clone(), *project.view.positions.get(it)?)));
    let envelope = Envelope {
        meshboard_clipboard: VERSION,
        dependencies: dependencies.collect(),
        positions: positions.collect(),
        services: services
            .iter()
            .filter_map(|it| Some((it.clone(), Service::clone(model.services.get(it)?))))
            .collect(),
    };
    // Every key is a string, so that there is no error to report.
    serde_json::to_string_pretty(&envelope).unwrap_or_default()
}

/// What pasting a text into a project does.
pub(super) fn paste(text: &str, project: &Project, offset: Position) -> Result<Pasted, PasteError> {
    if text.len() > MAX_BYTES {
        return Err(PasteError::TooLong);
    }
    let envelope: Envelope = serde_json::from_str(text).map_err(|_| PasteError::NoServices)?;
    if envelope.meshboard_clipboard != VERSION {
        return Err(PasteError::Newer);
    }
    if envelope.services.is_empty() {
        return Err(PasteError::NoServices);
    }
    let model = &project.model;
    let mut names: BTreeMap<ServiceId, ServiceId> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for id in envelope.services.keys() {
        let free = id.made_unique(|it| model.services.contains_key(it) || taken.contains(it));
        taken.insert(free.clone());
        names.insert(id.clone(), free);
    }
    let mut edits = Vec::new();
    let mut elements = BTreeSet::new();
    for (id, mut service) in envelope.services {
        let new_id = names[&id].clone();
        if service
            .boundary
            .as_ref()
            .is_some_and(|it| !model.boundaries.contains_key(it))
        {
            service.boundary = None;
        }
        service.starts_after = renamed(service.starts_after, &names);
        let position = envelope
            .positions
            .get(&id)
            .map(|it| Position::new(it.x.saturating_add(offset.x), it.y.saturating_add(offset.y)));
        elements.insert(ElementId::Service(new_id.clone()));
        edits.push(Edit::AddService(new_id, Box::new(service), position));
    }
    let mut taken = BTreeSet::new();
    for mut dependency in envelope.dependencies.into_values() {
        let (Some(from), Some(to)) = (names.get(&dependency.from), names.get(&dependency.to))
        else {
            continue;
        };
        dependency.from.clone_from(from);
        dependency.to.clone_from(to);
        let id = DependencyId::from_display_name(&format!("{from}-{to}"), "dependency")
            .made_unique(|it| model.dependencies.contains_key(it) || taken.contains(it));
        taken.insert(id.clone());
        edits.push(Edit::AddDependency(id, Box::new(dependency)));
    }
    Ok(Pasted {
        edit: Edit::All(format!("paste {} services", elements.len()), edits),
        elements,
    })
}

/// Start orders among what is pasted follow; others are left out.
fn renamed<Value>(
    orders: BTreeMap<ServiceId, Value>,
    names: &BTreeMap<ServiceId, ServiceId>,
) -> BTreeMap<ServiceId, Value> {
    orders
        .into_iter()
        .filter_map(|(id, it)| Some((names.get(&id)?.clone(), it)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{PasteError, copy, paste};
    use crate::{
        edit::Document,
        model::{ServiceId, testing::model},
        project::{Position, Project},
    };

    fn project(text: &str) -> Project {
        Project {
            model: model(text),
            ..Project::default()
        }
    }

    #[test]
    fn copies_keep_the_calls_among_them_and_get_ids_of_their_own() {
        let project = project(
            "shop(cart{after.stock=healthy}, stock, web); cart -> stock{timeout=500}; web -> cart",
        );
        let chosen = ["cart", "stock"].map(|it| ServiceId::new(it).unwrap());
        let text = copy(&project, chosen.into());
        let mut document = Document::new(project);
        let pasted = paste(&text, document.project(), Position::new(8, 8)).unwrap();
        document.apply(pasted.edit).unwrap();
        let model = &document.project().model;
        assert_eq!(model.services.len(), 5);
        assert_eq!(model.dependencies["cart-2-stock-2"].timeout_ms, Some(500));
        assert!(
            model.services["cart-2"]
                .starts_after
                .contains_key("stock-2")
        );
        assert!(document.undo());
        assert_eq!(document.project().model.services.len(), 3);
    }

    #[test]
    fn any_other_text_is_refused_with_a_sentence() {
        let project = project("shop(cart)");
        let refused = |text: &str| paste(text, &project, Position::default()).unwrap_err();
        assert_eq!(refused("hello"), PasteError::NoServices);
        assert_eq!(refused("{}"), PasteError::NoServices);
        assert_eq!(
            refused(r#"{"meshboard_clipboard": 2, "services": {}}"#),
            PasteError::Newer
        );
    }
}
