//! Places for services that the document does not place. Shown only: a place is
//! written down once a person moves it, and until then it does not change.

use std::collections::BTreeMap;

use egui::Pos2;

use crate::{
    layout,
    model::ServiceId,
    project::Project,
    ui::canvas::view::{to_pos, to_position},
};

/// A place for each service without one; those in `placed` keep theirs.
pub(super) fn place_missing(project: &Project, placed: &mut BTreeMap<ServiceId, Pos2>) {
    let (model, view) = (&project.model, &project.view);
    placed.retain(|id, _| model.services.contains_key(id) && !view.positions.contains_key(id));
    if view.positions.len() + placed.len() >= model.services.len() {
        return;
    }
    let mut known = view.positions.clone();
    for (id, place) in placed.iter() {
        known.insert(id.clone(), to_position(*place));
    }
    let found = layout::place_missing(model, &known, view);
    placed.extend(
        found
            .into_iter()
            .map(|(id, position)| (id, to_pos(position))),
    );
}
